/** What became of each message, a line a channel: a word, an icon and the hour; and for one that failed, why and what now. */
import type { MessageSeen } from '@amparo/contract/assistance'
import { deliverySentence } from '@amparo/contract/delivery'
import { CircleCheck, CircleX, Hourglass, MinusCircle, RotateCw } from 'lucide-react'
import { useWords } from '../words/words.tsx'
import { isDelayed, latestOf } from './messages.ts'

const icons = { queued: Hourglass, sent: CircleCheck, failed: CircleX, delayed: RotateCw, dropped: MinusCircle }

interface Props {
  readonly messages: readonly MessageSeen[]
  readonly purpose: MessageSeen['purpose']
  /** Whether the agent has another way at hand than this message. */
  readonly another?: boolean
}

export function Delivery({ messages, purpose, another = false }: Props) {
  const latest = latestOf(messages, purpose)
  if (latest.length === 0) return null
  return (
    <ul className="delivery">
      {latest.map((message) => (
        <Line key={message.channel} message={message} another={another} />
      ))}
    </ul>
  )
}

function Line({ message, another }: { readonly message: MessageSeen; readonly another: boolean }) {
  const { t, timeToTheSecond } = useWords()
  const fate = isDelayed(message) ? 'delayed' : message.status
  const Icon = icons[fate]
  return (
    <li className={`with-icon ${fate}`}>
      <Icon size={18} aria-hidden />
      <div>
        {t(`channel.${message.channel}`, { to: message.maskedTo })} ·{' '}
        <strong>{t(`status.${fate}`, { time: timeToTheSecond(message.at) })}</strong>
        {message.error !== undefined && <Why message={message} error={message.error} another={another} />}
      </div>
    </li>
  )
}

interface WhyProps {
  readonly message: MessageSeen
  readonly error: NonNullable<MessageSeen['error']>
  readonly another: boolean
}

/** Why it did not go out and what to do; the other side's own numbers, for whoever looks after the mail. */
function Why({ message, error, another }: WhyProps) {
  const { t, name, timeToTheSecond } = useWords()
  const { purpose, retryAt, trying, said } = message
  const isOwn = purpose === 'agent'
  return (
    <p>
      {isOwn && !isDelayed(message) ? t('failed.own') : name(deliverySentence(error, isOwn ? 'own' : 'user'))}{' '}
      {retryAt !== undefined && t('failed.next', { time: timeToTheSecond(retryAt) })}
      {trying && t('failed.now')} {another && t('failed.another')}{' '}
      {said !== undefined && <span className="soft">({said})</span>}
    </p>
  )
}
