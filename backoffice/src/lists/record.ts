/** An event of the record as a sentence, and the search as chips: no rule of the domain, only words. */
import type { AuditEvent } from '@amparo/contract/audit'
import { isRefusal, sentenceOf } from '@amparo/contract/refusals'
import { searchText, type Term } from '@amparo/contract/search'
import type { Words } from '../words/words.tsx'

/** A word of a closed list in the reader's language; as it is, where we have no word for it. */
const worded = (
  words: Words,
  group: 'purpose' | 'ended' | 'by' | 'reason' | 'alert' | 'answer' | 'finding' | 'mismatch',
  value: unknown,
): string => {
  const id = `${group}.${String(value)}`
  return value === undefined ? '–' : words.has(id) ? words.t(id) : String(value)
}

export function whoDid({ actor }: Pick<AuditEvent, 'actor'>, { t }: Words): string {
  if (actor.name !== undefined) return actor.name
  switch (actor.kind) {
    case 'user':
      return t('audit.theUser')
    case 'surface':
      return actor.id
    case 'agent':
      return actor.id
    default:
      return t('audit.system')
  }
}

/** By name where that is known, else by id. */
export const aboutWhom = ({ subject, subjectName }: Pick<AuditEvent, 'subject' | 'subjectName'>): string | undefined =>
  subjectName ?? subject ?? undefined

/** What its sentence is made of. */
type Told = Pick<AuditEvent, 'type' | 'actor' | 'subject' | 'subjectName' | 'data'>

export function sentenceFor(event: Told, words: Words, surfaceName: (id: string) => string): string {
  const nobodys = event.type === 'agent.sign_in_failed' && event.actor.kind === 'system'
  const id = `event.${event.type}${nobodys ? '.unknown' : ''}`
  if (!words.has(id)) return event.type
  const { data } = event
  const surface = typeof data.surface === 'string' ? surfaceName(data.surface) : undefined
  const refusal = String(data.refusal ?? '')
  return words.t(id, {
    who: whoDid(event, words),
    about: aboutWhom(event) ?? words.t('audit.theUser'),
    surface: surface ?? words.t('audit.theSurface'),
    ecosystem: String(data.ecosystem ?? '–'),
    because: worded(words, 'ended', data.because),
    purpose: worded(words, 'purpose', data.purpose),
    channel: worded(words, 'by', data.channel),
    reason: worded(words, 'reason', data.reason),
    kind: worded(words, 'alert', data.kind),
    decision: worded(words, 'answer', data.decision),
    finding: worded(words, 'finding', data.finding),
    mismatch: worded(words, 'mismatch', data.why),
    refusal: isRefusal(refusal) ? sentenceOf(refusal)[words.language] : refusal,
  })
}

/** What is to be noticed is marked: by a word, and a sign beside its sentence. */
export const isTrouble = ({ result }: Pick<AuditEvent, 'result'>): boolean =>
  result === 'refused' || result === 'failed' || result === 'alert'

/** What came of it, in a word or two; nothing where an event of its own tells that. */
export const resultWords = ({ result, data }: Pick<AuditEvent, 'result' | 'data'>, words: Words): string | undefined =>
  result === null ? undefined : words.t(`result.${result}`, { because: worded(words, 'ended', data.because) })

// ── The search ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The same search without this part of it. */
export const without = (terms: readonly Term[], { qualifier }: Pick<Term, 'qualifier'>): string =>
  searchText(terms.filter((term) => term.qualifier !== qualifier))

/** The same search with this part, in the place of one that it already has. */
export const withTerm = (terms: readonly Term[], qualifier: Term['qualifier'], value: string): string =>
  searchText([...terms.filter((term) => term.qualifier !== qualifier), { qualifier, value }])
