/** Stage three, second half: the message is out. What to say first, what the user sees, and the two ways to agree. */
import type { UserSeen } from '@amparo/contract/people'
import type { Channel } from '@amparo/contract/words'
import { useEffect, useState } from 'react'
import { BreakGlass, SecondPerson } from '../oversight/late.tsx'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Band } from '../parts/Band.tsx'
import { Press } from '../parts/Press.tsx'
import { ReadAloud } from '../parts/ReadAloud.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { type Act, wire } from '../wire.ts'
import { digitByDigit, useWords } from '../words/words.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { Delivery } from './Delivery.tsx'
import { channelsOf, isDelayed, latestOf, otherWay } from './messages.ts'
import { CodeClock, Resend, useTooOld } from './Resend.tsx'
import { Terms } from './Terms.tsx'
import { TwoWays } from './TwoWays.tsx'
import { askedBefore, termsOf } from './terms.ts'
import { type Seen, useStep } from './useAssistance.ts'

export function Consent({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const [wrong, setWrong] = useState(false)
  const user = it.user ?? undefined
  useNews(seen)
  return (
    <>
      <StageTitle text={t('consent.title', { user: user?.name ?? '' })} wrong={wrong} focus={false} />
      {it.sayFirst !== undefined && user && <SayFirst seen={seen} number={it.sayFirst} user={user} />}
      <TwoWays seen={seen} onWrong={setWrong} />
      <SecondPerson it={it} />
      {user && <TheMessage seen={seen} user={user} />}
      <BreakGlass it={it} />
      <CancelProcess it={it} />
    </>
  )
}

/** Said once each: what to say first (the focus is in the code's field), that the user agreed, that a message came back. */
function useNews({ it }: Seen): void {
  const { t, language } = useWords()
  const announce = useAnnounce()
  const openedAt = it.page?.openedAt
  const saidYesAt = it.page?.saidYesAt
  const failed = latestOf(it.messages, 'consent').some((message) => message.status === 'failed')
  const first = it.sayFirst
  const user = it.user?.name ?? ''
  useEffect(() => {
    if (first !== undefined) announce(t('consent.sayWords', { digits: digitByDigit(language, first) }))
  }, [first, announce, t, language])
  useEffect(() => {
    if (openedAt !== undefined) announce(t('live.opened', { user }))
  }, [openedAt, announce, t, user])
  useEffect(() => {
    if (saidYesAt !== undefined) announce(t('live.saidYes', { user }))
  }, [saidYesAt, announce, t, user])
  useEffect(() => {
    if (failed) announce(t('live.failed'))
  }, [failed, announce, t])
}

interface Props {
  readonly seen: Seen
  readonly user: UserSeen
}

function SayFirst({ seen, number, user }: Props & { readonly number: string }) {
  const { t, language } = useWords()
  const { it } = seen
  const saidYes = it.page?.saidYesAt !== undefined
  const isOver = useTooOld(seen)
  const isOut = it.messages.some(({ purpose, status }) => purpose === 'consent' && status === 'sent')
  const unopened = isOut ? 'sees.message' : 'sees.nothingYet'
  const sees = saidYes ? 'sees.saidYes' : it.page?.openedAt !== undefined ? 'sees.reading' : unopened
  return (
    <Band whose="user" title={t('consent.say')}>
      <div className="say-this">
        <div>
          <p className="say-first">{number}</p>
          <p>{t('consent.sayWords', { digits: digitByDigit(language, number) })}</p>
          <p>{t('consent.never')}</p>
        </div>
        <ReadAloud
          language={user.locale}
          sentence={isOver ? 'say.old' : saidYes ? 'say.yes' : 'say.consent'}
          digits={number}
          sees={t(isOver ? 'sees.old' : sees, { n: number, user: user.name })}
        />
      </div>
    </Band>
  )
}

/** Where the message is, sending it again as it was, and asking for something else instead. */
function TheMessage({ seen, user }: Props) {
  const { t } = useWords()
  const { it } = seen
  const step = useStep(it.id)
  const [changing, change] = useState(false)
  const isOver = useTooOld(seen)
  const before = askedBefore(it, user)
  const send = (channels: readonly Channel[]) =>
    step.run(() => wire.call('askConsent', { params: { id: it.id }, body: termsOf(it, { ...before, channels }) }))
  return (
    <section className="message" aria-label={t('consent.delivery')}>
      <h2>{t('consent.delivery')}</h2>
      <Delivery messages={it.messages} purpose="consent" />
      <CodeClock seen={seen} />
      {it.next.includes('consent-code') && (
        <>
          <Failed seen={seen} user={user} step={step} send={send} />
          <Resend
            seen={seen}
            label={t('consent.again')}
            step={step}
            isNext={isOver}
            onPress={() => send(before.channels)}
          />
          <Refused failure={step.failure} />
          <button type="button" className="as-link" aria-expanded={changing} onClick={() => change(!changing)}>
            {changing ? t('terms.keep') : t('terms.change')}
          </button>
        </>
      )}
      {changing && (
        <>
          <p>{t('terms.changing')}</p>
          <Terms it={it} user={user} onSent={() => change(false)} />
        </>
      )}
    </section>
  )
}

interface FailedProps extends Props {
  readonly step: Act
  readonly send: (channels: readonly Channel[]) => unknown
}

/** A message that came back: what to do instead, with the button for it. */
function Failed({ seen: { it }, user, step, send }: FailedProps) {
  const { t } = useWords()
  const latest = latestOf(it.messages, 'consent')
  const failed = latest.filter((message) => message.status === 'failed')
  if (failed.length === 0) return null
  const other = otherWay(latest, channelsOf(user))
  /** Nothing is wrong with the address: we try again ourselves. */
  const waiting = failed.every(isDelayed)
  const gone = latest.find((message) => message.status === 'sent')
  // One that still waits may go out in a moment, or not.
  if (!gone && latest.some((message) => message.status === 'queued')) return null
  return (
    <div className="failed-way" role="note">
      <p>
        {gone
          ? t(`failed.use_${gone.channel}`, { to: gone.maskedTo })
          : t(other ? 'failed.other' : waiting ? 'failed.waiting' : 'failed.noOther')}
      </p>
      {other && (
        <Press variant="default" busy={step.busy} onPress={() => send([other])}>
          {t(`failed.by_${other}`)}
        </Press>
      )}
    </div>
  )
}
