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
  union select id from assistance where agent_id = any($1) and state <> 'closed'
  union select id from assistance where agent_session_id = any($1) and state <> 'closed')
select ${columns}
  from those join assistance a on a.id = those.id join surface_session s on s.assistance_id = a.id
 where s.token_digest is not null and s.surface = any($2)`,
)

/** The sessions of these products that are concerned by these changes: of assistances, of agents or of their sign-ins. */
export const changedBy = (db: Database, subjects: readonly string[], surfaces: readonly string[]): Promise<Changed[]> =>
  db.query<Changed>(changed, [subjects, surfaces])

/** An assistance that lives was opened within so long; what is older ended long ago. */
const longestHours = 6

const endedSince = statement(
  'endings.since',
  `
select ${columns}
  from assistance a join surface_session s on s.assistance_id = a.id
 where a.opened_at > $2::timestamptz - interval '${longestHours} hours' and s.token_digest is not null and s.surface = $1
   and not (${lives}) and coalesce(s.closed_alone_at, a.closed_at, app_now()) > $2::timestamptz - interval '1 minute'
 order by coalesce(s.closed_alone_at, a.closed_at)`,
)

/** The sessions of this product that ended since then, and in the minute before it. */
export const endedSinceThen = (db: Database, surface: string, since: Date): Promise<Changed[]> =>
  db.query<Changed>(endedSince, [surface, since])
