/** Agents who sign in at their company: who they are here, and what is asked about again. */
import type { Role } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, isUniqueViolation, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { isSealedByOneOf, newId, type Secrets } from '../secrets.ts'
import { lives } from './identity.store.ts'
import { longestAskingSeconds, type StaffSeen } from './staff.ts'

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

/** Longer than any asking takes: nobody is asked about by two servers at once, with one refresh token that counts once. */
const askEverySeconds = longestAskingSeconds + 10
/** Whom the provider did not answer about is asked about again after this. */
const askSoonSeconds = 10
/**
 * What was sealed with a key that another server has is left to that one, as long as it is asked about there. What nobody
 * has taken for so long, nobody can read any more: then anybody takes it, and it ends.
 */
const unreadMinutes = 10
const forUs = (ids: string) =>
  `(${isSealedByOneOf('o.sealed', ids)} or o.asked_at < clock_timestamp() - interval '${unreadMinutes} minutes')`

const due = statement(
  'staff.due',
  `
with next as materialized (
    select o.session_id from staff_grant o join agent_session s on s.id = o.session_id join agent g on g.id = s.agent_id
     where o.asked_at < clock_timestamp() - interval '${askEverySeconds} seconds' and ${lives} and ${forUs('$1')}
     order by o.asked_at limit $2 for update of o skip locked)
update staff_grant o set asked_at = clock_timestamp() from next, agent_session s
 where o.session_id = next.session_id and s.id = o.session_id
returning o.session_id, o.sealed, s.agent_id`,
)
/** Sessions that the provider is to be asked about now, at most so many; each is taken by one process. */
export const takeDue = (db: Database, { sealingIds }: Secrets, most: number) => db.query<Due>(due, [sealingIds, most])
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

const same = statement('staff.same_grant', `select from staff_grant where session_id = $1 and sealed = $2`)
/** Whether what was asked with is what counts: another server may have been given the next one meanwhile. */
export const isStillGrant = async (db: Database, { session_id, sealed }: Due): Promise<boolean> =>
  (await db.query(same, [session_id, sealed])).length === 1

const elsewhere = statement(
  'staff.sits_elsewhere',
  `
select from staff_grant o join agent_session s on s.id = o.session_id join agent g on g.id = s.agent_id
 where s.agent_id = $1 and ${lives} limit 1`,
)
/** Whether this agent has a session that the provider is asked about by itself. */
export const sitsElsewhere = async (db: Database, agentId: string): Promise<boolean> =>
  (await db.query(elsewhere, [agentId])).length === 1

const left = statement(
  'staff.left',
  `
with gone as materialized (
    select o.session_id from staff_grant o join agent_session s on s.id = o.session_id
     where s.ended_at is not null and ${forUs('$1')}
     limit $2 for update of o skip locked)
delete from staff_grant o using gone where o.session_id = gone.session_id returning o.session_id, o.sealed`,
)
/** What was given for sessions that have ended since, at most so many. */
export const takeLeft = (db: Database, { sealingIds }: Secrets, most: number) =>
  db.query<Omit<Due, 'agent_id'>>(left, [sealingIds, most])
