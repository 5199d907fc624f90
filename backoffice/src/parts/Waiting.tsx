/** What stands where an answer will be: nothing at first, its outline after 300 ms, words after three seconds. */
import { useWords } from '../words/words.tsx'

interface Props {
  /** How many lines the answer will roughly have. */
  readonly lines?: number
}

export function Waiting({ lines = 3 }: Props) {
  const { t } = useWords()
  return (
    <div className="skeleton" role="status" aria-label={t('app.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have nothing but their place.
        <span key={line} className="bone" aria-hidden />
      ))}
      <p className="after-3s">{t('app.stillLoading')}</p>
    </div>
  )
}
