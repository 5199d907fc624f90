/**
 * A session that is used where it was not proven: its agent is told once, and it opens nothing there before they have
 * shown that it is them. What it has open goes on meanwhile.
 */
import type { PlaceProof } from '@amparo/contract/factors'
import type { MeElsewhere } from '@amparo/contract/people'
import { maskEmail } from '../assistance/assistance.ts'
import { raise } from '../desk/alarm.ts'
import { actorOf, type Caller, type From } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newToken } from '../secrets.ts'
import { type FreshRefusal, showsAgain } from './fresh.ts'
import { type Sent, sendCode } from './mailbox.ts'
import type { Outside } from './outside.ts'
import { keepPlace, noticeStranger, waysOf } from './place.store.ts'
import { tell } from './told.ts'

/** One mail to supervisors for all the places of a session: whoever travels must not drown what else they are told. */
const alertHours = 12

/** Tells of a place where this session was not proven, once. All of it or nothing. */
export async function tellOfStranger(outside: Outside, caller: Caller, from: From): Promise<void> {
  const told = await outside.db.transaction((tx) => strangerTold({ ...outside, db: tx }, caller, from))
  if (told) outside.wake()
}

async function strangerTold(outside: Outside, caller: Caller, { place, words }: From): Promise<boolean> {
  const { db } = outside
  const { agentId, sessionId } = caller
  const data = { session: sessionId }
  const event = { type: 'agent.other_place', actor: actorOf(caller), data, words: { from: words } } as const
  if (!(await noticeStranger(db, caller, place, event))) return false
  await raise(db, { kind: 'other_place', about: agentId, agentId, hours: alertHours })
  await tell(outside, agentId, { news: 'other_place' }, words)
  return true
}

/** What somebody hears who holds a session where it was not proven. */
export const meElsewhere = async ({ db }: Outside, caller: Caller): Promise<MeElsewhere> => ({
  elsewhere: true,
  ways: [...(await waysOf(db, caller))],
  maskedTo: maskEmail(caller.email),
  locale: caller.locale,
})

/** Sends the code that whoever has nothing stronger shows. */
export async function sendPlaceCode(
  outside: Outside,
  caller: Caller,
): Promise<Outcome<Sent, 'proof.stronger' | 'code.too_soon' | 'code.no_more_here'>> {
  if (!(await waysOf(outside.db, caller)).includes('code')) return refuse('proof.stronger')
  return sendCode(outside, caller, 'place')
}

/** Shows that it is them who use their session from here. It gets a new token: a copy of the one before opens nothing. */
export async function showPlace(
  outside: Outside,
  caller: Caller,
  proof: PlaceProof,
  { place, words }: From,
): Promise<Outcome<{ token: string }, FreshRefusal | 'proof.stronger' | 'agent.unknown'>> {
  const { db } = outside
  if (proof.method === 'code' && !(await waysOf(db, caller)).includes('code')) return refuse('proof.stronger')
  const shown = await showsAgain(outside, caller, proof, 'elsewhere')
  if (!shown.ok) return shown
  const token = newToken()
  const data = { session: caller.sessionId, method: proof.method }
  const event = { type: 'agent.place_shown', actor: actorOf(caller), data, words: { from: words } } as const
  return (await keepPlace(db, caller, token, place, event)) ? accept({ token }) : refuse('agent.unknown')
}
