/** The name, with its mark. */
import { useWords } from '../words/words.tsx'

export function Brand() {
  const { t } = useWords()
  return (
    <p className="brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path
          d="M9 23 16 8l7 15M11.5 18h9"
          fill="none"
          stroke="var(--paper)"
          strokeWidth="2.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <span>
        <strong>{t('app.name')}</strong> <small>{t('app.console')}</small>
      </span>
    </p>
  )
}
