/**
 * Launches and surface sessions in SQL. Each act is one conditional statement whose rows are the verdict, and its event
 * is written in that statement. Nothing here ends with an assistance by being written: it all dies by join.
 */
import type { ConsentWay } from '@amparo/contract/words'
import { type Read, type Row, readingOf, readOf } from '../assistance/assistance.store.ts'
import type { Standing } from '../assistance/outside.ts'
import { lapsedNow } from '../assistance/reading.ts'
import { draft, type Happening } from '../audit/event.ts'
import { type CutsColumn, cutIn, cutsColumn, isCutNow } from '../cutoff/cutoff.store.ts'
import type { Wanted } from '../cutoff/cutoff.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, plain, recordedPlain } from '../desk/record.ts'
import { type AssistanceId, system } from '../words.ts'

/** True while surface session `s` of assistance `a` lives, by the database's clock. The only place that says so. */
export const lives = `s.closed_alone_at is null and a.state = 'active' and ${lapsedNow('a')} is null and not ${isCutNow('s.surface')}`

/** How long the surface has to come back with the hint, and the browser keeps its half. */
export const hintSeconds = 60

/** The assistance, locked, and the time read after the lock; no row in `alive` when it has ended by then. */
export const alive = `
  held as materialized (select * from assistance where id = $1 and state = 'active' for update),
  t as materialized (select app_now() as now from held),
  alive as materialized (
    select held.id, held.user_id, t.now from held, t where not exists (select from lapse(held, t.now)))`

/** Of what may have words. */
export const events = (event: Happening): string => JSON.stringify([draft(event)])

// ── Launches ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A launch as it stands now. What may be done with it is decided by the statements below, never from this. */
export interface Launch {
  readonly id: string
  readonly assistanceId: AssistanceId
  readonly agentId: string
  readonly surface: string
  readonly browserDigest: Uint8Array | null
  readonly taken: boolean
  readonly redeemed: boolean
  readonly void: boolean
  readonly alive: boolean
}

const launchBy = (column: 'ticket_digest' | 'hint_digest') =>
  statement(
    `surfaces.by_${column}`,
    `
with t as materialized (select app_now() as now)
select l.id, l.assistance_id as "assistanceId", a.agent_id as "agentId", l.surface, l.browser_digest as "browserDigest",
       l.taken_at is not null as taken, l.redeemed_at is not null as redeemed, l.void_at is not null as void,
       a.state = 'active' and not exists (select from lapse(a, t.now)) as alive
  from t, launch l join assistance a on a.id = l.assistance_id where l.${column} = $1`,
  )
const byTicket = launchBy('ticket_digest')
const byHint = launchBy('hint_digest')

export async function launchByTicket(db: Database, ticketDigest: Uint8Array): Promise<Launch | undefined> {
  return (await db.query<Launch>(byTicket, [ticketDigest]))[0]
}

export async function launchByHint(db: Database, hintDigest: Uint8Array): Promise<Launch | undefined> {
  return (await db.query<Launch>(byHint, [hintDigest]))[0]
}

const taken = statement(
  'surfaces.take',
  `
with ${alive},
  taken as (
    update launch l set taken_at = alive.now, browser_digest = $3, hint_digest = $4 from alive
     where l.id = $2 and l.assistance_id = alive.id and l.taken_at is null and l.void_at is null
       and l.expires_at > alive.now
    returning l.id, l.assistance_id),
  ${counted('taken')},
  ${recordedPlain('$5::jsonb')}
select id from taken`,
)

/** The ticket arrived: binds the launch to one browser and one hint, once. False: it cannot be taken (any more). */
export async function take(
  db: Database,
  launch: Launch,
  bound: { readonly browserDigest: Uint8Array; readonly hintDigest: Uint8Array },
  event: Happening,
): Promise<boolean> {
  const values = [launch.assistanceId, launch.id, bound.browserDigest, bound.hintDigest, plain(event)]
  return (await db.query(taken, values)).length === 1
}

// ── Surface sessions ────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Gives a living session its one token: `tokened` has a row where it had none and has not ended. For the issuer's statement.
 * An ending waits for it, or it for the ending: whichever comes second sees the other, so that a notice is there to fall due. Who
 * waited for the assistance has read the session before that: whether it was closed alone meanwhile is asked of the row that is written.
 */
export const tokened = (grantDigest: string, tokenDigest: string) => `
  lasting as materialized (
    select s.id, a.max_until from surface_session s join assistance a on a.id = s.assistance_id
     where s.grant_digest = ${grantDigest} and s.token_digest is null and ${lives} for share of a),
  tokened as (
    update surface_session s set token_digest = ${tokenDigest}, token_at = app_now() from lasting
     where s.id = lasting.id and s.token_digest is null and s.closed_alone_at is null
    returning s.id, lasting.max_until)`

const voided = statement(
  'surfaces.void_pending',
  `
with t as materialized (select app_now() as now),
  voided as (
    update launch l set void_at = t.now, void_because = case when l.ticket_digest is null then 'closed' end from t
     where l.assistance_id = $1 and l.surface = $2 and l.redeemed_at is null and l.void_at is null
    returning coalesce(l.taken_at + interval '${hintSeconds} seconds', l.expires_at) > t.now as pending)
select from voided where pending`,
)

const alone = statement(
  'surfaces.close_alone',
  `
with held as materialized (select id from assistance where id = $1 and state <> 'closed' for update),
  t as materialized (select app_now() as now from held),
  closed as (
    update surface_session s set closed_alone_at = t.now from held, t
     where s.assistance_id = held.id and (s.surface = $2 or s.id = $3) and s.closed_alone_at is null
    returning s.assistance_id),
  ${counted('closed')},
  ${recordedPlain('$4::jsonb')}
select from closed`,
)

/**
 * Closes one surface, the others stay. Launches on their way are voided first, in a statement of their own: whichever
 * of them was redeemed meanwhile has a session that the second statement sees.
 */
export async function closeAlone(
  db: Database,
  id: AssistanceId,
  surface: string,
  event: Happening,
): Promise<'closed' | 'voided' | 'nothing'> {
  const pending = await db.query(voided, [id, surface])
  const closed = await db.query(alone, [id, surface, null, plain(event)])
  if (closed.length > 0) return 'closed'
  return pending.length > 0 ? 'voided' : 'nothing'
}

const inCutSurfaces = statement(
  'surfaces.in_cut',
  `
with cut as materialized (
  select array_agg(target) as surfaces from cutoff
   where scope = 'surface' and lifted_at is null and coalesce(recorded_at, app_now()) > app_now() - interval '6 hours')
select distinct s.assistance_id as id, s.surface
  from cut cross join assistance a cross join lateral (
    select assistance_id, surface from surface_session
     where assistance_id = a.id and surface = any (cut.surfaces) and closed_alone_at is null limit 50) s
 where (select surfaces is not null from cut) and a.state = 'active' and a.closed_at is null`,
)

/**
 * Closes what is open in products that were switched off; how many of them. Nothing opens after a cut, so what was open then has
 * ended hours later, and one that stands for long costs nothing. Hours after it was written down: it may have been made long before.
 */
export async function closeCutSurfaces(db: Database): Promise<number> {
  let ended = 0
  for (const { id, surface } of await db.query<{ id: AssistanceId; surface: string }>(inCutSurfaces)) {
    const event = { type: 'surface.closed', actor: system('cutoff'), data: { surface, why: 'switched_off' } } as const
    if ((await closeAlone(db, id, surface, event)) !== 'nothing') ended += 1
  }
  return ended
}

/** Closes one session of a surface. False: it was closed already. */
export async function closeSession(
  db: Database,
  id: AssistanceId,
  sessionId: string,
  event: Happening,
): Promise<boolean> {
  return (await db.query(alone, [id, null, sessionId, plain(event)])).length > 0
}

// ── What became of them ─────────────────────────────────────────────────────────────────────────────────────────────

interface StandingRow {
  surface: string
  opened_at: Date
  token_at: Date | null
  closed_at: Date | null
  acked_at: Date | null
  dead_at: Date | null
  error: string | null
  acts: number
  last_act_at: Date | null
  device: string | null
}

const standings = statement(
  'surfaces.of',
  `
with t as materialized (select app_now() as now),
each as (
  select s.surface, s.opened_at, s.token_at, s.acts, s.last_act_at, s.device_name, n.error,
         least(s.token_at + interval '1 hour', a.max_until) as dead_at,
         coalesce(s.closed_alone_at, a.closed_at, l.at) as closed_at,
         case when s.token_at is null then coalesce(s.closed_alone_at, a.closed_at, l.at) else n.acked_at end as acked_at
    from t cross join assistance a join surface_session s on s.assistance_id = a.id
    left join notice n on n.surface_session_id = s.id
    left join lateral lapse(a, t.now) l on true
   where a.id = $1)
select surface, max(opened_at) as opened_at, max(token_at) as token_at,
       case when count(closed_at) = count(*) then max(closed_at) end as closed_at,
       case when count(acked_at) = count(*) then max(acked_at) end as acked_at,
       case when count(closed_at) = count(*) and max(dead_at) filter (where acked_at is null) <= app_now()
            then max(dead_at) filter (where acked_at is null) end as dead_at,
       max(error) filter (where acked_at is null) as error, sum(acts)::int as acts, max(last_act_at) as last_act_at,
       (array_agg(device_name order by token_at desc) filter (where token_at is not null))[1] as device
  from each group by surface`,
)

/** Each surface that was opened in this assistance, over all of its sessions. */
export async function surfacesOf(db: Database, id: AssistanceId): Promise<readonly Standing[]> {
  return (await db.query<StandingRow>(standings, [id])).map((row) => ({
    surface: row.surface,
    openedAt: row.opened_at,
    tokenAt: row.token_at ?? undefined,
    closedAt: row.closed_at ?? undefined,
    ackedAt: row.acked_at ?? undefined,
    deadAt: row.dead_at ?? undefined,
    error: row.error ?? undefined,
    acts: row.acts,
    lastActAt: row.last_act_at ?? undefined,
    device: row.device ?? undefined,
  }))
}

const toLaunch = statement(
  'surfaces.to_launch',
  readingOf(
    'a.id = $1',
    `
       (select json_build_object('terms', c.terms, 'termsDigest', encode(c.terms_digest, 'hex'), 'provedBy', c.proved_by,
                                 'codeId', coalesce(c.code_id, c.approval_id), 'mac', encode(c.mac, 'hex'))
          from consent c where c.assistance_id = a.id) as consent, ${cutsColumn},`,
  ),
)

/** The consent as it is kept; whether it is genuine is for the flow to judge. */
export interface Consent {
  readonly terms: string
  readonly termsDigest: Uint8Array
  readonly provedBy: ConsentWay
  readonly codeId: string
  readonly mac: Uint8Array
}
type ConsentColumn = (Omit<Consent, 'termsDigest' | 'mac'> & Record<'termsDigest' | 'mac', string>) | null

/** What a launch is judged by. */
export interface ToLaunch {
  readonly read: Read
  readonly consent: Consent | undefined
  isCut(wanted: Wanted): boolean
}

/** One assistance as it stands now, with its consent and what is switched off, in one reading. */
export async function readToLaunch(db: Database, id: AssistanceId): Promise<ToLaunch | undefined> {
  const [row] = await db.query<Row & { consent: ConsentColumn; cuts: CutsColumn }>(toLaunch, [id])
  if (!row) return undefined
  const { consent, cuts } = row
  const bytes = (hex: string) => Buffer.from(hex, 'hex')
  return {
    read: readOf(row),
    consent: consent ? { ...consent, termsDigest: bytes(consent.termsDigest), mac: bytes(consent.mac) } : undefined,
    isCut: (wanted) => cutIn(cuts, wanted),
  }
}
