-- What says whether a session is alive is kept in the memory of each process, so whatever may change it says so: in its own
-- transaction, whoever writes it, by hand as well. What is said is the id of what changed and nothing more; who hears it
-- asks again. Programs that do not listen go on asking each time.
set local search_path = amparo;

-- Until when an assistance that is alive now stays so, if nobody writes anything: what lapse() will judge by, told
-- beforehand. An agent's session ends by the wall clock, everything else by app_now().
create function alive_until(a assistance) returns timestamptz language sql volatile as $$
  select least(amparo.ends_at(a), s.ended_at, amparo.app_now() + (s.expires_at - clock_timestamp()), g.deactivated_at,
               case a.kind when 'succession' then g.succession_demoted_at else g.demoted_at end,
               (select min(k.made_at) from amparo.cutoff k
                 where k.lifted_at is null and (k.scope = 'everything' or k.scope = 'ecosystem' and k.target = a.ecosystem_id)),
               (select min(e.at) from amparo.ending e where e.assistance_id = a.id))
    from amparo.agent_session s join amparo.agent g on g.id = a.agent_id
   where s.id = a.agent_session_id $$;

create function tell_id() returns trigger language plpgsql as
  $$ begin perform pg_notify('amparo_live', new.id); return null; end $$;
create function tell_assistance() returns trigger language plpgsql as
  $$ begin perform pg_notify('amparo_live', new.assistance_id); return null; end $$;
create function tell_cutoff() returns trigger language plpgsql as
  $$ begin perform pg_notify('amparo_live', case new.scope when 'everything' then '*' else new.scope || ':' || new.target end);
     return null; end $$;

-- What an answer about a session says, but for what steps count and what the loops keep for themselves.
create trigger assistance_tells after update on assistance for each row
  when (old.state = 'active' and
        (old.state, old.kind, old.agent_id, old.agent_session_id, old.user_id, old.ecosystem_id, old.user_seen_at, old.max_until,
         old.powers, old.surfaces, old.seen, old.agent_method, old.reason_code, old.reason_name, old.reason_line, old.broken_by)
        is distinct from
        (new.state, new.kind, new.agent_id, new.agent_session_id, new.user_id, new.ecosystem_id, new.user_seen_at, new.max_until,
         new.powers, new.surfaces, new.seen, new.agent_method, new.reason_code, new.reason_name, new.reason_line, new.broken_by))
  execute function tell_id();
create trigger agent_tells after update on agent for each row
  when ((old.name, old.deactivated_at, old.demoted_at, old.succession_demoted_at)
        is distinct from (new.name, new.deactivated_at, new.demoted_at, new.succession_demoted_at))
  execute function tell_id();
create trigger agent_session_tells after update on agent_session for each row
  when ((old.ended_at, old.expires_at) is distinct from (new.ended_at, new.expires_at)) execute function tell_id();
create trigger surface_session_tells after update on surface_session for each row
  when (old.token_digest is not null and
        (old.token_digest, old.closed_alone_at, old.surface, old.subject, old.sid, old.holder, old.key_thumbprint, old.opened_at)
        is distinct from
        (new.token_digest, new.closed_alone_at, new.surface, new.subject, new.sid, new.holder, new.key_thumbprint, new.opened_at))
  execute function tell_assistance();
create trigger power_tells after insert or update on power for each row
  when (new.granted_at is not null or new.refused_at is not null) execute function tell_assistance();
create trigger consent_tells after update on consent for each row execute function tell_assistance();
create trigger cutoff_tells after insert or update on cutoff for each row execute function tell_cutoff();
create trigger ending_tells after update on ending for each row
  when (new.assistance_id is not null) execute function tell_assistance();
