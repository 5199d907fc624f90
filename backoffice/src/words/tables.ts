/** All tables of words as one: the older two, a language each, and those that hold both languages side by side. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { auditWords } from './audit.ts'
import { cutoffWords } from './cutoff.ts'
import { en, type WordId } from './en.ts'
import { es } from './es.ts'
import { frameWords } from './frame.ts'
import { moreWords } from './more.ts'
import type { oversightWords } from './oversight.ts'
import type { phoneWords } from './phone.ts'
import { sessionWords } from './session.ts'
import type { successionWords } from './succession.ts'

const older: Record<Language, Record<WordId, string>> = { en, es }
const paired = {
  ...frameWords,
  ...auditWords,
  ...cutoffWords,
  ...moreWords,
  ...sessionWords,
}

type PairedId = keyof typeof paired
export type SentenceId =
  | WordId
  | PairedId
  | keyof typeof oversightWords
  | keyof typeof phoneWords
  | keyof typeof successionWords

/** Words that come with the screens that say them, and not with the first load. */
const late = new Map<string, Bilingual>()
export const addWords = (words: Readonly<Record<string, Bilingual>>): void => {
  for (const [id, both] of Object.entries(words)) late.set(id, both)
}

const isOlder = (id: SentenceId): id is WordId => id in en
const isPaired = (id: SentenceId): id is PairedId => id in paired

export const sentence = (language: Language, id: SentenceId): string => {
  if (isOlder(id)) return older[language][id]
  const both: Bilingual | undefined = isPaired(id) ? paired[id] : late.get(id)
  return both?.[language] ?? id
}

/** Those of the first load. */
export const sentenceIds = [...Object.keys(en), ...Object.keys(paired)] as readonly SentenceId[]
