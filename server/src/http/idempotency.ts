/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same request with the same key gets the first answer
 * again. Answers are kept sealed, because some carry what is told only once. A server error is forgotten, so that the
 * request can be repeated. Nobody has to send a key: docs/decisions/0038-a-key-may-be-left-out.md.
 */
import { createHash } from 'node:crypto'
import { type Database, statement } from '../database/database.ts'
import type { Secrets } from '../secrets.ts'

/** A crashed attempt is given up after this long. */
const giveUpSeconds = 60

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly retryAfter?: string
}
export type Claim =
  | { readonly claim: 'mine'; keep(answer: Answer): Promise<void> }
  | { readonly claim: 'answered'; readonly answer: Answer }
  | { readonly claim: 'in_progress' }
  | { readonly claim: 'other_request' }

const taken = statement(
  'idempotency.take',
  `
insert into idempotency as i (actor, key, request_digest) values ($1, $2, $3)
on conflict (actor, key) do update set taken_at = clock_timestamp()
 where i.answer_sealed is null and i.request_digest = $3 and i.taken_at < clock_timestamp() - interval '${giveUpSeconds} seconds'
returning key`,
)
const found = statement(
  'idempotency.find',
  `select request_digest, answer_sealed from idempotency where actor = $1 and key = $2`,
)
const kept = statement('idempotency.keep', `update idempotency set answer_sealed = $3 where actor = $1 and key = $2`)
const dropped = statement('idempotency.drop', `delete from idempotency where actor = $1 and key = $2`)
const old = statement(
  'idempotency.forget',
  `delete from idempotency where taken_at < (select clock_timestamp()) - interval '24 hours'`,
)

/**
 * The key in a header: 8 to 128 printable characters without a space, in quotation marks as the draft writes it, or bare
 * as most clients do. Both name the same key. Undefined where it is neither.
 */
export function keyIn(header: string): string | undefined {
  const key = header.startsWith('"')
    ? /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1')
    : header
  return key !== undefined && /^[\x21-\x7e]{8,128}$/.test(key) ? key : undefined
}

export async function claim(
  db: Database,
  secrets: Secrets,
  actor: string,
  key: string,
  request: string,
): Promise<Claim> {
  const digest = createHash('sha256').update(request).digest()
  if ((await db.query(taken, [actor, key, digest])).length === 1) {
    return { claim: 'mine', keep: (answer) => keep(db, secrets, actor, key, answer) }
  }
  const [row] = await db.query<{ request_digest: Buffer; answer_sealed: Buffer | null }>(found, [actor, key])
  if (!row) return { claim: 'in_progress' }
  if (!row.request_digest.equals(digest)) return { claim: 'other_request' }
  // An answer that another server sealed, with a key that this one does not know yet: whoever asks again may meet that one.
  if (!row.answer_sealed || !secrets.hasKeyOf(row.answer_sealed)) return { claim: 'in_progress' }
  const answer: Answer = JSON.parse(secrets.unseal(row.answer_sealed, `answer/${actor}/${key}`))
  return { claim: 'answered', answer }
}

async function keep(db: Database, secrets: Secrets, actor: string, key: string, answer: Answer): Promise<void> {
  if (answer.status >= 500) await db.query(dropped, [actor, key])
  else await db.query(kept, [actor, key, secrets.seal(JSON.stringify(answer), `answer/${actor}/${key}`)])
}

/** Forgets answers older than a day. */
export const forgetOld = (db: Database) => db.query(old)

/** After a restore: an answer may speak of what was undone by it. */
export async function forgetAnswers(db: Database): Promise<void> {
  await db.query('delete from idempotency')
}
