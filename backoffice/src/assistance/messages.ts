/** What became of the messages of an assistance. */
import type { MessageSeen } from '@amparo/contract/assistance'
import type { UserSeen } from '@amparo/contract/people'
import type { Channel } from '@amparo/contract/words'

/** The newest message of each channel, for one purpose. */
export function latestOf(messages: readonly MessageSeen[], purpose: MessageSeen['purpose']): readonly MessageSeen[] {
  const newest = new Map<string, MessageSeen>()
  for (const message of messages) {
    if (message.purpose !== purpose) continue
    const known = newest.get(message.channel)
    if (!known || message.at >= known.at) newest.set(message.channel, message)
  }
  return [...newest.values()]
}

/**
 * When the newest message of this purpose went out. Nothing while one that may be newer has not gone out: what went by the other
 * channel may be of the code before it.
 */
export function sentAt(messages: readonly MessageSeen[], purpose: MessageSeen['purpose']): string | undefined {
  const newest = [...latestOf(messages, purpose)].sort((one, other) => (one.at < other.at ? -1 : 1)).at(-1)
  return newest?.status === 'sent' ? newest.at : undefined
}

/** It did not go out so far, and we go on trying. */
export const isDelayed = ({ status, retryAt, trying }: MessageSeen): boolean =>
  status === 'failed' && (retryAt !== undefined || trying === true)

/** Nothing more becomes of it: it went out, must not any more, or is not tried again. */
export const isSettled = (message: MessageSeen): boolean => message.status !== 'queued' && !isDelayed(message)

/** The ways to write to somebody: a fixed line takes no message. */
export const channelsOf = ({ phoneTakes }: UserSeen): readonly Channel[] =>
  phoneTakes === 'sms' ? ['email', 'sms'] : ['email']

/** The channel that was not used, once one that was has failed. */
export function otherWay(latest: readonly MessageSeen[], has: readonly Channel[]): Channel | undefined {
  if (!latest.some((message) => message.status === 'failed')) return undefined
  return has.find((channel) => !latest.some((message) => message.channel === channel))
}
