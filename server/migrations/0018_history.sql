-- What a user says of help that has ended, and their own history: a review may be about more than one thing, and what
-- concerns one user is read by their id.
set local search_path = amparo;

-- The program before writes and closes rows of `break_glass` alone, as it always did.
alter table review
  add column about text not null default 'break_glass' check (about in ('break_glass', 'reported', 'objection'));
alter table review drop constraint review_pkey;
alter table review add primary key (assistance_id, about);

create index assistance_of_user on assistance (user_id, opened_at desc) where user_id is not null;
