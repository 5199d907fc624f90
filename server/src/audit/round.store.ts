/**
 * The record gone through again and again while a server runs, a part at a time, so that nobody has to think of asking
 * whether it is whole. What was signed at the end of one round is held against the next. Events without a place, and
 * counts, are looked for by `amparo audit verify` alone: they take the whole record at once.
 */
import { setImmediate as breath } from 'node:timers/promises'
import type { NamedKey } from '@amparo/verifier/checkpoint'
import { type Examiner, examiner, type Verdict } from '@amparo/verifier/examine'
import type { Database } from '../database/database.ts'
import { newestCheckpoint } from './log.store.ts'
import { type Line, logPart, look } from './verify.store.ts'

interface Round {
  readonly examine: Examiner
  /** What had been signed when it began: so far it goes, up to this size. */
  readonly signed: string | undefined
  readonly size: number
  /** The place at which it goes on. */
  readonly next: number
}

/** So many at a time, and then whoever waits for this process is answered: signatures take a while. */
const atATime = 40

async function examined(examine: Examiner, lines: readonly Line[]): Promise<void> {
  for (const [place, line] of lines.entries()) {
    if (place % atATime === 0) await breath()
    look(examine, line)
  }
}

/** What looks at the next part each time that it is called, and tells `found` at the end of each round. */
export function rounds(db: Database, keys: readonly NamedKey[], found: (verdict: Verdict) => void) {
  let round: Round | undefined
  /** Kept here and not in the database, where whoever rewrites the record could rewrite it too. */
  let witness: string | undefined
  const begun = async (): Promise<Round | undefined> => {
    const newest = await newestCheckpoint(db)
    const witnesses = [witness, newest?.note].filter((note) => note !== undefined)
    if (witnesses.length === 0) return undefined
    return { examine: examiner({ keys, witnesses }), signed: newest?.note, size: newest?.size ?? 0, next: 0 }
  }
  const over = ({ examine, signed }: Round): void => {
    const verdict = examine.end()
    if (verdict.count === 0) witness = signed
    found(verdict)
  }
  return async (): Promise<number> => {
    round ??= await begun()
    if (!round) return 0
    // One that cannot be read is read again the next time.
    const part = await logPart(db, round.next, round.size)
    if (part) {
      await examined(round.examine, part.lines)
      round = { ...round, next: part.next }
      return 0
    }
    over(round)
    round = undefined
    return 0
  }
}
