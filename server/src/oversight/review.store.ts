/** What was opened without a consent, and its review by somebody who had no part in it. */
import type { Finding, ReviewSeen } from '@amparo/contract/oversight'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import type { AssistanceId } from '../words.ts'

const open = statement(
  'oversight.open_review',
  `select from review r join assistance a on a.id = r.assistance_id where a.agent_id = $1 and r.closed_at is null limit 1`,
)
/** Whether this agent looked without a consent and nobody has reviewed it. */
export const hasOpenReview = async (db: Database, agentId: string): Promise<boolean> =>
  (await db.query(open, [agentId])).length > 0

const note = statement(
  'oversight.note_of',
  `
select w.text from approval p join event e on e.assistance_id = p.assistance_id and e.type = 'approval.asked'
  join erasable w on w.event_id = e.id and w.field = 'note' where p.id = $1 and (e.body::jsonb) #>> '{data,approval}' = p.id`,
)
/** What was written beside a question. */
export const noteOf = async (db: Database, approvalId: string): Promise<string | undefined> =>
  (await db.query<{ text: string | null }>(note, [approvalId]))[0]?.text ?? undefined

interface Row {
  assistance_id: string
  opened_at: Date
  agent_id: string
  agent_name: string
  approvers: { id: string; name: string }[]
  user_name: string | null
  ecosystem_name: string | null
  why: string | null
  acts: number
  ended_at: Date | null
  closed_at: Date | null
  closed_by: string | null
  closer_name: string | null
  finding: Finding | null
  note: string | null
  reviewers: number
}

const reviewsWhere = (name: string, where: string) =>
  statement(
    name,
    `
select r.assistance_id, r.opened_at, a.agent_id, g.name as agent_name,
       coalesce((select json_agg(json_build_object('id', v.voter, 'name', s.name) order by v.at)
                   from voice v join agent s on s.id = v.voter where v.approval_id = a.broken_by), '[]') as approvers,
       a.seen #>> '{user,name}' as user_name, e ->> 'name' as ecosystem_name,
       (select w.text from event n join erasable w on w.event_id = n.id and w.field = 'note'
         where n.assistance_id = a.id and n.type = 'approval.asked' and (n.body::jsonb) #>> '{data,approval}' = a.broken_by) as why,
       (select coalesce(sum(acts), 0)::int from surface_session where assistance_id = a.id) as acts,
       coalesce(a.closed_at, l.at) as ended_at, r.closed_at, r.closed_by, c.name as closer_name, r.finding,
       (select text from erasable where event_id = r.event_id and field = 'note') as note,
       (select count(*)::int from agent s where 'supervisor' = any (s.roles) and s.deactivated_at is null and s.id <> a.agent_id
           and not exists (select from voice v where v.approval_id = a.broken_by and v.voter = s.id)) as reviewers
  from review r join assistance a on a.id = r.assistance_id join agent g on g.id = a.agent_id
  left join agent c on c.id = r.closed_by left join lateral lapse(a, app_now()) l on true
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') e on e ->> 'id' = a.ecosystem_id
 where ${where} order by r.closed_at is not null, r.opened_at desc limit 100`,
  )
const recent = reviewsWhere('oversight.reviews', `r.closed_at is null or r.closed_at > app_now() - interval '30 days'`)
const one = reviewsWhere('oversight.review', 'r.assistance_id = $1')

const seenOf = (row: Row, reader: string): ReviewSeen => ({
  assistanceId: row.assistance_id,
  openedAt: row.opened_at.toISOString(),
  agent: { id: row.agent_id, name: row.agent_name },
  approvers: row.approvers,
  ...(row.user_name ? { userName: row.user_name } : {}),
  ...(row.ecosystem_name === null ? {} : { ecosystemName: row.ecosystem_name }),
  ...(row.why === null ? {} : { why: row.why }),
  acts: row.acts,
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
  ...(row.closed_at && row.finding
    ? {
        closed: {
          at: row.closed_at.toISOString(),
          by: { id: row.closed_by ?? '', name: row.closer_name ?? '' },
          finding: row.finding,
          ...(row.note === null ? {} : { note: row.note }),
        },
      }
    : {}),
  mine:
    row.closed_at === null &&
    row.ended_at !== null &&
    row.agent_id !== reader &&
    !row.approvers.some(({ id }) => id === reader),
  reviewers: row.reviewers,
})

export const reviewsFor = async (db: Database, reader: string): Promise<readonly ReviewSeen[]> =>
  (await db.query<Row>(recent)).map((row) => seenOf(row, reader))
export const reviewFor = async (db: Database, id: string, reader: string): Promise<ReviewSeen | undefined> =>
  (await db.query<Row>(one, [id])).map((row) => seenOf(row, reader))[0]

const closed = statement(
  'oversight.close_review',
  `
with t as materialized (select app_now() as now),
  acted as (
    update review r set closed_at = t.now, closed_by = $2, finding = $3, event_id = $4 from t, assistance a
     where r.assistance_id = $1 and a.id = r.assistance_id and r.closed_at is null and a.agent_id <> $2
       and (a.state = 'closed' or exists (select from lapse(a, t.now)))
       and not exists (select from voice v where v.approval_id = a.broken_by and v.voter = $2)
    returning r.assistance_id),
  ${counted('acted')},
  ${recorded('$5::jsonb')}
select from acted`,
)

/** Closes a review, once; never by its agent, nor by one of the two who agreed. False: nothing was closed. */
export async function closeReview(
  db: Database,
  id: AssistanceId,
  agentId: string,
  finding: Finding,
  event: Happening,
): Promise<boolean> {
  const written = draft(event)
  return (await db.query(closed, [id, agentId, finding, written.id, JSON.stringify([written])])).length === 1
}
