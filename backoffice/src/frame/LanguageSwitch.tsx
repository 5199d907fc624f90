/** The two languages, as words. */
import type { Language } from '@amparo/contract/words'
import { useWords } from '../words/words.tsx'

const languages: readonly [Language, string][] = [
  ['en', 'English'],
  ['es', 'Español'],
]

export function LanguageSwitch() {
  const { t, language, choose } = useWords()
  return (
    <fieldset className="languages" aria-label={t('nav.language')}>
      {languages.map(([code, name]) => (
        <button
          key={code}
          type="button"
          lang={code}
          aria-pressed={language === code}
          className="as-link"
          onClick={() => choose(code)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  )
}
