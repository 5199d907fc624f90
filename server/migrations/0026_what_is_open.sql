-- The indexes of what is open, anew and each in words of its own: closed_at, because and closed_in are null together until it closes.
-- While little is open, to go through such an index from end to end is as cheap as to look up a key, and a plan that does so is kept for
-- as long as its connection, whatever opens afterwards. So a statement that names one assistance and asks for its state finds none of
-- them, and one that looks among all that is open says the words of the index it needs.
-- Made beside the old ones, while everybody reads on; the next file puts them in their place.
set local search_path = amparo;

create unique index new_one_live_per_agent on assistance (agent_id) where closed_at is null;
create unique index new_one_active_per_user on assistance (user_id, ecosystem_id) nulls not distinct where closed_at is null and state = 'active';
create index new_assistance_look on assistance (look_at) where because is null;
create index new_assistance_by_session on assistance (agent_session_id) where closed_in is null;
create index new_assistance_offered on assistance (offered_at) where closed_at is null and offered_at is not null;

-- Whose user was not warned of this silence; and what a cut ends by its ecosystem.
create index assistance_to_warn on assistance (user_seen_at)
  where state = 'active' and broken_by is null and warned_for is distinct from user_seen_at;
create index assistance_in_ecosystem on assistance (ecosystem_id) where closed_at is null and state in ('consent', 'active');
