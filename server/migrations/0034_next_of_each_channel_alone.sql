-- 0033 has made what takes its place.
set local search_path = amparo;
set local lock_timeout = '1500ms';

drop index outbox_next;
