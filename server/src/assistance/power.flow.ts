/**
 * One sensitive power in the middle of help: the user gets a message that names it, with a code for it alone, or says yes
 * on their page. Whatever they answer, the rest stays as it was.
 */
import type { PowerInput } from '@amparo/contract/assistance'
import { type AlwaysRefused, alwaysRefused, type SensitivePower } from '@amparo/contract/powers'
import { sentIn } from '../codes/code.store.ts'
import { drawCode } from '../codes/link.ts'
import { powerMac, powerText } from '../codes/power.ts'
import { actorOf, type Caller } from '../door.ts'
import { powerMessage } from '../messages/message.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, refuse } from '../outcome.ts'
import { secondPerson } from '../oversight/approvals.flow.ts'
import { contactsChangedAt, isTooWeak, needsPage, type Surface, whyTwo } from '../policy/policy.ts'
import { newId } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import type { Active } from './assistance.ts'
import { companionLink, digest256, numberOf, type Outside } from './outside.ts'
import { contacts, personNow, trusted } from './people.ts'
import { powersHeld, powersOf, powerWaiting } from './power.store.ts'
import { mayNotDisturb, mayNotSend, newCode, steps, stepsByCode, until } from './step.ts'

/** A power beyond everyday things, as policies name it. */
const beyond = { surfaces: [], powers: 'act' } as const

/** Asks for one power: a message that names it, with a code that grants it and nothing else. */
export function askPower(outside: Outside, caller: Caller, id: AssistanceId, power: SensitivePower) {
  return steps(outside, caller, id, 'powers', async (assistance, desk) => {
    if (assistance.kind !== 'technical') return refuse('surface.not_here')
    // What two people opened without the user is for looking, and nobody is there to agree to more.
    if (assistance.state !== 'active' || assistance.brokenBy !== undefined) return refuse('assistance.out_of_order')
    const surfaces = await openWith(outside, id, power)
    if (surfaces.length === 0) return refuse('power.not_offered')
    const rows = await powersOf(outside.db, id)
    const held = powersHeld(rows).filter((row) => row.power === power)
    if (surfaces.every((surface) => held.some((row) => row.heldIn.includes(surface.id))))
      return refuse('power.standing')
    const now = await personNow(outside, assistance.kind, assistance.userId, assistance.ecosystemId, assistance.found)
    if (!now.ok) return now
    const { person, membership, ecosystem } = now.value
    if (!membership) return refuse('power.not_offered')
    if (isTooWeak(outside.policy, assistance.agentMethod, membership, beyond)) return refuse('proof.too_weak')
    const safe = trusted(outside.policy, person, contacts(person), desk.now)
    if (!safe.ok) return safe
    const terms = digest256(termsOf(assistance, power, surfaces))
    const whys = whyTwo(outside.policy, { powers: 'act', contactsChangedAt: contactsChangedAt(person), now: desk.now })
    const second = await secondPerson(outside, caller, {
      assistanceId: id,
      purpose: 'power',
      about: terms,
      whys,
      shown: {
        ecosystem: assistance.ecosystemId,
        surfaces: surfaces.map((surface) => surface.id),
        powers: assistance.powers,
        power,
      },
    })
    if (second) return second
    const no =
      mayNotSend((await sentIn(outside.db, id))('power'), desk.now, terms) ??
      (await mayNotDisturb(outside, desk, assistance.userId))
    if (no) return no

    const digits = drawCode()
    desk.void('power_match')
    const codeId = newCode(outside, desk, id, 'power', assistance.userId, terms, digits)
    const content = powerMessage(outside.vendor, {
      locale: person.locale,
      agentName: caller.name,
      power: alwaysRefused[power],
      surfaces: surfaces.map(({ name }) => name),
      ecosystemName: ecosystem.name,
      pageOnly: needsPage(outside.policy, membership, beyond),
      digits,
      sayFirst: numberOf(outside, assistance),
      link: companionLink(outside, assistance),
    })
    const targets = safe.value
    for (const to of targets) {
      desk.send(sealed(outside.secrets, { purpose: 'power', codeId, userId: assistance.userId, ...to, content }))
    }
    const surfaceIds = surfaces.map((surface) => surface.id)
    desk.power({ id: newId('pw'), power, surfaces: surfaceIds, termsDigest: terms, codeId })
    desk.happened({
      type: 'power.asked',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: { power, surfaces: surfaceIds, code: codeId, terms: terms.toString('hex') },
    })
    const channels = targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const }))
    return accept({ channels, ...until(desk.now) })
  })
}

/** What the user read out: the six digits of that message, or the two digits of their page. */
export async function grantPower(
  outside: Outside,
  caller: Caller,
  id: AssistanceId,
  power: SensitivePower,
  given: PowerInput,
) {
  const [purpose, provedBy, digits] =
    'match' in given ? (['power_match', 'page', given.match] as const) : (['power', 'read_aloud', given.code] as const)
  // A code is for the power that its message named, and for no other: nothing is paid for a try at another one.
  if (powerWaiting(await powersOf(outside.db, id))?.power !== power) return notAsked(outside, caller, id)
  const by = { step: 'powers', state: 'active', purpose } as const
  return stepsByCode(outside, caller, id, by, digits, async (assistance, desk, { codeId, termsDigest }) => {
    const asked = powerWaiting(await powersOf(outside.db, id))
    if (asked?.power !== power || !asked.termsDigest.equals(termsDigest)) return refuse('code.not_sent')
    if (asked.openIn.length === 0) return refuse('power.not_offered')
    const now = await personNow(outside, assistance.kind, assistance.userId, assistance.ecosystemId, assistance.found)
    if (!now.ok) return now
    const { membership } = now.value
    if (!membership) return refuse('power.not_offered')
    if (provedBy === 'read_aloud' && needsPage(outside.policy, membership, beyond)) return refuse('power.page_only')

    desk.void('power', 'power_match')
    const facts = { id: asked.id, assistanceId: id, power, surfaces: asked.surfaces, termsDigest, provedBy, codeId }
    desk.power({ id: asked.id, granted: { provedBy, codeId, mac: powerMac(outside.secrets, facts) } })
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({
      type: 'power.granted',
      actor: { kind: 'user', id: assistance.userId },
      subject: assistance.userId,
      data: { power, surfaces: [...asked.surfaces], provedBy, code: codeId, typedBy: caller.agentId },
    })
    return accept({})
  })
}

const notAsked = (outside: Outside, caller: Caller, id: AssistanceId) =>
  steps(outside, caller, id, 'powers', async (assistance) =>
    assistance.state === 'active' ? refuse('code.not_sent') : refuse('assistance.out_of_order'),
  )

/** What nobody may ask for, in no help: it is refused, and the record has it. */
export const neverAskable = (outside: Outside, caller: Caller, id: AssistanceId) =>
  steps<never, 'power.never'>(outside, caller, id, 'powers', async () => refuse('power.never'))

const termsOf = (assistance: Active, power: AlwaysRefused, surfaces: readonly Surface[]): string =>
  powerText({
    assistanceId: assistance.id,
    agentId: assistance.agentId,
    userId: assistance.userId,
    ecosystemId: assistance.ecosystemId,
    power,
    surfaces: surfaces.map((surface) => surface.id),
  })

/** The products that are open now and hold this power back one by one. Where none does, it is not offered at all. */
async function openWith(outside: Outside, id: AssistanceId, power: SensitivePower): Promise<readonly Surface[]> {
  const open = (await outside.surfacesOf(id)).filter((one) => one.tokenAt !== undefined && one.closedAt === undefined)
  return outside.surfaces.filter(
    (surface) => surface.powers.includes(power) && open.some((one) => one.surface === surface.id),
  )
}
