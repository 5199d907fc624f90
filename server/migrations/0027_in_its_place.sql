-- The indexes of 0026 take the place of those before them. Nothing is read here, so nobody is kept waiting for longer than a moment.
-- An older program that still runs says `state <> 'closed'`: for it no index of what is open is left, and it goes through the table.
-- Behind somebody who reads for long, all others would wait with this file: it lets them pass, and is tried again. A clean-up gives way after
-- a second, statements give up after two.
set local search_path = amparo;
set local lock_timeout = '1500ms';

lock table assistance in access exclusive mode;
drop index one_live_per_agent, one_active_per_user, assistance_look, assistance_by_session, assistance_offered;
alter index new_one_live_per_agent rename to one_live_per_agent;
alter index new_one_active_per_user rename to one_active_per_user;
alter index new_assistance_look rename to assistance_look;
alter index new_assistance_by_session rename to assistance_by_session;
alter index new_assistance_offered rename to assistance_offered;

-- What is open is open in the words of each of them. Asked of what is written from now on; of what is there, by the next file.
alter table assistance add constraint assistance_closes_at_once check (num_nonnulls(because, closed_at, closed_in) in (0, 3)) not valid;

create or replace function agent_leaves() returns trigger language plpgsql as $$ begin
  update amparo.assistance set look_at = amparo.app_now() where agent_id = new.id and closed_at is null;
  return null;
end $$;
create or replace function session_ends() returns trigger language plpgsql as $$ begin
  update amparo.assistance set look_at = amparo.app_now() where agent_session_id = new.id and closed_in is null;
  return null;
end $$;
