-- A notice to a product waits until the agreed time of its assistance is over, and is due before that with whatever ends its
-- session, in the same transaction. Until now each was looked at twice a second, for as long as it lived. Older programs write
-- notices that are due at once, and look at them as before.
set local search_path = amparo;
set local lock_timeout = '1500ms';

alter table assistance validate constraint assistance_closes_at_once;
create function assistance_ends() returns trigger language plpgsql as $$ begin
  update amparo.notice n set next_at = amparo.app_now() from amparo.surface_session s
   where s.assistance_id = new.id and n.surface_session_id = s.id and n.told_at is null and coalesce(n.acked_at, n.dead_at) is null;
  return null;
end $$;
create trigger assistance_has_ended after update on assistance for each row
  when (old.state = 'active' and new.state = 'closed') execute function assistance_ends();
