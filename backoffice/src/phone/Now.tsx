/** The code in each of its states. The picture stays where it is from the first to the last: it is covered, never moved. */
import type { PhoneLaunch } from '@amparo/contract/phone'
import { CircleCheck, CircleSlash, Smartphone, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { CodeField } from '../parts/CodeField.tsx'
import { Refused } from '../parts/Refused.tsx'
import { useAct, wire } from '../wire.ts'
import { useWords, type Words } from '../words/words.tsx'
import { OpenHere, Picture, type Qr, ShortCode } from './Code.tsx'
import { onPhone } from './device.ts'
import { NewCode } from './NewCode.tsx'
import { SendLink } from './SendLink.tsx'
import { type PhoneSeen, phoneIs } from './usePhone.ts'

interface Props {
  readonly id: string
  readonly seen: PhoneSeen
  readonly user: string
  readonly over: boolean
}

export function Now({ id, seen, user, over }: Props) {
  const { phone } = seen
  const qr = useLastQr(phone)
  const here = onPhone()
  const pictured = qr && !here && (phone.state === 'waiting' || phone.state === 'claimed')
  useSaid(seen, over)
  return (
    <div className={`phone-now is-${phone.state}`}>
      {pictured && <Picture qr={qr} code={phone.shortCode ?? ''} covered={phone.state !== 'waiting'} />}
      <div className="phone-beside">
        {phone.state === 'waiting' && <Scan id={id} seen={seen} user={user} here={here} />}
        {phone.state === 'claimed' && <Match id={id} seen={seen} />}
        {phone.state === 'matched' && <Told phone={phone} />}
        {phone.state === 'open' && <Open phone={phone} user={user} />}
        {phone.state === 'closed' && <Closed id={id} phone={phone} over={over} />}
      </div>
    </div>
  )
}

/** Once it is claimed the server shows no code any more; the picture that stands there is covered. */
function useLastQr({ launchId, qr }: PhoneLaunch): Qr | undefined {
  const last = useRef<{ readonly of: string; readonly qr: Qr }>(undefined)
  if (qr) last.current = { of: launchId, qr }
  return last.current?.of === launchId ? last.current.qr : undefined
}

const minuteMs = 60_000

/** Said aloud: what became of the code, and once that a minute is left. Never that it changed. */
function useSaid({ phone, clock }: PhoneSeen, over: boolean): void {
  const words = useWords()
  const announce = useAnnounce()
  const left = useLeft(clock, phone.state === 'waiting' ? phone.expiresAt : undefined)
  const soon = left !== undefined && left <= minuteMs
  const sentence = phone.state === 'waiting' ? (soon ? words.t('phone.minute') : '') : sentenceOf(phone, words, over)
  useEffect(() => {
    if (sentence) announce(sentence)
  }, [announce, sentence])
}

function sentenceOf(phone: PhoneLaunch, { t, time }: Words, over: boolean): string {
  switch (phone.state) {
    case 'waiting':
      return ''
    case 'claimed':
      return t('phone.claimed')
    case 'matched':
      return t('phone.matched')
    case 'open':
      return t('phone.open', { device: phone.device?.name ?? '', time: time(phone.openedAt ?? phone.now) })
    case 'closed':
      return t(`phone.why.${over ? 'ended' : (phone.why ?? 'closed')}`)
  }
}

function Scan({ id, seen, user, here }: Omit<Props, 'over'> & { readonly here: boolean }) {
  const { t } = useWords()
  const { qr } = seen.phone
  return (
    <>
      <p className="phone-whose">{t('phone.whose', { user })}</p>
      <ol>
        {here ? (
          <>
            <li>{t('phone.here1')}</li>
            <li>{t('phone.here2')}</li>
          </>
        ) : (
          <>
            <li>{t('phone.step1')}</li>
            <li>{t('phone.step2')}</li>
            <li>
              {t('phone.step3')} <span className="soft">{t('phone.step3typed')}</span>
            </li>
          </>
        )}
      </ol>
      {here && qr && <OpenHere qr={qr} />}
      <ShortCode seen={seen} />
      <SendLink id={id} seen={seen} />
      <div className="acts">
        <NewCode id={id} likely={false} />
      </div>
    </>
  )
}

/** The two digits: one try. Wrong ones close it, and the state says so. */
function Match({ id, seen: { phone, clock } }: { readonly id: string; readonly seen: PhoneSeen }) {
  const words = useWords()
  const { t } = words
  const act = useAct()
  const left = useLeft(clock, phone.expiresAt) ?? 0
  const match = async (digits: string) => {
    const params = { id, launchId: phone.launchId }
    const matched = await act.run(() => wire.call('matchPhone', { params, body: { digits } }))
    if (matched) phoneIs(id, matched)
  }
  return (
    <>
      <p>
        <strong>{t('phone.claimed')}</strong>
      </p>
      <Device phone={phone} />
      {phone.device && (
        <p className={phone.device.known ? 'soft' : 'with-icon'}>
          {!phone.device.known && <TriangleAlert size={20} aria-hidden />}{' '}
          {t(phone.device.known ? 'phone.deviceKnown' : 'phone.deviceNew')}
        </p>
      )}
      <CodeField
        label={t('phone.digits')}
        go={t('phone.match')}
        digits={2}
        wrong={undefined}
        busy={act.busy}
        next
        onCode={match}
      />
      <p className="soft">
        {t('phone.once')} {t('phone.left', { time: clockText(left) })}
      </p>
      <Refused failure={act.failure} />
    </>
  )
}

function Device({ phone: { device } }: { readonly phone: PhoneLaunch }) {
  const { t, time } = useWords()
  if (!device) return null
  return (
    <p className="with-icon phone-device">
      <Smartphone size={20} aria-hidden />{' '}
      <strong>{t('phone.device', { device: device.name, time: time(device.claimedAt) })}</strong>
    </p>
  )
}

function Told({ phone }: { readonly phone: PhoneLaunch }) {
  const words = useWords()
  return (
    <>
      <Device phone={phone} />
      <p>{sentenceOf(phone, words, false)}</p>
    </>
  )
}

function Open({ phone, user }: { readonly phone: PhoneLaunch; readonly user: string }) {
  const words = useWords()
  return (
    <>
      <p className="with-icon live phone-result">
        <CircleCheck size={24} aria-hidden /> <strong>{sentenceOf(phone, words, false)}</strong>
      </p>
      <p>{words.t('phone.openWhere', { user })}</p>
    </>
  )
}

function Closed({ id, phone, over }: { readonly id: string; readonly phone: PhoneLaunch; readonly over: boolean }) {
  const words = useWords()
  const { t } = words
  const grave = phone.why === 'wrong_digits' || phone.why === 'declined'
  const Icon = grave ? TriangleAlert : CircleSlash
  const noMore = phone.triesLeft === 0
  return (
    <>
      <p className={grave ? 'with-icon refused phone-result' : 'with-icon phone-result'}>
        <Icon size={24} aria-hidden /> <strong>{sentenceOf(phone, words, over)}</strong>
      </p>
      {phone.openedAt && phone.device && <p className="soft">{t('phone.wasOpen', { device: phone.device.name })}</p>}
      {!over && phone.why === 'wrong_digits' && (
        <p>{noMore ? t('phone.noMore') : t('phone.tries', { count: phone.triesLeft })}</p>
      )}
      {!over && !noMore && (
        <div className="acts">
          <NewCode id={id} />
        </div>
      )}
    </>
  )
}
