/** *Send again*, with the time until it is possible; and how long the code that was sent still holds. */
import { useId } from 'react'
import { clockText, useLeft } from '../parts/Clock.tsx'
import { Press } from '../parts/Press.tsx'
import type { Act } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import type { Seen } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly label: string
  readonly step: Act
  readonly onPress: () => unknown
}

export function Resend({ seen, label, step, onPress }: Props) {
  const { t } = useWords()
  const left = useLeft(seen.clock, seen.it.deadlines.resendAt)
  const id = useId()
  const waiting = left !== undefined && left > 0
  return (
    <div className="acts">
      <Press variant="default" busy={step.busy} onPress={onPress} describedBy={waiting ? id : undefined}>
        {label}
      </Press>
      {waiting && (
        <span id={id} className="soft">
          {t('code.wait', { time: clockText(left) })}
        </span>
      )}
    </div>
  )
}

export function CodeClock({ seen }: { readonly seen: Seen }) {
  const { t } = useWords()
  const left = useLeft(seen.clock, seen.it.deadlines.codeExpiresAt)
  if (left === undefined) return null
  return <p className="soft">{left > 0 ? t('code.expires', { time: clockText(left) }) : t('code.expired')}</p>
}
