/** The words in the language of whoever sits here: chosen once, remembered, and set on the document. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { IntlMessageFormat } from 'intl-messageformat'
import { createContext, type ReactNode, use, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Outline } from '../parts/Outline.tsx'
import { type AloudId, aloudWords } from './aloud.ts'
import { type Coming, heard, isComing, keepLanguage, ownLanguage, want, wordIn } from './here.ts'
import { lateWord } from './late.ts'
import type { SentenceId } from './tables.ts'
import { isToday } from './today.ts'

const regions: Record<Language, string> = { en: 'en-GB', es: 'es-ES' }
const formats = new Map<string, IntlMessageFormat>()

type Values = Readonly<Record<string, string | number>>

const isAloud = (id: string): id is AloudId => id in aloudWords

/** A sentence as it is written; nothing where there is none, or where its language is not here. */
const written = (language: Language, id: string): string | undefined =>
  isAloud(id) ? aloudWords[id][language] : (wordIn(language, id) ?? lateWord(id)?.[language])

function say(language: Language, id: SentenceId, values?: Values): string {
  return String(formatOf(language, id).format(values))
}

/** Made once for each sentence that is here; one that is not stands as its id until it comes. */
function formatOf(language: Language, id: SentenceId): IntlMessageFormat {
  const key = `${language} ${id}`
  const made = formats.get(key)
  const sentence = made ? undefined : written(language, id)
  const format = made ?? new IntlMessageFormat(sentence ?? id, regions[language])
  if (sentence !== undefined) formats.set(key, format)
  return format
}

/** One sentence to be read aloud, in either language. */
export const aloud: (language: Language, id: AloudId, values?: Values) => string = say

/** A number said digit by digit: "four, seven". */
export function digitByDigit(language: Language, digits: string): string {
  const words = [...digits].map((digit) => aloud(language, `digit.${digit}` as AloudId))
  return words.join(', ')
}

const timeStyle = { hour: '2-digit', minute: '2-digit', hour12: false } as const
const dayStyle = { day: 'numeric', month: 'short', year: 'numeric' } as const
const dateStyle = { ...dayStyle, ...timeStyle } as const

export interface Words {
  readonly language: Language
  readonly t: (id: SentenceId, values?: Values) => string
  /** Whether there is such a sentence. */
  readonly has: (id: string) => id is SentenceId
  readonly choose: (language: Language) => void
  /** The language that was chosen and is not here yet, and how it comes. */
  readonly awaited: { readonly language: Language; readonly how: Coming } | undefined
  readonly name: (both: Bilingual) => string
  /** "Store, Web and App". */
  readonly list: (items: readonly string[]) => string
  readonly time: (instant: string) => string
  readonly timeToTheSecond: (instant: string) => string
  /** The hour; of another day than today with that day. */
  readonly hour: (instant: string) => string
  readonly date: (instant: string) => string
  readonly day: (instant: string) => string
  readonly dateToTheSecond: (instant: string) => string
}

function wordsIn(language: Language): Omit<Words, 'choose' | 'awaited'> {
  const shown = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(regions[language], style)
    return (instant: string) => format.format(new Date(instant))
  }
  const [time, date] = [shown(timeStyle), shown(dateStyle)]
  return {
    language,
    t: (id, values) => say(language, id, values),
    has: (id): id is SentenceId => written(language, id) !== undefined,
    name: (both) => both[language],
    list: (items) => new Intl.ListFormat(regions[language]).format(items),
    time,
    timeToTheSecond: shown({ ...timeStyle, second: '2-digit' }),
    hour: (instant) => (isToday(instant, new Date()) ? time(instant) : date(instant)),
    date,
    day: shown(dayStyle),
    dateToTheSecond: shown({ ...dateStyle, second: '2-digit' }),
  }
}

const Context = createContext<Words | undefined>(undefined)

const otherThan: Readonly<Record<Language, Language>> = { en: 'es', es: 'en' }
/** So long the first language is waited for before the other is asked for too: in silence, and once it has failed. */
const patienceMs = { silent: 6_000, failed: 1_500 } as const

/** Shows nothing before a language is here, the chosen one or else the other; the chosen one takes over once it is. */
export function WordsProvider({ children }: { readonly children: ReactNode }) {
  const [chosen, choose] = useState(ownLanguage)
  const [shown, show] = useState<Language>()
  const other = otherThan[chosen]
  const how = useSyncExternalStore(heard, () => isComing(chosen))
  const otherIsHere = useSyncExternalStore(heard, () => isComing(other) === 'here')
  if (how === 'here' && shown !== chosen) show(chosen)
  else if (shown === undefined && otherIsHere) show(other)
  useEffect(() => want(chosen), [chosen])
  const isAwaited = shown === undefined && how !== 'here'
  const hasFailed = how === 'late' || how === 'gone'
  useEffect(() => {
    if (!isAwaited) return
    const timer = setTimeout(() => want(other), patienceMs[hasFailed ? 'failed' : 'silent'])
    return () => clearTimeout(timer)
  }, [isAwaited, hasFailed, other])
  useEffect(() => {
    if (shown) document.documentElement.lang = shown
  }, [shown])
  useEffect(() => {
    const takeOver = () => choose(ownLanguage())
    window.addEventListener('storage', takeOver)
    return () => window.removeEventListener('storage', takeOver)
  }, [])
  const inShown = useMemo(() => (shown ? wordsIn(shown) : undefined), [shown])
  const words = useMemo(
    (): Words | undefined =>
      inShown && {
        ...inShown,
        choose: (language) => {
          keepLanguage(language)
          choose(language)
        },
        awaited: how === 'here' ? undefined : { language: chosen, how },
      },
    [inShown, chosen, how],
  )
  return words ? <Context value={words}>{children}</Context> : <NoWordsYet />
}

/** Nothing at first, then the outline of a page, then the only words that need no file. */
function NoWordsYet() {
  return (
    <div className="sign-in">
      <div className="waiting">
        <Outline />
        <div role="status" className="slow">
          <p lang="en">The words of this page have not come yet. We keep trying.</p>
          <p lang="es">Los textos de esta página aún no han llegado. Seguimos intentándolo.</p>
          <button type="button" className="as-link" onClick={() => location.reload()}>
            Load the page again · <span lang="es">Volver a cargar la página</span>
          </button>
        </div>
      </div>
    </div>
  )
}

export function useWords(): Words {
  const words = use(Context)
  if (!words) throw new Error('There are no words here: WordsProvider is missing.')
  return words
}
