/** A running server goes through its own record: what was changed in it is found without anybody asking. */
import type { Verdict } from '@amparo/verifier/examine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import { sequence } from './log.store.ts'
import { rounds } from './round.store.ts'
import { aSigner } from './testing.ts'

const by = aSigner()
let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())

const some = async (db: Database, count: number) => {
  for (let each = 0; each < count; each += 1)
    await noteLoose(db, { type: 'record.read', actor: { kind: 'system', id: `test${each}` } })
  await sequence(db, by)
}
const asOwner = (db: Database, sql: string) =>
  db.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(sql)
  })
/** Looks until a round is over, and tells what was found. */
function watching(db: Database, keys = [by.key]) {
  const verdicts: Verdict[] = []
  const look = rounds(db, keys, (verdict) => verdicts.push(verdict))
  return async () => {
    const before = verdicts.length
    for (let turn = 0; turn < 10 && verdicts.length === before; turn += 1) await look()
    return verdicts.slice(before).at(-1)
  }
}

test('a record that nobody touched is whole in every round, also while it grows', async () => {
  const round = watching(fresh.db)
  expect(await round()).toBeUndefined()
  for (const entries of [3, 6]) {
    await some(fresh.db, 3)
    expect(await round()).toMatchObject({ entries, count: 0 })
  }
})

test('whoever asks for something meanwhile is answered between few entries, and not after a part of many', async () => {
  const own = await freshDatabase()
  await some(own.db, 300)
  let turns = 0
  // What is read last is a part; whatever comes to its turn after that did not wait for the end of it.
  const query: Database['query'] = async (...asked) => {
    const rows = await own.db.query(...asked)
    turns = 0
    return rows as never
  }
  const look = rounds({ ...own.db, query }, [by.key], () => undefined)
  let waits = true
  const others = () => {
    turns += 1
    if (waits) setImmediate(others)
  }
  others()
  await look()
  waits = false
  expect(turns).toBeGreaterThan(5)
  await own.close()
})

test('one altered byte is found by the next round and named; put back, the one after finds it whole', async () => {
  await some(fresh.db, 5)
  const round = watching(fresh.db)
  expect(await round()).toMatchObject({ count: 0 })
  const third = 'where id = (select event_id from log_leaf where seq = 2)'
  await asOwner(fresh.db, `update event set body = body || ' ' ${third}`)
  expect(await round()).toMatchObject({ faults: [{ fault: 'changed', seq: 2 }] })
  await asOwner(fresh.db, `update event set body = rtrim(body) ${third}`)
  expect(await round()).toMatchObject({ count: 0 })
})

test('a record cut off between two rounds is found by what this process remembers, however clean the cut', async () => {
  const own = await freshDatabase()
  await some(own.db, 2)
  await some(own.db, 2)
  const [round, newcomer] = [watching(own.db), watching(own.db)]
  expect(await round()).toMatchObject({ count: 0 })
  await asOwner(
    own.db,
    `with c as (delete from checkpoint where size > 2), l as (delete from log_leaf where seq >= 2 returning event_id),
          h as (update log_head set size = 2) delete from event where id in (select event_id from l)`,
  )
  expect(await round()).toMatchObject({ faults: [{ fault: 'cut', has: 2, had: 4, witness: true }] })
  // Whoever comes afterwards has nothing to hold against it.
  expect(await newcomer()).toMatchObject({ count: 0 })
  await asOwner(own.db, 'with c as (delete from checkpoint) delete from log_leaf')
  expect(await round()).toMatchObject({ faults: [{ fault: 'cut', has: 0, had: 4, witness: true }] })
  await own.close()
})

test('a checkpoint signed by another key is not believed', async () => {
  expect(await watching(fresh.db, [aSigner().key])()).toMatchObject({
    faults: expect.arrayContaining([expect.objectContaining({ fault: 'not_ours' })]),
  })
})

test('a round whose next part cannot be read goes on where it was, and that is no fault of the record', async () => {
  let isAway = false
  const read: unknown[] = []
  const db: Database = {
    ...fresh.db,
    query: (what, values) => {
      read.push(values?.[0])
      return isAway ? Promise.reject(new Error('gone')) : fresh.db.query(what, values)
    },
  }
  const verdicts: Verdict[] = []
  const look = rounds(db, [by.key], (verdict) => verdicts.push(verdict))
  await look()
  isAway = true
  await expect(look()).rejects.toThrow('gone')
  const last = read.at(-1)
  expect(last).toBeGreaterThan(0)
  isAway = false
  await look()
  expect(read.at(-1)).toBe(last)
  expect(verdicts).toMatchObject([{ count: 0 }])
})
