-- What a support floor needs: what was done inside a surface, the vendor's words for a reason as they were, and a record
-- that can be searched by who, whom, what, when and why. Columns are added with defaults: the program of 0001 goes on
-- beside them.
set local search_path = amparo;

alter table assistance add column reason_name jsonb;

-- `acts_seen`: the numbers that a surface gave to what it reported; each counts once, in whatever order they come.
alter table surface_session
  add column acts_seen int4multirange not null default '{}',
  add column acts int not null default 0,
  add column last_act_at timestamptz;

create index event_notes on event (assistance_id, n) where type = 'note.added';
create index event_by_because on event (((body::jsonb) #>> '{data,because}'), ord desc) where type = 'assistance.closed';
create index event_by_at on event (at);
create index assistance_by_user on assistance (user_id) where user_id is not null;
create index assistance_by_email on assistance ((lower(email_asked)) text_pattern_ops);
