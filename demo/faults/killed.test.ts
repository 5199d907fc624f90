/**
 * `kill -9` of a server in the middle of other people's work (F1), alone or with all of PostgreSQL: what it acknowledged is
 * there, what it had begun is there once or not at all, what was used up stays used up, what has ended stays ended, and the
 * record says so. Where and how each blow falls comes from a seed; `AMPARO_KILLS_LOG` names a file that hears of each round.
 */
import { randomInt } from 'node:crypto'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../server/src/database/embedded.ts'
import { Browser, until } from '../journeys/stage.ts'
import { compiled } from './compiled.ts'
import { type Request, type Step, send } from './crowd.ts'
import { marta, times } from './ground.ts'
import { disagreements } from './reconcile.ts'
import { type Blow, type Help, type Town, town } from './town.ts'

const rounds = times(3, Number(process.env.AMPARO_KILLS ?? 1000))
/** The few of every run have one among them that takes the database with it. */
const first = times(1, 0)
const seed = Number(process.env.AMPARO_KILLS_SEED ?? randomInt(2 ** 31))
/** So many rounds on one database: then another begins, so that its whole record can be verified after each round. */
const roundsInATown = 50

let cluster: Embedded
let program: string
let place: Town
const leaving: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-killed-'))
  leaving.push(() => rm(folder, { recursive: true, force: true }))
  const binaries = process.env.AMPARO_TEST_POSTGRES
  cluster = await startEmbedded({ folder, ...(binaries && { binaries }) })
  leaving.push(() => cluster.stop())
  program = await compiled(folder)
  place = await town(cluster, program, 'town_0')
  leaving.push(() => place.leave())
}, 120_000)
afterAll(async () => {
  for (const leave of leaving.reverse()) await leave()
})

/** What each step leaves in the record. */
const eventOf: Readonly<Record<Step, string>> = {
  open: 'assistance.opened',
  'agent-code': 'agent.code_sent',
  'agent-proof': 'agent.proved',
  'consent-code': 'consent.asked',
  consent: 'consent.given',
  launches: 'launch.minted',
  closure: 'assistance.closed',
}

/** The same blow for the same seed and round. Every fourth one takes the database with it. */
function blowOf(round: number): Blow {
  const chance = numbers(seed + round)
  const both = round % 4 === 3
  const databaseFirst = chance() < 0.5
  return {
    victims: both ? (databaseFirst ? ['database', 'server'] : ['server', 'database']) : ['server'],
    next: both ? (chance() < 0.25 ? 'after' : 'healed') : chance() < 0.25 ? 'before' : 'after',
    atAnswer: 1 + Math.floor(chance() * 24),
    afterMs: Math.floor(chance() * 25),
  }
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function numbers(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const ask = ({ agent }: Help, request: Request) => send(place.server().stage.console, agent.bearer, request)
const query = <Row extends object>(sql: string, values: readonly unknown[]) => place.on.fresh.db.query<Row>(sql, values)

/** How often each step of an assistance stands in the record. */
async function recordOf(id: string): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ type: string; times: number }>(
    'select type, count(*)::int as times from event where assistance_id = $1 group by type',
    [id],
  )
  return new Map(rows.map(({ type, times }) => [type, times]))
}

/** Each acknowledged step is in the record, and what happens once is there once. */
async function lostOf({ helping }: Help): Promise<readonly Step[]> {
  if (helping.id === undefined) return helping.acknowledged
  const record = await recordOf(helping.id)
  // Another ticket or code may have been asked for after an earlier blow.
  const mayRepeat = (step: Step) => step === 'launches' || step.endsWith('-code')
  return helping.acknowledged.filter((step) => {
    const count = record.get(eventOf[step]) ?? 0
    return count < 1 || (count > 1 && !mayRepeat(step))
  })
}

/** Whoever asks is told what was acknowledged, and of no end that nobody asked for. */
async function standingOf(one: Help): Promise<readonly string[]> {
  const { helping, agent } = one
  if (helping.id === undefined) return []
  const done = (step: Step) => helping.acknowledged.includes(step)
  const under = helping.pending?.step
  const answer = await fetch(`${place.server().stage.console}/api/v1/assistances/${helping.id}`, {
    headers: { authorization: `Bearer ${agent.bearer}` },
  })
  const { state, because } = Object(await answer.json())
  const told = `${helping.id} is ${state}, ${because}, after ${helping.acknowledged.at(-1)} and before ${under}`
  const closed = state === 'closed' && because === 'finished'
  if (done('closure')) return closed ? [] : [told]
  if (under === 'closure' && closed) return []
  if (done('consent')) return state === 'active' ? [] : [told]
  if (under === 'consent' && state === 'active') return []
  const before = done('agent-proof') ? ['user_lookup', 'consent'] : ['agent_verification']
  if (under === 'agent-proof') before.push('user_lookup', 'consent')
  return before.includes(state) ? [] : [told]
}

/** Nothing that was used up counts again, and what a product holds lives exactly as long as its assistance. */
async function openedBy(one: Help): Promise<readonly string[]> {
  const { helping, used, ticket, entered } = one
  const opened: string[] = []
  for (const request of used) {
    const { status } = await ask(one, { ...request, key: crypto.randomUUID() })
    if (status < 400 || status >= 500) opened.push(`${request.step} of ${helping.id} again: ${status}`)
  }
  if (ticket) {
    const { port, console: origin } = place.server().stage
    const url = `http://127.0.0.1:${port + 1}${new URL(ticket.url).pathname}`
    const { status } = await new Browser().form(url, { ticket: ticket.ticket }, { origin })
    if (status !== 410) opened.push(`the ticket of ${helping.id} again: ${status}`)
  }
  if (entered) {
    const alive = await place.isAlive(entered.tokens.access_token)
    const unsure = helping.pending?.step === 'closure'
    if (!unsure && alive === helping.acknowledged.includes('closure'))
      opened.push(`the token of ${helping.id} is ${alive ? 'alive after' : 'dead before'} the end`)
  }
  return opened
}

/** Asks once more what was not answered, with the same key; where the first may still be under way, as a new request. */
async function again(one: Help, request: Request): Promise<void> {
  const { helping } = one
  const first = await ask(one, request)
  const inProgress = first.body.code === 'request.in_progress'
  const { status, body } = inProgress ? await ask(one, { ...request, key: crypto.randomUUID() }) : first
  expect([request.step, status, body]).toEqual([request.step, expect.toSatisfy((code: number) => code < 500), body])
  helping.id ??= String(body.id)
  expect([request.step, await timesDone(helping.id, request.step)]).toEqual([request.step, 1])
  helping.acknowledged.push(request.step)
  if (request.step === 'agent-proof' || request.step === 'consent') one.used.push(request)
  delete helping.pending
}

/** How often a step was done: another ticket may be asked for at any time, another code after a minute; these are no repeats. */
async function timesDone(id: string, step: Step): Promise<number> {
  const [row] = await query<{ times: number; seconds: number }>(
    `select count(*)::int as times, extract(epoch from max(at::timestamptz) - min(at::timestamptz))::float8 as seconds
       from event where assistance_id = $1 and type = $2`,
    [id, eventOf[step]],
  )
  const another = step === 'launches' || (step.endsWith('-code') && (row?.seconds ?? 0) >= 60)
  return another ? Math.min(row?.times ?? 0, 1) : (row?.times ?? 0)
}

/** The whole record, and that it goes on from where it was signed before the blow. */
async function recordFaults(witnesses: string[]): Promise<readonly unknown[]> {
  const { play } = place.server()
  const auditor = play.scriptOf('adam')
  const { faults } = await play.must(auditor.call('POST', '/audit/verification', { witnesses }), 200)
  const { status, body } = await auditor.call('GET', '/audit/checkpoint')
  if (status === 200) witnesses.push(body.note)
  if (witnesses.length > 10) witnesses.shift()
  return faults
}

const reopened = (ids: readonly string[]) =>
  query<{ id: string }>(`select id from assistance where id = any($1) and state <> 'closed'`, [ids])

/** Every product that was signed in hears of the end, however many servers died over it. */
async function everyProductHears(ended: readonly Help[]): Promise<void> {
  const signedIn = ended.flatMap(({ entered }) => entered?.tokens.claims()?.sid ?? [])
  await until(
    async () => {
      await place.server().play.advance(31_000)
      const heard = new Set(place.product.logouts.map((token) => decodeJwt(token).sid))
      return signedIn.filter((sid) => !heard.has(sid))
    },
    (left) => left.length === 0,
    'the end at every product',
  )
}

const told = async (line: object): Promise<void> => {
  const file = process.env.AMPARO_KILLS_LOG
  if (file) await appendFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`)
}
const nothing = { lost: [], untrue: [], opened: [], reopened: [], disagreements: [], record: [] }

test(
  'no acknowledged act is lost, none is done twice, and acts and record agree, however often a server is killed',
  async () => {
    await told({ seed, rounds })
    let [acts, repeated, used] = [0, 0, 0]
    let [witnesses, ended]: [string[], Help[]] = [[], []]
    const leave = async () => {
      await everyProductHears(ended)
      expect(await recordFaults(witnesses)).toEqual([])
      ;[witnesses, ended] = [[], []]
    }
    for (let round = first; round < first + rounds; round += 1) {
      const began = performance.now()
      if (round > first && round % roundsInATown === 0) {
        await leave()
        await place.leave()
        place = await town(cluster, program, `town_${round}`)
      }
      const blow = { seed, round, ...blowOf(round) }
      const { helps, acts: done } = await place.workUntil(blow)
      const workMs = Math.round(performance.now() - began)
      const all = <T>(ask: (one: Help) => Promise<readonly T[]>) =>
        Promise.all(helps.map(ask)).then((each) => each.flat())
      ended.push(...helps.filter(({ helping }) => helping.acknowledged.includes('closure')))
      const found = {
        lost: await all(lostOf),
        untrue: await all(standingOf),
        opened: await all(openedBy),
        reopened: await reopened(ended.flatMap(({ helping }) => helping.id ?? [])),
        disagreements: await disagreements(place.on.fresh),
        record: await recordFaults(witnesses),
      }
      await told({ ...blow, acts: done, helps: helps.length, found, workMs, ms: Math.round(performance.now() - began) })
      expect({ ...blow, ...found }).toEqual({ ...blow, ...nothing })

      const unanswered = helps.filter(({ helping }) => helping.pending !== undefined)
      for (const one of unanswered) if (one.helping.pending) await again(one, one.helping.pending)
      // What a letter's carrier had in hand is anybody's after half a minute.
      await place.server().play.advance(31_000)
      acts += done
      repeated += unanswered.length
      used += helps.reduce((sum, one) => sum + one.used.length + (one.ticket ? 1 : 0) + (one.entered ? 1 : 0), 0)
    }
    await leave()
    const sum = `${acts} acknowledged acts, none lost; ${repeated} unanswered requests asked again, ${used} tries with what was used up`
    await told({ seed, rounds, done: sum })
    console.log(`seed ${seed}, ${rounds} kills: ${sum}`)
  },
  (rounds + 3) * 100_000,
)

test('a quiet quarter of an hour ends at 900 s to the millisecond by the database’s clock, with no browser, no request, and after a restart', async () => {
  const { stage, play } = place.server()
  const { id } = await play.active(play.scriptOf('ana'), marta, 'cli_sol')
  const [judged] = await query<{ before: boolean; at: boolean; deadline: Date }>(
    `select exists (select from lapse(a, d.at - interval '1 millisecond')) as before,
            exists (select from lapse(a, d.at)) as at, d.at as deadline
       from assistance a, lateral (select a.user_seen_at + interval '900 seconds' as at) d where a.id = $1`,
    [id],
  )
  expect(judged).toMatchObject({ before: false, at: true })
  const next = await place.another()
  stage.child.kill('SIGKILL')
  await place.on.fresh.advance(900_000)
  // Nobody asks: a sweeper finds it by itself, and writes down when it ended, not when it was found.
  const [row] = await until(
    () =>
      query<{ closed_at: Date; because: string; late: number }>(
        `select a.closed_at, a.because, extract(epoch from (e.body::jsonb ->> 'at')::timestamptz - a.closed_at)::float8 as late
           from assistance a join event e on e.assistance_id = a.id and e.type = 'assistance.closed' where a.id = $1`,
        [id],
      ),
    (rows) => rows.length === 1,
    'the record of the lapse',
  )
  expect([row?.because, row?.closed_at]).toEqual(['expired_idle', judged?.deadline])
  expect((await next.play.scriptOf('ana').call('GET', `/assistances/${id}`)).body.state).toBe('closed')
}, 120_000)
