/** What an operator reads of a running server is true, tells no secret, and is told only to whom it may be. */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, askedUser, digitsSent, right, testOutside } from '../assistance/testing.ts'
import { warnQuiet } from '../background/announce.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleDue } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import { metrics, timed } from './metrics.ts'
import { probes } from './probes.routes.ts'
import { readiness, readinessOf } from './readiness.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const well = { coreFaults: async () => [], recordIsWell: () => true, mailIsWell: async () => true }
const ready = () => readiness({ db: fresh.db, ...well })

/** A meter whose clock we hold: each look is a second after the last. */
function meter() {
  let now = 0
  const made = metrics(fresh.db, ready, () => now)
  return {
    ...made,
    async look() {
      now += 10_000
      await made.follow()
      return made.text()
    },
  }
}
const value = (text: string, line: string): number =>
  Number(new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)

test('what the record says is counted once, whoever wrote it, and by each of two processes alike', async () => {
  const [one, two] = [meter(), meter()]
  await Promise.all([one.look(), two.look()])
  const ana = await agentAtDesk(outside)
  const asked = await askedUser(outside, ana, 'marta@clinica-sol.test')
  await fresh.advance(20_000)
  right(await proveUser(outside, ana, asked, { code: await digitsSent(outside, asked, 'consent') }))
  right(await closeByDesk(outside, ana, asked, { because: 'finished' }))
  await activeFor(outside, ana, 'leo@clinica-sol.test')
  await fresh.advance(13 * 60_000 + 1000)
  await warnQuiet(outside)
  await fresh.advance(2 * 60_000)
  const before = await one.look()
  expect(value(before, 'amparo_assistances_open{state="active"}')).toBe(1)
  await settleDue(fresh.db)
  await note(fresh.db, asked, {
    type: 'activity.mismatch',
    actor: { kind: 'surface', id: 'web' },
    data: { surface: 'web', why: 'gap' },
  })
  const by = { kind: 'system', id: 'test' } as const
  const [queued] = await fresh.db.query<{ id: string }>(
    `update outbox set created_at = created_at - interval '40 seconds' where assistance_id = $1 returning id`,
    [asked],
  )
  const email = { message: queued?.id ?? '', channel: 'email', purpose: 'consent' }
  await note(fresh.db, asked, { type: 'message.sent', actor: by, data: email })
  await note(fresh.db, asked, { type: 'message.failed', actor: by, data: { ...email, channel: 'sms' } })
  await note(fresh.db, asked, { type: 'surface.acknowledged', actor: by, data: { surface: 'web', session: 'none' } })
  for (const { look } of [one, two]) {
    await look()
    const text = await look()
    expect(value(text, 'amparo_assistance_ended_total{because="finished"}')).toBe(1)
    expect(value(text, 'amparo_assistance_ended_total{because="expired_idle"}')).toBe(1)
    expect(value(text, 'amparo_code_attempts_total{who="agent",result="right"}')).toBe(2)
    expect(value(text, 'amparo_code_attempts_total{who="user",result="right"}')).toBe(2)
    expect(value(text, 'amparo_consent_seconds_count')).toBe(2)
    expect(value(text, 'amparo_consent_seconds_sum')).toBeGreaterThanOrEqual(20)
    expect(value(text, 'amparo_idle_warned_total{answered="no"}')).toBe(1)
    expect(value(text, 'amparo_assistances_open{state="active"}')).toBe(0)
    expect(value(text, 'amparo_message_total{channel="email",result="sent"}')).toBe(1)
    expect(value(text, 'amparo_message_total{channel="sms",result="failed"}')).toBe(1)
    expect(value(text, 'amparo_message_queue_seconds_sum')).toBeGreaterThanOrEqual(40)
    expect(value(text, 'amparo_surface_close_seconds_count{surface="web"}')).toBe(1)
    expect(value(text, 'amparo_activity_mismatch_total{surface="web",why="gap"}')).toBe(1)
    expect(text).not.toMatch(/marta|leo@|clinica|as_[0-9a-z]{8}|\d{6}"/i)
  }
})

test('the time of statements that write the record is measured', async () => {
  const made = meter()
  const db = timed(fresh.db, made.statementTook)
  const ana = await agentAtDesk({ ...outside, db })
  await activeFor({ ...outside, db }, ana, 'marta@clinica-sol.test')
  expect(value(await made.look(), 'amparo_audit_append_seconds_count')).toBeGreaterThan(3)
})

test('whether the record is whole is told as the last round found it, and not before there was one', async () => {
  const made = meter()
  const told = async () => value(await made.look(), 'amparo_audit_chain_ok')
  expect(await made.look()).toMatch(/^amparo_audit_chain_ok Nan$/im)
  for (const is of [true, false, true]) {
    made.recordIs(is)
    expect(await told()).toBe(Number(is))
  }
})

test('a database that is away is told, by a probe that answers and by metrics that are still there', async () => {
  const away = { ...fresh.db, query: () => Promise.reject(new Error('gone')) }
  const state = () => readiness({ db: away, ...well })
  expect(await state()).toMatchObject({ ready: false, dependencies: { database: false, record: false, core: true } })
  const text = await metrics(away, state, () => 0).text()
  expect(value(text, 'amparo_dependency_up{dependency="database"}')).toBe(0)
  const answer = await probes({ readiness: state, metrics: async () => '', token: undefined }).request('/readyz')
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { ready: false, database: false, record: false, core: true, mail: true },
  ])
})

test('a mail server that refuses us does not take a server out of service; a record that cannot be written does', async () => {
  expect((await readiness({ db: fresh.db, ...well, mailIsWell: async () => false })).ready).toBe(true)
  expect((await readiness({ db: fresh.db, ...well, recordIsWell: () => false })).ready).toBe(false)
})

test('however many probe at the same moment, one question is asked for all of them; and nobody is told what was before they asked', async () => {
  let asked = 0
  let faults: string[] = []
  const coreFaults = async () => {
    asked += 1
    return faults
  }
  const ready = readinessOf({ db: fresh.db, ...well, coreFaults })
  const said = await Promise.all(Array.from({ length: 200 }, ready))
  expect([asked, said.every((one) => one.ready)]).toEqual([1, true])
  faults = ['the Core is away']
  const later = await Promise.all(Array.from({ length: 200 }, ready))
  expect([asked, later.some((one) => one.ready)]).toEqual([2, false])
})

test('metrics are for this machine alone, and never through a proxy; with a token, for whoever shows it', async () => {
  const asked = async (token: string | undefined, headers: Record<string, string>) => {
    const app = probes({ readiness: ready, metrics: async () => 'counted', token })
    const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { status } = await fetch(`http://127.0.0.1:${port}/metrics`, { headers })
    server.close()
    return status
  }
  const token = 'a-token-of-at-least-32-characters'
  expect(await asked(undefined, {})).toBe(200)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    expect([name, await asked(undefined, { [name]: '127.0.0.1' })]).toEqual([name, 404])
  expect(await asked(token, {})).toBe(404)
  expect(await asked(token, { authorization: `Bearer ${token.slice(1)}` })).toBe(404)
  expect(await asked(token, { authorization: `Bearer ${token}`, 'x-forwarded-for': '10.0.0.1' })).toBe(200)
  // While one token takes the place of the other, either is taken, and both together are none.
  const both = `the-next-token-of-32-characters-or-more ${token}`
  for (const one of both.split(' ')) expect(await asked(both, { authorization: `Bearer ${one}` })).toBe(200)
  expect(await asked(both, { authorization: `Bearer ${both}` })).toBe(404)
})
