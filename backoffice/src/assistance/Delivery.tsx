/** What became of each message, a line a channel: a word, an icon and the hour; and words for one that failed. */
import type { MessageSeen } from '@amparo/contract/assistance'
import type { Purpose } from '@amparo/contract/words'
import { CircleCheck, CircleX, Hourglass, MinusCircle } from 'lucide-react'
import { useWords } from '../words/words.tsx'
import { latestOf } from './messages.ts'

const icons = { queued: Hourglass, sent: CircleCheck, failed: CircleX, dropped: MinusCircle }

interface Props {
  readonly messages: readonly MessageSeen[]
  readonly purpose: Purpose
}

export function Delivery({ messages, purpose }: Props) {
  const latest = latestOf(messages, purpose)
  if (latest.length === 0) return null
  return (
    <ul className="delivery">
      {latest.map((message) => (
        <Line key={message.channel} message={message} />
      ))}
    </ul>
  )
}

function Line({ message }: { readonly message: MessageSeen }) {
  const { t, timeToTheSecond } = useWords()
  const Icon = icons[message.status]
  return (
    <li className={`with-icon ${message.status}`}>
      <Icon size={18} aria-hidden />
      <span>
        {t(`channel.${message.channel}`, { to: message.maskedTo })} ·{' '}
        <strong>{t(`status.${message.status}`, { time: timeToTheSecond(message.at) })}</strong>
      </span>
    </li>
  )
}
