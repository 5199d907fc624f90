/**
 * Helping a person, the first half: an agent asks, proves who they are, and only then sees whom they are asking for.
 * It goes on in `consent.flow.ts` and ends in `ending.flow.ts`.
 */

import type { LookedUp, OpenInput } from '@amparo/contract/assistance'
import type { Kind } from '@amparo/contract/words'
import { drawCode, linkDigest, linkToken, referenceDigest, referenceOf } from '../codes/link.ts'
import type { Desk } from '../desk/desk.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { agentCodeMessage } from '../messages/agent.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, type Outcome, refuse, tooManyNow } from '../outcome.ts'
import { latelyOf } from '../oversight/watch.store.ts'
import { mayNotLookUp, mayNotOpen as mayNotOpenMore, watchLookUp } from '../oversight/watch.ts'
import { newId } from '../secrets.ts'
import { type Actor, type AssistanceId, known } from '../words.ts'
import { open as openRow, refused } from './assistance.store.ts'
import {
  agentProved,
  type Closed,
  type Found,
  type Living,
  lookedUp,
  lookupsInAll,
  maskEmail,
  notFound,
  type UserLookup,
} from './assistance.ts'
import { digest256, type Outside, pairDigests } from './outside.ts'
import { lookUp } from './people.ts'
import { isThemself, lockedOut, mayNotHelp, mayNotSend, newCode, sends, steps, stepsByCode, until } from './step.ts'

/** An agent asks to help somebody. Nothing about the user is read, shown or sent. */
export async function open(outside: Outside, caller: Caller, asked: OpenInput) {
  const outcome = await opening(outside, caller, asked)
  if (!outcome.ok) await noteLoose(outside.db, refused(actorOf(caller), 'open', outcome.refusal))
  return outcome
}

/** `handedFrom`: whose help it is to go on with. */
export async function opening(outside: Outside, caller: Caller, asked: OpenInput, handedFrom?: AssistanceId) {
  const { db, secrets } = outside
  const off = mayNotOpen(outside, caller, asked.kind)
  if (off) return off
  const reasonName = outside.reasons.find(({ code }) => code === asked.reason.code)?.name
  if (!reasonName)
    return refuse('request.invalid', { path: 'reason.code', message: 'None of those of GET /api/v1/reasons.' })
  if (isThemself(caller, asked.userEmail)) return refuse('agent.self')
  const no = await mayNotOpenMore(outside, caller)
  if (no) return no

  const id = known.assistance(newId('as'))
  const link = linkDigest(secrets, linkToken(secrets, id))
  const reference = referenceDigest(secrets, referenceOf(secrets, id))
  if (!link || !reference) throw new Error('a link that is none')
  const answer = await openRow(db, {
    id,
    kind: asked.kind,
    agentId: caller.agentId,
    agentSessionId: caller.sessionId,
    email: asked.userEmail,
    reasonCode: asked.reason.code,
    reasonName,
    reasonLine: asked.reason.line,
    caller: asked.caller,
    ticket: asked.ticket,
    linkDigest: link,
    referenceDigest: reference,
    handedFrom,
    aDay: outside.policy.quotas.assistancesPerAgentADay ?? undefined,
    pairDigests: pairDigests(secrets, asked.userEmail),
    event: {
      type: 'assistance.opened',
      actor: actorOf(caller),
      data: { kind: asked.kind, reason: asked.reason.code },
      words: { email: asked.userEmail, line: asked.reason.line, caller: asked.caller, ticket: asked.ticket },
    },
  })
  if (answer.opened) return accept({ id })
  if ('cut' in answer) return refuse('access.switched_off')
  if ('lockedUntil' in answer) return lockedOut(answer.lockedUntil)
  // Somebody beside us took the last of the day: asked again, the quota says so.
  return answer.busyWith === undefined
    ? ((await mayNotOpenMore(outside, caller)) ?? tooManyNow())
    : refuse('agent.busy', { id: answer.busyWith })
}

/** The two kinds are two permissions; Ecosystem Admin also needs the vendor's views. */
function mayNotOpen({ successions }: Outside, { roles }: Caller, kind: Kind) {
  if (!roles.includes(`agent:${kind}`)) return refuse('agent.not_allowed')
  const [why] = kind === 'succession' ? successions.off() : []
  return why === undefined ? undefined : refuse('succession.off', { why })
}

/** Sends (or resends) the agent's own code, to their own address. */
export function sendAgentCode(outside: Outside, caller: Caller, id: AssistanceId) {
  return sends(outside, caller, id, 'agent-code', async (assistance, desk, { sent }) => {
    if (assistance.state !== 'agent_verification') return refuse('assistance.out_of_order')
    const no = mayNotSend(sent('agent'), desk.now)
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
        content: agentCodeMessage(outside.vendor, { locale: caller.locale, digits, for: 'proof' }),
      }),
    )
    desk.happened({ type: 'agent.code_sent', actor: actorOf(caller), data: { channel: 'email', code: codeId } })
    return accept({ channel: 'email' as const, maskedTo: maskEmail(caller.email), ...until(desk.now) })
  })
}

/** The agent's code is right: only now is the user read and shown. */
export function proveAgent(outside: Outside, caller: Caller, id: AssistanceId, code: string) {
  const by = { step: 'agent-proof', state: 'agent_verification', purpose: 'agent' } as const
  return stepsByCode(outside, caller, id, by, code, async (assistance, desk, { codeId }) => {
    const looked = await lookUpOnce(outside, caller, desk, assistance, assistance.emailAsked)
    if (!looked.ok) return looked
    desk.happened({ type: 'agent.proved', actor: actorOf(caller), data: { method: 'code', code: codeId } })
    return keptLookUp(caller, desk, agentProved(assistance, 'code', looked.value))
  })
}

type CorrectRefusal = 'assistance.out_of_order' | 'agent.self' | 'pair.locked' | LookUpRefusal
export type LookUpRefusal = 'core.unavailable' | 'succession.off' | 'rate.limited'

/** One look-up of those of the day: the Core is not even asked where none is left, and supervisors hear what is unusual. */
export async function lookUpOnce(
  outside: Outside,
  caller: Caller,
  desk: Desk,
  { kind }: Pick<Living, 'kind'>,
  email: string,
): Promise<Outcome<Found | undefined, LookUpRefusal>> {
  const lately = once(() => latelyOf(outside.db, caller.agentId))
  const no = await mayNotLookUp(outside, desk, caller, lately)
  if (no) return no
  const looked = await lookUp(outside, kind, email)
  if (looked.ok) await watchLookUp(outside, desk, caller, looked.value?.userId, lately)
  return looked
}

/** Asked when it is needed, and once. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    return asked
  }
}

/** The e-mail was mistyped: another look-up, five in all. */
export function correctUser(outside: Outside, caller: Caller, id: AssistanceId, email: string) {
  return steps<LookedUp, CorrectRefusal>(outside, caller, id, 'user', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' || assistance.lookups >= lookupsInAll)
      return refuse('assistance.out_of_order')
    const no = await mayNotHelp(outside, caller, email)
    if (no) return no
    const looked = await lookUpOnce(outside, caller, desk, assistance, email)
    if (!looked.ok) return looked
    return keptLookUp(caller, desk, lookedUp(assistance, email, looked.value))
  })
}

/** Keeps what the look-up found. The last one that finds nobody ends the assistance. */
export function keptLookUp(caller: Caller, desk: Desk, next: UserLookup) {
  const { found } = next
  const lookupsLeft = lookupsInAll - next.lookups
  desk.happened({
    type: found ? 'user.looked_up' : 'user.not_found',
    actor: actorOf(caller),
    subject: found?.userId,
    data: { lookup: next.lookups, ...(found?.user.why ? { why: found.user.why } : {}) },
    words: { email: next.emailAsked },
  })
  const kept = found || lookupsLeft > 0 ? next : notFound(next, desk.now)
  desk.keep(kept)
  if (kept.state === 'closed') desk.happened(closedBy(kept, actorOf(caller)))
  const seen: LookedUp = {
    state: kept.state,
    user: found?.user ?? null,
    ecosystems: [...(found?.ecosystems ?? [])],
    ...(next.ecosystemId ? { ecosystemId: next.ecosystemId } : {}),
    lookupsLeft,
  }
  return accept(seen)
}

const closedBy = ({ because, closedAt }: Closed, actor: Actor) =>
  ({ type: 'assistance.closed', actor, data: { because, closedAt: closedAt.toISOString() } }) as const
