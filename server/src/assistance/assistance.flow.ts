/**
 * Helping a person, the first half: an agent asks, proves who they are, and only then sees whom they are asking for.
 * It goes on in `consent.flow.ts` and ends in `ending.flow.ts`.
 */

import type { LookedUp, OpenInput } from '@amparo/contract/assistance'
import type { Refusal } from '@amparo/contract/refusals'
import { lockedUntil, sentIn } from '../codes/code.store.ts'
import { drawCode, linkDigest, linkToken } from '../codes/link.ts'
import type { Desk } from '../desk/desk.ts'
import { close as end } from '../desk/endings.ts'
import { actorOf, type Caller } from '../door.ts'
import { agentCodeMessage } from '../messages/message.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { newId } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import { open as openRow } from './assistance.store.ts'
import { agentProved, lookedUp, lookupsInAll, maskEmail, type UserLookup } from './assistance.ts'
import { digest256, type Outside, pairDigest } from './outside.ts'
import { lookUp } from './people.ts'
import { mayNotSend, newCode, steps, tryCode, until } from './step.ts'

/** An agent asks to help somebody. Nothing about the user is read, shown or sent. */
export async function open(outside: Outside, caller: Caller, asked: OpenInput) {
  const { db, secrets } = outside
  if (!caller.roles.includes('agent:technical')) return refuse('agent.not_allowed')
  if (asked.userEmail.toLowerCase() === caller.email.toLowerCase()) return refuse('agent.self')
  const lock = await lockedUntil(db, caller.agentId, pairDigest(secrets, asked.userEmail))
  if (lock) return refuse('pair.locked', { until: lock.toISOString() })

  const id = known.assistance(newId('as'))
  const link = linkDigest(secrets, linkToken(secrets, id))
  if (!link) throw new Error('a link that is none')
  const answer = await openRow(db, {
    id,
    agentId: caller.agentId,
    agentSessionId: caller.sessionId,
    email: asked.userEmail,
    reasonCode: asked.reason.code,
    reasonLine: asked.reason.line,
    caller: asked.caller,
    ticket: asked.ticket,
    linkDigest: link,
    event: {
      type: 'assistance.opened',
      actor: actorOf(caller),
      data: { kind: 'technical', reason: asked.reason.code },
      words: { email: asked.userEmail, line: asked.reason.line, caller: asked.caller, ticket: asked.ticket },
    },
  })
  return answer.opened ? accept({ id }) : refuse('agent.busy', { id: answer.busyWith })
}

/** Sends (or resends) the agent's own code, to their own address. */
export function sendAgentCode(outside: Outside, caller: Caller, id: AssistanceId) {
  return steps(outside, caller, id, 'agent-code', async (assistance, desk) => {
    if (assistance.state !== 'agent_verification') return refuse('assistance.out_of_order')
    const sent = (await sentIn(outside.db, id))('agent')
    const no = mayNotSend(sent, desk.now)
    if (no) return no

    const digits = drawCode()
    const codeId = newCode(outside, desk, id, 'agent', caller.agentId, digest256('agent'), digits)
    desk.send(
      sealed(outside.secrets, {
        purpose: 'agent',
        codeId,
        channel: 'email',
        to: caller.email,
        maskedTo: maskEmail(caller.email),
        content: agentCodeMessage(outside.vendor, { locale: caller.locale, digits }),
      }),
    )
    desk.happened({ type: 'agent.code_sent', actor: actorOf(caller), data: { channel: 'email', code: codeId } })
    return accept({ channel: 'email' as const, maskedTo: maskEmail(caller.email), ...until(desk.now) })
  })
}

type LookUpRefusal = 'assistance.out_of_order' | 'core.unavailable'

/** The agent's code is right: only now is the user read and shown. */
export async function proveAgent(outside: Outside, caller: Caller, id: AssistanceId, code: string) {
  const tried = await tryCode(outside, caller, id, 'agent-proof', 'agent_verification', 'agent', caller.agentId, code)
  if (!tried.ok) return tried
  const outcome = await steps<LookedUp, LookUpRefusal>(outside, caller, id, 'agent-proof', async (assistance, desk) => {
    if (assistance.state !== 'agent_verification') return refuse('assistance.out_of_order')
    const looked = await lookUp(outside, assistance.emailAsked)
    if (!looked.ok) return looked
    desk.use(tried.value.codeId)
    desk.happened({
      type: 'agent.proved',
      actor: actorOf(caller),
      data: { method: 'code', code: tried.value.codeId },
    })
    return keptLookUp(caller, desk, agentProved(assistance, 'code', looked.value))
  })
  return missesClose(outside, caller, id, outcome)
}

/** The e-mail was mistyped: another look-up, five in all. */
export async function correctUser(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  email: string,
): Promise<Outcome<LookedUp, Refusal>> {
  if (email.toLowerCase() === caller.email.toLowerCase()) return refuse('agent.self')
  const lock = await lockedUntil(outside.db, caller.agentId, pairDigest(outside.secrets, email))
  if (lock) return refuse('pair.locked', { until: lock.toISOString() })
  const outcome = await steps<LookedUp, LookUpRefusal>(outside, caller, id, 'user', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' || assistance.lookups >= lookupsInAll)
      return refuse('assistance.out_of_order')
    const looked = await lookUp(outside, email)
    if (!looked.ok) return looked
    return keptLookUp(caller, desk, lookedUp(assistance, email, looked.value))
  })
  return missesClose(outside, caller, id, outcome)
}

function keptLookUp(caller: Caller, desk: Desk, next: UserLookup) {
  desk.keep(next)
  desk.happened({
    type: next.found ? 'user.looked_up' : 'user.not_found',
    actor: actorOf(caller),
    subject: next.found?.userId,
    data: { lookup: next.lookups, ...(next.found?.user.why ? { why: next.found.user.why } : {}) },
    words: { email: next.emailAsked },
  })
  const seen: LookedUp = {
    state: 'user_lookup',
    user: next.found?.user ?? null,
    ecosystems: [...(next.found?.ecosystems ?? [])],
    ...(next.ecosystemId ? { ecosystemId: next.ecosystemId } : {}),
    lookupsLeft: lookupsInAll - next.lookups,
  }
  return accept(seen)
}

/** The fifth look-up that finds nobody ends the assistance. */
async function missesClose<R extends string>(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  outcome: Outcome<LookedUp, R>,
): Promise<Outcome<LookedUp, R>> {
  if (!outcome.ok || outcome.value.user !== null || outcome.value.lookupsLeft > 0) return outcome
  await end(outside.db, id, { because: 'user_not_found', actor: actorOf(caller) })
  outside.wake()
  return accept({ ...outcome.value, state: 'closed' })
}
