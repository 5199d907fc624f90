-- One sensitive power, asked for in the middle of help with a code of its own. It carries no "ended": it lives with its
-- assistance and in the sessions that were open when it was granted. Only the user's own no is written here.
set local search_path = amparo;

create table power (
  id            text primary key,
  assistance_id text not null references assistance,
  power         text not null,
  surfaces      text[] not null,
  terms_digest  bytea not null,
  code_id       text not null unique references code,
  asked_at      timestamptz not null,
  granted_at    timestamptz,
  proved_by     text check (proved_by in ('page', 'read_aloud')),
  by_code       text unique references code,
  mac           bytea,               -- keyed: a row made by hand in SQL grants nothing
  refused_at    timestamptz,         -- before it was granted, or taken back afterwards
  check ((granted_at is null) = (mac is null) and (granted_at is null) = (proved_by is null) and (granted_at is null) = (by_code is null))
);
create index power_of on power (assistance_id, asked_at desc);
