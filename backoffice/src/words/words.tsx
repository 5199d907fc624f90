/** The words in the language of whoever sits here: chosen once, remembered, and set on the document. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { IntlMessageFormat } from 'intl-messageformat'
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type SentenceId, sentence } from './tables.ts'

const regions: Record<Language, string> = { en: 'en-GB', es: 'es-ES' }
const kept = 'amparo.language'
const formats = new Map<string, IntlMessageFormat>()

type Values = Readonly<Record<string, string | number>>

/** One sentence in one language. */
export function say(language: Language, id: SentenceId, values?: Values): string {
  const key = `${language} ${id}`
  const format = formats.get(key) ?? new IntlMessageFormat(sentence(language, id), regions[language])
  formats.set(key, format)
  return String(format.format(values))
}

/** A number said digit by digit: "four, seven". */
export function digitByDigit(language: Language, digits: string): string {
  const words = [...digits].map((digit) => say(language, `digit.${digit}` as SentenceId))
  return words.join(', ')
}

const timeStyle = { hour: '2-digit', minute: '2-digit', hour12: false } as const
const dayStyle = { day: 'numeric', month: 'short', year: 'numeric' } as const
const dateStyle = { ...dayStyle, ...timeStyle } as const

export interface Words {
  readonly language: Language
  readonly t: (id: SentenceId, values?: Values) => string
  readonly choose: (language: Language) => void
  readonly name: (both: Bilingual) => string
  /** "Store, Web and App". */
  readonly list: (items: readonly string[]) => string
  readonly time: (instant: string) => string
  readonly timeToTheSecond: (instant: string) => string
  readonly date: (instant: string) => string
  readonly day: (instant: string) => string
  readonly dateToTheSecond: (instant: string) => string
}

function wordsIn(language: Language, choose: (language: Language) => void): Words {
  const shown = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(regions[language], style)
    return (instant: string) => format.format(new Date(instant))
  }
  return {
    language,
    choose,
    t: (id, values) => say(language, id, values),
    name: (both) => both[language],
    list: (items) => new Intl.ListFormat(regions[language]).format(items),
    time: shown(timeStyle),
    timeToTheSecond: shown({ ...timeStyle, second: '2-digit' }),
    date: shown(dateStyle),
    day: shown(dayStyle),
    dateToTheSecond: shown({ ...dateStyle, second: '2-digit' }),
  }
}

const isLanguage = (text: string | null | undefined): text is Language => text === 'en' || text === 'es'

function firstGuess(): Language {
  const remembered = localStorage.getItem(kept)
  if (isLanguage(remembered)) return remembered
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en'
}

const Context = createContext<Words | undefined>(undefined)

export function WordsProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(firstGuess)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  useEffect(() => {
    const takeOver = () => setLanguage(firstGuess())
    window.addEventListener('storage', takeOver)
    return () => window.removeEventListener('storage', takeOver)
  }, [])
  const words = useMemo(
    () =>
      wordsIn(language, (chosen) => {
        localStorage.setItem(kept, chosen)
        setLanguage(chosen)
      }),
    [language],
  )
  return <Context value={words}>{children}</Context>
}

export function useWords(): Words {
  const words = use(Context)
  if (!words) throw new Error('There are no words here: WordsProvider is missing.')
  return words
}
