/**
 * What a surface may say of what was done in it as the user: a batch of acts with a running count. Each act is a code
 * of the surface's configuration or a sentence, in both languages or in one; it is for people to read, and needs no name
 * of anybody in it.
 */
import type { Bilingual } from '@amparo/contract/words'
import { accept, type Outcome, refuse } from '../outcome.ts'
import type { Surface } from '../policy/policy.ts'

export const actsInABatch = 100
export const whatLength = 140
/** More than that in one session of an hour is no person at work. */
export const actsInASession = 50_000

/** One act as it was reported. `count` is its number within the surface session, from 1. */
export interface Reported {
  readonly count: number
  readonly at: Date
  readonly what: Bilingual
  readonly code?: string
}
export interface Batch {
  readonly token: string
  readonly acts: readonly Reported[]
}

/**
 * How what a surface tells may differ from what we saw: numbers that it left out; nothing told, although it asked again and
 * again; told, and never asked, although it promised to; and what was done after the end.
 */
export type Mismatch = 'gap' | 'silent' | 'unasked' | 'after_end'

/** So often nobody asks about a page that was opened and not looked at: the page itself would have been told. */
export const isOften = 30
const manyActs = 20
/** What the processes have counted is written down within a minute. */
const knownAfterSeconds = 180

export const isUnasked = ({
  acts,
  checks,
  openForSeconds,
}: Readonly<Record<'acts' | 'checks' | 'openForSeconds', number>>) =>
  checks === 0 && acts >= manyActs && openForSeconds >= knownAfterSeconds

/** A batch as it came in, or the first thing that is wrong with it, as a sentence for the developer who sent it. */
export function batchOf(json: unknown, surface: Pick<Surface, 'acts'>): Outcome<Batch, 'request.invalid'> {
  const wrong = (why: string) => refuse('request.invalid', { why })
  if (!isRecord(json)) return wrong('send an object { token, acts, count }')
  const { token, acts, count, ...rest } = json
  const [stranger] = Object.keys(rest)
  if (stranger !== undefined) return wrong(`unknown field ${JSON.stringify(stranger.slice(0, 40))}`)
  if (typeof token !== 'string' || token === '' || token.length > 256) return wrong('token is missing')
  if (!Array.isArray(acts) || acts.length === 0 || acts.length > actsInABatch)
    return wrong(`acts: a list of 1 to ${actsInABatch}`)
  if (typeof count !== 'number' || !Number.isInteger(count) || count < acts.length || count > actsInASession)
    return wrong(`count: the total of this session so far, these acts included, at most ${actsInASession}`)
  const reported: Reported[] = []
  for (const [index, act] of acts.entries()) {
    const one = actOf(act, surface)
    if (typeof one === 'string') return wrong(`acts[${index}]${one}`)
    reported.push({ count: count - acts.length + index + 1, ...one })
  }
  return accept({ token, acts: reported })
}

/** One act, or what is wrong with it. */
function actOf(act: unknown, surface: Pick<Surface, 'acts'>): Omit<Reported, 'count'> | string {
  if (!isRecord(act)) return ': an object { at, what }'
  const { at, what, ...rest } = act
  if (Object.keys(rest).length > 0) return ': only at and what'
  const instant = typeof at === 'string' ? instantOf(at) : undefined
  if (!instant) return '.at: an instant as RFC 3339, for example 2026-11-22T10:42:07.123Z'
  const code = typeof what === 'string' && surface.acts && Object.hasOwn(surface.acts, what) ? what : undefined
  const words = code === undefined ? wordsOf(what) : surface.acts?.[code]
  if (!words) return `.what: a code of this surface, a line of 1 to ${whatLength} characters, or { en, es } of such`
  return { at: instant, what: words, ...(code === undefined ? {} : { code }) }
}

function wordsOf(what: unknown): Bilingual | undefined {
  const [en, es] = isRecord(what) && Object.keys(what).length === 2 ? [what.en, what.es] : [what, what]
  return isLine(en) && isLine(es) ? { en: en.trim(), es: es.trim() } : undefined
}

/** One line: no control characters, no separators of lines or paragraphs, no marks that turn the writing around. */
const isLine = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.trim() !== '' &&
  [...text].length <= whatLength &&
  !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)

function instantOf(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const at = new Date(text)
  const year = at.getUTCFullYear()
  return year >= 2000 && year < 2200 ? at : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
