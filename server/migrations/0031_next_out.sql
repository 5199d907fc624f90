-- What somebody waits for goes out before what tells of endings.
create index outbox_next on outbox ((purpose = 'ended'), next_at) where state = 'queued';
drop index outbox_due;
