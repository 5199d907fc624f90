/** The door of assistances: which step answers which call, and what is shown afterwards. */
import { isSensitive } from '@amparo/contract/powers'
import type { Refusal } from '@amparo/contract/refusals'
import { note, noteLoose } from '../desk/note.ts'
import { actorOf, type Caller, type Door } from '../door.ts'
import { accept, noCursor, type Outcome, refuse } from '../outcome.ts'
import { type AssistanceId, assistanceId } from '../words.ts'
import { correctUser, open, sendAgentCode } from './assistance.flow.ts'
import { read } from './assistance.store.ts'
import { askConsent, askPresence, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk, explain } from './ending.flow.ts'
import { askGlass, breakGlass } from './glass.flow.ts'
import { offer, offers, takeOver } from './handover.flow.ts'
import { addNote, setNotice } from './notes.flow.ts'
import { notice } from './notice.store.ts'
import type { Outside } from './outside.ts'
import { askPower, grantPower, neverAskable } from './power.flow.ts'
import { challengeAgent, prove } from './proof.flow.ts'
import { buttonsOf, list, view, viewOf } from './view.ts'

/** How long an answer to an ending waits for the surfaces to acknowledge. */
const acknowledgementMs = 2000

/** `settled` resolves once every surface of this assistance has acknowledged its ending, or after the given time. */
export interface Endings {
  settled(id: AssistanceId, withinMs: number): Promise<void>
}

export function assistanceRoutes(door: Door, outside: Outside, endings: Endings): void {
  const named = <T, R extends Refusal>(
    params: Readonly<Record<string, string>>,
    step: (id: AssistanceId) => Promise<Outcome<T, R>>,
  ): Promise<Outcome<T, R | 'assistance.unknown'>> => {
    const id = assistanceId(params.id ?? '')
    return id ? step(id) : Promise.resolve(refuse('assistance.unknown'))
  }
  const shown = async <R extends Refusal>(
    params: Readonly<Record<string, string>>,
    step: (id: AssistanceId) => Promise<Outcome<unknown, R>>,
  ) => {
    const id = assistanceId(params.id ?? '')
    if (!id) return refuse('assistance.unknown')
    const outcome = await step(id)
    if (!outcome.ok) return outcome
    const seen = await viewOf(outside, id)
    return seen ? accept(seen) : refuse('assistance.unknown')
  }

  door('reasons', async () => accept({ reasons: outside.reasons.map((reason) => ({ ...reason })) }))
  door('open', async ({ caller, body }) => {
    const outcome = await open(outside, caller, body)
    if (!outcome.ok) return outcome
    return shown({ id: outcome.value.id }, async () => accept({}))
  })
  door('notice', async () => accept(await notice(outside.db)))
  door('setNotice', async ({ caller, body }) => {
    const outcome = await setNotice(outside, caller, body)
    return outcome.ok ? accept(await notice(outside.db)) : outcome
  })
  door('list', ({ caller, query }) => listFor(outside, caller, query))
  door('get', ({ caller, params }) => named(params, (id) => seenBy(outside, caller, id)))
  door('sendAgentCode', ({ caller, params }) => named(params, (id) => sendAgentCode(outside, caller, id)))
  door('challengeAgent', ({ caller, params }) => named(params, (id) => challengeAgent(outside, caller, id)))
  door('proveAgent', ({ caller, params, body }) => named(params, (id) => prove(outside, caller, id, body)))
  door('correctUser', ({ caller, params, body }) => named(params, (id) => correctUser(outside, caller, id, body.email)))
  door('chooseEcosystem', ({ caller, params, body }) =>
    shown(params, (id) => chooseEcosystem(outside, caller, id, body.ecosystemId)),
  )
  door('askConsent', ({ caller, params, body }) => named(params, (id) => askConsent(outside, caller, id, body)))
  door('proveUser', async ({ caller, params, body }) => {
    const outcome = await named(params, (id) => proveUser(outside, caller, id, body))
    if (!outcome.ok) return outcome
    return accept({ state: outcome.value.state, surfaces: buttonsOf(outside.surfaces, outcome.value, []) })
  })
  door('offer', ({ caller, params, body }) =>
    shown(params, (id) => offer(outside, caller, id, body.offered, body.note)),
  )
  door('offers', ({ caller }) => offers(outside, caller))
  door('takeOver', async ({ caller, params }) => {
    const id = assistanceId(params.assistanceId ?? '')
    const outcome = id ? await takeOver(outside, caller, id) : refuse('handover.not_offered')
    return outcome.ok ? shown({ id: outcome.value.id }, async () => accept({})) : outcome
  })
  door('askGlass', ({ caller, params, body }) => shown(params, (id) => askGlass(outside, caller, id, body)))
  door('breakGlass', ({ caller, params }) => shown(params, (id) => breakGlass(outside, caller, id)))
  door('askPresence', ({ caller, params }) => named(params, (id) => askPresence(outside, caller, id)))
  door('provePresence', ({ caller, params, body }) =>
    shown(params, (id) => provePresence(outside, caller, id, body.code)),
  )
  door('askPower', async ({ caller, params, body }) =>
    named(params, (id) =>
      isSensitive(body.power) ? askPower(outside, caller, id, body.power) : neverAskable(outside, caller, id),
    ),
  )
  door('grantPower', async ({ caller, params, body }) =>
    shown(params, (id) => {
      const power = params.power ?? ''
      return isSensitive(power) ? grantPower(outside, caller, id, power, body) : neverAskable(outside, caller, id)
    }),
  )
  door('close', ({ caller, params, body }) =>
    shown(params, async (id) => {
      const outcome = await closeByDesk(outside, caller, id, body)
      if (outcome.ok) await endings.settled(id, acknowledgementMs)
      return outcome
    }),
  )
  door('explainClosure', ({ caller, params, body }) => shown(params, (id) => explain(outside, caller, id, body)))
  door('addNote', ({ caller, params, body }) => shown(params, (id) => addNote(outside, caller, id, body)))
}

/** The whole truth, for its agent or a supervisor; a supervisor's look is an event. */
async function seenBy(outside: Outside, caller: Caller, id: AssistanceId) {
  const found = await read(outside.db, id)
  if (!found) return refuse('assistance.unknown')
  if (found.assistance.agentId !== caller.agentId) {
    if (!caller.roles.includes('supervisor')) return refuse('assistance.unknown')
    await note(outside.db, id, { type: 'record.read', actor: actorOf(caller), data: { what: 'assistance' } })
  }
  return accept(await view(outside, found))
}

async function listFor(
  outside: Outside,
  caller: Caller,
  query: {
    state?: string | undefined
    agent?: string | undefined
    user?: string | undefined
    openedWithinHours?: number | undefined
    cursor?: string | undefined
    limit: number
  },
) {
  const all = caller.roles.includes('supervisor')
  if (!all && query.agent !== undefined && query.agent !== caller.agentId) return refuse('agent.not_allowed')
  const page = await list(outside, caller.agentId, { ...query, agent: all ? query.agent : caller.agentId })
  if (!page) return refuse('request.invalid', noCursor)
  // Their own is no reading of others': a console asks for it every few seconds, and would bury what was read.
  if (all && query.agent !== caller.agentId)
    await noteLoose(outside.db, { type: 'record.read', actor: actorOf(caller), data: { what: 'assistances' } })
  return accept(page)
}
