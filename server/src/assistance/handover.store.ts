/** Offers to colleagues in SQL: an offer stands while its assistance lives and nobody is taking it over. */
import type { Offered } from '@amparo/contract/assistance'
import type { Bilingual, Kind } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recorded } from '../desk/record.ts'
import type { Caller } from '../door.ts'
import type { AssistanceId } from '../words.ts'
import { lapsedNow } from './reading.ts'

const set = statement(
  'handover.set',
  `
with moved as (
    update assistance a set offered_at = case when $2::boolean then app_now() end, n = a.n + 1
     where a.id = $1 and a.state = 'active' and (a.offered_at is not null) <> $2::boolean
    returning a.id, a.n, 1 as count, app_now() as now),
  ${recorded('$3::jsonb')}
select from moved`,
)

/** Offers it, or takes the offer back; once. */
export const setOffer = async (db: Database, id: AssistanceId, wanted: boolean, event: Happening): Promise<boolean> =>
  (await db.query(set, [id, wanted, JSON.stringify([draft(event)])])).length === 1

/** Nobody else is on the way: the assistance of whoever is taking it over has ended. */
const free = `not exists (select from assistance o where o.handed_from = a.id and o.state <> 'closed' and ${lapsedNow('o')} is null)`
const open = `a.state = 'active' and a.closed_at is null and a.offered_at is not null and ${lapsedNow('a')} is null and ${free}`

const list = statement(
  'handover.list',
  `
select a.id, a.kind, a.agent_id, g.name as agent_name, a.reason_code, a.reason_name, a.reason_line, a.offered_at, ends_at(a) as ends_at,
       (select w.text from event e join erasable w on w.event_id = e.id and w.field = 'note'
         where e.assistance_id = a.id and e.type = 'handover.offered' order by e.n desc limit 1) as note
  from assistance a join agent g on g.id = a.agent_id
 where ${open} and a.agent_id <> $1 and 'agent:' || a.kind = any ($2::text[]) order by a.offered_at limit 50`,
)

interface Row {
  id: string
  kind: Kind
  agent_id: string
  agent_name: string
  reason_code: string
  reason_name: Bilingual | null
  reason_line: string | null
  offered_at: Date
  ends_at: Date
  note: string | null
}

/** What others offer, to whoever may take it. */
export const offered = async (db: Database, caller: Caller): Promise<readonly Offered[]> =>
  (await db.query<Row>(list, [caller.agentId, caller.roles])).map((row) => ({
    id: row.id,
    kind: row.kind,
    agent: { id: row.agent_id, name: row.agent_name },
    reason: {
      name: row.reason_name ?? { en: row.reason_code, es: row.reason_code },
      ...(row.reason_line === null ? {} : { line: row.reason_line }),
    },
    offeredAt: row.offered_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    ...(row.note === null ? {} : { note: row.note }),
  }))

const one = statement(
  'handover.one',
  `
select a.kind, a.agent_id as "agentId", a.email_asked as email, a.reason_code as "reasonCode", a.reason_line as "reasonLine",
       a.caller, a.ticket
  from assistance a where a.id = $1 and ${open}`,
)

export interface Offer {
  readonly kind: Kind
  readonly agentId: string
  readonly email: string
  readonly reasonCode: string
  readonly reasonLine: string | null
  readonly caller: string | null
  readonly ticket: string | null
}

/** What is offered here; undefined where nothing is, or somebody is taking it already. */
export const offerOf = async (db: Database, id: AssistanceId): Promise<Offer | undefined> =>
  (await db.query<Offer>(one, [id]))[0]

const before = statement(
  'handover.before',
  `
with recursive chain as (
    select a.handed_from as id from assistance a where a.id = $1 and a.handed_from is not null
    union select a.handed_from from assistance a join chain c on a.id = c.id where a.handed_from is not null)
select a.id, g.name, e.id as event_id, e.at, e.actor_id, (select name from agent where id = e.actor_id) as by_name, w.text
  from chain c join assistance a on a.id = c.id join agent g on g.id = a.agent_id
  left join event e on e.assistance_id = a.id and e.type in ('note.added', 'handover.offered')
  left join erasable w on w.event_id = e.id and w.field in ('text', 'note')
 order by e.at`,
)

export interface Before {
  readonly id: string
  readonly name: string
  readonly notes: readonly {
    readonly id: string
    readonly at: string
    readonly by: { id: string; name: string }
    readonly text: string
  }[]
}

/** What was noted before this was taken over, through every hand it went. */
export async function beforeOf(db: Database, id: AssistanceId): Promise<Before | undefined> {
  const rows = await db.query<{
    id: string
    name: string
    event_id: string | null
    at: string | null
    actor_id: string | null
    by_name: string | null
    text: string | null
  }>(before, [id])
  const [first] = rows
  if (!first) return undefined
  return {
    id: first.id,
    name: first.name,
    notes: rows.flatMap((row) =>
      row.event_id !== null && row.at !== null && row.text !== null
        ? [{ id: row.event_id, at: row.at, by: { id: row.actor_id ?? '', name: row.by_name ?? '' }, text: row.text }]
        : [],
    ),
  }
}
