/** The supervisor's notice, read from the record: the last that was set, unless that took it back. */
import type { NoticeSeen } from '@amparo/contract/assistance'
import { type Database, statement } from '../database/database.ts'

const latest = statement(
  'assistance.notice',
  `
select e.at, e.actor_id as id, coalesce(g.name, e.actor_id) as name,
       (select text from erasable where event_id = e.id and field = 'text') as text
  from event e left join agent g on g.id = e.actor_id
 where e.type = 'notice.set' order by e.ord desc limit 1`,
)

export async function notice(db: Database): Promise<{ notice?: NoticeSeen }> {
  const [row] = await db.query<{ at: string; id: string; name: string; text: string | null }>(latest, [])
  return row?.text ? { notice: { text: row.text, at: row.at, by: { id: row.id, name: row.name } } } : {}
}
