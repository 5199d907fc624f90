/** What follows an ending or a silence: who is still to be told, and the taking of an ending's telling, once. */
import type { Because, State } from '@amparo/contract/words'
import { type Database, statement } from '../database/database.ts'

export interface EndedUnannounced {
  id: string
  agent_id: string
  user_id: string | null
  because: Because
  closed_in: Exclude<State, 'closed'>
  /** The message that asked them may have reached them. */
  asked: boolean
  /** Recent enough to wait for a Core that is silent. */
  patient: boolean
}

const unannounced = statement(
  'announce.due',
  `
select a.id, a.agent_id, a.user_id, a.because, a.closed_in, a.closed_at > app_now() - interval '1 hour' as patient,
       a.closed_in = 'active' or coalesce(m.went_out, false) as asked
  from assistance a left join lateral (
         select bool_or(o.state = 'sent' or o.tries > 0) as went_out, bool_or(o.state = 'queued' and o.tries = 0) as waits
           from outbox o where o.assistance_id = a.id and o.purpose = 'consent') m on a.closed_in = 'consent'
 where a.state = 'closed' and a.announced_at is null and m.waits is not true
 order by a.closed_at limit 50`,
)
const announced = statement(
  'announce.done',
  `
update assistance set announced_at = app_now() where id = $1 and announced_at is null returning id`,
)

/** Endings that nobody has announced yet, the oldest first. One whose message still waits is not settled yet. */
export const endingsToAnnounce = (db: Database) => db.query<EndedUnannounced>(unannounced)
/** True for the one who announces this ending. */
export const takeAnnouncement = async (db: Database, id: string): Promise<boolean> =>
  (await db.query(announced, [id])).length === 1

export interface Silence {
  id: string
  user_id: string
  agent_name: string
  proved_by: 'page' | 'read_aloud'
}

const toWarn = statement(
  'announce.to_warn',
  `
with t as materialized (select app_now() as now)
select a.id, a.user_id, g.name as agent_name, c.proved_by
  from t, assistance a join agent g on g.id = a.agent_id join consent c on c.assistance_id = a.id
 where a.state = 'active' and a.broken_by is null and a.look_at <= t.now + idle_limit() - idle_warning()
   and a.user_seen_at + idle_warning() <= t.now and ends_at(a) > t.now
   and a.warned_for is distinct from a.user_seen_at and not exists (select from lapse(a, t.now))
 limit 50`,
)
/** Active assistances whose user has been quiet for thirteen minutes and was not warned of it. */
export const silencesToWarn = (db: Database) => db.query<Silence>(toWarn)
