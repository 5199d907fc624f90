/** An agent's own factors in SQL: passkeys, the authenticator app, and what is under way between two calls. */
import type { FactorsSeen } from '@amparo/contract/factors'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import type { Caller } from '../door.ts'
import { newId, type Secrets, tokenDigest } from '../secrets.ts'
import type { Device, Made, Passkey } from './passkey.ts'

const texts = (event: Happening): string => JSON.stringify([draft(event)])

interface PasskeyRow {
  id: string
  agent_id: string
  credential_id: Buffer
  public_key: Buffer
  counter: string
  device: Device
  transports: string[]
}
const passkeyOf = (row: PasskeyRow): Passkey => ({
  id: row.id,
  credentialId: row.credential_id,
  publicKey: row.public_key,
  counter: Number(row.counter),
  device: row.device,
  transports: row.transports,
})

const columns = 'id, agent_id, credential_id, public_key, counter, device, transports'
const ofAgent = statement('factors.passkeys', `select ${columns} from passkey where agent_id = $1 order by made_at, id`)
const byCredential = statement(
  'factors.passkey_by_credential',
  `select ${columns} from passkey where agent_id = $1 and credential_id = $2`,
)

export const passkeysOf = async (db: Database, agentId: string): Promise<readonly Passkey[]> =>
  (await db.query<PasskeyRow>(ofAgent, [agentId])).map(passkeyOf)

/** This agent's passkey of that name; another agent's is nobody's. */
export async function passkeyBy(db: Database, agentId: string, credentialId: string): Promise<Passkey | undefined> {
  const [row] = await db.query<PasskeyRow>(byCredential, [agentId, Buffer.from(credentialId, 'base64url')])
  return row && passkeyOf(row)
}

const counted = statement(
  'factors.passkey_used',
  `
update passkey set counter = $2, backed_up = $3, used_at = clock_timestamp()
 where id = $1 and (counter < $2 or counter = 0 and $2 = 0) returning id`,
)

/** Keeps the counter of an answer. False where another answer was there first: then this one is a copy's. */
export const passkeyUsed = async (
  db: Database,
  passkey: Passkey,
  now: { readonly counter: number; readonly backedUp: boolean },
): Promise<boolean> => (await db.query(counted, [passkey.id, now.counter, now.backedUp])).length === 1

const mostPasskeys = 10
const kept = statement(
  'factors.keep_passkey',
  `
with kept as (
    insert into passkey (id, agent_id, credential_id, public_key, counter, device, backed_up, transports, name)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (credential_id) do nothing returning id),
  ${recordedLoose('$10::jsonb', 'kept')}
select id from kept`,
)
export const newPasskeyId = (): string => newId('pk')

/** Keeps a passkey; false where it is somebody's already. */
export async function keepPasskey(
  db: Database,
  id: string,
  agentId: string,
  name: string,
  passkey: Made,
  event: Happening,
): Promise<boolean> {
  const rows = await db.query<{ id: string }>(kept, [
    id,
    agentId,
    Buffer.from(passkey.credentialId),
    Buffer.from(passkey.publicKey),
    passkey.counter,
    passkey.device,
    passkey.backedUp,
    passkey.transports,
    name,
    texts(event),
  ])
  return rows.length === 1
}
export const hasRoom = (had: readonly Passkey[]): boolean => had.length < mostPasskeys

const renamed = statement(
  'factors.rename_passkey',
  `
with renamed as (update passkey set name = $3 where id = $1 and agent_id = $2 returning id),
  ${recordedLoose('$4::jsonb', 'renamed')}
select id from renamed`,
)
export const renamePasskey = async (
  db: Database,
  agentId: string,
  id: string,
  name: string,
  event: Happening,
): Promise<boolean> => (await db.query(renamed, [id, agentId, name, texts(event)])).length === 1

const removed = statement(
  'factors.remove_passkey',
  `
with removed as (delete from passkey where id = $1 and agent_id = $2 returning name),
  ${recordedLoose('$3::jsonb', 'removed')}
select name from removed`,
)
/** Removes a passkey and tells its name; undefined where there is none. */
export const removePasskey = async (
  db: Database,
  agentId: string,
  id: string,
  event: Happening,
): Promise<string | undefined> => (await db.query<{ name: string }>(removed, [id, agentId, texts(event)]))[0]?.name

// ── The authenticator app ───────────────────────────────────────────────────────────────────────────────────────────

const appKept = statement(
  'factors.keep_totp',
  `
with kept as (
    insert into totp (agent_id, sealed, last_step) values ($1, $2, $3)
    on conflict (agent_id) do update set sealed = excluded.sealed, last_step = excluded.last_step, failures = 0,
       made_at = clock_timestamp(), used_at = null
    returning agent_id),
  ${recordedLoose('$4::jsonb', 'kept')}
select from kept`,
)
const appRemoved = statement(
  'factors.remove_totp',
  `
with removed as (delete from totp where agent_id = $1 returning agent_id),
  ${recordedLoose('$2::jsonb', 'removed')}
select from removed`,
)

/** What a secret is sealed for: it opens for its own agent only. */
export const sealedFor = (agentId: string): string => `totp/${agentId}`

/** Keeps the secret of an authenticator app; `step` is spent. It takes the place of a former one. */
export const keepTotp = (db: Database, agentId: string, sealed: Buffer, step: number, event: Happening) =>
  db.query(appKept, [agentId, sealed, step, texts(event)])
export const removeTotp = async (db: Database, agentId: string, event: Happening): Promise<boolean> =>
  (await db.query(appRemoved, [agentId, texts(event)])).length === 1

const appSealed = statement('factors.totp_sealed', 'select sealed from totp where agent_id = $1')
/** Whether this agent's app was sealed with a key that only another server has yet: no code of it can be judged here. */
export async function appIsElsewhere(db: Database, secrets: Secrets, agentId: string): Promise<boolean> {
  const [app] = await db.query<{ sealed: Buffer }>(appSealed, [agentId])
  return app !== undefined && !secrets.hasKeyOf(app.sealed)
}

const appGiven = statement(
  'factors.give_totp',
  `insert into totp (agent_id, sealed, last_step) values ($1, $2, 0) on conflict (agent_id) do nothing`,
)
/** Gives a sample agent of a demo an app whose secret is known; one that is there stays. */
export const giveTotp = (db: Database, secrets: Secrets, agentId: string, secret: string) =>
  db.query(appGiven, [agentId, secrets.seal(secret, sealedFor(agentId))])

/** Wrong codes one after another that switch an authenticator app off, over all assistances (SP 800-63B-4 §3.2.2). */
export const totpFailuresInAll = 100

const appPaid = statement(
  'factors.pay_for_totp',
  `
update totp set failures = failures + 1 where agent_id = $1 and failures < ${totpFailuresInAll}
returning sealed, extract(epoch from clock_timestamp())::float8 as seconds`,
)
const appSpent = statement(
  'factors.spend_totp',
  `
update totp set last_step = $2, failures = 0, used_at = clock_timestamp() where agent_id = $1 and last_step < $2
returning agent_id`,
)

/** Pays for a look at a code, outside of an assistance; undefined where there is no app that still counts. */
export const payForTotp = async (db: Database, agentId: string) =>
  (await db.query<{ sealed: Buffer; seconds: number }>(appPaid, [agentId]))[0]
/** Spends a step, once. */
export const spendTotp = async (db: Database, agentId: string, step: number): Promise<boolean> =>
  (await db.query(appSpent, [agentId, step])).length === 1

// ── Under way between two calls ─────────────────────────────────────────────────────────────────────────────────────

export type Enrolment = 'passkey' | 'totp' | 'fresh'

const begun = statement(
  'factors.begin',
  `
with former as (update enrolment set used_at = clock_timestamp() where session_id = $2 and kind = $3 and used_at is null)
insert into enrolment (digest, session_id, kind, sealed, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5::float8 / 1000)) returning expires_at`,
)
/** Begins something in this session; what was begun of its kind before is over. */
export async function begin(
  db: Database,
  caller: Caller,
  kind: Enrolment,
  it: { readonly digest: Buffer; readonly sealed?: Buffer; readonly ms: number },
): Promise<Date> {
  const [row] = await db.query<{ expires_at: Date }>(begun, [
    it.digest,
    caller.sessionId,
    kind,
    it.sealed ?? null,
    it.ms,
  ])
  if (!row) throw new Error('nothing was begun')
  return row.expires_at
}

const spent = statement(
  'factors.spend',
  `
update enrolment set used_at = clock_timestamp()
 where session_id = $1 and kind = $2 and digest = $3 and used_at is null and expires_at > clock_timestamp()
returning digest`,
)
/** Ends what was begun in this session with that digest, once and in time. */
export const spend = async (db: Database, caller: Caller, kind: Enrolment, digest: Buffer): Promise<boolean> =>
  (await db.query(spent, [caller.sessionId, kind, digest])).length === 1

const waiting = statement(
  'factors.waiting',
  `
select digest, sealed, extract(epoch from clock_timestamp())::float8 as seconds from enrolment
 where session_id = $1 and kind = $2 and used_at is null and expires_at > clock_timestamp() order by made_at desc limit 1`,
)
/** The secret that waits in this session for a code of it. */
export const waitingSecret = async (db: Database, caller: Caller) =>
  (await db.query<{ digest: Buffer; sealed: Buffer; seconds: number }>(waiting, [caller.sessionId, 'totp']))[0]

const old = statement('factors.forget', `delete from enrolment where expires_at < clock_timestamp() - interval '1 day'`)
export const forgetEnrolments = (db: Database) => db.query(old)

// ── What is shown of them ───────────────────────────────────────────────────────────────────────────────────────────

const shown = statement(
  'factors.shown',
  `
select coalesce((select json_agg(json_build_object('id', p.id, 'name', p.name, 'createdAt', rfc3339(p.made_at), 'lastUsedAt', rfc3339(p.used_at))
                   order by p.made_at, p.id) from passkey p where p.agent_id = g.id), '[]') as passkeys,
       exists (select from totp t where t.agent_id = g.id and t.failures < ${totpFailuresInAll}) as totp,
       g.password_hash is not null as has_password,
       coalesce(g.passkey_offered_at < clock_timestamp() - interval '14 days', true) as may_offer,
       s.failed_before
  from agent g join agent_session s on s.agent_id = g.id where s.id = $1`,
)
interface Shown {
  passkeys: { id: string; name: string; createdAt: string; lastUsedAt: string | null }[]
  totp: boolean
  has_password: boolean
  may_offer: boolean
  failed_before: { count: number; since: string; lastAt: string; lastFrom?: string } | null
}

export interface FactorsShown {
  readonly factors: FactorsSeen
  readonly hasPassword: boolean
  readonly mayOffer: boolean
  readonly failedBefore: NonNullable<Shown['failed_before']> | undefined
}
/** What an agent is shown of their own factors, and of the sign-in that opened this session. */
export async function factorsShown(db: Database, caller: Caller): Promise<FactorsShown> {
  const [row] = await db.query<Shown>(shown, [caller.sessionId])
  if (!row) throw new Error(`no session ${caller.sessionId}`)
  return {
    factors: {
      passkeys: row.passkeys.map(({ lastUsedAt, ...one }) => ({ ...one, ...(lastUsedAt ? { lastUsedAt } : {}) })),
      totp: row.totp,
    },
    hasPassword: row.has_password,
    mayOffer: row.may_offer,
    failedBefore: row.failed_before ?? undefined,
  }
}

const later = statement('factors.offer_later', `update agent set passkey_offered_at = clock_timestamp() where id = $1`)
export const offerLater = (db: Database, agentId: string) => db.query(later, [agentId])

/** A digest for what nobody is ever shown. */
export const unseenDigest = (): Buffer => tokenDigest(newId('rq'))
