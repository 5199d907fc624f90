-- When a session showed last that it is its agent's: help that was begun in another one since then asks it for a proof.
set local search_path = amparo;
set local lock_timeout = '1500ms';

alter table agent_session add column shown_at timestamptz;
