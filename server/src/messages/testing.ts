/** For tests only: an assistance that messages can belong to, and what became of each message. */
import { randomBytes } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { newId } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'

/** An assistance in `consent`, with its agent and their session; opened now. */
export async function sampleAssistance(db: Database): Promise<AssistanceId> {
  const [agent, session, id] = [newId('ag'), newId('se'), newId('as')]
  await db.query(
    `insert into agent (id, name, email, roles) values ($1, 'Ana Robles', $1 || '@acme.test', '{agent:technical}')`,
    [agent],
  )
  await db.query(
    `insert into agent_session (id, agent_id, kind, token_digest, expires_at)
     values ($1, $2, 'cookie', $3, clock_timestamp() + interval '1 day')`,
    [session, agent, randomBytes(32)],
  )
  await db.query(
    `insert into assistance (id, kind, agent_id, agent_session_id, email_asked, reason_code, state, user_id, opened_at,
            user_seen_at, look_at, link_digest)
     select $1, 'technical', $2, $3, 'marta@clinica-sol.test', 'fault', 'consent', 'u_1', now, now, now, $4
       from (select app_now() as now) t`,
    [id, agent, session, randomBytes(32)],
  )
  return known.assistance(id)
}

/** A living code of that assistance. */
export async function sampleCode(db: Database, id: AssistanceId): Promise<string> {
  const code = newId('cd')
  await db.query(
    `insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at)
     select $1, $2, 'consent', $3, $3, 5, now, now + interval '10 minutes' from (select app_now() as now) t`,
    [code, id, randomBytes(32)],
  )
  return code
}

export interface Row {
  state: 'queued' | 'sent' | 'failed' | 'dropped'
  sealed: Buffer | null
  tries: number
  error: string | null
  provider_ref: string | null
}

export async function row(db: Database, id: string): Promise<Row | undefined> {
  const [found] = await db.query<Row>('select state, sealed, tries, error, provider_ref from outbox where id = $1', [
    id,
  ])
  return found
}

/** The events of an assistance, oldest first. */
export async function eventsOf(db: Database, id: AssistanceId): Promise<{ type: string; n: number; body: string }[]> {
  return db.query<{ type: string; n: number; body: string }>(
    'select type, n, body from event where assistance_id = $1 order by n',
    [id],
  )
}
