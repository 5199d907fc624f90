/** What ends a command in words: what is wrong, a sentence each that says what to do, and the exit code that a script reads. */
import type { Bilingual } from '@amparo/contract/words'

/** 1 failed · 2 wrong use or configuration · 3 something outside does not answer · 4 refused, or not intact. */
export type ExitCode = 1 | 2 | 3 | 4

/** A sentence of which there is one form only is the same in both languages: a path, a name, another program's words. */
export type Sentence = string | Bilingual

export const inLanguage = (sentence: Sentence, language: 'en' | 'es'): string =>
  typeof sentence === 'string' ? sentence : sentence[language]

export class Cannot extends Error {
  readonly exit: ExitCode
  readonly faults: readonly Sentence[]
  constructor(exit: ExitCode, faults: readonly Sentence[], cause?: unknown) {
    super(faults.map((fault) => inLanguage(fault, 'en')).join('\n'), { cause })
    this.exit = exit
    this.faults = faults
  }
}
