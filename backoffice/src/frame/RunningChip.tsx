/** My open assistance, on every page but its own: whose it is, and how long it still holds. */
import { Link, useLocation } from '@tanstack/react-router'
import { Headset } from 'lucide-react'
import { emailTypedFor } from '../assistance/draft.ts'
import { type Seen, useAssistance } from '../assistance/useAssistance.ts'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { ariaKeys } from '../parts/keys.ts'
import { useMe } from '../session/session.ts'
import { useWords } from '../words/words.tsx'
import { useRunning } from './running.ts'

export function RunningChip() {
  const running = useRunning()
  const here = useLocation({ select: ({ pathname }) => pathname })
  if (!running || here.endsWith(`/${running.id}`)) return null
  return <Followed id={running.id} />
}

function Followed({ id }: { readonly id: string }) {
  const looked = useAssistance(id)
  if (looked === undefined || 'problem' in looked || looked.it.state === 'closed') return null
  return <Chip seen={looked} />
}

function Chip({ seen: { it, clock } }: { readonly seen: Seen }) {
  const { t } = useWords()
  const me = useMe()
  const idle = useLeft(clock, it.deadlines.idleAt) ?? 0
  const most = useLeft(clock, it.deadlines.maxAt) ?? Number.POSITIVE_INFINITY
  const left = Math.min(idle, most)
  const user = it.user ? shortName(it.user.name) : (emailTypedFor(me.id, it.id) ?? t('header.unproved'))
  return (
    <Link
      to="/assist/$id"
      params={{ id: it.id }}
      className={left <= 120_000 ? 'chip soon' : 'chip'}
      aria-label={t('frame.runningNow', { user })}
      aria-keyshortcuts={ariaKeys('running')}
    >
      <Headset size={18} aria-hidden /> <span className="name">{user}</span> <span aria-hidden>·</span>{' '}
      <strong>{clockText(left)}</strong>
    </Link>
  )
}

/** "Marta Ruiz" as "Marta R.": enough to know whom, on a screen that others see. */
export function shortName(name: string): string {
  const [first = name, ...others] = name.trim().split(/\s+/)
  const last = others.at(-1)
  return last === undefined ? first : `${first} ${last.slice(0, 1)}.`
}
