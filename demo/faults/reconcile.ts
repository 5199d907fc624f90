/** Whether acts and record say the same: no act without its event, no event without its act, and no number left out. */
import type { FreshDatabase } from '../../server/src/database/testing.ts'

const counted = (type: string, of: string) =>
  `select a.id, '${type}' as what from assistance a
    where (select count(*) from event e where e.assistance_id = a.id and e.type = '${type}') <> (${of})`

const questions = [
  `select a.id, 'a number of an event' as what from assistance a left join event e on e.assistance_id = a.id
    group by a.id, a.n having count(e.id) <> a.n or max(e.n) <> a.n`,
  counted('assistance.opened', 'select 1'),
  counted('assistance.closed', `select (a.state = 'closed')::int`),
  counted('consent.given', `select count(*) from consent k where k.assistance_id = a.id`),
  counted('launch.minted', `select count(*) from launch l where l.assistance_id = a.id`),
  counted('launch.taken', `select count(*) from launch l where l.assistance_id = a.id and l.taken_at is not null`),
  counted(
    'surface.opened',
    `select count(*) from surface_session s where s.assistance_id = a.id and s.holder = 'browser'`,
  ),
  counted('agent.code_sent', `select count(*) from code c where c.assistance_id = a.id and c.purpose = 'agent'`),
  counted('consent.asked', `select count(*) from code c where c.assistance_id = a.id and c.purpose = 'consent'`),
  counted('agent.proved', `select (a.agent_method is not null)::int`),
  `select a.id, 'a living code too many' as what from assistance a
    where exists (select from code c where c.assistance_id = a.id and c.used_at is null and c.void_at is null
                   group by c.purpose having count(*) > 1)`,
]

/** What does not agree; empty where all is well. */
export async function disagreements({
  db,
}: Pick<FreshDatabase, 'db'>): Promise<readonly { id: string; what: string }[]> {
  const all = await Promise.all(questions.map((one) => db.query<{ id: string; what: string }>(one)))
  return all.flat()
}
