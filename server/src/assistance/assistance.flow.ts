/**
 * Helping a person, from the first click to the last. Read it from top to bottom: open, the agent's own code, the
 * look-up, the ecosystem, the user's message, their consent, their presence, the end.
 */
import { createHash } from 'node:crypto'
import type {
  ClosureInput,
  ClosureReasonInput,
  ConsentCodeInput,
  ConsentInput,
  LookedUp,
  OpenInput,
} from '@amparo/contract/assistance'
import type { UserSeen } from '@amparo/contract/people'
import type { Refusal } from '@amparo/contract/refusals'
import type { Bilingual, Channel, ReasonCode } from '@amparo/contract/words'
import { lockedUntil, messagesToday, type Sent, sentIn } from '../codes/code.store.ts'
import { boundText, type CodePurpose, codeMinutes, guessLimit, resendSeconds } from '../codes/code.ts'
import { consentMac } from '../codes/consent.ts'
import { drawCode, linkDigest, linkToken, sayFirst } from '../codes/link.ts'
import { type Core, CoreSilent } from '../core/core.ts'
import type { Database } from '../database/database.ts'
import type { Desk } from '../desk/desk.ts'
import { close as end, settleOne } from '../desk/endings.ts'
import { type Guess, guess } from '../desk/guess.ts'
import { note } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { agentCodeMessage, consentMessage, presenceMessage, type Vendor } from '../messages/message.ts'
import { sealed } from '../messages/outbox.ts'
import { takesSms } from '../messages/phone.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type LookUp, type Membership, offered, type Person, type Surface, whyNot } from '../policy/policy.ts'
import { newId, type Secrets } from '../secrets.ts'
import type { Actor, AssistanceId, UserId } from '../words.ts'
import { known } from '../words.ts'
import { explainClosure, hold, open as openRow, read, refused } from './assistance.store.ts'
import {
  type Active,
  type Assistance,
  agentProved,
  type Consenting,
  consentAsked,
  consented,
  ecosystemChosen,
  type Found,
  type Living,
  lookedUp,
  lookupsInAll,
  maskEmail,
  maskPhone,
  termsText,
  type UserLookup,
} from './assistance.ts'
import type { Standing } from './view.ts'

/** What an assistance needs of the world. `main.ts` builds the real one. */
export interface Outside {
  readonly db: Database
  readonly secrets: Secrets
  readonly core: Core
  readonly surfaces: readonly Surface[]
  readonly vendor: Vendor
  readonly companionOrigin: string
  readonly reasons: readonly { readonly code: ReasonCode; readonly name: Bilingual }[]
  /** Messages that one user may get in a day over all agents; undefined: no limit. */
  readonly messagesPerUserADay: number | undefined
  /** What became of each surface that was opened. */
  surfacesOf(id: AssistanceId): Promise<readonly Standing[]>
  /** Lets the background loops run at once. */
  wake(): void
}

// ── 1. Open ─────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── 2. The agent's own proof, and the look-up behind it ─────────────────────────────────────────────────────────────

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
    return keptLookUp(caller, desk, agentProved(assistance, looked.value))
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

// ── 3. The ecosystem, and the message that asks the user ────────────────────────────────────────────────────────────

/** Chooses the ecosystem; a message that was sent for another one no longer opens anything. */
export function chooseEcosystem(outside: Outside, caller: Caller, id: AssistanceId, ecosystemId: string) {
  return steps(outside, caller, id, 'ecosystem', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
    const { found } = assistance
    if (!found) return refuse('assistance.out_of_order')
    if (!found.user.assistable) return refuse('user.not_assistable', { why: found.user.why })
    if (!found.ecosystems.some((ecosystem) => ecosystem.id === ecosystemId)) return refuse('ecosystem.unknown')
    if (assistance.ecosystemId === ecosystemId) return accept({})

    desk.void('consent', 'match')
    desk.keep(ecosystemChosen(assistance, known.ecosystem(ecosystemId)))
    desk.happened({
      type: 'ecosystem.chosen',
      actor: actorOf(caller),
      subject: found.userId,
      data: { ecosystem: ecosystemId },
    })
    return accept({})
  })
}

/** Asks the user: one message in their language with everything they agree to, a code, a link and a number. */
export async function askConsent(outside: Outside, caller: Caller, id: AssistanceId, asked: ConsentCodeInput) {
  const outcome = await steps(outside, caller, id, 'consent-code', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
    if (assistance.found && !assistance.found.user.assistable) {
      return refuse('user.not_assistable', { why: assistance.found.user.why })
    }
    if (!assistance.found?.userId || !assistance.ecosystemId) return refuse('assistance.out_of_order')
    const { found, ecosystemId } = assistance
    const now = await personNow(outside, assistance.found.userId, ecosystemId)
    if (!now.ok) return now
    const { person, membership } = now.value
    const lock = await lockedUntil(outside.db, caller.agentId, pairDigest(outside.secrets, person.email))
    if (lock) return refuse('pair.locked', { until: lock.toISOString() })

    const buttons = offered(outside.surfaces, membership)
    const chosen = asked.surfaces ?? buttons.map((surface) => surface.id)
    if (chosen.some((surface) => !buttons.some((button) => button.id === surface))) return refuse('surface.not_offered')
    const next = consentAsked(assistance, found, known.user(person.id), ecosystemId, {
      surfaces: buttons.map((surface) => surface.id).filter((surface) => chosen.includes(surface)),
      powers: asked.powers ?? 'look',
      lengthMinutes: asked.lengthMinutes ?? 60,
    })
    const terms = digest256(termsOf(next))
    const sent = (await sentIn(outside.db, id))('consent')
    const no = mayNotSend(sent, desk.now, terms) ?? (await mayNotDisturb(outside, next.userId, desk.now))
    if (no) return no
    const targets = contacts(person).filter((to) => (asked.channels ?? ['email', 'sms']).includes(to.channel))
    if (targets.length === 0) return refuse('user.not_assistable', { why: 'no_contact' })

    const digits = drawCode()
    desk.void('match')
    const codeId = newCode(outside, desk, id, 'consent', next.userId, terms, digits)
    const number = sayFirst(outside.secrets, id)
    const content = consentMessage(outside.vendor, {
      locale: person.locale,
      agentName: caller.name,
      userName: person.name,
      reason: reasonName(outside, next.reason.code),
      ...(next.reason.line === undefined ? {} : { line: next.reason.line }),
      ecosystemName: membership.name,
      surfaces: buttons.filter((surface) => next.surfaces?.includes(surface.id)).map((surface) => surface.name),
      powers: next.powers,
      lengthMinutes: next.lengthMinutes,
      digits,
      sayFirst: number,
      link: companionLink(outside, id),
    })
    for (const to of targets) {
      desk.send(sealed(outside.secrets, { purpose: 'consent', codeId, userId: next.userId, ...to, content }))
    }
    desk.keep(next)
    desk.happened({
      type: 'consent.asked',
      actor: actorOf(caller),
      subject: next.userId,
      data: {
        code: codeId,
        terms: terms.toString('hex'),
        channels: targets.map((to) => to.channel),
        ecosystem: ecosystemId,
        surfaces: [...(next.surfaces ?? [])],
        powers: next.powers,
        lengthMinutes: next.lengthMinutes,
      },
    })
    return accept({
      channels: targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const })),
      sayFirst: number,
      ...until(desk.now),
    })
  })
  return outcome
}

// ── 4. The user's consent ───────────────────────────────────────────────────────────────────────────────────────────

/** What the user read out: the six digits of the message, or the two digits of their page. Then help may begin. */
export async function proveUser(outside: Outside, caller: Caller, id: AssistanceId, given: ConsentInput) {
  const byPage = 'match' in given
  const purpose = byPage ? 'match' : 'consent'
  const tried = await tryCode(
    outside,
    caller,
    id,
    'consent',
    'consent',
    purpose,
    'user',
    byPage ? given.match : given.code,
  )
  if (!tried.ok) return tried
  return steps(outside, caller, id, 'consent', async (assistance, desk) => {
    if (assistance.state !== 'consent') return refuse('assistance.out_of_order')
    const text = termsOf(assistance)
    const terms = digest256(text)
    if (!terms.equals(tried.value.termsDigest)) return refuse('code.not_sent')
    const provedBy = byPage ? 'page' : 'read_aloud'
    const { codeId, browserDigest } = tried.value
    const mac = consentMac(outside.secrets, { assistanceId: id, termsDigest: terms, provedBy, codeId })

    desk.use(codeId)
    desk.void(byPage ? 'consent' : 'match')
    desk.consent({
      terms: text,
      termsDigest: terms,
      provedBy,
      codeId,
      mac,
      ...(browserDigest ? { browserDigest } : {}),
    })
    desk.keep(consented(assistance, desk.now))
    desk.happened({
      type: 'consent.given',
      actor: { kind: 'user', id: assistance.userId },
      subject: assistance.userId,
      data: { provedBy, code: codeId, terms: terms.toString('hex'), typedBy: caller.agentId },
    })
    return accept({})
  })
}

// ── 5. Is the user still there? ─────────────────────────────────────────────────────────────────────────────────────

/** Asks the user whether they are still there: a code goes to them, to be read out. For whoever cannot tap. */
export function askPresence(outside: Outside, caller: Caller, id: AssistanceId) {
  return steps(outside, caller, id, 'presence-code', async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('assistance.out_of_order')
    const no =
      mayNotSend((await sentIn(outside.db, id))('presence'), desk.now) ??
      (await mayNotDisturb(outside, assistance.userId, desk.now))
    if (no) return no
    const now = await personNow(outside, assistance.userId, assistance.ecosystemId)
    if (!now.ok) return now
    const digits = drawCode()
    const codeId = newCode(outside, desk, id, 'presence', assistance.userId, digest256(`presence/${id}`), digits)
    const content = presenceMessage(outside.vendor, {
      locale: now.value.person.locale,
      agentName: caller.name,
      digits,
      sayFirst: sayFirst(outside.secrets, id),
      link: companionLink(outside, id),
    })
    const targets = contacts(now.value.person)
    for (const to of targets) {
      desk.send(sealed(outside.secrets, { purpose: 'presence', codeId, userId: assistance.userId, ...to, content }))
    }
    desk.happened({
      type: 'presence.asked',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { code: codeId },
    })
    return accept({
      channels: targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const })),
      ...until(desk.now),
    })
  })
}

/** The presence code that the user read out: an act of the user, so the fifteen minutes begin again. */
export async function provePresence(outside: Outside, caller: Caller, id: AssistanceId, code: string) {
  const tried = await tryCode(outside, caller, id, 'presence', 'active', 'presence', 'user', code)
  if (!tried.ok) return tried
  return steps(outside, caller, id, 'presence', async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('assistance.out_of_order')
    desk.use(tried.value.codeId)
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({
      type: 'presence.given',
      actor: { kind: 'user', id: assistance.userId },
      subject: assistance.userId,
      data: { code: tried.value.codeId, typedBy: caller.agentId },
    })
    return accept({})
  })
}

// ── 6. The end ──────────────────────────────────────────────────────────────────────────────────────────────────────

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
  return kept ? accept({}) : refuse('assistance.out_of_order')
}

// ── Helpers, in the order in which they are called ──────────────────────────────────────────────────────────────────

/** An agent with an e-mail: who was locked out of helping whom, known or unknown to the Core alike. */
export const pairDigest = (secrets: Secrets, email: string): Buffer => secrets.digest('email', email.toLowerCase())

const digest256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A step of this agent on their own assistance; anybody else's does not exist for them. */
async function steps<T, R extends string>(
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
function mayNotSend(sent: Sent, now: Date, terms?: Buffer) {
  if (sent.sendsLeft <= 0) return refuse('code.no_more')
  const changed = terms !== undefined && sent.latest !== undefined && !terms.equals(sent.latest.termsDigest)
  if (sent.latest && !changed && now < sent.latest.resendAt) {
    return refuse('code.too_soon', { resendAt: sent.latest.resendAt.toISOString() })
  }
  return undefined
}

/** A user is not to be flooded, by however many agents. */
async function mayNotDisturb(outside: Outside, userId: UserId, now: Date) {
  const limit = outside.messagesPerUserADay
  if (limit === undefined) return undefined
  const { sent, first } = await messagesToday(outside.db, userId)
  const retryAt = new Date((first ?? now).getTime() + 24 * 3_600_000)
  return sent < limit ? undefined : refuse('rate.limited', { retryAt: retryAt.toISOString() })
}

/** Draws a code's row; its digits go only into the sealed message. */
function newCode(
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

const until = (now: Date) => ({
  expiresAt: new Date(now.getTime() + codeMinutes * 60_000).toISOString(),
  resendAt: new Date(now.getTime() + resendSeconds * 1000).toISOString(),
})

type Right = Extract<Guess, { answer: 'right' }>

/** Pays for a try and says what it was worth. The last wrong one of all ends the assistance and locks the pair. */
async function tryCode(
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

/** Reads the Core for an e-mail and turns it into what the agent may see. */
async function lookUp(outside: Outside, email: string): Promise<Outcome<Found | undefined, 'core.unavailable'>> {
  const answer = await askedCore(() => outside.core.lookUp(email))
  if (!answer) return refuse('core.unavailable')
  if (answer.found === 'nobody') return accept(undefined)
  if (answer.found === 'several') {
    const user: UserSeen = { name: '', status: 'active', email, locale: 'en', assistable: false, why: 'ambiguous' }
    return accept({ user, ecosystems: [] })
  }
  return accept(foundOf(outside, answer.person, answer.memberships, email))
}

async function askedCore(ask: () => Promise<LookUp>): Promise<LookUp | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof CoreSilent) return undefined
    throw error
  }
}

function foundOf(outside: Outside, person: Person, memberships: readonly Membership[], email: string): Found {
  const why = whyNot(outside.surfaces, person, memberships)
  return {
    userId: known.user(person.id),
    user: {
      name: person.name,
      status: person.active ? 'active' : 'inactive',
      email,
      locale: person.locale,
      ...(person.phone === undefined ? {} : { phoneMasked: maskPhone(person.phone) }),
      assistable: why === undefined,
      ...(why ? { why } : {}),
    },
    ecosystems: memberships.map(({ ecosystemId, name, role, status }) => ({ id: ecosystemId, name, role, status })),
  }
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

/** The person and their membership as the Core has them now: contacts on file, never what the look-up once showed. */
async function personNow(outside: Outside, userId: UserId, ecosystemId: string) {
  const answer = await askedCore(() => outside.core.person(userId))
  if (!answer) return refuse('core.unavailable')
  if (answer.found !== 'one') return refuse('user.not_assistable', { why: 'inactive' })
  const why = whyNot(outside.surfaces, answer.person, answer.memberships)
  if (why) return refuse('user.not_assistable', { why })
  const membership = answer.memberships.find((one) => one.ecosystemId === ecosystemId)
  if (!membership) return refuse('ecosystem.unknown')
  if (offered(outside.surfaces, membership).length === 0)
    return refuse('user.not_assistable', { why: 'nothing_offered' })
  return accept({ person: answer.person, membership })
}

/** Where a person can be written to: their e-mail, and their phone where it takes SMS. */
function contacts(person: Person): { channel: Channel; to: string; maskedTo: string }[] {
  const email = { channel: 'email' as const, to: person.email, maskedTo: maskEmail(person.email) }
  if (person.phone === undefined || !takesSms(person.phone)) return [email]
  return [email, { channel: 'sms' as const, to: person.phone, maskedTo: maskPhone(person.phone) }]
}

/** What the user agrees to, canonically. */
const termsOf = (assistance: Consenting | Active): string =>
  termsText({
    assistance: assistance.id,
    agent: assistance.agentId,
    user: assistance.userId,
    reason: assistance.reason.code,
    line: assistance.reason.line ?? null,
    ecosystem: assistance.ecosystemId,
    surfaces: assistance.surfaces ?? [],
    powers: assistance.powers,
    lengthMinutes: assistance.lengthMinutes,
  })

const reasonName = (outside: Outside, code: ReasonCode): Bilingual =>
  outside.reasons.find((reason) => reason.code === code)?.name ?? { en: code, es: code }

/** The address of the user's page. */
export const companionLink = (outside: Pick<Outside, 'secrets' | 'companionOrigin'>, id: AssistanceId): string =>
  `${outside.companionOrigin}/c/${linkToken(outside.secrets, id)}`
