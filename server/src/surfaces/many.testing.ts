/**
 * For tests and benchmarks only: a database as full as years would have left it, written straight into the tables, and
 * sessions that live, as many as are wanted, as launches would have left them.
 */
import type { Database } from '../database/database.ts'

export const tokenOf = (n: number): string => `token-of-session-${n}`
export const sessionOf = (n: number) => ({ assistance: `as_${String(n).padStart(24, '0')}` })

/** For each n of `generate_series(0, $1 - 1)`: one agent, one user with an ecosystem in the Core, one session. */
const living = [
  `insert into vendor.person (id, name, email, phone, locale)
   select 'live' || n, 'User ' || n, 'live' || n || '@bench.test', null, 'en' from generate_series(0, $1::int - 1) n`,
  `insert into vendor.clinic (id, name, city, owner_id, plan_key)
   select 'live' || n, 'Clinic ' || n, 'Here', 'live' || n, (select key from vendor.plan limit 1) from generate_series(0, $1::int - 1) n`,
  `insert into amparo.agent (id, name, email, roles)
   select 'ag_live' || n, 'Agent ' || n, 'aglive' || n || '@bench.test', array['agent:technical'] from generate_series(0, $1::int - 1) n`,
  `insert into amparo.agent_session (id, agent_id, kind, token_digest, expires_at)
   select 'se_live' || n, 'ag_live' || n, 'bearer', sha256(convert_to('se' || n, 'utf8')), clock_timestamp() + interval '12 hours'
     from generate_series(0, $1::int - 1) n`,
  `insert into amparo.assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, state, opened_at, user_seen_at, look_at,
     user_id, seen, ecosystem_id, surfaces, powers, link_digest, agent_method, consented_at, max_until)
   select 'as_' || lpad(n::text, 24, '0'), 'technical', 'ag_live' || n, 'se_live' || n, 'live' || n || '@bench.test', 'fault', 'active',
          now, now, now + interval '15 minutes', 'live' || n,
          jsonb_build_object('user', jsonb_build_object('name', 'User ' || n, 'locale', 'en', 'status', 'active'),
            'ecosystems', jsonb_build_array(jsonb_build_object('id', 'live' || n, 'name', 'Clinic ' || n, 'role', 'owner', 'status', 'active'))),
          'live' || n, array['portal'], 'look', sha256(convert_to('link' || n, 'utf8')), 'code', now, now + interval '60 minutes'
     from generate_series(0, $1::int - 1) n, (select amparo.app_now() as now) t`,
  `insert into amparo.code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, used_at)
   select 'cd_live' || n, 'as_' || lpad(n::text, 24, '0'), 'consent', '\\x00', '\\x00', 5, now, now, now
     from generate_series(0, $1::int - 1) n, (select amparo.app_now() as now) t`,
  `insert into amparo.consent (assistance_id, terms, terms_digest, proved_by, code_id, at, mac)
   select 'as_' || lpad(n::text, 24, '0'), '', '\\x00', 'read_aloud', 'cd_live' || n, amparo.app_now(), '\\x00' from generate_series(0, $1::int - 1) n`,
  `insert into amparo.launch (id, assistance_id, surface, ticket_digest, created_at, expires_at)
   select 'la_live' || n, 'as_' || lpad(n::text, 24, '0'), 'portal', sha256(convert_to('la' || n, 'utf8')), amparo.app_now(), amparo.app_now()
     from generate_series(0, $1::int - 1) n`,
  `insert into amparo.artifact (kind, id_digest, grant_digest, payload, expires_at)
   select 'AccessToken', sha256(convert_to('token-of-session-' || n, 'utf8')), sha256(convert_to('grant-of-session-' || n, 'utf8')),
          jsonb_build_object('clientId', 'portal', 'scope', 'openid support:read', 'iat', floor(extract(epoch from now()))::int,
            'exp', floor(extract(epoch from now()))::int + 3600), amparo.app_now() + interval '1 hour'
     from generate_series(0, $1::int - 1) n`,
  `insert into amparo.surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, grant_digest, token_digest, opened_at, token_at)
   select 'ss_' || lpad(n::text, 24, '0'), 'la_live' || n, 'as_' || lpad(n::text, 24, '0'), 'portal', 'browser', 'live' || n, 'sid' || n,
          sha256(convert_to('grant-of-session-' || n, 'utf8')), sha256(convert_to('token-of-session-' || n, 'utf8')), amparo.app_now(), amparo.app_now() from generate_series(0, $1::int - 1) n`,
  `insert into amparo.notice (surface_session_id, next_at)
   select 'ss_' || lpad(n::text, 24, '0'), now + interval '60 minutes' from generate_series(0, $1::int - 1) n, (select amparo.app_now() as now) t`,
]

/**
 * For each n of `generate_series(0, $1 - 1)`: help that has ended, a minute apart, of a few hundred agents with a few
 * thousand users, with everything that it left: its codes, its four sessions, its mails and ten events that have their places.
 */
const past = [
  `insert into amparo.agent (id, name, email, roles)
   select 'ag_past' || n, 'Past ' || n, 'agpast' || n || '@bench.test', array['agent:technical'] from generate_series(0, 299) n`,
  `insert into amparo.agent_session (id, agent_id, kind, token_digest, expires_at, ended_at)
   select 'se_past' || n, 'ag_past' || n, 'cookie', sha256(convert_to('past' || n, 'utf8')), clock_timestamp(), clock_timestamp()
     from generate_series(0, 299) n`,
  `insert into amparo.assistance (id, kind, n, agent_id, agent_session_id, email_asked, reason_code, state, opened_at, user_seen_at, look_at,
     user_id, seen, ecosystem_id, surfaces, powers, link_digest, reference_digest, agent_method, consented_at, max_until, because, closed_at,
     closed_in, announced_at)
   select 'as_p' || lpad(n::text, 23, '0'), 'technical', 10, 'ag_past' || n % 300, 'se_past' || n % 300, 'past' || n % 4999 || '@bench.test',
          'fault', 'closed', at, at, at, 'past' || n % 4999, jsonb_build_object('user', jsonb_build_object('name', 'User ' || n % 4999, 'locale', 'en'),
            'ecosystems', jsonb_build_array(jsonb_build_object('id', 'eco' || n % 4999, 'name', 'Clinic', 'role', 'owner', 'status', 'active'))),
          'eco' || n % 4999, array['portal'], 'look', sha256(convert_to('past' || n, 'utf8')), sha256(convert_to('ref' || n, 'utf8')), 'code', at,
          at + interval '60 minutes', 'finished', at + interval '9 minutes', 'active', at + interval '9 minutes'
     from generate_series(0, $1::int - 1) n, lateral (select amparo.app_now() - ($1::int - n + 60) * interval '1 minute' as at) t`,
  `insert into amparo.tries (assistance_id, purpose) select id, 'consent' from amparo.assistance where id like 'as_p%'`,
  `insert into amparo.code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at, used_at)
   select 'cd_p' || id, id, 'consent', '\\x00', '\\x00', 5, opened_at, opened_at, opened_at from amparo.assistance where id like 'as_p%'`,
  `insert into amparo.consent (assistance_id, terms, terms_digest, proved_by, code_id, at, mac)
   select id, '', '\\x00', 'read_aloud', 'cd_p' || id, opened_at, '\\x00' from amparo.assistance where id like 'as_p%'`,
  `insert into amparo.launch (id, assistance_id, surface, ticket_digest, created_at, expires_at, redeemed_at)
   select 'la_p' || i || id, id, 'portal', sha256(convert_to(i || id, 'utf8')), opened_at, opened_at, opened_at
     from amparo.assistance, generate_series(1, 4) i where id like 'as_p%'`,
  `insert into amparo.surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, grant_digest, token_digest, opened_at, token_at)
   select 'ss_p' || i || id, 'la_p' || i || id, id, 'portal', 'browser', user_id, i || id, sha256(convert_to('grant' || i || id, 'utf8')),
          sha256(convert_to('token' || i || id, 'utf8')), opened_at, opened_at
     from amparo.assistance, generate_series(1, 4) i where id like 'as_p%'`,
  `insert into amparo.notice (surface_session_id, next_at, told_at, acked_at, tries)
   select 'ss_p' || i || id, closed_at, closed_at, closed_at, 1 from amparo.assistance, generate_series(1, 4) i where id like 'as_p%'`,
  `insert into amparo.artifact (kind, id_digest, grant_digest, payload, expires_at)
   select k, sha256(convert_to(k || id, 'utf8')), sha256(convert_to('grant' || id, 'utf8')), '{}', amparo.app_now() + interval '1 hour'
     from amparo.assistance, unnest(array['AccessToken', 'AuthorizationCode']) k where id like 'as_p%'`,
  `insert into amparo.outbox (id, assistance_id, user_id, purpose, code_id, channel, masked_to, state, created_at, next_at, done_at)
   select 'ob_p' || why || id, id, user_id, why, case why when 'consent' then 'cd_p' || id end, 'email', 'p…@bench.test', 'sent',
          opened_at, opened_at, opened_at from amparo.assistance, unnest(array['agent', 'consent', 'ended']) why where id like 'as_p%'`,
  `insert into amparo.user_messages (user_id, sent_at) select distinct user_id, array[max(opened_at)] from amparo.assistance where id like 'as_p%' group by user_id`,
  `insert into amparo.event (id, assistance_id, n, body)
   select 'ev_p' || i || id, id, i, jsonb_build_object('v', 1, 'id', 'ev_p' || i || id, 'type', type, 'actor', jsonb_build_object('kind', 'agent', 'id', agent_id),
          'subject', user_id, 'assistance', id, 'n', i, 'at', amparo.rfc3339(opened_at + i * interval '30 seconds'),
          'data', jsonb_build_object('because', case type when 'assistance.closed' then because end, 'surface', 'portal', 'count', 1, 'terms', '00'))::text
     from (select * from amparo.assistance where id like 'as_p%' order by opened_at) a,
          unnest(array['assistance.opened', 'code.sent', 'agent.proved', 'user.looked_up', 'consent.asked', 'message.sent', 'consent.given',
                       'surface.opened', 'act.done', 'assistance.closed']) with ordinality as e (type, i) order by a.opened_at, i`,
  `insert into amparo.erasable (event_id, field, text, salt)
   select 'ev_p9' || id, field, 'Opened an invoice', '\\x00' from amparo.assistance, unnest(array['en', 'es']) field where id like 'as_p%'`,
  `insert into amparo.log_leaf (seq, event_id, hash)
   select row_number() over (order by ord) - 1, id, sha256(convert_to(body, 'utf8')) from amparo.event where id like 'ev_p%'`,
  // The head's peaks are of no tree: nobody proves anything of these.
  `update amparo.log_head set size = l.size, peaks = array(select sha256(i::text::bytea) from generate_series(1, length(replace(l.size::bit(48)::text, '0', ''))) i)
     from (select count(*) as size from amparo.log_leaf) l`,
  `insert into amparo.idempotency (actor, key, request_digest)
   select 'ag_past' || n % 300, 'key' || n, '\\x00' from generate_series(0, $1::int - 1) n`,
]

/** Nothing that this writes fires a trigger: it is there as if it had always been there. */
const written = (db: Database, rows: readonly string[], count: number): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = 'replica'`)
    for (const row of rows) await tx.query(row, row.includes('$1') ? [count] : [])
  }, 0)

/** Sessions that live. */
export const fillLive = (db: Database, sessions: number): Promise<void> => written(db, living, sessions)

/** Help that has ended. */
export const fillPast = (db: Database, assistances: number): Promise<void> => written(db, past, assistances)
