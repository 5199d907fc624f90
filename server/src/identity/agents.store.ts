/** The people at the desk, as an operator handles them: who they are, what they may do, whether they may at all. */
import type { Role } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { newId } from '../secrets.ts'
import { system } from '../words.ts'
import { type Vouched, vouchFor } from './first-factor.store.ts'

export interface AgentLine {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly roles: readonly string[]
  readonly state: 'active' | 'invited' | 'disabled'
  readonly passkeys: number
  readonly totp: boolean
  readonly lastSignIn: string | null
}

const listed = statement(
  'agents.list',
  `
select g.id, g.name, g.email, g.roles,
       case when g.deactivated_at is not null then 'disabled'
            when g.password_hash is null and g.issuer_subject is null then 'invited' else 'active' end as state,
       (select count(*)::int from passkey p where p.agent_id = g.id) as passkeys,
       exists (select from totp t where t.agent_id = g.id) as totp,
       (select rfc3339(max(s.opened_at)) from agent_session s where s.agent_id = g.id and s.kind = 'cookie') as "lastSignIn"
  from agent g order by lower(g.email)`,
)
export const agentLines = (db: Database) => db.query<AgentLine>(listed)

const byEmail = statement(
  'agents.by_email',
  `select id, name, deactivated_at is not null as disabled from agent where lower(email) = lower($1)`,
)
/** The agent with this e-mail, disabled or not. */
export const agentBy = async (db: Database, email: string) =>
  (await db.query<{ id: string; name: string; disabled: boolean }>(byEmail, [email]))[0]

const operator = system('operator')
const texts = (event: Happening): string => JSON.stringify([draft(event)])
const about = (type: Happening['type'], agent: string, data: Happening['data'] = {}): string =>
  texts({ type, actor: operator, data: { agent, ...data } })

const added = statement(
  'agents.add',
  `
with added as (
    insert into agent (id, name, email, phone, locale, roles) values ($1, $2, $3, $4, $5, $6)
    on conflict (lower(email)) do nothing returning id),
  ${recordedLoose('$7::jsonb', 'added')}
select id from added`,
)
export interface NewPerson {
  readonly name: string
  readonly email: string
  readonly phone: string | undefined
  readonly locale: 'en' | 'es'
  readonly roles: readonly Role[]
}
/** A new agent, who cannot sign in before a link was used; undefined where somebody has that e-mail. */
export async function addAgent(db: Database, person: NewPerson): Promise<string | undefined> {
  const id = newId('ag')
  const { name, email, phone, locale, roles } = person
  const event = about('agent.roles_changed', id, { roles: [...roles] })
  const rows = await db.query(added, [id, name, email, phone ?? null, locale, roles, event])
  return rows.length === 1 ? id : undefined
}

const changed = (name: string, change: string, unless: string) =>
  statement(
    name,
    `
with changed as (update agent set ${change} where id = $1 and ${unless} returning id),
  ${recordedLoose('$2::jsonb', 'changed')}
select id from changed`,
  )
const disabled = changed('agents.disable', 'deactivated_at = app_now()', 'deactivated_at is null')
const enabled = changed('agents.enable', 'deactivated_at = null', 'deactivated_at is not null')
const rolesSet = statement(
  'agents.roles',
  `
with changed as (update agent set roles = $3 where id = $1 returning id),
  ${recordedLoose('$2::jsonb', 'changed')}
select id from changed`,
)
const signedOut = statement(
  'agents.sign_out',
  `
with ended as (update agent_session set ended_at = app_now() where agent_id = $1 and ended_at is null returning id),
  ${recordedLoose('$2::jsonb', 'ended')}
select id from ended`,
)
const withoutFactors = statement(
  'agents.forget_factors',
  `
with keys as (delete from passkey where agent_id = $1 returning id),
  app as (delete from totp where agent_id = $1 returning agent_id),
  shut as (update agent_session set first_factor_until = null where agent_id = $1 and first_factor_until is not null),
  halves as (
    update enrolment e set used_at = clock_timestamp() from agent_session s
     where s.agent_id = $1 and e.session_id = s.id and e.used_at is null),
  gone as (select id from keys union all select agent_id from app),
  ${recordedLoose('$2::jsonb', 'gone')}
select id from gone`,
)

const did = async (rows: Promise<readonly unknown[]>): Promise<number> => (await rows).length

/** Ends what they have under way and every session of theirs; they sign in no more. */
export async function disableAgent(db: Database, id: string): Promise<boolean> {
  const done = (await did(db.query(disabled, [id, about('agent.disabled', id)]))) === 1
  await signOutAgent(db, id)
  return done
}
export const enableAgent = async (db: Database, id: string): Promise<boolean> =>
  (await did(db.query(enabled, [id, about('agent.enabled', id)]))) === 1
/** From now on these are their roles. Who may no longer help loses what they have under way. */
export const setRoles = (db: Database, id: string, roles: readonly Role[]) =>
  db.query(rolesSet, [id, about('agent.roles_changed', id, { roles: [...roles] }), roles])
/** Ends their sessions; how many. */
export const signOutAgent = (db: Database, id: string): Promise<number> =>
  did(db.query(signedOut, [id, about('agent.signed_out', id)]))
/** Removes their passkeys and their app, and what is half added: for whoever lost them, or had them stolen. How many there were. */
export const forgetFactors = (db: Database, id: string): Promise<number> =>
  did(db.query(withoutFactors, [id, about('agent.factor_removed', id, { factor: 'all' })]))
/** Lets whoever sits at their one session add the first factor without the code of a message: for whom no message reaches. */
export const vouchForAgent = (db: Database, id: string): Promise<Vouched> =>
  vouchFor(db, id, about('agent.vouched_for', id))
