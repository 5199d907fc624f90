/** What stays sealed for long: agents' apps, and what their company's provider granted. Wrapped anew, never read. */
import { type Database, statement } from '../database/database.ts'
import type { Secrets } from '../secrets.ts'
import { sealedFor } from './factors.store.ts'
import { grantAbout } from './staff.flow.ts'

interface Row {
  id: string
  sealed: Buffer
}
interface Table {
  readonly rows: ReturnType<typeof statement>
  readonly keep: ReturnType<typeof statement>
  about(id: string): string
}

/** What changed meanwhile is left for the next time. */
const tables: readonly Table[] = [
  {
    rows: statement('sealed.totp', 'select agent_id as id, sealed from totp'),
    keep: statement(
      'sealed.keep_totp',
      'update totp set sealed = $2 where agent_id = $1 and sealed = $3 returning agent_id',
    ),
    about: sealedFor,
  },
  {
    rows: statement('sealed.grants', 'select session_id as id, sealed from staff_grant'),
    keep: statement(
      'sealed.keep_grant',
      'update staff_grant set sealed = $2 where session_id = $1 and sealed = $3 returning session_id',
    ),
    about: grantAbout,
  },
]

/** Wraps the data keys of all this with the sealing key of now; how many there were, and how many nobody here can open. */
export async function rewrap(db: Database, secrets: Secrets): Promise<{ rewrapped: number; unreadable: number }> {
  let [rewrapped, unreadable] = [0, 0]
  for (const { rows, keep, about } of tables)
    for (const { id, sealed } of await db.query<Row>(rows)) {
      try {
        const next = secrets.rewrapped(sealed, about(id))
        if (next) rewrapped += (await db.query(keep, [id, next, sealed])).length
      } catch {
        unreadable += 1
      }
    }
  return { rewrapped, unreadable }
}
