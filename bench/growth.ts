/**
 * Whether it stays the same while it grows: a hand-over and a check with few and with many sessions that live, and with an
 * empty record and a long one: `npm run bench -- growth [live,events …]`, for example `1000,0 1000000,0 1000,10000000`.
 * `--long` has a million that live among the sizes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { postgres } from '../server/src/database/database.ts'
import { fillLive, fillPast } from '../server/src/surfaces/many.testing.ts'
import { allRead, checkCost, questionOf } from './check.ts'
import { type Ground, startGround } from './ground.ts'
import { handOverCost } from './handover.ts'
import { cpuMs } from './machine.ts'
import { ours } from './ours.ts'
import { bars, measuredBy } from './page.ts'
import { publish } from './publish.ts'

const isLong = process.argv.includes('--long')
const [pairs, rounds, warmRounds, checks] = [20, 7, 6, 10_000]
/** Help that has ended leaves so many. */
const eventsEach = 10
const sizes = process.argv
  .slice(2)
  .filter((word) => word !== '--long')
  .map((words) => words.split(',').map(Number))
const usual = [[1_000, 0], [100_000, 0], ...(isLong ? [[1_000_000, 0]] : []), [1_000, 1_000_000]]
const chosen = sizes.length > 0 ? sizes : usual

interface Cost {
  readonly live: number
  readonly events: number
  /** Of a hand-over: CPU of server and PostgreSQL in milliseconds, and pages that PostgreSQL looked at. */
  readonly handOver: number
  readonly pages: number
  /** CPU of a check, in microseconds. */
  readonly check: number
  readonly statements: number
  /** What it costs to be there: CPU of both in a second in which nobody asks for anything. */
  readonly idle: number
}

const costs: Cost[] = []
for (const [live = 1000, events = 0] of chosen) costs.push(await costOf(live, events))
const [first] = costs
const shared = (of: (cost: Cost) => number) => (cost: Cost) =>
  `${of(cost).toFixed(1)} | ${first ? (of(cost) / of(first)).toFixed(2) : ''}`
const handOver = shared((cost) => cost.handOver)
const pages = shared((cost) => cost.pages)
const check = shared((cost) => cost.check)
await publish(
  'growth',
  [
    measuredBy(`growth ${process.argv.slice(2).join(' ')}`),
    '',
    '## What grows with it',
    '',
    `CPU of the server and of PostgreSQL together, medians of ${rounds} rounds of ${pairs} hand-overs and of 3 of ${checks.toLocaleString('en')} checks; beside each, how`,
    'many times the first row’s. What the loops take while nobody asks for anything stands by itself, and is taken off.',
    '',
    '| live | events | hand-over ms | × | its pages | × | check µs | × | statements of a check | idle ms a second |',
    '| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...costs.map(
      (cost) =>
        `| ${cost.live.toLocaleString('en')} | ${cost.events.toLocaleString('en')} | ${handOver(cost)} | ${pages(cost)} | ${check(cost)} | ${cost.statements.toFixed(2)} | ${cost.idle.toFixed(0)} |`,
    ),
    '',
    bars(
      costs.map(({ live, events, handOver }) => [
        `${live.toLocaleString('en')} live, ${events.toLocaleString('en')} events`,
        handOver,
      ]),
      'ms of CPU for a hand-over',
    ),
  ].join('\n'),
)

async function costOf(live: number, events: number): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const ground = await startGround()
  const url = await ground.database('ours')
  const us = await ours(url, folder, pairs)
  try {
    await fill(url, live, events)
    await allRead(ground, live)
    const [cost] = await handOverCost(ground, [{ contender: us, database: 'ours', pairs, rounds }], warmRounds)
    if (!cost) throw new Error('unreachable: one takes part')
    // What is done while nobody asks for anything, by the time that passes: in milliseconds a millisecond.
    const beside = await idle(ground, us.pid)
    const asked = Math.min(live, 2000)
    const checker = {
      name: us.name,
      pid: us.pid,
      database: 'ours',
      question: (n: number) => questionOf(us.issuer, n % asked),
      stop: async () => {},
    }
    const [each] = await checkCost(ground, [checker], checks, 3)
    if (!each) throw new Error('unreachable: one takes part')
    return {
      live,
      events,
      handOver: cost.serverMs + cost.databaseMs - cost.wallMs * beside,
      pages: cost.named.reduce((sum, one) => sum + one.pages, 0),
      check: each.server + each.postgres - each.wall * beside,
      statements: each.statements,
      idle: beside * 1000,
    }
  } finally {
    await us.stop()
    await ground.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(url: string, live: number, events: number): Promise<void> {
  const db = postgres(url, { max: 1, statementMs: 900_000 })
  if (events > 0) await fillPast(db, events / eventsEach)
  await fillLive(db, live)
  await db.query('vacuum analyze')
  // As after a silence: whatever lives is read anew.
  await db.query(`select pg_notify('amparo_live', '*')`)
  await db.close()
}

async function idle(ground: Ground, pid: number): Promise<number> {
  const [before, began] = [cpuMs(pid) + cpuMs(ground.pid), performance.now()]
  // As long as the slowest of the loops takes to come round.
  await pause(16_000)
  return (cpuMs(pid) + cpuMs(ground.pid) - before) / (performance.now() - began)
}
