/**
 * A succession as the vendor's views tell it, parsed once: a case, its entries, and what is known of the people now.
 * What a view says in words that are none of ours becomes a note and keeps its wording; nothing is dropped.
 */
import type { SupportAct } from '@amparo/contract/succession'
import { type ActorKind, actorKinds, type Definition, ecoSuccession, type Step, stepOf } from './definition.ts'
import { isHidden, reasonOf } from './reasons.ts'

/** `amparo_core.successions.state`: a phase while it is open, an outcome once it is closed. */
const openStates = ['designation', 'dormant', 'claim', 'transfer', 'aftercare'] as const
export const closedStates = ['transferred', 'declined', 'revoked', 'rejected', 'expired', 'withdrawn'] as const
export const caseStates = [...openStates, ...closedStates] as const
export type CaseState = (typeof caseStates)[number]

/** `amparo_core.succession_activity.type`. */
export const entryTypes = [
  'case.opened',
  'step.opened',
  'step.done',
  'step.rejected',
  'step.expired',
  'step.cancelled',
  'step.skipped',
  'reminder.sent',
  'owner.alive',
  'owner.objected',
  'hold.placed',
  'hold.lifted',
  'support.released',
  'case.closed',
  'note',
] as const
export type EntryType = (typeof entryTypes)[number]

export type CheckResult = 'pass' | 'fail' | 'not_evaluated'
export interface Check {
  readonly key: string
  readonly result: CheckResult
  readonly observed?: string
  readonly required?: string
  readonly reason?: string
}
export interface Message {
  readonly channel: string
  readonly to: string
  readonly state: string
  readonly at?: Date
}
export interface Evidence {
  readonly kind: string
  readonly state: string
  readonly at?: Date
}

export interface Entry {
  readonly seq: number
  readonly at: Date
  readonly type: EntryType
  readonly stepKey?: string
  readonly attempt?: number
  readonly reason?: string
  readonly actorKind?: ActorKind
  /** Only an agent's is ever shown. */
  readonly actorId?: string
  /** What the vendor wrote for the people concerned to read. */
  readonly note?: string
  readonly sourceText: string
  readonly sourceRef: string
  readonly checks: readonly Check[]
  readonly messages: readonly Message[]
  readonly evidence: readonly Evidence[]
}

/** What an agent of ours did about a case: beside the vendor's own entries. */
export interface Act {
  readonly id: string
  readonly act: SupportAct | 'release'
  readonly at: Date
  readonly agentName: string
  readonly assistanceId: string
  readonly stepKey?: string
  readonly reason?: string
  readonly note?: string
  readonly result: 'pending' | 'done' | 'refused'
  /** What the vendor answered where it refused. */
  readonly answer?: string
}

/** A party as the Core knows them now. */
export interface Party {
  readonly id?: string
  readonly name: string
  readonly active?: boolean
  readonly lastActivityAt?: Date
  readonly secondFactor?: boolean
}

export interface CaseHead {
  readonly ref: string
  readonly ecosystemId: string
  readonly ecosystemName: string
  readonly ownerId: string
  readonly successorId?: string
  readonly successorEmail: string
  /** Undefined where the vendor's word is none of ours: then it is shown as it is. */
  readonly state?: CaseState
  readonly stateText: string
  readonly blocked: boolean
  readonly attempt: number
  readonly dueAt?: Date
  readonly hold?: string
  readonly openedAt?: Date
  readonly closedAt?: Date
}

export interface Case extends CaseHead {
  readonly owner: Party
  readonly successor: Party
  readonly payment?: 'current' | 'overdue'
  readonly entries: readonly Entry[]
  readonly acts: readonly Act[]
  /** Other people's claims on the same ecosystem: never who. */
  readonly rivals: number
}

const isOneOf = <T extends string>(all: readonly T[], text: string): text is T => all.some((one) => one === text)
export const isState = (text: string): text is CaseState => isOneOf(caseStates, text)
export const isType = (text: string): text is EntryType => isOneOf(entryTypes, text)
export const isActorKind = (text: string): text is ActorKind => isOneOf(actorKinds, text)

/** Whether every word of an entry is one of ours; what is not becomes a note, and `doctor` counts it. */
export interface Wording {
  readonly type: string
  readonly stepKey: string | null
  readonly reason: string | null
  readonly actorKind: string
}
export const isMapped = (words: Wording, definition: Definition = ecoSuccession): boolean =>
  isType(words.type) &&
  words.type !== 'note' &&
  isActorKind(words.actorKind) &&
  (words.stepKey === null || stepOf(definition, words.stepKey) !== undefined) &&
  (words.reason === null || reasonOf(words.reason) !== undefined)

export const isClosed = (head: CaseHead): boolean =>
  head.closedAt !== undefined || (head.state !== undefined && isOneOf(closedStates, head.state))

// ── Where it stands ─────────────────────────────────────────────────────────────────────────────────────────────────

/** The newest rejection that nobody has answered with a release or another result of the same step. */
export function openRejection(one: Case): Entry | undefined {
  const after = [...one.entries].reverse()
  const rejected = after.find((entry) => entry.type === 'step.rejected')
  if (!rejected) return undefined
  const later = one.entries.filter((entry) => entry.seq > rejected.seq)
  const answered = later.some(
    (entry) =>
      entry.type === 'support.released' ||
      (entry.stepKey === rejected.stepKey && ['step.opened', 'step.done', 'step.skipped'].includes(entry.type)),
  )
  return answered ? undefined : rejected
}

/** The steps that are behind, in their order; a rejection or a release opens its step again. */
export function finished(one: Case): ReadonlySet<string> {
  const done = new Set<string>()
  for (const entry of one.entries) {
    if (entry.stepKey === undefined) continue
    if (entry.type === 'step.done' || entry.type === 'step.skipped') done.add(entry.stepKey)
    if (['step.rejected', 'step.expired', 'step.opened'].includes(entry.type)) done.delete(entry.stepKey)
  }
  return done
}

/** The step that the case is at: the one last opened or refused, else the first that is not finished. */
export function currentStep(one: Case, definition: Definition = ecoSuccession): Step | undefined {
  if (isClosed(one)) return undefined
  const done = finished(one)
  const last = [...one.entries]
    .reverse()
    .find((entry) => entry.stepKey !== undefined && stepOf(definition, entry.stepKey) && entry.type.startsWith('step.'))
  if (last && !done.has(last.stepKey ?? '')) return stepOf(definition, last.stepKey)
  const from = last ? definition.steps.findIndex((step) => step.key === last.stepKey) + 1 : 0
  return definition.steps.slice(from).find((step) => !done.has(step.key))
}

/** What is still to come, in order; for an armed designation also what a claim would bring. */
export function ahead(one: Case, definition: Definition = ecoSuccession): readonly Step[] {
  if (isClosed(one)) return []
  const now = currentStep(one, definition)
  const from = definition.steps.findIndex((step) => step.key === now?.key)
  if (from < 0) return []
  const done = finished(one)
  return definition.steps.slice(from).filter((step) => !done.has(step.key))
}

/** Releases so far: the vendor's entries and our own acts that are not among them. */
export const releases = (one: Case): number =>
  one.entries.filter((entry) => entry.type === 'support.released').length +
  one.acts.filter(
    (act) =>
      act.act === 'release' && act.result !== 'refused' && !one.entries.some((entry) => entry.sourceRef === act.id),
  ).length

/** Why it is on hold: what the vendor's column says, or an objection or hold among the entries that nobody lifted since. */
export function holdOf(one: Case): string | undefined {
  if (one.hold !== undefined || isClosed(one)) return one.hold
  const last = [...one.entries].reverse().find(({ type }) => turnsHold.includes(type))
  if (last === undefined || last.type === 'hold.lifted') return undefined
  return last.reason ?? (last.type === 'owner.objected' ? 'owner.objected' : 'process.hold_dispute')
}
const turnsHold: readonly EntryType[] = ['owner.objected', 'hold.placed', 'hold.lifted']

export type NoRelease = 'release.not_blocked' | 'release.on_hold' | 'release.final' | 'release.pending'

/** Why this case cannot be released now, or undefined when it can. */
export function mayNotRelease(one: Case): NoRelease | undefined {
  const rejected = openRejection(one)
  if (isClosed(one) || !one.blocked || !rejected) return 'release.not_blocked'
  if (holdOf(one) !== undefined) return 'release.on_hold'
  if (isHidden(rejected.reason)) return 'release.final'
  if (rejected.reason !== 'evidence.malware' && reasonOf(rejected.reason ?? '')?.kind === 'final')
    return 'release.final'
  return one.acts.some((act) => act.act === 'release' && act.result === 'pending') ? 'release.pending' : undefined
}
