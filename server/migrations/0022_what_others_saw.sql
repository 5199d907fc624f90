-- Several processes on one database. Which of them read the whole of the Core last, and when: one that cannot reach it ends
-- nothing that another watches. And how often a product asked about a session, counted by all of them: what it tells of
-- what was done is held against that. More than a hundred times says nothing new, so it is written no further.
set local search_path = amparo;

alter table beat
  add column core_read_at timestamptz,
  add column core_read_by text;
alter table surface_session
  add column checks int not null default 0;
