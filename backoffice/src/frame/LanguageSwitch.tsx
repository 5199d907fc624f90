/** The two languages, as words. One that is pointed at is fetched; until it is here the other stays, and a strip says so. */
import type { Language } from '@amparo/contract/words'
import { Reload } from '../parts/Part.tsx'
import { want } from '../words/here.ts'
import { useWords } from '../words/words.tsx'

const names: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' }

export function LanguageSwitch() {
  const { t, language, choose } = useWords()
  return (
    <fieldset className="languages" aria-label={t('nav.language')}>
      {(['en', 'es'] as const).map((code) => (
        <button
          key={code}
          type="button"
          lang={code}
          aria-pressed={language === code}
          className="as-link"
          onPointerEnter={() => want(code)}
          onFocus={() => want(code)}
          onClick={() => choose(code)}
        >
          {names[code]}
        </button>
      ))}
    </fieldset>
  )
}

/** That the language which was chosen is not here yet. */
export function LanguageAwaited() {
  const { t, awaited } = useWords()
  if (!awaited) return null
  if (awaited.how === 'gone')
    return (
      <div className="strip">
        {t('frame.outdated')} <Reload />
      </div>
    )
  return (
    <p className={awaited.how === 'late' ? 'strip' : 'strip slow'}>
      {t('frame.languageLate', { language: names[awaited.language] })}
    </p>
  )
}
