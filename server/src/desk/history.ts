/**
 * The code that opens a user's own history. It belongs to an assistance that has ended, whose link still works, and
 * follows the rules of every code: sent five times at the most, tried five times each and fifteen in all, used once.
 */
import type { Happening } from '../audit/event.ts'
import { codeMinutes, guessesInAll, guessLimit, sendsInAll } from '../codes/code.ts'
import { type Database, isUniqueViolation, statement } from '../database/database.ts'
import type { AssistanceId, UserId } from '../words.ts'
import type { NewMessage } from './desk.ts'
import { counted, plain, recordedPlain } from './record.ts'

/** Of presses at once one sends: the code that waits must still be the one that was read ($9), or none. */
const sent = statement(
  'desk.send_history_code',
  `
with held as materialized (
    select a.id from assistance a
     where a.id = $1 and a.user_id = $2 and a.state = 'closed' and not exists (
       select from code c where c.assistance_id = a.id and c.purpose = 'history' and c.used_at is null and c.void_at is null
          and c.id is distinct from $9) for update),
  t as materialized (select app_now() as now from held),
  taken as (
    insert into user_messages as m (user_id, sent_at) select $2, array[t.now] from t
    on conflict (user_id) do update
       set sent_at = array(select at from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') || excluded.sent_at
     where $3::int is null
        or (select count(*) from unnest(m.sent_at) at where at > excluded.sent_at[1] - interval '24 hours') < $3::int
    returning m.user_id),
  sends as (
    insert into tries (assistance_id, purpose, sends_left, guesses_left)
    select held.id, 'history', ${sendsInAll - 1}, ${guessesInAll} from held, taken
    on conflict (assistance_id, purpose) do update set sends_left = tries.sends_left - 1
     where tries.sends_left > 0 and tries.guesses_left > 0
    returning assistance_id),
  voided as (
    update code c set void_at = t.now from sends, t
     where c.assistance_id = sends.assistance_id and c.purpose = 'history' and c.used_at is null and c.void_at is null
    returning c.id),
  coded as (
    insert into code (id, assistance_id, purpose, terms_digest, digest, guess_limit, sent_at, expires_at)
    select $4, sends.assistance_id, 'history', $5, $6, ${guessLimit}, t.now, t.now + interval '${codeMinutes} minutes'
      from sends, t, (select count(*) from voided) voided_first),
  queued as (
    insert into outbox (id, assistance_id, user_id, purpose, code_id, channel, masked_to, sealed, created_at, next_at)
    select m.id, sends.assistance_id, $2, m.purpose, $4, m.channel, m.masked_to, decode(m.sealed, 'base64'), t.now, t.now
      from sends, t, jsonb_to_recordset($7::jsonb) as m (id text, purpose text, channel text, masked_to text, sealed text)),
  ${counted('sends')},
  ${recordedPlain('$8::jsonb')}
select from sends`,
)

export interface HistoryCode {
  readonly id: AssistanceId
  readonly userId: UserId
  readonly codeId: string
  /** The code that waits, as it was read; this one takes its place. */
  readonly replaces: string | undefined
  readonly termsDigest: Uint8Array
  readonly digest: Uint8Array
  readonly messages: readonly NewMessage[]
  /** Messages that this user may get in a day; undefined: no limit. */
  readonly aDay: number | undefined
  readonly event: Happening
}

/** Sends it. False: nothing was sent; the user has had all that there is, or somebody pressed at the same moment. */
export async function sendHistoryCode(db: Database, code: HistoryCode): Promise<boolean> {
  const messages = code.messages.map(({ id, purpose, channel, maskedTo, sealed }) => ({
    id,
    purpose,
    channel,
    masked_to: maskedTo,
    sealed: Buffer.from(sealed).toString('base64'),
  }))
  const { id, userId, aDay, codeId, termsDigest, digest } = code
  const values = [
    id,
    userId,
    aDay ?? null,
    codeId,
    termsDigest,
    digest,
    JSON.stringify(messages),
    plain(code.event),
    code.replaces ?? null,
  ]
  try {
    return (await db.query(sent, values)).length === 1
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** The assistance is held before its code, as wherever a code is paid for: the other way round they would wait for one another. */
const opened = statement(
  'desk.open_history',
  `
with held as materialized (select a.id from assistance a where a.id = (select assistance_id from code where id = $1) for update),
  t as materialized (select app_now() as now from held),
  spent as (
    update code c set used_at = t.now, guesses = c.guesses - 1, browser_digest = $2 from t
     where c.id = $1 and coalesce(c.used_at, c.void_at) is null
    returning c.assistance_id),
  spared as (
    update tries set guesses_left = guesses_left + 1 from spent
     where tries.assistance_id = spent.assistance_id and tries.purpose = 'history'),
  ${counted('spent')},
  ${recordedPlain('$3::jsonb')}
select from spent`,
)

/** The right code is used, once, and opens the history in this browser. False: somebody else was faster. */
export const openHistory = async (db: Database, codeId: string, browserDigest: Uint8Array, event: Happening) =>
  (await db.query(opened, [codeId, browserDigest, plain(event)])).length === 1
