/**
 * What a start shows: to a person a few lines, the first time with what was made; to a program one JSON object a line. A
 * start that cannot be says why through `terminal.ts`, and nothing is told to be ready before it is.
 */
import { inLanguage, type Sentence } from '../cannot.ts'
import { version } from '../words.ts'
import { coloursFor, languageOf } from './terminal.ts'

type Env = Readonly<Record<string, string | undefined>>
type Out = Pick<NodeJS.WritableStream, 'write'> & { readonly isTTY?: boolean }

export interface Screen {
  /** What kind of installation this is, in a few words. */
  began(about: Sentence): void
  /** One part stands. Shown at once when something was made, and always to a program. */
  step(name: string, says: Sentence, made?: boolean): void
  /** Something is not as it should be, and the start goes on. */
  trouble(name: string, says: Sentence): void
  /** The whole stands: lines for a person, facts for a program. */
  ready(lines: readonly Sentence[], facts: Readonly<Record<string, unknown>>): void
}

export function screenOf(out: Out, env: Env, now: () => number = () => performance.now()): Screen {
  return out.isTTY ? forPeople(out, env, now) : forPrograms(out, now)
}

/** For tests and for servers inside other programs. */
export const silence: Screen = { began: () => {}, step: () => {}, trouble: () => {}, ready: () => {} }

const nameWidth = 12

function forPeople(out: Out, env: Env, now: () => number): Screen {
  const language = languageOf(env)
  const colours = coloursFor(out, env)
  const say = (line: string) => out.write(`${line}\n`)
  let since = now()
  let made = false
  return {
    began: (about) => say(`${colours.bold(`Amparo ${version}`)}  ·  ${inLanguage(about, language)}\n`),
    step(name, says, isNew = false) {
      const seconds = ((now() - since) / 1000).toFixed(1)
      since = now()
      made ||= isNew
      const what = `${name.padEnd(nameWidth)} ${inLanguage(says, language).padEnd(44)}`
      if (made) say(`  ${colours.green('✓')} ${what} ${colours.dim(`${seconds} s`)}`)
    },
    trouble: (name, says) => say(`  ${colours.yellow('!')} ${name}: ${inLanguage(says, language)}`),
    ready(lines) {
      if (made) say('')
      for (const line of lines) say(inLanguage(line, language))
    },
  }
}

function forPrograms(out: Out, now: () => number): Screen {
  const began = now()
  const say = (event: string, facts: object) =>
    out.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`)
  return {
    began: (about) => say('starting', { amparo: version, about: inLanguage(about, 'en') }),
    step: (name, says) => say('step', { step: name, says: inLanguage(says, 'en') }),
    trouble: (name, says) => say('trouble', { step: name, says: inLanguage(says, 'en') }),
    ready: (_lines, facts) => say('ready', { ...facts, ms: Math.round(now() - began) }),
  }
}
