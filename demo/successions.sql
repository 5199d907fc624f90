-- The sample Core, second part: successions in every state worth seeing (schema vendor), and the views and functions
-- through which Amparo reads them and asks for a release (schema amparo_core). Everybody's address says which state
-- theirs is in: successor@rejected.test, owner@window.test. Times are counted from the first start. Runs at each start,
-- after core.sql; rows are only added.

select pg_advisory_xact_lock(hashtext('demo/successions.sql'));

create table if not exists vendor.succession (
  ref text primary key,
  clinic_id text not null references vendor.clinic,
  owner_id text not null references vendor.person,
  heir_id text references vendor.person,
  heir_email text not null,
  state text not null,
  blocked boolean not null default false,
  attempt int not null default 1,
  due_at timestamptz,
  hold text,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create index if not exists succession_clinic on vendor.succession (clinic_id);
create index if not exists succession_heir on vendor.succession (heir_id);

create table if not exists vendor.succession_log (
  ref text not null references vendor.succession,
  seq bigint not null,
  at timestamptz not null,
  type text not null,
  step text,
  attempt int,
  reason text,
  actor text not null,
  actor_id text,
  note text,
  words text not null,
  asked_by text,             -- the request id of whoever asked from outside
  primary key (ref, seq)
);
create unique index if not exists succession_asked on vendor.succession_log (asked_by) where asked_by is not null;

create table if not exists vendor.succession_check (
  ref text not null, seq bigint not null, rule text not null, result text not null, observed text, required text, reason text,
  primary key (ref, seq, rule), foreign key (ref, seq) references vendor.succession_log
);
create table if not exists vendor.succession_message (
  ref text not null, seq bigint not null, n int not null, channel text not null, sent_to text not null, state text not null,
  at timestamptz not null, primary key (ref, seq, n), foreign key (ref, seq) references vendor.succession_log
);
create table if not exists vendor.succession_document (
  ref text not null, seq bigint not null, kind text not null, state text not null, at timestamptz not null,
  primary key (ref, seq, kind), foreign key (ref, seq) references vendor.succession_log
);

-- Who: an owner and a successor for each. `days` since they last signed in.
insert into vendor.person (id, name, email, phone, locale, second_factor, last_sign_in_at)
select 'per_' || side || '_' || key, name, side || '@' || key || '.test', phone, locale, true, now() - days * interval '1 day'
  from (values
    ('owner', 'invited', 'Irene Alborada', '+34600001101', 'es', 1), ('successor', 'invited', 'Iván Alborada', '+34600001102', 'es', 2),
    ('owner', 'declined', 'Diego Roble', '+34600001103', 'es', 3), ('successor', 'declined', 'Dana Roble', '+34600001104', 'es', 5),
    ('owner', 'expired', 'Edgar Lane', '+12125550111', 'en', 4), ('successor', 'expired', 'Esme Lane', '+12125550112', 'en', 6),
    ('owner', 'dormant', 'Dolores Reyes', '+34600001107', 'es', 2), ('successor', 'dormant', 'Damián Reyes', '+34600001108', 'es', 8),
    ('owner', 'documents', 'Darius Bloom', '+12125550113', 'en', 90), ('successor', 'documents', 'Dahlia Bloom', '+12125550114', 'en', 1),
    ('owner', 'review', 'Rosa Quintero', '+34600001111', 'es', 120), ('successor', 'review', 'Raúl Quintero', '+34600001112', 'es', 1),
    ('owner', 'rejected', 'Ricardo Luna', '+34600001113', 'es', 130), ('successor', 'rejected', 'Regina Luna', '+34600001114', 'es', 50),
    ('owner', 'twice', 'Thomas Field', '+12125550115', 'en', 140), ('successor', 'twice', 'Tessa Field', '+12125550116', 'en', 2),
    ('owner', 'thrice', 'Teresa Campos', '+34600001117', 'es', 150), ('successor', 'thrice', 'Tirso Campos', '+34600001118', 'es', 1),
    ('owner', 'window', 'Wanda Hill', '+12125550117', 'en', 60), ('successor', 'window', 'Wesley Hill', '+12125550118', 'en', 1),
    ('owner', 'hold', 'Hugo Serrano', '+34600001121', 'es', 0), ('successor', 'hold', 'Helena Serrano', '+34600001122', 'es', 1),
    ('owner', 'objected', 'Olga Benítez', '+34600001123', 'es', 1), ('successor', 'objected', 'Óscar Benítez', '+34600001124', 'es', 3),
    ('owner', 'suspected', 'Simon Grey', '+12125550119', 'en', 100), ('successor', 'suspected', 'Selma Grey', '+12125550120', 'en', 1),
    ('former', 'done', 'Fabián Ortega', '+34600001127', 'es', 9), ('owner', 'done', 'Dora Ortega', '+34600001128', 'es', 1),
    ('owner', 'bounced', 'Blanca Ferrer', '+34600001129', 'es', 1)
  ) as who (side, key, name, phone, locale, days)
on conflict do nothing;

insert into vendor.clinic (id, name, city, owner_id, plan_key)
select 'cli_' || key, name, city, 'per_owner_' || key, 'team'
  from (values
    ('invited', 'Clínica Alborada', 'Valencia'), ('declined', 'Consultorio Roble', 'Sevilla'), ('expired', 'Lane Practice', 'Boston'),
    ('dormant', 'Centro Reyes', 'Bilbao'), ('documents', 'Bloom Dental', 'Chicago'), ('review', 'Clínica Quintero', 'Murcia'),
    ('rejected', 'Clínica Luna', 'Madrid'), ('twice', 'Field Surgery', 'Denver'), ('thrice', 'Clínica Campos', 'Málaga'),
    ('window', 'Hill Medical', 'Austin'), ('hold', 'Clínica Serrano', 'Vigo'), ('objected', 'Centro Benítez', 'Cádiz'),
    ('suspected', 'Grey Practice', 'Portland'), ('done', 'Clínica Ortega', 'Lugo'), ('bounced', 'Clínica Ferrer', 'Palma')
  ) as clinic (key, name, city)
on conflict do nothing;

insert into vendor.seat (clinic_id, person_id, role, title)
select 'cli_' || split_part(split_part(email, '@', 2), '.', 1), id,
       case when split_part(email, '@', 1) = 'owner' then 'owner' else 'member' end,
       case split_part(email, '@', 1) when 'owner' then 'Medical director' when 'former' then 'Physician' else 'Physician, successor' end
  from vendor.person
 where id like 'per\_owner\_%' or id like 'per\_successor\_%' or id like 'per\_former\_%'
on conflict do nothing;

-- The successions themselves.
insert into vendor.succession (ref, clinic_id, owner_id, heir_id, heir_email, state, blocked, attempt, due_at, hold, opened_at, closed_at)
select 'SUC-' || upper(key), 'cli_' || key, coalesce(owner, 'per_owner_' || key),
       case when key = 'bounced' then null when key = 'done' then 'per_owner_done' else 'per_successor_' || key end,
       case key when 'bounced' then 'nobody@bounced.test' when 'done' then 'owner@done.test' else 'successor@' || key || '.test' end,
       state, blocked, attempt, now() + due, hold, now() - opened, now() - closed
  from (values
    ('invited', null, 'designation', false, 1, interval '4 days 3 hours 12 minutes', null, interval '3 days', null::interval),
    ('declined', null, 'declined', false, 1, null, null, interval '20 days', interval '16 days'),
    ('expired', null, 'designation', true, 1, null, null, interval '5 days', null),
    ('dormant', null, 'dormant', false, 1, null, null, interval '200 days', null),
    ('documents', null, 'claim', true, 1, interval '6 days', null, interval '60 days', null),
    ('review', null, 'claim', false, 1, interval '21 hours 40 minutes', null, interval '90 days', null),
    ('rejected', null, 'claim', true, 1, interval '27 days', null, interval '140 days', null),
    ('twice', null, 'claim', true, 2, interval '20 days', null, interval '100 days', null),
    ('thrice', null, 'claim', true, 3, interval '20 days', null, interval '100 days', null),
    ('window', null, 'claim', false, 1, interval '4 days 6 hours', null, interval '80 days', null),
    ('hold', null, 'claim', true, 1, interval '20 days', 'owner.alive', interval '80 days', null),
    ('objected', null, 'revoked', false, 1, null, null, interval '50 days', interval '2 days'),
    ('suspected', null, 'claim', true, 1, null, null, interval '70 days', null),
    ('done', 'per_former_done', 'transferred', false, 1, null, null, interval '40 days', interval '1 day'),
    ('bounced', null, 'designation', true, 1, null, null, interval '2 days', null)
  ) as one (key, owner, state, blocked, attempt, due, hold, opened, closed)
on conflict do nothing;

insert into vendor.invoice (id, clinic_id, number, issued_on, amount_cents, currency, state)
select 'inv_' || substr(clinic_id, 5) || '_' || n, clinic_id, upper(substr(clinic_id, 5, 3)) || '-S' || n, date '2026-06-01' + n * 31, 12900, 'EUR',
       case when clinic_id = 'cli_rejected' and n = 3 then 'overdue' else 'paid' end
  from vendor.succession, generate_series(1, 3) n
on conflict do nothing;

-- What most of them have behind them: named, checked, invited, accepted, activated.
insert into vendor.succession_log (ref, seq, at, type, step, attempt, actor, actor_id, words)
select one.ref, step.seq, one.opened_at + step.after, 'step.done', step.step, 1, step.actor,
       case step.actor when 'owner' then one.owner_id when 'successor' then one.heir_id end, step.words
  from vendor.succession one
  cross join (values
    (1, interval '0 minutes', 'successor_named', 'owner', 'Titular designa sucesor'),
    (2, interval '4 minutes', 'eligibility_check', 'system', 'Elegibilidad verificada'),
    (3, interval '9 minutes', 'invitation_sent', 'system', 'Admin envió invitación'),
    (4, interval '22 hours', 'invitation_answered', 'successor', 'Sucesor aceptó'),
    (5, interval '22 hours 11 minutes', 'successor_activated', 'successor', 'Sucesor activó por QR')
  ) as step (seq, after, step, actor, words)
 where step.seq <= case one.ref when 'SUC-BOUNCED' then 2 when 'SUC-INVITED' then 3 when 'SUC-DECLINED' then 3 when 'SUC-EXPIRED' then 4 else 5 end
on conflict do nothing;

-- The claim: asked for, documents, identity.
insert into vendor.succession_log (ref, seq, at, type, step, attempt, reason, actor, actor_id, words)
select one.ref, step.seq, now() - claim.since + step.after,
       case when one.ref = 'SUC-DONE' and step.seq in (7, 8) then 'step.skipped' else 'step.done' end, step.step, 1,
       case when one.ref = 'SUC-DONE' and step.seq in (7, 8) then 'process.not_required' end, step.actor,
       case step.actor when 'successor' then one.heir_id end, step.words
  from vendor.succession one
  join (values ('DOCUMENTS', interval '9 days'), ('REVIEW', interval '2 days'), ('REJECTED', interval '5 days'), ('TWICE', interval '12 days'),
               ('THRICE', interval '20 days'), ('WINDOW', interval '5 days'), ('HOLD', interval '6 days'), ('OBJECTED', interval '9 days'),
               ('SUSPECTED', interval '4 days'), ('DONE', interval '6 days')) as claim (key, since) on one.ref = 'SUC-' || claim.key
  cross join (values
    (6, interval '0', 'claim_opened', 'successor', 'Solicitud de cambio de titular'),
    (7, interval '3 hours', 'evidence_submitted', 'successor', 'Documentos recibidos'),
    (8, interval '5 hours', 'identity_verified', 'system', 'Identidad verificada')
  ) as step (seq, after, step, actor, words)
 where step.seq <= case one.ref when 'SUC-DOCUMENTS' then 6 else 8 end
on conflict do nothing;

-- What makes each of them what it is. `hours` before the first start.
insert into vendor.succession_log (ref, seq, at, type, step, attempt, reason, actor, actor_id, note, words)
select 'SUC-' || key, seq, now() - hours * interval '1 hour', type, step, attempt, reason, actor, actor_id, note, words
  from (values
    ('INVITED', 4, 20.0, 'reminder.sent', 'invitation_answered', 1, null, 'system', null, null, 'Recordatorio enviado'),
    ('DECLINED', 4, 384.0, 'step.rejected', 'invitation_answered', 1, 'invitation.declined', 'successor', 'per_successor_declined', null, 'Sucesor rechazó'),
    ('DECLINED', 5, 383.9, 'case.closed', null, null, 'invitation.declined', 'system', null, null, 'Cerrado: rechazado por el sucesor'),
    ('EXPIRED', 5, 96.0, 'step.expired', 'successor_activated', 1, 'activation.link_expired', 'system', null, null, 'Enlace vencido'),
    ('DOCUMENTS', 7, 140.0, 'step.rejected', 'evidence_submitted', 1, 'evidence.illegible', 'reviewer', 'rev_02', 'The second page is cut off at the bottom.', 'Documento ilegible'),
    ('REVIEW', 9, 26.3, 'step.opened', 'validation_review', 1, null, 'system', null, null, 'Validación en curso'),
    ('REJECTED', 9, 72.0, 'step.rejected', 'validation_review', 1, 'review.rejected', 'reviewer', 'rev_01', null, 'El proceso de validación fue rechazado'),
    ('TWICE', 9, 240.0, 'step.rejected', 'validation_review', 1, 'review.rejected', 'reviewer', 'rev_01', null, 'El proceso de validación fue rechazado'),
    ('TWICE', 10, 190.0, 'support.released', 'validation_review', 2, 'support.user_asked', 'agent', 'Ben Ortiz', null, 'Soporte liberó el proceso'),
    ('TWICE', 11, 189.9, 'step.opened', 'validation_review', 2, null, 'system', null, null, 'Validación en curso'),
    ('TWICE', 12, 150.0, 'step.rejected', 'validation_review', 2, 'review.rejected', 'reviewer', 'rev_03', 'The profile still has the former surname.', 'El proceso de validación fue rechazado'),
    ('THRICE', 9, 430.0, 'step.rejected', 'validation_review', 1, 'review.rejected', 'reviewer', 'rev_01', null, 'El proceso de validación fue rechazado'),
    ('THRICE', 10, 400.0, 'support.released', 'validation_review', 2, 'support.user_asked', 'agent', 'Ana Robles', null, 'Soporte liberó el proceso'),
    ('THRICE', 11, 300.0, 'step.rejected', 'validation_review', 2, 'review.rejected', 'reviewer', 'rev_02', null, 'El proceso de validación fue rechazado'),
    ('THRICE', 12, 280.0, 'support.released', 'validation_review', 3, 'support.user_asked', 'agent', 'Ana Robles', null, 'Soporte liberó el proceso'),
    ('THRICE', 13, 200.0, 'step.rejected', 'validation_review', 3, 'review.rejected', 'reviewer', 'rev_03', null, 'El proceso de validación fue rechazado'),
    ('WINDOW', 9, 66.0, 'step.done', 'validation_review', 1, null, 'reviewer', 'rev_01', null, 'Validación aprobada'),
    ('WINDOW', 10, 65.9, 'step.opened', 'objection_window', 1, null, 'system', null, null, 'Plazo de oposición abierto'),
    ('HOLD', 9, 90.0, 'step.rejected', 'validation_review', 1, 'review.rejected', 'reviewer', 'rev_02', null, 'El proceso de validación fue rechazado'),
    ('HOLD', 10, 30.0, 'owner.alive', null, null, 'owner.alive', 'owner', 'per_owner_hold', null, 'El titular inició sesión'),
    ('HOLD', 11, 29.9, 'hold.placed', null, null, 'owner.alive', 'system', null, null, 'Proceso en espera'),
    ('OBJECTED', 9, 120.0, 'step.done', 'validation_review', 1, null, 'reviewer', 'rev_02', null, 'Validación aprobada'),
    ('OBJECTED', 10, 119.9, 'step.opened', 'objection_window', 1, null, 'system', null, null, 'Plazo de oposición abierto'),
    ('OBJECTED', 11, 48.2, 'owner.objected', 'objection_window', 1, 'owner.objected', 'owner', 'per_owner_objected', null, 'El titular se opuso'),
    ('OBJECTED', 12, 48.1, 'case.closed', null, null, 'owner.objected', 'system', null, null, 'Cerrado: oposición del titular'),
    ('SUSPECTED', 9, 40.0, 'step.rejected', 'evidence_submitted', 2, 'evidence.forged', 'reviewer', 'rev_lead', 'INTERNAL: stamp does not match the registry', 'Documento presuntamente falso'),
    ('DONE', 9, 130.0, 'step.done', 'validation_review', 1, null, 'system', null, null, 'Validación automática'),
    ('DONE', 10, 106.0, 'step.done', 'objection_window', 1, null, 'system', null, null, 'Sin oposición'),
    ('DONE', 11, 100.0, 'step.done', 'duties_confirmed', 1, null, 'successor', 'per_owner_done', null, 'Nueva titular confirma'),
    ('DONE', 12, 99.9, 'step.done', 'ownership_applied', 1, null, 'system', null, 'The former owner stays as a user of the clinic.', 'Titularidad cambiada'),
    ('DONE', 13, 60.0, 'step.done', 'billing_restored', 1, null, 'successor', 'per_owner_done', null, 'Medio de pago registrado'),
    ('DONE', 14, 26.0, 'step.done', 'parties_informed', 1, null, 'system', null, null, 'Miembros informados'),
    ('DONE', 15, 24.0, 'case.closed', null, null, null, 'system', null, null, 'Cerrado: transferido'),
    ('BOUNCED', 3, 47.0, 'step.rejected', 'invitation_sent', 1, 'message.bounced', 'system', null, null, 'Correo devuelto')
  ) as entry (key, seq, hours, type, step, attempt, reason, actor, actor_id, note, words)
on conflict do nothing;

-- What the reviews looked at. The rejected one: 47 days without activity against 30, and an overdue membership.
insert into vendor.succession_check (ref, seq, rule, result, observed, required, reason)
select ref, seq, rule, result, observed, required, reason from (values
    ('SUC-REJECTED', 9, 'account_active', 'pass', 'active', 'active', null),
    ('SUC-REJECTED', 9, 'activity', 'fail', '47 days', '30 days', 'eligibility.inactive_over_30d'),
    ('SUC-REJECTED', 9, 'second_factor', 'pass', 'on', 'on', null),
    ('SUC-REJECTED', 9, 'membership_paid', 'fail', 'overdue', 'current', 'eligibility.payment_overdue'),
    ('SUC-REJECTED', 9, 'email_verified', 'pass', 'verified', 'verified', null),
    ('SUC-TWICE', 9, 'activity', 'fail', '33 days', '30 days', 'eligibility.inactive_over_30d'),
    ('SUC-TWICE', 9, 'membership_paid', 'pass', 'current', 'current', null),
    ('SUC-TWICE', 12, 'identity_matches', 'fail', 'Tessa Fielding', 'Tessa Field', 'identity.mismatch'),
    ('SUC-TWICE', 12, 'activity', 'pass', '2 days', '30 days', null),
    ('SUC-THRICE', 13, 'second_factor', 'fail', 'off', 'on', 'eligibility.mfa_off'),
    ('SUC-SUSPECTED', 9, 'document_genuine', 'fail', 'INTERNAL: stamp does not match', 'genuine', 'evidence.forged')
  ) as found (ref, seq, rule, result, observed, required, reason)
on conflict do nothing;

insert into vendor.succession_message (ref, seq, n, channel, sent_to, state, at)
select log.ref, log.seq, message.n, message.channel,
       case message.channel when 'email' then left(one.heir_email, 1) || '•••@' || split_part(one.heir_email, '@', 2) else '••• 02' end,
       case when one.ref = 'SUC-BOUNCED' then 'bounced' when one.ref = 'SUC-INVITED' and message.channel = 'sms' then 'delivered'
            when one.ref = 'SUC-INVITED' then 'delivered' else 'opened_link' end, log.at + message.n * interval '1 minute'
  from vendor.succession_log log join vendor.succession one using (ref)
  cross join (values (1, 'email'), (2, 'sms')) as message (n, channel)
 where log.step = 'invitation_sent' and (message.channel = 'email' or one.ref = 'SUC-INVITED')
on conflict do nothing;
insert into vendor.succession_message (ref, seq, n, channel, sent_to, state, at)
select ref, seq, 1, 'email', 'o•••@' || lower(split_part(ref, '-', 2)) || '.test', 'delivered', at
  from vendor.succession_log where step = 'objection_window' and type = 'step.opened'
on conflict do nothing;

insert into vendor.succession_document (ref, seq, kind, state, at)
select log.ref, log.seq, case when log.ref in ('SUC-WINDOW', 'SUC-OBJECTED') then 'contact_log' else 'death_certificate' end,
       case when log.ref in ('SUC-DOCUMENTS', 'SUC-SUSPECTED') and log.type = 'step.rejected' then 'rejected' when log.ref = 'SUC-REVIEW' then 'pending' else 'accepted' end,
       log.at
  from vendor.succession_log log where log.step = 'evidence_submitted' and log.type in ('step.done', 'step.rejected')
on conflict do nothing;

-- The views of the contract.
create or replace view amparo_core.successions as
select ref as case_ref, clinic_id as ecosystem_id, owner_id as owner_user_id, heir_id as successor_user_id, heir_email as successor_email,
       state, blocked, attempt, due_at, hold as hold_reason, opened_at, closed_at
  from vendor.succession;

create or replace view amparo_core.succession_activity as
select ref as case_ref, seq, at as occurred_at, type, step as step_key, attempt as attempt_no, reason as reason_code, actor as actor_kind,
       actor_id, note as note_shareable, null::text as assistance_id, words as source_text,
       coalesce(asked_by, 'succession_log ' || ref || '/' || seq) as source_ref
  from vendor.succession_log;

create or replace view amparo_core.succession_checks as
select ref as case_ref, seq, rule as check_key, result, observed, required, reason as reason_code from vendor.succession_check;

create or replace view amparo_core.succession_messages as
select ref as case_ref, seq, channel, sent_to as masked_to, state, at from vendor.succession_message;

create or replace view amparo_core.succession_evidence as
select ref as case_ref, seq, kind, at, state from vendor.succession_document;

-- Acts from outside. Each request counts once, however often it is sent; a refusal is an exception in words.
create or replace function amparo_core.release_succession(case_ref text, request_id text, agent text, reason text, note text)
returns jsonb language plpgsql security definer set search_path = vendor as $$
declare
  one succession;
  last succession_log;
  next_seq bigint;
begin
  select * into one from succession s where s.ref = release_succession.case_ref for update;
  if not found then raise exception 'There is no succession %.', release_succession.case_ref; end if;
  select * into last from succession_log l where l.asked_by = request_id;
  if found then return jsonb_build_object('step_key', last.step, 'attempt_no', last.attempt); end if;
  if one.hold is not null then raise exception 'The succession is on hold.'; end if;
  if not one.blocked then raise exception 'Nothing is blocked.'; end if;
  select * into last from succession_log l where l.ref = one.ref and l.type = 'step.rejected' order by l.seq desc limit 1;
  select coalesce(max(l.seq), 0) into next_seq from succession_log l where l.ref = one.ref;
  insert into succession_log (ref, seq, at, type, step, attempt, reason, actor, actor_id, words, asked_by) values
    (one.ref, next_seq + 1, clock_timestamp(), 'support.released', last.step, coalesce(last.attempt, 1) + 1, release_succession.reason, 'agent', agent,
     'Soporte liberó el proceso', request_id),
    (one.ref, next_seq + 2, clock_timestamp(), 'step.opened', last.step, coalesce(last.attempt, 1) + 1, null, 'system', null,
     'Validación en curso', null);
  update succession s set blocked = false, attempt = s.attempt + 1, due_at = clock_timestamp() + interval '48 hours' where s.ref = one.ref;
  return jsonb_build_object('step_key', last.step, 'attempt_no', coalesce(last.attempt, 1) + 1);
end $$;

create or replace function amparo_core.resend_message(case_ref text, request_id text, agent text, reason text, note text)
returns jsonb language plpgsql security definer set search_path = vendor as $$
declare
  one succession;
  next_seq bigint;
begin
  select * into one from succession s where s.ref = resend_message.case_ref for update;
  if not found or one.closed_at is not null then raise exception 'There is no open succession %.', resend_message.case_ref; end if;
  if exists (select from succession_log l where l.asked_by = request_id) then return '{}'; end if;
  select coalesce(max(l.seq), 0) + 1 into next_seq from succession_log l where l.ref = one.ref;
  insert into succession_log (ref, seq, at, type, step, attempt, actor, actor_id, words, asked_by)
  values (one.ref, next_seq, clock_timestamp(), 'reminder.sent', nullif(resend_message.reason, ''), one.attempt, 'agent', agent, 'Mensaje reenviado', request_id);
  insert into succession_message (ref, seq, n, channel, sent_to, state, at)
  values (one.ref, next_seq, 1, 'email', left(one.heir_email, 1) || '•••@' || split_part(one.heir_email, '@', 2), 'sent', clock_timestamp());
  return '{}';
end $$;
