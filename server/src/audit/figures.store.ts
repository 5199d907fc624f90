/**
 * The record in numbers, a span of days at a time. Each statement reads the events of its own types that were written in those days,
 * along the index of types, and nothing of the years before.
 */
import { consentWithin, type Figures, figureDays } from '@amparo/contract/audit'
import { type Database, isOutOfTime, type Statement, searched, statement } from '../database/database.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'

interface Wanted {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly timeZone: string
}
type Day = Figures['days'][number]
interface Span {
  readonly after: string
  readonly before: string
  readonly days: readonly Omit<Day, 'ended'>[]
}
/** Asks about the events of the span, between their places. */
type Count = <Row extends object>(what: Statement, ...more: readonly unknown[]) => Promise<Row[]>

const noZone = { path: 'timeZone', message: 'A name of the time zone database: Europe/Madrid.' } as const

/** What happened in the days that are asked for; refused where they hold more than a statement counts in its time. */
export async function figuresOf(
  db: Database,
  wanted: Wanted,
): Promise<Outcome<Figures, 'request.invalid' | 'figures.too_large'>> {
  if (!(await isZone(db, wanted.timeZone))) return refuse('request.invalid', noZone)
  return counted(db, wanted).then(accept, (error: unknown) => {
    if (!isOutOfTime(error)) throw error
    return refuse('figures.too_large')
  })
}

async function counted(db: Database, wanted: Wanted): Promise<Figures> {
  const { after, before, days: spanned } = await spanOf(db, wanted)
  const [place] = await db.query<{ first: number; last: number }>(placed, [after, before])
  const count = <Row extends object>(what: Statement, ...more: readonly unknown[]) =>
    searched<Row>(db, what, [after, before, place?.first, place?.last, ...more])
  const [days, consents, refusals] = await Promise.all([ended(count, spanned), consented(count), refused(count)])
  const cut = wanted.after !== undefined && after > wanted.after
  return {
    timeZone: wanted.timeZone,
    after,
    before,
    cut,
    days,
    consents,
    refusals: mostFirst([...declined(days), ...refusals]),
  }
}

const zoned = statement('audit.zone', 'select 1 from pg_timezone_names where name = $1 limit 1')

/** The name is one that both this process and the database know: an offset, or a rule spelled out, is none. */
async function isZone(db: Database, zone: string): Promise<boolean> {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    return false
  }
  return /^[A-Z]/.test(zone) && (await db.query(zoned, [zone])).length > 0
}

/**
 * Days as a calendar there has them, those of 23 and 25 hours too, none in the future. The first and the last begin and end where the
 * search does.
 */
const spanned = statement(
  'audit.figures_span',
  `
with t as (select least(coalesce($2::timestamptz, app_now()), app_now()) as before),
  edge as (select t.before, ((t.before - interval '1 microsecond') at time zone $3)::date as last from t),
  reach as (
    select e.*, case when $1::timestamptz is null then e.last - $4::int + 1
                     else greatest(($1::timestamptz at time zone $3)::date, e.last - $5::int + 1) end as first from edge e)
select d.day::date::text as day, rfc3339(greatest(d.day::timestamp at time zone $3, $1::timestamptz)) as after,
       rfc3339(least((d.day + interval '1 day')::timestamp at time zone $3, r.before)) as before
  from reach r, generate_series(r.first::timestamp, r.last::timestamp, interval '1 day') as d (day)
 where $1::timestamptz is null or $1::timestamptz < r.before
 order by 1`,
)

async function spanOf(db: Database, { after, before, timeZone }: Wanted): Promise<Span> {
  const values = [after ?? null, before ?? null, timeZone, figureDays.usual, figureDays.most]
  const days = await db.query<Omit<Day, 'ended'>>(spanned, values)
  const nothing = after ?? before ?? new Date(0).toISOString()
  return { after: days[0]?.after ?? nothing, before: days.at(-1)?.before ?? nothing, days }
}

/**
 * Between which places in the record the events of a span stand. What is written is at most a day away from its place in the order of
 * time (see `before` of `audit.store.ts`), so that the walk begins and ends a day further out.
 */
const placed = statement(
  'audit.figures_places',
  `
select coalesce((select l.ord from event l where l.at >= rfc3339($1::timestamptz - interval '1 day') order by l.at limit 1), 1) as first,
       coalesce((select l.ord from event l where l.at >= rfc3339($2::timestamptz + interval '1 day') order by l.at limit 1),
                (select max(l.ord) from event l), 0) as last`,
)

/** The events of these types from $1 until before $2, in places $3 to $4: found by type and place, and then judged by their time. */
const ofTypes = (types: readonly string[]): string =>
  `e.type in (${quoted(types)}) and e.ord between $3::bigint and $4::bigint`
const inTime = `e.at::timestamptz >= $1::timestamptz and e.at::timestamptz < $2::timestamptz`
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ')

const endings = statement(
  'audit.figures_ended',
  `
select width_bucket(e.at::timestamptz, $5::timestamptz[])::int as day, (e.body::jsonb) #>> '{data,because}' as because, count(*)::int as count
  from event e where ${ofTypes(['assistance.closed'])} and ${inTime}
 group by 1, 2`,
)

/** By the day on which their ending stands in the record: as many as the search for it finds. */
async function ended(count: Count, days: Span['days']): Promise<Day[]> {
  const begins = days.map((day) => day.after)
  const rows = await count<{ day: number; because: string; count: number }>(endings, begins)
  return days.map((day, index) => {
    const of = rows.filter((row) => row.day === index + 1)
    return { ...day, ended: Object.fromEntries(of.map(({ because, count }) => [because, count])) }
  })
}

const consents = statement(
  'audit.figures_consents',
  `
with around as (
    select e.type, e.at::timestamptz as at, lag(e.type) over w as before, lag(e.at::timestamptz) over w as asked_at
      from event e where ${ofTypes(['consent.asked', 'consent.given'])}
    window w as (partition by e.assistance_id collate "C" order by e.n)),
  took as (
    select extract(epoch from e.at - e.asked_at)::float8 as seconds
      from around e where e.type = 'consent.given' and e.before = 'consent.asked' and ${inTime})
select count(*)::int as count, percentile_cont(0.5) within group (order by seconds) as half,
       percentile_cont(0.9) within group (order by seconds) as nine_of_ten,
       array[${consentWithin.map((limit, index) => `count(*) filter (where seconds < ${limit} and seconds >= ${consentWithin[index - 1] ?? 0})::int`).join(', ')},
             count(*) filter (where seconds >= ${consentWithin.at(-1)})::int] as within
  from took`,
)

async function consented(count: Count): Promise<Figures['consents']> {
  const [row] = await count<Omit<Figures['consents'], 'nineOfTen'> & { nine_of_ten: number | null }>(consents)
  if (!row) throw new Error('unreachable: one row')
  const { nine_of_ten: nineOfTen, ...rest } = row
  return { ...rest, nineOfTen }
}

/** What says no: a rule, a product, the vendor, or the user, to a power or to the release. */
const noes = [
  'step.refused',
  'launch.refused',
  'power.refused',
  'release.refused',
  'release.declined',
  'proof.refused',
  'activity.refused',
  'agent.factor_refused',
]

const refusals = statement(
  'audit.figures_refused',
  `
select e.type, coalesce(b.data ->> 'refusal', b.data ->> 'why') as cause, count(*)::int as count
  from event e cross join lateral (select (e.body::jsonb) -> 'data' as data) b
 where ${ofTypes(noes)} and ${inTime}
 group by 1, 2 order by 3 desc, 1, 2 limit 200`,
)

type Refused = Figures['refusals'][number]
const refused = (count: Count): Promise<Refused[]> => count<Refused>(refusals)

/** The user's no to the help itself is its ending, and is counted there. */
const declined = (days: readonly Day[]): Refused[] =>
  (['declined_by_user', 'reported_by_user'] as const)
    .map((cause) => ({ type: 'assistance.closed', cause, count: sum(days.map(({ ended }) => ended[cause] ?? 0)) }))
    .filter(({ count }) => count > 0)

const mostFirst = (all: Refused[]): Refused[] => all.sort((a, b) => b.count - a.count)
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
