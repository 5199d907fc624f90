/**
 * What somebody who had no part in it has to look at afterwards: help without a consent, help that a user says they never
 * asked for, and help that a user says was not right.
 */
import type { Finding, ReviewAbout, ReviewSeen } from '@amparo/contract/oversight'
import type { Because } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { type Alarm, alarmed, alarmRows } from '../desk/alarm.ts'
import { counted, recorded } from '../desk/record.ts'
import { type AssistanceId, system } from '../words.ts'

const open = statement(
  'oversight.open_review',
  `select from review r join assistance a on a.id = r.assistance_id where a.agent_id = $1 and r.about = 'break_glass' and r.closed_at is null limit 1`,
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

// ── Opening one ─────────────────────────────────────────────────────────────────────────────────────────────────────

const reported = statement(
  'oversight.open_reported',
  `
with t as materialized (select app_now() as now),
  acted as (
    insert into review (assistance_id, about, opened_at) select $1, 'reported', t.now from t
    on conflict do nothing returning assistance_id),
  ${counted('acted')},
  ${recorded('$2::jsonb')}
select from acted`,
)
/** A user said that they never asked: somebody looks at it, once. */
export async function openReported(db: Database, id: string, userId: string | undefined): Promise<void> {
  const event = {
    type: 'review.opened',
    actor: system('oversight'),
    subject: userId,
    data: { about: 'reported' },
  } as const
  await db.query(reported, [id, JSON.stringify([draft(event)])])
}

const objected = statement(
  'oversight.object',
  `
with t as materialized (select app_now() as now),
  acted as (
    insert into review (assistance_id, about, opened_at)
    select a.id, 'objection', t.now from assistance a, t where a.id = $1 and a.state = 'closed'
    on conflict do nothing returning assistance_id),
  ${alarmed('$3::jsonb', '(select t.now from acted, t)')},
  ${counted('acted')},
  ${recorded('$2::jsonb')}
select from acted`,
)
/** A user says that something was not right: kept once, with its review and its alert. False: it was said before. */
export async function object(db: Database, id: AssistanceId, event: Happening, agentId: string): Promise<boolean> {
  const alarm: Alarm = { kind: 'objection', about: id, agentId, userId: event.subject, assistanceId: id, hours: 1 }
  return (await db.query(objected, [id, JSON.stringify([draft(event)]), alarmRows([alarm])])).length === 1
}

// ── Looking at them ─────────────────────────────────────────────────────────────────────────────────────────────────

interface Row {
  assistance_id: string
  about: ReviewAbout
  had_part: boolean
  said: string | null
  done: { at: string; surface: string; en: string | null; es: string | null; count: number }[]
  because: Because | null
  opened: string[]
  opened_at: Date
  agent_id: string
  agent_name: string
  approvers: { id: string; name: string }[]
  user_name: string | null
  ecosystem_name: string | null
  why: string | null
  ended_at: Date | null
  closed_at: Date | null
  closed_by: string | null
  closer_name: string | null
  finding: Finding | null
  note: string | null
  reviewers: number
}

/** Whoever said something when they were asked for their yes has had a part in it. */
const hadPart = (agent: string) =>
  `exists (select from approval p join voice v on v.approval_id = p.id where p.assistance_id = a.id and v.voter = ${agent})`

/** What was done as the user, as the products told it; the last fifty. */
const doneIn = `
  select e.n, b ->> 'at' as at, b ->> 'surface' as surface, (b ->> 'count')::int as count,
         (select text from erasable where event_id = e.id and field = 'en') as en,
         (select text from erasable where event_id = e.id and field = 'es') as es
    from event e, lateral (select e.body::jsonb -> 'data') as x (b)
   where e.assistance_id = a.id and e.type = 'act.done' order by e.n desc limit 50`

const reviewsWhere = (name: string, where: string) =>
  statement(
    name,
    `
with t as materialized (select app_now() as now)
select r.assistance_id, r.about, r.opened_at, a.agent_id, g.name as agent_name, $1 = a.agent_id or ${hadPart('$1')} as had_part,
       coalesce((select json_agg(json_build_object('id', v.voter, 'name', s.name) order by v.at)
                   from voice v join agent s on s.id = v.voter where v.approval_id = a.broken_by), '[]') as approvers,
       a.seen #>> '{user,name}' as user_name, e ->> 'name' as ecosystem_name,
       (select w.text from event n join erasable w on w.event_id = n.id and w.field = 'note'
         where n.assistance_id = a.id and n.type = 'approval.asked' and (n.body::jsonb) #>> '{data,approval}' = a.broken_by) as why,
       (select w.text from event n join erasable w on w.event_id = n.id and w.field = 'text'
         where r.about = 'objection' and n.assistance_id = a.id and n.type = 'objection.made') as said,
       coalesce((select json_agg(d order by d.n) from (${doneIn}) d), '[]') as done,
       array(select distinct surface from surface_session where assistance_id = a.id and token_at is not null order by 1) as opened,
       coalesce(a.because, l.because) as because, coalesce(a.closed_at, l.at) as ended_at, r.closed_at, r.closed_by, c.name as closer_name, r.finding,
       (select text from erasable where event_id = r.event_id and field = 'note') as note,
       (select count(*)::int from agent s where 'supervisor' = any (s.roles) and s.deactivated_at is null and s.id <> a.agent_id
           and not ${hadPart('s.id')}) as reviewers
  from t cross join review r join assistance a on a.id = r.assistance_id join agent g on g.id = a.agent_id
  left join agent c on c.id = r.closed_by left join lateral lapse(a, t.now) l on true
  left join lateral jsonb_array_elements(a.seen -> 'ecosystems') e on e ->> 'id' = a.ecosystem_id
 where ${where} order by r.closed_at is not null, r.opened_at desc limit 100`,
  )
const recent = reviewsWhere('oversight.reviews', `r.closed_at is null or r.closed_at > app_now() - interval '30 days'`)
const one = reviewsWhere('oversight.review', 'r.assistance_id = $2 and r.about = $3')

const seenOf = (row: Row): ReviewSeen => ({
  assistanceId: row.assistance_id,
  about: row.about,
  openedAt: row.opened_at.toISOString(),
  agent: { id: row.agent_id, name: row.agent_name },
  approvers: row.approvers,
  ...(row.user_name ? { userName: row.user_name } : {}),
  ...(row.ecosystem_name === null ? {} : { ecosystemName: row.ecosystem_name }),
  ...(row.why === null ? {} : { why: row.why }),
  ...(row.said === null ? {} : { said: row.said }),
  ...(row.because === null ? {} : { because: row.because }),
  opened: row.opened,
  done: row.done.map(({ at, surface, en, es, count }) => ({
    at,
    surface,
    count,
    ...(en && es ? { what: { en, es } } : {}),
  })),
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
  mine: row.closed_at === null && row.ended_at !== null && !row.had_part,
  reviewers: row.reviewers,
})

export const reviewsFor = async (db: Database, reader: string): Promise<readonly ReviewSeen[]> =>
  (await db.query<Row>(recent, [reader])).map(seenOf)
export const reviewFor = async (
  db: Database,
  id: string,
  reader: string,
  about: ReviewAbout = 'break_glass',
): Promise<ReviewSeen | undefined> => (await db.query<Row>(one, [reader, id, about])).map(seenOf)[0]

const closed = statement(
  'oversight.close_review',
  `
with t as materialized (select app_now() as now),
  acted as (
    update review r set closed_at = t.now, closed_by = $2, finding = $3, event_id = $4 from t, assistance a
     where r.assistance_id = $1 and r.about = $6 and a.id = r.assistance_id and r.closed_at is null and a.agent_id <> $2
       and (a.state = 'closed' or exists (select from lapse(a, t.now))) and not ${hadPart('$2')}
    returning r.assistance_id),
  ${counted('acted')},
  ${recorded('$5::jsonb')}
select from acted`,
)

/** Closes a review, once; never by its agent, nor by whoever was asked for a yes. False: nothing was closed. */
export async function closeReview(
  db: Database,
  id: AssistanceId,
  agentId: string,
  finding: Finding,
  event: Happening,
  about: ReviewAbout = 'break_glass',
): Promise<boolean> {
  const written = draft(event)
  return (await db.query(closed, [id, agentId, finding, written.id, JSON.stringify([written]), about])).length === 1
}
