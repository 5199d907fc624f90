/** Agents and the sessions at the desk, in SQL. A session's token is kept only as a digest. */

import { type Role, roles } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import type { Caller, Place } from '../door.ts'
import { newId, newToken, tokenDigest } from '../secrets.ts'
import { known } from '../words.ts'
import { hashed } from './password.ts'

const sessionHours = 12
const idleMinutes = 60

interface CallerRow {
  session_id: string
  kind: 'cookie' | 'bearer'
  expires_at: Date
  agent_id: string
  name: string
  email: string
  phone: string | null
  locale: 'en' | 'es'
  roles: string[]
}

export const isRole = (word: string): word is Role => roles.some((role) => role === word)

const callerOf = (row: CallerRow): Caller => ({
  agentId: known.agent(row.agent_id),
  sessionId: known.session(row.session_id),
  kind: row.kind,
  name: row.name,
  email: row.email,
  phone: row.phone ?? undefined,
  locale: row.locale,
  roles: row.roles.filter(isRole),
  expiresAt: row.expires_at,
})

/**
 * True while session `s` of agent `g` lives. The only place that says so; not in the words of the index of all that live, which a
 * plan made at a quiet hour would go through to find the one that is named.
 */
export const lives = `num_nulls(s.ended_at) = 1 and s.expires_at > clock_timestamp() and g.deactivated_at is null
   and (s.kind = 'bearer' or s.seen_at > clock_timestamp() - interval '${idleMinutes} minutes')`

/**
 * Help belongs to the session that began it: another one at the desk, which whoever has the password could have made, is not
 * at home until its agent has shown since then that it is them.
 */
const helpsElsewhere = `exists (
         select from assistance a join agent_session o on o.id = a.agent_session_id
          where a.agent_id = s.agent_id and a.closed_at is null and a.agent_session_id <> s.id and o.kind = 'cookie'
            and num_nulls(o.ended_at) = 1 and o.expires_at > clock_timestamp()
            and a.opened_at >= coalesce(s.shown_at, '-infinity'))`

const bySession = statement(
  'identity.by_session',
  `
select s.id as session_id, s.kind, s.expires_at, g.id as agent_id, g.name, g.email, g.phone, g.locale, g.roles,
       s.seen_at < clock_timestamp() - interval '1 minute' as stale,
       s.kind = 'bearer' or s.places && $2::bytea[] and not ${helpsElsewhere} as here, s.strangers && $2::bytea[] as told
  from agent_session s join agent g on g.id = s.agent_id
 where s.token_digest = $1 and ${lives}`,
)
const seen = statement(
  'identity.seen',
  `update agent_session set seen_at = clock_timestamp() where id = $1 and num_nulls(ended_at) = 1`,
)

const worked = statement(
  'identity.worked',
  `
update agent_session s set seen_at = clock_timestamp() from agent g
 where s.id = $1 and g.id = s.agent_id and s.seen_at < clock_timestamp() - interval '1 minute' and ${lives}`,
)
/** Work in a product that was opened from this session is a use of it: it does not go idle meanwhile. */
export const isAtWork = async (db: Database, sessionId: string): Promise<void> => {
  await db.query(worked, [sessionId])
}

/** Who a token belongs to, and whether its session was proven in the place that it came from. A script's has no place. */
export type Holder =
  | { readonly here: true; readonly caller: Caller }
  /** `told`: what there is to tell of this place was told. */
  | { readonly here: false; readonly caller: Caller; readonly told: boolean }

/** Whose token this is, while their session lives. Each use where it was proven keeps it from going idle; no other does. */
export async function holderOf(db: Database, token: string, place: Place | readonly []): Promise<Holder | undefined> {
  const found = await heldBy(db, token, place)
  if (found?.holder.here && found.stale) await db.query(seen, [found.holder.caller.sessionId])
  return found?.holder
}

/** The same, and no use of it: for whoever listens, and is asked for again and again. */
export const holderNow = async (db: Database, token: string, place: Place | readonly []): Promise<Holder | undefined> =>
  (await heldBy(db, token, place))?.holder

/** Who this token belongs to, wherever they are. */
export const callerBy = async (db: Database, token: string): Promise<Caller | undefined> =>
  (await holderOf(db, token, []))?.caller

async function heldBy(db: Database, token: string, place: Place | readonly []) {
  const [row] = await db.query<CallerRow & { stale: boolean; here: boolean; told: boolean }>(bySession, [
    tokenDigest(token),
    place,
  ])
  if (!row) return undefined
  const caller = callerOf(row)
  const holder: Holder = row.here ? { here: true, caller } : { here: false, caller, told: row.told }
  return { holder, stale: row.stale }
}

// ── Sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────

const made = statement(
  'identity.open_session',
  `
with g as materialized (select * from agent where id = $2 and deactivated_at is null for update),
  told as (
    update agent set failed_sign_ins = 0, failed_since = null, failed_at = null, failed_from = null
      from g where agent.id = g.id and $3 = 'cookie'),
  made as (
    insert into agent_session (id, agent_id, kind, token_digest, expires_at, fresh_digest, places, failed_before)
    select $1, g.id, $3, $4, clock_timestamp() + interval '${sessionHours} hours', $5, $7::bytea[],
           case when $3 = 'cookie' and g.failed_sign_ins > 0 then jsonb_strip_nulls(jsonb_build_object(
             'count', g.failed_sign_ins, 'since', rfc3339(g.failed_since), 'lastAt', rfc3339(g.failed_at), 'lastFrom', g.failed_from)) end
      from g returning id),
  ${recordedLoose('$6::jsonb', 'made')}
select id from made`,
)

export interface NewSession {
  readonly token: string
  readonly caller: Caller
  /** Shows for ten minutes that the sign-in just happened. It is told once, and kept as a digest. */
  readonly fresh: string
}

/** A new session for an agent; its token is told once and kept as a digest. `event`: how it came about, `place`: where. */
export async function openSession(
  db: Database,
  agentId: string,
  kind: 'cookie' | 'bearer',
  event?: (sessionId: string) => Happening,
  place?: Place,
): Promise<NewSession> {
  const [id, token, fresh] = [newId('se'), newToken(), newToken()]
  const events = event ? [draft(event(id))] : []
  const places = place ? [place[0]] : []
  await db.query(made, [id, agentId, kind, tokenDigest(token), tokenDigest(fresh), JSON.stringify(events), places])
  const caller = await callerBy(db, token)
  if (!caller) throw new Error(`no session for ${agentId}`)
  return { token, caller, fresh }
}

const justMade = statement(
  'identity.just_signed_in',
  `
select from agent_session s join agent g on g.id = s.agent_id
 where s.id = $1 and ${lives}
   and (s.fresh_digest = $2 and s.opened_at > clock_timestamp() - interval '10 minutes'
     or $2 is null and g.password_hash is null and s.opened_at > clock_timestamp() - interval '5 minutes')`,
)

/**
 * Whether this session's sign-in just happened: shown by what its answer carried. Who has no password here, because they
 * sign in at their company's provider, has five minutes from there.
 */
export const justSignedIn = async (db: Database, caller: Caller, fresh: string | undefined): Promise<boolean> =>
  (await db.query(justMade, [caller.sessionId, fresh === undefined ? null : tokenDigest(fresh)])).length === 1

const ended = statement(
  'identity.end_session',
  `
with ended as (update agent_session set ended_at = app_now() where id = $1 and num_nulls(ended_at) = 1 returning id),
  ${recordedLoose('$2::jsonb', 'ended')}
select id from ended`,
)
const endedOthers = statement(
  'identity.end_other_sessions',
  `
with ended as (
    update agent_session set ended_at = app_now() where agent_id = $1 and ended_at is null and id is distinct from $2
    returning id),
  ${recordedLoose('$3::jsonb', 'ended')}
select id from ended`,
)
const expired = statement(
  'identity.end_expired',
  `
update agent_session set ended_at = app_now()
 where ended_at is null and (expires_at <= clock_timestamp()
    or (kind = 'cookie' and seen_at <= clock_timestamp() - interval '${idleMinutes} minutes'))
returning agent_id`,
)

const texts = (event: Happening): string => JSON.stringify([draft(event)])

/** Ends a session; whatever it had under way lapses by join. */
export async function endSession(db: Database, sessionId: string, event: Happening): Promise<void> {
  await db.query(ended, [sessionId, texts(event)])
}

/** Ends every session of an agent but `spared`; how many. */
export const endSessionsOf = async (
  db: Database,
  agentId: string,
  spared: string | undefined,
  event: Happening,
): Promise<number> => (await db.query(endedOthers, [agentId, spared ?? null, texts(event)])).length

/** Marks sessions that ran out, and says how many; the sweeper records what ended with them. */
export const endExpired = async (db: Database): Promise<number> => (await db.query(expired)).length

// ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Account {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly passwordHash: string | undefined
}
const account = statement(
  'identity.account',
  `select id, name, email, password_hash from agent where lower(email) = lower($1) and deactivated_at is null`,
)

/** The active agent with this e-mail. */
export async function accountBy(db: Database, email: string): Promise<Account | undefined> {
  const [row] = await db.query<{ id: string; name: string; email: string; password_hash: string | null }>(account, [
    email,
  ])
  return row && { id: row.id, name: row.name, email: row.email, passwordHash: row.password_hash ?? undefined }
}

const passwordSet = statement(
  'identity.set_password',
  `
with changed as (
    update agent set password_hash = $2, password_changed_at = clock_timestamp() where id = $1 and deactivated_at is null returning id),
  links as (update invite i set used_at = clock_timestamp() from changed where i.agent_id = changed.id and i.used_at is null),
  ${recordedLoose('$3::jsonb', 'changed')}
select id from changed`,
)
/** Sets the password; a sign-in link that somebody still has sets none after it. */
export const setPassword = (db: Database, agentId: string, passwordHash: string, event: Happening) =>
  db.query(passwordSet, [agentId, passwordHash, texts(event)])

export interface NewAgent {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly roles: readonly string[]
  readonly locale: 'en' | 'es'
  readonly password: string
}
const upserted = statement(
  'identity.upsert',
  `
insert into agent (id, name, email, phone, locale, roles, password_hash) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (lower(email)) do update set name = excluded.name, roles = excluded.roles, phone = excluded.phone
returning id`,
)

/** Keeps a sample agent; one with that e-mail keeps its id and password. */
export async function keepAgent(db: Database, agent: NewAgent): Promise<string> {
  const had = await accountBy(db, agent.email)
  const passwordHash = had ? '' : await hashed(agent.password)
  const [row] = await db.query<{ id: string }>(upserted, [
    newId('ag'),
    agent.name,
    agent.email,
    agent.phone,
    agent.locale,
    agent.roles,
    passwordHash,
  ])
  return row?.id ?? ''
}

const named = statement('identity.name', `select name from agent where id = $1`)
export const agentName = async (db: Database, id: string): Promise<string> =>
  (await db.query<{ name: string }>(named, [id]))[0]?.name ?? ''

const everySession = statement(
  'identity.end_every_session',
  `
with links as (update invite set used_at = clock_timestamp() where used_at is null),
  halves as (delete from enrolment)
update agent_session set ended_at = clock_timestamp() where ended_at is null`,
)

/** After a restore a sign-out or a used link would be undone: everybody signs in again, and no link opens anything. */
export async function endEverySession(db: Database): Promise<void> {
  await db.query(everySession)
}
