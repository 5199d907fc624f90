/** The clock that ends the help first, the others behind it, and the warning when the user has been quiet for long. */
import type { Assistance } from '@amparo/contract/assistance'
import { ChevronDown, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { clockText, useNow } from '../parts/Clock.tsx'
import { Popover } from '../parts/Popover.tsx'
import { Ring } from '../parts/Ring.tsx'
import { useWords } from '../words/words.tsx'
import { endingClocks, type Milestone, milestoneAt, otherClocks, type Running } from './clocks.ts'
import { lookAgain, type Seen } from './useAssistance.ts'

const idleMs = 900_000
const soonMs = 120_000

export function CaseClock({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it, clock } = seen
  const now = useNow(clock, it.state !== 'closed')
  const [first, ...rest] = endingClocks(it, now)
  useMilestones(first?.left)
  useLookAtZero(it.id, first?.left)
  if (!first) return null
  const whole = first.what === 'idle' ? idleMs : it.lengthMinutes * 60_000
  const others = [...rest, ...otherClocks(it, now)]
  return (
    <>
      <div className={first.left <= soonMs ? 'case-clock soon' : 'case-clock'}>
        <Ring part={first.left / whole} />
        <p>
          <strong role="timer">{t('header.left', { time: clockText(first.left) })}</strong>
          <small>{t(`clock.${first.what}`)}</small>
        </p>
        <Popover label={t('clock.all')} button={<ChevronDown size={20} aria-hidden />}>
          <Clocks all={[first, ...others]} />
          {it.consentedBy !== 'break_glass' && (
            <p className="soft">{t(it.deadlines.actsCount ? 'clock.ruleBoth' : 'clock.rule')}</p>
          )}
        </Popover>
      </div>
      {first.what === 'idle' && now >= Date.parse(it.deadlines.warnAt) && <Quiet seen={seen} now={now} />}
    </>
  )
}

function Clocks({ all }: { readonly all: readonly Running<'idle' | 'max' | 'code' | 'resend'>[] }) {
  const { t } = useWords()
  return (
    <dl className="clocks">
      {all.map(({ what, left }) => (
        <div key={what}>
          <dt>{t(`clock.${what}`)}</dt>
          <dd>{clockText(left)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** From the thirteenth minute on: only the user can make the time longer, and this is how they are asked. */
function Quiet({ seen: { it }, now }: { readonly seen: Seen; readonly now: number }) {
  const { t } = useWords()
  const minutes = Math.floor((now - Date.parse(it.userSeenAt)) / 60_000)
  const user = it.user?.name || t('header.unproved')
  return (
    <p className="quiet">
      <TriangleAlert size={20} aria-hidden />
      <span>{t(quietIn(it), { user, minutes })}</span>
    </p>
  )
}

/** Who agreed by reading a code aloud has no button on their page: they read another. */
const quietIn = ({ state, consentedBy, deadlines }: Assistance) => {
  if (state !== 'active') return 'clock.quietBefore'
  if (deadlines.actsCount) return 'clock.quietBoth'
  return consentedBy === 'read_aloud' ? 'clock.quietAloud' : 'clock.quiet'
}

const spoken = {
  120000: 'clock.two',
  60000: 'clock.one',
  20000: 'clock.twenty',
} as const satisfies Record<Milestone, string>

/** Said once each when it is passed, and nothing between. */
function useMilestones(left: number | undefined): void {
  const { t } = useWords()
  const announce = useAnnounce()
  const passed = left === undefined ? undefined : milestoneAt(left)
  const last = useRef(passed)
  useEffect(() => {
    if (passed !== undefined && (last.current === undefined || passed < last.current)) announce(t(spoken[passed]))
    last.current = passed
  }, [passed, announce, t])
}

/** At zero the server has closed it: we only go and look. */
function useLookAtZero(id: string, left: number | undefined): void {
  const over = left === 0
  useEffect(() => {
    if (!over) return
    void lookAgain(id)
    const timer = setInterval(() => void lookAgain(id), 1_000)
    return () => clearInterval(timer)
  }, [over, id])
}
