/** People as the Core has them: what a look-up may show, and where they can be written to. */

import type { EcosystemSeen } from '@amparo/contract/people'
import type { Channel, Kind, WhyNot } from '@amparo/contract/words'
import { CoreSilent } from '../core/core.ts'
import { SuccessionsUnread } from '../core/views.ts'
import { takesSms, whatTakes } from '../messages/phone.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import {
  changedContactsOf,
  type LookUp,
  type Membership,
  offered,
  type Person,
  type SupportAccess,
  type Surface,
  whyNot,
  whyNotThemself,
} from '../policy/policy.ts'
import { type EcosystemId, known, type UserId } from '../words.ts'
import { type Found, maskEmail, maskPhone } from './assistance.ts'
import type { Outside } from './outside.ts'
import { wasSuspended } from './standing.ts'

/** Reads the Core for an e-mail and turns it into what the agent may see. */
export async function lookUp(
  outside: Outside,
  kind: Kind,
  email: string,
): Promise<Outcome<Found | undefined, 'core.unavailable' | 'succession.off'>> {
  const answer = await askedCore(() => outside.core.lookUp(email))
  if (!answer) return refuse('core.unavailable')
  if (answer.found === 'one') {
    const placed = await placesOf(outside, kind, answer)
    return placed.ok ? accept(foundOf(answer.person, placed.value, email)) : placed
  }
  if (answer.found === 'several') return accept(nobodyFor(email, 'ambiguous'))
  if (kind === 'technical') return accept(undefined)
  const named = await asked(() => outside.successions.namesNobody(email))
  if (!named.ok) return named
  return accept(named.value ? nobodyFor(email, 'successor_without_user') : undefined)
}

const nobodyFor = (email: string, why: 'ambiguous' | 'successor_without_user'): Found => ({
  user: { name: '', status: 'active', email, locale: 'en', assistable: false, why },
  ecosystems: [],
})

/** Where this kind of help could take place, and why it cannot where it cannot. */
interface Places {
  readonly ecosystems: readonly EcosystemSeen[]
  readonly why: WhyNot | undefined
  buttons(ecosystemId: string): readonly Surface[]
  /** What they are there, and what its owner says of support. */
  membership(ecosystemId: string): Membership | undefined
}

/** The one difference between the kinds: products that open for a member, or successions of an owner or successor. */
async function placesOf(outside: Outside, kind: Kind, { person, memberships }: Extract<LookUp, { found: 'one' }>) {
  if (kind === 'technical') {
    return accept<Places>({
      why: whyNot(outside.surfaces, person, memberships),
      ecosystems: memberships.map((membership) => ({
        id: membership.ecosystemId,
        name: membership.name,
        role: membership.role,
        status: membership.status,
        ...supportOf(membership.support),
        offers: offered(outside.surfaces, membership).map((surface) => ({ surface: surface.id, name: surface.name })),
      })),
      buttons: (id) => {
        const membership = memberships.find((one) => one.ecosystemId === id)
        return membership ? offered(outside.surfaces, membership) : []
      },
      membership: (id) => memberships.find((one) => one.ecosystemId === id),
    })
  }
  const places = await asked(() => outside.successions.places(person.id))
  if (!places.ok) return places
  const standings = await standingsOf(outside, person.id, places.value)
  if (!standings) return refuse('core.unavailable')
  const standing = (id: string) => standings.find(({ ecosystemId }) => ecosystemId === id)
  const support = (id: string) => standing(id)?.support
  return accept<Places>({
    why: whyNotThemself(person) ?? whyNoPlace(places.value.map(({ ecosystemId }) => support(ecosystemId))),
    ecosystems: places.value.map(({ ecosystemId, name, role, status }) => ({
      id: ecosystemId,
      name,
      role,
      status,
      ...supportOf(support(ecosystemId)),
    })),
    buttons: () => [],
    membership: (id) => {
      const [place, now] = [places.value.find(({ ecosystemId }) => ecosystemId === id), standing(id)]
      if (!place || !now) return undefined
      const { ecosystemId, name, status } = place
      const role = place.role === 'owner' ? ('owner' as const) : ('member' as const)
      return { ecosystemId, name, status, role, features: [], support: now.support, ownerId: now.ownerId }
    },
  })
}

const supportOf = (support: SupportAccess | undefined) =>
  support === undefined || support === 'allowed' ? {} : { support }

const whyNoPlace = (supports: readonly (SupportAccess | undefined)[]): WhyNot | undefined => {
  if (supports.length === 0) return 'not_in_succession'
  return supports.every((support) => support === 'off') ? 'support_off' : undefined
}

async function standingsOf(outside: Outside, userId: string, places: readonly { readonly ecosystemId: string }[]) {
  try {
    return places.length === 0
      ? []
      : await outside.core.standings(places.map(({ ecosystemId }) => ({ userId, ecosystemId })))
  } catch (error) {
    if (error instanceof CoreSilent) return undefined
    throw error
  }
}

/**
 * The person and their place as the Core has them now: contacts on file, never what the look-up once showed. `before`: what it
 * showed of a help that the user was asked for, which an ecosystem that was suspended since ends.
 */
export async function personNow(
  outside: Outside,
  kind: Kind,
  userId: UserId,
  ecosystemId: EcosystemId,
  before?: Found,
) {
  const answer = await askedCore(() => outside.core.person(userId))
  if (!answer) return refuse('core.unavailable')
  if (answer.found !== 'one') return refuse('user.not_assistable', { why: 'inactive' })
  const placed = await placesOf(outside, kind, answer)
  if (!placed.ok) return placed
  const { why, ecosystems, buttons, membership } = placed.value
  if (why === 'support_off') return refuse('ecosystem.support_off')
  if (why) return refuse('user.not_assistable', { why })
  const ecosystem = ecosystems.find((one) => one.id === ecosystemId)
  if (!ecosystem) return refuse('ecosystem.unknown')
  // Its owner said no: nothing of it is reachable, not even by a message to its member.
  if (ecosystem.support === 'off') return refuse('ecosystem.support_off')
  const isNew = before && ecosystem.status === 'suspended' && !wasSuspended({ found: before, ecosystemId })
  if (isNew || (kind === 'technical' && buttons(ecosystemId).length === 0))
    return refuse('user.not_assistable', { why: 'nothing_offered' })
  return accept({
    person: answer.person,
    ecosystem,
    membership: membership(ecosystemId),
    buttons: buttons(ecosystemId),
  })
}

/** Where a person can be written to: their e-mail, where they have one, and their phone where it takes SMS. */
export function contacts(person: {
  readonly email: string
  readonly phone?: string | undefined
}): { channel: Channel; to: string; maskedTo: string }[] {
  const { email, phone } = person
  return [
    ...(email === '' ? [] : [{ channel: 'email' as const, to: email, maskedTo: maskEmail(email) }]),
    ...(phone === undefined || !takesSms(phone)
      ? []
      : [{ channel: 'sms' as const, to: phone, maskedTo: maskPhone(phone) }]),
  ]
}

/**
 * Of these targets, the ones that a code may go to: what changed lately gets none, or nobody is asked at all, as the policy
 * says. Where a second person has to say yes and nothing else is left, it goes where they said yes to.
 */
export function trusted<T extends { readonly channel: Channel }>(
  policy: Outside['policy'],
  person: Person,
  targets: readonly T[],
  now: Date,
) {
  if (targets.length === 0) return refuse('user.not_assistable', { why: 'no_contact' })
  const changed = changedContactsOf(policy, person, now)
  if (changed.length === 0 || policy.changedContacts.answer === 'allow') return accept(targets)
  if (policy.changedContacts.answer === 'refuse') return refuse('contact.changed_lately', { why: changed.join(' ') })
  const left = targets.filter(({ channel }) => !changed.includes(channel))
  return accept(left.length > 0 ? left : targets)
}

function foundOf(person: Person, { why, ecosystems }: Places, email: string): Found {
  return {
    userId: known.user(person.id),
    user: {
      name: person.name,
      status: person.active ? 'active' : 'inactive',
      email,
      locale: person.locale,
      ...(person.phone === undefined
        ? {}
        : { phoneMasked: maskPhone(person.phone), phoneTakes: whatTakes(person.phone) }),
      assistable: why === undefined,
      ...(why ? { why } : {}),
    },
    ecosystems,
  }
}

async function asked<T>(ask: () => Promise<T>) {
  try {
    return accept(await ask())
  } catch (error) {
    if (error instanceof SuccessionsUnread) return refuse('succession.off', { why: error.message })
    throw error
  }
}

async function askedCore(ask: () => Promise<LookUp>): Promise<LookUp | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof CoreSilent) return undefined
    throw error
  }
}
