-- Switching assisted access off, and endings that cannot be written on their own row at once. Both act by join from the
-- commit on, whoever writes the rest afterwards. Older programs know neither table and go on beside them.
set local search_path = amparo;

-- Everything, one product or one ecosystem. `recorded_at`: a cut does not wait for its record.
create table cutoff (
  id          text primary key,
  scope       text not null check (scope in ('everything', 'surface', 'ecosystem')),
  target      text,
  why         text,
  made_at     timestamptz not null,
  made_by     jsonb not null,
  recorded_at timestamptz,
  lifted_at   timestamptz,
  lifted_by   jsonb,
  check ((scope = 'everything') = (target is null)),
  check ((lifted_at is null) = (lifted_by is null))
);
create unique index one_cutoff_standing on cutoff (scope, coalesce(target, '')) where lifted_at is null;

-- An ending whose own row was held by somebody else, or whose record could not be written: it stands here until the
-- sweeper has written it there. The slots exist beforehand, in pages with room, so that ending needs no new disk.
create table ending (
  slot          int primary key,
  assistance_id text,
  because       text,
  actor         jsonb,
  at            timestamptz,
  check ((assistance_id is null) = (because is null))
) with (fillfactor = 30, vacuum_truncate = false);
insert into ending (slot) select generate_series(1, 500);
create index ending_of on ending (assistance_id) where assistance_id is not null;

-- An ecosystem's cut ends what has asked for consent there, or has it; whoever is still choosing is refused at the asking.
create or replace function lapse(a assistance, at_time timestamptz)
  returns table (because text, at timestamptz) language sql stable as $$
    select ending.because, greatest(ending.at, a.opened_at)
      from amparo.agent_session s
      join amparo.agent g on g.id = a.agent_id
      cross join lateral (
        select v.because, v.at from (values
          ('expired_idle',      a.user_seen_at + amparo.idle_limit()),
          ('expired_max',       a.max_until),
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

create function surface_is_cut(name text) returns boolean language sql stable as $$
  select exists (select from amparo.cutoff k where k.lifted_at is null and k.scope = 'surface' and k.target = name) $$;
