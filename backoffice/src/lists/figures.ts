/** The record's figures as the charts draw them: kinds of endings, spans of seconds, causes as sentences. */
import { consentWithin, type Figures } from '@amparo/contract/audit'
import { isRefusal, sentenceOf } from '@amparo/contract/refusals'
import type { Because } from '@amparo/contract/words'
import type { Words } from '../words/words.tsx'
import { sentenceFor } from './record.ts'

/** Twenty endings are too many to tell apart in a column; a table has each. */
export const kinds = ['finished', 'user', 'time', 'agent', 'other'] as const
export type Kind = (typeof kinds)[number]

const kindOf: Readonly<Record<Because, Kind>> = {
  finished: 'finished',
  declined_by_user: 'user',
  reported_by_user: 'user',
  stopped_by_user: 'user',
  expired_idle: 'time',
  expired_max: 'time',
  break_glass_over: 'time',
  cancelled: 'agent',
  user_not_found: 'agent',
  too_many_attempts: 'agent',
  agent_signed_out: 'agent',
  handed_over: 'agent',
  superseded: 'other',
  closed_by_supervisor: 'other',
  agent_deactivated: 'other',
  user_deactivated: 'other',
  ecosystem_suspended: 'other',
  core_unavailable: 'other',
  audit_unavailable: 'other',
  restored: 'other',
  access_withdrawn: 'other',
  killed: 'other',
}

type Ended = Figures['days'][number]['ended']

export const endingsOf = (ended: Ended): readonly (readonly [Because, number])[] =>
  Object.entries(ended).map(([because, count]) => [because as Because, count ?? 0] as const)

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
export const sumOf = (ended: Ended): number => sum(endingsOf(ended).map(([, count]) => count))

/** How many of each kind, in the order in which they lie on one another. */
export function byKind(ended: Ended): Readonly<Record<Kind, number>> {
  const sums = { finished: 0, user: 0, time: 0, agent: 0, other: 0 }
  for (const [because, count] of endingsOf(ended)) sums[kindOf[because]] += count
  return sums
}

/** The next number from which upwards people count in: 1, 2, 5, 10, 20, 50, … */
export function roundUp(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most
}

export function duration(seconds: number, { t }: Words): string {
  const whole = Math.round(seconds)
  const [m, s] = [Math.floor(whole / 60), whole % 60]
  if (m === 0) return t('figures.seconds', { s })
  return s === 0 ? t('figures.minutes', { m }) : t('figures.minutesSeconds', { m, s })
}

/** The name of one span of seconds: under the first limit, between two, from the last on. */
export function spanName(index: number, words: Words): string {
  const [from, to] = [consentWithin[index - 1], consentWithin[index]]
  if (from === undefined) return words.t('figures.upTo', { to: duration(to ?? 0, words) })
  if (to === undefined) return words.t('figures.longer', { from: duration(from, words) })
  return words.t('figures.fromTo', { from: duration(from, words), to: duration(to, words) })
}

/** What was refused, as a sentence: what whoever was refused has read, or else what the record says of such an event. */
export function causeSentence(one: Figures['refusals'][number], words: Words): string {
  const sentence = sentenceOfCause(one, words)
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`
}

function sentenceOfCause({ type, cause }: Figures['refusals'][number], words: Words): string {
  if (cause !== null && isRefusal(cause)) return sentenceOf(cause)[words.language]
  const ended = `ended.${cause}`
  if (type === 'assistance.closed' && words.has(ended)) return words.t(ended)
  return sentenceFor({ type, actor: { kind: 'user', id: '' }, subject: null, data: {} }, words, (id) => id)
}
