/** What became of each message, a line a channel: a word, an icon and the hour. */
import type { MessageSeen } from '@amparo/contract/assistance'
import type { Purpose } from '@amparo/contract/words'
import { CircleCheck, CircleX, Hourglass, MinusCircle } from 'lucide-react'
import { useWords } from '../words/words.tsx'

/** The newest message of each channel, for one purpose. */
export function latestOf(messages: readonly MessageSeen[], purpose: Purpose): readonly MessageSeen[] {
  const newest = new Map<string, MessageSeen>()
  for (const message of messages) {
    if (message.purpose !== purpose) continue
    const known = newest.get(message.channel)
    if (!known || message.at >= known.at) newest.set(message.channel, message)
  }
  return [...newest.values()]
}

const icons = { queued: Hourglass, sent: CircleCheck, failed: CircleX, dropped: MinusCircle }

interface Props {
  readonly messages: readonly MessageSeen[]
  readonly purpose: Purpose
}

export function Delivery({ messages, purpose }: Props) {
  const { t, timeToTheSecond } = useWords()
  const latest = latestOf(messages, purpose)
  if (latest.length === 0) return null
  return (
    <ul className="delivery">
      {latest.map((message) => {
        const Icon = icons[message.status]
        return (
          <li key={message.channel} className={message.status}>
            <Icon size={18} aria-hidden /> {t(`channel.${message.channel}`, { to: message.maskedTo })}:{' '}
            {t(`status.${message.status}`, { time: timeToTheSecond(message.at) })}
            {message.status === 'failed' && ` · ${t('status.failedHint')}`}
          </li>
        )
      })}
    </ul>
  )
}
