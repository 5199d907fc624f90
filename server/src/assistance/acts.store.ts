/** What was done as the user, as surfaces reported it: for the console's list and for the user's own page. */
import type { ActSeen } from '@amparo/contract/assistance'
import { type Database, statement } from '../database/database.ts'
import type { AssistanceId } from '../words.ts'

const listed = statement(
  'assistance.acts',
  `
select e.d ->> 'at' as at, e.d ->> 'surface' as surface, (e.d ->> 'count')::int as count,
       (select text from erasable where event_id = e.id and field = 'en') as en,
       (select text from erasable where event_id = e.id and field = 'es') as es
  from (select id, n, body::jsonb -> 'data' as d from event
         where assistance_id = $1 and type = 'act.done' order by n desc limit $2) e
 order by e.d ->> 'at' desc, e.n desc`,
)

/** What was erased from beside the record is still there as something that was. */
const erased = { en: '(erased)', es: '(borrado)' }

/** The latest acts of one assistance, newest first. */
export async function actsOf(db: Database, id: AssistanceId, limit = 50): Promise<ActSeen[]> {
  const rows = await db.query<Omit<ActSeen, 'what'> & { en: string | null; es: string | null }>(listed, [id, limit])
  return rows.map(({ en, es, ...act }) => ({ ...act, what: en === null || es === null ? erased : { en, es } }))
}
