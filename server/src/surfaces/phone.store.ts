/**
 * Launches on phones in SQL. As with tickets, each act is one conditional statement under the assistance's lock, judged by
 * the database's clock, with its event in it: of twenty phones that come at once, one has the row.
 */
import type { Language } from '@amparo/contract/words'
import type { Happening } from '../audit/event.ts'
import { goOnSeconds, matchSeconds } from '../codes/handle.ts'
import { isCutNow } from '../cutoff/cutoff.store.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import { type AssistanceId, known } from '../words.ts'
import type { PhoneRow } from './phone.ts'
import { alive, events } from './surfaces.store.ts'

const row = `
       l.id, l.surface, l.created_at as "createdAt", l.expires_at as "expiresAt", l.taken_at as "claimedAt",
       l.browser_digest as "phoneDigest", l.device_name as "deviceName", l.key_thumbprint as "keyThumbprint",
       l.key_known as "keyKnown", l.matched_at as "matchedAt", l.redeemed_at as "redeemedAt", l.void_at as "voidAt",
       l.void_because as "voidBecause", s.id as "sessionId", s.token_at as "openedAt", s.closed_alone_at as "closedAloneAt",
       coalesce(a.closed_at, e.at) as "endedAt", ${isCutNow('l.surface')} as "switchedOff", t.now,
       (select count(*)::int from launch w where w.assistance_id = a.id and w.surface = l.surface
           and w.void_because = 'wrong_digits') as mismatches`
const joined = `
  join assistance a on a.id = l.assistance_id
  left join surface_session s on s.launch_id = l.id
  left join lateral lapse(a, t.now) e on true`

const one = statement(
  'phones.one',
  `with t as materialized (select app_now() as now)
select ${row} from t cross join launch l ${joined}
 where l.id = $2 and l.assistance_id = $1 and l.ticket_digest is null`,
)

/** One launch on a phone as it stands now; undefined where this assistance has no such launch. */
export async function phoneRow(db: Database, id: AssistanceId, launchId: string): Promise<PhoneRow | undefined> {
  return (await db.query<PhoneRow>(one, [id, launchId]))[0]
}

/** What a handle leads to, for whoever comes with it. */
export interface Handled extends PhoneRow {
  readonly assistanceId: AssistanceId
  readonly agentId: string
  /** Its time has come, and has gone. */
  readonly begun: boolean
  readonly over: boolean
}

const byHandle = statement(
  'phones.by_handle',
  `with t as materialized (select app_now() as now)
select ${row}, a.id as "assistanceId", a.agent_id as "agentId", h.valid_from <= t.now as begun, h.valid_until <= t.now as over
  from t cross join handle h join launch l on l.id = h.launch_id ${joined}
 where h.digest = $1`,
)

export async function launchByHandle(db: Database, digest: Uint8Array): Promise<Handled | undefined> {
  const [found] = await db.query<Handled & { assistanceId: string }>(byHandle, [digest])
  return found && { ...found, assistanceId: known.assistance(found.assistanceId) }
}

const mismatched = statement(
  'phones.mismatches',
  `select count(*)::int as count from launch where assistance_id = $1 and surface = $2 and void_because = 'wrong_digits'`,
)

/** How often the digits were wrong for this surface in this assistance. */
export const mismatches = async (db: Database, id: AssistanceId, surface: string): Promise<number> =>
  (await db.query<{ count: number }>(mismatched, [id, surface]))[0]?.count ?? 0

/** An act on one launch: `change` of `l` where `when` holds; `$1` assistance, `$2` launch, `$3` events, then its own. */
const act = (name: string, change: string, when: string, more = '') =>
  statement(
    `phones.${name}`,
    `
with ${alive},
  acted as (
    update launch l set ${change} from alive
     where l.id = $2 and l.assistance_id = alive.id and l.ticket_digest is null and l.void_at is null and ${when}
    returning l.*, alive.now, alive.user_id)${more},
  ${counted('acted', 'jsonb_array_length($3::jsonb)')},
  ${recorded('$3::jsonb')}
select id from acted`,
  )

const claimed = act(
  'claim',
  `taken_at = alive.now, browser_digest = $5, key_thumbprint = $6, device_name = $7,
   key_known = exists (select from agent_phone k join assistance a on a.id = $1 where k.agent_id = a.agent_id and k.key_thumbprint = $6)`,
  `l.taken_at is null and l.surface = $8 and l.expires_at > alive.now and not ${isCutNow('l.surface')} and exists (
      select from handle h where h.digest = $4 and h.launch_id = l.id and h.valid_from <= alive.now and h.valid_until > alive.now)`,
)

export interface Claim {
  readonly handleDigest: Uint8Array
  readonly phoneDigest: Uint8Array
  readonly keyThumbprint: string
  readonly deviceName: string
  readonly surface: string
}

/** Makes the launch this phone's, once. False: it is another's, or can no longer be had. */
export async function claimLaunch(db: Database, launch: Handled, claim: Claim, event: Happening): Promise<boolean> {
  const rows = await db.query(claimed, [
    launch.assistanceId,
    launch.id,
    events(event),
    claim.handleDigest,
    claim.phoneDigest,
    claim.keyThumbprint,
    claim.deviceName,
    claim.surface,
  ])
  return rows.length === 1
}

const inTime = `l.taken_at > alive.now - interval '${matchSeconds} seconds' and l.matched_at is null and not ${isCutNow('l.surface')}`
const matched = act('match', 'matched_at = alive.now', inTime)
const missed = act('mismatch', `void_at = alive.now, void_because = 'wrong_digits'`, inTime)

/** The agent's one try: right, the phone may go on; wrong, the launch is void. False: there was no try to be had. */
export const settleMatch = async (
  db: Database,
  id: AssistanceId,
  launchId: string,
  right: boolean,
  event: Happening,
): Promise<boolean> => (await db.query(right ? matched : missed, [id, launchId, events(event)])).length === 1

const declined = act(
  'decline',
  `void_at = alive.now, void_because = 'declined'`,
  'l.browser_digest = $4 and l.redeemed_at is null',
)

/** *Not me*, from the phone that claimed it. */
export const declineLaunch = async (
  db: Database,
  launch: Pick<Handled, 'assistanceId' | 'id'>,
  phoneDigest: Uint8Array,
  event: Happening,
): Promise<boolean> =>
  (await db.query(declined, [launch.assistanceId, launch.id, events(event), phoneDigest])).length === 1

const voided = act('close', `void_at = alive.now, void_because = 'closed'`, 'l.redeemed_at is null')

/** Closes a launch that has opened nothing yet. False: it has, or it is closed. */
export const voidLaunch = async (
  db: Database,
  id: AssistanceId,
  launchId: string,
  event: Happening,
): Promise<boolean> => (await db.query(voided, [id, launchId, events(event)])).length === 1

const redeemed = act(
  'redeem',
  'redeemed_at = alive.now',
  `l.browser_digest = $4 and l.redeemed_at is null and l.matched_at > alive.now - interval '${goOnSeconds} seconds'
      and not ${isCutNow('l.surface')}`,
  `,
  opened as (
    insert into surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, grant_digest, opened_at, key_thumbprint, device_name)
    select $5, x.id, x.assistance_id, x.surface, case when x.key_known then 'agent_device' else 'phone' end, x.user_id, $6, $7,
           x.now, x.key_thumbprint, x.device_name from acted x
    returning id),
  used as (
    insert into agent_phone as k (agent_id, key_thumbprint, name, first_at, last_at)
    select a.agent_id, x.key_thumbprint, x.device_name, x.now, x.now from acted x join assistance a on a.id = x.assistance_id
    on conflict (agent_id, key_thumbprint) do update set name = excluded.name, last_at = excluded.last_at)`,
)

export interface PhoneRedemption {
  readonly phoneDigest: Uint8Array
  readonly sessionId: string
  readonly sid: string
  readonly grantDigest: Uint8Array
}

/** The phone goes on after its digits were typed: opens its session, once. From then on the agent's phone is known. */
export const redeemOnPhone = async (
  db: Database,
  launch: Pick<Handled, 'assistanceId' | 'id'>,
  { phoneDigest, sessionId, sid, grantDigest }: PhoneRedemption,
  event: Happening,
): Promise<boolean> => {
  const values = [launch.assistanceId, launch.id, events(event), phoneDigest, sessionId, sid, grantDigest]
  return (await db.query(redeemed, values)).length === 1
}

const addressed = statement('phones.address', `select email, locale, clock_timestamp() as now from agent where id = $1`)

/** Where this agent reads their mail. */
export const agentAddress = async (db: Database, agentId: string) =>
  (await db.query<{ email: string; locale: Language; now: Date }>(addressed, [agentId]))[0]

const sentBefore = statement(
  'phones.sent',
  `
select count(*)::int as count, max(h.valid_from) as "lastAt", app_now() as now
  from handle h join launch l on l.id = h.launch_id where l.assistance_id = $1 and h.kind = 'sent'`,
)

/** How often the link was sent in this assistance, and when last. */
export async function linksSent(db: Database, id: AssistanceId): Promise<{ count: number; lastAt: Date | null }> {
  return (await db.query<{ count: number; lastAt: Date | null }>(sentBefore, [id]))[0] ?? { count: 0, lastAt: null }
}

const forgotten = statement(
  'phones.forget',
  `delete from handle where valid_until < (select app_now()) - interval '1 day' returning kind`,
)

/** Removes handles that nobody could use for a day. */
export const forgetHandles = async (db: Database): Promise<number> => (await db.query(forgotten)).length
