/** Stage three, second half: the message is out. What to say, what the user sees, and the two ways they can agree. */
import type { UserSeen } from '@amparo/contract/people'
import { useEffect, useState } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Band } from '../parts/Band.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { StageTitle } from '../parts/StageTitle.tsx'
import { wire } from '../wire.ts'
import { digitByDigit, say, useWords } from '../words/words.tsx'
import { CancelProcess } from './CancelProcess.tsx'
import { Delivery, latestOf } from './Delivery.tsx'
import { ReadAloud } from './ReadAloud.tsx'
import { CodeClock, Resend } from './Resend.tsx'
import { askedBefore, Terms } from './Terms.tsx'
import { TwoWays } from './TwoWays.tsx'
import { type Seen, useStep } from './useAssistance.ts'

export function Consent({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const { it } = seen
  const [wrong, setWrong] = useState(false)
  const user = it.user ?? undefined
  useNews(seen)
  return (
    <>
      <StageTitle text={t('consent.title')} wrong={wrong} focus={false} />
      {it.sayFirst !== undefined && user && <SayFirst seen={seen} number={it.sayFirst} user={user} />}
      <TwoWays seen={seen} onWrong={setWrong} />
      {user && <TheMessage seen={seen} user={user} />}
      <CancelProcess it={it} />
    </>
  )
}

/** Said once each: what to say first (the focus is in the code's field), that the user agreed, that a message came back. */
function useNews({ it }: Seen): void {
  const { t, language } = useWords()
  const announce = useAnnounce()
  const saidYesAt = it.page?.saidYesAt
  const failed = latestOf(it.messages, 'consent').some((message) => message.status === 'failed')
  const first = it.sayFirst
  useEffect(() => {
    if (first !== undefined) announce(t('consent.sayWords', { digits: digitByDigit(language, first) }))
  }, [first, announce, t, language])
  useEffect(() => {
    if (saidYesAt !== undefined) announce(t('live.saidYes'))
  }, [saidYesAt, announce, t])
  useEffect(() => {
    if (failed) announce(t('live.failed'))
  }, [failed, announce, t])
}

interface Props {
  readonly seen: Seen
  readonly user: UserSeen
}

function SayFirst({ seen: { it }, number, user }: Props & { readonly number: string }) {
  const { t, language } = useWords()
  const saidYes = it.page?.saidYesAt !== undefined
  const spoken = say(user.locale, saidYes ? 'consent.spokenYes' : 'consent.spoken', {
    digits: digitByDigit(user.locale, number),
  })
  return (
    <Band whose="user" title={t('consent.say')}>
      <div className="say-this">
        <p className="say-first">{number}</p>
        <p>{t('consent.sayWords', { digits: digitByDigit(language, number) })}</p>
      </div>
      <ReadAloud language={user.locale} text={spoken} />
      <p>
        <strong>{t('consent.sees')}:</strong> {saidYes ? t('consent.seesYes') : t('consent.seesNow', { n: number })}
      </p>
      <p className="soft">{t('consent.never')}</p>
    </Band>
  )
}

/** Where the message is, sending it again as it was, and asking for something else instead. */
function TheMessage({ seen, user }: Props) {
  const { t } = useWords()
  const { it } = seen
  const step = useStep(it.id)
  const [changing, change] = useState(false)
  const again = () => {
    const { channels, ...terms } = askedBefore(it, user)
    return step.run(() =>
      wire.call('askConsent', { params: { id: it.id }, body: { ...terms, channels: [...channels] } }),
    )
  }
  return (
    <section className="message" aria-label={t('consent.delivery')}>
      <h2>{t('consent.delivery')}</h2>
      <Delivery messages={it.messages} purpose="consent" />
      <CodeClock seen={seen} />
      {it.next.includes('consent-code') && (
        <>
          <Resend seen={seen} label={t('consent.again')} step={step} onPress={again} />
          <Refused failure={step.failure} />
          <Press variant="subtle" onPress={() => change(!changing)}>
            {changing ? t('terms.keep') : t('terms.change')}
          </Press>
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
