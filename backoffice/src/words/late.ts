/** Words that come with the screens that say them, in both languages, and not with the first load. */
import type { Bilingual } from '@amparo/contract/words'

const late = new Map<string, Bilingual>()

export const addWords = (words: Readonly<Record<string, Bilingual>>): void => {
  for (const [id, both] of Object.entries(words)) late.set(id, both)
}
export const lateWord = (id: string): Bilingual | undefined => late.get(id)
