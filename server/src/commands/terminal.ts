/** Where a command speaks: in the reader's language to a person, or one JSON object to a program. */
import type { Bilingual } from '@amparo/contract/words'
import type { Command } from 'commander'
import pc from 'picocolors'
import { Cannot, type ExitCode, fileTrouble, inLanguage, type Sentence } from '../cannot.ts'
import { isConnectionTrouble } from '../database/database.ts'

export type Language = 'en' | 'es'
type Env = Readonly<Record<string, string | undefined>>

export interface Terminal {
  readonly language: Language
  readonly colours: ReturnType<typeof pc.createColors>
  /** The sentence in this reader's language. */
  words(sentence: Sentence): string
  /** A line for a person. */
  say(line: Sentence): void
  /** Ends a command's answer: the object for a program, or lines for a person. */
  answer(json: boolean | undefined, value: object, lines: () => readonly Sentence[]): void
}

/** Adds one command, or a few under one name, to the program. */
export type Register = (program: Command, terminal: Terminal) => void

/** The language of this environment, as every program takes it: LC_ALL, LC_MESSAGES, LANG. */
export const languageOf = (env: Env): Language =>
  (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase().startsWith('es') ? 'es' : 'en'

/** Colours are for a person who has not asked for none (https://no-color.org). */
export const coloursFor = (stream: { isTTY?: boolean }, env: Env) =>
  pc.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb')

export function terminalOf(out: NodeJS.WriteStream, env: Env): Terminal {
  const language = languageOf(env)
  const words = (sentence: Sentence) => inLanguage(sentence, language)
  const say = (line: Sentence) => void out.write(`${words(line)}\n`)
  return {
    language,
    colours: coloursFor(out, env),
    words,
    say,
    answer(json, value, lines) {
      if (json) say(JSON.stringify(value))
      else for (const line of lines()) say(line)
    },
  }
}

const broke: Bilingual = {
  en: 'Something broke that should not. Please report it with the words above.',
  es: 'Falló algo que no debía. Avísanos con las palabras de arriba.',
}

/** What a person is told of a failure, and the exit code: words, never a stack, never a secret. */
export function toldOf(error: unknown): { readonly exit: ExitCode; readonly says: readonly Sentence[] } {
  if (error instanceof Cannot) return { exit: error.exit, says: error.faults }
  const file = error instanceof Error && 'path' in error ? fileTrouble(error, String(error.path)) : undefined
  if (file) return { exit: file.exit, says: file.faults }
  const message = error instanceof Error ? error.message : String(error)
  if (isConnectionTrouble(error) || isConnectionTrouble(error instanceof Error ? error.cause : undefined))
    return { exit: 3, says: [message] }
  return { exit: 1, says: [message, broke] }
}
