/** Who reads of a succession, and how sentences are said to them: in their language, with the names of the case. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { inLanguage } from '../words.ts'
import type { Definition } from './definition.ts'
import type { Case } from './succession.ts'
import * as w from './words.ts'

/** Who reads, in which language, and when. */
export interface Reader {
  readonly viewer: w.Viewer
  readonly language: Language
  readonly now: Date
  readonly timeZone: string
  readonly vendor: string
  /** The title of a help page. */
  helpTitle(topic: string, language: Language): string
  /** What the vendor offers us to do. */
  readonly offers: { readonly release: boolean; readonly resend: boolean }
  readonly definition?: Definition
  /** For the agent: their own proof is not enough for a release here. */
  readonly tooWeak?: boolean
}

export type Say = (text: Bilingual, more?: Readonly<Record<string, string>>) => string

/** Says sentences to this reader, with the names of this case. */
export const speaking = (
  one: Case,
  reader: Reader,
): { say: Say; to: (said: w.Said, more?: Record<string, string>) => string } => {
  const names = { o: one.owner.name, s: one.successor.name, v: reader.vendor, e: one.ecosystemName }
  const say: Say = (text, more = {}) => inLanguage(text, reader.language, { ...names, ...more })
  return { say, to: (said, more) => say(w.to(reader.viewer, said), more) }
}
