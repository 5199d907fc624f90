-- Notices of what lives wait from now on. Whoever is ending something meanwhile has made its notices due already, and is waited for, or
-- does so after this: the table is held first, and what lives is read afterwards, so that no notice is put off that has to be told.
set local search_path = amparo;
set local lock_timeout = '1500ms';

lock table notice in share row exclusive mode;
update notice n set next_at = a.max_until from surface_session s join assistance a on a.id = s.assistance_id
 where s.id = n.surface_session_id and n.told_at is null and n.acked_at is null and n.dead_at is null
   and a.state = 'active' and s.closed_alone_at is null;
-- Told, and not acknowledged yet.
create index notice_told on notice (told_at) where told_at is not null and acked_at is null and dead_at is null;
