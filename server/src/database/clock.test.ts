import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { advanceClock, hasTestClock, installTestClock, longestAdvanceMs } from './clock.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from './testing.ts'

const hourMs = 3_600_000

async function aheadMs(db: Database): Promise<number> {
  const [row] = await db.query<{ ahead: number }>(
    `select extract(epoch from amparo.app_now() - clock_timestamp())::float8 * 1000 as ahead`,
  )
  return row?.ahead ?? Number.NaN
}

describe('with a test clock', () => {
  let fresh: FreshDatabase
  beforeAll(async () => {
    fresh = await freshDatabase()
  })
  afterAll(() => fresh.close())

  test('until it is moved, no table is asked for the time; from the first move on it is, whoever moved it', async () => {
    const other = await freshDatabase()
    const asksTheTable = async () =>
      (await other.db.query(`select from pg_proc where proname = 'app_now' and prosrc like '%amparo.clock%'`))
        .length === 1
    try {
      expect(await asksTheTable()).toBe(false)
      await other.db.query(`update amparo.clock set ahead = '1 hour'`)
      expect(await asksTheTable()).toBe(true)
      expect(await aheadMs(other.db)).toBeCloseTo(hourMs, -1)
    } finally {
      await other.close()
    }
  })

  test('the time that judges moves forward by what was asked, for every connection', async () => {
    const before = await aheadMs(fresh.db)
    const now = await fresh.advance(15 * 60_000)
    expect((await aheadMs(fresh.db)) - before).toBeCloseTo(15 * 60_000, -1)
    expect(now.getTime() - Date.now()).toBeGreaterThan(14 * 60_000)
  })

  test('the time goes on inside a transaction', async () => {
    const both = await fresh.db.transaction(async (tx) => {
      const first = await tx.query<{ at: string }>('select app_now()::text as at')
      const second = await tx.query<{ at: string }>('select app_now()::text as at')
      return [first[0]?.at, second[0]?.at]
    })
    expect(both[1]).not.toBe(both[0])
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, longestAdvanceMs + 1])('the clock refuses %s', async (ms) => {
    await expect(advanceClock(fresh.db, ms)).rejects.toThrow('forward only')
  })

  test('two who move the clock at once both move it', async () => {
    const before = await aheadMs(fresh.db)
    await Promise.all([fresh.advance(hourMs), fresh.advance(hourMs)])
    expect((await aheadMs(fresh.db)) - before).toBeCloseTo(2 * hourMs, -1)
  })

  test('installing the clock again does not bring the time back', async () => {
    await fresh.advance(hourMs)
    const before = await aheadMs(fresh.db)
    await installTestClock(fresh.db)
    expect(await aheadMs(fresh.db)).toBeCloseTo(before, -1)
  })

  test('a database with a test clock can be told from a production one', async () => {
    expect(await hasTestClock(fresh.db)).toBe(true)
  })
})

test('in production no table stands behind the time, and nobody can move it', async () => {
  const fresh = await emptyDatabase()
  try {
    await migrate(fresh.db)
    expect(await hasTestClock(fresh.db)).toBe(false)
    expect(await aheadMs(fresh.db)).toBeCloseTo(0, -1)
    await expect(fresh.advance(hourMs)).rejects.toThrow()
  } finally {
    await fresh.close()
  }
})
