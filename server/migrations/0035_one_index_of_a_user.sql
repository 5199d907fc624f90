-- 0018 has made assistance_of_user (user_id, opened_at desc), which begins with the same: what was found by this one is found by that.
set local search_path = amparo;
set local lock_timeout = '1500ms';

drop index assistance_by_user;
