/**
 * The agent's own devices as a fresh proof for one assistance: the code of an authenticator app, paid for before it is
 * looked at out of the same fifteen tries as every other code of theirs, and the challenge of a passkey, good for one
 * answer. Each step of an app counts once, over all assistances.
 */
import { draft, type Happening } from '../audit/event.ts'
import { guessesInAll, guessLimit } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import type { Actor, AgentId, AssistanceId } from '../words.ts'
import { close } from './endings.ts'
import { note } from './note.ts'
import { recorded } from './record.ts'

const texts = (...happenings: readonly Happening[]) => JSON.stringify(happenings.map(draft))

/** The assistance while it waits for its agent's proof, locked; `gone` has a row where it has lapsed. */
const waiting = `
  held as materialized (
    select a.* from assistance a where a.id = $1 and a.agent_id = $2 and a.state = 'agent_verification' for update),
  t as materialized (select app_now() as now from held),
  gone as materialized (select 1 from held, t, lateral lapse(held, t.now))`

// ── The authenticator app ───────────────────────────────────────────────────────────────────────────────────────────

/** Wrong codes one after another that switch an app off, over all assistances (SP 800-63B-4 §3.2.2). */
const failuresInAll = 100

const paid = statement(
  'desk.pay_for_totp',
  `
with ${waiting},
  here as (
    insert into tries (assistance_id, purpose, guesses_left)
    select held.id, 'totp', ${guessLimit - 1} from held where not exists (select from gone)
       and exists (select from totp p where p.agent_id = held.agent_id and p.failures < ${failuresInAll})
    on conflict (assistance_id, purpose) do update set guesses_left = tries.guesses_left - 1 where tries.guesses_left > 0
    returning assistance_id, guesses_left),
  in_all as (
    insert into tries (assistance_id, purpose, guesses_left)
    select here.assistance_id, 'agent', ${guessesInAll - 1} from here
    on conflict (assistance_id, purpose) do update set guesses_left = tries.guesses_left - 1 where tries.guesses_left > 0
    returning assistance_id, guesses_left),
  app as (
    update totp p set failures = p.failures + 1 from in_all
     where p.agent_id = $2 and p.failures < ${failuresInAll} returning p.sealed, p.failures),
  moved as (
    update assistance a set n = a.n + 1 from app, t where a.id = $1 returning a.id, a.n, 1 as count, t.now),
  ${recorded('$3::jsonb')}
select app.sealed, extract(epoch from clock_timestamp())::float8 as seconds, here.guesses_left as left_here,
       in_all.guesses_left as left_in_all
  from app, here, in_all`,
)
const spent = statement(
  'desk.spend_totp',
  `
with app as (
    update totp set last_step = $3, failures = 0, used_at = clock_timestamp() where agent_id = $2 and last_step < $3
    returning agent_id)
update tries set guesses_left = guesses_left + 1 from app where assistance_id = $1 and purpose in ('totp', 'agent')
returning assistance_id`,
)
const app = statement('desk.totp', `select failures from totp where agent_id = $1`)

export type AppsCode =
  | { readonly answer: 'right' }
  | { readonly answer: 'wrong'; readonly attemptsLeft: number }
  | { readonly answer: 'used' | 'spent' | 'not_enrolled' | 'disabled' }

export interface AppsGuess {
  readonly id: AssistanceId
  readonly agentId: AgentId
  readonly actor: Actor
  /** What the last wrong try locks this agent out of: the digests of the e-mail that was asked for, the one of now first. */
  readonly pair: readonly Uint8Array[]
  /** The step that the typed code belongs to, by the secret as it is kept and the wall clock; undefined for none. */
  stepOf(sealed: Buffer, seconds: number): number | undefined
}

/** Pays, then looks, then spends the step. The last wrong try of all ends the assistance and locks the pair. */
export async function guessApp(db: Database, { id, agentId, actor, pair, stepOf }: AppsGuess): Promise<AppsCode> {
  const event = (type: 'code.tried' | 'code.wrong'): Happening => ({
    type,
    actor,
    data: { purpose: 'agent', method: 'totp' },
  })
  const [look] = await db.query<{ sealed: Buffer; seconds: number; left_here: number; left_in_all: number }>(paid, [
    id,
    agentId,
    texts(event('code.tried')),
  ])
  if (!look) return whyNoLook(db, agentId)
  const step = stepOf(look.sealed, look.seconds)
  if (step !== undefined) {
    return (await db.query(spent, [id, agentId, step])).length > 0 ? { answer: 'right' } : { answer: 'used' }
  }
  if (look.left_in_all > 0) await note(db, id, event('code.wrong'))
  else await close(db, id, { because: 'too_many_attempts', actor, lockPair: pair, first: [event('code.wrong')] })
  return { answer: 'wrong', attemptsLeft: Math.min(look.left_here, look.left_in_all) }
}

async function whyNoLook(db: Database, agentId: AgentId): Promise<AppsCode> {
  const [row] = await db.query<{ failures: number }>(app, [agentId])
  if (!row) return { answer: 'not_enrolled' }
  return { answer: row.failures >= failuresInAll ? 'disabled' : 'spent' }
}

// ── The passkey's challenge ─────────────────────────────────────────────────────────────────────────────────────────

const challengeSeconds = 120

const asked = statement(
  'desk.challenge',
  `
with ${waiting},
  asked as (
    insert into challenge (assistance_id, digest, expires_at)
    select held.id, $3, t.now + interval '${challengeSeconds} seconds' from held, t where not exists (select from gone)
    on conflict (assistance_id) do update set digest = excluded.digest, expires_at = excluded.expires_at, used_at = null
    returning assistance_id),
  moved as (
    update assistance a set n = a.n + 1 from asked, t where a.id = asked.assistance_id returning a.id, a.n, 1 as count, t.now),
  ${recorded('$4::jsonb')}
select n from moved`,
)
/** Keeps a new challenge of this assistance; the one before no longer counts. False where none is wanted any more. */
export const keepChallenge = async (
  db: Database,
  id: AssistanceId,
  agentId: AgentId,
  digest: Buffer,
  event: Happening,
): Promise<boolean> => (await db.query(asked, [id, agentId, digest, texts(event)])).length === 1

const answered = statement(
  'desk.answer_challenge',
  `
with ${waiting}
update challenge c set used_at = t.now from held, t
 where c.assistance_id = held.id and c.digest = $3 and c.used_at is null and c.expires_at > t.now
   and not exists (select from gone)
returning c.assistance_id`,
)
/** Spends the challenge of this assistance, once and in time, before its answer is judged. */
export const spendChallenge = async (
  db: Database,
  id: AssistanceId,
  agentId: AgentId,
  digest: Buffer,
): Promise<boolean> => (await db.query(answered, [id, agentId, digest])).length === 1
