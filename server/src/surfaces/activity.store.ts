/**
 * What was done inside a surface, in SQL: a batch becomes events of the record, each act once, in whatever order and
 * however often the batches come. Numbers that were seen stand in `acts_seen`; what is missing among them never came.
 */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { type Alarm, alarmed, alarmRows } from '../desk/alarm.ts'
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
/** The same with the session at the desk that it was opened from, and whether nothing was heard from there for a minute. */
export interface Opened extends Owner {
  readonly deskSessionId: string
  readonly isDeskQuiet: boolean
}

const owned = statement(
  'activity.owner',
  `
select s.assistance_id as "assistanceId", s.id as "sessionId", s.surface, a.agent_id as "agentId", s.subject as "userId",
       d.id as "deskSessionId", d.seen_at < clock_timestamp() - interval '1 minute' as "isDeskQuiet"
  from surface_session s join assistance a on a.id = s.assistance_id join agent_session d on d.id = a.agent_session_id
 where s.token_digest = $1`,
)

export async function ownerOf(db: Database, tokenDigest: Uint8Array): Promise<Opened | undefined> {
  const [row] = await db.query<Omit<Opened, 'assistanceId'> & { assistanceId: string }>(owned, [tokenDigest])
  return row && { ...row, assistanceId: known.assistance(row.assistanceId) }
}

/** For so long after the end late news of what was done before it is still taken down. */
const lateHours = 24
/** A surface holds its news back for a second; what it calls older than this, or newer than now, is not believed. */
const believed = `interval '10 minutes'`
/** Clocks differ by as much: what a surface calls later than this after the end was done after it. */
const afterEnd = `interval '5 seconds'`

/**
 * The row of the assistance first, as every ending does, then that of the session; the time is read after both locks.
 * `until` is when this session ended, if it has: what comes after is late, and says so. `counts`: what is done in a product
 * sets the fifteen minutes back as the user's own acts do, by the time at which it was done: what is too old to be believed
 * was not done now, and sets nothing back.
 */
const reporting = (counts: boolean) =>
  statement(
    counts ? 'activity.report_counting' : 'activity.report',
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
           said.at between ended.until + ${afterEnd} and t.now + interval '2 seconds' is true as beyond,
           case when said.at between greatest(own.opened_at, coalesce(ended.until, t.now) - ${believed})
                                 and coalesce(ended.until, t.now) + interval '2 seconds'
                then least(said.at, coalesce(ended.until, t.now)) else t.now end as shown,
           said.at < greatest(own.opened_at, t.now - ${believed}) as old
      from said, own, t, ended
     where not own.acts_seen @> said.count and (ended.until is null or t.now < ended.until + interval '${lateHours} hours')),
  sum as materialized (
    select $1::text as assistance_id, count(*)::int as acts, max(shown) as last, max(shown) filter (where not old) as done_at,
           range_agg(int4range(count, count, '[]')) as seen, min(count) as first, count(*) filter (where beyond)::int as beyond
      from fresh),
  odd as materialized (
    select jsonb_set(e.d, '{body,data}', (e.d #> '{body,data}') || e.more) as d
      from (select $4::jsonb -> 0 as d, jsonb_build_object('from', h.highest + 1, 'to', sum.first - 1) as more
              from sum, (select coalesce(upper(own.acts_seen), 1) - 1 as highest from own) h where sum.first > h.highest + 1
            union all
            select $4::jsonb -> 1, jsonb_build_object('acts', sum.beyond) from sum where sum.beyond > 0) e),
  written as materialized (
    select sum.assistance_id, acts + (select count(*)::int from odd) as events,
           case when ended.until is null and held.broken_by is null then sum.done_at end as done_at from sum, held, ended),
  marked as (
    update surface_session s
       set acts = s.acts + sum.acts, acts_seen = s.acts_seen + sum.seen, last_act_at = greatest(s.last_act_at, sum.last)
      from own, sum where s.id = own.id and sum.acts > 0
    returning s.acts, s.acts_seen),
  ${counted('written', 'x.events', counts ? ', user_seen_at = greatest(a.user_seen_at, x.done_at), version = a.version + 1' : '')},
  ${recorded(`(
      select jsonb_agg(jsonb_build_object('id', f.d -> 'id', 'words', f.d -> 'words', 'body', (f.d -> 'body') ||
               jsonb_build_object('data', (f.d #> '{body,data}') || jsonb_strip_nulls(jsonb_build_object(
                 'at', rfc3339(f.shown),
                 'said', case when f.shown <> f.at then rfc3339(f.at) end,
                 'late', case when ended.until is not null then true end)))) order by f.ord)
        from fresh f, ended) || coalesce((select jsonb_agg(d) from odd), '[]')`)},
  ${alarmed(`jsonb_set($5::jsonb, '{0,count}', to_jsonb((select beyond from sum)))`, '(select t.now from t, sum where sum.beyond > 0)')}
select ended.until is null as alive, coalesce(m.acts, own.acts) as acts,
       coalesce(upper(coalesce(m.acts_seen, own.acts_seen)) - 1, 0) as count, own.checks,
       extract(epoch from t.now - own.opened_at)::float8 as "openForSeconds"
  from own cross join ended cross join sum cross join t left join marked m on true`,
  )
const [reported, reportedCounting] = [reporting(false), reporting(true)]

export interface Standing {
  readonly alive: boolean
  /** How many acts are on record, and the highest number among them: where they differ, some never came. */
  readonly acts: number
  readonly count: number
  /** How often its product asked about it, as far as that was written down. */
  readonly checks: number
  readonly openForSeconds: number
}

/** One act as an event: `count` and `at` as they were reported. */
export interface Act {
  readonly count: number
  readonly at: Date
  readonly event: Happening
}

/** What is written where a batch leaves numbers out, and where it tells of what was done after the end. */
export interface Odd {
  readonly gap: Happening
  readonly beyond: Happening
}

/**
 * Takes a batch down, and gives the `alarm` where it tells of what was done after the end. `counts`: it moves the user's clock.
 * Undefined: no such session.
 */
export async function report(
  db: Database,
  owner: Owner,
  acts: readonly Act[],
  odd: Odd,
  alarm: Alarm,
  counts: boolean,
): Promise<Standing | undefined> {
  const drafts = acts.map(({ count, at, event }) => ({ ...draft(event), count, at: at.toISOString() }))
  const odds = [odd.gap, odd.beyond].map(draft)
  const values = [owner.assistanceId, owner.sessionId, JSON.stringify(drafts), JSON.stringify(odds), alarmRows([alarm])]
  return (await db.query<Standing>(counts ? reportedCounting : reported, values))[0]
}

// ── How often a product asked ───────────────────────────────────────────────────────────────────────────────────────

/** What nobody needs to know more exactly: then no row is written any more, however often is asked. */
const countedUpTo = 100

const checked = statement(
  'activity.checked',
  `
with said as (select * from unnest($1::text[], $2::int[]) as x (id, checks)),
  held as materialized (
    select s.id from surface_session s where s.id = any($1) and s.checks < ${countedUpTo} for update skip locked),
  added as (
    update surface_session s set checks = least(s.checks + said.checks, ${countedUpTo})
      from held join said using (id) where s.id = held.id
    returning s.id, s.assistance_id, s.surface, s.subject, s.checks, s.acts)
select a.id as "assistanceId", n.id as "sessionId", n.surface, a.agent_id as "agentId", n.subject as "userId", n.checks
  from added n join assistance a on a.id = n.assistance_id where n.acts = 0 and n.checks >= $3
union all
select null, s.id, null, null, null, null from surface_session s
 where s.id = any($1) and s.checks < ${countedUpTo} and s.id not in (select id from held)`,
)

/** A session that was asked about often, and of which nothing was told yet. */
export interface Silent extends Owner {
  readonly checks: number
}
type CheckedRow =
  | (Omit<Silent, 'assistanceId'> & { readonly assistanceId: string })
  | { readonly assistanceId: null; readonly sessionId: string }

/**
 * Adds what was counted, and waits for nobody: an ending must not wait for this. `left` are the sessions that somebody held
 * at that moment, to which nothing was added; `silent` those that were asked about so often and told nothing.
 */
export async function addChecks(db: Database, counted: ReadonlyMap<string, number>, often: number) {
  const rows = await db.query<CheckedRow>(checked, [[...counted.keys()], [...counted.values()], often])
  const [left, silent]: [string[], Silent[]] = [[], []]
  for (const row of rows)
    if (row.assistanceId === null) left.push(row.sessionId)
    else silent.push({ ...row, assistanceId: known.assistance(row.assistanceId) })
  return { left, silent }
}
