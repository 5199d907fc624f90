-- Until when a session may add its agent's first factor: somebody typed the code there that went to the agent's own address, or the
-- operator vouched for them. A password alone opens a session, and would else make what proves its agent from then on.
set local search_path = amparo;
set local lock_timeout = '1500ms';

alter table agent_session add column first_factor_until timestamptz;
