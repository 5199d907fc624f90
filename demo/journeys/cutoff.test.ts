/** The kill switch, through the whole: from the desk, and from a command line while the database is away. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { amparo } from '../../server/src/commands/testing.ts'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing } from './script.ts'
import { Browser, type Stage, staged, until } from './stage.ts'

let fresh: FreshDatabase
let way: Way
let stage: Stage
let play: Play
beforeAll(async () => {
  fresh = await emptyDatabase()
  way = await wayTo(new URL(fresh.url))
  stage = await staged({ databaseUrl: way.url })
  play = await playing(stage)
}, 120_000)
afterAll(async () => {
  way.mend()
  await stage.stop()
  await stage.remove()
  way.close()
  await fresh.close()
})

interface Way {
  readonly url: string
  cut(): void
  mend(): void
  close(): void
}

/** A way to the database that can be cut. */
async function wayTo(database: URL): Promise<Way> {
  let whole = true
  const sockets = new Set<Socket>()
  const socket = database.searchParams.get('host')
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const port = Number(database.port || 5432)
    const far = socket ? connect(`${socket}/.s.PGSQL.${port}`) : connect(port, database.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = new URL(database)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut() {
      whole = false
      for (const one of sockets) one.destroy()
    },
    mend() {
      whole = true
    },
    close: () => void server.close(),
  }
}

const operator = (...args: string[]) =>
  amparo(args, { DATABASE_URL: way.url, AMPARO_STOP_FILE: join(stage.folder, 'stopped.json') })
const because = async (agent: string, id: string) =>
  (await play.scriptOf(agent).call('GET', `/assistances/${id}`)).body.because
const inWeb = async (browser: Browser) => (await browser.ask(play.webHome)).status
const passwordOf = (name: string) =>
  play.people.agents.find((one) => one.email === `${name}@acme.test`)?.signIn.password ?? ''
const fresh_ = (name: string) => ({ method: 'password', password: passwordOf(name) })

test('a supervisor switches everything off: the product refuses within two seconds, nothing begins, and it is on again by an act of its own', async () => {
  const [ana, sara] = [play.scriptOf('ana'), play.scriptOf('sara')]
  const { id } = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  const browser = new Browser()
  expect((await play.launched(ana, id, browser)).status).toBe(200)
  const off = { scope: 'everything', why: 'Something is wrong', fresh: fresh_('sara') }
  const { cutoffs } = await play.must(sara.call('POST', '/cutoffs', off), 201)
  const began = performance.now()
  expect(await inWeb(browser)).toBe(401)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(await because('ana', id)).toBe('killed')
  const again = { kind: 'technical', userEmail: 'marta@clinica-sol.test', reason: { code: 'fault' } }
  expect((await ana.call('POST', '/assistances', again)).body).toMatchObject({ code: 'access.switched_off' })
  const page = await until(
    async () => (await ana.call('GET', `/assistances/${id}`)).body.surfaces,
    (surfaces) =>
      surfaces.every(
        (one: { open: boolean; openedAt?: string; acknowledgedAt?: string }) => !one.openedAt || one.acknowledgedAt,
      ),
  )
  expect(page.some((one: { acknowledgedAt?: string }) => one.acknowledgedAt)).toBe(true)
  await play.must(
    sara.call('PUT', `/cutoffs/${cutoffs[0].id}/lifting`, { why: 'All is well', fresh: fresh_('sara') }),
    200,
  )
  expect(await inWeb(browser)).toBe(401)
  const next = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  await play.must(ana.call('PUT', `/assistances/${next.id}/closure`, { because: 'finished' }), 200)
})

test('amparo stop holds while the database is away, goes into the record when it is back, and revives nothing', async () => {
  const ana = play.scriptOf('ana')
  const { id } = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  const browser = new Browser()
  expect((await play.launched(ana, id, browser)).status).toBe(200)
  way.cut()
  expect(await inWeb(browser)).toBe(503)
  const stopped = await operator('stop', '--why', 'By hand, at night')
  expect([stopped.code, stopped.said]).toEqual([0, expect.stringContaining('The database is away')])
  // Without the database the product was told "nobody can say"; now it is told that it is over.
  await until(
    () => inWeb(browser),
    (status) => status === 401,
  )
  way.mend()
  await until(
    () => because('ana', id),
    (word) => word === 'killed',
  )
  expect((await operator('stop', '--list')).said).toMatch(/^co_\w+ {2}everything .*By hand, at night\n$/)
  const [made] = await until(
    async () => (await play.scriptOf('adam').call('GET', '/audit/events?type=cutoff.made&limit=1')).body.items ?? [],
    (items) => items.length === 1 && items[0].actor.id === 'operator',
  )
  const { lift } = { lift: await operator('lift', made.data.cutoff, '--why', 'All is well') }
  expect([lift.code, lift.said]).toEqual([0, expect.stringContaining('stays ended')])
  expect([await because('ana', id), await inWeb(browser)]).toEqual(['killed', 401])
})
