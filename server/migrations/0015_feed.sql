-- The record told to somebody outside: how far they have been told. One row for each who listens, so that telling can be
-- begun again from any place, and what was told is never taken for told before they have said so.
create table record_feed (
  name        text primary key,
  seq         bigint not null default 0 check (seq >= 0),
  tries       int not null default 0,
  next_at     timestamptz not null default '-infinity',
  lease_until timestamptz,
  error       text
);
insert into record_feed (name) values ('webhook');
