/**
 * The vocabulary of the server: ids that cannot be mistaken for one another, who acts, and filling in a sentence.
 * An id made here or read from a row is trusted from then on; the constructors are the only assertions.
 */
import type { Bilingual, Language } from '@amparo/contract/words'

/** Which Amparo this is. */
export const version = '0.1.0'

declare const kind: unique symbol
type Id<Kind extends string> = string & { readonly [kind]: Kind }

export type AssistanceId = Id<'assistance'>
export type AgentId = Id<'agent'>
export type SessionId = Id<'agent_session'>
export type UserId = Id<'user'>
export type EcosystemId = Id<'ecosystem'>

const form = (prefix: string) => new RegExp(`^${prefix}_[0-9a-z]{16,32}$`)
const assistanceForm = form('as')

/** The one place where outside text becomes an assistance's name. */
export const assistanceId = (text: string): AssistanceId | undefined =>
  assistanceForm.test(text) ? (text as AssistanceId) : undefined

/** Ids that come from our own rows, from the Core or from a session that was checked. */
export const known = {
  assistance: (text: string) => text as AssistanceId,
  agent: (text: string) => text as AgentId,
  session: (text: string) => text as SessionId,
  user: (text: string) => text as UserId,
  ecosystem: (text: string) => text as EcosystemId,
}

/**
 * Who does something: an agent at the desk, the user, a product that was opened, or the system by itself; and in which request to
 * the console, where it was one (decision 0049).
 */
export interface Actor {
  readonly kind: 'agent' | 'user' | 'surface' | 'system'
  readonly id: string
  readonly request?: string
}

export const system = (id: string): Actor => ({ kind: 'system', id })

/** The same, in this request. */
export const within = (actor: Actor, request: string | undefined): Actor =>
  request === undefined ? actor : { ...actor, request }

/**
 * An e-mail in the one spelling that tries, locks and *oneself* go by: letter by letter, as a database compares it with `lower`.
 * JavaScript makes two letters of `İ`, and would take for another address what the database finds somebody by.
 */
export const spelt = (email: string): string => [...email].map((letter) => [...letter.toLowerCase()][0]).join('')

/** What no text of the database can hold: the character zero, and half of a character. */
export const isNoText = (text: string): boolean => /[\0\p{Cs}]/u.test(text)

/** What somebody else answered as it may be kept: one line that every column can hold, and no longer than it has to be. */
export const keepable = (text: string, longest: number): string =>
  [...text.slice(0, 2 * longest).replace(/[\s\p{Cc}\p{Cs}\p{Z}]+/gu, ' ')].slice(0, longest).join('').trim()

/** The row that a table of ours has under this key: somebody else's word is never taken for what every object has. */
export const rowOf = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** A sentence with its names filled in; a place that nobody names stays as it is written. */
export const fill = (text: string, names: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w)\}/g, (place, name: string) => names[name] ?? place)

/** The same of a sentence that stands in both languages. */
export const inLanguage = (text: Bilingual, language: Language, names: Readonly<Record<string, string>> = {}): string =>
  fill(text[language], names)
