/**
 * `kill -9` of a server in the middle of other people's work (F1): what it acknowledged is there, what it had begun is there
 * once or not at all, and acts and record say the same. Its successor has been started meanwhile, as in a rolling restart.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../journeys/stage.ts'
import {
  beginning,
  type Crowd,
  crowd,
  type Helping,
  help,
  type Request,
  type Step,
  send,
  stepsInOrder,
} from './crowd.ts'
import { type Ground, ground, marta, type Node, times } from './ground.ts'
import { disagreements } from './reconcile.ts'

const lanes = 5
const rounds = times(3, Number(process.env.AMPARO_KILLS ?? 1000))

let on: Ground
let server: Node
let people: Crowd
beforeAll(async () => {
  on = await ground()
  server = await on.node()
  people = await crowd(on.fresh.db, lanes, 2000)
}, 120_000)
afterAll(() => on.leave())

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

type Agent = Crowd['agents'][number]
interface Left {
  readonly agent: Agent
  readonly helping: Helping
}

/** Everybody works, one user after the other, until the server is gone: it is killed at the so-manieth answer. */
async function workUntilKilled({ stage }: Node, atAnswer: number): Promise<readonly Left[]> {
  const ledger: Left[] = []
  let [answers, killed] = [0, false]
  const ask = (bearer: string) => async (request: Request) => {
    const answer = await send(stage.console, bearer, request)
    answers += 1
    if (answers === atAnswer) {
      killed = true
      stage.child.kill('SIGKILL')
    }
    return answer
  }
  const lane = async (agent: Agent) => {
    while (!killed) {
      const helping = beginning(on.inbox, agent.email, people.nextUser())
      ledger.push({ agent, helping })
      await help({ agent, inbox: on.inbox, ask: ask(agent.bearer) }, helping).catch((error: unknown) => {
        if (!killed) throw error
      })
    }
  }
  await Promise.all(people.agents.map(lane))
  return ledger
}

/** Asks once more what was not answered, with the same key; where the first may still be under way, as a new request. */
async function again({ agent, helping }: Left, request: Request): Promise<void> {
  const ask = (key: string) => send(server.stage.console, agent.bearer, { ...request, key })
  const first = await ask(request.key)
  const { status, body } = first.body.code === 'request.in_progress' ? await ask(crypto.randomUUID()) : first
  expect([request.step, status, body]).toEqual([request.step, expect.toSatisfy((code: number) => code < 500), body])
  helping.id ??= String(body.id)
  expect([request.step, await timesDone(helping.id, request.step)]).toEqual([request.step, 1])
  helping.acknowledged.push(request.step)
}

/** How often a step was done: another ticket may be asked for at any time, another code after a minute; these are no repeats. */
async function timesDone(id: string, step: Step): Promise<number> {
  const [row] = await on.fresh.db.query<{ times: number; seconds: number }>(
    `select count(*)::int as times, extract(epoch from max(at::timestamptz) - min(at::timestamptz))::float8 as seconds
       from event where assistance_id = $1 and type = $2`,
    [id, eventOf[step]],
  )
  const another = step === 'launches' || (step.endsWith('-code') && (row?.seconds ?? 0) >= 60)
  return another ? Math.min(row?.times ?? 0, 1) : (row?.times ?? 0)
}

/** How often each step of an assistance stands in the record. */
async function recordOf(id: string): Promise<ReadonlyMap<string, number>> {
  const rows = await on.fresh.db.query<{ type: string; times: number }>(
    'select type, count(*)::int as times from event where assistance_id = $1 group by type',
    [id],
  )
  return new Map(rows.map(({ type, times }) => [type, times]))
}

test(
  'no acknowledged act is lost, none is done twice, and acts and record agree, however often a server is killed',
  async () => {
    let [acts, repeated] = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const successor = on.node()
      const atAnswer = 1 + Math.floor(Math.random() * 60)
      const [ledger] = await Promise.all([workUntilKilled(server, atAnswer), successor])
      server = await successor
      const found = `round ${round}, killed at answer ${atAnswer}`

      for (const { helping } of ledger) {
        if (helping.id === undefined) continue
        const record = await recordOf(helping.id)
        const lost = helping.acknowledged.filter((step) => record.get(eventOf[step]) !== 1)
        expect({ found, id: helping.id, lost }).toEqual({ found, id: helping.id, lost: [] })
        acts += helping.acknowledged.length
      }
      expect({ found, disagreements: await disagreements(on.fresh) }).toEqual({ found, disagreements: [] })

      for (const left of ledger) {
        if (left.helping.pending === undefined) continue
        await again(left, left.helping.pending)
        repeated += 1
      }
      // What a letter's carrier had in hand is anybody's after half a minute.
      await server.play.advance(31_000)
      for (const { helping, agent } of ledger) {
        const next = stepsInOrder[helping.acknowledged.length]
        const ask = (request: Request) => send(server.stage.console, agent.bearer, request)
        if (next) await help({ agent, inbox: on.inbox, ask }, helping, next)
      }
      if (round % 10 === 9) console.log(`${round + 1} kills, ${acts} acts`)
      expect({ found, disagreements: await disagreements(on.fresh) }).toEqual({ found, disagreements: [] })
    }
    const verified = await server.play.must(server.play.scriptOf('adam').call('POST', '/audit/verification', {}), 200)
    expect(verified.faults).toEqual([])
    console.log(`${rounds} kills: ${acts} acknowledged acts, none lost; ${repeated} unanswered requests asked again`)
  },
  (rounds + 3) * 100_000,
)

test('a quiet quarter of an hour ends at 900 s to the millisecond by the database’s clock, with no browser, no request, and after a restart', async () => {
  const agent = server.play.scriptOf('ana')
  const { id } = await server.play.active(agent, marta, 'cli_sol')
  const [judged] = await on.fresh.db.query<{ before: boolean; at: boolean; deadline: Date }>(
    `select exists (select from lapse(a, d.at - interval '1 millisecond')) as before,
            exists (select from lapse(a, d.at)) as at, d.at as deadline
       from assistance a, lateral (select a.user_seen_at + interval '900 seconds' as at) d where a.id = $1`,
    [id],
  )
  expect(judged).toMatchObject({ before: false, at: true })
  const successor = await on.node()
  server.stage.child.kill('SIGKILL')
  server = successor
  await on.fresh.advance(900_000)
  // Nobody asks: a sweeper finds it by itself, and writes down when it ended, not when it was found.
  const [row] = await until(
    () =>
      on.fresh.db.query<{ closed_at: Date; because: string; late: number }>(
        `select a.closed_at, a.because, extract(epoch from (e.body::jsonb ->> 'at')::timestamptz - a.closed_at)::float8 as late
           from assistance a join event e on e.assistance_id = a.id and e.type = 'assistance.closed' where a.id = $1`,
        [id],
      ),
    (rows) => rows.length === 1,
    'the record of the lapse',
  )
  expect([row?.because, row?.closed_at]).toEqual(['expired_idle', judged?.deadline])
  expect((await server.play.scriptOf('ana').call('GET', `/assistances/${id}`)).body.state).toBe('closed')
}, 120_000)
