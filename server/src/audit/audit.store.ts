/** Reading the record: the plain list for auditors. */
import type { AuditEvent } from '@amparo/contract/audit'
import { z } from 'zod'
import { type Database, statement } from '../database/database.ts'

const body = z.looseObject({
  actor: z.object({ kind: z.string(), id: z.string() }),
  subject: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
})

interface Row {
  id: string
  ord: number
  assistance_id: string | null
  n: number | null
  at: string
  type: string
  body: string
  actor_name: string | null
}

const listed = statement(
  'audit.list',
  `
select e.id, e.ord, e.assistance_id, e.n, e.at, e.type, e.body,
       (select name from agent where id = e.actor_id) as actor_name
  from event e
 where ($1::text is null or e.assistance_id = $1) and ($2::text is null or e.actor_id = $2)
   and ($3::text is null or e.subject_id = $3) and ($4::text is null or e.type = $4)
   and ($5::bigint is null or e.ord < $5)
 order by e.ord desc limit $6`,
)

export interface Wanted {
  readonly assistance?: string | undefined
  readonly agent?: string | undefined
  readonly user?: string | undefined
  readonly type?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Events, newest first, a page at a time. `cursor` is the number after which to go on. */
export async function events(db: Database, wanted: Wanted): Promise<{ items: AuditEvent[]; nextCursor?: string }> {
  const rows = await db.query<Row>(listed, [
    wanted.assistance ?? null,
    wanted.agent ?? null,
    wanted.user ?? null,
    wanted.type ?? null,
    wanted.cursor ?? null,
    wanted.limit + 1,
  ])
  const page = rows.slice(0, wanted.limit)
  const last = page.at(-1)
  return { items: page.map(eventOf), ...(rows.length > wanted.limit && last ? { nextCursor: String(last.ord) } : {}) }
}

function eventOf(row: Row): AuditEvent {
  const parsed = body.parse(JSON.parse(row.body))
  return {
    id: row.id,
    assistanceId: row.assistance_id,
    n: row.n,
    at: row.at,
    type: row.type,
    actor: { ...parsed.actor, ...(row.actor_name === null ? {} : { name: row.actor_name }) },
    subject: parsed.subject ?? null,
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
