/** The door of the record: auditors only, and reading it is an event too. */
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Door } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import { events } from './audit.store.ts'

export function auditRoutes(door: Door, db: Database): void {
  door('auditEvents', async ({ caller, query }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    if (query.cursor !== undefined && !/^[0-9]{1,18}$/.test(query.cursor)) return refuse('request.invalid')
    const page = await events(db, query)
    await noteLoose(db, {
      type: 'record.read',
      actor: actorOf(caller),
      data: { what: 'events', rows: page.items.length },
    })
    return accept(page)
  })
}
