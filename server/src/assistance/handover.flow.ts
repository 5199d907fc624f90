/**
 * A colleague takes over. Its agent offers it; whoever takes it opens an assistance of their own that knows the first: they
 * prove themselves, the user is asked again and told who it is now, and with the user's yes the first ends in the same
 * statement, with every surface it had open. Until then the first goes on, and a no changes nothing.
 */
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import type { AssistanceId } from '../words.ts'
import { opening } from './assistance.flow.ts'
import { read, refused } from './assistance.store.ts'
import { offered, offerOf, setOffer } from './handover.store.ts'
import type { Outside } from './outside.ts'

/** Offers it to colleagues, or takes the offer back. */
export async function offer(outside: Outside, caller: Caller, id: AssistanceId, wanted: boolean, text?: string) {
  const found = await read(outside.db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance } = found
  const no = async <R extends 'assistance.closed' | 'assistance.out_of_order'>(word: R) => {
    await note(outside.db, id, refused(actorOf(caller), 'hand-over', word))
    return refuse(word)
  }
  if (assistance.state === 'closed') return no('assistance.closed')
  if (assistance.state !== 'active' || assistance.brokenBy !== undefined) return no('assistance.out_of_order')
  if ((assistance.offeredAt !== undefined) === wanted) return accept({})
  const type = wanted ? 'handover.offered' : 'handover.withdrawn'
  await setOffer(outside.db, id, wanted, { type, actor: actorOf(caller), words: { note: text } })
  outside.wake()
  return accept({})
}

/** What colleagues offer that this agent may take: without the user's name, which they have not proved themselves for. */
export const offers = async (outside: Outside, caller: Caller) =>
  accept({ items: [...(await offered(outside.db, caller))] })

/** Begins to take over: an assistance of one's own, prefilled. Nothing of the first changes before the user's yes. */
export async function takeOver(outside: Outside, caller: Caller, id: AssistanceId) {
  const one = await offerOf(outside.db, id)
  if (!one || one.agentId === caller.agentId) return refuse('handover.not_offered')
  if (!caller.roles.includes(`agent:${one.kind}`)) return refuse('agent.not_allowed')
  const outcome = await opening(
    outside,
    caller,
    {
      kind: one.kind,
      userEmail: one.email,
      reason: { code: one.reasonCode, ...(one.reasonLine === null ? {} : { line: one.reasonLine }) },
      ...(one.caller === null ? {} : { caller: one.caller }),
      ...(one.ticket === null ? {} : { ticket: one.ticket }),
    },
    id,
  )
  if (!outcome.ok) {
    await note(outside.db, id, refused(actorOf(caller), 'take-over', outcome.refusal))
    return outcome
  }
  await note(outside.db, id, {
    type: 'handover.taken',
    actor: actorOf(caller),
    data: { by: outcome.value.id },
  })
  outside.wake()
  return outcome
}
