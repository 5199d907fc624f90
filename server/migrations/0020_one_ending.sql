-- Two who ended the same assistance at the same moment, while somebody held its row, each took a slot, and each was told
-- that theirs was the ending. The first one counts: the second waits for it, and is refused by the index.
set local search_path = amparo;

-- Nobody puts another one there meanwhile.
lock table ending in access exclusive mode;
update ending e set assistance_id = null, because = null, actor = null, at = null
 where exists (select from ending first where first.assistance_id = e.assistance_id and (first.at, first.slot) < (e.at, e.slot));
drop index ending_of;
create unique index ending_of on ending (assistance_id) with (fillfactor = 30);
