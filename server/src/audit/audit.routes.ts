/** The door of the record: auditors only, and reading it is an event too. */
import { parseSearch, searchFaultSentence } from '@amparo/contract/search'
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Door } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import { events } from './audit.store.ts'

export function auditRoutes(door: Door, db: Database): void {
  door('auditEvents', async ({ caller, query: { q = '', ...fields } }) => {
    if (!caller.roles.includes('auditor')) return refuse('agent.not_allowed')
    if (fields.cursor !== undefined && !/^[0-9]{1,18}$/.test(fields.cursor)) return refuse('request.invalid')
    const parsed = parseSearch(q)
    if (!parsed.ok) {
      const [en, es] = (['en', 'es'] as const).map((language) =>
        parsed.faults.map((fault) => searchFaultSentence(fault)[language]).join(' '),
      )
      return refuse('search.invalid', { en, es })
    }
    const page = await events(db, { ...fields, ...parsed.search })
    await noteLoose(db, {
      type: 'record.read',
      actor: actorOf(caller),
      data: { what: 'events', rows: page.items.length },
      words: { search: q.trim() || undefined },
    })
    return accept(page)
  })
}
