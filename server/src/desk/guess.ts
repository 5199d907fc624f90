/**
 * A guess at a code is paid for before it is looked at, in its own commit: no burst of parallel guesses and no failing
 * step behind it can buy a free one.
 */

import { readingColumns } from '../assistance/reading.ts'
import type { Happening } from '../audit/event.ts'
import { boundText, type CodePurpose } from '../codes/code.ts'
import { type Database, statement } from '../database/database.ts'
import { type Secrets, same, underEveryRoot } from '../secrets.ts'
import type { Actor, AgentId, AssistanceId } from '../words.ts'
import { close } from './endings.ts'
import { plain, recordedPlain } from './record.ts'

/** What a look that was paid for was worth. `row` is the assistance as it was then: a reading. */
export type Guess<Row = object> =
  | {
      readonly answer: 'right'
      readonly codeId: string
      readonly termsDigest: Uint8Array
      readonly browserDigest?: Uint8Array
      readonly row: Row
    }
  | { readonly answer: 'wrong'; readonly attemptsLeft: number }
  | { readonly answer: 'earlier' | 'own' }

/** Why there was nothing to pay for. */
export type Unpaid = 'earlier' | 'own' | 'spent' | 'expired' | 'not_sent'

interface Held {
  agent_id: string
  user_id: string | null
  email_asked: string
}
interface Paid extends Held {
  code_id: string
  code_digest: Buffer
  code_terms: Buffer
  code_browser: Buffer | null
  guesses: number
  guess_limit: number
  guesses_left: number
}
interface Code {
  id: string
  digest: Buffer
  terms_digest: Buffer
}
interface Other extends Code {
  void_at: Date | null
  used_at: Date | null
  expired: boolean
}

/** Pays only where the assistance is this agent's, alive, and in the state that the code belongs to; reads it as it is then. */
const paid = statement(
  'desk.pay_for_guess',
  `
with held as materialized (
    select a.* from assistance a where a.id = $1 and a.agent_id = $4 and a.state = $5 for update),
  t as materialized (select app_now() as now from held),
  guessed as (
    update code c set guesses = c.guesses + 1 from held, t
     where c.assistance_id = held.id and c.purpose = $2 and c.used_at is null and c.void_at is null
       and c.guesses < c.guess_limit and c.expires_at > t.now and not exists (select from lapse(held, t.now))
    returning c.id, c.digest, c.terms_digest, c.browser_digest, c.guesses, c.guess_limit),
  bought as (
    update tries set guesses_left = guesses_left - 1 from guessed
     where tries.assistance_id = $1 and tries.purpose = $2 and tries.guesses_left > 0
    returning tries.guesses_left),
  moved as (
    update assistance a set n = a.n + 1 from guessed, t where a.id = $1 returning a.id, a.n, 1 as count, t.now),
  ${recordedPlain('$3::jsonb')}
select ${readingColumns}, null as lapsed_because, null::timestamptz as lapsed_at, g.id as code_id, g.digest as code_digest,
       g.terms_digest as code_terms, g.browser_digest as code_browser, g.guesses, g.guess_limit, b.guesses_left
  from guessed g, bought b, held a, t`,
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
    update assistance a set n = a.n + jsonb_array_length($3::jsonb) from back
     where a.id = $1 and jsonb_array_length($3::jsonb) > 0
    returning a.id, a.n, jsonb_array_length($3::jsonb) as count, app_now() as now),
  ${recordedPlain('$3::jsonb')}
select n from moved`,
)

const missed = statement(
  'desk.note_wrong',
  `
with moved as (update assistance a set n = a.n + 1 where a.id = $1 returning a.id, a.n, 1 as count, app_now() as now),
  ${recordedPlain('$2::jsonb')}
select n from moved`,
)

export interface Guesser {
  readonly id: AssistanceId
  /** Whose assistance it has to be, and the state that the code belongs to. */
  readonly agentId: AgentId
  readonly state: string
  readonly purpose: CodePurpose
  readonly actor: Actor
  /** What the last wrong try locks this agent out of: the digests of the e-mail that was asked for, the one of now first. */
  pairOf(email: string): readonly Uint8Array[]
}

/**
 * Pays, then looks; undefined where there was nothing to pay for. Only a wrong code costs: an earlier one is recognised,
 * and so is the agent's own where the user's is asked for; a right one is given back by the step that uses it, or by `giveBack` where that comes to nothing. The last wrong try of
 * all ends the assistance and locks the pair, in the statement that records it; where it has ended, there is nothing left to end.
 */
export async function guess<Row extends object>(
  db: Database,
  secrets: Secrets,
  who: Guesser,
  digits: string,
): Promise<Guess<Row> | undefined> {
  const { id, agentId, state, purpose, actor } = who
  const event = (type: 'code.tried' | 'code.wrong' | 'code.earlier', codeId?: string): Happening => ({
    type,
    actor,
    data: { purpose, ...(codeId === undefined ? {} : { code: codeId }) },
  })
  const [live] = await db.query<Paid & Row>(paid, [id, purpose, plain(event('code.tried')), agentId, state])
  if (!live) return undefined
  const codeId = live.code_id
  const isIt = matcher(secrets, who, personOf(purpose, live), digits)
  if (isIt({ id: codeId, digest: live.code_digest, terms_digest: live.code_terms })) {
    const browser = live.code_browser ? { browserDigest: live.code_browser } : {}
    return { answer: 'right', codeId, termsDigest: live.code_terms, ...browser, row: live }
  }
  const former = await db.query<Other>(others, [id, purpose, codeId])
  const known = await recognised(db, secrets, who, agentId, former, isIt, digits)
  if (known) {
    await db.query(givenBack, [id, purpose, plain(event('code.earlier', codeId)), codeId])
    return { answer: known }
  }
  const wrong = event('code.wrong', codeId)
  if (live.guesses_left > 0 || state === 'closed') await db.query(missed, [id, plain(wrong)])
  else
    await close(db, id, { because: 'too_many_attempts', actor, lockPair: who.pairOf(live.email_asked), first: [wrong] })
  return { answer: 'wrong', attemptsLeft: Math.min(live.guess_limit - live.guesses, live.guesses_left) }
}

/** The code was right, and nothing came of it: the try costs nothing. */
export async function giveBack(db: Database, { id, purpose }: Pick<Guesser, 'id' | 'purpose'>, codeId: string) {
  await db.query(givenBack, [id, purpose, plain(), codeId])
}

/** Why no code of this purpose can be tried in `assistance`, or that these digits were those of an earlier one. */
export async function whyUnpaid(
  db: Database,
  secrets: Secrets,
  who: Pick<Guesser, 'id' | 'purpose' | 'agentId'>,
  person: string,
  digits: string,
): Promise<Unpaid> {
  const former = await db.query<Other>(others, [who.id, who.purpose, null])
  const isIt = matcher(secrets, who, person, digits)
  return (await recognised(db, secrets, who, who.agentId, former, isIt, digits)) ?? whyNoneLives(former[0])
}

/** Digits that are right for something else: those of an earlier code, or those by which the agent has proved themself. */
async function recognised(
  db: Database,
  secrets: Secrets,
  { id, purpose }: Pick<Guesser, 'id' | 'purpose'>,
  agentId: AgentId,
  former: readonly Other[],
  isIt: (code: Code) => boolean,
  digits: string,
): Promise<'earlier' | 'own' | undefined> {
  if (former.some((code) => code.void_at !== null && isIt(code))) return 'earlier'
  if (purpose === 'agent') return undefined
  const isTheirs = matcher(secrets, { id, purpose: 'agent' }, agentId, digits)
  const theirs = await db.query<Other>(others, [id, 'agent', null])
  return theirs.some((code) => code.used_at !== null && isTheirs(code)) ? 'own' : undefined
}

/** Whose code it is: the agent's own, or the user's. */
const personOf = (purpose: CodePurpose, held: Held): string =>
  purpose !== 'agent' && held.user_id !== null ? held.user_id : held.agent_id

const matcher =
  (secrets: Secrets, { id, purpose }: Pick<Guesser, 'id' | 'purpose'>, person: string, digits: string) =>
  (code: Code): boolean => {
    const binding = { codeId: code.id, assistanceId: id, purpose, person, termsDigest: code.terms_digest }
    const text = boundText(binding, digits)
    return underEveryRoot(secrets).some((one) => same(code.digest, one.digest('code', text)))
  }

function whyNoneLives(latest: Other | undefined): Exclude<Unpaid, 'earlier'> {
  if (!latest) return 'not_sent'
  if (latest.void_at !== null) return 'not_sent'
  return latest.used_at === null && latest.expired ? 'expired' : 'spent'
}
