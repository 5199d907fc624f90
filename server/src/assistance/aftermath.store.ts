/** What follows an ending or a silence: who is still to be told, and the taking of each telling, once. */
import type { Because, State } from '@amparo/contract/words'
import { type Database, statement } from '../database/database.ts'

export interface EndedUnannounced {
  id: string
  agent_id: string
  user_id: string | null
  because: Because
  closed_in: Exclude<State, 'closed'>
  /** Recent enough to wait for a Core that is silent. */
  patient: boolean
}

const unannounced = statement(
  'announce.due',
  `
select id, agent_id, user_id, because, closed_in, closed_at > app_now() - interval '1 hour' as patient
  from assistance where state = 'closed' and announced_at is null order by closed_at limit 50`,
)
const announced = statement(
  'announce.done',
  `
update assistance set announced_at = app_now() where id = $1 and announced_at is null returning id`,
)

/** Endings that nobody has announced yet, the oldest first. */
export const endingsToAnnounce = (db: Database) => db.query<EndedUnannounced>(unannounced)
/** True for the one who announces this ending. */
export const takeAnnouncement = async (db: Database, id: string): Promise<boolean> =>
  (await db.query(announced, [id])).length === 1

export interface Silence {
  id: string
  agent_id: string
  user_id: string
  proved_by: 'page' | 'read_aloud'
}

const toWarn = statement(
  'announce.to_warn',
  `
with t as materialized (select app_now() as now)
select a.id, a.agent_id, a.user_id, (select c.proved_by from consent c where c.assistance_id = a.id) as proved_by
  from assistance a, t
 where a.state = 'active' and a.look_at <= t.now + idle_limit() - idle_warning()
   and a.user_seen_at + idle_warning() <= t.now and ends_at(a) > t.now
   and a.warned_for is distinct from a.user_seen_at
 limit 50`,
)
const warned = statement(
  'announce.warned',
  `
update assistance set warned_for = user_seen_at
 where id = $1 and state = 'active' and user_seen_at + idle_warning() <= app_now() and warned_for is distinct from user_seen_at
returning id`,
)

/** Active assistances whose user has been quiet for thirteen minutes and was not warned of it. */
export const silencesToWarn = (db: Database) => db.query<Silence>(toWarn)
/** True for the one who warns of this silence. */
export const takeWarning = async (db: Database, id: string): Promise<boolean> =>
  (await db.query(warned, [id])).length === 1
