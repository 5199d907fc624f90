-- When a product acknowledged an ending last, and how often a user was looked up lately, found without going through whatever else
-- happened. Each of the next files takes hold of one table alone, so that none of them waits for somebody who waits for it, and
-- none that reads the record keeps anybody from another table.
set local search_path = amparo;

create index event_by_acknowledging on event (((body::jsonb) #>> '{data,surface}'), ord desc) where type = 'surface.acknowledged';
create index event_looked_up on event (subject_id, at) where type = 'user.looked_up';
