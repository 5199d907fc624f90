/** A second person: asked where policy wants one, answered by whoever may, never by the agent themself. */
import type { ApprovalInput, ApprovalPurpose, ApprovalWhy } from '@amparo/contract/oversight'
import type { Database } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { showsAgain } from '../identity/fresh.ts'
import type { Outside as IdentityOutside } from '../identity/outside.ts'
import { accept, refuse } from '../outcome.ts'
import type { Policy } from '../policy/policy.ts'
import { newId } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import {
  type ApprovalRow,
  answer,
  approvalBy,
  ask,
  isOwn,
  roomAgainAt,
  type Shown,
  standingOf,
} from './approvals.store.ts'

/** What is asked of a second person, or of the ecosystem's owner. */
export interface Asking {
  /** Its id, where something was derived from it. */
  readonly id?: string
  readonly assistanceId: AssistanceId
  readonly purpose: ApprovalPurpose
  /** Digest of exactly what is asked for: whatever changes later is another question. */
  readonly about: Uint8Array
  readonly whys: readonly ApprovalWhy[]
  readonly needed?: 1 | 2
  readonly ownerId?: string | undefined
  /** Of the owner's own page. */
  readonly linkDigest?: Uint8Array | undefined
  /** What whoever answers reads of it, where it could be asked for otherwise afterwards. */
  readonly shown?: Shown | undefined
  /** Read by whoever answers. */
  readonly note?: string | undefined
}

/**
 * Why this may not go on yet; undefined where enough have said yes to exactly this, or nobody has to. Asking stands by
 * itself although the step that needed it is refused: the answer comes later, and the step is repeated then.
 */
export async function secondPerson({ db }: { readonly db: Database }, caller: Caller, asking: Asking) {
  const { assistanceId, purpose, about, whys, needed = 1, ownerId, linkDigest, shown } = asking
  if (whys.length === 0) return undefined
  const before = await standingOf(db, assistanceId, purpose, about)
  if (before?.state === 'yes') return undefined
  if (before?.state === 'no') return refuse('approval.refused')
  const id = before?.id ?? asking.id ?? newId('ap')
  if (!before) {
    const data = { approval: id, purpose, whys: [...whys], needed }
    const isAsked = await ask(
      db,
      { id, assistanceId, purpose, about, whys, needed, askedBy: caller.agentId, ownerId, linkDigest, shown },
      { type: 'approval.asked', actor: actorOf(caller), data, words: { note: asking.note } },
    )
    if (!isAsked && !(await standingOf(db, assistanceId, purpose, about)))
      return refuse('rate.limited', { why: 'questions', retryAt: (await roomAgainAt(db, assistanceId)).toISOString() })
  }
  return refuse('approval.needed', { why: purpose === 'owner' ? 'owner' : (whys[0] ?? ''), approval: id })
}

/** The approval that let exactly this go on; undefined while it may not. */
export async function approvalOf(
  db: Database,
  assistanceId: AssistanceId,
  purpose: ApprovalPurpose,
  about: Uint8Array,
) {
  const now = await standingOf(db, assistanceId, purpose, about)
  return now?.state === 'yes' ? now.id : undefined
}

/** The approval that let exactly this begin, or why it may not: a no is told from what still waits. */
export async function agreedBy(db: Database, assistanceId: AssistanceId, purpose: ApprovalPurpose, about: Uint8Array) {
  const now = await standingOf(db, assistanceId, purpose, about)
  if (now?.state === 'yes') return accept(now.id)
  return now?.state === 'no' ? refuse('approval.refused') : refuse('approval.needed', { why: 'no_consent' })
}

export interface Outside {
  readonly db: Database
  readonly policy: Policy
  readonly identity: IdentityOutside
  wake(): void
}

/** A supervisor says yes or no. A yes is theirs by a fresh proof, and never about their own help. */
export async function decide(outside: Outside, caller: Caller, assistanceId: string, id: string, given: ApprovalInput) {
  const { db } = outside
  // For whoever may not see it, it is not there.
  if (!caller.roles.includes('supervisor')) return refuse('assistance.unknown')
  const row = await approvalBy(db, id)
  if (!row || row.assistance_id !== assistanceId || row.purpose === 'owner' || !row.alive)
    return refuse('approval.unknown')
  const no = async <R extends 'approval.own' | 'approval.answered' | 'fresh.needed' | 'approval.weak'>(word: R) => {
    await note(db, known.assistance(row.assistance_id), refusedEvent(caller, id, word))
    return refuse(word)
  }
  if (isOwn(row, caller)) return no('approval.own')
  if (!isOpenTo(row, caller)) return no('approval.answered')
  if (given.decision === 'yes') {
    if (!given.proof) return no('fresh.needed')
    const { method } = given.proof
    if (!outside.policy.secondPerson.proofs.some((each) => each === method)) return no('approval.weak')
    const shown = await showsAgain(outside.identity, caller, given.proof)
    if (!shown.ok) return shown
  }
  const said = await say(db, row, caller, given)
  outside.wake()
  return said ? accept({}) : no('approval.answered')
}

const isOpenTo = (row: ApprovalRow | undefined, { agentId }: Caller): boolean =>
  row?.alive === true && row.state === 'waiting' && !row.voices.some(({ by }) => by === agentId)

/** Somebody may answer beside us: then it is read again, and said if it still waits for us. */
async function say(db: Database, read: ApprovalRow, caller: Caller, given: ApprovalInput): Promise<boolean> {
  for (let row: ApprovalRow | undefined = read; row && isOpenTo(row, caller); row = await approvalBy(db, row.id)) {
    const data = { approval: row.id, decision: given.decision, purpose: row.purpose }
    const words = { note: given.note }
    const event = { type: 'approval.decided', actor: actorOf(caller), data, words } as const
    if (await answer(db, row, caller.agentId, given.decision, given.proof?.method ?? 'none', event)) return true
  }
  return false
}

const refusedEvent = (caller: Caller, approval: string, refusal: string) =>
  ({ type: 'step.refused', actor: actorOf(caller), data: { step: 'approvals', approval, refusal } }) as const
