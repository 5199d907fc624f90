-- An agent's own factors: passkeys, an authenticator app, how they sign in, and what they are told about it.
-- What belongs to an assistance (the challenge of a fresh proof) is judged by app_now(); everything else about agents'
-- sign-in lives by the real clock, which no test moves.

set local search_path = amparo;

alter table assistance drop constraint assistance_agent_method_check;
alter table assistance add constraint assistance_agent_method_check check (agent_method in ('passkey', 'totp', 'code'));

alter table agent
  add column issuer_subject      text unique,   -- who they are at the company's identity provider
  add column password_changed_at timestamptz,
  add column passkey_offered_at  timestamptz,   -- they said: not now
  add column failed_sign_ins     int not null default 0,
  add column failed_since        timestamptz,
  add column failed_at           timestamptz,
  add column failed_from         text,
  add column failed_told_at      timestamptz;   -- when a mail last said so

-- What a sign-in found: the failures before it, told once; and a proof that it just happened, kept in the page only.
alter table agent_session
  add column failed_before jsonb,
  add column fresh_digest  bytea;
create index agent_session_of on agent_session (agent_id) where ended_at is null;

-- Mail to an agent that belongs to no assistance.
alter table outbox alter column assistance_id drop not null;
alter table outbox add column agent_id text references agent;

-- Public keys only: nothing here opens anything.
create table passkey (
  id            text primary key,
  agent_id      text not null references agent,
  credential_id bytea not null unique,
  public_key    bytea not null,
  counter       bigint not null,
  device        text not null check (device in ('singleDevice', 'multiDevice')),
  backed_up     boolean not null,
  transports    text[] not null,
  name          text not null,
  made_at       timestamptz not null default clock_timestamp(),
  used_at       timestamptz
);
create index passkey_of on passkey (agent_id);

-- `sealed` is encrypted with a key outside the database. A step of 30 seconds counts once: `last_step` only grows.
create table totp (
  agent_id  text primary key references agent,
  sealed    bytea not null,
  last_step bigint not null,
  failures  int not null default 0,             -- one after another; a hundred switch it off
  made_at   timestamptz not null default clock_timestamp(),
  used_at   timestamptz
);

-- What a passkey has to answer to prove an agent for one assistance. A new one takes the place of the old.
create table challenge (
  assistance_id text primary key references assistance,
  digest        bytea not null unique,
  expires_at    timestamptz not null,
  used_at       timestamptz
);

-- What is under way between two calls about an agent's own factors. `digest` is of the challenge, or of nothing anybody
-- has seen where a secret (`sealed`) waits to be confirmed.
create table enrolment (
  digest     bytea primary key,
  session_id text not null references agent_session,
  kind       text not null check (kind in ('passkey', 'totp', 'fresh')),
  sealed     bytea,
  made_at    timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index enrolment_of on enrolment (session_id, kind);
create index enrolment_age on enrolment (expires_at);

-- One-time sign-in links.
create table invite (
  id           text primary key,
  agent_id     text not null references agent,
  token_digest bytea not null unique,
  made_at      timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  used_at      timestamptz
);
create index invite_of on invite (agent_id) where used_at is null;

-- Browsers in which an agent has signed in before.
create table agent_device (
  agent_id text not null references agent,
  digest   bytea not null,
  made_at  timestamptz not null default clock_timestamp(),
  used_at  timestamptz not null default clock_timestamp(),
  primary key (agent_id, digest)
);

-- What the company's identity provider gave for a session: sealed, and asked about again and again.
create table staff_grant (
  session_id text primary key references agent_session,
  sealed     bytea not null,
  asked_at   timestamptz not null default clock_timestamp()
);
create index staff_grant_due on staff_grant (asked_at);
