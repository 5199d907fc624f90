/** What every step does alike: whose it is, when a code may be sent, what a typed code was worth. */
import type { Refusal } from '@amparo/contract/refusals'
import type { News } from '../bell.ts'
import { floodedUntil, lockedUntil, type Sent, sentIn } from '../codes/code.store.ts'
import { boundText, type CodePurpose, codeMinutes, guessLimit, isMatch, resendSeconds } from '../codes/code.ts'
import type { Desk } from '../desk/desk.ts'
import { settleOne } from '../desk/endings.ts'
import { type Guess, giveBack, guess, whyUnpaid } from '../desk/guess.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newId } from '../secrets.ts'
import { type AssistanceId, spelt, type UserId } from '../words.ts'
import { type Before, hold, type Read, type Row, read, readOf, readToSend, refused } from './assistance.store.ts'
import type { Living } from './assistance.ts'
import { type Outside, pairDigests } from './outside.ts'
import { endWhereLost } from './standing.flow.ts'

/** A step of this agent on their own assistance. */
export async function steps<T, R extends string>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  work: (assistance: Living, desk: Desk) => Promise<Outcome<T, R>>,
  first?: Read,
) {
  let news: readonly News[] | undefined = []
  const outcome = await hold<T, R>(outside.db, id, actorOf(caller), step, work, {
    first,
    kept: (left) => {
      news = left
    },
  })
  if (!outcome.ok) await endWhereLost(outside, id, outcome.refusal)
  // What was refused may have recorded a lapse or an ending, or asked somebody else: then everybody looks.
  outside.wake(outcome.ok ? news : undefined)
  return outcome
}

/** A step that may send a code: it is told what was before. */
export async function sends<T, R extends string>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  work: (assistance: Living, desk: Desk, before: Before) => Promise<Outcome<T, R>>,
) {
  const first = await readToSend(outside.db, id)
  let found = first
  const again = async (assistance: Living, desk: Desk) => {
    const now = found ?? (await readToSend(outside.db, id))
    found = undefined
    if (!now) throw new Error(`gone: ${id}`)
    return work(assistance, desk, now.before)
  }
  return steps<T, R>(outside, caller, id, step, again, first?.read)
}

/** Whether another code must wait: a minute after the last, five in all. Changed terms are another message. */
export function mayNotSend(sent: Sent, now: Date, terms?: Buffer) {
  if (sent.sendsLeft <= 0) return refuse('code.no_more')
  const changed = terms !== undefined && sent.latest !== undefined && !terms.equals(sent.latest.termsDigest)
  if (sent.latest && !changed && now < sent.latest.resendAt) {
    return refuse('code.too_soon', { resendAt: sent.latest.resendAt.toISOString() })
  }
  return undefined
}

/** Read with the assistance itself, or asked for now. */
type Asked<T> = T | undefined | Promise<T | undefined>

/**
 * A user is not to be flooded, by however many agents: takes one of their messages of the day, or says when there is one
 * again. What tells them of a warning or an ending is not counted and never withheld.
 */
export async function mayNotDisturb(
  outside: Outside,
  desk: Desk,
  userId: UserId,
  flooded: (aDay: number) => Asked<Date> = (aDay) => floodedUntil(outside.db, userId, aDay),
) {
  const aDay = outside.messagesPerUserADay
  if (aDay === undefined) return undefined
  const until = await flooded(aDay)
  if (until) return refuse('rate.limited', { why: 'messages_a_day', retryAt: until.toISOString() })
  desk.disturb(userId, aDay)
  return undefined
}

/** Nobody helps themself, and whoever was locked out of helping the person behind this e-mail has to wait. */
export async function mayNotHelp(
  { db, secrets }: Outside,
  caller: Caller,
  email: string,
  locked: (emailDigests: readonly Uint8Array[]) => Asked<Date> = (digests) => lockedUntil(db, caller.agentId, digests),
) {
  if (isThemself(caller, email)) return refuse('agent.self')
  const until = await locked(pairDigests(secrets, email))
  return until && lockedOut(until)
}

export const isThemself = (caller: Caller, email: string): boolean => spelt(email) === spelt(caller.email)
export const lockedOut = (until: Date) => refuse('pair.locked', { until: until.toISOString() })

/** Draws a code's row; its digits go only into the sealed message. */
export function newCode(
  outside: Outside,
  desk: Desk,
  assistanceId: AssistanceId,
  purpose: CodePurpose,
  person: string,
  termsDigest: Buffer,
  digits: string,
): string {
  const codeId = newId('cd')
  const digest = outside.secrets.digest(
    'code',
    boundText({ codeId, assistanceId, purpose, person, termsDigest }, digits),
  )
  desk.code({ id: codeId, purpose, termsDigest, digest, guessLimit })
  return codeId
}

export const until = (now: Date) => ({
  expiresAt: new Date(now.getTime() + codeMinutes * 60_000).toISOString(),
  resendAt: new Date(now.getTime() + resendSeconds * 1000).toISOString(),
})

/** What a code opens: the state that it belongs to, whose it is, and what the call is named in the record. */
interface ByCode<S extends Living['state']> {
  readonly step: string
  readonly state: S
  readonly purpose: CodePurpose
}
type In<S extends Living['state']> = Extract<Living, { state: S }>
type Right = Omit<Extract<Guess, { answer: 'right' }>, 'row'> & { readonly read: Read }
type TryRefusal =
  | 'assistance.unknown'
  | 'assistance.closed'
  | 'assistance.out_of_order'
  | 'code.wrong'
  | 'code.earlier'
  | 'code.own'
  | 'code.spent'
  | 'code.expired'
  | 'code.not_sent'
  | 'match.wrong'
  | 'match.not_asked'

/**
 * A step that a code opens: the try is paid for and judged first, then the step runs on what the code was worth, and on
 * the assistance as it was read with the payment. What was right and came to nothing is given back.
 */
export async function stepsByCode<S extends Living['state'], T, R extends Refusal>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  by: ByCode<S>,
  digits: string,
  work: (assistance: In<S>, desk: Desk, right: Right) => Promise<Outcome<T, R>>,
): Promise<Outcome<T, R | TryRefusal | 'assistance.changed'>> {
  const tried = await tryCode(outside, caller, id, by, digits)
  if (!tried.ok) {
    outside.wake()
    return tried
  }
  const right = tried.value
  let justPaid = true
  const step = async (assistance: Living, desk: Desk) => {
    if (!isIn(assistance, by.state)) return refuse('assistance.out_of_order')
    if (!justPaid && !(await isUnspent(outside, id, by.purpose, right.codeId))) return refuse('code.spent')
    justPaid = false
    desk.use(right.codeId)
    return work(assistance, desk, right)
  }
  let used = false
  try {
    const outcome = await steps<T, R | TryRefusal>(outside, caller, id, by.step, step, right.read)
    used = outcome.ok
    return outcome
  } finally {
    if (!used) await giveBack(outside.db, { id, purpose: by.purpose }, right.codeId)
  }
}

const isIn = <S extends Living['state']>(assistance: Living, state: S): assistance is In<S> =>
  assistance.state === state

async function isUnspent({ db }: Outside, id: AssistanceId, purpose: CodePurpose, codeId: string): Promise<boolean> {
  const { latest } = (await sentIn(db, id))(purpose)
  return latest?.id === codeId && latest.unspent
}

/** Pays for a try and says what it was worth. Whatever it was, the record has it. */
async function tryCode(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  by: ByCode<Living['state']>,
  digits: string,
): Promise<Outcome<Right, TryRefusal>> {
  const { db, secrets } = outside
  const { state, purpose } = by
  const pairOf = (email: string) => pairDigests(secrets, email)
  const who = { id, agentId: caller.agentId, state, purpose, actor: actorOf(caller), pairOf }
  const answer = await guess<Row>(db, secrets, who, digits)
  if (!answer) return notPaid(outside, caller, id, by, digits)
  if (answer.answer === 'right') {
    const { row, ...right } = answer
    return accept({ ...right, read: readOf(row) })
  }
  if (answer.answer !== 'wrong') return refuse(`code.${answer.answer}`)
  if (isMatch(purpose)) return refuse('match.wrong', { attemptsLeft: (await sentIn(db, id))(purpose).sendsLeft })
  return refuse('code.wrong', { attemptsLeft: answer.attemptsLeft })
}

/** There was nothing to pay for: says why. */
async function notPaid(
  { db, secrets }: Outside,
  caller: Caller,
  id: AssistanceId,
  { step, state, purpose }: ByCode<Living['state']>,
  digits: string,
): Promise<Outcome<never, TryRefusal>> {
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance } = found
  if (assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, id)
    return refuse('assistance.closed', { because: assistance.because })
  }
  const no = async (refusal: TryRefusal) => {
    await note(db, id, refused(actorOf(caller), step, refusal))
    return refuse(refusal)
  }
  if (assistance.state !== state) return no('assistance.out_of_order')
  const person = purpose !== 'agent' && 'userId' in assistance ? assistance.userId : caller.agentId
  const why = await whyUnpaid(db, secrets, { id, purpose, agentId: caller.agentId }, person, digits)
  if (why === 'earlier' || why === 'own') return refuse(`code.${why}`)
  return no(isMatch(purpose) ? 'match.not_asked' : `code.${why}`)
}
