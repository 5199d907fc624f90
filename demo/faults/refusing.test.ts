/** A database that refuses (F9, F13): too many connections, and a record that may not be written to. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reply } from '../journeys/script.ts'
import { Browser, until } from '../journeys/stage.ts'
import { type Ground, ground, leo, marta, type Node } from './ground.ts'
import { disagreements } from './reconcile.ts'

const role = `amparo_${randomBytes(4).toString('hex')}`
let on: Ground
let node: Node
beforeAll(async () => {
  on = await ground()
  // As operators run it: its own database, and no more rights than that.
  const { db, url } = on.fresh
  const name = new URL(url).pathname.slice(1)
  await db.query(`create role ${role} login`)
  await db.query(`alter database ${name} owner to ${role}`)
  const own = new URL(url)
  own.searchParams.set('user', role)
  node = await on.node({ url: own.href })
}, 120_000)
afterAll(() => on.leave())

const script = (name: string) => node.play.scriptOf(name)
const isTold = ({ status, body }: Reply) => status === 503 && body.code === 'system.unavailable'
const readiness = async () => (await fetch(`${node.stage.console}/readyz`)).json() as Promise<Record<string, boolean>>
const healed = () => until(readiness, ({ ready }) => ready === true, 'readiness')

test('the beat waits for no crowd: it has a connection of its own', async () => {
  const beats = `select from pg_stat_activity where application_name = 'amparo beat' and usename = $1`
  expect(await on.fresh.db.query(beats, [role])).toHaveLength(1)
})

test('with five connections in all, a hundred at once are answered or told to come back, nothing hangs, and it heals alone', async () => {
  const id = await node.play.opened(script('ana'), marta)
  const { db } = on.fresh
  await db.query(`alter role ${role} connection limit 5`)
  await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = $1`, [role])
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      at % 5 === 0
        ? script('ana').call('POST', `/assistances/${id}/notes`, { text: `Note ${at}` })
        : script('ana').call('GET', `/assistances/${id}`),
    ),
  )
  expect(answers.filter((one) => one.status >= 300 && !isTold(one))).toEqual([])
  await db.query(`alter role ${role} connection limit -1`)
  await healed()
  expect((await script('ana').call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })).status).toBe(200)
  expect(await disagreements(on.fresh)).toEqual([])
}, 120_000)

test('while nothing can be recorded no step is taken, what is open is refused at its next check, a stop is a stop, and it heals alone', async () => {
  const agent = script('ana')
  const { id, link } = await node.play.active(agent, leo, 'cli_sol')
  const browser = new Browser()
  expect((await node.play.launched(agent, id, browser)).status).toBe(200)
  await on.fresh.db.query(`revoke insert on amparo.event from ${role}`)

  const opening = { kind: 'technical', userEmail: marta, reason: { code: 'fault' } }
  expect((await script('ben').call('POST', '/assistances', opening)).body.code).toBe('record.unavailable')
  expect((await agent.call('POST', `/assistances/${id}/launches`, { surface: 'store' })).status).toBe(503)
  await until(readiness, ({ record, ready }) => record === false && ready === false, 'the beat')
  const home = await browser.ask(node.play.webHome)
  expect([home.status === 200, home.text.includes('INV-')]).toEqual([false, false])
  expect(await node.play.tapped(new Browser(), link, 'stop')).toMatchObject({ status: 200 })

  await on.fresh.db.query(`grant insert on amparo.event to ${role}`)
  await healed()
  await until(
    async () => (await agent.call('GET', `/assistances/${id}`)).body,
    ({ because }) => because === 'stopped_by_user',
    'the ending',
  )
  expect((await browser.ask(node.play.webHome)).status).toBe(401)
  await until(
    () => disagreements(on.fresh),
    (all) => all.length === 0,
    'the record of it',
  )
  await node.play.must(script('ben').call('POST', '/assistances', opening), 201)
}, 120_000)
