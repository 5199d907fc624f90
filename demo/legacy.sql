-- The second sample: a vendor whose activity table has a sentence and a status word, and nothing else. Three views map it,
-- without a line of code: a `case` on the status gives the type, the wording gives the step, and the wording itself is
-- kept. 200 rows; some wordings are known to nobody, and become notes. Not part of the demo; a test reads it.

create schema if not exists legacy;

create table legacy.handover (id serial primary key, clinic text not null, owner_login text not null, heir_login text, heir_mail text not null, status text not null, opened timestamptz not null);
create table legacy.activity (id serial primary key, handover_id int not null references legacy.handover, at timestamptz not null, description text not null, status text not null);

insert into legacy.handover (clinic, owner_login, heir_login, heir_mail, status, opened)
select 'cli_sol', 'per_marta', case when n % 2 = 0 then 'per_leo' end, 'leo@clinica-sol.test', case when n % 4 = 0 then 'CLOSED' else 'OPEN' end,
       timestamptz '2026-01-01' + n * interval '1 day'
  from generate_series(1, 20) n;

insert into legacy.activity (handover_id, at, description, status)
select 1 + (n - 1) / 10, timestamptz '2026-01-01' + n * interval '7 hours',
       (array['Admin submitted the invitation', 'The Successor accepted the invitation', 'QR scanned by the Successor',
              'Certificado recibido', 'The validation process for The Successor was rejected by Acme', 'Invitación enviada otra vez',
              'Titular notificado', 'Ticket #4711 cerrado por JM', 'Payment method added', 'Llamada con la señora, todo bien'])[1 + (n - 1) % 10],
       (array['DONE', 'DONE', 'DONE', 'DONE', 'REJECTED', 'SENT', 'DONE', 'MISC', 'DONE', 'MISC'])[1 + (n - 1) % 10]
  from generate_series(1, 200) n;

drop view if exists amparo_core.successions, amparo_core.succession_activity, amparo_core.succession_checks,
  amparo_core.succession_messages, amparo_core.succession_evidence;

create view amparo_core.successions as
select 'LEG-' || id as case_ref, clinic as ecosystem_id, owner_login as owner_user_id, heir_login as successor_user_id,
       heir_mail as successor_email, case status when 'OPEN' then 'claim' else 'transferred' end as state,
       coalesce((select a.status = 'REJECTED' from legacy.activity a where a.handover_id = h.id and a.status in ('REJECTED', 'DONE')
                  order by a.id desc limit 1), false) as blocked,
       1 as attempt, null::timestamptz as due_at, opened as opened_at,
       case status when 'CLOSED' then opened + interval '30 days' end as closed_at
  from legacy.handover h;

create view amparo_core.succession_activity as
select 'LEG-' || handover_id as case_ref, id::bigint as seq, at as occurred_at,
       case status when 'DONE' then 'step.done' when 'REJECTED' then 'step.rejected' when 'SENT' then 'reminder.sent' else lower(status) end as type,
       case when description ilike '%invitation%' and status = 'DONE' and description ilike '%accepted%' then 'invitation_answered'
            when description ilike '%invitation%' or description ilike 'Invitación%' then 'invitation_sent'
            when description ilike 'QR scanned%' then 'successor_activated'
            when description ilike 'Certificado%' then 'evidence_submitted'
            when description ilike '%validation process%' then 'validation_review'
            when description ilike 'Payment method%' then 'billing_restored'
            when description ilike 'Titular notificado%' then 'parties_informed' end as step_key,
       case when status = 'REJECTED' then 'review.unspecified' end as reason_code,
       case when description ilike '%successor%' and status = 'DONE' then 'successor' else 'system' end as actor_kind,
       description as source_text, 'legacy.activity ' || id as source_ref
  from legacy.activity;
