/** `npm run bench -- handover|steps|check|start [--quick]`: measures beside the peers, prints, and writes `bench/results/`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { staged } from '../demo/journeys/stage.ts'
import { betterAuth } from './better-auth.ts'
import {
  allRead,
  bare,
  betterAuthSession,
  checkCost,
  exampleAnswer,
  expressSession,
  oidcProvider,
  shortOf,
  us,
} from './check.ts'
import { startGround } from './ground.ts'
import { type Cost, handOverCost } from './handover.ts'
import { theLeast } from './least.ts'
import { cpuMs, machine, memoryMb, percentile } from './machine.ts'
import { ours } from './ours.ts'
import { bars, short, table, today } from './page.ts'

const words = process.argv.slice(2)
const quick = words.includes('--quick')
const chosen = words.filter((word) => !word.startsWith('--'))
const wanted = (name: string) => chosen.length === 0 || chosen.includes(name)
const results = join(import.meta.dirname, 'results')

const page: string[] = [`Measured on ${today()}: ${machine()}.`, '']
const say = (...lines: string[]) => {
  console.log(lines.join('\n'))
  page.push(...lines)
}

/** By then every loop has run, and what a start needs once is let go of. */
const idleMs = 15_000

if (wanted('handover')) await handover()
if (wanted('check')) await checks()
if (wanted('steps')) await paces()
if (wanted('start')) await starts()
await mkdir(results, { recursive: true })
const file = join(results, `${chosen.join('-') || 'all'}${quick ? '.quick' : ''}.md`)
await writeFile(file, `${page.join('\n')}\n`)
console.log(`\nWritten to ${file}`)

async function handover(): Promise<void> {
  const [pairs, rounds, warmRounds] = quick ? [20, 5, 8] : [50, 7, 10]
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const ground = await startGround()
  const us = await ours(await ground.database('ours'), folder, pairs)
  const peer = await betterAuth(await ground.database('peer'), pairs, true)
  const inMemory = await betterAuth(await ground.database('bare'), pairs, false)
  const least = await theLeast(await ground.database('least'), pairs)
  try {
    const parts = [
      { contender: us, database: 'ours', pairs, rounds },
      { contender: peer, database: 'peer', pairs, rounds },
      { contender: inMemory, database: 'bare', pairs, rounds },
      { contender: least, database: 'least', pairs, rounds },
    ]
    const costs = await handOverCost(ground, parts, warmRounds)
    sayCosts(costs)
  } finally {
    await us.stop()
    await peer.stop()
    await inMemory.stop()
    await least.stop()
    await ground.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function sayCosts(costs: readonly Cost[]): void {
  say(
    '## The whole hand-over',
    '',
    'From nothing to being inside as the user: the agent proven by a code, the user proven by a code, the way in used once.',
    'Both send their codes by mail: better-auth two, ours two and an SMS. Ours records each step and ties the two proofs',
    'to each other; what that costs is counted with it, and so is what its loops do meanwhile. The least is no product: the',
    'same requests, messages and acts on our libraries, and nothing that Amparo is for.',
    '',
    table(
      ['', 'requests', 'statements', 'of them delivery', 'CPU server ms', 'CPU PostgreSQL ms', 'CPU together ms'],
      costs.map((cost) => [
        cost.name,
        short(cost.requests),
        short(cost.statements),
        short(cost.delivery),
        short(cost.serverMs),
        short(cost.databaseMs),
        short(cost.serverMs + cost.databaseMs),
      ]),
    ),
    '',
    bars(
      costs.map((cost) => [cost.name, cost.serverMs + cost.databaseMs]),
      'ms of CPU',
    ),
    '',
  )
  const [us, ...peers] = costs
  if (!us) return
  const all = ({ serverMs, databaseMs }: Cost) => serverMs + databaseMs
  for (const peer of peers) say(`${peer.name}: its CPU is ${(all(peer) / all(us)).toFixed(1)} times ours.`, '')
  say('### Our statements, for one hand-over', '')
  say(
    table(
      ['statement', 'times', 'ms in all'],
      us.named
        .filter(({ calls }) => calls >= 0.02)
        .map(({ calls, ms, text }) => [
          `\`${text.replaceAll('|', '\\|').slice(0, 110)}\``,
          calls.toFixed(2),
          ms.toFixed(2),
        ]),
    ),
    '',
  )
}

/** How long each step's answer takes while `pairs` assistances are under way, each at a hurried person's pace. */
async function paces(): Promise<void> {
  const [pairs, warmRounds, rounds] = quick ? [50, 2, 3] : [50, 4, 8]
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const ground = await startGround()
  const us = await ours(await ground.database('ours'), folder, pairs)
  const think = () => 200 + (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) / 32
  const round = async () => {
    const all = await Promise.all(Array.from({ length: pairs }, (_, pair) => us.handOver(pair, think)))
    const taken = memoryMb(us.pid)
    await us.settle()
    return { steps: all.flatMap(({ steps }) => steps), taken }
  }
  try {
    for (let warm = 0; warm < warmRounds; warm += 1) await round()
    const all = []
    for (let one = 0; one < rounds; one += 1) all.push(await round())
    const steps = all.flatMap((one) => one.steps)
    const names = [...new Set(steps.map(({ name }) => name))]
    say(
      `## Each step with ${pairs} assistances under way`,
      '',
      `Each of ${steps.length / names.length} times; between two steps a person takes 0.2 to 2.2 s.`,
      '',
      table(
        ['step', 'median ms', '99th percentile ms'],
        names.map((name) => {
          const times = steps.filter((step) => step.name === name).map(({ ms }) => ms)
          return [`\`${name}\``, short(percentile(times, 0.5)), short(percentile(times, 0.99))]
        }),
      ),
      '',
      `With ${pairs} open, the server's process takes ${short(Math.max(...all.map(({ taken }) => taken)))} MB, PostgreSQL ${short(memoryMb(ground.pid))} MB.`,
      '',
    )
  } finally {
    await us.stop()
    await ground.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ours ÷ the other, as the aims name them. */
async function checks(): Promise<void> {
  const [usual, requests, rounds] = quick ? [2_000, 3_000, 3] : [100_000, 20_000, 3]
  const sessions = Number(/^--sessions=(\d+)$/m.exec(words.join('\n'))?.[1] ?? usual)
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const ground = await startGround()
  const ours = await us(await ground.database('ours'), folder, sessions, (count) => allRead(ground, count))
  const others = [
    await bare(exampleAnswer),
    await expressSession(await ground.database('express'), sessions),
    await oidcProvider(await ground.database('oidc'), sessions),
    await betterAuthSession(await ground.database('peer'), sessions),
  ]
  try {
    const costs = await checkCost(ground, [ours, ...others], requests, rounds)
    say(
      `## A check, with ${sessions.toLocaleString('en')} sessions alive`,
      '',
      `CPU of one check in microseconds, over ${requests.toLocaleString('en')} requests on 32 connections; medians of ${rounds} rounds.`,
      '',
      table(
        ['', 'CPU server µs', 'CPU PostgreSQL µs', 'together', 'statements', 'median ms', '99th percentile ms'],
        costs.map((one) => [
          one.name,
          short(one.server),
          short(one.postgres),
          short(one.server + one.postgres),
          one.statements.toFixed(2),
          one.p50.toFixed(2),
          one.p99.toFixed(2),
        ]),
      ),
      '',
      bars(
        costs.map((one) => [one.name, one.server + one.postgres]),
        'µs of CPU',
      ),
      '',
    )
    const of = (name: string) => {
      const one = costs.find((cost) => cost.name.startsWith(name))
      return one ? one.server + one.postgres : Number.NaN
    }
    say(
      `better-auth takes ${(of('better-auth') / of('Amparo')).toFixed(1)} times our CPU, oidc-provider ${(of('oidc') / of('Amparo')).toFixed(1)} times; we are ${(of('bare') / of('Amparo')).toFixed(2)} of bare node:http.`,
      `With ${sessions.toLocaleString('en')} alive, the whole demo's process takes ${short(ours.memory())} MB.`,
      '',
    )
    const missed = shortOf(costs)
    for (const one of missed) console.error(one)
    if (missed.length > 0) process.exitCode = 1
  } finally {
    for (const one of [ours, ...others]) await one.stop()
    await ground.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function starts(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const timed = async () => {
    const began = performance.now()
    const stage = await staged({ folder })
    return { stage, seconds: (performance.now() - began) / 1000, cpu: cpuMs(stage.child.pid ?? 0) / 1000 }
  }
  const first = await timed()
  await first.stage.stop()
  const warm: { seconds: number; cpu: number; mb: number }[] = []
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    const { stage, seconds, cpu } = await timed()
    await pause(idleMs)
    warm.push({ seconds, cpu, mb: memoryMb(stage.child.pid ?? 0) })
    await stage.stop()
  }
  await rm(folder, { recursive: true, force: true })
  const median = (of: (one: (typeof warm)[number]) => number) => short(percentile(warm.map(of), 0.5))
  say(
    '## Start and idle',
    '',
    table(
      ['', ''],
      [
        ['first start, with a new database', `${short(first.seconds)} s`],
        ['start again', `${median((one) => one.seconds)} s`],
        ['CPU that starting again takes, PostgreSQL among it', `${median((one) => one.cpu)} s`],
        ['memory of the server and the built-in PostgreSQL, idle', `${median((one) => one.mb)} MB`],
      ],
    ),
    '',
  )
}
