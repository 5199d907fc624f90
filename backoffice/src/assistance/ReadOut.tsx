/** What the user reads out in the middle of help: two digits once they said yes on their page, or the six of the message. */
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
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
  const two = triesLeft > 0 || saidYes
  const [latest, setLatest] = useState<'code' | 'match'>('code')
  /** What was wrong stands where it was typed, whatever the user answers meanwhile. */
  const wrongAt = two ? latest : 'code'
  const give = (given: { readonly code: string } | { readonly match: string }) => {
    setLatest('code' in given ? 'code' : 'match')
    return onGiven(given)
  }
  return (
    <>
      {saidYes && (
        <p className="with-icon live">
          <CircleCheck size={18} aria-hidden /> {t('consent.pageYes', { user, time: time(saidYesAt) })}
        </p>
      )}
      {two && (
        <CodeField
          label={t('consent.two')}
          go={t('consent.twoGo')}
          digits={2}
          wrong={wrongAt === 'match' ? wrong : undefined}
          busy={step.busy}
          calm={!saidYes}
          next={saidYes}
          onCode={(match) => give({ match })}
        />
      )}
      <CodeField
        label={field}
        go={go}
        wrong={wrongAt === 'code' ? wrong : undefined}
        busy={step.busy}
        calm={saidYes}
        autoFocus={autoFocus}
        onCode={(code) => give({ code })}
      />
    </>
  )
}
