/**
 * The user's side of the proof, as the agent drives it: the ecosystem, the message that asks, what the user read out,
 * and whether they are still there.
 */

import type { ConsentCodeInput, ConsentInput } from '@amparo/contract/assistance'
import { lockedUntil, sentIn } from '../codes/code.store.ts'
import { consentMac } from '../codes/consent.ts'
import { drawCode, sayFirst } from '../codes/link.ts'
import { actorOf, type Caller } from '../door.ts'
import { consentMessage, presenceMessage } from '../messages/message.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, refuse } from '../outcome.ts'
import { offered } from '../policy/policy.ts'
import { type AssistanceId, known } from '../words.ts'
import { consentAsked, consented, ecosystemChosen, termsOf } from './assistance.ts'
import { companionLink, digest256, type Outside, pairDigest, reasonName } from './outside.ts'
import { contacts, personNow } from './people.ts'
import { mayNotDisturb, mayNotSend, newCode, steps, tryCode, until } from './step.ts'

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
