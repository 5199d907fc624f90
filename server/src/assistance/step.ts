/** What every step does alike: whose it is, when a code may be sent, what a typed code was worth. */
import type { Refusal } from '@amparo/contract/refusals'
import { floodedUntil, lockedUntil, type Sent, sentIn } from '../codes/code.store.ts'
import { boundText, type CodePurpose, codeMinutes, guessLimit, isMatch, resendSeconds } from '../codes/code.ts'
import type { Desk } from '../desk/desk.ts'
import { settleOne } from '../desk/endings.ts'
import { type Guess, guess } from '../desk/guess.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newId } from '../secrets.ts'
import type { AssistanceId, UserId } from '../words.ts'
import { hold, read, refused } from './assistance.store.ts'
import type { Living } from './assistance.ts'
import { type Outside, pairDigest } from './outside.ts'

/** A step of this agent on their own assistance. */
export async function steps<T, R extends string>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  work: (assistance: Living, desk: Desk) => Promise<Outcome<T, R>>,
) {
  const outcome = await hold<T, R>(outside.db, id, actorOf(caller), step, work)
  outside.wake()
  return outcome
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

/**
 * A user is not to be flooded, by however many agents: takes one of their messages of the day, or says when there is one
 * again. What tells them of a warning or an ending is not counted and never withheld.
 */
export async function mayNotDisturb(outside: Outside, desk: Desk, userId: UserId) {
  const aDay = outside.messagesPerUserADay
  if (aDay === undefined) return undefined
  const until = await floodedUntil(outside.db, userId, aDay)
  if (until) return refuse('rate.limited', { why: 'messages_a_day', retryAt: until.toISOString() })
  desk.disturb(userId, aDay)
  return undefined
}

/** Nobody helps themself, and whoever was locked out of helping the person behind this e-mail has to wait. */
export async function mayNotHelp({ db, secrets }: Outside, caller: Caller, email: string) {
  if (email.toLowerCase() === caller.email.toLowerCase()) return refuse('agent.self')
  const until = await lockedUntil(db, caller.agentId, pairDigest(secrets, email))
  return until && refuse('pair.locked', { until: until.toISOString() })
}

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
type Right = Extract<Guess, { answer: 'right' }>
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

/** A step that a code opens: the try is paid for and judged first, then the step runs on what the code was worth. */
export async function stepsByCode<S extends Living['state'], T, R extends Refusal>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  by: ByCode<S>,
  digits: string,
  work: (assistance: In<S>, desk: Desk, right: Right) => Promise<Outcome<T, R>>,
): Promise<Outcome<T, R | TryRefusal | 'assistance.changed'>> {
  const tried = await tryCode(outside, caller, id, by, digits)
  outside.wake()
  if (!tried.ok) return tried
  const right = tried.value
  return steps<T, R | TryRefusal>(outside, caller, id, by.step, async (assistance, desk) => {
    if (!isIn(assistance, by.state)) return refuse('assistance.out_of_order')
    const { latest } = (await sentIn(outside.db, id))(by.purpose)
    if (latest?.id !== right.codeId || !latest.unspent) return refuse('code.spent')
    desk.use(right.codeId)
    return work(assistance, desk, right)
  })
}

const isIn = <S extends Living['state']>(assistance: Living, state: S): assistance is In<S> =>
  assistance.state === state

/** Pays for a try and says what it was worth. Whatever it was, the record has it. */
async function tryCode(
  { db, secrets }: Outside,
  caller: Caller,
  id: AssistanceId,
  { step, state, purpose }: ByCode<Living['state']>,
  digits: string,
): Promise<Outcome<Right, TryRefusal>> {
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance } = found
  if (assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, id)
    return refuse('assistance.closed', { because: assistance.because })
  }
  const actor = actorOf(caller)
  const no = async (refusal: TryRefusal) => {
    await note(db, id, refused(actor, step, refusal))
    return refuse(refusal)
  }
  if (assistance.state !== state) return no('assistance.out_of_order')
  const person = purpose !== 'agent' && 'userId' in assistance ? assistance.userId : caller.agentId
  const pair = pairDigest(secrets, assistance.emailAsked)
  const answer = await guess(db, secrets, { id, purpose, person, actor, pair }, digits)
  if (answer.answer === 'right') return accept(answer)
  if (answer.answer === 'earlier') return refuse('code.earlier')
  if (answer.answer === 'own') return refuse('code.own')
  if (answer.answer !== 'wrong') return no(isMatch(purpose) ? 'match.not_asked' : `code.${answer.answer}`)
  if (isMatch(purpose)) return refuse('match.wrong', { attemptsLeft: (await sentIn(db, id))(purpose).sendsLeft })
  return refuse('code.wrong', { attemptsLeft: answer.attemptsLeft })
}
