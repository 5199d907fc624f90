/**
 * What the record says, counted: each process reads the events since its own start once, whoever wrote them. So nothing
 * that happened is missed because a room forgot to count it, and every process counts the whole installation.
 */
import { type Database, statement } from '../database/database.ts'

export interface Counted {
  readonly ord: number
  readonly type: string
  readonly because: string | null
  readonly purpose: string | null
  readonly channel: string | null
  readonly surface: string | null
  readonly why: string | null
  /** How long what this event ends had lasted: asking until yes, queue until sent, ending until acknowledged. */
  readonly seconds: number | null
  /** Whether the user was warned of their silence before this, and had not answered yet. */
  readonly after_warning: boolean
}

const types = [
  'assistance.closed',
  'consent.given',
  'presence.given',
  'agent.proved',
  'code.wrong',
  'code.earlier',
  'message.sent',
  'message.failed',
  'message.delayed',
  'surface.acknowledged',
  'activity.mismatch',
  'user.still_here',
]

/** A transaction may commit this much later than its events were numbered. */
const lateSeconds = 30

const since = statement(
  'operations.events_since',
  `
select e.ord, e.type, b.data ->> 'because' as because, b.data ->> 'purpose' as purpose, b.data ->> 'channel' as channel,
       b.data ->> 'surface' as surface, b.data ->> 'why' as why,
       extract(epoch from e.at::timestamptz - case e.type
         when 'consent.given' then (select p.at::timestamptz from event p where p.assistance_id = e.assistance_id
                                        and p.n < e.n and p.type = 'consent.asked' order by p.n desc limit 1)
         when 'message.sent' then (select o.created_at from outbox o where o.id = b.data ->> 'message')
         when 'surface.acknowledged' then (select coalesce(s.closed_alone_at, a.closed_at) from surface_session s
                                             join assistance a on a.id = s.assistance_id where s.id = b.data ->> 'session')
       end)::float8 as seconds,
       e.type in ('assistance.closed', 'user.still_here', 'presence.given') and coalesce(
         (select p.type from event p where p.assistance_id = e.assistance_id and p.n < e.n
             and p.type in ('user.warned', 'user.still_here', 'presence.given') order by p.n desc limit 1) = 'user.warned', false) as after_warning
  from event e
  cross join lateral (select (e.body::jsonb) -> 'data' as data) b
 where e.ord > $1 and e.type = any ($2) and e.ord not in (select unnest($3::bigint[])) order by e.ord limit 5000`,
)

/** Events above this place in the record, but for those in places that are known already. */
export const eventsAbove = (db: Database, ord: number, known: readonly number[]) =>
  db.query<Counted>(since, [ord, types, known])

const newest = statement('operations.newest', `select coalesce(max(ord), 0) as ord from event`)
export const newestOrd = async (db: Database): Promise<number> => (await db.query<{ ord: number }>(newest))[0]?.ord ?? 0

/** Everything above the floor may still be joined by a late one; below it nothing more comes. */
export const keepsMs = lateSeconds * 1000

export interface Gauges {
  readonly open: readonly { readonly state: string; readonly count: number }[]
  readonly waiting: number
  readonly unacknowledged: number
}

const gauges = statement(
  'operations.gauges',
  `
select (select coalesce(json_agg(x), '[]') from (
          select state, count(*)::int as count from assistance where closed_at is null group by state) x) as open,
       (select count(*)::int from outbox where state = 'queued') as waiting,
       -- Told, or due to be.
       (select count(*)::int from notice where told_at is not null and acked_at is null and dead_at is null)
         + (select count(*)::int from notice n
             where n.next_at <= (select app_now()) and n.told_at is null and n.acked_at is null and n.dead_at is null
               and (select a.state = 'closed' or s.closed_alone_at is not null
                      from surface_session s join assistance a on a.id = s.assistance_id where s.id = n.surface_session_id)) as unacknowledged`,
)
export const gaugesNow = async (db: Database): Promise<Gauges> =>
  (await db.query<Gauges>(gauges))[0] ?? { open: [], waiting: 0, unacknowledged: 0 }
