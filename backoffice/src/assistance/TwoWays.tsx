/** The two ways to agree, side by side: two digits of the page, or the six digits of the message. */
import { BookOpen, CircleCheck, Hourglass, Smartphone, Volume2 } from 'lucide-react'
import { useEffect, useId } from 'react'
import { CodeField } from '../parts/CodeField.tsx'
import { type Act, sentenceFor, wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { sentAt } from './messages.ts'
import { useTooOld } from './Resend.tsx'
import { type Seen, useStep } from './useAssistance.ts'

interface Props {
  readonly seen: Seen
  readonly onWrong: (wrong: boolean) => void
}

export function TwoWays({ seen, onWrong }: Props) {
  const { it } = seen
  const { t } = useWords()
  const page = useStep(it.id)
  const aloud = useStep(it.id)
  const titles = [useId(), useId()] as const
  const wrong = page.failure !== undefined || aloud.failure !== undefined
  useEffect(() => onWrong(wrong), [wrong, onWrong])
  const isOver = useTooOld(seen)
  if (!it.next.includes('consent')) return null
  const params = { id: it.id }
  const saidYes = it.page?.saidYesAt !== undefined
  return (
    <div className="two-ways">
      <section aria-labelledby={titles[0]}>
        <h2 id={titles[0]}>
          <Smartphone size={20} aria-hidden /> {t('consent.page')}
        </h2>
        <Page seen={seen} />
        {it.page?.triesLeft !== 0 && (
          <Field
            step={page}
            seen={seen}
            digits={2}
            next={saidYes}
            likely={saidYes}
            onCode={(match) => page.run(() => wire.call('proveUser', { params, body: { match } }))}
          />
        )}
      </section>
      <section aria-labelledby={titles[1]}>
        <h2 id={titles[1]}>
          <Volume2 size={20} aria-hidden /> {t('consent.aloud')}
        </h2>
        <p>{t('consent.aloudHint')}</p>
        <Field
          step={aloud}
          seen={seen}
          digits={6}
          next={!saidYes}
          likely={!saidYes && !isOver}
          onCode={(code) => aloud.run(() => wire.call('proveUser', { params, body: { code } }))}
        />
      </section>
    </div>
  )
}

function Page({ seen: { it } }: Pick<Props, 'seen'>) {
  const { t, time } = useWords()
  const { page } = it
  const user = it.user?.name ?? ''
  if (page?.triesLeft === 0) return <p>{t('consent.pageOver')}</p>
  if (page?.saidYesAt !== undefined) {
    return (
      <p className="with-icon live">
        <CircleCheck size={18} aria-hidden /> {t('consent.pageYes', { user, time: time(page.saidYesAt) })}
      </p>
    )
  }
  if (page?.openedAt !== undefined) {
    return (
      <p className="with-icon">
        <BookOpen size={18} aria-hidden /> {t('consent.pageOpened', { user, time: time(page.openedAt) })}
      </p>
    )
  }
  return (
    <p className="with-icon">
      <Hourglass size={18} aria-hidden /> {t('consent.pageWaiting')}
    </p>
  )
}

interface FieldProps extends Pick<Props, 'seen'> {
  readonly step: Act
  readonly digits: 2 | 6
  readonly next: boolean
  /** Whether this is the way that the user seems to take. */
  readonly likely: boolean
  readonly onCode: (digits: string) => unknown
}

function Field({ step, seen: { it }, digits, next, likely, onCode }: FieldProps) {
  const words = useWords()
  return (
    <CodeField
      label={words.t(digits === 2 ? 'consent.two' : 'consent.field')}
      go={words.t(digits === 2 ? 'consent.twoGo' : 'consent.fieldGo')}
      digits={digits}
      wrong={step.failure && sentenceFor(step.failure, words, sentAt(it.messages, 'consent'))}
      busy={step.busy}
      calm={!likely}
      next={next}
      onCode={onCode}
    />
  )
}
