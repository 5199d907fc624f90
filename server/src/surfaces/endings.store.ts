/** Which of a product's sessions ended, or may say something else now: for whoever is told of it as it happens. */
import { type Database, statement } from '../database/database.ts'
import { lives } from './surfaces.store.ts'

/** One session of a product, as its back end knows it. */
export interface Changed {
  readonly surface: string
  readonly sid: string
  readonly subject: string
  readonly alive: boolean
}

const columns = `s.surface, s.sid, s.subject, ${lives} as alive`
const changed = statement(
  'endings.changed',
  `
with those as (
  select id from assistance where id = any($1)
  union select id from assistance where agent_id = any($1) and closed_at is null
  union select id from assistance where agent_session_id = any($1) and closed_in is null)
select ${columns}
  from those join assistance a on a.id = those.id join surface_session s on s.assistance_id = a.id
 where s.token_digest is not null and s.surface = any($2)`,
)

/** The sessions of these products that are concerned by these changes: of assistances, of agents or of their sign-ins. */
export const changedBy = (db: Database, subjects: readonly string[], surfaces: readonly string[]): Promise<Changed[]> =>
  db.query<Changed>(changed, [subjects, surfaces])

const endedSince = statement(
  'endings.since',
  `
with those as (
  select assistance_id as id from event
   where at >= rfc3339($2::timestamptz - interval '1 minute') and type in ('assistance.closed', 'surface.closed')
  -- What has ended, and is not recorded yet.
  union select id from assistance where because is null and look_at <= (select app_now())
  union select id from assistance where closed_in is null and agent_session_id = any (array(
           select id from agent_session where ended_at is null and expires_at <= (select clock_timestamp())))
  union select assistance_id from ending where assistance_id is not null
  union select id from assistance where closed_at is null and exists (select from cutoff where lifted_at is null))
select ${columns}
  from assistance a join surface_session s on s.assistance_id = a.id
 where a.id = any (array(select id from those)) and s.token_digest is not null and s.surface = $1
   and not (${lives}) and coalesce(s.closed_alone_at, a.closed_at, app_now()) > $2::timestamptz - interval '1 minute'
 order by coalesce(s.closed_alone_at, a.closed_at)`,
)

/** The sessions of this product that ended since then, and in the minute before it. */
export const endedSinceThen = (db: Database, surface: string, since: Date): Promise<Changed[]> =>
  db.query<Changed>(endedSince, [surface, since])
