/** What an agent asks of a user, and what it still lacks. */
import type { Assistance, ConsentCodeInput } from '@amparo/contract/assistance'
import type { SurfaceOffered, UserSeen } from '@amparo/contract/people'
import type { Channel, Power } from '@amparo/contract/words'
import { channelsOf, latestOf } from './messages.ts'

export interface Asked {
  readonly channels: readonly Channel[]
  readonly powers: Power
  readonly lengthMinutes: number
  /** Products that the agent does not need. Kept as what is left out, so that another ecosystem begins with all. */
  readonly without: readonly string[]
}

export const lengths = Array.from({ length: 12 }, (_, index) => (index + 1) * 5)

/** What was asked the last time, or everything that there is. */
export function askedBefore(it: Assistance, user: UserSeen): Asked {
  const used = latestOf(it.messages, 'consent').map((message) => message.channel)
  return {
    channels: used.length > 0 ? used : channelsOf(user),
    powers: it.powers,
    lengthMinutes: it.lengthMinutes,
    without: it.surfacesAsked ? surfaceIds(it).filter((surface) => !it.surfacesAsked?.includes(surface)) : [],
  }
}

/** The products of the chosen ecosystem. */
export const offersOf = (it: Assistance): readonly SurfaceOffered[] =>
  it.ecosystems?.find((one) => one.id === it.ecosystemId)?.offers ?? []

const surfaceIds = (it: Assistance) => offersOf(it).map((one) => one.surface)

export type Lacking = 'ecosystem' | 'surfaces' | 'channels'

export function lackingIn(it: Assistance, asked: Asked): Lacking | undefined {
  if (it.ecosystemId === undefined) return 'ecosystem'
  const offers = offersOf(it)
  if (offers.length > 0 && offers.every((one) => asked.without.includes(one.surface))) return 'surfaces'
  return asked.channels.length === 0 ? 'channels' : undefined
}

/** As the call takes it. Surfaces are named only where some are left out. */
export function termsOf(it: Assistance, asked: Asked): ConsentCodeInput {
  const surfaces = surfaceIds(it)
  const wanted = surfaces.filter((surface) => !asked.without.includes(surface))
  return {
    channels: [...asked.channels],
    powers: asked.powers,
    lengthMinutes: asked.lengthMinutes,
    ...(wanted.length < surfaces.length && { surfaces: wanted }),
  }
}
