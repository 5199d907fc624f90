/** One-time sign-in links: a day, one use, kept as a digest. Making one voids those that were made before. */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { newId, newToken, tokenDigest } from '../secrets.ts'

export const inviteHours = 24

const made = statement(
  'identity.invite',
  `
with former as (update invite set used_at = clock_timestamp() where agent_id = $2 and used_at is null),
  made as (
    insert into invite (id, agent_id, token_digest, expires_at)
    values ($1, $2, $3, clock_timestamp() + interval '${inviteHours} hours') returning expires_at),
  ${recordedLoose('$4::jsonb', 'made')}
select expires_at from made`,
)

export interface Invited {
  readonly token: string
  readonly expiresAt: Date
}
export async function invite(db: Database, agentId: string, event: Happening): Promise<Invited> {
  const token = newToken()
  const [row] = await db.query<{ expires_at: Date }>(made, [
    newId('iv'),
    agentId,
    tokenDigest(token),
    JSON.stringify([draft(event)]),
  ])
  if (!row) throw new Error(`no invite for ${agentId}`)
  return { token, expiresAt: row.expires_at }
}

const waits = `i.token_digest = $1 and i.used_at is null and i.expires_at > clock_timestamp()`
const byToken = statement(
  'identity.invite_by_token',
  `
select i.agent_id, i.expires_at, g.name, g.email from invite i join agent g on g.id = i.agent_id
 where ${waits} and g.deactivated_at is null`,
)
export async function inviteBy(db: Database, token: string) {
  const [row] = await db.query<{ agent_id: string; expires_at: Date; name: string; email: string }>(byToken, [
    tokenDigest(token),
  ])
  return row && { agentId: row.agent_id, expiresAt: row.expires_at, name: row.name, email: row.email }
}

const accepted = statement(
  'identity.accept_invite',
  `
with used as (
    update invite i set used_at = clock_timestamp() from agent g
     where ${waits} and g.id = i.agent_id and g.deactivated_at is null returning i.agent_id),
  left_behind as (update agent_session s set ended_at = app_now() from used where s.agent_id = used.agent_id and s.ended_at is null),
  forgiven as (
    update agent a set password_hash = $2, password_changed_at = clock_timestamp(), failed_sign_ins = 0, failed_since = null
      from used where a.id = used.agent_id),
  ${recordedLoose('$3::jsonb', 'used')}
select agent_id from used`,
)
/** Uses a link, once: the password is set, and what was signed in before is not any more. */
export const acceptInvite = async (
  db: Database,
  token: string,
  passwordHash: string,
  event: Happening,
): Promise<boolean> =>
  (await db.query(accepted, [tokenDigest(token), passwordHash, JSON.stringify([draft(event)])])).length === 1
