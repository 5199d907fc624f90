/** How an entry stands: an icon and its word, never a colour alone. */
import type { Tone } from '@amparo/contract/succession'
import { CircleCheck, CircleDot, CirclePause, CircleX, Clock3, Headset, type LucideIcon } from 'lucide-react'

const icons: Readonly<Record<Tone, LucideIcon>> = {
  done: CircleCheck,
  problem: CircleX,
  waiting: Clock3,
  paused: CirclePause,
  support: Headset,
  info: CircleDot,
}

export function ToneWord({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  const Icon = icons[tone]
  return (
    <span className={`tone is-${tone}`}>
      <Icon size={18} aria-hidden /> {word}
    </span>
  )
}
