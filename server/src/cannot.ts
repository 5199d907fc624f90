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

/**
 * What keeps us from reading or writing a file, in words; undefined for anything else. A socket that is not there is no
 * file of ours, though the system names both alike.
 */
export function fileTrouble(error: unknown, path: string): Cannot | undefined {
  const { code = '', syscall = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  const said = syscall === 'connect' ? undefined : fileTroubles[code]
  return said && new Cannot(2, [{ en: `${path}: ${said.en}`, es: `${path}: ${said.es}` }], error)
}
const mayNot: Bilingual = { en: 'you may not read or write there.', es: 'no puedes leer o escribir ahí.' }
const noRoom: Bilingual = {
  en: 'no room is left on that disk. Make some, or name another place.',
  es: 'no queda espacio en ese disco. Haz sitio, o nombra otro lugar.',
}
const fileTroubles: Readonly<Record<string, Bilingual>> = {
  ENOENT: { en: 'there is no such file or folder.', es: 'no existe ese archivo o carpeta.' },
  ENOTDIR: { en: 'there is no such file or folder.', es: 'no existe ese archivo o carpeta.' },
  EISDIR: { en: 'this is a folder. Name a file.', es: 'es una carpeta. Nombra un archivo.' },
  EACCES: mayNot,
  EPERM: mayNot,
  EROFS: {
    en: 'that disk can only be read. Name another place.',
    es: 'en ese disco solo se puede leer. Nombra otro lugar.',
  },
  ENOSPC: noRoom,
  EDQUOT: noRoom,
}
