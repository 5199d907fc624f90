/**
 * Is it alive, and who acts? One select over token, session and assistance, judged by the database's clock. It is the
 * answer that counts; `remembered.ts` keeps it between two checks, and asks here whenever it cannot be sure.
 */
import type { SensitivePower } from '@amparo/contract/powers'
import {
  type AgentMethod,
  agentMethods,
  type Bilingual,
  type Language,
  type Power,
  type ReasonCode,
} from '@amparo/contract/words'
import { type GrantFacts, isGenuineGrant } from '../codes/power.ts'
import { type Database, statement } from '../database/database.ts'
import type { Surface } from '../policy/policy.ts'
import type { Secrets } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import { lives } from './surfaces.store.ts'

/** What is true of a living surface session. */
export interface Live {
  readonly sessionId: string
  readonly sid: string
  readonly surface: string
  /** What holds it: a browser, or a phone with its key. */
  readonly holder: 'browser' | 'phone' | 'agent_device' | 'user_device'
  readonly keyThumbprint: string | undefined
  readonly subject: string
  readonly agent: { readonly id: string; readonly name: string }
  readonly assistanceId: AssistanceId
  readonly ecosystemId: string
  readonly ecosystemName: string
  readonly userName: string
  readonly locale: Language
  readonly reason: {
    readonly code: ReasonCode
    readonly name: Bilingual | undefined
    readonly line: string | undefined
  }
  readonly powers: Power
  /** Sensitive powers that the user granted in this session, one by one; whether each is genuine is judged with the key. */
  readonly grants: readonly Grant[]
  readonly acr: string
  /** The agent's method, as OpenID Connect names it. */
  readonly amr: readonly string[]
  /** When it ends by itself, at the earliest; an act of the user moves it. */
  readonly endsAt: Date
  readonly idleAt: Date
  /** The database's clock when this was judged: time left is counted from here. */
  readonly now: Date
}

/** A living session by its token, with what the token itself says. */
export interface LiveToken extends Live {
  readonly scope: string
  readonly iat: number
  readonly exp: number
}

/** The same with what it rests on: until when, if nothing changes, and whose changes would concern it. */
export interface Found {
  readonly live: LiveToken
  readonly tokenDigest: Buffer
  readonly clientId: string
  /** By the clock that judges; no later than what ends it by time alone. */
  readonly until: number
  readonly subjects: readonly string[]
}

/** Who says what lives behind a token of this client. */
export interface Liveness {
  check(tokenDigest: Buffer, clientId: string): Promise<LiveToken | undefined>
}

/** Who hears of changes as they happen: the ids of what changed (`*` is everything), and that all before was told. */
export interface Follower {
  heard(what: string): void
  /** Everything that was committed up to this time of the database has been told. */
  beat(time: number): void
}
export interface Telling {
  follow(follower: Follower): void
}

/** How agent and user were proved: the agent's fresh proof, then where the user's consent was given. */
export const acrs = agentMethods.flatMap((method) => [
  `urn:amparo:assisted:${method}:page`,
  `urn:amparo:assisted:${method}:read_aloud`,
  `urn:amparo:assisted:${method}:break_glass`,
])

/**
 * The agent's fresh proof in the words of RFC 8176. A passkey is a key that was held and a person who was verified; an
 * app's code is a second factor beside the sign-in; a code by message is a one-time password and no more than that.
 */
const amrs = {
  passkey: ['pop', 'user', 'mfa'],
  totp: ['otp', 'mfa'],
  code: ['otp'],
} as const satisfies Record<AgentMethod, readonly string[]>

/** What `facts` reads. */
export interface LiveRow {
  session_id: string
  sid: string
  surface: string
  holder: Live['holder']
  key_thumbprint: string | null
  subject: string
  agent_id: string
  agent_name: string
  assistance_id: string
  ecosystem_id: string
  ecosystem_name: string
  user_name: string
  locale: Language
  reason_code: ReasonCode
  reason_name: Bilingual | null
  reason_line: string | null
  powers: Power
  grants: readonly GrantRow[]
  acr: string
  agent_method: AgentMethod
  ends_at: Date
  idle_at: Date
  now: Date
}

/** Granted while this session was open, and not taken back. It lives and dies with the session, by this join. */
const grants = `
       coalesce((select json_agg(json_build_object('id', p.id, 'power', p.power, 'surfaces', p.surfaces, 'provedBy', p.proved_by,
                   'codeId', p.by_code, 'termsDigest', encode(p.terms_digest, 'hex'), 'mac', encode(p.mac, 'hex')) order by p.granted_at)
                   from power p where p.assistance_id = a.id and p.granted_at is not null and p.refused_at is null
                    and s.surface = any(p.surfaces) and s.opened_at <= p.granted_at), '[]')`
interface GrantRow {
  readonly id: string
  readonly power: SensitivePower
  readonly surfaces: readonly string[]
  readonly provedBy: 'page' | 'read_aloud'
  readonly codeId: string
  readonly termsDigest: string
  readonly mac: string
}
export interface Grant extends GrantFacts {
  readonly power: SensitivePower
  readonly mac: Buffer
}

/** What of the grants is genuine and within what the product can hold back. */
export const sensitiveOf = (secrets: Secrets, surface: Pick<Surface, 'powers'> | undefined, live: Live) =>
  live.grants
    .filter((grant) => surface?.powers.includes(grant.power) && isGenuineGrant(secrets, grant, grant.mac))
    .map((grant) => grant.power)

/** So many users' sessions are read at once where all are read. */
const usersAtOnce = 500

/** What is true of surface session `s`, whose assistance is `a`. */
export const facts = `
select s.id as session_id, s.sid, s.surface, s.holder, s.key_thumbprint, s.subject, g.id as agent_id, g.name as agent_name, a.id as assistance_id,
       a.ecosystem_id, coalesce(e ->> 'name', '') as ecosystem_name, coalesce(a.seen #>> '{user,name}', '') as user_name,
       coalesce(a.seen #>> '{user,locale}', 'en') as locale, a.reason_code, a.reason_name, a.reason_line, a.powers, ${grants} as grants,
       'urn:amparo:assisted:' || a.agent_method || ':' || c.proved_by as acr, a.agent_method,
       ends_at(a) as ends_at, idle_at(a) as idle_at, app_now() as now`
/** What `facts` needs beside `s`; `assistance` is where its assistance is read. */
export const joinsOf = (assistance: string): string => `
  join ${assistance} a on a.id = s.assistance_id
  join agent g on g.id = a.agent_id
  join consent c on c.assistance_id = a.id
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') e on e ->> 'id' = a.ecosystem_id`
const joins = joinsOf('assistance')

const tokens = `${facts}, r.payload ->> 'scope' as scope, (r.payload ->> 'iat')::int as iat, (r.payload ->> 'exp')::int as exp,
       s.token_digest, r.payload ->> 'clientId' as client_id, alive_until(a) as until, a.agent_session_id
  from surface_session s
  join artifact r on r.kind = 'AccessToken' and r.id_digest = s.token_digest ${joins}`
const byToken = statement(
  'liveness.by_token',
  `${tokens} where s.token_digest = $1 and r.payload ->> 'clientId' = $2 and ${lives}`,
)
/** All of some users, in the order of users: whoever goes on asks for those after the last. */
const ofUsers = statement(
  'liveness.of_users',
  `
with page as materialized (
  select id, user_id from assistance where state = 'active' and closed_at is null and user_id > $1 order by user_id fetch first ${usersAtOnce} rows with ties)
select m.last, t.* from (select max(user_id) as last from page) m
  left join (${tokens} join page on page.id = a.id where ${lives}) t on true`,
)
const livingOf = statement(
  'liveness.living_of',
  `select s.token_digest from surface_session s
     join artifact r on r.kind = 'AccessToken' and r.id_digest = s.token_digest
     join assistance a on a.id = s.assistance_id
    where s.token_digest = any($1) and ${lives}`,
)
const byGrant = statement(
  'liveness.by_grant',
  `${facts} from surface_session s ${joins} where s.grant_digest = $1 and ${lives}`,
)

export const liveOf = (row: LiveRow): Live => ({
  sessionId: row.session_id,
  sid: row.sid,
  surface: row.surface,
  holder: row.holder,
  keyThumbprint: row.key_thumbprint ?? undefined,
  subject: row.subject,
  agent: { id: row.agent_id, name: row.agent_name },
  assistanceId: known.assistance(row.assistance_id),
  ecosystemId: row.ecosystem_id,
  ecosystemName: row.ecosystem_name,
  userName: row.user_name,
  locale: row.locale,
  reason: { code: row.reason_code, name: row.reason_name ?? undefined, line: row.reason_line ?? undefined },
  powers: row.powers,
  grants: row.grants.map(({ termsDigest, mac, ...grant }) => ({
    ...grant,
    assistanceId: row.assistance_id,
    termsDigest: Buffer.from(termsDigest, 'hex'),
    mac: Buffer.from(mac, 'hex'),
  })),
  acr: row.acr,
  amr: amrs[row.agent_method],
  endsAt: row.ends_at,
  idleAt: row.idle_at,
  now: row.now,
})

interface TokenRow extends LiveRow {
  scope: string
  iat: number
  exp: number
  token_digest: Buffer
  client_id: string
  until: Date
  agent_session_id: string
}

const foundOf = (row: TokenRow): Found => ({
  live: { ...liveOf(row), scope: row.scope, iat: row.iat, exp: row.exp },
  tokenDigest: row.token_digest,
  clientId: row.client_id,
  until: row.until.getTime(),
  subjects: [
    row.assistance_id,
    row.agent_id,
    row.agent_session_id,
    `surface:${row.surface}`,
    `ecosystem:${row.ecosystem_id}`,
  ],
})

/** What lives behind this token of this client; undefined for anything else, whatever the reason. */
export async function check(db: Database, tokenDigest: Uint8Array, clientId: string): Promise<LiveToken | undefined> {
  return (await find(db, tokenDigest, clientId))?.live
}

/** The same, to be remembered. */
export async function find(db: Database, tokenDigest: Uint8Array, clientId: string): Promise<Found | undefined> {
  return (await db.query<TokenRow>(byToken, [tokenDigest, clientId])).map(foundOf)[0]
}

/** What lives of the next users after this one, and the last of them; no `last` where there are no more. */
export async function foundAfter(db: Database, userId: string) {
  const rows = await db.query<TokenRow & { last: string | null }>(ofUsers, [userId])
  return { last: rows[0]?.last ?? undefined, found: rows.filter((row) => row.token_digest !== null).map(foundOf) }
}

/** Which of these tokens live still. */
export const livingAmong = async (db: Database, tokenDigests: readonly Buffer[]): Promise<readonly Buffer[]> =>
  (await db.query<{ token_digest: Buffer }>(livingOf, [tokenDigests])).map((row) => row.token_digest)

const bound = statement(
  'liveness.bound',
  `
select s.id as "sessionId", s.assistance_id as "assistanceId", s.surface, s.key_thumbprint as key, r.payload ->> 'clientId' as "clientId"
  from surface_session s join artifact r on r.kind = 'AccessToken' and r.id_digest = s.token_digest
 where s.token_digest = $1 and s.key_thumbprint is not null`,
)

/** The key that this token is bound to, dead or alive; undefined for a token that is bound to none. */
export async function boundTo(db: Database, tokenDigest: Uint8Array) {
  const [row] = await db.query<{
    sessionId: string
    assistanceId: string
    surface: string
    key: string
    clientId: string
  }>(bound, [tokenDigest])
  return row && { ...row, assistanceId: known.assistance(row.assistanceId) }
}

/** What lives behind this grant; undefined when it has ended. */
export async function liveByGrant(db: Database, grantDigest: Uint8Array): Promise<Live | undefined> {
  return (await db.query<LiveRow>(byGrant, [grantDigest])).map(liveOf)[0]
}
