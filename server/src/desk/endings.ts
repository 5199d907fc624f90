/**
 * Endings. They carry no version: whoever ends, ends, and only the first ending counts. A lapse that nobody has
 * recorded yet is recorded by whoever meets it first: opening, a mutating contact, or the sweeper.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Because, Outcome } from '@amparo/contract/words'
import { draft, type Happening } from '../audit/event.ts'
import {
  type Database,
  isConnectionTrouble,
  isUniqueViolation,
  isUnwritable,
  type Statement,
  statement,
} from '../database/database.ts'
import type { Actor, AgentId, AssistanceId } from '../words.ts'
import { closing, recorded } from './record.ts'

export interface Ended {
  readonly id: string
  readonly because: Because
}

/** Who brought a lapse about: whoever cut access off, whoever's ending waited to be written, or else the clock. */
const lapsedBy = `
  coalesce(case when s.because = 'killed' then (select k.made_by from cutoff k where k.lifted_at is null order by k.made_at limit 1)
                else (select e.actor from ending e where e.assistance_id = s.id and e.because = s.because) end,
           '{"kind":"system","id":"clock"}'::jsonb)`
/** Who ends: whoever brought the lapse about, where it had lapsed already. */
export const byClock = (otherwise: string): string => `case when s.lapsed then ${lapsedBy} else ${otherwise} end`

const lockLength = (level: string) =>
  `case ${level} when 1 then interval '15 minutes' when 2 then interval '1 hour' else interval '24 hours' end`
/** Locks the pair for longer each time, where `$n` names one: by its digest of now, and those by which it was locked before. */
const lockedPair = (who: string, pair: string) => `
    insert into pair_lock (agent_id, email_digest, level, until)
    select e.agent_id, (${pair}::bytea[])[1], had.level + 1, e.now + ${lockLength('had.level + 1')}
      from ${who} e, lateral (
        select coalesce(max(p.level), 0) as level from pair_lock p where p.agent_id = e.agent_id and p.email_digest = any(${pair}::bytea[])) had
     where ${pair}::bytea[] is not null
    on conflict (agent_id, email_digest) do update set level = greatest(pair_lock.level + 1, excluded.level),
      until = app_now() + ${lockLength('greatest(pair_lock.level + 1, excluded.level)')}`

/** An ending waits half a second for its row, whatever other statements wait. */
const closed = statement(
  'desk.close',
  `
with patience as materialized (select set_config('lock_timeout', '500ms', true)),
  held as materialized (select a.* from patience, assistance a where a.id = $1 and a.state <> 'closed' for update of a),
  t as materialized (select app_now() as now from held),
  gone as materialized (select l.* from held, t, lateral lapse(held, t.now) l),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = coalesce(gone.because, $2), closed_at = coalesce(gone.at, t.now),
           outcome = case when gone.because is null then $3 end, version = a.version + 1,
           n = a.n + 1 + jsonb_array_length($5::jsonb)
      from held, t left join gone on true
     where a.id = held.id
    returning a.id, a.n, a.user_id, a.agent_id, a.email_asked, a.because, a.closed_at, gone.because is not null as lapsed, t.now),
  moved as (select id, n - 1 as n, jsonb_array_length($5::jsonb) as count, now from ended),
  ${recorded('$5::jsonb')},
  said as (${closing('ended', byClock('$4::jsonb'))}),
  told as (select * from ended where not lapsed),
  locked as (${lockedPair('told', '$6')})
select id, because from ended`,
)

export interface Ending {
  readonly because: Because
  readonly actor: Actor
  readonly outcome?: Outcome | undefined
  /**
   * Digests of the e-mail that was asked for, the one of now first, then those under former roots: locks this agent out of
   * helping it, longer each time.
   */
  readonly lockPair?: readonly Uint8Array[] | undefined
  /** What led to it: recorded with the ending, and before it. */
  readonly first?: readonly Happening[]
}

/**
 * Ends an assistance; undefined when it was ended already. The answer's `because` is a lapse's where one came first. An
 * ending waits for nobody: where its row is held by somebody who does not let go, or where nothing can be recorded, it is
 * put beside the row, acts from there at once, and is written and recorded as soon as it can be. Throws what stood in its way
 * where there is no place for it either.
 */
export async function close(db: Database, id: AssistanceId, ending: Ending): Promise<Ended | undefined> {
  try {
    return await closeNow(db, id, ending)
  } catch (error) {
    if (!isConnectionTrouble(error) && !isUnwritable(error)) throw error
    const ended = await putBeside(db, id, ending)
    // Not one slot is free: it has not ended, and nobody may think so.
    if (!ended && (await stillLives(db, id))) throw error
    return ended
  }
}

const taken = statement(
  'desk.put_ending_beside',
  `
with free as materialized (select slot from ending where assistance_id is null order by slot limit 1 for update skip locked),
  put as (
    update ending e set assistance_id = $1, because = $2, actor = $3, at = app_now() from free, assistance a
     where e.slot = free.slot and a.id = $1 and a.state <> 'closed' and not exists (select from ending where assistance_id = $1)
    returning a.id, a.agent_id, e.because, e.at as now),
  locked as (${lockedPair('put', '$4')})
select id, because from put`,
)

/** Of those who put one beside the same row at once, the index lets the first one in: the others come too late. */
async function putBeside(db: Database, id: AssistanceId, ending: Ending): Promise<Ended | undefined> {
  const put = async (pair: Ending['lockPair'] | null) =>
    (await db.query<Ended>(taken, [id, ending.because, JSON.stringify(ending.actor), pair]))[0]
  return put(ending.lockPair ?? null)
    .catch((error) => (isUnwritable(error) ? put(null) : Promise.reject(error)))
    .catch((error) => (isUniqueViolation(error) ? undefined : Promise.reject(error)))
}

const lives = statement(
  'desk.still_lives',
  `select from assistance a where a.id = $1 and a.state <> 'closed' and not exists (select from ending e where e.assistance_id = a.id)`,
)
const stillLives = async (db: Database, id: AssistanceId) => (await db.query(lives, [id])).length > 0

async function closeNow(db: Database, id: AssistanceId, ending: Ending): Promise<Ended | undefined> {
  const [row] = await db.query<Ended>(closed, [
    id,
    ending.because,
    ending.outcome ?? null,
    JSON.stringify(ending.actor),
    JSON.stringify((ending.first ?? []).map(draft)),
    ending.lockPair ?? null,
  ])
  return row
}

/** What is written is found by its key (`any`), however many of it are expected, and whatever else there is. */
const settled = (name: string, which: string) =>
  statement(
    name,
    `
with t as materialized (select app_now() as now),
  due as materialized (select a.* from assistance a where a.state <> 'closed' and ${which}),
  lapsed as materialized (select due.id, l.because, l.at from due, t, lateral lapse(due, t.now) l),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = l.because, closed_at = l.at, version = a.version + 1, n = a.n + 1
      from lapsed l, t where a.id = any (array(select id from lapsed)) and a.id = l.id and a.state <> 'closed'
       and (l.because not in ('expired_idle', 'expired_max', 'break_glass_over') or ends_at(a) <= t.now)
    returning a.id, a.n, a.user_id, a.because, a.closed_at, t.now),
  later as (
    update assistance a set look_at = ends_at(a) from t
     where a.id = any (array(select id from due except select id from lapsed)) and a.look_at <= t.now
    returning a.id),
  said as (${closing('ended', lapsedBy)})
select id, because from ended union all select id, null from later`,
  )

/** Looked at: ended, or to be looked at another time, since its user was there meanwhile. */
interface LookedAt {
  readonly id: string
  readonly because: Because | null
}
async function settle(db: Database, which: Statement, values?: readonly unknown[]) {
  const looked = await db.query<LookedAt>(which, values)
  const ended: Ended[] = looked.flatMap(({ id, because }) => (because ? { id, because } : []))
  return { ended, lookedAt: looked.length }
}

// Whoever holds the row writes it, or lets go of it: nobody waits to be told that it has ended.
const settledOne = settled('desk.settle_one', 'a.id = $1 for update of a skip locked')
const settledAgent = settled('desk.settle_agent', 'a.agent_id = $1 and a.closed_at is null for update of a')
/**
 * So many endings are one statement: far from the longest that one may take, on a slow machine too; and so few that the first of
 * those that are due are always read along their index, and not all of them put in order. Who has more goes on.
 */
const endingsAtOnce = 100
/** The time as a value: what is due is read in its order from the index, and no further than the limit. */
const now = '(select now from t)'
/** How many at the most is said in the statement: a plan for an unknown number would be one for a tenth of all that lives. */
const settledDue = (limit: number) =>
  settled(
    `desk.settle_due.${limit}`,
    `a.because is null and a.look_at <= ${now} order by a.look_at limit ${limit} for update of a skip locked`,
  )

/** The ecosystems that are switched off now, inside another statement and planned with it. */
export const cutEcosystemsNow = `array(select target from cutoff where scope = 'ecosystem' and lifted_at is null)`

const killed = `exists (select from t, lapse(a, t.now) l where l.because = 'killed')`
/** What a cut or a waiting ending has ended, each read from its own index. */
const ofCut = {
  everything: `a.because is null and ${killed}`,
  ecosystem: `a.closed_at is null and a.state in ('consent', 'active')
   and a.ecosystem_id = any (${cutEcosystemsNow}) and ${killed}`,
  beside: `a.id = any (array(select assistance_id from ending where assistance_id is not null))
   and exists (select from t, lapse(a, t.now) l join ending e on e.because = l.because where e.assistance_id = a.id)`,
}
/** Rows that somebody holds are left for the next time. */
const settledCut = (limit: number) => ({
  everything: settled(
    `desk.settle_everything.${limit}`,
    `${ofCut.everything} order by a.look_at limit ${limit} for update of a skip locked`,
  ),
  ecosystem: settled(
    `desk.settle_ecosystems.${limit}`,
    `${ofCut.ecosystem} limit ${limit} for update of a skip locked`,
  ),
  beside: settled(`desk.settle_beside.${limit}`, `${ofCut.beside} limit ${limit} for update of a skip locked`),
})
/** Whether a cut has ended what is not written yet, held by somebody or not. */
const leftOf = (which: 'everything' | 'ecosystem') =>
  statement(
    `desk.left_of_${which}`,
    `with t as materialized (select app_now() as now) select from assistance a where ${ofCut[which]} limit 1`,
  )
const left = { everything: leftOf('everything'), ecosystem: leftOf('ecosystem') }
const areCut = statement(
  'desk.are_cut',
  `select scope as which from cutoff where lifted_at is null and scope in ('everything', 'ecosystem')
   union select 'beside' from ending where assistance_id is not null`,
)
const emptied = statement(
  'desk.empty_ending_slots',
  `update ending e set assistance_id = null, because = null, actor = null, at = null from assistance a
    where e.assistance_id is not null and a.id = e.assistance_id and a.state = 'closed'`,
)

const closedLiving = statement(
  'desk.close_living',
  `
with t as materialized (select app_now() as now),
  living as materialized (select a.* from assistance a where a.because is null order by a.look_at limit ${endingsAtOnce} for update of a),
  judged as materialized (
    select living.id, l.because, coalesce(l.at, greatest($3::timestamptz, living.opened_at)) as at
      from living left join lateral lapse(living, $3::timestamptz) l on true),
  ended as (
    update assistance a
       set state = 'closed', closed_in = a.state, because = coalesce(j.because, $1), closed_at = j.at,
           version = a.version + 1, n = a.n + 1
      from judged j, t where a.id = any (array(select id from judged)) and a.id = j.id
    returning a.id, a.n, a.user_id, a.because, a.closed_at, j.because is not null as lapsed, t.now),
  said as (${closing('ended', byClock('$2::jsonb'))})
select id, because from ended`,
)
const stillLiving = statement('desk.still_living', 'select from assistance where because is null limit 1')

/** Ends some of what is alive, as of this instant; what had lapsed by then ended as that. Whether more is alive is asked afterwards. */
export async function closeSomeLiving(db: Database, because: Because, actor: Actor, at: Date) {
  const ended = await db.query<Ended>(closedLiving, [because, JSON.stringify(actor), at])
  return { ended, isMore: (await db.query(stillLiving)).length > 0 }
}

const theInstant = statement('desk.instant', 'select app_now() as now')

/** Ends everything that is alive, as of now, in as many statements as it takes: none of them grows with what is alive. */
export async function closeLiving(db: Database, because: Because, actor: Actor): Promise<readonly Ended[]> {
  const [{ now: at } = { now: new Date() }] = await db.query<{ now: Date }>(theInstant)
  const all: Ended[] = []
  for (let isMore = true; isMore; ) {
    const some = await closeSomeLiving(db, because, actor, at)
    all.push(...some.ended)
    isMore = some.isMore
  }
  return all
}

/** Writes what was cut off, and endings that stood beside their rows. Any number of these may run beside one another. */
export async function settleCut(db: Database, limit = endingsAtOnce): Promise<readonly Ended[]> {
  const settles = settledCut(limit)
  const standing = await db.query<{ which: keyof typeof settles }>(areCut)
  const ended: Ended[] = []
  for (const { which } of standing) ended.push(...(await settle(db, settles[which])).ended)
  if (standing.some(({ which }) => which === 'beside')) await db.query(emptied)
  return ended
}

const heldLimitMs = 3_000
const heldPauseMs = 100

/**
 * The same until nothing is left of it; how many. What somebody holds is waited for a little; where they do not let go, `isLeft`:
 * only where it is not may be switched on again what was off, or it would live again.
 */
export async function settleAllCut(db: Database): Promise<{ readonly ended: number; readonly isLeft: boolean }> {
  const until = performance.now() + heldLimitMs
  for (let ended = 0; ; ) {
    const some = (await settleCut(db)).length
    ended += some
    if (some > 0) continue
    const isLeft = await isCutLeft(db)
    if (!isLeft || performance.now() > until) return { ended, isLeft }
    await pause(heldPauseMs)
  }
}

async function isCutLeft(db: Database): Promise<boolean> {
  for (const { which } of await db.query<{ which: keyof typeof ofCut }>(areCut))
    if (which !== 'beside' && (await db.query(left[which])).length > 0) return true
  return false
}

/** Records the lapse of this assistance, if it has lapsed. It is over either way: where nothing can be written, it waits. */
export const settleOne = (db: Database, id: AssistanceId) =>
  settle(db, settledOne, [id]).then(
    ({ ended }) => ended,
    (error): Ended[] | Promise<never> => (isUnwritable(error) ? [] : Promise.reject(error)),
  )
/** Records the lapses of this agent's assistances: before they open another, and when their session ends. */
export const settleAgent = async (db: Database, agent: AgentId) => (await settle(db, settledAgent, [agent])).ended
/**
 * Records at most `limit` lapses that are due, and says whether there may be more; any number of sweepers may run beside one
 * another.
 */
export async function settleDue(db: Database, limit = endingsAtOnce) {
  const { ended, lookedAt } = await settle(db, settledDue(limit))
  return { ended, isMore: lookedAt >= limit }
}
