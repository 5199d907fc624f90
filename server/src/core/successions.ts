/**
 * Successions as the vendor's views tell them: two required views, three optional ones, and two functions through
 * which acts go out. What is missing, of the wrong type or slow switches Ecosystem Admin (or that part of it) off with a
 * sentence that names it; everything else keeps working, on connections of its own.
 */
import { type Database, isConnectionTrouble, type Statement } from '../database/database.ts'
import { type Definition, ecoSuccession } from '../succession/definition.ts'
import type { CaseHead, Entry } from '../succession/succession.ts'
import {
  type CheckRow,
  type EntryRow,
  type EvidenceRow,
  entriesOf,
  fitRows,
  type HeadRow,
  headOf,
  headsOf,
  joined,
  type MessageRow,
  mostEntries,
  namesNobody,
  type People,
  type PeopleRow,
  type Place,
  type PlaceRow,
  partOf,
  peopleFrom,
  peopleOf,
  placesOf,
} from './cases.ts'
import { type Report, reported } from './report.ts'
import {
  casts,
  columnsOf,
  faultOf,
  looked,
  nameOf,
  nothingKnown,
  type Optional,
  SuccessionsUnread,
  type View,
} from './views.ts'

export type Answer =
  | { readonly answer: 'done'; readonly stepKey?: string; readonly attempt?: number }
  | { readonly answer: 'refused'; readonly why: string }
  | { readonly answer: 'silent'; readonly why: string }

export interface Order {
  readonly caseRef: string
  readonly requestId: string
  readonly agent: string
  readonly reason: string
  readonly note: string
}

export type VendorFunction = 'release_succession' | 'resend_message'

export interface Successions {
  /** Why nothing of a succession can be shown, a sentence each; empty when Ecosystem Admin is on. */
  off(): readonly string[]
  /** Whether one of the two views is there, or nobody could look: where neither is, it is off by choice. */
  isSetUp(): boolean
  /** Parts that cannot be shown, a sentence each. */
  partsOff(): readonly string[]
  /** Looks at the views anew: at the start, and every minute. */
  check(): Promise<void>
  provides(name: VendorFunction): boolean
  /** The ecosystems whose owner or named successor this person is. Throws SuccessionsUnread. */
  places(userId: string): Promise<readonly Place[]>
  /** Whether a succession names this e-mail as its successor while nobody in the Core has it. */
  namesNobody(email: string): Promise<boolean>
  /** The successions of one ecosystem, newest first. Throws SuccessionsUnread. */
  casesOf(ecosystemId: string): Promise<readonly CaseHead[]>
  /** The entries of one succession, oldest first, and what was switched off while reading. Throws SuccessionsUnread. */
  entriesOf(caseRef: string): Promise<{ readonly entries: readonly Entry[]; readonly off: readonly string[] }>
  /** Owner and successor as the Core has them now. */
  peopleOf(head: CaseHead): Promise<People>
  /** Hands an act to the vendor's function; idempotent by its request id. */
  call(name: VendorFunction, order: Order): Promise<Answer>
  /** What `doctor` prints of these views, as they are now. */
  report(): Promise<Report>
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** For installations and tests without successions: everything is off, and says so. */
export const noSuccessions: Successions = {
  off: () => ['Ecosystem Admin is not set up.'],
  isSetUp: () => false,
  partsOff: () => [],
  check: async () => undefined,
  provides: () => false,
  places: async () => unreadNow(),
  namesNobody: async () => unreadNow(),
  casesOf: async () => unreadNow(),
  entriesOf: async () => unreadNow(),
  peopleOf: async () => unreadNow(),
  call: async () => unreadNow(),
  report: async () => ({ off: [], partsOff: [], functions: [], views: [], samples: [] }),
}
function unreadNow(): never {
  throw new SuccessionsUnread('Ecosystem Admin is not set up.')
}

/** How long a view that did not answer is left alone: at first a little, then twice as long, half a minute at the most. */
const firstRestMs = 2_000
const longestRestMs = 30_000

/** `db` should be a pool of its own: a slow view then holds up nobody else. `elapsed` is a clock that never jumps. */
export function successions(
  db: Database,
  elapsed: () => number = () => performance.now(),
  definition: Definition = ecoSuccession,
): Successions {
  let known = nothingKnown
  const resting = new Map<View, { ms: number; until: number; sentence: string }>()

  const asked = async <Row extends object>(view: View, what: Statement, values: readonly unknown[]): Promise<Row[]> => {
    const rest = resting.get(view)
    if (rest && rest.until > elapsed()) throw new SuccessionsUnread(rest.sentence)
    try {
      const rows = await db.query<Row>(what, values)
      resting.delete(view)
      return rows
    } catch (error) {
      const again = resting.get(view)
      // Others who asked at the same time found out the same: that is one time.
      const ms =
        again === undefined ? firstRestMs : again.until > elapsed() ? again.ms : Math.min(2 * again.ms, longestRestMs)
      const sentence = unreadSentence(view, error, ms)
      resting.set(view, { ms, until: elapsed() + ms, sentence })
      throw new SuccessionsUnread(sentence, { cause: error })
    }
  }
  const has = (view: string, column: string) => known.columns.get(view)?.has(column) ?? false
  const column = (view: View, name: string): string =>
    has(view, name) ? `v.${name}` : `null::${casts[columnsOf[view][name]?.kind ?? 'text']}`
  const mustBeOn = () => {
    if (known.off.length > 0) throw new SuccessionsUnread(known.off[0] ?? '')
  }

  return {
    off: () => known.off,
    isSetUp: () => known.isSetUp,
    partsOff: () => Object.values(known.partsOff),
    provides: (name) => known.functions.includes(name),
    async check() {
      known = await looked(db)
    },
    async places(userId) {
      mustBeOn()
      const rows = await asked<PlaceRow>('successions', placesOf(column), [userId])
      return rows.map((row) => ({
        ecosystemId: row.ecosystem_id,
        name: row.name,
        role: row.role,
        status: row.status === 'active' ? 'active' : 'suspended',
      }))
    },
    async namesNobody(email) {
      mustBeOn()
      return (await asked('successions', namesNobody(column), [email])).length > 0
    },
    async casesOf(ecosystemId) {
      mustBeOn()
      return (await asked<HeadRow>('successions', headsOf(column), [ecosystemId])).map(headOf)
    },
    async entriesOf(caseRef) {
      mustBeOn()
      const part = async <Row extends object>(view: Optional): Promise<{ rows: readonly Row[]; off?: string }> => {
        const off = known.partsOff[view]
        if (off !== undefined) return { rows: [], off }
        try {
          return { rows: await asked<Row>(view, partOf(view, column), [caseRef]) }
        } catch (error) {
          if (error instanceof SuccessionsUnread) return { rows: [], off: error.message }
          throw error
        }
      }
      const [entries, checks, messages, evidence] = await Promise.all([
        asked<EntryRow>('succession_activity', entriesOf(column), [caseRef]),
        part<CheckRow>('succession_checks'),
        part<MessageRow>('succession_messages'),
        part<EvidenceRow>('succession_evidence'),
      ])
      return {
        entries: joined(definition, fitRows(caseRef, entries), checks.rows, messages.rows, evidence.rows),
        off: [
          ...[checks, messages, evidence].flatMap((one) => one.off ?? []),
          ...(entries.length < mostEntries ? [] : [`Only the newest ${mostEntries} entries of ${caseRef} are shown.`]),
        ],
      }
    },
    async peopleOf(head) {
      const what = peopleOf(
        (name) => has('users', name),
        () => has('ecosystems', 'payment_state'),
      )
      try {
        const [row] = await db.query<PeopleRow>(what, [head.ownerId, head.successorId ?? null, head.ecosystemId])
        return peopleFrom(row, head)
      } catch (error) {
        throw new SuccessionsUnread('amparo_core.users did not answer in time.', { cause: error })
      }
    },
    call: (name, order) => called(db, name, order),
    report: () => reported(db, known, column, definition),
  }
}

function unreadSentence(view: View, error: unknown, ms: number): string {
  return isConnectionTrouble(error)
    ? `${nameOf(view)} did not answer in time. The rest of the product works; it is asked again in ${ms / 1000} s.`
    : `${nameOf(view)} could not be read (${faultOf(error)}). The rest of the product works; mend the view.`
}

// ── Acts that go out ────────────────────────────────────────────────────────────────────────────────────────────────

/** The vendor says no by raising an exception: its message is for people. Anything else that fails is tried again. */
async function called(db: Database, name: VendorFunction, order: Order): Promise<Answer> {
  try {
    const [row] = await db.query<{ answer: unknown }>(`select amparo_core.${name}($1, $2, $3, $4, $5) as answer`, [
      order.caseRef,
      order.requestId,
      order.agent,
      order.reason,
      order.note,
    ])
    return doneWith(row?.answer)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return isRaised(error) ? { answer: 'refused', why } : { answer: 'silent', why }
  }
}

/** P0001: `raise exception` of the function itself. */
const isRaised = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'P0001'

/** `{"step_key": …, "attempt_no": …}` says where it goes on; nothing more is asked of the answer. */
export function doneWith(answer: unknown): Answer {
  if (typeof answer !== 'object' || answer === null) return { answer: 'done' }
  const stepKey = 'step_key' in answer && typeof answer.step_key === 'string' ? answer.step_key : undefined
  const attempt = 'attempt_no' in answer && typeof answer.attempt_no === 'number' ? answer.attempt_no : undefined
  return {
    answer: 'done',
    ...(stepKey === undefined ? {} : { stepKey }),
    ...(attempt === undefined ? {} : { attempt }),
  }
}
