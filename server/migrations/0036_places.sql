-- Where a session at the desk has been proven: keyed digests of a browser's kind and of the network it comes from, the newest
-- first; the strange ones that were told of; and the code by message that proves at a new one.
-- A session from before this knows no place. It is asked for one proof where it is used next, and what it has open goes on: to
-- take whoever comes first for its agent would be to take a thief for them.
set local search_path = amparo;
set local lock_timeout = '1500ms';

alter table agent_session
  add column places       bytea[] not null default '{}',
  add column strangers    bytea[] not null default '{}',
  add column code_digest  bytea,
  add column code_at      timestamptz,
  add column code_guesses int not null default 0,
  add column codes_sent   int not null default 0;
