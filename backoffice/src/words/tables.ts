/** All tables of words as one: the older two, a language each, and those that hold both languages side by side. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { auditWords } from './audit.ts'
import { cutoffWords } from './cutoff.ts'
import { en, type WordId } from './en.ts'
import { es } from './es.ts'
import { frameWords } from './frame.ts'
import { moreWords } from './more.ts'
import { phoneWords } from './phone.ts'
import { sessionWords } from './session.ts'
import { successionWords } from './succession.ts'

const older: Record<Language, Record<WordId, string>> = { en, es }
const paired = {
  ...frameWords,
  ...auditWords,
  ...cutoffWords,
  ...moreWords,
  ...sessionWords,
  ...successionWords,
  ...phoneWords,
}

type PairedId = keyof typeof paired
export type SentenceId = WordId | PairedId

const isPaired = (id: SentenceId): id is PairedId => id in paired

export const sentence = (language: Language, id: SentenceId): string => {
  if (!isPaired(id)) return older[language][id]
  const both: Bilingual = paired[id]
  return both[language]
}

export const sentenceIds = [...Object.keys(en), ...Object.keys(paired)] as readonly SentenceId[]
