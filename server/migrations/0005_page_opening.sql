-- When a person's browser first showed the user's page. It is written by the page's own script; a mail scanner that
-- follows the link leaves no row.
set local search_path = amparo;

create table page_opening (
  assistance_id text primary key references assistance,
  at            timestamptz not null
);
