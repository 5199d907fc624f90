-- Products on phones. A launch on a phone has no ticket: it is taken by a handle (a scanned link, a typed code, a link that
-- was sent), by one phone, and goes on once its agent typed the two digits that this phone shows.
set local search_path = amparo;

alter table launch
  alter column ticket_digest drop not null,
  add column void_because  text check (void_because in ('replaced', 'declined', 'wrong_digits', 'closed')),
  add column device_name   text,          -- what the phone calls itself
  add column key_thumbprint text,         -- of the key that the phone holds (RFC 7638)
  add column key_known     boolean,       -- this agent has used that key before
  add column matched_at    timestamptz;   -- the agent typed what the phone shows

-- What a launch on a phone is taken by: keyed digests, with a key that the database does not hold. All handles of a launch
-- are there from its beginning; which of them counts is a matter of the time.
create table handle (
  digest      bytea primary key,
  launch_id   text not null references launch,
  kind        text not null check (kind in ('scanned', 'typed', 'sent')),
  valid_from  timestamptz not null,
  valid_until timestamptz not null
);
create index handle_of on handle (launch_id);
create index handle_age on handle (valid_until);

alter table surface_session
  drop constraint surface_session_holder_check,
  add constraint surface_session_holder_check check (holder in ('browser', 'phone', 'agent_device', 'user_device')),
  add column key_thumbprint text,
  add column device_name text,
  add constraint surface_session_is_bound check ((holder = 'browser') = (key_thumbprint is null));

-- The keys of the phones that an agent has opened an app on. The first time is told to them by mail.
create table agent_phone (
  agent_id       text not null references agent,
  key_thumbprint text not null,
  name           text not null,
  first_at       timestamptz not null,
  last_at        timestamptz not null,
  primary key (agent_id, key_thumbprint)
);
