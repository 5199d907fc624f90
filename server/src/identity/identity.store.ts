/** Agents with embedded accounts, and the sessions at the desk. A session's token is kept only as a digest. */

import { type Role, roles } from '@amparo/contract/words'
import { hash, verify } from '@node-rs/argon2'
import { type Database, statement } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import type { Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newId, newToken, type Secrets, tokenDigest } from '../secrets.ts'
import { known, system } from '../words.ts'

const sessionHours = 12
const idleMinutes = 60
const failuresAllowed = 10
const lockMinutes = 15

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

const isRole = (word: string): word is Role => roles.some((role) => role === word)

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

/** True while session `s` of agent `g` lives. The only place that says so. */
const lives = `s.ended_at is null and s.expires_at > clock_timestamp() and g.deactivated_at is null
   and (s.kind = 'bearer' or s.seen_at > clock_timestamp() - interval '${idleMinutes} minutes')`

const bySession = statement(
  'identity.by_session',
  `
select s.id as session_id, s.kind, s.expires_at, g.id as agent_id, g.name, g.email, g.phone, g.locale, g.roles,
       s.seen_at < clock_timestamp() - interval '1 minute' as stale
  from agent_session s join agent g on g.id = s.agent_id
 where s.token_digest = $1 and ${lives}`,
)
const seen = statement(
  'identity.seen',
  `update agent_session set seen_at = clock_timestamp() where id = $1 and ended_at is null`,
)

/** Who this token belongs to, while their session lives; each use keeps a session from going idle. */
export async function callerBy(db: Database, token: string): Promise<Caller | undefined> {
  const [row] = await db.query<CallerRow & { stale: boolean }>(bySession, [tokenDigest(token)])
  if (row?.stale) await db.query(seen, [row.session_id])
  return row ? callerOf(row) : undefined
}

const living = statement(
  'identity.is_signed_in',
  `select from agent_session s join agent g on g.id = s.agent_id where s.id = $1 and ${lives}`,
)

/** Whether this caller's session still lives; asking is no use of it. */
export const isSignedIn = async (db: Database, caller: Caller): Promise<boolean> =>
  (await db.query(living, [caller.sessionId])).length === 1

const paidFor = statement(
  'identity.pay_for_sign_in',
  `
insert into sign_in_tries as s (email_digest, failures) values ($1, 1)
on conflict (email_digest) do update
   set tried_at = clock_timestamp(),
       failures = case when s.until <= clock_timestamp() then 1 else s.failures + 1 end,
       until = case when s.until <= clock_timestamp() then null
                    when s.failures + 1 >= ${failuresAllowed} then coalesce(s.until, clock_timestamp() + interval '${lockMinutes} minutes')
                    else s.until end
 where s.until is null or s.until <= clock_timestamp()
returning failures`,
)
const lockedUntil = statement('identity.locked_until', `select until from sign_in_tries where email_digest = $1`)
const forgiven = statement('identity.forgive', `delete from sign_in_tries where email_digest = $1`)
const account = statement(
  'identity.account',
  `
select id, password_hash from agent where lower(email) = lower($1) and deactivated_at is null and password_hash is not null`,
)

const decoy = await hash('nobody has this password')

/**
 * Signs an agent in: password by argon2id, paid for before it is looked at; known and unknown e-mails take the same
 * time. Ten failures lock an e-mail for 15 minutes.
 */
export async function signIn(
  db: Database,
  secrets: Secrets,
  email: string,
  password: string,
): Promise<Outcome<{ token: string; caller: Caller }, 'agent.wrong_sign_in' | 'rate.limited'>> {
  const digest = secrets.digest('email', `agent/${email.toLowerCase()}`)
  const [paid] = await db.query(paidFor, [digest])
  if (!paid) {
    const [lock] = await db.query<{ until: Date }>(lockedUntil, [digest])
    return refuse('rate.limited', { retryAt: lock?.until.toISOString() })
  }
  const [found] = await db.query<{ id: string; password_hash: string }>(account, [email])
  const right = await verify(found?.password_hash ?? decoy, password)
  if (!found || !right) {
    await noteLoose(db, {
      type: 'agent.sign_in_failed',
      actor: found ? { kind: 'agent', id: found.id } : system('sign-in'),
      words: { email },
    })
    return refuse('agent.wrong_sign_in')
  }
  await db.query(forgiven, [digest])
  const opened = await openSession(db, found.id, 'cookie')
  await noteLoose(db, {
    type: 'agent.signed_in',
    actor: { kind: 'agent', id: found.id },
    data: { session: opened.caller.sessionId },
  })
  return accept(opened)
}

const made = statement(
  'identity.open_session',
  `
insert into agent_session (id, agent_id, kind, token_digest, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + interval '${sessionHours} hours')`,
)

/** A new session for an agent; the token is told once and kept as a digest. */
export async function openSession(db: Database, agentId: string, kind: 'cookie' | 'bearer') {
  const token = newToken()
  await db.query(made, [newId('se'), agentId, kind, tokenDigest(token)])
  const caller = await callerBy(db, token)
  if (!caller) throw new Error(`no session for ${agentId}`)
  return { token, caller }
}

const ended = statement(
  'identity.end_session',
  `update agent_session set ended_at = app_now() where id = $1 and ended_at is null`,
)
const expired = statement(
  'identity.end_expired',
  `
update agent_session set ended_at = app_now()
 where ended_at is null and (expires_at <= clock_timestamp()
    or (kind = 'cookie' and seen_at <= clock_timestamp() - interval '${idleMinutes} minutes'))
returning agent_id`,
)

/** Ends a session; whatever it had under way lapses by join. */
export async function endSession(db: Database, caller: Caller): Promise<void> {
  await db.query(ended, [caller.sessionId])
  await noteLoose(db, {
    type: 'agent.signed_out',
    actor: { kind: 'agent', id: caller.agentId },
    data: { session: caller.sessionId },
  })
}

const forgotten = statement(
  'identity.forget_tries',
  `delete from sign_in_tries where tried_at < clock_timestamp() - interval '1 day'`,
)

/** Forgets failed sign-ins of more than a day ago, of known and unknown e-mails alike. */
export const forgetTries = (db: Database) => db.query(forgotten)

/** Marks sessions that ran out, and says how many; the sweeper records what ended with them. */
export const endExpired = async (db: Database): Promise<number> => (await db.query(expired)).length

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

/** Keeps an embedded account; one with that e-mail keeps its id and password. */
export async function keepAgent(db: Database, agent: NewAgent): Promise<string> {
  const [had] = await db.query<{ id: string }>(account, [agent.email])
  const passwordHash = had ? '' : await hash(agent.password)
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
