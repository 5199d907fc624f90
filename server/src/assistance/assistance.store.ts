/** Assistances in SQL: opening one, reading one, and the hold in which every step works. */
import type { EcosystemSeen, UserSeen } from '@amparo/contract/people'
import type {
  AgentMethod,
  Because,
  Bilingual,
  ClosureReason,
  Outcome as Ending,
  Kind,
  Power,
  ReasonCode,
  State,
} from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import type { News } from '../bell.ts'
import {
  type FloodColumn,
  floodColumn,
  floodedFrom,
  type LocksColumn,
  lockedFrom,
  lockedUntil,
  locksColumn,
  type Sent,
  type SentColumn,
  sentColumn,
  sentFrom,
} from '../codes/code.store.ts'
import type { CodePurpose } from '../codes/code.ts'
import { type CutsColumn, cutIn, cutsColumn, isAllCutNow, isCut } from '../cutoff/cutoff.store.ts'
import type { Wanted } from '../cutoff/cutoff.ts'
import { type Database, isSerializationTrouble, isUniqueViolation, statement } from '../database/database.ts'
import { type Desk, isEmpty, newsOf, stage } from '../desk/desk.ts'
import { settleAgent, settleOne } from '../desk/endings.ts'
import { type Flushed, flush } from '../desk/flush.ts'
import { note } from '../desk/note.ts'
import { recorded } from '../desk/record.ts'
import { surely } from '../desk/surely.ts'
import { type Outcome, refuse } from '../outcome.ts'
import { helpedColumn, latelyOf } from '../oversight/watch.store.ts'
import { type Actor, type AgentId, type AssistanceId, known, type SessionId } from '../words.ts'
import type { Assistance, Closed, Living } from './assistance.ts'
import { readingColumns } from './reading.ts'

export interface Row {
  id: string
  kind: Kind
  version: number
  agent_id: string
  agent_name: string
  agent_session_id: string
  email_asked: string
  reason_code: ReasonCode
  reason_name: Bilingual | null
  reason_line: string | null
  caller: string | null
  ticket: string | null
  state: State
  opened_at: Date
  link_digest: Buffer
  user_seen_at: Date
  agent_method: AgentMethod | null
  max_until: Date | null
  broken_by: string | null
  handed_from: string | null
  offered_at: Date | null
  warned_for: Date | null
  lookups: number
  user_id: string | null
  seen: { user: UserSeen; ecosystems: EcosystemSeen[] } | null
  ecosystem_id: string | null
  surfaces: string[] | null
  powers: Power
  length_minutes: number
  consented_at: Date | null
  because: Because | null
  closed_at: Date | null
  closed_in: Exclude<State, 'closed'> | null
  outcome: Ending | null
  closure_reason: ClosureReason | null
  lapsed_because: Because | null
  lapsed_at: Date | null
  now: Date
  idle_at: Date
  warn_at: Date
}

/** An assistance as it stands at `now`: what has lapsed is closed here, whether or not anybody recorded it. */
export interface Read {
  readonly assistance: Assistance
  readonly agentName: string
  /** True where the row itself does not say yet that it is closed. */
  readonly unrecorded: boolean
  readonly now: Date
  readonly idleAt: Date
  readonly warnAt: Date
  readonly maxAt?: Date
}

/** The columns and joins of every reading: the row, the time, and what has lapsed by then. */
export const readingOf = (where: string, more = ''): string => `
with t as materialized (select app_now() as now)
select ${readingColumns},${more}
       l.because as lapsed_because, l.at as lapsed_at
  from t cross join assistance a left join lateral lapse(a, t.now) l on true
 where ${where}`

const one = statement('assistance.one', readingOf('a.id = $1'))

const present = <T>(value: T | null): T | undefined => value ?? undefined

function factsOf(row: Row) {
  const line = present(row.reason_line)
  return {
    id: known.assistance(row.id),
    kind: row.kind,
    version: row.version,
    agentId: known.agent(row.agent_id),
    agentSessionId: known.session(row.agent_session_id),
    emailAsked: row.email_asked,
    reason: {
      code: row.reason_code,
      ...(row.reason_name === null ? {} : { name: row.reason_name }),
      ...(line === undefined ? {} : { line }),
    },
    ...(row.caller === null ? {} : { caller: row.caller }),
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    openedAt: row.opened_at,
    linkDigest: row.link_digest,
    userSeenAt: row.user_seen_at,
    ...(row.agent_method === null ? {} : { agentMethod: row.agent_method }),
    lookups: row.lookups,
    ...(row.warned_for === null ? {} : { warnedFor: row.warned_for }),
    ...(row.surfaces === null ? {} : { surfaces: row.surfaces }),
    powers: row.powers,
    lengthMinutes: row.length_minutes,
    ...(row.handed_from === null ? {} : { handedFrom: known.assistance(row.handed_from) }),
    ...(row.offered_at === null ? {} : { offeredAt: row.offered_at }),
  }
}

function foundOf(row: Row) {
  if (!row.seen) return undefined
  return { ...(row.user_id === null ? {} : { userId: known.user(row.user_id) }), ...row.seen }
}

function closedOf(row: Row, closedIn: Exclude<State, 'closed'>, because: Because, closedAt: Date): Closed {
  const found = foundOf(row)
  return {
    ...factsOf(row),
    state: 'closed',
    ...(found ? { found } : {}),
    ...(row.user_id === null ? {} : { userId: known.user(row.user_id) }),
    ...(row.ecosystem_id === null ? {} : { ecosystemId: known.ecosystem(row.ecosystem_id) }),
    because,
    closedAt,
    closedIn,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.closure_reason === null ? {} : { closureReason: row.closure_reason }),
    ...(row.consented_at === null ? {} : { consentedAt: row.consented_at }),
  }
}

/** A row as a state. A row that fits none is a breakage: it is thrown, not guessed at. */
function assistanceOf(row: Row): Assistance {
  const { state } = row
  if (state === 'closed') {
    if (!row.closed_in || !row.because || !row.closed_at) throw new Error(`closed without a cause: ${row.id}`)
    return closedOf(row, row.closed_in, row.because, row.closed_at)
  }
  if (row.lapsed_because && row.lapsed_at) return closedOf(row, state, row.lapsed_because, row.lapsed_at)
  const facts = factsOf(row)
  const found = foundOf(row)
  const ecosystemId = row.ecosystem_id === null ? undefined : known.ecosystem(row.ecosystem_id)
  if (state === 'agent_verification') return { ...facts, state }
  if (state === 'user_lookup') {
    return { ...facts, state, ...(found ? { found } : {}), ...(ecosystemId ? { ecosystemId } : {}) }
  }
  if (!found?.userId || !ecosystemId) throw new Error(`${state} without a user or an ecosystem: ${row.id}`)
  const agreed = { ...facts, found, userId: found.userId, ecosystemId }
  if (state === 'consent') return { ...agreed, state }
  if (!row.consented_at || !row.max_until) throw new Error(`active without a consent: ${row.id}`)
  const broken = row.broken_by === null ? {} : { brokenBy: row.broken_by }
  return { ...agreed, state, consentedAt: row.consented_at, maxUntil: row.max_until, ...broken }
}

export const readOf = (row: Row): Read => ({
  assistance: assistanceOf(row),
  agentName: row.agent_name,
  unrecorded: row.state !== 'closed' && row.lapsed_because !== null,
  now: row.now,
  idleAt: row.idle_at,
  warnAt: row.warn_at,
  ...(row.max_until === null ? {} : { maxAt: row.max_until }),
})

/** One assistance as it stands now. Reads never write. */
export async function read(db: Database, id: AssistanceId): Promise<Read | undefined> {
  const [row] = await db.query<Row>(one, [id])
  return row ? readOf(row) : undefined
}

/** What a step that sends something looks at beside the assistance itself. */
export interface Before {
  /** What was sent in it. */
  sent(purpose: CodePurpose): Sent
  /** In how many others its user has agreed within a day. */
  readonly helped: number
  isCut(wanted: Wanted): boolean
  /** Until when its agent may not help the person behind an e-mail of these digests. */
  lockedUntil(emailDigests: readonly Uint8Array[]): Date | undefined
  /** Until when its user, who had so many messages in a day, gets no more. */
  floodedUntil(aDay: number): Date | undefined
}

interface BeforeRow extends Row {
  sent: SentColumn
  helped: number
  cuts: CutsColumn
  locks: LocksColumn
  flood: FloodColumn
}

const oneToSend = statement(
  'assistance.one_to_send',
  readingOf('a.id = $1', ` ${sentColumn}, ${helpedColumn}, ${cutsColumn}, ${locksColumn}, ${floodColumn},`),
)

/** One assistance as it stands now, and what is to be known before something is sent in it, in one reading. */
export async function readToSend(
  db: Database,
  id: AssistanceId,
): Promise<{ readonly read: Read; readonly before: Before } | undefined> {
  const [row] = await db.query<BeforeRow>(oneToSend, [id])
  if (!row) return undefined
  const { sent, helped, cuts, locks, flood } = row
  return {
    read: readOf(row),
    before: {
      sent: sentFrom(sent),
      helped,
      isCut: (wanted) => cutIn(cuts, wanted),
      lockedUntil: (emailDigests) => lockedFrom(locks, emailDigests),
      floodedUntil: (aDay) => floodedFrom(flood, aDay),
    },
  }
}

const byLink = statement('assistance.by_link', readingOf('a.link_digest = any($1)'))

/** The assistance that a companion link belongs to, by the digests that the link may be kept under. */
export async function readByLink(db: Database, linkDigests: readonly Uint8Array[]): Promise<Read | undefined> {
  const [row] = await db.query<Row>(byLink, [linkDigests])
  return row ? readOf(row) : undefined
}

const opened = statement(
  'assistance.open',
  `
with t as materialized (select app_now() as now),
  made as (
    insert into assistance (id, kind, n, agent_id, agent_session_id, email_asked, reason_code, reason_name, reason_line, caller, ticket,
                            state, opened_at, user_seen_at, look_at, link_digest, reference_digest, handed_from)
    select $1, $12, 1, $2, $3, $4, $5, $11, $6, $7, $8, 'agent_verification', t.now, t.now, t.now + idle_limit(), $9, $15, $16 from t
     where not exists (select from pair_lock p where p.agent_id = $2 and p.email_digest = any($13) and p.until > t.now)
       and not ${isAllCutNow}
     -- The unique index lets one of an agent's openings through at a time, so the count is exact.
       and ($14::int is null or $14::int > (
         select count(*) from assistance o where o.agent_id = $2 and o.opened_at > t.now - interval '24 hours'))
    on conflict do nothing returning *),
  moved as (select made.id, made.n, 1 as count, t.now from made, t),
  ${recorded('$10::jsonb')}
select id from moved`,
)

const live = statement(
  'assistance.live_of_agent',
  `select id from assistance where agent_id = $1 and closed_at is null`,
)

export interface Opening {
  readonly id: AssistanceId
  readonly kind: Kind
  readonly agentId: AgentId
  readonly agentSessionId: SessionId
  readonly email: string
  readonly reasonCode: ReasonCode
  readonly reasonName: Bilingual
  readonly reasonLine: string | undefined
  readonly caller: string | undefined
  readonly ticket: string | undefined
  readonly linkDigest: Uint8Array
  readonly referenceDigest: Uint8Array
  readonly handedFrom: AssistanceId | undefined
  /** How many this agent may open in a day. */
  readonly aDay: number | undefined
  /** What a lock on this agent and this e-mail is kept under. */
  readonly pairDigests: readonly Uint8Array[]
  readonly event: Happening
}

type Opened =
  | { readonly opened: true }
  | { readonly opened: false; readonly busyWith?: string }
  | { readonly opened: false; readonly lockedUntil: Date }
  | { readonly opened: false; readonly cut: true }

/**
 * Opens an assistance, or says what is in the way: that all is switched off, a lock, or one that is live; neither where the last of the day was
 * taken meanwhile. A lapse of this agent that nobody recorded is, and is recorded first.
 */
export async function open(db: Database, o: Opening): Promise<Opened> {
  for (;;) {
    if (await insert(db, o)) return { opened: true }
    if (await isCut(db, {})) return { opened: false, cut: true }
    const until = await lockedUntil(db, o.agentId, o.pairDigests)
    if (until) return { opened: false, lockedUntil: until }
    if ((await settleAgent(db, o.agentId)).length > 0) continue
    const [busy] = await db.query<{ id: string }>(live, [o.agentId])
    if (busy) return { opened: false, busyWith: busy.id }
    if (o.aDay !== undefined && (await latelyOf(db, o.agentId)).opened >= o.aDay) return { opened: false }
  }
}

async function insert(db: Database, o: Opening): Promise<boolean> {
  const event = draft(o.event)
  const values = [
    o.id,
    o.agentId,
    o.agentSessionId,
    o.email,
    o.reasonCode,
    o.reasonLine ?? null,
    o.caller ?? null,
    o.ticket ?? null,
    o.linkDigest,
    JSON.stringify([event]),
    JSON.stringify(o.reasonName),
    o.kind,
    o.pairDigests,
    o.aDay ?? null,
    o.referenceDigest,
    o.handedFrom ?? null,
  ]
  return surely(db, event.id, async () => (await db.query(opened, values)).length === 1, true)
}

/** What a step answers inside a hold; a refusal is recorded as it is, everything else the step said is dropped then. */
export type Work<T, R extends string> = (assistance: Living, desk: Desk) => Promise<Outcome<T, R>>

const retries = 25

interface Holding {
  /** The assistance as it was just read; otherwise it is read here. */
  readonly first?: Read | undefined
  /** Hears what was left for the loops, once it is written. */
  kept?(news: readonly News[]): void
}

/**
 * Works on one living assistance: read, decide, flush. When something changed between the reading and the flush, the
 * step decides again on what is true then; so a step may run several times and must only say what it wants.
 * `step` names the call in the record when it is refused. Another agent's assistance does not exist for an agent.
 */
export async function hold<T, R extends string = never>(
  db: Database,
  id: AssistanceId,
  actor: Actor,
  step: string,
  work: Work<T, R>,
  { first, kept }: Holding = {},
): Promise<Outcome<T, R | 'assistance.unknown' | 'assistance.closed' | 'assistance.changed'>> {
  for (let left = retries; left > 0; left -= 1) {
    const found = (left === retries ? first : undefined) ?? (await read(db, id))
    if (!found || isOthers(found.assistance, actor)) return refuse('assistance.unknown')
    if (found.assistance.state === 'closed') {
      if (found.unrecorded) await settleOne(db, id)
      return refuse('assistance.closed', { because: found.assistance.because })
    }
    const { desk, writes } = stage(found.now)
    const outcome = await work(found.assistance, desk)
    if (!outcome.ok) {
      await note(db, id, refused(actor, step, outcome.refusal))
      return outcome
    }
    if (isEmpty(writes)) return outcome
    // Whether another one was superseded, is not known where the answer was lost: then everybody looks.
    const write = () => flush(db, id, found.assistance.version, writes)
    const done = await flushed(() => surely(db, writes.events[0]?.id, write, { superseded: true }))
    if (!done) continue
    kept?.(newsOf(writes, done.superseded))
    return outcome
  }
  return refuse('assistance.changed')
}

const isOthers = ({ agentId }: Assistance, actor: Actor) => actor.kind === 'agent' && actor.id !== agentId

/** A refused step, as the record keeps it. */
export const refused = (actor: Actor, step: string, refusal: string): Happening => ({
  type: 'step.refused',
  actor,
  data: { step, refusal },
})

/** Two consents for one user and ecosystem at once meet in the unique index: the later one decides again. */
async function flushed(write: () => Promise<Flushed | undefined>): Promise<Flushed | undefined> {
  try {
    return await write()
  } catch (error) {
    if (isUniqueViolation(error) || isSerializationTrouble(error)) return undefined
    throw error
  }
}

const explained = statement(
  'assistance.explain_closure',
  `
with moved as (
    update assistance a set closure_reason = $2, n = a.n + 1, version = a.version + 1
     where a.id = $1 and a.state = 'closed' and a.because = 'cancelled' and a.closure_reason is null
       and a.closed_at > app_now() - interval '24 hours'
    returning a.id, a.n, 1 as count, app_now() as now),
  ${recorded('$3::jsonb')}
select id from moved`,
)

/** Keeps why an assistance was cancelled; false when it was said already, or too late, or it was not cancelled. */
export async function explainClosure(
  db: Database,
  id: AssistanceId,
  reason: ClosureReason,
  event: Happening,
): Promise<boolean> {
  return (await db.query(explained, [id, reason, JSON.stringify([draft(event)])])).length === 1
}
