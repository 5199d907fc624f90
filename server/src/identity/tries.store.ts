/**
 * Tries at an account that were wrong: paid for before they are looked at, counted under a digest of whoever was asked
 * for, known or unknown alike. A browser in which the agent has signed in before has a count of its own, so that a
 * stranger who guesses does not lock the agent out of it.
 */
import { draft, type Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { recordedLoose } from '../desk/record.ts'
import { tokenDigest } from '../secrets.ts'

const failuresAllowed = 10
const usualMinutes = 15

const paidFor = statement(
  'identity.pay_for_sign_in',
  `
insert into sign_in_tries as s (email_digest, failures) values ($1, 1)
on conflict (email_digest) do update
   set tried_at = clock_timestamp(),
       failures = case when s.until <= clock_timestamp() then 1 else s.failures + 1 end,
       until = case when s.until <= clock_timestamp() then null
                    when s.failures + 1 >= ${failuresAllowed} then coalesce(s.until, clock_timestamp() + make_interval(mins => $2))
                    else s.until end
 where s.until is null or s.until <= clock_timestamp()
returning failures`,
)
const lockedUntil = statement('identity.locked_until', 'select until from sign_in_tries where email_digest = $1')
const forgiven = statement('identity.forgive', `delete from sign_in_tries where email_digest = $1`)

/** Pays for a look; until when it is locked where there is no look left. The look that locks says so. */
export async function payForTry(
  db: Database,
  purse: Buffer,
  lockMinutes = usualMinutes,
): Promise<{ readonly look: true; readonly last: boolean } | { readonly look: false; readonly until: Date }> {
  const [paid] = await db.query<{ failures: number }>(paidFor, [purse, lockMinutes])
  if (paid) return { look: true, last: paid.failures >= failuresAllowed }
  const [lock] = await db.query<{ until: Date | null }>(lockedUntil, [purse])
  return { look: false, until: lock?.until ?? new Date(Date.now() + 1000) }
}

/** It was right after all: what was wrong before no longer counts. */
export const forgive = (db: Database, purse: Buffer) => db.query(forgiven, [purse])

const forgotten = statement(
  'identity.forget_tries',
  `delete from sign_in_tries where tried_at < clock_timestamp() - interval '1 day'`,
)
/** Forgets failed sign-ins of more than a day ago, of known and unknown e-mails alike. */
export const forgetTries = (db: Database) => db.query(forgotten)

// ── What the agent is told of them ──────────────────────────────────────────────────────────────────────────────────

/** As many failures as an agent is written to about, once a day. */
const worthAMail = 5

const failed = statement(
  'identity.failed',
  `
with g as materialized (select * from agent where id = $1 for update),
  failed as (
    update agent a
       set failed_sign_ins = g.failed_sign_ins + 1, failed_since = coalesce(g.failed_since, clock_timestamp()),
           failed_at = clock_timestamp(), failed_from = $2,
           failed_told_at = case when g.failed_sign_ins + 1 >= ${worthAMail} and coalesce(g.failed_told_at < clock_timestamp() - interval '1 day', true)
                                 then clock_timestamp() else g.failed_told_at end
      from g where a.id = g.id
    returning a.failed_sign_ins, a.failed_told_at is distinct from g.failed_told_at as tell),
  ${recordedLoose('$3::jsonb', 'failed')}
select * from failed`,
)

/** A failed sign-in to a known account, kept for its agent's next one; how many, and whether they get a mail now. */
export const failedSignIn = async (db: Database, agentId: string, from: string, event: Happening) =>
  (
    await db.query<{ failed_sign_ins: number; tell: boolean }>(failed, [agentId, from, JSON.stringify([draft(event)])])
  )[0]

// ── Browsers ────────────────────────────────────────────────────────────────────────────────────────────────────────

const knownBrowser = statement(
  'identity.known_browser',
  `select from agent_device d join agent g on g.id = d.agent_id where lower(g.email) = lower($1) and d.digest = $2`,
)
const cameBy = statement(
  'identity.came_by',
  `
with before as materialized (select count(*)::int as had, count(*) filter (where digest = $2)::int as this from agent_device where agent_id = $1),
  kept as (
    insert into agent_device (agent_id, digest) values ($1, $2)
    on conflict (agent_id, digest) do update set used_at = clock_timestamp())
select had > 0 and this = 0 as strange from before`,
)

export const isKnownBrowser = async (db: Database, email: string, device: string): Promise<boolean> =>
  (await db.query(knownBrowser, [email, tokenDigest(device)])).length > 0

/** Remembers the browser of a sign-in; true where the agent has signed in before, and never in this one. */
export const isStrangeBrowser = async (db: Database, agentId: string, device: string): Promise<boolean> =>
  (await db.query<{ strange: boolean }>(cameBy, [agentId, tokenDigest(device)]))[0]?.strange === true
