/** *Send again*, with the time until it is possible; and how long the code that was sent still holds. */
import { useId } from 'react'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { KeyHint } from '../parts/KeyHint.tsx'
import { ariaKeys, useKey } from '../parts/keys.ts'
import { Press } from '../parts/Press.tsx'
import { Ring } from '../parts/Ring.tsx'
import type { Act } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import type { Seen } from './useAssistance.ts'

const waitMs = 60_000

interface Props {
  readonly seen: Seen
  readonly label: string
  readonly step: Act
  readonly onPress: () => unknown
  /** True where sending again is what comes next. */
  readonly isNext?: boolean
}

export function Resend({ seen, label, step, onPress, isNext = false }: Props) {
  const { t } = useWords()
  const left = useLeft(seen.clock, seen.it.deadlines.resendAt) ?? 0
  const id = useId()
  const waiting = left > 0
  useKey('resend', onPress)
  return (
    <div className="acts">
      <Press
        variant={isNext ? 'filled' : 'default'}
        busy={step.busy}
        onPress={onPress}
        describedBy={waiting ? id : undefined}
        keys={ariaKeys('resend')}
      >
        {label} <KeyHint of="resend" />
      </Press>
      {waiting && (
        <span id={id} className="wait">
          <Ring part={left / waitMs} /> {t('code.wait', { time: clockText(left) })}
        </span>
      )}
    </div>
  )
}

/** The message that went out has grown too old to be answered, and nobody said yes in time. */
export function useTooOld({ it, clock }: Seen): boolean {
  const left = useLeft(clock, it.deadlines.codeExpiresAt) ?? 0
  return left === 0 && it.page?.saidYesAt === undefined
}

/** For a code that went out. The server names no end of one that can no longer be used. */
export function CodeClock({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const left = useLeft(seen.clock, seen.it.deadlines.codeExpiresAt)
  if (left === undefined || left === 0) return <p className="refused">{t('code.expired')}</p>
  return <p className="soft">{t('code.expires', { time: clockText(left) })}</p>
}
