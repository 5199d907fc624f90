/** A backup is worth what its restoring proves: the same rows, and nothing alive. */
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import type { Outside } from '../assistance/outside.ts'
import { activeFor, agentAtDesk, opened, testOutside } from '../assistance/testing.ts'
import { letNothingRevive } from '../commands/backup.ts'
import { backup, restore } from './backup.ts'
import { postgres } from './database.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
let folder: string
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
  folder = await mkdtemp(join(tmpdir(), 'amparo-backup-'))
})
afterAll(async () => {
  await fresh.close()
  await rm(folder, { recursive: true, force: true })
})

const file = (name: string) => join(folder, name)
/** As a command connects, beside the pool of the test: that one is no server. */
const asCommand = async <T>(url: string, work: (db: ReturnType<typeof postgres>) => Promise<T>): Promise<T> => {
  const db = postgres(url, { max: 1, applicationName: 'amparo command' })
  return work(db).finally(db.close)
}
const nothing = { intoEmpty: false, settle: async () => 0 }
const target = async () => {
  const made = await emptyDatabase()
  await made.db.close()
  return { ...made, close: () => made.close().catch(() => undefined) }
}

test('what is restored is what was saved, row for row, and a second backup of it says so', async () => {
  await activeFor(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  const saved = await asCommand(fresh.url, (db) => backup(db, file('one')))
  expect(saved.rows).toBeGreaterThan(20)
  expect((await stat(file('one'))).mode & 0o777).toBe(0o600)
  const { url, close } = await target()
  const restored = await asCommand(url, (db) => restore(db, file('one'), nothing))
  expect(restored.tables).toEqual(saved.tables)
  const again = await asCommand(url, (db) => backup(db, file('again')))
  expect(again.tables).toEqual(saved.tables)
  await close()
})

test('what somebody had ready under the name of a half backup is neither written to nor read by them', async () => {
  await writeFile(file('theirs'), 'as it was', { mode: 0o666 })
  await symlink(file('theirs'), file('ours.half'))
  await asCommand(fresh.url, (db) => backup(db, file('ours')))
  expect(await readFile(file('theirs'), 'utf8')).toBe('as it was')
  const made = await lstat(file('ours'))
  expect([made.isFile(), made.mode & 0o777]).toEqual([true, 0o600])
  await writeFile(file('mine.half'), 'left behind', { mode: 0o644 })
  await asCommand(fresh.url, (db) => backup(db, file('mine')))
  expect((await stat(file('mine'))).mode & 0o777).toBe(0o600)
})

test('nothing that was alive in the backup is alive after it: help, sign-ins, messages that waited, tokens', async () => {
  const ana = await agentAtDesk(outside)
  const [active, waiting] = [
    await activeFor(outside, ana, 'leo@clinica-sol.test'),
    await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test'),
  ]
  await asCommand(fresh.url, (db) => backup(db, file('two')))
  const { url, close } = await target()
  const restored = await asCommand(url, (db) =>
    restore(db, file('two'), { intoEmpty: false, settle: letNothingRevive }),
  )
  expect(restored.closed).toBeGreaterThanOrEqual(2)
  const db = postgres(url, { max: 1 })
  for (const id of [active, waiting])
    expect((await read(db, id))?.assistance).toMatchObject({ state: 'closed', because: 'restored' })
  const left = await db.query(`
    select from assistance where state <> 'closed'
    union all select from agent_session where ended_at is null
    union all select from outbox where state = 'queued' or sealed is not null
    union all select from invite where used_at is null union all select from enrolment
    union all select from artifact union all select from idempotency`)
  expect(left).toEqual([])
  const closings = await db.query(`select from event where type = 'assistance.closed' and body like '%"restored"%'`)
  expect(closings).toHaveLength(restored.closed)
  await db.close()
  await close()
})

test('a clock that was ahead is ahead after it too: what was begun then ends then, and no time comes back', async () => {
  const ahead = await freshDatabase()
  const hoursAhead = async (db: Pick<typeof ahead.db, 'query'>) =>
    (
      await db.query<{ hours: number }>(
        'select (extract(epoch from amparo.app_now() - clock_timestamp()) / 3600)::float8 as hours',
      )
    )[0]?.hours
  await ahead.advance(5 * 3_600_000)
  const there = testOutside(ahead)
  const id = await activeFor(there, await agentAtDesk(there), 'marta@clinica-sol.test')
  await asCommand(ahead.url, (db) => backup(db, file('ahead')))
  const { url, close } = await target()
  const restored = await asCommand(url, (db) =>
    restore(db, file('ahead'), { intoEmpty: false, settle: letNothingRevive }),
  )
  expect(restored.closed).toBe(1)
  await asCommand(url, async (db) => {
    expect(await hoursAhead(db)).toBeCloseTo(5, 3)
    expect((await read(db, id))?.assistance).toMatchObject({ state: 'closed', because: 'restored' })
    const wrong = await db.query(
      'select from amparo.assistance where closed_at < opened_at or closed_at < consented_at or closed_at > amparo.app_now()',
    )
    expect(wrong).toEqual([])
  })
  await close()
  await ahead.close()
})

test('a database that holds something is left as it is, unless it is said to be thrown away', async () => {
  await asCommand(fresh.url, (db) => backup(db, file('three')))
  const { url, close } = await target()
  await asCommand(url, (db) => restore(db, file('three'), nothing))
  await expect(asCommand(url, (db) => restore(db, file('three'), nothing))).rejects.toMatchObject({ exit: 4 })
  const again = await asCommand(url, (db) => restore(db, file('three'), { ...nothing, intoEmpty: true }))
  expect(again.rows).toBeGreaterThan(20)
  await close()
})

test('a file that was cut off or changed restores nothing', async () => {
  await asCommand(fresh.url, (db) => backup(db, file('four')))
  const text = gunzipSync(await readFile(file('four'))).toString()
  const packed = await readFile(file('four'))
  await writeFile(file('cut'), packed.subarray(0, packed.length - 40))
  expect(text).toContain('marta@')
  await writeFile(file('changed'), gzipSync(text.replace('marta@', 'murta@')))
  await writeFile(file('lines'), gzipSync(text.split('\n').toSpliced(5, 1).join('\n')))
  await writeFile(file('other'), 'not a backup')
  const { url, close } = await target()
  for (const name of ['cut', 'changed', 'lines', 'other'])
    await expect(asCommand(url, (db) => restore(db, file(name), nothing))).rejects.toMatchObject({ exit: 4 })
  await asCommand(url, async (db) => {
    expect(await db.query(`select to_regnamespace('amparo') is null as gone`)).toEqual([{ gone: true }])
  })
  await close()
})

test('while a server is connected nothing is restored under it', async () => {
  await asCommand(fresh.url, (db) => backup(db, file('five')))
  const busy = await emptyDatabase()
  await busy.db.query('select 1')
  await expect(asCommand(busy.url, (db) => restore(db, file('five'), nothing))).rejects.toMatchObject({ exit: 4 })
  await busy.close()
})

test('a file that the database lacks is not called the backup’s', async () => {
  const certificate = file('no-such-certificate.pem')
  const db = { ...fresh.db, transaction: () => readFile(certificate).then(() => Promise.reject(new Error('there'))) }
  await expect(backup(db, file('six'))).rejects.toMatchObject({ code: 'ENOENT', path: certificate })
  const nowhere = file('no-such-folder/six')
  await expect(asCommand(fresh.url, (db) => backup(db, nowhere))).rejects.toMatchObject({
    exit: 2,
    message: expect.stringContaining(nowhere),
  })
})

test('an existing file is never written over', async () => {
  await writeFile(file('mine'), 'mine')
  await expect(asCommand(fresh.url, (db) => backup(db, file('mine')))).rejects.toMatchObject({ exit: 2 })
  expect(await readFile(file('mine'), 'utf8')).toBe('mine')
})
