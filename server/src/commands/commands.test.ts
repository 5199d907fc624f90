/** Commands that change something, as an operator types them. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import { activeFor, agentAtDesk, testOutside } from '../assistance/testing.ts'
import { postgres } from '../database/database.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { readKeys } from '../keys.ts'
import { amparo } from './testing.ts'

let fresh: FreshDatabase
let folder: string
beforeAll(async () => {
  fresh = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'amparo-commands-'))
})
afterAll(async () => {
  await fresh.close()
  await rm(folder, { recursive: true, force: true })
})

test('an operator ends an assistance from where the server is, and the list tells ids and no names', async () => {
  const outside = testOutside(fresh)
  const id = await activeFor(outside, await agentAtDesk(outside), 'marta@clinica-sol.test')
  const env = { DATABASE_URL: fresh.url }
  const list = await amparo(['assistances', '--open', '--json'], env)
  expect(JSON.parse(list.said).assistances).toMatchObject([{ id, state: 'active' }])
  expect(list.said).not.toMatch(/marta|Ana/i)
  const ended = await amparo(['assistances', 'end', id, '--json'], env)
  expect([ended.code, JSON.parse(ended.said)]).toMatchObject([0, { id, because: 'closed_by_supervisor' }])
  expect((await read(fresh.db, id))?.assistance).toMatchObject({ state: 'closed', because: 'closed_by_supervisor' })
  expect((await amparo(['assistances', 'end', 'as_nobody', '--json'], env)).code).toBe(2)
}, 120_000)

test('after a rotation a new key signs, the old one is still believed, the root is the same, and nobody else reads the file', async () => {
  const path = join(folder, 'keys.json')
  await amparo(['keys', 'new', path])
  const before = await readKeys(path)
  const { code, said } = await amparo(['keys', 'rotate', path, '--json'])
  const after = await readKeys(path)
  expect([code, JSON.parse(said)]).toMatchObject([0, { kid: after.signing.kid, formerKid: before.signing.kid }])
  expect(after.signing.kid).not.toBe(before.signing.kid)
  expect(after.former.map((one) => one.key)).toEqual([before.signing])
  expect(after.root).toEqual(before.root)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const list = await amparo(['keys', 'list', path])
  expect(list.said).toContain(before.signing.kid)
  for (const secret of [after.root.toString('base64'), after.signing.d, before.signing.d])
    expect(said + list.said).not.toContain(secret)
}, 120_000)

test('backup and restore as an operator types them: counts and digests are told, a full database is refused with 4', async () => {
  const file = join(folder, 'one.amparo')
  const made = await emptyDatabase()
  await made.db.close()
  const saved = await amparo(['backup', file, '--json'], { DATABASE_URL: fresh.url })
  const restored = await amparo(['restore', file, '--json'], { DATABASE_URL: made.url })
  expect([saved.code, restored.code]).toEqual([0, 0])
  expect(JSON.parse(restored.said).tables).toEqual(JSON.parse(saved.said).tables)
  const again = await amparo(['restore', file], { DATABASE_URL: made.url })
  expect([again.code, again.said.trim()]).toEqual([
    4,
    'This database is not empty. Name an empty one in DATABASE_URL, or throw away what it holds: --into-empty',
  ])
  expect((await readFile(file)).includes(Buffer.from('BEGIN PRIVATE KEY'))).toBe(false)
  const db = postgres(made.url, { max: 1 })
  expect(await db.query(`select from assistance where state <> 'closed'`)).toEqual([])
  await db.close()
}, 120_000)
