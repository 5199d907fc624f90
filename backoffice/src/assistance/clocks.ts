/** The clocks that run in an assistance, and which of them ends it first. */
import type { Assistance } from '@amparo/contract/assistance'

export type EndingClock = 'idle' | 'max'
export type OtherClock = 'code' | 'resend'
export interface Running<What> {
  readonly what: What
  /** Milliseconds. */
  readonly left: number
}

/**
 * The two that end it, the one that ends it first in front. Nothing once it is over. Where nobody could be asked there is
 * nobody whose silence could end it: one clock.
 */
export function endingClocks(
  { state, deadlines, consentedBy }: Assistance,
  now: number,
): readonly Running<EndingClock>[] {
  if (state === 'closed') return []
  const left = (until: string) => Math.max(0, Date.parse(until) - now)
  const idle = consentedBy === 'break_glass' ? [] : [{ what: 'idle', left: left(deadlines.idleAt) } as const]
  const most = deadlines.maxAt === undefined ? [] : [{ what: 'max', left: left(deadlines.maxAt) } as const]
  return [...idle, ...most].sort((one, other) => one.left - other.left)
}

/** Those that end nothing: how long the code holds, and when another may be sent. Only while they run. */
export function otherClocks({ deadlines }: Assistance, now: number): readonly Running<OtherClock>[] {
  const left = (what: OtherClock, until: string | undefined) =>
    until === undefined ? [] : [{ what, left: Date.parse(until) - now }]
  return [...left('code', deadlines.codeExpiresAt), ...left('resend', deadlines.resendAt)].filter((one) => one.left > 0)
}

const milestones = [20_000, 60_000, 120_000] as const
export type Milestone = (typeof milestones)[number]

/** The last milestone that was passed. Each is said once, and nothing between them. */
export const milestoneAt = (left: number): Milestone | undefined => milestones.find((at) => left <= at)
