/** The QR code as it is now, its short code, and how long it is there. Covered and still as soon as a phone has it. */
import type { PhoneLaunch } from '@amparo/contract/phone'
import { Lock, Maximize2, Minimize2, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { Press } from '../parts/Press.tsx'
import { Ring } from '../parts/Ring.tsx'
import { useWords } from '../words/words.tsx'
import type { PhoneSeen } from './usePhone.ts'

export type Qr = NonNullable<PhoneLaunch['qr']>

const changesEveryMs = 30_000

interface Props {
  readonly qr: Qr
  readonly code: string
  readonly covered: boolean
}

/** Black on white in both themes; a new code changes the one path and moves nothing. */
export function Picture({ qr, code, covered }: Props) {
  const { t } = useWords()
  const [large, enlarge] = useState(false)
  const size = qr.size
  const Icon = large ? Minimize2 : Maximize2
  return (
    <figure className={large && !covered ? 'phone-code large' : 'phone-code'}>
      <div className="phone-picture">
        <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('phone.alt', { code })} aria-hidden={covered}>
          <rect width={size} height={size} fill="#ffffff" />
          <path d={qr.path} fill="#000000" />
        </svg>
        {covered && (
          <p className="phone-cover">
            <Lock size={40} aria-hidden /> {t('phone.covered')}
          </p>
        )}
      </div>
      {!covered && (
        <Press always variant="subtle" onPress={() => enlarge(!large)}>
          <Icon size={18} aria-hidden /> {t(large ? 'phone.smaller' : 'phone.larger')}
        </Press>
      )}
    </figure>
  )
}

/** What can be typed instead, and when both change: seen, not said aloud each time. */
export function ShortCode({ seen: { phone, clock } }: { readonly seen: PhoneSeen }) {
  const { t, time } = useWords()
  const left = useLeft(clock, phone.rotatesAt) ?? 0
  return (
    <div className="phone-short">
      <p>
        {t('phone.short')} <strong className="code">{phone.shortCode}</strong>
      </p>
      <p className="soft" role="timer" aria-live="off">
        <Ring part={left / changesEveryMs} /> {t('phone.next', { time: clockText(left) })}
      </p>
      {phone.expiresAt && <p className="soft">{t('phone.until', { time: time(phone.expiresAt) })}</p>}
    </div>
  )
}

/** On the phone itself: the same link, to be pressed. */
export function OpenHere({ qr }: { readonly qr: Qr }) {
  const { t } = useWords()
  return (
    <a className="phone-here" href={qr.text} target="_blank" rel="noreferrer">
      <Smartphone size={20} aria-hidden /> {t('phone.openHere')}
    </a>
  )
}
