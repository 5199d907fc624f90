/** The desk's endings. Ending is one act and never waits for its reason. */

import type { ClosureInput, ClosureReasonInput } from '@amparo/contract/assistance'
import { close as end, settleOne } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import type { AssistanceId } from '../words.ts'
import { explainClosure, read, refused } from './assistance.store.ts'
import type { Outside } from './outside.ts'

/** Ends it: finished by its agent, cancelled by its agent, or closed by a supervisor who is not its agent. */
export async function closeByDesk(outside: Outside, caller: Caller, id: AssistanceId, asked: ClosureInput) {
  const found = await read(outside.db, id)
  const mine = found?.assistance.agentId === caller.agentId
  if (!found || (!mine && !caller.roles.includes('supervisor'))) return refuse('assistance.unknown')
  const refuseIt = async <R extends string>(word: R) => {
    await note(outside.db, id, refused(actorOf(caller), 'closure', word))
    return refuse(word)
  }
  if (found.assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(outside.db, id)
    return refuse('assistance.closed', { because: found.assistance.because })
  }
  if (mine === (asked.because === 'closed_by_supervisor')) return refuseIt('agent.not_allowed')
  if (asked.because === 'finished' && found.assistance.state !== 'active') return refuseIt('assistance.out_of_order')
  const ended = await end(outside.db, id, { because: asked.because, actor: actorOf(caller), outcome: asked.outcome })
  if (!ended) return refuse('assistance.closed')
  outside.wake()
  return accept({})
}

/** Says why it was cancelled: once, until 24 hours later. Ending never waits for it. */
export async function explain(outside: Outside, caller: Caller, id: AssistanceId, given: ClosureReasonInput) {
  const found = await read(outside.db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const kept = await explainClosure(outside.db, id, given.reason, {
    type: 'closure.explained',
    actor: actorOf(caller),
    data: { reason: given.reason },
    words: { note: given.note },
  })
  if (kept) return accept({})
  await note(outside.db, id, refused(actorOf(caller), 'closure-reason', 'assistance.out_of_order'))
  return refuse('assistance.out_of_order')
}
