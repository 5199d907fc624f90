import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { examiner } from '@amparo/verifier/examine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { agentAtDesk, opened, testOutside } from '../assistance/testing.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import type { Webhook } from '../messages/webhook.ts'
import { feed, standingOf, tellAgainFrom } from './feed.ts'
import { sequence } from './log.store.ts'
import { aSigner } from './testing.ts'

const by = aSigner()
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

interface Told {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly entries: readonly {
    readonly seq: number
    readonly id: string
    readonly hash: string
    readonly body: string
  }[]
  readonly checkpoint?: string
}

let fresh: FreshDatabase
let server: Server
let webhook: Webhook
/** What the receiver answers next; 200 where nothing is said. */
let answers: number[]
let told: Told[]
let unsigned: number
beforeEach(async () => {
  ;[answers, told, unsigned] = [[], [], 0]
  fresh = await freshDatabase()
  server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    const { 'webhook-id': id = '', 'webhook-timestamp': at = '', 'webhook-signature': signature } = request.headers
    const text = `${String(id)}.${String(at)}.${body}`
    const ours = `v1,${createHmac('sha256', Buffer.alloc(32, 7)).update(text).digest('base64')}`
    if (signature !== ours) unsigned += 1
    const status = answers.shift() ?? 200
    if (status < 300) told.push({ id: String(id), ...JSON.parse(body).data })
    response.writeHead(status).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  webhook = { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/feed`, secret }
})
afterEach(async () => {
  server.close().closeAllConnections()
  await fresh.close()
})

const some = async (count: number) => {
  for (let at = 0; at < count; at += 1)
    await noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'system', id: `n${at}` } })
  await sequence(fresh.db, by)
}
const untilTold = async () => {
  while ((await feed(fresh.db, webhook)) > 0);
}
const seqs = () => told.flatMap(({ entries }) => entries.map(({ seq }) => seq))
const places = (count: number) => Array.from({ length: count }, (_, at) => at)

test('every event is told once and in its order, signed, and what was told is a record that verifies', async () => {
  const outside = testOutside(fresh)
  await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  await sequence(fresh.db, by)
  await some(130)
  await untilTold()
  const standing = await standingOf(fresh.db)
  expect(standing).toMatchObject({ seq: standing?.size, error: null })
  expect(seqs()).toEqual(places(standing?.size ?? 0))
  expect(unsigned).toBe(0)
  const examine = examiner({ keys: [by.key] })
  for (const { entries, checkpoint } of told) {
    for (const { hash, ...entry } of entries) examine.entry({ ...entry, hash: Buffer.from(hash, 'base64') })
    if (checkpoint !== undefined) examine.checkpoint(checkpoint)
  }
  expect(examine.end()).toMatchObject({ count: 0, sound: standing?.size, checkpoints: 2 })
  expect(await feed(fresh.db, webhook)).toBe(0)
})

test('what was not taken is told again, later each time, with the same id, and nothing goes past it', async () => {
  await some(3)
  answers = [500, 500]
  expect(await feed(fresh.db, webhook)).toBe(0)
  expect(await standingOf(fresh.db)).toMatchObject({ seq: 0, tries: 1, error: 'answered 500' })
  expect(await feed(fresh.db, webhook)).toBe(0)
  expect(answers).toEqual([500])
  await fresh.advance(2_000)
  await feed(fresh.db, webhook)
  await fresh.advance(2_000)
  expect(await feed(fresh.db, webhook)).toBe(0)
  await fresh.advance(2_000)
  await untilTold()
  expect(told[0]?.id).toBe(`record_0_${told[0]?.to}`)
  expect(seqs()).toEqual(places((await standingOf(fresh.db))?.size ?? 0))
})

test('twenty processes at once tell each event once', async () => {
  await some(250)
  await Promise.all(Array.from({ length: 20 }, untilTold))
  await untilTold()
  expect(seqs()).toEqual(places((await standingOf(fresh.db))?.size ?? 0))
})

test('a process that dies in the middle of telling leaves its turn to another after half a minute', async () => {
  await some(2)
  await fresh.db.query(`update record_feed set lease_until = app_now() + interval '30 seconds'`)
  await untilTold()
  expect(told).toEqual([])
  await fresh.advance(30_001)
  await untilTold()
  expect(seqs()).toEqual(places((await standingOf(fresh.db))?.size ?? 0))
})

test('it can be told again from any place, and nobody there keeps nobody from working', async () => {
  await some(5)
  await untilTold()
  const all = seqs()
  await tellAgainFrom(fresh.db, 2)
  await untilTold()
  expect(seqs()).toEqual([...all, ...all.slice(2)])
  server.close().closeAllConnections()
  await some(1)
  expect(await feed(fresh.db, webhook)).toBe(0)
  const outside = testOutside(fresh)
  await opened(outside, await agentAtDesk(outside), 'leo@clinica-sol.test')
  expect((await standingOf(fresh.db))?.error).toBeTruthy()
})
