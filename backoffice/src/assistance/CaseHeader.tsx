/** Who helps whom, where, why, and how long it still holds: on every stage, with the red button that ends it. */
import { ArrowRight, Clock3, OctagonX } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { clockText, nowOn, useLeft } from '../parts/Clock.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { emailTypedFor } from './draft.ts'
import { useReasonName } from './reasons.ts'
import { lookAgain, type Seen, useStep } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly mine: boolean
}

export function CaseHeader({ seen, mine }: Props) {
  const { t } = useWords()
  const { it } = seen
  const reason = useReasonName(it)
  const ecosystem = it.ecosystems?.find((one) => one.id === it.ecosystemId)
  return (
    <section className="case-header" aria-label={t('header.label')}>
      <p className="who">
        <strong>{mine ? t('header.you') : it.agent.name}</strong> <ArrowRight size={18} aria-hidden />{' '}
        <strong>{it.user?.name ?? emailTypedFor(it.id) ?? t('header.unproved')}</strong>
        {ecosystem && (
          <span>
            {ecosystem.name} ({t(`eco.${ecosystem.role}`)})
          </span>
        )}
        <span>{reason}</span>
      </p>
      {it.state !== 'closed' && <FirstClock seen={seen} />}
      {mine && it.next.includes('closure') && <EndNow id={it.id} />}
    </section>
  )
}

const milestones = [
  [20_000, 'clock.twenty'],
  [60_000, 'clock.one'],
  [120_000, 'clock.two'],
] as const

/** The clock that ends first, large; the other one behind it. */
function FirstClock({ seen: { it, clock } }: { readonly seen: Seen }) {
  const { t } = useWords()
  const idle = useLeft(clock, it.deadlines.idleAt) ?? 0
  const most = useLeft(clock, it.deadlines.maxAt)
  const maxFirst = most !== undefined && most < idle
  const left = maxFirst ? most : idle
  useMilestones(left)
  useLookAtZero(it.id, left)
  const warned = !maxFirst && nowOn(clock) >= Date.parse(it.deadlines.warnAt)
  const other = maxFirst ? idle : most
  return (
    <p className={left <= 120_000 ? 'first-clock soon' : 'first-clock'}>
      <Clock3 size={18} aria-hidden />{' '}
      <span>
        <strong role="timer">{t('header.left', { time: clockText(left) })}</strong>{' '}
        {t(maxFirst ? 'header.max' : 'header.idle')}
      </span>
      {other !== undefined && (
        <small>{t('header.also', { time: clockText(other), what: t(maxFirst ? 'header.idle' : 'header.max') })}</small>
      )}
      {warned && it.state === 'active' && <em>{t('clock.warn', { user: it.user?.name ?? '' })}</em>}
    </p>
  )
}

/** Said once each when it is passed, and nothing between. */
function useMilestones(left: number): void {
  const { t } = useWords()
  const announce = useAnnounce()
  const passed = milestones.find(([at]) => left <= at)
  const last = useRef(passed?.[0])
  useEffect(() => {
    if (passed && (last.current === undefined || passed[0] < last.current)) announce(t(passed[1]))
    last.current = passed?.[0]
  }, [passed, announce, t])
}

/** At zero the server has closed it: we only go and look. */
function useLookAtZero(id: string, left: number): void {
  const over = left === 0
  useEffect(() => {
    if (!over) return
    void lookAgain(id)
    const timer = setInterval(() => void lookAgain(id), 1_000)
    return () => clearInterval(timer)
  }, [over, id])
}

/** Ends first and asks why afterwards: the closed screen asks. */
function EndNow({ id }: { readonly id: string }) {
  const { t } = useWords()
  const step = useStep(id)
  const end = () => step.run(() => wire.call('close', { params: { id }, body: { because: 'cancelled' } }))
  const latest = useRef(end)
  latest.current = end
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || !event.shiftKey || event.code !== 'KeyE') return
      event.preventDefault()
      void latest.current()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className="end-now">
      <Press color="red" busy={step.busy} onPress={end} keys="Alt+Shift+E">
        <OctagonX size={18} aria-hidden /> {t('endNow.go')}
      </Press>
      <small>{t('endNow.keys')}</small>
      <Refused failure={step.failure} />
    </div>
  )
}
