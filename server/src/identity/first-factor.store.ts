/** What lets a session add its agent's first factor, in SQL: a code of their mailbox that was typed there, or the operator's word. */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import type { Caller } from '../door.ts'
import { lives } from './identity.store.ts'
import { spending } from './mailbox.store.ts'

const texts = (event: Happening): string => JSON.stringify([draft(event)])

/** For so long: a prompt may be closed and asked for again, an app be installed, and no second code is typed. */
export const firstFactorMinutes = 10
const untilThen = `clock_timestamp() + interval '${firstFactorMinutes} minutes'`

const may = statement(
  'first_factor.may_add',
  `select from agent_session where id = $1 and num_nulls(ended_at) = 1 and first_factor_until > clock_timestamp()`,
)
export const mayAddFirst = async (db: Database, { sessionId }: Caller): Promise<boolean> =>
  (await db.query(may, [sessionId])).length === 1

const proved = statement(
  'first_factor.proved',
  `select from assistance where agent_session_id = $1 and closed_in is null and agent_method = 'code'`,
)
/** Whether its agent typed a code of their mailbox in this session, for a help that is still open: a password is not enough for that. */
export const isProved = async (db: Database, { sessionId }: Caller): Promise<boolean> =>
  (await db.query(proved, [sessionId])).length > 0

const shown = statement(
  'first_factor.show',
  `
with spent as (${spending(`'first_factor'`, '$2')}),
  shown as (
    update agent_session set first_factor_until = ${untilThen}
     where id = (select session_id from spent) and num_nulls(ended_at) = 1 returning id),
  ${recordedLoose('$3::jsonb', 'shown')}
select id from shown`,
)
/** Spends the code, once, and lets this session add the first factor. */
export const letAddFirst = async (db: Database, { sessionId }: Caller, digest: Buffer, event: Happening) =>
  (await db.query(shown, [sessionId, digest, texts(event)])).length === 1

const vouched = statement(
  'first_factor.vouch',
  `
with factors as materialized (
    select exists (select from passkey where agent_id = $1) or exists (select from totp where agent_id = $1) as has_any),
  living as materialized (
    select s.id from agent_session s join agent g on g.id = s.agent_id
     where s.agent_id = $1 and s.kind = 'cookie' and ${lives}),
  vouched as (
    update agent_session set first_factor_until = ${untilThen}
     where id in (select id from living) and (select count(*) from living) = 1 and not (select has_any from factors)
    returning id),
  ${recordedLoose('$2::jsonb', 'vouched')}
select (select has_any from factors) as factors, (select count(*)::int from living) as living, (select count(*)::int from vouched) as vouched`,
)

export type Vouched = 'vouched' | 'has_factor' | 'signed_out' | 'several'
/** The operator's word for whoever sits at the one session of this agent. Of two, one could be somebody else's: then for none. */
export async function vouchFor(db: Database, agentId: string, event: string): Promise<Vouched> {
  const [row] = await db.query<{ factors: boolean; living: number; vouched: number }>(vouched, [agentId, event])
  if (row?.factors) return 'has_factor'
  if (row?.vouched === 1) return 'vouched'
  return row && row.living > 1 ? 'several' : 'signed_out'
}
