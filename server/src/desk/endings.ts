/**
 * Endings. They carry no version: whoever ends, ends, and only the first ending counts. A lapse that nobody has
 * recorded yet is recorded by whoever meets it first: opening, a mutating contact, or the sweeper.
 */
import type { Because, Outcome } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import type { Actor, AgentId, AssistanceId } from '../words.ts'
import { closing, recorded } from './record.ts'

export interface Ended {
  readonly id: string
  readonly because: Because
}

const clock = `'{"kind":"system","id":"clock"}'::jsonb`
/** Who ends: nobody, where it had lapsed already. */
export const byClock = (otherwise: string): string => `case when s.lapsed then ${clock} else ${otherwise} end`

const closed = statement(
  'desk.close',
  `
with held as materialized (select * from assistance where id = $1 and state <> 'closed' for update),
  t as materialized (select app_now() as now from held),
  gone as materialized (select l.* from held, t, lateral lapse(held, t.now) l),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = coalesce(gone.because, $2), closed_at = coalesce(gone.at, t.now),
           outcome = case when gone.because is null then $3 end, version = a.version + 1,
           n = a.n + 1 + jsonb_array_length($5::jsonb)
      from held, t left join gone on true
     where a.id = held.id
    returning a.id, a.n, a.user_id, a.agent_id, a.email_asked, a.because, a.closed_at, gone.because is not null as lapsed, t.now),
  moved as (select id, n - 1 as n, jsonb_array_length($5::jsonb) as count, now from ended),
  ${recorded('$5::jsonb')},
  said as (${closing('ended', byClock('$4::jsonb'))}),
  locked as (
    insert into pair_lock (agent_id, email_digest, level, until)
    select e.agent_id, decode($6, 'hex'), 1, e.now + interval '15 minutes' from ended e where $6::text is not null and not e.lapsed
    on conflict (agent_id, email_digest) do update set level = pair_lock.level + 1,
      until = (select now from t) + case when pair_lock.level = 1 then interval '1 hour' else interval '24 hours' end)
select id, because from ended`,
)

export interface Ending {
  readonly because: Because
  readonly actor: Actor
  readonly outcome?: Outcome | undefined
  /** Digest of the e-mail that was asked for: locks this agent out of helping it, longer each time. */
  readonly lockPair?: Uint8Array | undefined
  /** What led to it: recorded with the ending, and before it. */
  readonly first?: readonly Happening[]
}

/** Ends an assistance; undefined when it was ended already. The answer's `because` is a lapse's where one came first. */
export async function close(db: Database, id: AssistanceId, ending: Ending): Promise<Ended | undefined> {
  const [row] = await db.query<Ended>(closed, [
    id,
    ending.because,
    ending.outcome ?? null,
    JSON.stringify(ending.actor),
    JSON.stringify((ending.first ?? []).map(draft)),
    ending.lockPair ? Buffer.from(ending.lockPair).toString('hex') : null,
  ])
  return row
}

const settled = (name: string, which: string) =>
  statement(
    name,
    `
with t as materialized (select app_now() as now),
  due as materialized (select a.* from assistance a, t where a.state <> 'closed' and ${which}),
  lapsed as materialized (select due.id, l.because, l.at from due, t, lateral lapse(due, t.now) l),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = l.because, closed_at = l.at, version = a.version + 1, n = a.n + 1
      from lapsed l, t where a.id = l.id and a.state <> 'closed'
       and (l.because not in ('expired_idle', 'expired_max') or ends_at(a) <= t.now)
    returning a.id, a.n, a.user_id, a.because, a.closed_at, t.now),
  later as (
    update assistance a set look_at = ends_at(a) from due, t
     where a.id = due.id and not exists (select from lapsed where lapsed.id = due.id) and a.look_at <= t.now),
  said as (${closing('ended', clock)})
select id, because from ended`,
  )

const settledOne = settled('desk.settle_one', 'a.id = $1 for update of a')
const settledAgent = settled('desk.settle_agent', 'a.agent_id = $1 for update of a')
const settledDue = settled(
  'desk.settle_due',
  'a.look_at <= t.now order by a.look_at limit $1 for update of a skip locked',
)

const closedLiving = statement(
  'desk.close_living',
  `
with t as materialized (select app_now() as now),
  living as materialized (select a.* from assistance a where a.state <> 'closed' for update),
  judged as materialized (
    select living.id, l.because, l.at from living cross join t left join lateral lapse(living, t.now) l on true),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = coalesce(j.because, $1), closed_at = coalesce(j.at, t.now),
           version = a.version + 1, n = a.n + 1
      from judged j, t where a.id = j.id
    returning a.id, a.n, a.user_id, a.because, a.closed_at, j.because is not null as lapsed, t.now),
  said as (${closing('ended', byClock('$2::jsonb'))})
select id, because from ended`,
)

/** Ends everything that is alive, in one statement; what had lapsed already ends as that. */
export const closeLiving = (db: Database, because: Because, actor: Actor) =>
  db.query<Ended>(closedLiving, [because, JSON.stringify(actor)])

/** Records the lapse of this assistance, if it has lapsed. */
export const settleOne = (db: Database, id: AssistanceId) => db.query<Ended>(settledOne, [id])
/** Records the lapses of this agent's assistances: before they open another, and when their session ends. */
export const settleAgent = (db: Database, agent: AgentId) => db.query<Ended>(settledAgent, [agent])
/** Records at most `limit` lapses that are due; any number of sweepers may run beside one another. */
export const settleDue = (db: Database, limit = 2000) => db.query<Ended>(settledDue, [limit])
