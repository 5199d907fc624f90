/** What every step does alike: whose it is, when a code may be sent, what a typed code was worth. */
import { messagesToday, type Sent, sentIn } from '../codes/code.store.ts'
import { boundText, type CodePurpose, codeMinutes, guessLimit, resendSeconds } from '../codes/code.ts'
import type { Desk } from '../desk/desk.ts'
import { close as end, settleOne } from '../desk/endings.ts'
import { type Guess, guess } from '../desk/guess.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newId } from '../secrets.ts'
import type { Actor, AssistanceId, UserId } from '../words.ts'
import { hold, read, refused } from './assistance.store.ts'
import type { Assistance, Living } from './assistance.ts'
import { type Outside, pairDigest } from './outside.ts'

/** A step of this agent on their own assistance; anybody else's does not exist for them. */
export async function steps<T, R extends string>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  work: (assistance: Living, desk: Desk) => Promise<Outcome<T, R>>,
) {
  const outcome = await hold<T, R | 'assistance.unknown'>(
    outside.db,
    id,
    actorOf(caller),
    step,
    async (assistance, desk) =>
      assistance.agentId === caller.agentId ? work(assistance, desk) : refuse('assistance.unknown'),
  )
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

/** A user is not to be flooded, by however many agents. */
export async function mayNotDisturb(outside: Outside, userId: UserId, now: Date) {
  const limit = outside.messagesPerUserADay
  if (limit === undefined) return undefined
  const { sent, first } = await messagesToday(outside.db, userId)
  const retryAt = new Date((first ?? now).getTime() + 24 * 3_600_000)
  return sent < limit ? undefined : refuse('rate.limited', { retryAt: retryAt.toISOString() })
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

type Right = Extract<Guess, { answer: 'right' }>

/** Pays for a try and says what it was worth. The last wrong one of all ends the assistance and locks the pair. */
export async function tryCode(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  step: string,
  state: Assistance['state'],
  purpose: CodePurpose,
  holder: string,
  digits: string,
): Promise<
  Outcome<
    Right,
    | 'assistance.unknown'
    | 'assistance.closed'
    | 'assistance.out_of_order'
    | 'code.wrong'
    | 'code.earlier'
    | 'code.spent'
    | 'code.expired'
    | 'code.not_sent'
    | 'match.wrong'
    | 'match.not_asked'
  >
> {
  const { db, secrets } = outside
  const found = await read(db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance } = found
  if (assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, id)
    return refuse('assistance.closed', { because: assistance.because })
  }
  if (assistance.state !== state) {
    await note(db, id, refused(actorOf(caller), step, 'assistance.out_of_order'))
    return refuse('assistance.out_of_order')
  }
  const person = holder === 'user' && 'userId' in assistance ? assistance.userId : holder
  const actor: Actor = actorOf(caller)
  const answer = await guess(db, secrets, { id, purpose, person, actor }, digits)
  if (answer.answer === 'right') return accept(answer)
  if (answer.answer !== 'wrong') return refuse(purpose === 'match' ? 'match.not_asked' : `code.${answer.answer}`)
  if (purpose === 'match') return refuse('match.wrong', { attemptsLeft: (await sentIn(db, id))('match').sendsLeft })
  if (answer.noneLeft) {
    await end(db, id, { because: 'too_many_attempts', actor, lockPair: pairDigest(secrets, assistance.emailAsked) })
    outside.wake()
  }
  return refuse('code.wrong', { attemptsLeft: answer.attemptsLeft })
}
