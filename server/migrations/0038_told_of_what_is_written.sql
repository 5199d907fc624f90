-- What tells of an assistance and of a session looks at those updates alone that write a column it speaks of: its condition is
-- read anew by each statement, which costs more than the row, and most steps only count. No trigger before these changes a
-- column that the statement does not name, so nothing that changes goes untold.
set local search_path = amparo;
set local lock_timeout = '1500ms';

create or replace trigger assistance_tells
  after update of state, kind, agent_id, agent_session_id, user_id, ecosystem_id, user_seen_at, max_until,
                  powers, surfaces, seen, agent_method, reason_code, reason_name, reason_line, broken_by
  on assistance for each row
  when (old.state = 'active' and
        (old.state, old.kind, old.agent_id, old.agent_session_id, old.user_id, old.ecosystem_id, old.user_seen_at, old.max_until,
         old.powers, old.surfaces, old.seen, old.agent_method, old.reason_code, old.reason_name, old.reason_line, old.broken_by)
        is distinct from
        (new.state, new.kind, new.agent_id, new.agent_session_id, new.user_id, new.ecosystem_id, new.user_seen_at, new.max_until,
         new.powers, new.surfaces, new.seen, new.agent_method, new.reason_code, new.reason_name, new.reason_line, new.broken_by))
  execute function tell_id();
create or replace trigger assistance_has_ended after update of state on assistance for each row
  when (old.state = 'active' and new.state = 'closed') execute function assistance_ends();
create or replace trigger surface_session_tells
  after update of token_digest, closed_alone_at, surface, subject, sid, holder, key_thumbprint, opened_at
  on surface_session for each row
  when (old.token_digest is not null and
        (old.token_digest, old.closed_alone_at, old.surface, old.subject, old.sid, old.holder, old.key_thumbprint, old.opened_at)
        is distinct from
        (new.token_digest, new.closed_alone_at, new.surface, new.subject, new.sid, new.holder, new.key_thumbprint, new.opened_at))
  execute function tell_assistance();
