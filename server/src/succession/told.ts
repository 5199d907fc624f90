/** The same succession for the user's own page, in their words: what `explain` gives an owner or a successor, and no more. */
import type { DetailsSeen, EntrySeen, StandingSeen } from '@amparo/contract/succession'
import type { Language } from '@amparo/contract/words'
import type { Active } from '../assistance/assistance.ts'
import { explain } from './explain.ts'
import { caseOf, type Outside, readerOf } from './succession.flow.ts'
import { openRejection } from './succession.ts'
import { idOfEntry, timeline } from './timeline.ts'

/** One language of it. */
export interface Told {
  readonly standing: StandingSeen
  readonly entries: readonly EntrySeen[]
  readonly ahead: readonly EntrySeen[]
  /** The rejection that it waits at, with its rules. */
  readonly stuck?: DetailsSeen
}

const freshMs = 10_000
/** Who has just said yes to a release looks for what came of it. */
const expectantMs = 30_000
const freshForTheExpectantMs = 1_000
const freshFor = ({ userSeenAt }: Active, now: Date): number =>
  now.getTime() - userSeenAt.getTime() < expectantMs ? freshForTheExpectantMs : freshMs
const mostKept = 1_000

/**
 * Tells both languages, at most every ten seconds for one assistance, or every second while its user has just done something: pages
 * ask every few. Undefined where there is no
 * succession, or where the vendor's views cannot be read.
 */
export function teller(outside: Outside, elapsed: () => number = () => performance.now()) {
  const kept = new Map<string, { readonly at: number; readonly told: Record<Language, Told> | undefined }>()
  return async (assistance: Active, now: Date): Promise<Record<Language, Told> | undefined> => {
    const known = kept.get(assistance.id)
    if (known && elapsed() - known.at < freshFor(assistance, now)) return known.told
    if (kept.size >= mostKept) kept.clear()
    const told = await tell(outside, assistance, now)
    kept.set(assistance.id, { at: elapsed(), told })
    return told
  }
}

async function tell(outside: Outside, assistance: Active, now: Date): Promise<Record<Language, Told> | undefined> {
  const found = await caseOf(outside, assistance, undefined)
  if (!found.ok || !found.value.one) return undefined
  const { one, role } = found.value
  const rejected = openRejection(one)
  const inLanguage = (language: Language): Told => {
    const reader = readerOf(outside, role, language, now, undefined)
    const list = timeline(one, reader)
    const stuck = rejected && explain(one, idOfEntry(rejected), reader)
    return {
      standing: list.standing,
      entries: list.attempts.flatMap(({ entries }) => entries),
      ahead: list.ahead,
      ...(stuck ? { stuck } : {}),
    }
  }
  return { en: inLanguage('en'), es: inLanguage('es') }
}
