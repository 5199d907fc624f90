/**
 * From *Stop* to the surface's refusal: a hundred assistances open at once, each user taps *Stop* on their page, and their
 * product asks the issuer again and again until it is told no. Run it with: npm run bench -- endings
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../demo/journeys/stage.ts'
import { startGround } from './ground.ts'
import { cpuMs, percentile } from './machine.ts'
import { type Opened, ours } from './ours.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'
import { surface } from './surface.ts'

const pairs = Number(process.argv[2] ?? 100)
const limitMs = 1000

const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
const ground = await startGround()
const us = await ours(await ground.database('ours'), folder, pairs)
try {
  const queue = Array.from({ length: pairs }, (_, pair) => pair)
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) await us.handOver(pair)
    }),
  )
  const open = us.standing()
  const alive = await Promise.all(open.map((one) => isActive(one)))
  if (alive.filter(Boolean).length !== pairs)
    throw new Error(`only ${alive.filter(Boolean).length} of ${pairs} are open`)
  const alone: number[] = []
  for (const one of open.slice(0, pairs / 2)) alone.push(await stopped(one))
  const cpu = () => [cpuMs(us.pid), cpuMs(ground.pid)] as const
  const before = cpu()
  const together = await Promise.all(open.slice(pairs / 2).map(stopped))
  const [server, postgresql] = cpu().map((ms, at) => ms - (before[at] ?? 0))
  const rows = [
    ['one after the other, while the others are open', alone],
    ['all at the same moment', together],
  ] as const
  const page = [
    measuredBy('endings'),
    '',
    '## From Stop to the refusal',
    '',
    `${pairs} assistances open at once, each with its token. The time runs from the tap on the user’s page to the first`,
    `introspection that answers *inactive*, with a question every few milliseconds. The bar is ${limitMs} ms where the surface checks.`,
    '',
    '|  | stops | p50 ms | p99 ms | most ms |',
    '| --- | --: | --: | --: | --: |',
    ...rows.map(
      ([what, ms]) =>
        `| ${what} | ${ms.length} | ${percentile(ms, 0.5).toFixed(0)} | ${percentile(ms, 0.99).toFixed(0)} | ${Math.max(...ms).toFixed(0)} |`,
    ),
    '',
    `Those at the same moment took ${server?.toFixed(0)} ms of the server’s CPU and ${postgresql?.toFixed(0)} ms of PostgreSQL’s, with everything that follows`,
    'an ending: the rest of the time somebody else had the machine.',
  ].join('\n')
  await publish('endings', page)
} finally {
  await us.stop()
  await ground.close()
  await rm(folder, { recursive: true, force: true })
}

/** Taps, and asks until it is told no. A question that breaks, or an answer that is none, ends the benchmark. */
async function stopped(one: Opened): Promise<number> {
  const began = performance.now()
  const tap = new Browser().ask(`${one.page}/stop`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: '{}',
  })
  while (await isActive(one))
    if (performance.now() - began > 30_000) throw new Error('still active after half a minute')
  const ms = performance.now() - began
  const { status, text } = await tap
  if (status !== 200) throw new Error(`the stop was answered ${status}: ${text.slice(0, 200)}`)
  return ms
}

async function isActive({ issuer, token }: Opened): Promise<boolean> {
  const answer = await new Browser().form(
    `${issuer}/introspect`,
    { token },
    { authorization: `Basic ${Buffer.from(`${surface.id}:${surface.secret}`).toString('base64')}` },
  )
  if (answer.status !== 200) throw new Error(`introspection answered ${answer.status}`)
  return JSON.parse(answer.text).active === true
}
