-- The codes that go to an agent's own mailbox outside of an assistance: one for each session and purpose. They were columns of the
-- session before, and whoever asked for a code for a new place, which a copied cookie may, voided the one for the first factor.
-- The columns stay while an older program may run beside this one; a code that is under way in them is asked for again.
set local search_path = amparo;
set local lock_timeout = '1500ms';

create table mailbox_code (
  session_id text not null references agent_session,
  purpose    text not null check (purpose in ('place', 'first_factor')),
  digest     bytea,               -- until it was right
  sent_at    timestamptz not null default clock_timestamp(),
  guesses    int not null default 0,
  -- Since one of them was right.
  sendings   int not null default 1,
  primary key (session_id, purpose)
);
