/** What has been sent of a purpose, and when the next may go. */
import { type Database, statement } from '../database/database.ts'
import { type CodePurpose, isMatch, matchTries, resendSeconds, sendsInAll } from './code.ts'

export interface Sent {
  readonly sendsLeft: number
  readonly latest?: {
    readonly id: string
    readonly sentAt: Date
    readonly expiresAt: Date
    readonly termsDigest: Uint8Array
    /** Neither used nor replaced. */
    readonly unspent: boolean
    /** It can still be used. */
    readonly living: boolean
    /** Taken back before anybody used it. */
    readonly isVoid: boolean
    /** When another may be sent: after a minute, or at once where this one is burnt, void or a delivery of it failed. */
    readonly resendAt: Date
  }
}
interface Row {
  purpose: CodePurpose
  id: string
  sent_at: Date
  expires_at: Date
  terms_digest: Buffer
  unspent: boolean
  living: boolean
  void: boolean
  useless: boolean
  sends_left: number
}

/** The latest code of each purpose in one assistance. */
const latestOf = (assistanceId: string, termsDigest: string) => `
select distinct on (c.purpose) c.purpose, c.id, c.sent_at, c.expires_at, ${termsDigest} as terms_digest,
       case when s.guesses_left = 0 then 0 else s.sends_left end as sends_left,
       c.used_at is null and c.void_at is null as unspent,
       c.used_at is null and c.void_at is null and c.guesses < c.guess_limit and c.expires_at > app_now() as living, c.void_at is not null as void,
       c.void_at is not null or c.guesses >= c.guess_limit or exists (
         select from outbox o where o.code_id = c.id and (o.state = 'failed' or o.state = 'queued' and o.error is not null)) as useless
  from code c join tries s on s.assistance_id = c.assistance_id and s.purpose = c.purpose
 where c.assistance_id = ${assistanceId}
 order by c.purpose, c.sent_at desc, c.void_at desc nulls first`

const latest = statement('codes.latest', latestOf('$1', 'c.terms_digest'))

/** What `sentIn` reads, as a column of a reading of assistance `a`; for `sentFrom`. */
export const sentColumn = `(select json_agg(s) from (${latestOf('a.id', `encode(c.terms_digest, 'hex')`)}) s) as sent`

export type SentColumn =
  | readonly (Omit<Row, 'sent_at' | 'expires_at' | 'terms_digest'> &
      Readonly<Record<'sent_at' | 'expires_at' | 'terms_digest', string>>)[]
  | null

/** What was sent by purpose, as it was read with the assistance itself. */
export const sentFrom = (column: SentColumn) =>
  byPurpose(
    (column ?? []).map((row) => ({
      ...row,
      sent_at: new Date(row.sent_at),
      expires_at: new Date(row.expires_at),
      terms_digest: Buffer.from(row.terms_digest, 'hex'),
    })),
  )

/** Everything sent in one assistance, by purpose. */
export const sentIn = async (db: Database, assistanceId: string): Promise<(purpose: CodePurpose) => Sent> =>
  byPurpose(await db.query<Row>(latest, [assistanceId]))

const byPurpose =
  (rows: readonly Row[]) =>
  (purpose: CodePurpose): Sent => {
    const row = rows.find((one) => one.purpose === purpose)
    if (!row) return { sendsLeft: isMatch(purpose) ? matchTries : sendsInAll }
    const resendAt = new Date(row.sent_at.getTime() + (row.useless ? 0 : resendSeconds * 1000))
    return {
      sendsLeft: row.sends_left,
      latest: {
        id: row.id,
        sentAt: row.sent_at,
        expiresAt: row.expires_at,
        termsDigest: row.terms_digest,
        unspent: row.unspent,
        living: row.living,
        isVoid: row.void,
        resendAt,
      },
    }
  }

/** The locks that stand between this agent and people, as a column of a reading of assistance `a`; for `lockedFrom`. */
export const locksColumn = `
       (select json_agg(json_build_object('email', encode(p.email_digest, 'hex'), 'until', p.until))
          from pair_lock p where p.agent_id = a.agent_id and p.until > t.now) as locks`
export type LocksColumn = readonly { readonly email: string; readonly until: string }[] | null

/** Until when the agent may not help the person behind this e-mail, if so, as it was read with the assistance itself. */
export const lockedFrom = (locks: LocksColumn, emailDigests: readonly Uint8Array[]): Date | undefined => {
  const digests = emailDigests.map((digest) => Buffer.from(digest).toString('hex'))
  const until = (locks ?? []).filter(({ email }) => digests.includes(email)).map((lock) => Date.parse(lock.until))
  return until.length > 0 ? new Date(Math.max(...until)) : undefined
}

const lock = statement(
  'codes.pair_lock',
  `
select max(until) as until from pair_lock where agent_id = $1 and email_digest = any($2) and until > app_now()`,
)

/** Until when this agent may not help the person behind this e-mail, if so. */
export async function lockedUntil(
  db: Database,
  agentId: string,
  emailDigests: readonly Uint8Array[],
): Promise<Date | undefined> {
  return (await db.query<{ until: Date | null }>(lock, [agentId, emailDigests]))[0]?.until ?? undefined
}

/** When each of the user's messages of the day no longer counts, the last one first: a column of a reading, for `floodedFrom`. */
export const floodColumn = `
       (select array_agg(at + interval '24 hours' order by at desc) from user_messages m, unnest(m.sent_at) at
         where m.user_id = a.user_id and at > t.now - interval '24 hours') as flood`
export type FloodColumn = readonly Date[] | null
export const floodedFrom = (flood: FloodColumn, limit: number): Date | undefined => flood?.[limit - 1]

const flooded = statement(
  'codes.flooded',
  `
select at + interval '24 hours' as until from user_messages m, unnest(m.sent_at) at
 where m.user_id = $1 and at > app_now() - interval '24 hours' order by at desc offset $2 - 1 limit 1`,
)

/** Until when a user who has had `limit` messages in a day, over all agents, gets no more. The flush judges it exactly. */
export async function floodedUntil(db: Database, userId: string, limit: number): Promise<Date | undefined> {
  return (await db.query<{ until: Date }>(flooded, [userId, limit]))[0]?.until
}
