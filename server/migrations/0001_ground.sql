-- The ground: assistances, the codes and consents that move them, the surfaces they open, the messages they send, and
-- the record of it all. Children carry no "ended" flag of their own: they die by join with their assistance.

create schema if not exists amparo;
set local search_path = amparo;

-- ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- The only clock that judges. In demo and test it is replaced by one that can be moved forward (clock.ts).
create function app_now() returns timestamptz language sql volatile as $$ select clock_timestamp() $$;
create function idle_limit() returns interval language sql immutable as $$ select interval '15 minutes' $$;
create function idle_warning() returns interval language sql immutable as $$ select interval '13 minutes' $$;
create function rfc3339(at timestamptz) returns text language sql stable as
  $$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- ── Agents ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table agent (
  id             text primary key,
  name           text not null,
  email          text not null,
  phone          text,
  locale         text not null default 'en' check (locale in ('en', 'es')),
  roles          text[] not null,
  password_hash  text,
  created_at     timestamptz not null default app_now(),
  deactivated_at timestamptz,
  demoted_at     timestamptz         -- since when they may no longer help
);
create unique index agent_email on agent (lower(email));

-- Sign-in lives by the real clock: the test clock does not move it.
create table agent_session (
  id           text primary key,
  agent_id     text not null references agent,
  kind         text not null check (kind in ('cookie', 'bearer')),
  token_digest bytea not null unique,
  opened_at    timestamptz not null default clock_timestamp(),
  seen_at      timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  ended_at     timestamptz
);
create index agent_session_live on agent_session (expires_at) where ended_at is null;

create table sign_in_tries (
  email_digest bytea primary key,
  failures     int not null default 0,
  until        timestamptz,
  tried_at     timestamptz not null default clock_timestamp()
);

-- ── Assistances ───────────────────────────────────────────────────────────────────────────────────────────────────
-- `version` counts changes that a step must not overlook (compare and set); `n` counts events and is gapless.
create table assistance (
  id                text primary key,
  kind              text not null check (kind in ('technical')),
  version           int not null default 0,
  n                 int not null default 0,
  agent_id          text not null references agent,
  agent_session_id  text not null references agent_session,
  email_asked       text not null,
  reason_code       text not null,
  reason_line       text,
  caller            text,
  ticket            text,
  state             text not null check (state in ('agent_verification', 'user_lookup', 'consent', 'active', 'closed')),
  opened_at         timestamptz not null,
  user_seen_at      timestamptz not null,
  max_until         timestamptz,
  look_at           timestamptz not null,
  lookups           int not null default 0,
  agent_method      text check (agent_method in ('code')),
  user_id           text,
  seen              jsonb,           -- the user and ecosystems as the look-up showed them; erasable
  ecosystem_id      text,
  surfaces          text[],
  powers            text not null default 'look' check (powers in ('look', 'act')),
  length_minutes    int not null default 60 check (length_minutes between 5 and 60),
  link_digest       bytea not null unique,
  consented_at      timestamptz,
  because           text,
  closed_at         timestamptz,
  closed_in         text,            -- the state it was closed in: decides who is told
  outcome           text,
  closure_reason    text,
  warned_for        timestamptz,     -- the user_seen_at that the warning at 13:00 was sent for
  announced_at      timestamptz,     -- the aftermath of the ending was set in motion
  check ((state = 'closed') = (because is not null and closed_at is not null and closed_in is not null)),
  check (state in ('agent_verification', 'user_lookup', 'closed') or user_id is not null),
  check ((state = 'active') <= (consented_at is not null and max_until is not null))
) with (fillfactor = 80);
create unique index one_live_per_agent on assistance (agent_id) where state <> 'closed';
create unique index one_active_per_user on assistance (user_id, ecosystem_id) nulls not distinct where state = 'active';
create index assistance_look on assistance (look_at) where state <> 'closed';
create index assistance_by_session on assistance (agent_session_id) where state <> 'closed';
create index assistance_unannounced on assistance (closed_at) where state = 'closed' and announced_at is null;
create index assistance_by_agent on assistance (agent_id, opened_at, id);
create index assistance_recent on assistance (opened_at, id);

create function ends_at(a assistance) returns timestamptz language sql immutable as
  $$ select least(a.user_seen_at + amparo.idle_limit(), a.max_until) $$;

-- What has ended this assistance by now, if anything: the one place where a lapse is judged. No row: it is alive.
-- One that was opened while its agent's session ended has ended as it began, never before.
create function lapse(a assistance, at_time timestamptz)
  returns table (because text, at timestamptz) language sql stable as $$
    select ending.because, greatest(ending.at, a.opened_at)
      from amparo.agent_session s
      join amparo.agent g on g.id = a.agent_id
      cross join lateral (values
        ('expired_idle',      a.user_seen_at + amparo.idle_limit()),
        ('expired_max',       a.max_until),
        ('agent_signed_out',  least(s.ended_at, case when s.expires_at <= now() then s.expires_at end)),
        ('agent_deactivated', least(g.deactivated_at, g.demoted_at))) as ending (because, at)
     where s.id = a.agent_session_id and a.state <> 'closed' and ending.at <= at_time
     order by ending.at, ending.because
     limit 1 $$;

-- An agent who leaves, or may no longer help, brings forward the look at what they have under way: the sweeper records
-- it within a second, whoever wrote the leaving and whatever became of them.
create function agent_demotes() returns trigger language plpgsql as $$ begin
  new.demoted_at := case when 'agent:technical' = any (new.roles) then null else coalesce(old.demoted_at, amparo.app_now()) end;
  return new;
end $$;
create trigger agent_is_demoted before update of roles on agent for each row execute function agent_demotes();

create function agent_leaves() returns trigger language plpgsql as $$ begin
  update amparo.assistance set look_at = amparo.app_now() where agent_id = new.id and state <> 'closed';
  return null;
end $$;
create trigger agent_has_left after update of deactivated_at, roles on agent for each row
  when (new.deactivated_at is not null or new.demoted_at is not null) execute function agent_leaves();

create function session_ends() returns trigger language plpgsql as $$ begin
  update amparo.assistance set look_at = amparo.app_now() where agent_session_id = new.id and state <> 'closed';
  return null;
end $$;
create trigger session_has_ended after update of ended_at on agent_session for each row
  when (new.ended_at is not null) execute function session_ends();

-- ── Codes and consent ─────────────────────────────────────────────────────────────────────────────────────────────
create table tries (
  assistance_id text not null references assistance,
  purpose       text not null,
  guesses_left  int not null default 15 check (guesses_left >= 0),
  sends_left    int not null default 5 check (sends_left >= 0),
  primary key (assistance_id, purpose)
);

-- Digits are never stored: `digest` is keyed, with a key that the database does not hold.
create table code (
  id             text primary key,
  assistance_id  text not null references assistance,
  purpose        text not null,
  terms_digest   bytea not null,
  digest         bytea not null,
  browser_digest bytea,              -- `match` only: the browser in which somebody said yes
  guesses        int not null default 0,
  guess_limit    int not null,
  sent_at        timestamptz not null,
  expires_at     timestamptz not null,
  used_at        timestamptz,
  void_at        timestamptz
);
create unique index one_live_code on code (assistance_id, purpose) where used_at is null and void_at is null;
create index code_of on code (assistance_id, purpose, sent_at desc);

create table consent (
  assistance_id  text primary key references assistance,
  terms          text not null,
  terms_digest   bytea not null,
  proved_by      text not null check (proved_by in ('page', 'read_aloud')),
  code_id        text not null unique references code,
  browser_digest bytea,
  at             timestamptz not null,
  mac            bytea not null      -- keyed: a row made by hand in SQL opens nothing
);

create table pair_lock (
  agent_id     text not null references agent,
  email_digest bytea not null,
  level        int not null,
  until        timestamptz not null,
  primary key (agent_id, email_digest)
);

-- ── Surfaces ──────────────────────────────────────────────────────────────────────────────────────────────────────
create table launch (
  id             text primary key,
  assistance_id  text not null references assistance,
  surface        text not null,
  ticket_digest  bytea not null unique,
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  taken_at       timestamptz,        -- the ticket arrived at the issuer, in the agent's browser
  browser_digest bytea,
  hint_digest    bytea unique,
  redeemed_at    timestamptz,        -- the surface came back with the hint, in that same browser
  void_at        timestamptz
);
create index launch_of on launch (assistance_id, created_at desc);

create table surface_session (
  id              text primary key,
  launch_id       text not null unique references launch,
  assistance_id   text not null references assistance,
  surface         text not null,
  holder          text not null check (holder in ('browser')),
  subject         text not null,
  sid             text unique,
  grant_digest    bytea unique,
  token_digest    bytea unique,
  opened_at       timestamptz not null,
  token_at        timestamptz,
  closed_alone_at timestamptz
);
create index surface_session_of on surface_session (assistance_id, surface);

-- What the issuer's library keeps: only digests of ids, and payloads without them.
create table artifact (
  kind         text not null,
  id_digest    bytea not null,
  grant_digest bytea,
  payload      jsonb not null,
  expires_at   timestamptz,
  consumed_at  timestamptz,
  primary key (kind, id_digest)
);
create index artifact_expiry on artifact (expires_at);
create index artifact_of_grant on artifact (grant_digest);

create table notice (
  surface_session_id text primary key references surface_session,
  next_at            timestamptz not null,
  lease_until        timestamptz,
  tries              int not null default 0,
  told_at            timestamptz,
  acked_at           timestamptz,
  dead_at            timestamptz,
  error              text
);
create index notice_due on notice (next_at) where acked_at is null and dead_at is null;

-- ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- `sealed` is encrypted with a key outside the database (associated data: the id) and erased once it was handed over.
create table outbox (
  id            text primary key,
  assistance_id text not null references assistance,
  user_id       text,
  purpose       text not null,
  code_id       text references code,
  channel       text not null check (channel in ('email', 'sms')),
  masked_to     text not null,
  sealed        bytea,
  state         text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'dropped')),
  created_at    timestamptz not null,
  next_at       timestamptz not null,
  lease_until   timestamptz,
  tries         int not null default 0,
  done_at       timestamptz,
  provider_ref  text,
  error         text,
  check ((state = 'queued') = (sealed is not null))
);
create index outbox_due on outbox (next_at) where state = 'queued';
create index outbox_of on outbox (assistance_id, created_at);
create index outbox_of_code on outbox (code_id) where code_id is not null;
create index outbox_of_user on outbox (user_id, created_at) where user_id is not null;

-- ── The record ────────────────────────────────────────────────────────────────────────────────────────────────────
-- `body` is the event: ids, digests and salted commitments only. Whatever is searched is generated from it, so nobody
-- changes a searched column without the text that will be hashed. Names and free text stand in `erasable`.
create table event (
  id            text primary key,
  ord           bigint generated always as identity unique,
  assistance_id text references assistance,
  n             int,
  body          text not null,
  type          text not null generated always as ((body::jsonb) ->> 'type') stored,
  actor_id      text generated always as ((body::jsonb) #>> '{actor,id}') stored,
  subject_id    text generated always as ((body::jsonb) ->> 'subject') stored,
  at            text not null generated always as ((body::jsonb) ->> 'at') stored,
  unique (assistance_id, n),
  check ((assistance_id is null) = (n is null))
);
create index event_by_actor on event (actor_id, ord desc);
create index event_by_subject on event (subject_id, ord desc) where subject_id is not null;
create index event_by_type on event (type, ord desc);

create table erasable (
  event_id text not null references event,
  field    text not null,
  text     text,
  salt     bytea,
  primary key (event_id, field)
);

create function never() returns trigger language plpgsql as
  $$ begin raise exception 'The record is only ever added to.' using errcode = 'insufficient_privilege'; end $$;
create trigger event_is_kept before update or delete on event for each row execute function never();
create trigger event_is_whole before truncate on event for each statement execute function never();

-- ── Answers given once ────────────────────────────────────────────────────────────────────────────────────────────
create table idempotency (
  actor          text not null,
  key            text not null,
  request_digest bytea not null,
  taken_at       timestamptz not null default clock_timestamp(),
  answer_sealed  bytea,
  primary key (actor, key)
);
create index idempotency_age on idempotency (taken_at);
