/** What the user reads out in the middle of help: two digits once they said yes on their page, or the six of the message. */
import { CircleCheck } from 'lucide-react'
import { CodeField } from '../parts/CodeField.tsx'
import { type Act, sentenceFor } from '../wire.ts'
import { useWords } from '../words/words.tsx'

interface Props {
  readonly user: string
  /** What their page answered so far. */
  readonly page: { readonly saidYesAt?: string | undefined; readonly triesLeft: number }
  readonly step: Act
  readonly field: string
  readonly go: string
  readonly autoFocus?: boolean
  readonly onGiven: (given: { readonly code: string } | { readonly match: string }) => unknown
}

export function ReadOut({ user, page: { saidYesAt, triesLeft }, step, field, go, autoFocus = false, onGiven }: Props) {
  const words = useWords()
  const { t, time } = words
  const wrong = step.failure && sentenceFor(step.failure, words)
  const saidYes = saidYesAt !== undefined
  return (
    <>
      {saidYes && (
        <p className="with-icon live">
          <CircleCheck size={18} aria-hidden /> {t('consent.pageYes', { user, time: time(saidYesAt) })}
        </p>
      )}
      {(triesLeft > 0 || saidYes) && (
        <CodeField
          label={t('consent.two')}
          go={t('consent.twoGo')}
          digits={2}
          wrong={saidYes ? wrong : undefined}
          busy={step.busy}
          calm={!saidYes}
          next={saidYes}
          onCode={(match) => onGiven({ match })}
        />
      )}
      <CodeField
        label={field}
        go={go}
        wrong={saidYes ? undefined : wrong}
        busy={step.busy}
        calm={saidYes}
        autoFocus={autoFocus}
        onCode={(code) => onGiven({ code })}
      />
    </>
  )
}
