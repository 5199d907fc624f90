-- While one channel hangs, what is due in the other is found without going through all that waits for the first. Made while everybody
-- reads on; the next file takes the old index away.
set local search_path = amparo;

create index outbox_next_of on outbox (channel, (purpose = 'ended'), next_at) where state = 'queued';
