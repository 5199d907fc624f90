/**
 * How the record is searched: one line of qualifiers (`agent:ana type:consent.given after:2026-11-01`). Parsed here, once,
 * for the server that answers and for the console that draws a chip for each. All of them must hold.
 */
import { type Because, type Bilingual, becauses } from './words.ts'

export const qualifiers = ['agent', 'user', 'type', 'assistance', 'because', 'after', 'before'] as const
export type Qualifier = (typeof qualifiers)[number]

/** As many characters as a search may have. */
export const longestSearch = 400

/** What each qualifier takes, for suggestions and for help. */
export const qualifierMeans: Readonly<Record<Qualifier, Bilingual>> = {
  agent: {
    en: 'who did it: id, e-mail or the beginning of a name',
    es: 'quién lo hizo: id, correo o comienzo del nombre',
  },
  user: { en: 'whom it concerns: id or the beginning of an e-mail', es: 'a quién afecta: id o comienzo del correo' },
  type: { en: 'what happened, for example consent.given', es: 'qué ocurrió, por ejemplo consent.given' },
  assistance: { en: 'one request, by its id', es: 'una solicitud, por su id' },
  because: { en: 'how it ended, for example stopped_by_user', es: 'cómo terminó, por ejemplo stopped_by_user' },
  after: { en: 'from this day or instant on', es: 'desde este día o instante' },
  before: { en: 'until before this day or instant', es: 'hasta antes de este día o instante' },
}

/** One qualifier as it was typed; `from` and `to` are its places in the text, for a chip that can be taken away. */
export interface Term {
  readonly qualifier: Qualifier
  readonly value: string
  readonly from: number
  readonly to: number
}

/** What to look for. Instants are RFC 3339, UTC; a day begins at midnight UTC. */
export interface Search {
  readonly agent?: string
  readonly user?: string
  readonly type?: string
  readonly assistance?: string
  readonly because?: Because
  readonly after?: string
  readonly before?: string
}

/** What is wrong with a search, and where in the text: enough for a sentence. */
export interface SearchFault {
  readonly fault:
    | 'free_words'
    | 'unknown_qualifier'
    | 'no_value'
    | 'twice'
    | 'no_instant'
    | 'no_ending'
    | 'no_type'
    | 'open_quote'
  readonly said: string
  readonly from: number
  readonly to: number
}

export type Parsed =
  | { readonly ok: true; readonly search: Search; readonly terms: readonly Term[] }
  | { readonly ok: false; readonly faults: readonly SearchFault[]; readonly terms: readonly Term[] }

const list = qualifiers.map((name) => `${name}:`).join(', ')
const sentences: Readonly<Record<SearchFault['fault'], (said: string) => Bilingual>> = {
  free_words: (said) => ({
    en: `"${said}" stands alone. Say what it is with one of: ${list}.`,
    es: `«${said}» está solo. Di qué es con uno de: ${list}.`,
  }),
  unknown_qualifier: (said) => ({
    en: `"${said}" is not something to search by. Use one of: ${list}.`,
    es: `No se puede buscar por «${said}». Usa uno de: ${list}.`,
  }),
  no_value: (said) => ({ en: `Nothing follows "${said}".`, es: `No hay nada después de «${said}».` }),
  twice: (said) => ({ en: `"${said}" stands there twice. Keep one.`, es: `«${said}» está dos veces. Deja uno.` }),
  no_instant: (said) => ({
    en: `"${said}" is not a day. Write it as 2026-11-22, or 2026-11-22T10:42:00Z.`,
    es: `«${said}» no es una fecha. Escríbela como 2026-11-22, o 2026-11-22T10:42:00Z.`,
  }),
  no_ending: (said) => ({
    en: `"${said}" is no ending. The endings are: ${becauses.join(', ')}.`,
    es: `«${said}» no es un final. Los finales son: ${becauses.join(', ')}.`,
  }),
  no_type: (said) => ({
    en: `"${said}" is not how events are called. They look like consent.given.`,
    es: `«${said}» no es un nombre de evento. Son como consent.given.`,
  }),
  open_quote: (said) => ({
    en: `The quotation mark before "${said}" is never closed.`,
    es: `Las comillas antes de «${said}» no se cierran.`,
  }),
}

/** The fault as a person reads it. */
export const searchFaultSentence = ({ fault, said }: SearchFault): Bilingual => sentences[fault](said)

/** `name:value`, `name:"a value"`, or a word that is neither. */
const piece = /([^\s:"]+):(?:"([^"]*)("?)|(\S*))|(\S+)/gu

/** Parses a line of qualifiers. Every fault is told at once; what could be read is in `terms` all the same. */
export function parseSearch(text: string): Parsed {
  const terms: Term[] = []
  const faults: SearchFault[] = []
  for (const match of text.matchAll(piece)) {
    const [whole, name, quoted, closing, plain, alone] = match
    const place = { from: match.index, to: match.index + whole.length }
    const value = (quoted ?? plain ?? '').trim()
    const qualifier = qualifiers.find((one) => one === name?.toLowerCase())
    const fault = (kind: SearchFault['fault'], said: string) => faults.push({ fault: kind, said, ...place })
    if (alone !== undefined) fault('free_words', alone)
    else if (!qualifier) fault('unknown_qualifier', `${name}:`)
    else if (closing === '') fault('open_quote', value)
    else if (value === '') fault('no_value', `${name}:`)
    else if (terms.some((term) => term.qualifier === qualifier)) fault('twice', `${qualifier}:`)
    else {
      const wrong = faultOf(qualifier, value)
      if (wrong) fault(wrong, value)
      terms.push({ qualifier, value, ...place })
    }
  }
  return faults.length > 0 ? { ok: false, faults, terms } : { ok: true, search: searchOf(terms), terms }
}

function faultOf(qualifier: Qualifier, value: string): SearchFault['fault'] | undefined {
  if (qualifier === 'because') return becauses.some((one) => one === value) ? undefined : 'no_ending'
  if (qualifier === 'type') return /^[a-z_]+\.[a-z_]+$/.test(value) ? undefined : 'no_type'
  if (qualifier === 'after' || qualifier === 'before') return instantOf(value) === undefined ? 'no_instant' : undefined
  return undefined
}

/** Years that the database and a text in the order of time both hold: no record reaches beyond them. */
const inReach = /^[12]\d{3}-/

/** A day or an instant, with its zone, as RFC 3339 in UTC; undefined for what is none, such as the 30th of February. */
export function instantOf(value: string): string | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value)
  if (!day && !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(value)) return undefined
  const calendar = new Date(`${value.slice(0, 10)}T00:00:00.000Z`)
  const at = new Date(day ? `${value}T00:00:00.000Z` : value)
  if (Number.isNaN(at.getTime()) || Number.isNaN(calendar.getTime())) return undefined
  const isDay = calendar.toISOString().slice(0, 10) === value.slice(0, 10)
  return isDay && inReach.test(at.toISOString()) ? at.toISOString() : undefined
}

function searchOf(terms: readonly Term[]): Search {
  const of = (qualifier: Qualifier) => terms.find((term) => term.qualifier === qualifier)?.value
  const because = becauses.find((one) => one === of('because'))
  const [after, before] = [instantOf(of('after') ?? ''), instantOf(of('before') ?? '')]
  const [agent, user, type, assistance] = [of('agent'), of('user'), of('type'), of('assistance')]
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(user === undefined ? {} : { user }),
    ...(type === undefined ? {} : { type }),
    ...(assistance === undefined ? {} : { assistance }),
    ...(because === undefined ? {} : { because }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  }
}

/** A search as text again: what the address of the page and a removed chip need. */
export const searchText = (terms: readonly Pick<Term, 'qualifier' | 'value'>[]): string =>
  terms.map(({ qualifier, value }) => `${qualifier}:${/\s/.test(value) ? `"${value}"` : value}`).join(' ')
