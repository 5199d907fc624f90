/** Reading the record: what auditors look for, newest first. */
import type { AuditEvent } from '@amparo/contract/audit'
import type { Search } from '@amparo/contract/search'
import { z } from 'zod'
import { type Database, type Statement, searched, statement } from '../database/database.ts'
import { resultOf } from './results.ts'

const body = z.looseObject({
  actor: z.object({ kind: z.string(), id: z.string(), request: z.string().optional() }),
  subject: z.string().nullish(),
  data: z.record(z.string(), z.unknown()).optional(),
})

interface Row {
  id: string
  seq: number | null
  hash: Buffer | null
  ord: number
  assistance_id: string | null
  n: number | null
  at: string
  type: string
  body: string
  actor_name: string | null
}

/** What to look for. Everything that is there must hold; instants are RFC 3339 in UTC, as the record has them. */
export interface Wanted extends Partial<Record<Exclude<keyof Search, 'because'>, string | undefined>> {
  readonly because?: Search['because']
  readonly cursor?: string | undefined
  readonly limit: number
}

/**
 * One condition for each thing to look for, on a column with an index. A statement is made of those that are asked, and
 * has a name of its own, so that each gets the plan that fits it.
 */
const conditions = {
  assistance: 'e.assistance_id = $',
  agent: 'e.actor_id = any ($::text[])',
  user: 'e.subject_id = any ($::text[])',
  type: 'e.type = $',
  because: `e.type = 'assistance.closed' and (e.body::jsonb) #>> '{data,because}' = $`,
  after: 'e.at >= $',
  // What was written a day later stands behind all that came before: so the walk begins where it may be.
  before: `e.at < $::text and e.ord <= coalesce((select l.ord from event l where l.at >= rfc3339($::text::timestamptz + interval '1 day') order by l.at limit 1), 9223372036854775807)`,
  cursor: 'e.ord < $::bigint',
} as const
type Condition = keyof typeof conditions
const isCondition = (name: string): name is Condition => Object.hasOwn(conditions, name)
const order = Object.keys(conditions).filter(isCondition)

/** Columns of whom it is about: there may be several of them, and each is gone along for itself, the newest first. */
const whose = { user: 'e.subject_id', agent: 'e.actor_id' } as const

/** What to read from, for exactly these conditions: `columns` of events `e`, of each that is meant for itself. $1 is how many at the most. */
function foundBy(asked: readonly Condition[], columns: string, inOrder = '') {
  const each = (['user', 'agent'] as const).find((name) => asked.includes(name))
  const where = asked.map((name, index) =>
    name === each ? `${whose[each]} = w.who` : conditions[name].replaceAll('$', `$${index + 2}`),
  )
  const found = `(select ${columns} from event e ${where.length > 0 ? `where ${where.join(' and ')}` : ''} ${inOrder} limit $1) e`
  return each
    ? `(select distinct unnest($${asked.indexOf(each) + 2}::text[]) as who) w cross join lateral ${found}`
    : found
}

const newestFirst = 'order by e.ord desc'

/** The events, the newest first. */
export const listed = (asked: readonly Condition[]) =>
  statement(
    `audit.list.${asked.join('.')}`,
    `
select e.id, e.ord, e.assistance_id, e.n, e.at, e.type, e.body, l.seq, l.hash,
       (select name from agent where id = e.actor_id) as actor_name
  from ${foundBy(asked, '*', newestFirst)} left join log_leaf l on l.event_id = e.id
 ${newestFirst} limit $1`,
  )

/** How many they are. Who counts needs no order, and gets the index that has what is counted. */
const counted = (asked: readonly Condition[]) =>
  statement(
    `audit.count.${asked.join('.')}`,
    `select count(*)::int as count from (select 1 from ${foundBy(asked, '1')} limit $1) found`,
  )

const agents = statement(
  'audit.agents',
  `
select id from agent where id = $1 or lower(email) = lower($1)
union
select id from agent where split_part(lower(email), '@', 1) = lower($1)
union
select id from agent where lower(name) ~>=~ lower($1) and lower(name) ~<~ (lower($1) || chr(1114111))
 limit 200`,
)
const users = statement(
  'audit.users',
  `
select user_id as id from assistance where user_id = $1
union
select user_id from assistance where user_id is not null and lower(email_asked) ~>=~ lower($1) and lower(email_asked) ~<~ (lower($1) || chr(1114111))
 limit 200`,
)
/** Whoever is meant by what was typed; it may itself be an id. */
async function ids(db: Database, which: Statement, text: string): Promise<string[]> {
  if (text === '') return []
  return [text, ...(await db.query<{ id: string }>(which, [text])).map(({ id }) => id)]
}

/** Events, newest first, a page at a time. `cursor` is the number after which to go on. */
export async function events(db: Database, wanted: Wanted): Promise<{ items: AuditEvent[]; nextCursor?: string }> {
  const { rows, nextCursor } = await rowsOf(db, wanted)
  const items = await placed(db, await named(db, rows.map(eventOf)))
  return { items, ...(nextCursor === undefined ? {} : { nextCursor }) }
}

const people = statement(
  'audit.people',
  `
select id, name from agent where id = any ($1::text[])
union
select user_id, seen #>> '{user,name}' from assistance where id = any ($2::text[]) and user_id = any ($1::text[])`,
)

/**
 * The same events with the names of whoever acted and whom it was about, as far as we still know them. For reading on
 * the screen: what is taken away names nobody of the vendor's users.
 */
async function named(db: Database, events: readonly AuditEvent[]): Promise<AuditEvent[]> {
  const who = new Set(events.flatMap(({ actor, subject }) => (subject === null ? [actor.id] : [actor.id, subject])))
  const where = new Set(events.flatMap(({ assistanceId }) => assistanceId ?? []))
  const known = await db.query<{ id: string; name: string | null }>(people, [[...who], [...where]])
  const names = new Map(known.flatMap(({ id, name }) => (name === null ? [] : [[id, name] as const])))
  return events.map((event) => {
    const [actor, subject] = [names.get(event.actor.id), names.get(event.subject ?? '')]
    return {
      ...event,
      actor: actor === undefined ? event.actor : { ...event.actor, name: actor },
      ...(subject !== undefined && { subjectName: subject }),
    }
  })
}

const ecosystems = statement(
  'audit.ecosystems',
  `
select a.id as assistance, a.ecosystem_id as id,
       (select e ->> 'name' from jsonb_array_elements(a.seen -> 'ecosystems') e where e ->> 'id' = a.ecosystem_id) as name
  from assistance a where a.id = any ($1::text[]) and a.ecosystem_id is not null`,
)

/** The same events with the ecosystem that each was in: for reading on the screen, as the names are. */
async function placed(db: Database, events: readonly AuditEvent[]): Promise<AuditEvent[]> {
  const asked = [...new Set(events.flatMap(({ assistanceId }) => assistanceId ?? []))]
  const known = await db.query<{ assistance: string; id: string; name: string | null }>(ecosystems, [asked])
  const of = new Map(known.map(({ assistance, id, name }) => [assistance, { id, ...(name !== null && { name }) }]))
  return events.map((event) => {
    const helped = of.get(event.assistanceId ?? '')
    const said = saidIn(event.data)
    const ecosystem = said === undefined || said === helped?.id ? helped : { id: said }
    return ecosystem === undefined ? event : { ...event, ecosystem }
  })
}

/** The ecosystem that an event speaks of: of a consent and its choice, and of one that was switched off. */
const saidIn = ({ ecosystem, scope, target }: AuditEvent['data']): string | undefined => {
  const said = ecosystem ?? (scope === 'ecosystem' ? target : undefined)
  return typeof said === 'string' ? said : undefined
}

/** An event with the hash that was taken of it; no hash for the moment until it has a place. */
export interface Kept extends Omit<AuditEvent, 'hash'> {
  readonly hash: Buffer | null
}

/** All events that fit, newest first, a batch at a time, from those that are there when it begins. */
export async function* eventsInBatches(db: Database, wanted: Omit<Wanted, 'limit'>): AsyncGenerator<readonly Kept[]> {
  for (let cursor = wanted.cursor; ; ) {
    const { rows, nextCursor } = await rowsOf(db, { ...wanted, cursor, limit: 1000 })
    yield rows.map((row) => ({ ...eventOf(row), hash: row.hash }))
    if (nextCursor === undefined) return
    cursor = nextCursor
  }
}

/** How many events fit, counted up to so many. */
export async function countOf(
  db: Database,
  wanted: Omit<Wanted, 'limit'>,
  most: number,
): Promise<{ events: number; more: boolean }> {
  const { asked, values } = await askedOf(db, wanted)
  const [{ count } = { count: 0 }] = await searched<{ count: number }>(db, counted(asked), [most + 1, ...values])
  return { events: Math.min(count, most), more: count > most }
}

async function askedOf(db: Database, wanted: Omit<Wanted, 'limit'>) {
  const values = {
    ...wanted,
    agent: wanted.agent === undefined ? undefined : await ids(db, agents, wanted.agent),
    user: wanted.user === undefined ? undefined : await ids(db, users, wanted.user),
  }
  const asked = order.filter((name) => values[name] !== undefined)
  return { asked, values: asked.map((name) => values[name]) }
}

async function rowsOf(db: Database, wanted: Wanted): Promise<{ rows: readonly Row[]; nextCursor?: string }> {
  const { asked, values } = await askedOf(db, wanted)
  const found = await searched<Row>(db, listed(asked), [wanted.limit + 1, ...values])
  const rows = found.slice(0, wanted.limit)
  const last = rows.at(-1)
  return { rows, ...(found.length > wanted.limit && last ? { nextCursor: String(last.ord) } : {}) }
}

function eventOf(row: Row): AuditEvent {
  const parsed = body.parse(JSON.parse(row.body))
  const { request, ...actor } = parsed.actor
  return {
    id: row.id,
    seq: row.seq,
    hash: row.hash?.toString('base64') ?? null,
    assistanceId: row.assistance_id,
    n: row.n,
    at: row.at,
    type: row.type,
    actor: { ...actor, ...(row.actor_name === null ? {} : { name: row.actor_name }) },
    ...(request !== undefined && { request }),
    subject: parsed.subject ?? null,
    result: resultOf(row.type, parsed.data ?? {}),
    data: parsed.data ?? {},
    body: row.body,
  }
}

const since = statement(
  'audit.since',
  `
select e.n, e.type, e.at from event e where e.assistance_id = $1 and e.n > $2 order by e.n limit 200`,
)

/** What happened in one assistance after its event number `n`: what the live stream sends. */
export const eventsSince = (db: Database, assistanceId: string, n: number) =>
  db.query<{ n: number; type: string; at: string }>(since, [assistanceId, n])
