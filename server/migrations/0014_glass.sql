-- The clock of what two people opened without a consent, and the link by which an ecosystem's owner answers.
set local search_path = amparo;

alter table approval add column link_digest bytea unique;
create index approval_of_owner on approval (owner_id, asked_at) where owner_id is not null;

-- Nobody is there whose silence could count: it has its own length and no other clock.
create function idle_at(a assistance) returns timestamptz language sql immutable as
  $$ select case when a.broken_by is null then a.user_seen_at + amparo.idle_limit() else a.max_until end $$;
create or replace function ends_at(a assistance) returns timestamptz language sql immutable as
  $$ select least(amparo.idle_at(a), a.max_until) $$;

create or replace function lapse(a assistance, at_time timestamptz)
  returns table (because text, at timestamptz) language sql stable as $$
    select ending.because, greatest(ending.at, a.opened_at)
      from amparo.agent_session s
      join amparo.agent g on g.id = a.agent_id
      cross join lateral (
        select v.because, v.at from (values
          ('expired_idle',      case when a.broken_by is null then a.user_seen_at + amparo.idle_limit() end),
          (case when a.broken_by is null then 'expired_max' else 'break_glass_over' end, a.max_until),
          ('agent_signed_out',  least(s.ended_at, case when s.expires_at <= now() then s.expires_at end)),
          ('agent_deactivated', least(g.deactivated_at,
                                      case a.kind when 'succession' then g.succession_demoted_at else g.demoted_at end)))
          as v (because, at)
        union all
        select 'killed', k.made_at from amparo.cutoff k
         where k.lifted_at is null
           and (k.scope = 'everything'
                or k.scope = 'ecosystem' and k.target = a.ecosystem_id and a.state in ('consent', 'active'))
        union all
        select e.because, e.at from amparo.ending e where e.assistance_id = a.id) as ending (because, at)
     where s.id = a.agent_session_id and a.state <> 'closed' and ending.at <= at_time
     order by ending.at, ending.because
     limit 1 $$;
