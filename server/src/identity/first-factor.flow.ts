/**
 * The first factor of an agent: a password is not enough for it, since whoever stole one would be proved with what they make.
 * It takes a code that went to the agent's own mailbox, typed in this session; or, where no message arrives, the operator.
 */
import type { FreshProof } from '@amparo/contract/factors'
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { isProved, letAddFirst } from './first-factor.store.ts'
import { type FreshRefusal, showsAgain } from './fresh.ts'
import { payForCode } from './mailbox.store.ts'
import { isCodeFor, NoMoreCodes, type Sent, sendCode } from './mailbox.ts'
import type { Outside } from './outside.ts'
import { waysOf } from './place.store.ts'
import { forgive, payForTry } from './tries.store.ts'

/** Whether this agent has no factor yet. An app that wrong codes switched off is one. */
export const hasNone = async ({ db }: Outside, caller: Caller): Promise<boolean> =>
  (await waysOf(db, caller)).includes('code')

/** Codes of one agent over all of their sessions, which whoever has the password opens as they like: ten, and then none for a day. */
const dayMinutes = 24 * 60
const countsOf = ({ secrets }: Outside, { agentId }: Caller, those: '' | '/proved') => ({
  sendings: secrets.digest('email', `first/${agentId}${those}/sendings`),
  tries: secrets.digest('email', `first/${agentId}${those}`),
})
/** Sessions in which their agent was proved by a code count by themselves: no thief of a password uses that up. */
const purses = async (outside: Outside, caller: Caller) =>
  countsOf(outside, caller, (await isProved(outside.db, caller)) ? '/proved' : '')

/** Sends the code. Whoever asks shows first what they signed in with: a stolen cookie sends nothing. */
export async function sendFactorCode(
  outside: Outside,
  caller: Caller,
  fresh: FreshProof,
): Promise<
  Outcome<Sent, FreshRefusal | 'fresh.factor' | 'code.too_soon' | 'code.no_more_here' | 'code.no_more_today'>
> {
  if (!(await hasNone(outside, caller))) return refuse('fresh.factor')
  const shown = await showsAgain(outside, caller, fresh)
  if (!shown.ok) return shown
  const { sendings } = await purses(outside, caller)
  const pay = async (tx: Database) => {
    const paid = await payForTry(tx, sendings, dayMinutes)
    if (!paid.look) throw new NoMoreCodes(paid.until)
  }
  try {
    return await sendCode(outside, caller, 'first_factor', pay)
  } catch (error) {
    if (error instanceof NoMoreCodes) return refuse('code.no_more_today', { until: error.until.toISOString() })
    throw error
  }
}

/**
 * Shows by the code that the mailbox is theirs. Each look is paid for twice: the code allows five, their agent ten at a time. Where no
 * code was sent nothing is paid, so that a stolen cookie, which has none sent, locks nobody.
 */
export async function showFactorCode(
  outside: Outside,
  caller: Caller,
  digits: string,
): Promise<Outcome<Record<string, never>, 'fresh.factor' | 'agent.locked' | 'code.spent' | 'code.wrong'>> {
  const { db, secrets } = outside
  if (!(await hasNone(outside, caller))) return refuse('fresh.factor')
  const digest = await payForCode(db, caller, 'first_factor')
  if (!digest) return refuse('code.spent')
  const { tries } = await purses(outside, caller)
  const paid = await payForTry(db, tries)
  if (!paid.look) return refuse('agent.locked', { until: paid.until.toISOString() })
  const actor = actorOf(caller)
  if (!isCodeFor(secrets, 'first_factor', caller, digits, digest)) {
    await noteLoose(db, { type: 'agent.factor_refused', actor, data: { method: 'code' } })
    return refuse('code.wrong')
  }
  const event = { type: 'agent.mailbox_shown', actor, data: { session: caller.sessionId } } as const
  if (!(await letAddFirst(db, caller, digest, event))) return refuse('code.spent')
  for (const those of ['', '/proved'] as const)
    for (const purse of Object.values(countsOf(outside, caller, those))) await forgive(db, purse)
  return accept({})
}
