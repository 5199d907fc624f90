/**
 * The record to take away: JSON Lines, exact to the byte, which `amparo-verify` can go through where it is whole; or a table
 * for a spreadsheet, in which no cell can act as a formula.
 */
import type { exportFormats } from '@amparo/contract/audit'
import { checkpointLine, entryLine, headLine } from '@amparo/verifier/export'
import { stringify } from 'csv-stringify/sync'
import { type Database, statement } from '../database/database.ts'
import { eventsInBatches, type Kept, type Wanted } from './audit.store.ts'
import { newestCheckpoint, type RecordSigner, sequence } from './log.store.ts'
import { logLines } from './verify.store.ts'

export type Format = Exclude<(typeof exportFormats)[number], 'pdf'>
export type Search = Omit<Wanted, 'limit' | 'cursor'>

export interface Exported {
  /** Chunks of text, a batch of events at a time. */
  readonly chunks: AsyncGenerator<string>
  /** How many events were written so far. */
  rows(): number
}

/** What fits the search, newest first; without a search and as JSON Lines the whole record in its order, with its checkpoints. */
export function exportOf(db: Database, signer: RecordSigner, format: Format, search: Search): Exported {
  const whole = Object.values(search).every((value) => value === undefined)
  let rows = 0
  const counted = async function* () {
    const source = format === 'csv' ? table(db, search) : whole ? wholeLog(db, signer) : part(db, signer, search)
    for await (const [count, text] of source) {
      rows += count
      yield text
    }
  }
  return { chunks: counted(), rows: () => rows }
}

type Counted = AsyncGenerator<readonly [count: number, text: string]>
const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** Whatever waits gets its place first, so that the file holds what the screen shows. */
async function* wholeLog(db: Database, signer: RecordSigner): Counted {
  yield [0, linesOf([headLine(signer.key.name)])]
  while ((await sequence(db, signer)) > 0);
  const size = (await newestCheckpoint(db))?.size ?? 0
  for await (const lines of logLines(db, size))
    yield [
      lines.filter((line) => !('note' in line)).length,
      linesOf(lines.map((line) => ('note' in line ? checkpointLine(line.note) : entryLine(line)))),
    ]
}

async function* part(db: Database, signer: RecordSigner, search: Search): Counted {
  yield [0, linesOf([headLine(signer.key.name, true)])]
  while ((await sequence(db, signer)) > 0);
  for await (const events of eventsInBatches(db, search)) yield [events.length, linesOf(events.map(lineOf))]
}

const lineOf = ({ seq, id, hash, body }: Kept): string =>
  JSON.stringify({ seq, id, hash: hash?.toString('base64') ?? null, body })

const columns = ['seq', 'at', 'type', 'actor_kind', 'actor', 'actor_name', 'subject', 'assistance', 'n', 'data', 'id']

async function* table(db: Database, search: Search): Counted {
  yield [0, stringify([columns])]
  for await (const events of eventsInBatches(db, search))
    yield [
      events.length,
      // Cells that a spreadsheet would take for a formula are put in quotes of their own.
      stringify(
        events.map((event) => [
          event.seq,
          event.at,
          event.type,
          event.actor.kind,
          event.actor.id,
          event.actor.name,
          event.subject,
          event.assistanceId,
          event.n,
          JSON.stringify(event.data),
          event.id,
        ]),
        { escape_formulas: true },
      ),
    ]
}

/** What fits the search, newest first, where it is no more than so many; each with its place in the log. */
export async function fewOf(
  db: Database,
  signer: RecordSigner,
  search: Search,
  most: number,
): Promise<Kept[] | undefined> {
  while ((await sequence(db, signer)) > 0);
  const few: Kept[] = []
  for await (const events of eventsInBatches(db, search)) {
    few.push(...events)
    if (few.length > most) return undefined
  }
  return few
}

const now = statement('audit.now', 'select rfc3339(app_now()) as now')
/** The time that stands on what is taken away, by the database's clock. */
export const nowOf = async (db: Database): Promise<string> => (await db.query<{ now: string }>(now))[0]?.now ?? ''
