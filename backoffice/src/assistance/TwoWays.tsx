/** The two ways to agree, side by side: two digits of the page, or the six digits of the message. */
import { CircleCheck, Hourglass } from 'lucide-react'
import { useEffect, useId } from 'react'
import { CodeField } from '../parts/CodeField.tsx'
import { type Act, sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { type Seen, useStep } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly onWrong: (wrong: boolean) => void
}

export function TwoWays({ seen: { it }, onWrong }: Props) {
  const { t } = useWords()
  const page = useStep(it.id)
  const aloud = useStep(it.id)
  const titles = [useId(), useId()] as const
  const wrong = page.failure !== undefined || aloud.failure !== undefined
  useEffect(() => onWrong(wrong), [wrong, onWrong])
  if (!it.next.includes('consent')) return null
  const params = { id: it.id }
  return (
    <div className="two-ways">
      <section aria-labelledby={titles[0]}>
        <h2 id={titles[0]}>{t('consent.page')}</h2>
        <Page page={it.page} />
        {it.page?.triesLeft !== 0 && (
          <Field
            step={page}
            digits={2}
            next={it.page?.saidYesAt !== undefined}
            onCode={(match) => page.run(() => wire.call('proveUser', { params, body: { match } }))}
          />
        )}
      </section>
      <section aria-labelledby={titles[1]}>
        <h2 id={titles[1]}>{t('consent.aloud')}</h2>
        <Field
          step={aloud}
          digits={6}
          next
          onCode={(code) => aloud.run(() => wire.call('proveUser', { params, body: { code } }))}
        />
      </section>
    </div>
  )
}

function Page({ page }: { readonly page: Seen['it']['page'] }) {
  const { t, time } = useWords()
  if (page?.triesLeft === 0) return <p>{t('consent.pageOver')}</p>
  if (page?.saidYesAt === undefined) {
    return (
      <p className="with-icon">
        <Hourglass size={18} aria-hidden /> {t('consent.pageWaiting')}
      </p>
    )
  }
  return (
    <p className="with-icon live">
      <CircleCheck size={18} aria-hidden /> {t('consent.pageYes', { time: time(page.saidYesAt) })}
    </p>
  )
}

interface FieldProps {
  readonly step: Act
  readonly digits: 2 | 6
  readonly next: boolean
  readonly onCode: (digits: string) => unknown
}

function Field({ step, digits, next, onCode }: FieldProps) {
  const words = useWords()
  return (
    <CodeField
      label={words.t(digits === 2 ? 'consent.two' : 'consent.field')}
      go={words.t(digits === 2 ? 'consent.twoGo' : 'consent.fieldGo')}
      digits={digits}
      wrong={step.failure && sentenceFor(step.failure, words)}
      busy={step.busy}
      next={next}
      onCode={onCode}
    />
  )
}
