import { randomBytes } from 'node:crypto'
import { openNote } from '@amparo/verifier/checkpoint'
import { isConsistent, isIncluded } from '@amparo/verifier/tree'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentAtDesk, opened, testOutside } from '../assistance/testing.ts'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import { checkpointAt, consistencyOf, inclusionOf, newestCheckpoint, sequence } from './log.store.ts'
import { aSigner } from './testing.ts'
import { verifyRecord } from './verify.store.ts'

const by = aSigner()
const keys = [by.key]

/** Runs `work` in the database as somebody who owns it, with every guard of ours switched off. */
const asOwner = (db: Database, sql: string, values: readonly unknown[] = []) =>
  db.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(sql, values)
  })
const many = (db: Database, count: number) =>
  db.transaction(
    (tx) =>
      tx.query(
        `insert into event (id, body) select 'ev_m' || i || '_' || $2, json_build_object('v', 1, 'id', 'ev_m' || i, 'type', 'record.read',
                'actor', json_build_object('kind', 'agent', 'id', 'ag_' || i % 5), 'at', rfc3339(app_now()), 'i', i)::text
           from generate_series(1, $1::int) i`,
        [count, randomBytes(6).toString('hex')],
      ),
    0,
  )
const read = { type: 'record.read', actor: { kind: 'system', id: 'test' } } as const
const untilDone = async (db: Database) => {
  let all = 0
  for (let some = await sequence(db, by); some > 0; some = await sequence(db, by)) all += some
  return all
}

let log: FreshDatabase
beforeAll(async () => {
  log = await freshDatabase()
  const outside = testOutside(log)
  for (const email of ['marta@clinica-sol.test', 'leo@clinica-sol.test']) {
    const agent = await agentAtDesk(outside)
    await opened(outside, agent, email)
  }
  // Several checkpoints, and more than two subtrees of 256.
  for (let round = 0; round < 12; round += 1) {
    await many(log.db, 50 + round)
    await untilDone(log.db)
  }
})
afterAll(() => log.close())

test('every event gets one place, in the order in which it was written, and the whole verifies', async () => {
  const rows = await log.db.query<{ seq: number; n: number | null }>(
    'select l.seq, rank() over (order by e.ord)::int - 1 as n from log_leaf l join event e on e.id = l.event_id order by l.seq',
  )
  expect(rows.every(({ seq, n }, index) => seq === index && n === index)).toBe(true)
  const verdict = await verifyRecord(log.db, keys)
  expect(verdict).toMatchObject({ count: 0, faults: [], entries: rows.length, sound: rows.length, checkpoints: 12 })
})

test('each event is proved to be in a signed checkpoint, and each checkpoint to grow out of the one before', async () => {
  const newest = await newestCheckpoint(log.db)
  if (!newest) throw new Error('a checkpoint')
  for (const seq of [0, 1, 100, 255, 256, 257, 511, 512, newest.size - 1]) {
    const proof = await inclusionOf(log.db, seq)
    if (!proof) throw new Error(`a proof of ${seq}`)
    const { size, root, note } = proof.checkpoint
    expect(openNote(note, keys)).toMatchObject({ ok: true, checkpoint: { size, root } })
    expect(isIncluded(proof.leaf, seq, size, proof.path, root)).toBe(true)
    expect(isIncluded(proof.leaf, seq === 0 ? 1 : seq - 1, size, proof.path, root)).toBe(false)
  }
  expect(await inclusionOf(log.db, newest.size)).toBeUndefined()
  const all = await log.db.query<{ size: number }>('select size from checkpoint order by size')
  for (const { size } of all) {
    const first = await checkpointAt(log.db, size)
    if (!first) throw new Error('a checkpoint')
    expect(isConsistent(first, newest, await consistencyOf(log.db, size, newest.size))).toBe(true)
  }
})

test('twenty processes at once give out each place once', async () => {
  const fresh = await freshDatabase()
  await many(fresh.db, 300)
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await noteLoose(fresh.db, { ...read, data: { index } })
      await sequence(fresh.db, by)
    }),
  )
  await untilDone(fresh.db)
  const [count] = await fresh.db.query<{ events: number; leaves: number }>(
    'select (select count(*) from event) as events, (select count(*) from log_leaf) as leaves',
  )
  expect(count?.leaves).toBe(count?.events)
  expect(await verifyRecord(fresh.db, keys)).toMatchObject({ count: 0, entries: count?.events })
  await fresh.close()
})

test('an event whose statement commits late gets its place all the same', async () => {
  const fresh = await freshDatabase()
  let goOn = (): void => undefined
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let written = (): void => undefined
  const isWritten = new Promise<void>((resolve) => {
    written = resolve
  })
  const late = fresh.db.transaction(async (tx) => {
    await noteLoose(tx, { ...read, data: { late: true } })
    written()
    await held
  })
  await isWritten
  await noteLoose(fresh.db, { ...read, data: { late: false } })
  await untilDone(fresh.db)
  goOn()
  await late
  expect(await untilDone(fresh.db)).toBe(1)
  const [last] = await fresh.db.query<{ body: string }>(
    'select e.body from log_leaf l join event e on e.id = l.event_id order by l.seq desc limit 1',
  )
  expect(last?.body).toContain('"late": true')
  expect(await verifyRecord(fresh.db, keys)).toMatchObject({ count: 0 })
  await fresh.close()
})

test('what waits after a standstill gets its places within the time of a statement, also where nothing ever waited for long', async () => {
  const fresh = await freshDatabase()
  await many(fresh.db, 500)
  await untilDone(fresh.db)
  // From now on the database believes that hardly anything ever waits.
  await fresh.db.query('analyze unsequenced')
  await many(fresh.db, 8_000)
  expect(await untilDone(fresh.db)).toBe(8_000)
  expect(await verifyRecord(fresh.db, keys)).toMatchObject({ count: 0 })
  await fresh.close()
}, 60_000)

test('a batch reads the events that it places, and not the whole record with them', async () => {
  const fresh = await freshDatabase()
  await many(fresh.db, 8_000)
  await untilDone(fresh.db)
  await fresh.db.query('analyze event')
  await many(fresh.db, 10)
  const rowsRead = async (tx: Database): Promise<number> => {
    const [read] = await tx.query<{ rows: number }>(
      "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables where relname = 'event'",
    )
    return read?.rows ?? 0
  }
  await fresh.db.transaction(async (tx) => {
    const before = await rowsRead(tx)
    expect(await sequence(tx, by)).toBe(10)
    expect((await rowsRead(tx)) - before).toBeLessThanOrEqual(100)
  })
  await fresh.close()
}, 60_000)

test('a process that is ended in the middle leaves no place half given', async () => {
  const fresh = await freshDatabase()
  await many(fresh.db, 10)
  await expect(
    sequence(fresh.db, {
      key: by.key,
      sign: () => {
        throw new Error('ended')
      },
    }),
  ).rejects.toThrow('ended')
  expect(await fresh.db.query('select from log_leaf')).toHaveLength(0)
  expect(await untilDone(fresh.db)).toBeGreaterThanOrEqual(10)
  expect(await verifyRecord(fresh.db, keys)).toMatchObject({ count: 0 })
  await fresh.close()
})

test('places, hashes and checkpoints are only ever added to', async () => {
  for (const table of ['log_leaf', 'log_node', 'checkpoint'])
    for (const sql of [
      `delete from ${table}`,
      `truncate ${table} cascade`,
      `update ${table} set ${table === 'checkpoint' ? 'root' : 'hash'} = null`,
    ])
      await expect(log.db.query(sql), sql).rejects.toThrow('only ever added to')
})

test.each([
  [
    'one letter of a text',
    `update event set body = body || ' ' where id = (select event_id from log_leaf where seq = 200)`,
    'changed',
  ],
  [
    'an event that was taken out',
    `delete from event where id = (select event_id from log_leaf where seq = 200)`,
    'deleted',
  ],
  ['an event that was taken out with its place', `delete from log_leaf where seq = 200`, 'deleted'],
  [
    'an event that was put in behind the log',
    `insert into event (id, body) values ('ev_false', '{"type":"consent.given","actor":{"kind":"agent","id":"x"},"at":"2026-11-22T09:41:00.000Z"}')`,
    'inserted',
  ],
  [
    'two events that changed places',
    `with two as (select seq, event_id from log_leaf where seq in (200, 201)),
          gone as (delete from log_leaf where seq in (200, 201) returning seq, hash)
     insert into log_leaf (seq, event_id, hash) select -g.seq, t.event_id, g.hash from gone g join two t on t.seq = 401 - g.seq`,
    'moved',
  ],
  [
    'a text that was changed with its hash',
    `with c as (update event set body = body || ' ' where id = (select event_id from log_leaf where seq = 200) returning id, body) update log_leaf l set hash = sha256('\\x00'::bytea || convert_to(c.body, 'UTF8')) from c where l.event_id = c.id`,
    'rewritten',
  ],
  [
    'a hash that is kept for proofs',
    `update log_node set hash = sha256(hash) where level = 8 and index = 1`,
    'wrong_node',
  ],
  [
    'a checkpoint that nobody signed',
    `update checkpoint set note = regexp_replace(note, 'at 20', 'at 19') where size = (select min(size) from checkpoint)`,
    'not_ours',
  ],
  [
    'a tail that was cut off',
    `with c as (delete from checkpoint where size > 300), l as (delete from log_leaf where seq >= 300 returning event_id),
          h as (update log_head set size = 300)
     delete from event where id in (select event_id from log_leaf where seq >= 300)`,
    'cut',
  ],
  [
    'an event of an assistance',
    `update assistance set n = n + 1 where id = (select min(id) from assistance)`,
    'miscounted',
  ],
])('%s is found', async (_what, sql, fault) => {
  const copy = await freshDatabase()
  const outside = testOutside(copy)
  await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  for (let round = 0; round < 6; round += 1) {
    await many(copy.db, 100)
    await untilDone(copy.db)
  }
  const witness = (await newestCheckpoint(copy.db))?.note ?? ''
  expect(await verifyRecord(copy.db, keys, [witness])).toMatchObject({ count: 0 })
  await asOwner(copy.db, sql)
  if (fault === 'moved') await asOwner(copy.db, 'update log_leaf set seq = -seq where seq < 0')
  const verdict = await verifyRecord(copy.db, keys, [witness])
  const kinds = verdict.faults.map((one) => one.fault)
  expect(kinds).toContain(fault)
  const first = verdict.faults.find((one) => one.fault === fault)
  if (['changed', 'deleted', 'moved'].includes(fault)) expect(first).toMatchObject({ seq: 200 })
  if (fault === 'rewritten') expect(first).toMatchObject({ from: 101, to: 201 })
  if (fault === 'cut') expect(first).toMatchObject({ has: 300, witness: true })
  await copy.close()
})
