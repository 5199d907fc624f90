/**
 * Successions as the vendor's views tell them: two required views, three optional ones, and two functions through
 * which acts go out. What is missing, of the wrong type or slow switches Ecosystem Admin (or that part of it) off with a
 * sentence that names it; everything else keeps working, on connections of its own.
 */
import { type Database, isConnectionTrouble, type Statement, statement } from '../database/database.ts'
import { type ActorKind, type Definition, ecoSuccession, stepOf } from '../succession/definition.ts'
import {
  type CaseHead,
  type Check,
  type CheckResult,
  type Entry,
  type Evidence,
  isActorKind,
  isMapped,
  isState,
  isType,
  type Message,
  type Party,
} from '../succession/succession.ts'
import { rowOf } from '../words.ts'

/** A view did not let itself be read: the sentence says which, and what to do. */
export class SuccessionsUnread extends Error {}

export interface People {
  readonly owner: Party
  readonly successor: Party
  readonly payment?: 'current' | 'overdue'
}

/** Where a person is owner or named successor, for the look-up. */
export interface Place {
  readonly ecosystemId: string
  readonly name: string
  readonly role: 'owner' | 'successor'
  readonly status: 'active' | 'suspended'
}

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

/** What an operator wants to know of the views: what is there, how full, how much of it in words of ours. */
export interface Report {
  readonly off: readonly string[]
  readonly partsOff: readonly string[]
  readonly functions: readonly string[]
  readonly views: readonly ViewReport[]
  /** The newest successions, as lists that would be shown. */
  readonly samples: readonly Sample[]
}
export interface ViewReport {
  readonly view: string
  readonly rows: number
  readonly columns: number
  /** Columns that may be absent, and are. */
  readonly absent: readonly string[]
  readonly newest?: Date
  /** Entries in words that are none of ours: shown as notes. The commonest first. */
  readonly unknown?: { readonly rows: number; readonly wordings: readonly { text: string; rows: number }[] }
}
export interface Sample {
  readonly caseRef: string
  readonly state: string
  readonly blocked: boolean
  readonly entries: readonly { readonly at: Date; readonly type: string; readonly stepKey: string | undefined }[]
}

// ── What the views must look like ───────────────────────────────────────────────────────────────────────────────────

type Kind = 'text' | 'number' | 'boolean' | 'instant'
interface Column {
  readonly kind: Kind
  readonly optional?: true
}
const must = (kind: Kind): Column => ({ kind })
const may = (kind: Kind): Column => ({ kind, optional: true })

const required = {
  successions: {
    case_ref: must('text'),
    ecosystem_id: must('text'),
    owner_user_id: must('text'),
    successor_user_id: may('text'),
    successor_email: must('text'),
    state: must('text'),
    blocked: must('boolean'),
    attempt: must('number'),
    due_at: may('instant'),
    hold_reason: may('text'),
    opened_at: must('instant'),
    closed_at: may('instant'),
  },
  succession_activity: {
    case_ref: must('text'),
    seq: must('number'),
    occurred_at: must('instant'),
    type: must('text'),
    step_key: may('text'),
    attempt_no: may('number'),
    reason_code: may('text'),
    actor_kind: must('text'),
    actor_id: may('text'),
    note_shareable: may('text'),
    assistance_id: may('text'),
    source_text: must('text'),
    source_ref: must('text'),
  },
} as const
const optional = {
  succession_checks: {
    case_ref: must('text'),
    seq: must('number'),
    check_key: must('text'),
    result: must('text'),
    observed: must('text'),
    required: must('text'),
    reason_code: may('text'),
  },
  succession_messages: {
    case_ref: must('text'),
    seq: must('number'),
    channel: must('text'),
    masked_to: must('text'),
    state: must('text'),
    at: must('instant'),
  },
  succession_evidence: {
    case_ref: must('text'),
    seq: must('number'),
    kind: must('text'),
    at: must('instant'),
    state: must('text'),
  },
} as const
type Required = keyof typeof required
type Optional = keyof typeof optional
type View = Required | Optional
const all: Readonly<Record<View, Readonly<Record<string, Column>>>> = { ...required, ...optional }
const optionals: readonly Optional[] = ['succession_checks', 'succession_messages', 'succession_evidence']

const textual = ['text', 'character varying', 'character', 'citext', 'USER-DEFINED', 'json', 'jsonb']
const types: Readonly<Record<Kind, readonly string[]>> = {
  text: textual,
  number: ['smallint', 'integer', 'bigint'],
  boolean: ['boolean'],
  instant: ['timestamp with time zone'],
}
const casts: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'bigint',
  boolean: 'boolean',
  instant: 'timestamptz',
}
const nameOf = (view: View) => `amparo_core.${view}`

type Found = ReadonlyMap<string, string>

/** What is wrong with one view, a sentence each, with how to write it. */
function viewFaults(view: View, has: Found): readonly string[] {
  const wanted = Object.entries(all[view])
  if (has.size === 0) {
    const columns = wanted.filter(([, column]) => !column.optional).map(([name]) => name)
    return [
      `${nameOf(view)} is missing. Write: create view ${nameOf(view)} as select … as ${columns.join(', … as ')} from your own tables;`,
    ]
  }
  return wanted.flatMap(([name, column]) => {
    const type = has.get(name)
    const cast = casts[column.kind]
    if (type === undefined) {
      return column.optional
        ? []
        : [`${nameOf(view)} has no column ${name} (${cast}). Add it to the view: … as ${name}.`]
    }
    return types[column.kind].includes(type)
      ? []
      : [`${nameOf(view)}.${name} is ${type}; it must be ${cast}. Cast it in the view: ${name}::${cast} as ${name}.`]
  })
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

interface Standing {
  readonly columns: ReadonlyMap<string, Found>
  readonly functions: readonly string[]
  readonly isSetUp: boolean
  readonly off: readonly string[]
  readonly partsOff: Readonly<Partial<Record<Optional, string>>>
}
const nothingKnown: Standing = {
  columns: new Map(),
  functions: [],
  isSetUp: true,
  off: ['The succession views have not been looked at yet. Try again in a moment.'],
  partsOff: {},
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
    has(view, name) ? `v.${name}` : `null::${casts[all[view][name]?.kind ?? 'text']}`
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
      return (await asked('successions', namesNobody(), [email])).length > 0
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

/** What is wrong, by PostgreSQL's own code: its message may hold a value of the vendor's, and agents read this. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Readonly<Record<string, string>> = {
    '42501': 'permission denied: grant select',
    '42P01': 'a table behind it is missing',
    '42703': 'a column behind it is missing',
    '22P02': 'a value does not have the type of its column',
    '22012': 'a division by zero in it',
  }
  return rowOf(known, code) ?? (code === '' ? 'no reason was given' : `SQLSTATE ${code}`)
}

async function looked(db: Database): Promise<Standing> {
  try {
    const rows = await db.query<{ table_name: string; column_name: string; data_type: string }>(
      `select table_name, column_name, data_type from information_schema.columns where table_schema = 'amparo_core'`,
    )
    const columns = new Map<string, Map<string, string>>()
    for (const row of rows) {
      const of = columns.get(row.table_name) ?? new Map<string, string>()
      columns.set(row.table_name, of.set(row.column_name, row.data_type))
    }
    const faults = (view: View) => viewFaults(view, columns.get(view) ?? new Map())
    const functions = await db.query<{ proname: string }>(functionsThere)
    return {
      columns,
      functions: functions.map((row) => row.proname),
      isSetUp: Object.keys(required).some((view) => columns.has(view)),
      off: [...faults('successions'), ...faults('succession_activity')],
      partsOff: Object.fromEntries(
        optionals.flatMap((view) => {
          // An optional view that is not there is a choice, not a fault.
          const [fault] = columns.has(view) ? faults(view) : []
          return fault === undefined
            ? columns.has(view)
              ? []
              : [[view, `${nameOf(view)} is not provided.`]]
            : [[view, fault]]
        }),
      ),
    }
  } catch (error) {
    const what = isConnectionTrouble(error) ? 'the database did not answer' : faultOf(error)
    return { ...nothingKnown, off: [`The succession views could not be looked at: ${what}.`] }
  }
}

/** Functions of the right shape: five texts in, jsonb out, and ours to execute. */
const functionsThere = `
select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'amparo_core' and p.proname in ('release_succession', 'resend_message')
   and oidvectortypes(p.proargtypes) = 'text, text, text, text, text' and p.prorettype = 'jsonb'::regtype
   and has_function_privilege(p.oid, 'execute')`

type ColumnOf = (view: View, name: string) => string

interface PlaceRow {
  ecosystem_id: string
  name: string
  role: 'owner' | 'successor'
  status: string
}
const placesOf = (column: ColumnOf): Statement => {
  const text = `
select e.ecosystem_id::text as ecosystem_id, coalesce(e.name, e.ecosystem_id)::text as name, e.status::text as status,
       case when e.owner_user_id = $1 then 'owner' else 'successor' end as role
  from amparo_core.ecosystems e
 where e.owner_user_id = $1
    or e.ecosystem_id in (select v.ecosystem_id from amparo_core.successions v
                           where ${column('successions', 'successor_user_id')}::text = $1 and ${instant(column('successions', 'closed_at'))} is null)
 order by 2, 1`
  return named('core.succession_places', text)
}

const namesNobody = (): Statement =>
  statement(
    'core.succession_names',
    `select 1 as found from amparo_core.successions v
      where lower(v.successor_email::text) = lower($1)
        and not exists (select from amparo_core.users u where lower(u.email::text) = lower($1)) limit 1`,
  )

interface HeadRow {
  case_ref: string
  ecosystem_id: string
  ecosystem_name: string
  owner_user_id: string
  successor_user_id: string | null
  successor_email: string
  state: string
  blocked: boolean | null
  attempt: number | string | null
  due_at: Date | null
  hold_reason: string | null
  opened_at: Date | null
  closed_at: Date | null
}
const headsOf = (column: ColumnOf): Statement => {
  const of = (name: string) => column('successions', name)
  return named(
    'core.succession_cases',
    `
select v.case_ref::text as case_ref, v.ecosystem_id::text as ecosystem_id, coalesce(e.name, v.ecosystem_id::text)::text as ecosystem_name,
       v.owner_user_id::text as owner_user_id, ${of('successor_user_id')}::text as successor_user_id,
       coalesce(v.successor_email::text, '') as successor_email, coalesce(${short('v.state')}, '') as state, v.blocked,
       v.attempt::bigint as attempt, ${instant(of('due_at'))} as due_at, nullif(${short(of('hold_reason'))}, '') as hold_reason,
       ${instant('v.opened_at')} as opened_at, ${instant(of('closed_at'))} as closed_at
  from amparo_core.successions v left join amparo_core.ecosystems e on e.ecosystem_id = v.ecosystem_id
 where v.ecosystem_id = $1
 order by ${instant(of('closed_at'))} is null desc, v.opened_at desc nulls last, 1 limit 50`,
  )
}

function headOf(row: HeadRow): CaseHead {
  return {
    ref: row.case_ref,
    ecosystemId: row.ecosystem_id,
    ecosystemName: row.ecosystem_name,
    ownerId: row.owner_user_id,
    ...(row.successor_user_id === null ? {} : { successorId: row.successor_user_id }),
    successorEmail: row.successor_email,
    ...(isState(row.state) ? { state: row.state } : {}),
    stateText: row.state,
    blocked: row.blocked ?? false,
    attempt: Number(row.attempt ?? 1),
    ...(row.due_at === null ? {} : { dueAt: row.due_at }),
    ...(row.hold_reason === null ? {} : { hold: row.hold_reason }),
    ...(row.opened_at === null ? {} : { openedAt: row.opened_at }),
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
  }
}

interface EntryRow {
  seq: number | string | null
  occurred_at: Date | null
  type: string
  step_key: string | null
  attempt_no: number | null
  reason_code: string | null
  actor_kind: string
  actor_id: string | null
  note_shareable: string | null
  source_text: string
  source_ref: string
}
const entriesOf = (column: ColumnOf): Statement => {
  const of = (name: string) => column('succession_activity', name)
  return named(
    'core.succession_entries',
    `
select v.seq::bigint as seq, ${instant('v.occurred_at')} as occurred_at, coalesce(v.type::text, '') as type, ${of('step_key')}::text as step_key,
       ${of('attempt_no')}::bigint as attempt_no, ${of('reason_code')}::text as reason_code, coalesce(v.actor_kind::text, '') as actor_kind,
       ${short(of('actor_id'))} as actor_id, nullif(${long(of('note_shareable'))}, '') as note_shareable,
       coalesce(${long('v.source_text')}, '') as source_text, coalesce(${short('v.source_ref')}, '') as source_ref
  from amparo_core.succession_activity v where v.case_ref = $1 order by v.seq desc limit ${mostEntries}`,
  )
}

interface CheckRow {
  seq: number
  check_key: string
  result: string
  observed: string | null
  required: string | null
  reason_code: string | null
}
interface MessageRow {
  seq: number
  channel: string
  masked_to: string
  state: string
  at: Date | null
}
interface EvidenceRow {
  seq: number
  kind: string
  state: string
  at: Date | null
}
const partOf = (view: Optional, column: ColumnOf): Statement => {
  const names = Object.entries(optional[view]).filter(([name]) => name !== 'case_ref')
  const columns = names.map(([name, { kind }]) => `${asRead[kind](column(view, name))} as ${name}`)
  return named(
    `core.${view}`,
    `select ${columns.join(', ')} from ${nameOf(view)} v where v.case_ref = $1 order by v.seq desc limit 5000`,
  )
}

/** What is shown of one succession; of a longer one the newest. */
const mostEntries = 2000
/** A text no longer than a screen can bear. */
const short = (expression: string) => `left(${expression}::text, 200)`
const long = (expression: string) => `left(${expression}::text, 2000)`
/** An instant that a calendar has: PostgreSQL also knows infinity, and years before the first. */
const instant = (expression: string) =>
  `case when ${expression} between timestamptz '0001-01-02' and timestamptz '9999-12-30' then ${expression} end`
const asRead: Readonly<Record<Kind, (expression: string) => string>> = {
  text: short,
  instant,
  number: (expression) => expression,
  boolean: (expression) => expression,
}

/** An entry that has its place in the list. */
interface FitRow extends EntryRow {
  readonly occurred_at: Date
}

/** Every entry with its number and its time. Throws SuccessionsUnread: which one lacks them, and what the view has to give. */
function fitRows(caseRef: string, rows: readonly EntryRow[]): readonly FitRow[] {
  const seen = new Set<number>()
  return rows.map((row) => {
    const { seq, occurred_at } = row
    const n = seq === null ? Number.NaN : Number(seq)
    if (!Number.isSafeInteger(n)) throw unfit(`has an entry of ${caseRef} without a usable seq`)
    if (seen.has(n)) throw unfit(`has seq ${n} of ${caseRef} twice`)
    if (occurred_at === null) throw unfit(`has no usable occurred_at for seq ${n} of ${caseRef}`)
    seen.add(n)
    return { ...row, occurred_at }
  })
}
const unfit = (what: string) =>
  new SuccessionsUnread(
    `amparo_core.succession_activity ${what}. Give each entry of a case a number of its own and its time; the rest works.`,
  )

/** A statement whose text depends on which columns there are carries them in its name. */
function named(name: string, text: string): Statement {
  let mark = 0
  for (const letter of text) mark = (mark * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000_007
  return statement(`${name}.${mark}`, text)
}

function joined(
  definition: Definition,
  newestFirst: readonly FitRow[],
  checks: readonly CheckRow[],
  messages: readonly MessageRow[],
  evidence: readonly EvidenceRow[],
): readonly Entry[] {
  const rows = [...newestFirst].reverse()
  const checksAt = bySeq(checks)
  const messagesAt = bySeq(messages)
  const evidenceAt = bySeq(evidence)
  return rows.map((row) => ({
    ...entryOf(definition, row),
    checks: (checksAt.get(Number(row.seq)) ?? []).map(checkOf),
    messages: (messagesAt.get(Number(row.seq)) ?? []).map(messageOf),
    evidence: (evidenceAt.get(Number(row.seq)) ?? []).map(evidenceOf),
  }))
}

function bySeq<T extends { seq: number }>(rows: readonly T[]): ReadonlyMap<number, readonly T[]> {
  const map = new Map<number, T[]>()
  for (const row of rows) {
    const at = map.get(Number(row.seq))
    if (at) at.push(row)
    else map.set(Number(row.seq), [row])
  }
  return map
}

function entryOf(definition: Definition, row: FitRow): Omit<Entry, 'checks' | 'messages' | 'evidence'> {
  const actor: ActorKind | undefined = isActorKind(row.actor_kind) ? row.actor_kind : undefined
  return {
    seq: Number(row.seq),
    at: row.occurred_at,
    type: isType(row.type) ? row.type : 'note',
    ...(row.step_key !== null && stepOf(definition, row.step_key) ? { stepKey: row.step_key } : {}),
    ...(row.attempt_no === null ? {} : { attempt: Number(row.attempt_no) }),
    ...(row.reason_code === null ? {} : { reason: row.reason_code }),
    ...(actor ? { actorKind: actor } : {}),
    ...(row.actor_id === null ? {} : { actorId: row.actor_id }),
    ...(row.note_shareable === null ? {} : { note: row.note_shareable }),
    sourceText: row.source_text,
    sourceRef: row.source_ref,
  }
}

const isResult = (text: string): text is CheckResult => text === 'pass' || text === 'fail'
const checkOf = (row: CheckRow): Check => ({
  key: row.check_key,
  result: isResult(row.result) ? row.result : 'not_evaluated',
  ...(row.observed === null ? {} : { observed: row.observed }),
  ...(row.required === null ? {} : { required: row.required }),
  ...(row.reason_code === null ? {} : { reason: row.reason_code }),
})
const messageOf = (row: MessageRow): Message => ({
  channel: row.channel,
  to: row.masked_to,
  state: row.state,
  ...(row.at === null ? {} : { at: row.at }),
})
const evidenceOf = (row: EvidenceRow): Evidence => ({
  kind: row.kind,
  state: row.state,
  ...(row.at === null ? {} : { at: row.at }),
})

interface PersonNow {
  id: string
  name: string
  active: boolean
  second: boolean | null
  seen: string | null
}
interface PeopleRow {
  owner: PersonNow | null
  successor: PersonNow | null
  payment: string | null
}
const peopleOf = (has: (column: string) => boolean, paid: () => boolean): Statement => {
  const person = (parameter: string) => `(
    select json_build_object('id', u.user_id::text, 'name', coalesce(u.display_name, u.email, u.user_id::text), 'active', u.status = 'active',
           'second', ${has('mfa_enabled') ? 'u.mfa_enabled' : 'null::boolean'},
           'seen', ${has('last_activity_at') ? instant('u.last_activity_at') : 'null::timestamptz'})
      from amparo_core.users u where u.user_id = ${parameter})`
  return named(
    'core.succession_people',
    `
select ${person('$1')} as owner, ${person('$2')} as successor,
       (select ${paid() ? 'e.payment_state::text' : 'null::text'} from amparo_core.ecosystems e where e.ecosystem_id = $3) as payment`,
  )
}

function peopleFrom(row: PeopleRow | undefined, head: CaseHead): People {
  const payment = row?.payment
  return {
    owner: row?.owner ? partyOf(row.owner) : { name: '' },
    successor: row?.successor ? partyOf(row.successor) : { name: masked(head.successorEmail) },
    ...(payment === 'current' || payment === 'overdue' ? { payment } : {}),
  }
}

const partyOf = (person: PersonNow): Party => ({
  id: person.id,
  name: person.name,
  active: person.active,
  ...(person.second === null ? {} : { secondFactor: person.second }),
  ...(person.seen === null ? {} : { lastActivityAt: new Date(person.seen) }),
})

/** An address of somebody who is no user: first letter and the domain's ends. */
function masked(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return domain === ''
    ? '•••'
    : `${[...local][0] ?? ''}•••@${[...domain][0] ?? ''}•••${domain.slice(domain.lastIndexOf('.'))}`
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

// ── For the operator ────────────────────────────────────────────────────────────────────────────────────────────────

async function reported(db: Database, known: Standing, column: ColumnOf, definition: Definition): Promise<Report> {
  const there = views.filter((view) => known.columns.has(view) && viewFaults(view, found(known, view)).length === 0)
  const reports: ViewReport[] = []
  for (const view of there) reports.push(await viewReport(db, known, view, column, definition))
  return {
    off: known.off,
    partsOff: Object.values(known.partsOff),
    functions: known.functions,
    views: reports,
    samples: known.off.length === 0 ? await samplesOf(db, column, definition) : [],
  }
}

const views: readonly View[] = ['successions', 'succession_activity', ...optionals]
const found = (known: Standing, view: View): Found => known.columns.get(view) ?? new Map()

async function viewReport(db: Database, known: Standing, view: View, column: ColumnOf, definition: Definition) {
  const names = Object.keys(all[view])
  const absent = names.filter((name) => !found(known, view).has(name))
  const [row] = await db.query<{ rows: number; newest: Date | null }>(
    `select count(*)::bigint as rows, max(${instant(newestBy[view] === null ? 'null::timestamptz' : `v.${newestBy[view]}`)}) as newest from ${nameOf(view)} v`,
  )
  return {
    view: nameOf(view),
    rows: Number(row?.rows ?? 0),
    columns: names.length - absent.length,
    absent,
    ...(row?.newest ? { newest: row.newest } : {}),
    ...(view === 'succession_activity' ? { unknown: await unknownWordings(db, column, definition) } : {}),
  }
}
const newestBy: Readonly<Record<View, string | null>> = {
  successions: 'opened_at',
  succession_activity: 'occurred_at',
  succession_checks: null,
  succession_messages: 'at',
  succession_evidence: 'at',
}

/** Entries whose words are none of ours: shown as notes, and counted here, with the commonest wordings. */
async function unknownWordings(db: Database, column: ColumnOf, definition: Definition) {
  const of = (name: string) => column('succession_activity', name)
  const rows = await db.query<{
    type: string
    step_key: string | null
    reason_code: string | null
    actor_kind: string
    text: string
    rows: number
  }>(`
select coalesce(v.type::text, '') as type, ${of('step_key')}::text as step_key, ${of('reason_code')}::text as reason_code,
       coalesce(v.actor_kind::text, '') as actor_kind, coalesce(min(left(v.source_text::text, 80)), '') as text, count(*)::bigint as rows
  from amparo_core.succession_activity v group by 1, 2, 3, 4, md5(v.source_text::text) order by count(*) desc`)
  const unmapped = rows.filter(
    (row) =>
      !isMapped(
        { type: row.type, stepKey: row.step_key, reason: row.reason_code, actorKind: row.actor_kind },
        definition,
      ),
  )
  return {
    rows: unmapped.reduce((sum, row) => sum + Number(row.rows), 0),
    wordings: unmapped.slice(0, 5).map((row) => ({ text: row.text, rows: Number(row.rows) })),
  }
}

/** The three newest successions, as far as their lists go: of people nothing but the case. */
async function samplesOf(db: Database, column: ColumnOf, definition: Definition): Promise<readonly Sample[]> {
  const heads = await db.query<{ case_ref: string; state: string; blocked: boolean | null }>(
    `select v.case_ref::text as case_ref, ${short('v.state')} as state, v.blocked from amparo_core.successions v
      order by v.opened_at desc nulls last, 1 limit 3`,
  )
  return Promise.all(
    heads.map(async ({ case_ref, state, blocked }) => {
      const rows = await db.query<EntryRow>(entriesOf(column), [case_ref])
      const fit = rows.flatMap((row) => (row.occurred_at === null ? [] : [{ ...row, occurred_at: row.occurred_at }]))
      return {
        caseRef: case_ref,
        state,
        blocked: blocked ?? false,
        entries: joined(definition, fit, [], [], []).map(({ at, type, stepKey }) => ({ at, type, stepKey })),
      }
    }),
  )
}
