/** What support did in successions, in SQL: the acts of a case, and what still has to reach the vendor. */

import type { SupportAct } from '@amparo/contract/succession'
import type { ConsentWay } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, recorded } from '../desk/record.ts'
import type { Act } from './succession.ts'

interface ActRow {
  id: string
  act: SupportAct | 'release'
  asked_at: Date
  agent_name: string
  assistance_id: string
  step_key: string | null
  reason: string | null
  note: string | null
  result: 'pending' | 'done' | 'refused'
  answer: string | null
}

const actsOf = statement(
  'succession.acts',
  `
select s.id, s.act, s.asked_at, g.name as agent_name, s.assistance_id, s.step_key, s.reason, s.note, s.result, s.answer
  from (select * from succession_act where case_ref = $1 order by act = 'release' desc, asked_at desc limit 500) s
  join agent g on g.id = s.agent_id order by s.asked_at, s.id`,
)

/** What support did about this case, oldest first: every release, and the newest of the rest. */
export const actsIn = async (db: Database, caseRef: string): Promise<readonly Act[]> =>
  (await db.query<ActRow>(actsOf, [caseRef])).map((row) => ({
    id: row.id,
    act: row.act,
    at: row.asked_at,
    agentName: row.agent_name,
    assistanceId: row.assistance_id,
    ...(row.step_key === null ? {} : { stepKey: row.step_key }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.note === null ? {} : { note: row.note }),
    result: row.result,
    ...(row.answer === null ? {} : { answer: row.answer }),
  }))

const consented = statement(
  'succession.consent',
  `select terms, terms_digest, proved_by, coalesce(code_id, approval_id) as code_id, mac from consent where assistance_id = $1`,
)
export interface ConsentRow {
  terms: string
  terms_digest: Buffer
  proved_by: ConsentWay
  code_id: string
  mac: Buffer
}
export const consentOf = async (db: Database, id: string): Promise<ConsentRow | undefined> =>
  (await db.query<ConsentRow>(consented, [id]))[0]

const supervising = statement(
  'succession.supervisors',
  `select id, name, email, locale from agent where 'supervisor' = any (roles) and deactivated_at is null order by id limit 20`,
)
export const supervisors = (db: Database) =>
  db.query<{ id: string; name: string; email: string; locale: 'en' | 'es' }>(supervising)

// ── To the vendor ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Pending {
  id: string
  assistance_id: string
  case_ref: string
  act: 'release' | 'resend_message'
  step_key: string | null
  reason: string | null
  note: string | null
  agent: string
  agent_id: string
  tries: number
}

const taken = (which: string) => `
with t as materialized (select app_now() as now),
  due as (
    select s.id from succession_act s, t
     where s.result = 'pending' and (s.lease_until is null or s.lease_until <= t.now) and ${which}
     order by s.next_at limit 1 for update of s skip locked)
update succession_act s set lease_until = t.now + interval '30 seconds', tries = s.tries + 1
  from due, t, agent g where s.id = due.id and g.id = s.agent_id
returning s.id, s.assistance_id, s.case_ref, s.act, s.step_key, s.reason, s.note, s.tries, s.agent_id,
          g.name || ' (' || g.email || ')' as agent`
const takeOne = statement('succession.take_one', taken('s.id = $1'))
const takeDue = statement('succession.take_due', taken('s.next_at <= t.now'))

/** Takes one act to hand over: this one, or the next that is due. Undefined where another process has it, or none is left. */
export const take = async (db: Database, id?: string): Promise<Pending | undefined> =>
  (await (id === undefined ? db.query<Pending>(takeDue) : db.query<Pending>(takeOne, [id])))[0]

const answered = statement(
  'succession.answer',
  `
with t as materialized (select app_now() as now),
  told as (
    update succession_act s set result = $2, answer = $3, answered_at = t.now, lease_until = null, next_at = null
      from t where s.id = $1 and s.result = 'pending' returning s.assistance_id),
  ${counted('told')},
  ${recorded('$4::jsonb')}
select n from moved`,
)

/** Keeps the vendor's answer, once, with its event. */
export async function answer(
  db: Database,
  id: string,
  result: 'done' | 'refused',
  words: string | undefined,
  event: Happening,
): Promise<void> {
  await db.query(answered, [id, result, words ?? null, JSON.stringify([draft(event)])])
}

const postponed = statement(
  'succession.postpone',
  `update succession_act set lease_until = null, next_at = app_now() + least(600, 2 ^ least(tries, 10)) * interval '1 second', answer = $2
    where id = $1 and result = 'pending'`,
)
/** The vendor was silent: asked again after 2, 4, 8 … seconds, ten minutes at the most. */
export const postpone = (db: Database, id: string, why: string) => db.query(postponed, [id, why])

const result = statement('succession.result', `select result, answer from succession_act where id = $1`)
export const resultOf = async (db: Database, id: string) =>
  (await db.query<{ result: 'pending' | 'done' | 'refused'; answer: string | null }>(result, [id]))[0]
