import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fillLive, sessionOf } from '../surfaces/many.testing.ts'
import { type Database, postgres } from './database.ts'
import { DatabaseUnfit, migrate } from './migrate.ts'
import { emptyDatabase, type FreshDatabase } from './testing.ts'

let fresh: FreshDatabase
let folder: string

beforeEach(async () => {
  fresh = await emptyDatabase()
  folder = await mkdtemp(join(tmpdir(), 'amparo-migrations-'))
  await put('0001_ground.sql', 'create table amparo.ground (id int); insert into amparo.ground values (1);')
  await put('0002_more.sql', 'insert into amparo.ground values (2);')
})
afterEach(async () => {
  await fresh.close()
  await rm(folder, { recursive: true })
})

const put = (name: string, sql: string) => writeFile(join(folder, name), sql)

async function ground(db: Database): Promise<number[]> {
  return (await db.query<{ id: number }>('select id from amparo.ground order by id')).map(({ id }) => id)
}

test('every file is applied once, in order, and the next start applies none', async () => {
  expect(await migrate(fresh.db, folder)).toEqual({ applied: 2, total: 2 })
  expect(await migrate(fresh.db, folder)).toEqual({ applied: 0, total: 2 })
  expect(await ground(fresh.db)).toEqual([1, 2])
})

test('instances that start together apply each file once between them', async () => {
  const others = Array.from({ length: 4 }, () => postgres(fresh.url))
  const answers = await Promise.all(others.map((db) => migrate(db, folder)))
  await Promise.all(others.map((db) => db.close()))
  expect(answers.reduce((sum, { applied }) => sum + applied, 0)).toBe(2)
  expect(await ground(fresh.db)).toEqual([1, 2])
})

test('a file that fails leaves nothing of itself and is applied when it has been put right', async () => {
  await put('0003_wrong.sql', 'insert into amparo.ground values (3); select 1 / 0;')
  await expect(migrate(fresh.db, folder)).rejects.toThrow('Migration 0003_wrong.sql failed: division by zero')
  expect(await ground(fresh.db)).toEqual([1, 2])
  await put('0003_wrong.sql', 'insert into amparo.ground values (3);')
  expect(await migrate(fresh.db, folder)).toEqual({ applied: 1, total: 3 })
})

test('a migration may take longer than a statement usually may', async () => {
  await put('0003_slow.sql', 'do $$ begin assert current_setting($q$statement_timeout$q$) = $q$0$q$; end $$')
  expect((await migrate(fresh.db, folder)).applied).toBe(3)
})

test('a database that a newer Amparo has used is refused', async () => {
  await migrate(fresh.db, folder)
  await rm(join(folder, '0002_more.sql'))
  const refused = migrate(fresh.db, folder)
  await expect(refused).rejects.toBeInstanceOf(DatabaseUnfit)
  await expect(refused).rejects.toThrow(
    /^This database was used by an Amparo with 2 migrations; this program is [\d.]+\. Restore a backup or upgrade\.$/,
  )
})

test('a file that was changed after it was applied is refused before anything is written', async () => {
  await migrate(fresh.db, folder)
  await put('0001_ground.sql', 'create table amparo.ground (id bigint);')
  await put('0003_next.sql', 'insert into amparo.ground values (3);')
  await expect(migrate(fresh.db, folder)).rejects.toThrow('Migration 0001_ground.sql was changed')
  expect(await ground(fresh.db)).toEqual([1, 2])
})

test('a checkout with other line ends is the same migration', async () => {
  await put('0001_ground.sql', 'create table amparo.ground (id int);\ninsert into amparo.ground values (1);\n')
  await migrate(fresh.db, folder)
  await put('0001_ground.sql', 'create table amparo.ground (id int);\r\ninsert into amparo.ground values (1);\r\n')
  expect(await migrate(fresh.db, folder)).toEqual({ applied: 0, total: 2 })
})

test.each(['0004_gap.sql', '0002_twice.sql', 'three.sql'])('%s out of the order is refused', async (name) => {
  await put(name, 'select 1')
  await expect(migrate(fresh.db, folder)).rejects.toThrow('without a gap')
})

test.each([
  [140_002, '14.2'],
  [190_000, '19devel'],
])('PostgreSQL %i is refused with words', async (number, name) => {
  const other: Database = { ...fresh.db, query: async () => [JSON.parse(JSON.stringify({ number, name }))] }
  await expect(migrate(other, folder)).rejects.toThrow(`PostgreSQL 15 to 18; this one is ${name}`)
})

test('a notice that an older program wrote waits from then on while its session lives, and is due where that has ended', async () => {
  const { db } = fresh
  await migrate(db, { upTo: 22 })
  await db.query(await readFile(new URL('../../../demo/core.sql', import.meta.url), 'utf8'))
  await fillLive(db, 3)
  const end = (n: number) =>
    db.query(
      `update amparo.assistance set state = 'closed', closed_in = state, because = 'cancelled', closed_at = app_now() where id = $1`,
      [sessionOf(n).assistance],
    )
  const due = async () =>
    (
      await db.query<{ due: boolean }>('select next_at <= app_now() as due from notice order by surface_session_id')
    ).map((notice) => notice.due)
  // Older programs write notices that are due at once, and look at each for as long as its session lives.
  await db.query('update notice set next_at = app_now()')
  await end(0)
  await db.query('update surface_session set closed_alone_at = app_now() where assistance_id = $1', [
    sessionOf(1).assistance,
  ])
  await migrate(db)
  expect(await due()).toEqual([true, true, false])
  await end(2)
  expect(await due()).toEqual([true, true, true])
})

test('behind a long reading a migration lets everybody pass, says so, and is applied when it ends', async () => {
  const { db } = fresh
  await migrate(db, { upTo: 26 })
  const reader = postgres(fresh.url, { max: 1 })
  let saidOnce = () => {}
  const said = new Promise<void>((resolve) => {
    saidOnce = resolve
  })
  let migrating: Promise<unknown> = Promise.resolve()
  // As long as a backup reads, until the migration has said that it is held up.
  await reader.transaction(async (tx) => {
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    await tx.query('select from assistance limit 1')
    migrating = migrate(db, undefined, saidOnce)
    migrating.catch(() => undefined)
    await Promise.race([said, migrating])
    const another = (one: Database) => one.query('select from assistance limit 1')
    expect(await fresh.db.transaction(another, 20_000)).toEqual([])
    expect(await fresh.db.query('select from migration where number = 27')).toEqual([])
  })
  await expect(migrating).resolves.toMatchObject({ applied: expect.any(Number) })
  expect(await fresh.db.query('select from migration where number = 27')).toHaveLength(1)
  await reader.close()
}, 30_000)
