/**
 * The record told to a vendor by signed webhooks, in its own order: the events of an assistance come one after the other,
 * each at least once, and nobody's act waits for it. What is told ends with the checkpoint that counts it where there is one,
 * so that whoever listens is a witness of the record.
 */
import { type Database, statement } from '../database/database.ts'
import { post, type Webhook } from '../messages/webhook.ts'

const most = 100

/** Takes the turn for half a minute; nothing where nobody waits to be told, or another process is at it. */
const taken = statement(
  'feed.taken',
  `
update record_feed f set lease_until = app_now() + interval '30 seconds'
 where f.name = 'webhook' and f.next_at <= app_now() and (f.lease_until is null or f.lease_until <= app_now())
   and exists (select from log_leaf where log_leaf.seq = f.seq)
returning f.seq, f.tries`,
)
const entries = statement(
  'feed.entries',
  `
select l.seq, l.event_id as id, encode(l.hash, 'base64') as hash, e.body
  from log_leaf l join event e on e.id = l.event_id where l.seq >= $1::bigint order by l.seq limit ${most}`,
)
/** The furthest checkpoint among them: what comes behind it is told the next time. */
const counted = statement(
  'feed.checkpoint',
  'select size, note from checkpoint where size > $1::bigint and size <= $2::bigint order by size desc limit 1',
)
const told = statement(
  'feed.told',
  `update record_feed set seq = $2::bigint, tries = 0, next_at = app_now(), lease_until = null, error = null where name = 'webhook' and seq = $1::bigint`,
)
const failed = statement(
  'feed.failed',
  `
update record_feed set tries = tries + 1, lease_until = null, error = $2,
       next_at = app_now() + least(interval '10 minutes', interval '1 second' * power(2, least(tries, 10) + 1))
 where name = 'webhook' and seq = $1::bigint`,
)
const again = statement(
  'feed.again',
  `update record_feed set seq = $1::bigint, tries = 0, next_at = app_now(), error = null where name = 'webhook' returning seq`,
)
const standing = statement(
  'feed.standing',
  `select f.seq, f.tries, f.error, f.next_at as "nextAt", (select size from log_head) as size from record_feed f where f.name = 'webhook'`,
)

interface Entry {
  readonly seq: number
  readonly id: string
  readonly hash: string
  readonly body: string
}

/** Tells the next hundred events at the most, in one posting. How many were taken; 0 where none waits or nobody took them. */
export async function feed(db: Database, webhook: Webhook): Promise<number> {
  const [turn] = await db.query<{ seq: number; tries: number }>(taken)
  if (!turn) return 0
  const { rows, checkpoint } = await next(db, turn.seq)
  const to = turn.seq + rows.length
  const answer = await post(webhook, {
    // The same events have the same id, however often they are told.
    id: `record_${turn.seq}_${to}`,
    type: 'record.appended',
    data: { from: turn.seq, to, entries: rows, ...(checkpoint ? { checkpoint } : {}) },
  })
  if ('status' in answer && answer.status >= 200 && answer.status < 300) {
    await db.query(told, [turn.seq, to])
    return rows.length
  }
  await db.query(failed, [turn.seq, 'status' in answer ? `answered ${answer.status}` : answer.silent.slice(0, 200)])
  return 0
}

/** What comes next: up to a checkpoint where one lies within a posting, else as much as goes into one. */
async function next(db: Database, from: number): Promise<{ rows: readonly Entry[]; checkpoint?: string }> {
  const rows = await db.query<Entry>(entries, [from])
  const [found] = await db.query<{ size: number; note: string }>(counted, [from, from + rows.length])
  return found ? { rows: rows.slice(0, found.size - from), checkpoint: found.note } : { rows }
}

/** Tells everything again from this place on. Places that do not exist yet are told when they do. */
export const tellAgainFrom = (db: Database, seq: number): Promise<unknown> => db.query(again, [seq])

export interface Standing {
  /** The first place that nobody was told of. */
  readonly seq: number
  readonly size: number
  readonly tries: number
  readonly error: string | null
}

/** How far whoever listens has been told. */
export const standingOf = async (db: Database): Promise<Standing | undefined> => (await db.query<Standing>(standing))[0]
