-- When a user was sent a code in the last day, over all agents: counted and added to in the statement that sends the next.
set local search_path = amparo;

create table user_messages (
  user_id text primary key,
  sent_at timestamptz[] not null
);
