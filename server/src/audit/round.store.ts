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
import { type Line, logLines } from './verify.store.ts'

interface Round {
  readonly examine: Examiner
  readonly parts: AsyncGenerator<readonly Line[]>
  /** What had been signed when it began: so far it goes. */
  readonly signed: string | undefined
}

/** So many at a time, and then whoever waits for this process is answered: signatures take a while. */
const atATime = 40

async function examined(examine: Examiner, lines: readonly Line[]): Promise<void> {
  for (const [place, line] of lines.entries()) {
    if (place % atATime === 0) await breath()
    if ('note' in line) examine.checkpoint(line.note)
    else examine.entry(line)
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
    return { examine: examiner({ keys, witnesses }), parts: logLines(db, newest?.size ?? 0), signed: newest?.note }
  }
  const over = ({ examine, signed }: Round): void => {
    const verdict = examine.end()
    if (verdict.count === 0) witness = signed
    found(verdict)
  }
  return async (): Promise<number> => {
    const now = round ?? (await begun())
    // A part that cannot be read begins the round anew.
    round = undefined
    const part = await now?.parts.next()
    if (!now || !part) return 0
    if (part.done) over(now)
    else {
      await examined(now.examine, part.value)
      round = now
    }
    return 0
  }
}
