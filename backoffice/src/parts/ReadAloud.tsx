/** What the agent's voice says at this stage, in the language of the user, and beside it what the user sees meanwhile. */
import type { Language } from '@amparo/contract/words'
import { Eye, Quote } from 'lucide-react'
import type { AloudId } from '../words/aloud.ts'
import { aloud, digitByDigit, useWords } from '../words/words.tsx'

interface Props {
  /** The language of the user; missing while nobody knows it yet: then both are there. */
  readonly language?: Language | undefined
  readonly sentence: AloudId
  /** A number in the sentence, said digit by digit. */
  readonly digits?: string | undefined
  /** What the user sees now. */
  readonly sees: string
}

export function ReadAloud({ language, sentence, digits, sees }: Props) {
  const { t, language: mine } = useWords()
  const theirs = language ?? mine
  const other: Language = theirs === 'en' ? 'es' : 'en'
  const inLanguage = (one: Language) => aloud(one, sentence, digits ? { digits: digitByDigit(one, digits) } : undefined)
  const translated = language === undefined ? other : theirs === mine ? undefined : mine
  return (
    <div className="script">
      <figure>
        <figcaption>
          <Quote size={18} aria-hidden /> {t('say.read')}
        </figcaption>
        <blockquote lang={theirs}>{inLanguage(theirs)}</blockquote>
        {translated && (
          <p className="soft" lang={translated}>
            {inLanguage(translated)}
          </p>
        )}
      </figure>
      <p className="sees">
        <Eye size={18} aria-hidden />
        <span>
          <strong>{t('say.sees')}</strong> {sees}
        </span>
      </p>
    </div>
  )
}
