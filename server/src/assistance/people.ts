/** People as the Core has them: what a look-up may show, and where they can be written to. */

import type { UserSeen } from '@amparo/contract/people'
import type { Channel } from '@amparo/contract/words'
import { CoreSilent } from '../core/core.ts'
import { takesSms } from '../messages/phone.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type LookUp, type Membership, offered, type Person, whyNot } from '../policy/policy.ts'
import { known, type UserId } from '../words.ts'
import { type Found, maskEmail, maskPhone } from './assistance.ts'
import type { Outside } from './outside.ts'

/** Reads the Core for an e-mail and turns it into what the agent may see. */
export async function lookUp(outside: Outside, email: string): Promise<Outcome<Found | undefined, 'core.unavailable'>> {
  const answer = await askedCore(() => outside.core.lookUp(email))
  if (!answer) return refuse('core.unavailable')
  if (answer.found === 'nobody') return accept(undefined)
  if (answer.found === 'several') {
    const user: UserSeen = { name: '', status: 'active', email, locale: 'en', assistable: false, why: 'ambiguous' }
    return accept({ user, ecosystems: [] })
  }
  return accept(foundOf(outside, answer.person, answer.memberships, email))
}

/** The person and their membership as the Core has them now: contacts on file, never what the look-up once showed. */
export async function personNow(outside: Outside, userId: UserId, ecosystemId: string) {
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
export function contacts(person: Person): { channel: Channel; to: string; maskedTo: string }[] {
  const email = { channel: 'email' as const, to: person.email, maskedTo: maskEmail(person.email) }
  if (person.phone === undefined || !takesSms(person.phone)) return [email]
  return [email, { channel: 'sms' as const, to: person.phone, maskedTo: maskPhone(person.phone) }]
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
    ecosystems: memberships.map((membership) => ({
      id: membership.ecosystemId,
      name: membership.name,
      role: membership.role,
      status: membership.status,
      offers: offered(outside.surfaces, membership).map((surface) => ({ surface: surface.id, name: surface.name })),
    })),
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
