/**
 * What was done inside a surface, in SQL: a batch becomes events of the record, each act once, in whatever order and
 * however often the batches come. Numbers that were seen stand in `acts_seen`; what is missing among them never came.
 */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import { type AssistanceId, known } from '../words.ts'

/** Whose a token is, alive or not. */
export interface Owner {
  readonly assistanceId: AssistanceId
  readonly sessionId: string
  readonly surface: string
  readonly agentId: string
  readonly userId: string
}

const owned = statement(
  'activity.owner',
  `
select s.assistance_id as "assistanceId", s.id as "sessionId", s.surface, a.agent_id as "agentId", s.subject as "userId"
  from surface_session s join assistance a on a.id = s.assistance_id where s.token_digest = $1`,
)

export async function ownerOf(db: Database, tokenDigest: Uint8Array): Promise<Owner | undefined> {
  const [row] = await db.query<Omit<Owner, 'assistanceId'> & { assistanceId: string }>(owned, [tokenDigest])
  return row && { ...row, assistanceId: known.assistance(row.assistanceId) }
}

/** For so long after the end late news of what was done before it is still taken down. */
const lateHours = 24
/** A surface holds its news back for a second; what it calls older than this, or newer than now, is not believed. */
const believed = `interval '10 minutes'`

/**
 * The row of the assistance first, as every ending does, then that of the session; the time is read after both locks.
 * `until` is when this session ended, if it has: what comes after is late, and says so.
 */
const reported = statement(
  'activity.report',
  `
with held as materialized (select * from assistance where id = $1 for update),
  own as materialized (
    select s.* from surface_session s, held where s.id = $2 and s.assistance_id = held.id for update of s),
  t as materialized (select app_now() as now from held, own),
  ended as materialized (
    select least(own.closed_alone_at, held.closed_at, (select l.at from lapse(held, t.now) l)) as until from held, own, t),
  said as (
    select d, (d ->> 'count')::int as count, (d ->> 'at')::timestamptz as at, ord
      from jsonb_array_elements($3::jsonb) with ordinality as e (d, ord)),
  fresh as materialized (
    select said.d, said.count, said.ord, said.at,
           case when said.at between greatest(own.opened_at, coalesce(ended.until, t.now) - ${believed})
                                 and coalesce(ended.until, t.now) + interval '2 seconds'
                then least(said.at, coalesce(ended.until, t.now)) else t.now end as shown
      from said, own, t, ended
     where not own.acts_seen @> said.count and (ended.until is null or t.now < ended.until + interval '${lateHours} hours')),
  sum as materialized (
    select $1::text as assistance_id, count(*)::int as acts, max(shown) as last, range_agg(int4range(count, count, '[]')) as seen
      from fresh),
  marked as (
    update surface_session s
       set acts = s.acts + sum.acts, acts_seen = s.acts_seen + sum.seen, last_act_at = greatest(s.last_act_at, sum.last)
      from own, sum where s.id = own.id and sum.acts > 0
    returning s.acts, s.acts_seen),
  ${counted('sum', 'x.acts')},
  ${recorded(`(
      select jsonb_agg(jsonb_build_object('id', f.d -> 'id', 'words', f.d -> 'words', 'body', (f.d -> 'body') ||
               jsonb_build_object('data', (f.d #> '{body,data}') || jsonb_strip_nulls(jsonb_build_object(
                 'at', rfc3339(f.shown),
                 'said', case when f.shown <> f.at then rfc3339(f.at) end,
                 'late', case when ended.until is not null then true end)))) order by f.ord)
        from fresh f, ended)`)}
select ended.until is null as alive, coalesce(m.acts, own.acts) as acts,
       coalesce(upper(coalesce(m.acts_seen, own.acts_seen)) - 1, 0) as count
  from own cross join ended left join marked m on true`,
)

export interface Standing {
  readonly alive: boolean
  /** How many acts are on record, and the highest number among them: where they differ, some never came. */
  readonly acts: number
  readonly count: number
}

/** One act as an event: `count` and `at` as they were reported. */
export interface Act {
  readonly count: number
  readonly at: Date
  readonly event: Happening
}

/** Takes a batch down. Undefined where there is no such session. */
export async function report(db: Database, owner: Owner, acts: readonly Act[]): Promise<Standing | undefined> {
  const drafts = acts.map(({ count, at, event }) => ({ ...draft(event), count, at: at.toISOString() }))
  return (await db.query<Standing>(reported, [owner.assistanceId, owner.sessionId, JSON.stringify(drafts)]))[0]
}
