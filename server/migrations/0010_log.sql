-- The record as a Merkle log (RFC 9162): events are written with the act, and take their places afterwards. A place, once
-- taken, is never another's; what was taken together is signed by a checkpoint, with a key that is not in here.

-- Events that have no place yet. An event of a statement that commits late is found here all the same, which "everything
-- above the last number" would miss.
create table unsequenced (
  event_id text primary key references event,
  ord      bigint not null
);
create index unsequenced_order on unsequenced (ord);

-- Places, from 0 without a gap, and the hash of the text that stands there.
create table log_leaf (
  seq      bigint primary key,
  event_id text not null unique references event,
  hash     bytea not null check (length(hash) = 32)
);

-- Whole subtrees of 2^8, 2^16 and 2^24 leaves, so that a proof reads a few hundred rows of any log.
create table log_node (
  level int not null check (level in (8, 16, 24)),
  index bigint not null,
  hash  bytea not null,
  primary key (level, index)
);

-- How large the log is, and its peaks, the largest first. Whoever holds this row gives out places.
create table log_head (
  one   bool primary key default true check (one),
  size  bigint not null,
  peaks bytea[] not null
);
insert into log_head (size, peaks) values (0, '{}');

create table checkpoint (
  size bigint primary key,
  root bytea not null,
  at   timestamptz not null,
  note text not null
);

create trigger log_leaf_is_kept before update or delete on log_leaf for each row execute function never();
create trigger log_leaf_is_whole before truncate on log_leaf for each statement execute function never();
create trigger log_node_is_kept before update or delete on log_node for each row execute function never();
create trigger log_node_is_whole before truncate on log_node for each statement execute function never();
create trigger checkpoint_is_kept before update or delete on checkpoint for each row execute function never();
create trigger checkpoint_is_whole before truncate on checkpoint for each statement execute function never();

-- A restore brings back what waits for its place together with the events; then nothing is added here.
create function wait_for_place() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('amparo.restoring', true), '') <> 'on' then
    insert into unsequenced (event_id, ord) select id, ord from added;
  end if;
  return null;
end $$;
create trigger event_waits after insert on event referencing new table as added
  for each statement execute function wait_for_place();

insert into unsequenced (event_id, ord) select id, ord from event;
