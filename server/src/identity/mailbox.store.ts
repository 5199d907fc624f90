/** The code of a session that goes to its agent's own mailbox, in SQL: the newest one counts, for whatever it was sent for. */
import { codeMinutes, guessLimit, resendSeconds, sendsInAll } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import type { Caller } from '../door.ts'

const sent = statement(
  'mailbox.send_code',
  `
update agent_session
   set code_digest = $2, code_at = clock_timestamp(), code_guesses = 0, codes_sent = codes_sent + 1
 where id = $1 and num_nulls(ended_at) = 1 and codes_sent < ${sendsInAll}
   and (code_at is null or code_at <= clock_timestamp() - interval '${resendSeconds} seconds')
returning clock_timestamp() + interval '${resendSeconds} seconds' as resend_at`,
)
const sentBefore = statement(
  'mailbox.code_sent',
  `select codes_sent, code_at + interval '${resendSeconds} seconds' as resend_at from agent_session where id = $1`,
)

/** Puts a new code in the place of the one before, at most once a minute and five times until one of them was right. */
export async function keepCode(
  db: Database,
  { sessionId }: Caller,
  digest: Buffer,
): Promise<{ readonly sent: boolean; readonly resendAt: Date | undefined }> {
  const [now] = await db.query<{ resend_at: Date }>(sent, [sessionId, digest])
  if (now) return { sent: true, resendAt: now.resend_at }
  const [row] = await db.query<{ codes_sent: number; resend_at: Date | null }>(sentBefore, [sessionId])
  const again = row && row.codes_sent < sendsInAll ? (row.resend_at ?? undefined) : undefined
  return { sent: false, resendAt: again }
}

const paid = statement(
  'mailbox.pay_for_code',
  `
update agent_session set code_guesses = code_guesses + 1
 where id = $1 and code_digest is not null and code_guesses < ${guessLimit}
   and code_at > clock_timestamp() - interval '${codeMinutes} minutes'
returning code_digest`,
)
const spent = statement(
  'mailbox.spend_code',
  `update agent_session set code_digest = null where id = $1 and code_digest = $2 returning id`,
)
/** Pays for a look at the code of a message; undefined where none counts. */
export const payForCode = async (db: Database, { sessionId }: Caller): Promise<Buffer | undefined> =>
  (await db.query<{ code_digest: Buffer }>(paid, [sessionId]))[0]?.code_digest
/** Spends a code, once. */
export const spendCode = async (db: Database, { sessionId }: Caller, digest: Buffer): Promise<boolean> =>
  (await db.query(spent, [sessionId, digest])).length === 1
