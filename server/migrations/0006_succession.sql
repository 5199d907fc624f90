-- Ecosystem Admin: the second kind of assistance, its own permission, and what support asked the vendor to do in a
-- succession. An act is written with the step that asked for it, handed over afterwards, and keeps the answer.
set local search_path = amparo;

alter table assistance drop constraint assistance_kind_check;
alter table assistance add constraint assistance_kind_check check (kind in ('technical', 'succession'));

-- Since when an agent may no longer help in this kind; `demoted_at` stays the one of Technical Assistance.
alter table agent add column succession_demoted_at timestamptz;

create or replace function agent_demotes() returns trigger language plpgsql as $$ begin
  new.demoted_at := case when 'agent:technical' = any (new.roles) then null else coalesce(old.demoted_at, amparo.app_now()) end;
  new.succession_demoted_at := case when 'agent:succession' = any (new.roles) then null
                                    else coalesce(old.succession_demoted_at, amparo.app_now()) end;
  return new;
end $$;

drop trigger agent_has_left on agent;
create trigger agent_has_left after update of deactivated_at, roles on agent for each row
  when (new.deactivated_at is not null or new.demoted_at is not null or new.succession_demoted_at is not null)
  execute function agent_leaves();

create or replace function lapse(a assistance, at_time timestamptz)
  returns table (because text, at timestamptz) language sql stable as $$
    select ending.because, greatest(ending.at, a.opened_at)
      from amparo.agent_session s
      join amparo.agent g on g.id = a.agent_id
      cross join lateral (values
        ('expired_idle',      a.user_seen_at + amparo.idle_limit()),
        ('expired_max',       a.max_until),
        ('agent_signed_out',  least(s.ended_at, case when s.expires_at <= now() then s.expires_at end)),
        ('agent_deactivated', least(g.deactivated_at,
                                    case a.kind when 'succession' then g.succession_demoted_at else g.demoted_at end)))
        as ending (because, at)
     where s.id = a.agent_session_id and a.state <> 'closed' and ending.at <= at_time
     order by ending.at, ending.because
     limit 1 $$;

-- `id` is the request id by which the vendor's side knows it again. `note` can be erased; the record keeps its commitment.
create table succession_act (
  id            text primary key,
  assistance_id text not null references assistance,
  case_ref      text not null,
  act           text not null check (act in ('release', 'resend_message', 'send_help_link', 'add_note', 'escalate')),
  step_key      text,
  entry         text,                -- the entry that it was done from
  reason        text,
  note          text,
  agent_id      text not null references agent,
  code_id       text unique references code,
  asked_at      timestamptz not null,
  next_at       timestamptz,         -- when the vendor is asked, or asked again; null once it has answered
  lease_until   timestamptz,
  tries         int not null default 0,
  answered_at   timestamptz,
  result        text not null default 'pending' check (result in ('pending', 'done', 'refused')),
  answer        text,
  check ((result = 'pending') = (answered_at is null)),
  check (act <> 'release' or code_id is not null)
);
create unique index one_release_under_way on succession_act (case_ref) where act = 'release' and result = 'pending';
create index succession_act_of on succession_act (case_ref, asked_at);
create index succession_act_due on succession_act (next_at) where result = 'pending';
