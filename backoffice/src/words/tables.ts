/**
 * All tables of words as one: the older two, a language each, and those that hold both languages side by side. The build
 * makes a file of each language out of them, and a page loads only its own: nothing of a page may import more than types
 * from here.
 */
import type { Bilingual, Language } from '@amparo/contract/words'
import type { AloudId } from './aloud.ts'
import { auditWords } from './audit.ts'
import { cutoffWords } from './cutoff.ts'
import { en, type WordId } from './en.ts'
import { es } from './es.ts'
import { frameWords } from './frame.ts'
import { moreWords } from './more.ts'
import type { oversightWords } from './oversight.ts'
import type { phoneWords } from './phone.ts'
import type { recordWords } from './record.ts'
import { sessionWords } from './session.ts'
import type { successionWords } from './succession.ts'

const older: Record<Language, Record<WordId, string>> = { en, es }
const paired = { ...frameWords, ...auditWords, ...cutoffWords, ...moreWords, ...sessionWords }

type PairedId = keyof typeof paired
export type SentenceId =
  | WordId
  | PairedId
  | AloudId
  | keyof typeof oversightWords
  | keyof typeof phoneWords
  | keyof typeof recordWords
  | keyof typeof successionWords

/** What a language's own file holds: every sentence but those that are read aloud and those that come with their screens. */
export const fileOf = (language: Language): Readonly<Record<string, string>> => ({
  ...older[language],
  ...inOne(paired, language),
})

/** One side of a table with both languages. */
export const inOne = (both: Readonly<Record<string, Bilingual>>, language: Language): Record<string, string> =>
  Object.fromEntries(Object.entries(both).map(([id, words]) => [id, words[language]]))
