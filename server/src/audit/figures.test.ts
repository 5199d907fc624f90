import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveUser } from '../assistance/consent.flow.ts'
import { closeByDesk } from '../assistance/ending.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, askedUser, digitsSent, opened, right, testOutside } from '../assistance/testing.ts'
import { postgres } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { events } from './audit.store.ts'
import { figuresOf } from './figures.store.ts'

let fresh: FreshDatabase
let outside: Outside
let ana: Caller
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
  ana = await agentAtDesk(outside)
  await longAgo()
})
afterAll(() => fresh.close())

const figures = async (wanted: Partial<Parameters<typeof figuresOf>[1]>) =>
  right(await figuresOf(fresh.db, { timeZone: 'UTC', ...wanted }))
/** An event of long ago, as it stands in a record of years. */
const written = (at: string, type: string, data: Readonly<Record<string, unknown>>) =>
  fresh.db.query(
    `insert into event (id, body) select 'ev_' || gen_random_uuid(), json_build_object('v', 1, 'type', $1::text, 'at', $2::text,
       'actor', json_build_object('kind', 'agent', 'id', 'ag_1'), 'data', $3::json)::text`,
    [type, at, JSON.stringify(data)],
  )
const endedAt = (at: string, because = 'finished') => written(at, 'assistance.closed', { because })

/** In the order of time, as a record is written. */
async function longAgo(): Promise<void> {
  const at = '2021-05-05T12:00:00.000Z'
  for (const refusal of ['code.wrong', 'code.wrong', 'agent.not_allowed'])
    await written(at, 'step.refused', { step: 'x', refusal })
  await written(at, 'launch.refused', { why: 'launch.spent' })
  await written(at, 'power.refused', {})
  for (const because of ['declined_by_user', 'declined_by_user', 'declined_by_user', 'finished'])
    await endedAt(at, because)
  await written('2021-05-07T00:00:00.000Z', 'step.refused', { refusal: 'code.wrong' })
  // In Madrid the clocks go back in the night to 2023-10-29.
  await endedAt('2023-10-28T21:59:59.999Z', 'expired_idle')
  await endedAt('2023-10-28T22:00:00.000Z')
  await endedAt('2023-10-29T22:59:59.999Z')
  await endedAt('2023-10-29T23:00:00.000Z', 'cancelled')
}

test('each day counts what ended in it by its ending, as many as a search of the record finds', async () => {
  await activeFor(outside, ana, 'marta@clinica-sol.test', 'cli_sol')
  const [live] = await fresh.db.query<{ id: string }>('select id from assistance where closed_at is null')
  right(await closeByDesk(outside, ana, live?.id as never, { because: 'finished', outcome: 'solved' }))
  for (let times = 0; times < 2; times += 1) {
    const id = await opened(outside, ana, 'leo@clinica-sol.test')
    right(await closeByDesk(outside, ana, id as never, { because: 'cancelled' }))
  }
  const counted = await figures({})
  expect(counted.days).toHaveLength(30)
  expect(counted.days.slice(0, -2).flatMap((day) => Object.keys(day.ended))).toEqual([])
  const sums = { finished: 0, cancelled: 0 }
  for (const day of counted.days)
    for (const because of ['finished', 'cancelled'] as const) {
      const count = day.ended[because] ?? 0
      sums[because] += count
      const found = await events(fresh.db, { because, after: day.after, before: day.before, limit: 50 })
      expect([day.day, because, found.items.length]).toEqual([day.day, because, count])
    }
  expect(sums).toEqual({ finished: 1, cancelled: 2 })
})

test('a day is the reader’s own, also the one of 25 hours, and its edges are where the search for it cuts', async () => {
  const span = { after: '2023-10-28T00:00:00.000Z', before: '2023-10-31T00:00:00.000Z' }
  const seen = async (zone: string) =>
    (await figures({ ...span, timeZone: zone })).days.map(({ day, after, before, ended }) => [
      day,
      after,
      before,
      ended,
    ])
  expect(await seen('Europe/Madrid')).toEqual([
    ['2023-10-28', '2023-10-28T00:00:00.000Z', '2023-10-28T22:00:00.000Z', { expired_idle: 1 }],
    ['2023-10-29', '2023-10-28T22:00:00.000Z', '2023-10-29T23:00:00.000Z', { finished: 2 }],
    ['2023-10-30', '2023-10-29T23:00:00.000Z', '2023-10-30T23:00:00.000Z', { cancelled: 1 }],
    ['2023-10-31', '2023-10-30T23:00:00.000Z', '2023-10-31T00:00:00.000Z', {}],
  ])
  expect((await seen('UTC')).map(([day, , , ended]) => [day, ended])).toEqual([
    ['2023-10-28', { expired_idle: 1, finished: 1 }],
    ['2023-10-29', { finished: 1, cancelled: 1 }],
    ['2023-10-30', {}],
  ])
  const [, sunday] = (await figures({ ...span, timeZone: 'Europe/Madrid' })).days
  expect((await events(fresh.db, { ...sunday, type: 'assistance.closed', limit: 50 })).items).toHaveLength(2)
})

test('what is no zone is told apart, whoever else might know it', async () => {
  for (const zone of ['', 'Madrid', 'FOO+3', '+02:00', '<x>-3', "UTC'; drop table event", 'posixrules'])
    expect(await figuresOf(fresh.db, { timeZone: zone })).toMatchObject({
      refusal: 'request.invalid',
      more: { path: 'timeZone' },
    })
})

test('figures are of 92 days at the most, the newest, and say that they were cut; a span of nothing has no day', async () => {
  const year = await figures({ after: '2022-01-01T00:00:00.000Z', before: '2023-11-01T00:00:00.000Z' })
  expect([year.days.length, year.cut, year.days.at(-1)?.day]).toEqual([92, true, '2023-10-31'])
  expect(year.days.flatMap((day) => Object.values(day.ended)).reduce((sum, count) => sum + count, 0)).toBe(4)
  const until = await figures({ before: '2023-11-01T00:00:00.000Z' })
  expect([until.days.length, until.cut, until.days[0]?.day]).toEqual([30, false, '2023-10-02'])
  for (const span of [
    { after: '2099-01-01T00:00:00.000Z' },
    { after: '2023-11-01T00:00:00.000Z', before: '2023-10-01T00:00:00.000Z' },
  ])
    expect(await figures(span)).toMatchObject({ days: [], consents: { count: 0 }, refusals: [] })
})

test('from the request to the yes is measured from the last time that it was asked, and what has no yes counts nowhere', async () => {
  const { consents } = await figures({})
  expect(consents).toMatchObject({ count: 1, within: [1, 0, 0, 0, 0, 0] })
  const id = await askedUser(outside, ana, 'nuria@clinica-sol.test')
  await fresh.advance(90_000)
  right(await proveUser(outside, ana, id, { code: await digitsSent(outside, id, 'consent') }))
  expect((await figures({})).consents).toMatchObject({ count: 2, within: [1, 0, 1, 0, 0, 0] })
})

test('what was refused is counted by its word, what users refused among it, the most frequent first', async () => {
  const { refusals } = await figures({ after: '2021-05-05T00:00:00.000Z', before: '2021-05-06T00:00:00.000Z' })
  expect(refusals).toEqual([
    { type: 'assistance.closed', cause: 'declined_by_user', count: 3 },
    { type: 'step.refused', cause: 'code.wrong', count: 2 },
    { type: 'launch.refused', cause: 'launch.spent', count: 1 },
    { type: 'power.refused', cause: null, count: 1 },
    { type: 'step.refused', cause: 'agent.not_allowed', count: 1 },
  ])
})

test('days that cannot be counted in the time of a statement are refused with a word, and nothing else is called so', async () => {
  // As long as somebody holds the record, no statement comes to its end, on whatever machine.
  const hasty = postgres(fresh.url, { max: 4, statementMs: 300 })
  const asked = () => figuresOf(hasty, { timeZone: 'Europe/Madrid' })
  await fresh.db.transaction(async (tx) => {
    await tx.query('lock table event in access exclusive mode')
    expect(await asked()).toMatchObject({ ok: false, refusal: 'figures.too_large' })
  })
  // The connections that this cost are made anew, and what can be counted is.
  expect(right(await asked()).days).toHaveLength(30)
  await hasty.close()
  await expect(asked()).rejects.toThrow('after calling end')
})
