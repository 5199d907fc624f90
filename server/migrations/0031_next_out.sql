-- What somebody waits for goes out before what tells of endings. Made while everybody reads on; the next file takes the old index away.
set local search_path = amparo;

create index outbox_next on outbox ((purpose = 'ended'), next_at) where state = 'queued';
