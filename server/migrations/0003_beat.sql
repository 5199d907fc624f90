-- One row that every running server touches every few seconds. A server that could not reach the database for half a
-- minute, and finds that no other could either, ends what was open: for that long nothing could be recorded. `epoch` names
-- the cluster and its timeline: another one than before means a copy was restored, or a standby took over, and endings may
-- have been lost with it, so everything that looks alive is ended.
set local search_path = amparo;

create table beat (
  one   boolean primary key default true check (one),
  at    timestamptz not null default clock_timestamp(),
  epoch text
);
insert into beat default values;
