/** The door of Ecosystem Admin. */
import type { Refusal } from '@amparo/contract/refusals'
import type { Door } from '../door.ts'
import { type Outcome, refuse } from '../outcome.ts'
import { type AssistanceId, assistanceId } from '../words.ts'
import { act, askRelease, details, look, type Outside, release } from './succession.flow.ts'

export function successionRoutes(door: Door, outside: Outside): void {
  const named = <T>(
    params: Readonly<Record<string, string>>,
    step: (id: AssistanceId) => Promise<Outcome<T, Refusal>>,
  ): Promise<Outcome<T, Refusal>> => {
    const id = assistanceId(params.id ?? '')
    return id ? step(id) : Promise.resolve(refuse('assistance.unknown'))
  }
  door('succession', ({ caller, params, query }) => named(params, (id) => look(outside, caller, id, query)))
  door('successionStep', ({ caller, params, query }) =>
    named(params, (id) => details(outside, caller, id, params.stepId ?? '', query)),
  )
  door('askRelease', ({ caller, params, body }) => named(params, (id) => askRelease(outside, caller, id, body)))
  door('release', ({ caller, params, body }) => named(params, (id) => release(outside, caller, id, body)))
  door('act', ({ caller, params, body }) => named(params, (id) => act(outside, caller, id, body)))
}
