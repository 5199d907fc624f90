/**
 * From Stop to the refusal of every node: sixteen processes with connections and a memory of their own on one PostgreSQL, and
 * then one whose channel falls silent. Run it with: npm run bench -- revoke [nodes] [stops]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { postgres } from '../server/src/database/database.ts'
import { close } from '../server/src/desk/endings.ts'
import { fillLive, sessionOf } from '../server/src/surfaces/many.testing.ts'
import { known } from '../server/src/words.ts'
import { migrated } from './filled.ts'
import { startGround } from './ground.ts'
import { percentile } from './machine.ts'
import { measuredBy } from './page.ts'
import { publish } from './publish.ts'
import type { Asked, Said } from './revoke-node.ts'

const [nodes = 16, stops = 200] = process.argv.slice(2).map(Number)
const silences = 5
const sessions = stops + silences + 10
const limits = { all: 50, silent: 2000 }

const ground = await startGround()
const url = await ground.database('revoke')
const db = postgres(url, { max: 2 })
const started: Node[] = []
try {
  await migrated(db)
  await fillLive(db, sessions)
  for (let n = 0; n < nodes; n += 1) started.push(await node(url, url))
  const times: number[] = []
  for (let n = 0; n < stops; n += 1) times.push(await stopped(n))
  const silent: number[] = []
  for (let n = stops; n < stops + silences; n += 1) silent.push(await stoppedUnheard(n))
  const worst = percentile(times, 0.99)
  await publish(
    'revoke',
    [
      measuredBy(`revoke ${nodes} ${stops}`),
      '',
      `## From Stop to the refusal of ${nodes} nodes`,
      '',
      `${nodes} processes remember ${sessions} sessions each, every one with connections of its own to one PostgreSQL. The time runs from`,
      'the moment in which one of them sends the ending, so that its statement and its commit are in it, to the moment from which',
      'the last of them answers no question about that session from memory; each is then asked, and says no.',
      '',
      '|  | stops | p50 ms | p99 ms | most ms |',
      '| --- | --: | --: | --: | --: |',
      row(`every one of ${nodes} nodes refuses; at most ${limits.all} ms at p99`, times),
      row(`a node whose channel has fallen silent refuses; at most ${limits.silent} ms`, silent),
    ].join('\n'),
  )
  if (worst > limits.all || Math.max(...silent) > limits.silent) process.exitCode = 1
} finally {
  for (const one of started) await one.stop()
  await db.close()
  await ground.close()
}

function row(what: string, ms: readonly number[]): string {
  return `| ${what} | ${ms.length} | ${percentile(ms, 0.5).toFixed(1)} | ${percentile(ms, 0.99).toFixed(1)} | ${Math.max(...ms).toFixed(1)} |`
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Ends session `n`, and says after how long the last node refused it. */
async function stopped(n: number): Promise<number> {
  const waiting = await Promise.all(started.map((one) => one.waitsFor(n)))
  const began = now()
  await end(n)
  return Math.max(...(await Promise.all(waiting.map((one) => one.refused)))) - began
}

/** The same for a node that hears nothing any more, although nobody closed its connection. */
async function stoppedUnheard(n: number): Promise<number> {
  const line = await thatFallsSilent(url)
  const deaf = await node(url, line.url, n)
  try {
    const { refused } = await deaf.waitsFor(n, 'asking')
    line.silence()
    const began = now()
    await end(n)
    return (await refused) - began
  } finally {
    await deaf.stop()
    await line.close()
  }
}

async function end(n: number): Promise<void> {
  const id = known.assistance(sessionOf(n).assistance)
  const ended = await close(db, id, { because: 'finished', actor: { kind: 'user', id: `live${n}` } })
  if (!ended) throw new Error(`${id} had ended`)
}

// ── The nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Node {
  /**
   * Waits for the end of this session; answers once it does. `refused` is when it refuses it, by the clock of the machine: it asks
   * again and again, or says so once it has heard of it.
   */
  waitsFor(session: number, how?: Asked['how']): Promise<{ readonly refused: Promise<number> }>
  stop(): Promise<void>
}

/** It remembers the sessions from this one on; those before it have ended. */
async function node(databaseUrl: string, earsUrl: string, from = 0): Promise<Node> {
  const child: ChildProcess = fork(
    join(import.meta.dirname, 'revoke-node.ts'),
    [databaseUrl, earsUrl, String(from), String(sessions)],
    {
      execArgv: ['--import', 'tsx'],
    },
  )
  const said = (what: (one: Said) => boolean): Promise<Said> =>
    new Promise((resolve, reject) => {
      const hear = (one: Said) => {
        if (!what(one)) return
        child.off('message', hear).off('exit', died)
        resolve(one)
      }
      const died = () => reject(new Error('a node ended'))
      child.on('message', hear).on('exit', died)
    })
  await said((one) => one.what === 'ready')
  return {
    async waitsFor(session, how = 'hearing') {
      const waits = said((one) => one.what === 'waits' && one.session === session)
      const refused = said((one) => one.what === 'refused' && one.session === session).then(({ at }) => at)
      // Whoever waits for it hears of its failure; where something else failed before, nobody does.
      refused.catch(() => undefined)
      child.send({ session, how } satisfies Asked)
      await waits
      return { refused }
    },
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

/** A way to the database on which from some moment on nothing comes and nothing goes, without an end. */
async function thatFallsSilent(to: string) {
  const target = new URL(to)
  const path = `${target.searchParams.get('host')}/.s.PGSQL.${target.searchParams.get('port') ?? '5432'}`
  const open = new Set<Socket>()
  let silent = false
  const server: Server = createServer((near) => {
    const far = connect(path)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('data', (data) => {
        if (!silent) other.write(data)
      })
      one.on('error', () => undefined).on('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('unreachable: a port')
  return {
    url: `postgresql://${target.searchParams.get('user')}@127.0.0.1:${address.port}${target.pathname}`,
    silence() {
      silent = true
    },
    async close() {
      for (const one of open) one.destroy()
      server.close()
    },
  }
}
