/** What became of many at once (messages, notices), each with its event: the writing that their stores share. */
import { type Database, type Statement, statement } from '../database/database.ts'
import { together } from '../database/together.ts'

/** A fate as its statement reads it: of `id`, an event of `assistance_id` among them, told by its place. */
interface FateRow {
  readonly ord: number
  readonly id: string
  readonly assistance_id: string | null
}

/** One text for a group and for one alone, which waits for whoever holds its assistance (`heldEach`). */
export interface Fates {
  readonly group: Statement
  readonly alone: Statement
}

/** `text` takes the assistances as `$1`, the names as `$2` and the fates as `$3`, and returns the `ord` of each that it wrote. */
export const fates = (name: string, text: (isTogether: boolean) => string): Fates => ({
  group: statement(name, text(true)),
  alone: statement(`${name}_alone`, text(false)),
})

/** Writes fates as they become known: those that are known while the last are written, all together. */
export const settling = <One, Row extends { readonly ord: number }>(
  db: Database,
  { group, alone }: Fates,
  rowOf: (one: One, ord: number) => FateRow,
): ((one: One) => Promise<Row | undefined>) =>
  together<One, Row>((all, isTogether) => {
    const rows = all.map(rowOf)
    const assistances = new Set(rows.flatMap((row) => row.assistance_id ?? []))
    return db.query<Row>(isTogether ? group : alone, [[...assistances], rows.map(({ id }) => id), JSON.stringify(rows)])
  })
