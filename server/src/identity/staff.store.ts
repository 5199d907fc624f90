/** Agents who sign in at their company: who they are here, and what is asked about again. */
import type { Role } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, isUniqueViolation, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { newId } from '../secrets.ts'
import type { StaffSeen } from './staff.ts'

const texts = (event: Happening): string => JSON.stringify([draft(event)])

/**
 * By the provider's subject; at first by an e-mail that nobody of another subject has. Roles are those of the groups. An
 * agent that the operator disabled stays disabled, whatever the provider says.
 */
const kept = statement(
  'staff.keep',
  `
with mine as materialized (
    select id from agent where issuer_subject = $2 or issuer_subject is null and lower(email) = lower($4)
     order by issuer_subject nulls last limit 1 for update),
  known as (
    update agent a set issuer_subject = $2, name = $3, email = coalesce($4, a.email), phone = coalesce($5, a.phone), locale = $6
      from mine where a.id = mine.id returning a.id, a.deactivated_at),
  added as (
    insert into agent (id, issuer_subject, name, email, phone, locale, roles)
    select $1, $2, $3, $4, $5, $6, $7 where not exists (select from mine) and $4::text is not null
    on conflict do nothing returning id, deactivated_at)
select id, deactivated_at is not null as disabled from known union all select id, deactivated_at is not null from added`,
)
const rolesKept = statement(
  'staff.roles',
  `
with changed as (update agent set roles = $2 where id = $1 and roles is distinct from $2 returning id),
  ${recordedLoose('$3::jsonb', 'changed')}
select id from changed`,
)

/** The agent that this person is here; undefined where their e-mail is somebody else's, or they have none. */
export async function keepStaff(db: Database, seen: StaffSeen, roles: readonly Role[]) {
  const { subject, name, email, phone, locale } = seen
  const values = [newId('ag'), subject, name, email ?? null, phone ?? null, locale, roles]
  const rows = await db.query<{ id: string; disabled: boolean }>(kept, values).catch((error: unknown) => {
    if (isUniqueViolation(error)) return [] // Their new address is another agent's.
    throw error
  })
  return rows[0]
}

/** Their roles are those of their groups by now; true where something changed. */
export const keepRoles = async (db: Database, agentId: string, roles: readonly Role[], event: Happening) =>
  (await db.query(rolesKept, [agentId, roles, texts(event)])).length === 1

const granted = statement('staff.keep_grant', `insert into staff_grant (session_id, sealed) values ($1, $2)`)
export const keepGrant = (db: Database, sessionId: string, sealed: Buffer) => db.query(granted, [sessionId, sealed])

const askEverySeconds = 40
/** Whom the provider did not answer about is asked about again after this. */
const askSoonSeconds = 10
const due = statement(
  'staff.due',
  `
with next as materialized (
    select s.session_id from staff_grant s join agent_session a on a.id = s.session_id
     where s.asked_at < clock_timestamp() - interval '${askEverySeconds} seconds' and a.ended_at is null
     order by s.asked_at limit 1000 for update of s skip locked)
update staff_grant s set asked_at = clock_timestamp() from next, agent_session a
 where s.session_id = next.session_id and a.id = s.session_id
returning s.session_id, s.sealed, a.agent_id`,
)
/** Sessions that the provider is to be asked about now; each is taken by one process. */
export const takeDue = (db: Database) => db.query<Due>(due)
export interface Due {
  readonly session_id: string
  readonly sealed: Buffer
  readonly agent_id: string
}

const soon = statement(
  'staff.ask_soon',
  `update staff_grant set asked_at = clock_timestamp() - interval '${askEverySeconds - askSoonSeconds} seconds' where session_id = $1`,
)
export const askSoon = (db: Database, sessionId: string) => db.query(soon, [sessionId])

const renewed = statement('staff.renew', `update staff_grant set sealed = $2 where session_id = $1`)
export const renewGrant = (db: Database, sessionId: string, sealed: Buffer) => db.query(renewed, [sessionId, sealed])
const left = statement(
  'staff.left',
  `delete from staff_grant s using agent_session a where a.id = s.session_id and a.ended_at is not null returning s.session_id, s.sealed`,
)
/** What was given for sessions that have ended since. */
export const takeLeft = (db: Database) => db.query<{ session_id: string; sealed: Buffer }>(left)
