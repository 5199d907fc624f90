-- An ending that is put beside its row needs no new page of the disk, in its indexes either: an index over what is set
-- alone is empty most of the time, and an empty one has to grow for its first entry. This one has its pages beforehand.
set local search_path = amparo;

drop index ending_of;
create index ending_of on ending (assistance_id) with (fillfactor = 30);
alter index ending_pkey set (fillfactor = 30);
reindex index ending_pkey;
