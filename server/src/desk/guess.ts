/**
 * A guess at a code is paid for before it is looked at, in its own commit: no burst of parallel guesses and no failing
 * step behind it can buy a free one.
 */

import { draft, type Happening } from '../audit/event.ts'
import { boundText, type CodePurpose } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import { type Secrets, same } from '../secrets.ts'
import type { Actor, AssistanceId } from '../words.ts'
import { close } from './endings.ts'
import { recorded } from './record.ts'

export type Guess =
  | {
      readonly answer: 'right'
      readonly codeId: string
      readonly termsDigest: Uint8Array
      readonly browserDigest?: Uint8Array
    }
  | { readonly answer: 'wrong'; readonly attemptsLeft: number }
  | { readonly answer: 'earlier' | 'own' | 'spent' | 'expired' | 'not_sent' }

interface Paid {
  id: string
  digest: Buffer
  terms_digest: Buffer
  browser_digest: Buffer | null
  guesses: number
  guess_limit: number
  guesses_left: number
}
interface Other {
  id: string
  digest: Buffer
  terms_digest: Buffer
  void_at: Date | null
  used_at: Date | null
  expired: boolean
}

const paid = statement(
  'desk.pay_for_guess',
  `
with held as materialized (
    select a.* from assistance a where a.id = $1 and a.state <> 'closed' for update),
  t as materialized (select app_now() as now from held),
  guessed as (
    update code c set guesses = c.guesses + 1 from held, t
     where c.assistance_id = held.id and c.purpose = $2 and c.used_at is null and c.void_at is null
       and c.guesses < c.guess_limit and c.expires_at > t.now
    returning c.id, c.digest, c.terms_digest, c.browser_digest, c.guesses, c.guess_limit),
  bought as (
    update tries set guesses_left = guesses_left - 1 from guessed
     where tries.assistance_id = $1 and tries.purpose = $2 and tries.guesses_left > 0
    returning tries.guesses_left),
  moved as (
    update assistance a set n = a.n + 1 from guessed, t where a.id = $1 returning a.id, a.n, 1 as count, t.now),
  ${recorded('$3::jsonb')}
select g.*, b.guesses_left from guessed g, bought b`,
)

const others = statement(
  'desk.other_codes',
  `
select c.id, c.digest, c.terms_digest, c.void_at, c.used_at, c.expires_at <= app_now() as expired
  from code c where c.assistance_id = $1 and c.purpose = $2 and ($3::text is null or c.id <> $3)
 order by c.sent_at desc, c.void_at desc nulls first`,
)

const givenBack = statement(
  'desk.give_guess_back',
  `
with held as materialized (select id from assistance where id = $1 for update),
  back as (update code c set guesses = c.guesses - 1 from held where c.id = $4 returning c.id),
  again as (update tries set guesses_left = guesses_left + 1 from back where assistance_id = $1 and purpose = $2),
  moved as (
    update assistance a set n = a.n + jsonb_array_length($3::jsonb) from back where a.id = $1
    returning a.id, a.n, jsonb_array_length($3::jsonb) as count, app_now() as now),
  ${recorded('$3::jsonb')}
select n from moved`,
)

const missed = statement(
  'desk.note_wrong',
  `
with moved as (update assistance a set n = a.n + 1 where a.id = $1 returning a.id, a.n, 1 as count, app_now() as now),
  ${recorded('$2::jsonb')}
select n from moved`,
)

export interface Guesser {
  readonly id: AssistanceId
  readonly purpose: CodePurpose
  /** Whose code it is. */
  readonly person: string
  readonly actor: Actor
  /** What the last wrong try locks this agent out of: the digest of the e-mail that was asked for. */
  readonly pair: Uint8Array
}

/**
 * Pays, then looks. Only a wrong code costs: an earlier one is recognised, and so is the agent's own where the user's is
 * asked for; a right one is used by the step after this.
 * The last wrong try of all ends the assistance and locks the pair, in the statement that records it.
 */
export async function guess(db: Database, secrets: Secrets, who: Guesser, digits: string): Promise<Guess> {
  const { id, purpose, person, actor } = who
  const event = (type: 'code.tried' | 'code.wrong' | 'code.earlier', codeId?: string): Happening => ({
    type,
    actor,
    data: { purpose, ...(codeId === undefined ? {} : { code: codeId }) },
  })
  const texts = (...happenings: readonly Happening[]) => JSON.stringify(happenings.map(draft))
  const matches = (code: Pick<Other, 'id' | 'digest' | 'terms_digest'>, its = { purpose, person }) =>
    same(
      code.digest,
      secrets.digest(
        'code',
        boundText({ codeId: code.id, assistanceId: id, ...its, termsDigest: code.terms_digest }, digits),
      ),
    )

  const [live] = await db.query<Paid>(paid, [id, purpose, texts(event('code.tried'))])
  if (live && matches(live)) {
    await db.query(givenBack, [id, purpose, texts(), live.id])
    return {
      answer: 'right',
      codeId: live.id,
      termsDigest: live.terms_digest,
      ...(live.browser_digest ? { browserDigest: live.browser_digest } : {}),
    }
  }
  const former = await db.query<Other>(others, [id, purpose, live?.id ?? null])
  const earlier = former.some((code) => code.void_at !== null && matches(code))
  const known = earlier ? 'earlier' : (await isOwn(db, who, matches)) ? 'own' : undefined
  if (!live) return { answer: known ?? whyNoneLives(former[0]) }
  if (known) {
    await db.query(givenBack, [id, purpose, texts(event('code.earlier', live.id)), live.id])
    return { answer: known }
  }
  const wrong = event('code.wrong', live.id)
  if (live.guesses_left > 0) await db.query(missed, [id, texts(wrong)])
  else await close(db, id, { because: 'too_many_attempts', actor, lockPair: who.pair, first: [wrong] })
  return { answer: 'wrong', attemptsLeft: Math.min(live.guess_limit - live.guesses, live.guesses_left) }
}

/** Whether these are the digits by which the agent has proved who they are: typed again, in the user's place. */
async function isOwn(
  db: Database,
  { id, purpose, actor }: Guesser,
  matches: (code: Other, its: { purpose: CodePurpose; person: string }) => boolean,
): Promise<boolean> {
  if (purpose === 'agent' || actor.kind !== 'agent') return false
  const theirs = await db.query<Other>(others, [id, 'agent', null])
  return theirs.some((code) => code.used_at !== null && matches(code, { purpose: 'agent', person: actor.id }))
}

function whyNoneLives(latest: Other | undefined): 'spent' | 'expired' | 'not_sent' {
  if (!latest) return 'not_sent'
  if (latest.void_at !== null) return 'not_sent'
  return latest.used_at === null && latest.expired ? 'expired' : 'spent'
}
