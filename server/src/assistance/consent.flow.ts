/**
 * The user's side of the proof, as the agent drives it: the ecosystem, the message that asks, what the user read out,
 * and whether they are still there.
 */

import { isDeepStrictEqual } from 'node:util'
import type { ConsentCodeInput, ConsentInput } from '@amparo/contract/assistance'
import type { Channel } from '@amparo/contract/words'
import { consentMac } from '../codes/consent.ts'
import { begunUnder, drawCode, referenceOf } from '../codes/link.ts'
import type { Desk } from '../desk/desk.ts'
import { actorOf, type Caller } from '../door.ts'
import { contactChangedMessage } from '../messages/contact.ts'
import { consentMessage, presenceMessage } from '../messages/message.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, refuse } from '../outcome.ts'
import { secondPerson } from '../oversight/approvals.flow.ts'
import {
  changedContactsOf,
  contactsChangedAt,
  doActsCount,
  isTooWeak,
  needsPage,
  type Person,
  whyTwo,
} from '../policy/policy.ts'
import { type AssistanceId, known, type UserId } from '../words.ts'
import type { Before } from './assistance.store.ts'
import {
  type Consenting,
  consentAsked,
  consented,
  ecosystemChosen,
  type Living,
  shownOf,
  termsOf,
} from './assistance.ts'
import { companionLink, digest256, numberOf, type Outside, reasonName } from './outside.ts'
import { ownerOf, ownersYes, tellOwner } from './owner.flow.ts'
import { contacts, personNow, trusted } from './people.ts'
import { mayNotDisturb, mayNotHelp, mayNotSend, newCode, sends, steps, stepsByCode, until } from './step.ts'

/** Chooses the ecosystem; a message that was sent for another one no longer opens anything. */
export function chooseEcosystem(outside: Outside, caller: Caller, id: AssistanceId, ecosystemId: string) {
  return steps(outside, caller, id, 'ecosystem', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
    const { found } = assistance
    if (!found) return refuse('assistance.out_of_order')
    if (!found.user.assistable) return refuse('user.not_assistable', { why: found.user.why })
    const wanted = found.ecosystems.find((ecosystem) => ecosystem.id === ecosystemId)
    if (!wanted) return refuse('ecosystem.unknown')
    if (wanted.support === 'off') return refuse('ecosystem.support_off')
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
  const waiting: { for?: Consenting | undefined } = {}
  const outcome = await sends(outside, caller, id, 'consent-code', async (assistance, desk, before) => {
    const { sent } = before
    const helpable = await askable(outside, caller, assistance, asked, before)
    if (!helpable.ok) return helpable
    const { next, person, ecosystem, membership } = helpable.value
    const safe = trusted(outside.policy, person, helpable.value.targets, desk.now)
    if (!safe.ok) return safe
    const targets = safe.value
    const terms = digest256(termsOf(next))
    const whys = whyTwo(outside.policy, {
      membership,
      surfaces: next.surfaces ?? [],
      powers: next.powers,
      ofUser: before.helped + 1,
      contactsChangedAt: contactsChangedAt(person),
      now: desk.now,
    })
    const second =
      (await ownersYes(outside, caller, id, membership, terms, shownOf(next))) ??
      (await secondPerson(outside, caller, {
        assistanceId: id,
        purpose: 'consent',
        about: terms,
        whys,
        shown: shownOf(next),
      }))
    waiting.for = second?.refusal === 'approval.needed' ? next : undefined
    if (second) return second
    const no =
      mayNotSend(sent('consent'), desk.now, terms) ??
      (await mayNotDisturb(outside, desk, next.userId, before.floodedUntil))
    if (no) return no
    if (!sent('consent').latest) tellOfChange(outside, caller, desk, next.userId, person)

    const digits = drawCode()
    desk.void('match')
    const codeId = newCode(outside, desk, id, 'consent', next.userId, terms, digits)
    const content = consentLetter(outside, caller, next, person, ecosystem.name, digits)
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
        ecosystem: next.ecosystemId,
        surfaces: [...(next.surfaces ?? [])],
        powers: next.powers,
        lengthMinutes: next.lengthMinutes,
      },
    })
    return accept({ channels: queuedTo(targets), sayFirst: numberOf(outside, assistance), ...until(desk.now) })
  })
  if (waiting.for) await keepsAsked(outside, caller, id, waiting.for)
  return outcome
}

/** What is asked for stands in the row before anything is sent. */
function keepsAsked(outside: Outside, caller: Caller, id: AssistanceId, next: Consenting) {
  return steps(outside, caller, id, 'consent-code', async (assistance, desk) => {
    if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
    const { surfaces, powers, lengthMinutes } = next
    const asBefore = isDeepStrictEqual({ ...assistance, surfaces, powers, lengthMinutes }, assistance)
    if (asBefore || assistance.ecosystemId !== next.ecosystemId) return accept({})
    desk.void('consent', 'match')
    desk.keep({ ...assistance, surfaces: surfaces ?? [], powers, lengthMinutes })
    return accept({})
  })
}

/** A contact that changed lately: both are told of it, the old way in and the new one, the first time the user is asked. */
function tellOfChange(outside: Outside, caller: Caller, desk: Desk, userId: UserId, person: Person): void {
  const changed = changedContactsOf(outside.policy, person, desk.now)
  if (changed.length === 0) return
  const content = contactChangedMessage(outside.vendor, { locale: person.locale, agentName: caller.name, changed })
  for (const to of contacts(person))
    desk.send(sealed(outside.secrets, { purpose: 'contact_changed', userId, ...to, content }))
}

/** Whom to ask, for what, and where to write: as the Core has them now, not as the look-up once showed them. */
async function askable(outside: Outside, caller: Caller, assistance: Living, asked: ConsentCodeInput, before: Before) {
  if (assistance.state !== 'user_lookup' && assistance.state !== 'consent') return refuse('assistance.out_of_order')
  const { found, ecosystemId } = assistance
  if (found && !found.user.assistable) return refuse('user.not_assistable', { why: found.user.why })
  if (!found?.userId || !ecosystemId) return refuse('assistance.out_of_order')
  if (before.isCut({ ecosystemId })) return refuse('access.switched_off')
  const now = await personNow(
    outside,
    assistance.kind,
    found.userId,
    ecosystemId,
    assistance.state === 'consent' ? found : undefined,
  )
  if (!now.ok) return now
  const { person, ecosystem, membership } = now.value
  const no = await mayNotHelp(outside, caller, person.email, before.lockedUntil)
  if (no) return no

  const buttons = now.value.buttons.map((surface) => surface.id)
  const chosen = asked.surfaces ?? buttons
  if (chosen.some((surface) => !buttons.includes(surface))) return refuse('surface.not_offered')
  const powers = assistance.kind === 'technical' ? (asked.powers ?? 'look') : 'look'
  if (membership && isTooWeak(outside.policy, assistance.agentMethod, membership, { surfaces: chosen, powers }))
    return refuse('proof.too_weak')
  const targets = contacts(person).filter((to) => (asked.channels ?? ['email', 'sms']).includes(to.channel))
  const next = consentAsked(assistance, found, found.userId, ecosystemId, {
    surfaces: buttons.filter((surface) => chosen.includes(surface)),
    powers,
    lengthMinutes: asked.lengthMinutes ?? 60,
  })
  return accept({ next, person, ecosystem, targets, membership })
}

function consentLetter(
  outside: Outside,
  caller: Caller,
  next: Consenting,
  person: Person,
  ecosystemName: string,
  digits: string,
) {
  return consentMessage(outside.vendor, {
    kind: next.kind,
    locale: person.locale,
    agentName: caller.name,
    userName: person.name,
    reason: reasonName(outside, next.reason),
    ...(next.reason.line === undefined ? {} : { line: next.reason.line }),
    ecosystemName,
    surfaces: outside.surfaces.filter(({ id }) => next.surfaces?.includes(id)).map(({ name }) => name),
    powers: next.powers,
    lengthMinutes: next.lengthMinutes,
    actsCount: doActsCount(outside.policy, next.kind),
    digits,
    sayFirst: numberOf(outside, next),
    link: companionLink(outside, next),
    reference: referenceOf(begunUnder(outside.secrets, next), next.id),
    checkAt: `${outside.companionOrigin}/ours`,
  })
}

const queuedTo = (targets: readonly { channel: Channel; maskedTo: string }[]) =>
  targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const }))

/** What the user read out: the six digits of the message, or the two digits of their page. Then help may begin. */
export function proveUser(outside: Outside, caller: Caller, id: AssistanceId, given: ConsentInput) {
  const [purpose, provedBy, digits] =
    'match' in given ? (['match', 'page', given.match] as const) : (['consent', 'read_aloud', given.code] as const)
  const by = { step: 'consent', state: 'consent', purpose } as const
  return stepsByCode(
    outside,
    caller,
    id,
    by,
    digits,
    async (assistance, desk, { codeId, termsDigest, browserDigest }) => {
      const text = termsOf(assistance)
      const terms = digest256(text)
      if (provedBy === 'read_aloud' && isPageOnly(outside, assistance)) return refuse('code.page_only')
      if (!terms.equals(termsDigest)) return refuse('code.not_sent')
      const now = await personNow(outside, assistance.kind, assistance.userId, assistance.ecosystemId, assistance.found)
      if (!now.ok) return now
      const { membership } = now.value
      const tells = membership?.support === 'told' || membership?.support === 'approve'
      const owner = tells ? await ownerOf(outside, membership, assistance.userId) : undefined
      if (owner === 'silent') return refuse('core.unavailable')
      const active = consented(assistance, desk.now)
      const mac = consentMac(begunUnder(outside.secrets, assistance), {
        assistanceId: id,
        termsDigest: terms,
        provedBy,
        codeId,
      })

      desk.void('consent', 'match')
      desk.consent({
        terms: text,
        termsDigest: terms,
        provedBy,
        codeId,
        mac,
        ...(browserDigest ? { browserDigest } : {}),
      })
      desk.keep(active)
      if (owner) tellOwner(outside, caller, desk, active, owner)
      desk.happened({
        type: 'consent.given',
        actor: { kind: 'user', id: assistance.userId },
        subject: assistance.userId,
        data: { provedBy, code: codeId, terms: terms.toString('hex'), typedBy: caller.agentId },
      })
      return accept(active)
    },
  )
}

/** Whether policy takes the page's yes alone for this. The role is the one that the message was sent for. */
function isPageOnly(outside: Outside, { found, ecosystemId, surfaces, powers }: Consenting): boolean {
  const role = found.ecosystems.find(({ id }) => id === ecosystemId)?.role
  return needsPage(
    outside.policy,
    { role: role === 'owner' ? 'owner' : 'member' },
    { surfaces: surfaces ?? [], powers },
  )
}

/** Asks the user whether they are still there: a code goes to them, to be read out. For whoever cannot tap. */
export function askPresence(outside: Outside, caller: Caller, id: AssistanceId) {
  return sends(outside, caller, id, 'presence-code', async (assistance, desk, { sent, floodedUntil }) => {
    // Whoever was told instead of asked is not asked whether they are there: their half hour ends by itself.
    if (assistance.state !== 'active' || assistance.brokenBy !== undefined) return refuse('assistance.out_of_order')
    const no =
      mayNotSend(sent('presence'), desk.now) ?? (await mayNotDisturb(outside, desk, assistance.userId, floodedUntil))
    if (no) return no
    const now = await personNow(outside, assistance.kind, assistance.userId, assistance.ecosystemId, assistance.found)
    if (!now.ok) return now
    const digits = drawCode()
    const codeId = newCode(outside, desk, id, 'presence', assistance.userId, digest256(`presence/${id}`), digits)
    const content = presenceMessage(outside.vendor, {
      locale: now.value.person.locale,
      agentName: caller.name,
      digits,
      sayFirst: numberOf(outside, assistance),
      link: companionLink(outside, assistance),
    })
    const targets = contacts(now.value.person)
    if (targets.length === 0) return refuse('user.not_assistable', { why: 'no_contact' })
    for (const to of targets) {
      desk.send(sealed(outside.secrets, { purpose: 'presence', codeId, userId: assistance.userId, ...to, content }))
    }
    desk.happened({
      type: 'presence.asked',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { code: codeId },
    })
    return accept({ channels: queuedTo(targets), ...until(desk.now) })
  })
}

/** The presence code that the user read out: an act of the user, so the fifteen minutes begin again. */
export function provePresence(outside: Outside, caller: Caller, id: AssistanceId, code: string) {
  const by = { step: 'presence', state: 'active', purpose: 'presence' } as const
  return stepsByCode(outside, caller, id, by, code, async (assistance, desk, { codeId }) => {
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({
      type: 'presence.given',
      actor: { kind: 'user', id: assistance.userId },
      subject: assistance.userId,
      data: { code: codeId, typedBy: caller.agentId },
    })
    return accept({})
  })
}
