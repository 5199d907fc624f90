/** Sessions that live, as many as are wanted, as launches would have left them: agents, users, consents, tokens. */
import type { Database } from '../server/src/database/database.ts'

export const tokenOf = (n: number): string => `token-of-session-${n}`

/** For each n of `generate_series(0, $1 - 1)`: one agent, one user with an ecosystem in the Core, one session. */
const rows = [
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
  `insert into amparo.artifact (kind, id_digest, payload, expires_at)
   select 'AccessToken', sha256(convert_to('token-of-session-' || n, 'utf8')),
          jsonb_build_object('clientId', 'portal', 'scope', 'openid support:read', 'iat', floor(extract(epoch from now()))::int,
            'exp', floor(extract(epoch from now()))::int + 3600), amparo.app_now() + interval '1 hour'
     from generate_series(0, $1::int - 1) n`,
  `insert into amparo.surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, token_digest, opened_at, token_at)
   select 'ss_' || lpad(n::text, 24, '0'), 'la_live' || n, 'as_' || lpad(n::text, 24, '0'), 'portal', 'browser', 'live' || n, 'sid' || n,
          sha256(convert_to('token-of-session-' || n, 'utf8')), amparo.app_now(), amparo.app_now() from generate_series(0, $1::int - 1) n`,
]

export async function fillLive(db: Database, sessions: number): Promise<void> {
  for (const row of rows) await db.query(row, [sessions])
  for (const table of [
    'vendor.person',
    'vendor.clinic',
    ...'agent agent_session assistance code consent launch artifact surface_session'
      .split(' ')
      .map((name) => `amparo.${name}`),
  ])
    await db.query(`analyze ${table}`)
}
