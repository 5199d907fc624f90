/** What follows an ending or a silence: who is still to be told, and the taking of an ending's telling, once. */
import type { Because, State } from '@amparo/contract/words'
import { type Database, statement } from '../database/database.ts'

export interface EndedUnannounced {
  id: string
  link_digest: Buffer
  agent_id: string
  agent_name: string
  user_id: string | null
  because: Because
  closed_in: Exclude<State, 'closed'>
  /** The message that asked them may have reached them. */
  asked: boolean
  /** Recent enough to wait for a Core that is silent. */
  patient: boolean
}

/** So many endings are announced together. */
export const announcedAtOnce = 200

/** Messages are looked at only where it closed while its user was being asked; a join would look at them for each. */
const unannounced = statement(
  'announce.due',
  `
select a.id, a.link_digest, a.agent_id, (select name from agent where id = a.agent_id) as agent_name, a.user_id, a.because, a.closed_in, a.closed_at > app_now() - interval '1 hour' as patient,
       a.closed_in = 'active' or a.closed_in = 'consent' and coalesce((
         select bool_or(o.state = 'sent' or o.tries > 0) from outbox o where o.assistance_id = a.id and o.purpose = 'consent'), false) as asked
  from assistance a
 where a.state = 'closed' and a.announced_at is null
   and case when a.closed_in = 'consent' then not coalesce((
         select bool_or(o.state = 'queued' and o.tries = 0) from outbox o where o.assistance_id = a.id and o.purpose = 'consent'), false) else true end
 order by a.closed_at limit ${announcedAtOnce} for no key update of a skip locked`,
)
const announced = statement(
  'announce.done',
  `
with mine as materialized (
  select id from assistance where id = any($1) and announced_at is null order by id for no key update skip locked)
update assistance a set announced_at = app_now() from mine where a.id = mine.id returning a.id`,
)

/** Endings that nobody has announced yet, nor is announcing, the oldest first. One whose message still waits is not settled yet. */
export const endingsToAnnounce = (db: Database) => db.query<EndedUnannounced>(unannounced)
/** Which of these endings are announced by whoever asks: each by one of all who do. What somebody holds waits for another time. */
export const takeAnnouncements = async (db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set((await db.query<{ id: string }>(announced, [ids])).map(({ id }) => id))

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
select a.id, a.user_id, (select name from agent where id = a.agent_id) as agent_name,
       (select proved_by from consent where assistance_id = a.id) as proved_by
  from assistance a
 where a.state = 'active' and a.broken_by is null and a.warned_for is distinct from a.user_seen_at
   and a.user_seen_at <= (select now from t) - idle_warning() and ends_at(a) > (select now from t)
   and not exists (select from t, lapse(a, t.now))
 order by a.user_seen_at limit 50`,
)
/** Active assistances whose user has been quiet for thirteen minutes and was not warned of it. */
export const silencesToWarn = (db: Database) => db.query<Silence>(toWarn)
