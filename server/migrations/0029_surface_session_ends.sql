-- The same for a session that is closed alone.
set local search_path = amparo;
set local lock_timeout = '1500ms';

create function surface_session_ends() returns trigger language plpgsql as $$ begin
  update amparo.notice set next_at = amparo.app_now()
   where surface_session_id = new.id and told_at is null and coalesce(acked_at, dead_at) is null;
  return null;
end $$;
create trigger surface_session_has_ended after update on surface_session for each row
  when (old.closed_alone_at is null and new.closed_alone_at is not null) execute function surface_session_ends();
