/**
 * A process that suffers (F20, F21, F28 to F31, F36): its clock is wrong, it stands still, it breaks, it is out of memory or
 * of files, nobody reads what it says. It ends or lives on, never half; and the database's clock alone decides.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Browser, until } from '../journeys/stage.ts'
import { full, type Ground, ground, leo, marta, type Node } from './ground.ts'
import { disagreements } from './reconcile.ts'
import { fair, type Way, wayToDatabase } from './way.ts'

const run = promisify(execFile)

/** A server that can be made to suffer, over a way of its own to the database, and with a clock of its own that is wrong. */
async function sufferer(offMs: number, heap = '') {
  const way = await wayToDatabase(on.fresh.url)
  const planted = `--import ${join(import.meta.dirname, 'planted.mjs')} ${heap}`
  const node = await on.node({ url: way.url, env: { NODE_OPTIONS: planted, AMPARO_CLOCK_OFF_MS: String(offMs) } })
  return { ...node, way }
}

let on: Ground
let well: Node
let ill: Node & { readonly way: Way }
beforeAll(async () => {
  on = await ground()
  well = await on.node()
  ill = await sufferer(5 * 60_000)
}, 120_000)
afterAll(async () => {
  await on.leave()
  await ill.way.close()
})

const of = (node: Node, who: string, id: string) => node.play.scriptOf(who).call('GET', `/assistances/${id}`)
const cancelled = (who: string, id: string) =>
  well.play.must(well.play.scriptOf(who).call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)

/** A clock that is moved is heard of a moment later, which no clock that only goes on has to be. */
const isOverAt = (browser: Browser, { play }: Node) =>
  until(
    () => browser.ask(play.webHome),
    ({ status }) => status === 401,
    'the end on the product',
  )

/** Help goes its whole way, and its quarter of an hour is the database's. */
async function helpsInTime(node: Node) {
  const agent = node.play.scriptOf('ana')
  const { id } = await node.play.active(agent, marta, 'cli_sol')
  const browser = new Browser()
  expect((await node.play.launched(agent, id, browser)).text).toContain('Marta Ruiz')
  const [row] = await on.fresh.db.query<{ before: boolean; at: boolean; deadline: Date }>(
    `select exists (select from lapse(a, d.at - interval '1 millisecond')) as before,
            exists (select from lapse(a, d.at)) as at, d.at as deadline
       from assistance a, lateral (select a.user_seen_at + interval '900 seconds' as at) d where a.id = $1`,
    [id],
  )
  expect(row).toMatchObject({ before: false, at: true })
  await on.fresh.advance(900_000)
  await isOverAt(browser, node)
  const closedAt = row?.deadline.toISOString()
  expect((await of(node, 'ana', id)).body).toMatchObject({ state: 'closed', because: 'expired_idle', closedAt })
}

test('with the server’s own clock five minutes ahead help goes its whole way, and its quarter of an hour is the database’s', async () => {
  await helpsInTime(ill)
})

if (full)
  test('with the server’s own clock an hour behind, and a day ahead, it is the same', async () => {
    for (const offMs of [-3_600_000, 86_400_000]) {
      const node = await sufferer(offMs)
      await helpsInTime(node)
      await node.stage.stop()
      await node.way.close()
    }
  }, 120_000)

test('frozen for twenty minutes, its first answer afterwards is that it is over, and nothing late is sent', async () => {
  const agent = ill.play.scriptOf('ben')
  const { id } = await ill.play.active(agent, leo, 'cli_sol')
  const browser = new Browser()
  expect((await ill.play.launched(agent, id, browser)).status).toBe(200)
  // What was on its way has arrived, and neither does its work meanwhile.
  for (const { play } of [ill, well]) await play.advance(0)
  for (const { stage } of [ill, well]) {
    stage.child.kill('SIGSTOP')
    // Whatever comes of this one, the next ones find them going on.
    onTestFinished(() => void stage.child.kill('SIGCONT'))
  }
  const before = new Set(on.inbox.entries().map(({ id }) => id))
  const news = () => on.inbox.entries().filter(({ id }) => !before.has(id))
  await on.fresh.advance(20 * 60_000)
  ill.stage.child.kill('SIGCONT')
  expect((await of(ill, 'ben', id)).body.because).toBe('expired_idle')
  await isOverAt(browser, ill)
  well.stage.child.kill('SIGCONT')
  await until(
    async () => news(),
    (all) => all.length >= 2,
    'the news of the end',
  )
  for (const { play } of [ill, well]) await play.advance(31_000)
  // What tells them of the end, by mail and by SMS; no warning of a silence that is over.
  expect(
    news()
      .map(({ channel }) => channel)
      .sort(),
  ).toEqual(['email', 'sms'])
})

test('blocked for two seconds, it keeps the deadline at its next turn', async () => {
  const { id } = await ill.play.active(ill.play.scriptOf('ana'), leo, 'cli_sol')
  ill.stage.child.kill('SIGUSR2')
  await on.fresh.advance(900_000)
  expect((await of(ill, 'ana', id)).body.because).toBe('expired_idle')
})

test('without a file to open it refuses, lives, and answers again as soon as there is one', async () => {
  const { pid } = ill.stage.child
  const limit = async () => {
    const text = await readFile(`/proc/${pid}/limits`, 'utf8')
    return /Max open files\s+(\d+)/.exec(text)?.[1] ?? '1024'
  }
  const usual = await limit()
  const open = (await readdir(`/proc/${pid}/fd`)).length
  await run('prlimit', ['--pid', String(pid), `--nofile=${open + 8}:`])
  const sockets = Array.from({ length: 60 }, () => connect(ill.stage.port, '127.0.0.1').on('error', () => undefined))
  await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
  for (const socket of sockets) socket.destroy()
  const ready = () =>
    fetch(`${ill.stage.console}/readyz`).then(
      ({ status }) => status,
      () => 0,
    )
  await until(ready, (status) => status === 200, 'readiness')
  await run('prlimit', ['--pid', String(pid), `--nofile=${usual}:`])
  expect(ill.stage.child.exitCode).toBeNull()
})

test('while nobody reads what it says, nothing of the record is lost, and whoever asked is answered once somebody reads', async () => {
  const agent = ill.play.scriptOf('ana')
  const id = await ill.play.opened(agent, marta)
  const streams = [ill.stage.child.stdout, ill.stage.child.stderr]
  for (const stream of streams) stream?.pause()
  // Each of these is a failure that is written about, at length.
  ill.way.become({ refusing: true })
  ill.way.reset()
  const asked = Array.from({ length: 150 }, (_, at) =>
    agent.call('POST', `/assistances/${id}/notes`, { text: `Note ${at}` }),
  )
  await Promise.race(asked)
  ill.way.become(fair)
  for (const stream of streams) stream?.resume()
  const replies = await Promise.all(asked)
  const noted = await on.fresh.db.query(`select from event where assistance_id = $1 and type = 'note.added'`, [id])
  expect(noted).toHaveLength(replies.filter(({ status }) => status === 201).length)
  expect(await disagreements(on.fresh)).toEqual([])
  await cancelled('ana', id)
}, 120_000)

/** It ends as a whole, and another one goes on from where it was. */
async function endsWhole(node: Node, signal: NodeJS.Signals) {
  const id = await node.play.opened(node.play.scriptOf('cleo'), marta)
  const gone = once(node.stage.child, 'exit')
  node.stage.child.kill(signal)
  expect(await gone).not.toEqual([0, null])
  expect((await of(well, 'cleo', id)).body.state).toBe('agent_verification')
  await cancelled('cleo', id)
  expect(await disagreements(on.fresh)).toEqual([])
}

test('a rejection that nobody caught ends it whole, and another one goes on from there', async () => {
  await endsWhole(ill, 'SIGHUP')
})

if (full)
  test('an exception in a timer, and no memory any more, end it whole', async () => {
    const thrown = await sufferer(0)
    await endsWhole(thrown, 'SIGWINCH')
    await thrown.way.close()
    const full = await sufferer(0, '--max-old-space-size=200')
    await endsWhole(full, 'SIGURG')
    await full.way.close()
  }, 180_000)
