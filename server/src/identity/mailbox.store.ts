/** The codes of a session that go to its agent's own mailbox, in SQL: for each purpose the newest one counts, whatever becomes of the others. */
import { codeMinutes, guessLimit, resendSeconds, sendsInAll } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import type { Caller } from '../door.ts'
import type { AgentCodeFor } from '../messages/agent.ts'

export type MailboxCodeFor = Exclude<AgentCodeFor, 'proof'>

const sent = statement(
  'mailbox.send_code',
  `
insert into mailbox_code as c (session_id, purpose, digest)
select id, $2, $3 from agent_session where id = $1 and num_nulls(ended_at) = 1
on conflict (session_id, purpose) do update
   set digest = excluded.digest, sent_at = excluded.sent_at, guesses = 0, sendings = c.sendings + 1
 where c.sendings < ${sendsInAll} and c.sent_at <= clock_timestamp() - interval '${resendSeconds} seconds'
returning sent_at + interval '${resendSeconds} seconds' as resend_at`,
)
const sentBefore = statement(
  'mailbox.code_sent',
  `select sendings, sent_at + interval '${resendSeconds} seconds' as resend_at from mailbox_code where session_id = $1 and purpose = $2`,
)

/** Puts a new code in the place of the one before, at most once a minute and five times until one of them was right. */
export async function keepCode(
  db: Database,
  { sessionId }: Caller,
  purpose: MailboxCodeFor,
  digest: Buffer,
): Promise<{ readonly sent: boolean; readonly resendAt: Date | undefined }> {
  const [now] = await db.query<{ resend_at: Date }>(sent, [sessionId, purpose, digest])
  if (now) return { sent: true, resendAt: now.resend_at }
  const [row] = await db.query<{ sendings: number; resend_at: Date }>(sentBefore, [sessionId, purpose])
  return { sent: false, resendAt: row && row.sendings < sendsInAll ? row.resend_at : undefined }
}

const paid = statement(
  'mailbox.pay_for_code',
  `
update mailbox_code set guesses = guesses + 1
 where session_id = $1 and purpose = $2 and digest is not null and guesses < ${guessLimit} and sent_at > clock_timestamp() - interval '${codeMinutes} minutes'
returning digest`,
)
/** Spends the code that was right, of session $1, in SQL. Its minute stays, in which no other is sent. */
export const spending = (purpose: string, digest: string): string => `
update mailbox_code set digest = null, sendings = 0
 where session_id = $1 and purpose = ${purpose} and digest = ${digest} returning session_id`

const spent = statement('mailbox.spend_code', spending('$2', '$3'))
/** Pays for a look at the code of a message; undefined where none counts. */
export const payForCode = async (db: Database, { sessionId }: Caller, purpose: MailboxCodeFor) =>
  (await db.query<{ digest: Buffer }>(paid, [sessionId, purpose]))[0]?.digest
/** Spends a code that was right, once. */
export const spendCode = async (db: Database, { sessionId }: Caller, purpose: MailboxCodeFor, digest: Buffer) =>
  (await db.query(spent, [sessionId, purpose, digest])).length === 1
