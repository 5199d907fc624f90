-- When somebody signed in last, of many times.
create index agent_session_signed_in on amparo.agent_session (agent_id, opened_at) where kind = 'cookie';
