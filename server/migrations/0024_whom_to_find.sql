-- Agents by what they do, and by what somebody remembers of their name or address.
set local search_path = amparo;

create index agent_supervising on agent (id) where 'supervisor' = any (roles) and deactivated_at is null;
create index agent_by_name on agent ((lower(name)) text_pattern_ops);
create index agent_by_mailbox on agent ((split_part(lower(email), '@', 1)));
