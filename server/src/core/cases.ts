/** Successions as rows of the vendor's views: the statements that read them, and the cases, entries and people that they become. */
import { type Statement, statement } from '../database/database.ts'
import { type ActorKind, type Definition, stepOf } from '../succession/definition.ts'
import {
  type CaseHead,
  type Check,
  type CheckResult,
  closedStates,
  type Entry,
  type Evidence,
  isActorKind,
  isState,
  isType,
  type Message,
  type Party,
} from '../succession/succession.ts'
import { type ColumnOf, type Kind, nameOf, type Optional, optional, SuccessionsUnread } from './views.ts'

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

export interface PlaceRow {
  ecosystem_id: string
  name: string
  role: 'owner' | 'successor'
  status: string
}
/** Over by its time, or by the word of its state: a view need not have the time. */
const isOver = (column: ColumnOf): string =>
  `(${instant(column('successions', 'closed_at'))} is not null or coalesce(v.state::text, '') = any ('{${closedStates.join(',')}}'))`

export const placesOf = (column: ColumnOf): Statement => {
  const text = `
select e.ecosystem_id::text as ecosystem_id, coalesce(e.name, e.ecosystem_id)::text as name, e.status::text as status,
       case when e.owner_user_id = $1 then 'owner' else 'successor' end as role
  from amparo_core.ecosystems e
 where e.owner_user_id = $1
    or e.ecosystem_id in (select v.ecosystem_id from amparo_core.successions v
                           where ${column('successions', 'successor_user_id')}::text = $1 and not ${isOver(column)})
 order by 2, 1`
  return named('core.succession_places', text)
}

export const namesNobody = (column: ColumnOf): Statement =>
  named(
    'core.succession_names',
    `select 1 as found from amparo_core.successions v
      where lower(v.successor_email::text) = lower($1) and not ${isOver(column)}
        and not exists (select from amparo_core.users u where lower(u.email::text) = lower($1)) limit 1`,
  )

export interface HeadRow {
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
export const headsOf = (column: ColumnOf): Statement => {
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
 order by ${isOver(column)}, v.opened_at desc nulls last, 1 limit 50`,
  )
}

export function headOf(row: HeadRow): CaseHead {
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

export interface EntryRow {
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
export const entriesOf = (column: ColumnOf): Statement => {
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

export interface CheckRow {
  seq: number
  check_key: string
  result: string
  observed: string | null
  required: string | null
  reason_code: string | null
}
export interface MessageRow {
  seq: number
  channel: string
  masked_to: string
  state: string
  at: Date | null
}
export interface EvidenceRow {
  seq: number
  kind: string
  state: string
  at: Date | null
}
export const partOf = (view: Optional, column: ColumnOf): Statement => {
  const names = Object.entries(optional[view]).filter(([name]) => name !== 'case_ref')
  const columns = names.map(([name, { kind }]) => `${asRead[kind](column(view, name))} as ${name}`)
  return named(
    `core.${view}`,
    `select ${columns.join(', ')} from ${nameOf(view)} v where v.case_ref = $1 order by v.seq desc limit 5000`,
  )
}

/** What is shown of one succession; of a longer one the newest. */
export const mostEntries = 2000
/** A text no longer than a screen can bear. */
export const short = (expression: string) => `left(${expression}::text, 200)`
const long = (expression: string) => `left(${expression}::text, 2000)`
/** An instant that a calendar has: PostgreSQL also knows infinity, and years before the first. */
export const instant = (expression: string) =>
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
export function fitRows(caseRef: string, rows: readonly EntryRow[]): readonly FitRow[] {
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

export function joined(
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
export interface PeopleRow {
  owner: PersonNow | null
  successor: PersonNow | null
  payment: string | null
}
export const peopleOf = (has: (column: string) => boolean, paid: () => boolean): Statement => {
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

export function peopleFrom(row: PeopleRow | undefined, head: CaseHead): People {
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
