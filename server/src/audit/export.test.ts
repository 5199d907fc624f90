import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examiner } from '@amparo/verifier/examine'
import { OnlyPart, readExport } from '@amparo/verifier/export'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentAtDesk, opened, testOutside } from '../assistance/testing.ts'
import { amparo } from '../commands/testing.ts'
import { backup, restore } from '../database/backup.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { noteLoose } from '../desk/note.ts'
import { keysAt } from '../keys.ts'
import { events } from './audit.store.ts'
import { exportOf } from './export.store.ts'
import { newestCheckpoint, sequence } from './log.store.ts'
import { aSigner } from './testing.ts'
import { verifyRecord } from './verify.store.ts'

const by = aSigner()
let fresh: FreshDatabase
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-export-'))
  fresh = await freshDatabase()
  const outside = testOutside(fresh)
  await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  for (const line of ['=cmd', '+1', '-1', '@sum', '\ttab', '\rcr', 'a "quoted", line\nof two'])
    await noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'agent', id: line }, data: { line } })
  await sequence(fresh.db, by)
})
afterAll(async () => {
  await fresh.close()
  await rm(folder, { recursive: true, force: true })
})

const textOf = async (chunks: AsyncGenerator<string>): Promise<string> => {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}
async function* linesIn(text: string): AsyncGenerator<string> {
  yield* text.trimEnd().split('\n')
}

test('what is taken away whole can be verified by somebody who has nothing else, and is exact', async () => {
  await noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'system', id: 'late' } })
  const exported = exportOf(fresh.db, by, 'jsonl', {})
  const text = await textOf(exported.chunks)
  const examine = examiner({ keys: [by.key], witnesses: [(await newestCheckpoint(fresh.db))?.note ?? ''] })
  await readExport(linesIn(text), examine)
  const all = (await events(fresh.db, { limit: 200 })).items
  expect(examine.end()).toMatchObject({ count: 0, entries: all.length, sound: all.length })
  expect(exported.rows()).toBe(all.length)
  for (const { body } of all) expect(text).toContain(JSON.stringify(body))
})

test('a search takes away exactly what the screen shows, and says that it is a part', async () => {
  for (const format of ['jsonl', 'csv'] as const) {
    const exported = exportOf(fresh.db, by, format, { type: 'record.read' })
    const text = await textOf(exported.chunks)
    expect(exported.rows()).toBe((await events(fresh.db, { limit: 200, type: 'record.read' })).items.length)
    expect(text).not.toContain('assistance.opened')
    if (format === 'jsonl')
      await expect(readExport(linesIn(text), examiner({ keys: [by.key] }))).rejects.toBeInstanceOf(OnlyPart)
  }
})

test('no cell of the table can act as a formula', async () => {
  const text = await textOf(exportOf(fresh.db, by, 'csv', { type: 'record.read' }).chunks)
  for (const line of ['=cmd', '+1', '-1', '@sum', '\ttab', '\rcr']) {
    expect(text).toContain(`'${line}`)
    expect(text).not.toContain(`,${line}`)
    expect(text).not.toContain(`,"${line}`)
  }
})

test('an operator verifies, takes away and hands out the key; what was changed in the file is named, with exit code 4', async () => {
  const keys = join(folder, 'keys.json')
  const ours = await keysAt(keys, false)
  const own = await freshDatabase()
  const outside = testOutside(own)
  await opened(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  await sequence(own.db, ours.record)
  const env = { DATABASE_URL: own.url, AMPARO_KEYS: keys }
  expect(await amparo(['audit', 'verify'], env)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^\d records?, unbroken, [\d.]+ s\.\n$/),
  })
  const checkpoint = join(folder, 'checkpoint.txt')
  await writeFile(checkpoint, (await amparo(['audit', 'checkpoint'], env)).said)
  const file = join(folder, 'record.jsonl')
  expect((await amparo(['audit', 'export', file], env)).code).toBe(0)
  expect((await amparo(['audit', 'export', file], env)).code).toBe(2)
  expect(await readFile(file, 'utf8')).toContain('record.exported')
  const by = { type: 'record.exported', agent: 'operator', limit: 9 }
  expect((await events(own.db, by)).items.map(({ result }) => result)).toEqual(['done', 'asked'])
  // After a rotation both keys verify, and the newer signs.
  expect((await amparo(['keys', 'rotate-record'], env)).code).toBe(0)
  await noteLoose(own.db, { type: 'record.read', actor: { kind: 'system', id: 'later' } })
  await sequence(own.db, (await keysAt(keys, false)).record)
  expect((await amparo(['audit', 'verify', '--checkpoint', checkpoint], env)).code).toBe(0)
  expect((await amparo(['audit', 'key'], env)).said.trim().split('\n')).toHaveLength(2)
  await own.db.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(`update event set body = body || ' ' where id = (select event_id from log_leaf where seq = 1)`)
  })
  const { code, said } = await amparo(['audit', 'verify'], env)
  expect({ code, said }).toMatchObject({ code: 4, said: expect.stringMatching(/^Record 1 \(ev_\w+\) does not match/) })
  await own.close()
}, 120_000)

test('a backup that is brought back verifies, goes on, and is told apart from the record that went on without it', async () => {
  const file = join(folder, 'one.amparo')
  await noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'system', id: 'waits' } })
  await backup(fresh.db, file)
  await sequence(fresh.db, by)
  await noteLoose(fresh.db, { type: 'record.read', actor: { kind: 'system', id: 'lost' } })
  await sequence(fresh.db, by)
  const kept = (await newestCheckpoint(fresh.db))?.note ?? ''
  const other = await emptyDatabase()
  await restore(other.db, file, { intoEmpty: false, settle: async () => 0 })
  expect(await verifyRecord(other.db, [by.key])).toMatchObject({ count: 0 })
  expect(await sequence(other.db, by)).toBe(1)
  expect((await verifyRecord(other.db, [by.key], [kept])).faults).toMatchObject([{ fault: 'cut', witness: true }])
  await noteLoose(other.db, { type: 'record.read', actor: { kind: 'system', id: 'instead' } })
  await sequence(other.db, by)
  expect((await verifyRecord(other.db, [by.key], [kept])).faults).toMatchObject([{ fault: 'rewritten', witness: true }])
  await other.close()
}, 120_000)
