/** Writing over a connection that may be lost between the work and its answer. */
import { type Database, isConnectionTrouble, statement } from '../database/database.ts'

const isThere = statement('desk.is_there', 'select from event where id = $1')

export const isWritten = async (db: Database, eventId: string): Promise<boolean> =>
  (await db.query(isThere, [eventId])).length > 0

/**
 * Writes something that carries this event. Where the answer was lost, the event tells whether it is written: then `done` is
 * the answer, and whoever asked has no reason to ask for the same once more. Otherwise, or where nobody can tell, the loss
 * is thrown as it came.
 */
export async function surely<T>(
  db: Database,
  eventId: string | undefined,
  write: () => Promise<T>,
  done: T,
): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (eventId === undefined || !isConnectionTrouble(error)) throw error
    if (!(await isWritten(db, eventId).catch(() => false))) throw error
    return done
  }
}
