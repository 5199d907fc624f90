-- What supervisors do beside the agents: alerts, a second person's yes, looking without a consent and its review. And two
-- ways in which an assistance may begin or be known by: taken over from a colleague, and the reference in its messages.
-- Columns are added with defaults or null: the program before goes on beside them.
set local search_path = amparo;

-- ── Alerts ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table alert (
  id            text primary key,
  kind          text not null,
  about         text not null,       -- whom the window is counted for
  agent_id      text references agent,
  user_id       text,
  assistance_id text references assistance,
  count         int,
  at            timestamptz not null,
  told_at       timestamptz,         -- recorded, and supervisors written to
  seen_at       timestamptz,
  seen_by       text references agent,
  check ((seen_at is null) = (seen_by is null))
);
create index alert_recent on alert (at, id);
create index alert_untold on alert (at) where told_at is null;
create index alert_unseen on alert (at) where seen_at is null;

-- Until when an alert of this kind about the same is not given again: claimed by whoever gives it.
create table alert_window (
  kind  text not null,
  about text not null,
  until timestamptz not null,
  primary key (kind, about)
);

-- ── A second person ───────────────────────────────────────────────────────────────────────────────────────────────
-- `about` is the digest of exactly what is asked for: whatever changes is another question. It dies with its assistance.
create table approval (
  id            text primary key,
  assistance_id text not null references assistance,
  purpose       text not null check (purpose in ('consent', 'power', 'release', 'break_glass', 'owner')),
  about         bytea not null,
  whys          text[] not null,
  needed        int not null default 1 check (needed between 1 and 2),
  asked_at      timestamptz not null,
  asked_by      text not null references agent,
  owner_id      text,                -- `owner` only: whose yes it is
  answers       int not null default 0, -- compared and set with each voice
  told_at       timestamptz,
  unique (assistance_id, purpose, about),
  check ((purpose = 'owner') = (owner_id is not null))
);
create index approval_untold on approval (asked_at) where told_at is null;

create table voice (
  approval_id text not null references approval,
  voter       text not null,         -- an agent, or the ecosystem's owner
  decision    text not null check (decision in ('yes', 'no')),
  proof       text not null,
  event_id    text not null,         -- has the note
  at          timestamptz not null,
  primary key (approval_id, voter)
);

-- ── Without a consent ─────────────────────────────────────────────────────────────────────────────────────────────
alter table assistance add column broken_by text references approval;
alter table consent add column approval_id text unique references approval;
alter table consent alter column code_id drop not null;
alter table consent drop constraint consent_proved_by_check;
alter table consent add constraint consent_proved_by_check check (proved_by in ('page', 'read_aloud', 'break_glass'));
alter table consent add constraint consent_by_code_or_two
  check ((proved_by = 'break_glass') = (approval_id is not null) and (proved_by = 'break_glass') = (code_id is null));

create table review (
  assistance_id text primary key references assistance,
  opened_at     timestamptz not null,
  closed_at     timestamptz,
  closed_by     text references agent,
  finding       text check (finding in ('justified', 'not_justified')),
  event_id      text,
  check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (finding is null))
);
create index review_open on review (opened_at) where closed_at is null;

-- ── Taken over, and known by ──────────────────────────────────────────────────────────────────────────────────────
alter table assistance
  add column handed_from      text references assistance,
  add column offered_at       timestamptz,   -- its agent would hand it over since then
  add column reference_digest bytea unique;
create index assistance_handed on assistance (handed_from) where handed_from is not null;
create index assistance_offered on assistance (offered_at) where offered_at is not null and state <> 'closed';
