/** What an agent has done lately, counted from what is written anyway: no counter of our own that could drift. */
import { type Database, statement } from '../database/database.ts'

export interface Lately {
  readonly now: Date
  readonly opened: number
  readonly lookUps: number
  readonly withoutConsent: number
  /** When the oldest of them no longer counts. */
  readonly freeAt: Date
}

const lately = statement(
  'oversight.lately',
  `
with t as materialized (select app_now() as now)
select t.now, count(a.id)::int as opened, coalesce(sum(a.lookups), 0)::int as "lookUps",
       coalesce(sum(a.lookups) filter (where a.consented_at is null), 0)::int as "withoutConsent",
       coalesce(min(a.opened_at), t.now) + interval '24 hours' as "freeAt"
  from t left join assistance a on a.agent_id = $1 and a.opened_at > t.now - make_interval(hours => $2)
 group by t.now`,
)

/** Quotas are of a day. */
export const latelyHours = 24

/** This agent's last hours. */
export async function latelyOf(db: Database, agentId: string, hours = latelyHours): Promise<Lately> {
  const [row] = await db.query<Lately>(lately, [agentId, hours])
  if (!row) throw new Error('no clock')
  return row
}

const lookedUp = statement(
  'oversight.looked_up',
  `
select count(*)::int as times from event
 where subject_id = $1 and type = 'user.looked_up' and at > (select rfc3339(app_now() - make_interval(hours => $2)))`,
)

/** How often this user was looked up in these hours, by whomever. */
export const timesLookedUp = async (db: Database, userId: string, hours: number): Promise<number> =>
  (await db.query<{ times: number }>(lookedUp, [userId, hours]))[0]?.times ?? 0

const refusals = statement(
  'oversight.refusals',
  `
select count(*)::int as times from assistance
 where agent_id = $1 and because in ('declined_by_user', 'reported_by_user')
   and opened_at > (select app_now() - make_interval(hours => $2))`,
)

/** How many users refused this agent in these hours. */
export const timesRefused = async (db: Database, agentId: string, hours: number): Promise<number> =>
  (await db.query<{ times: number }>(refusals, [agentId, hours]))[0]?.times ?? 0

/** In how many other assistances the user of `a` has agreed within a day, over all agents: a column of its reading. */
export const helpedColumn = `
       (select count(*)::int from assistance o
         where o.user_id = a.user_id and o.id <> a.id and o.consented_at > t.now - interval '24 hours') as helped`
