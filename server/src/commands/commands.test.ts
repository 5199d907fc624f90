/** Commands that change something, as an operator types them. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import { endOfAnotherRoot } from '../assistance/roots.store.ts'
import { activeFor, agentAtDesk, testOutside } from '../assistance/testing.ts'
import { postgres } from '../database/database.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { readKeys } from '../keys.ts'
import { secretsFrom } from '../secrets.ts'
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

test('another sealing key rewrites nothing that waits: it is opened still, what stays is wrapped anew, and then the old one goes', async () => {
  const path = join(folder, 'sealing.json')
  await amparo(['keys', 'new', path])
  const before = await readKeys(path)
  const agent = await agentAtDesk(testOutside(fresh))
  const old = secretsFrom(before.root, before.sealing)
  const about = `totp/${agent.agentId}`
  await fresh.db.query('insert into totp (agent_id, sealed, last_step) values ($1, $2, 0)', [
    agent.agentId,
    old.seal('JBSWY3DP', about),
  ])
  const waiting = old.seal('a message', 'ob_1')
  const rotated = await amparo(['keys', 'rotate-sealing', path, '--json'])
  const after = await readKeys(path)
  expect(JSON.parse(rotated.said)).toEqual({ id: after.sealing.now.id, formerId: before.sealing.now.id })
  const now = secretsFrom(after.root, after.sealing)
  expect(now.unseal(waiting, 'ob_1')).toBe('a message')
  const env = { DATABASE_URL: fresh.url }
  expect(JSON.parse((await amparo(['keys', 'rewrap', path, '--json'], env)).said)).toEqual({
    rewrapped: 1,
    unreadable: 0,
  })
  expect(JSON.parse((await amparo(['keys', 'rewrap', path, '--json'], env)).said)).toEqual({
    rewrapped: 0,
    unreadable: 0,
  })
  const [row] = await fresh.db.query<{ sealed: Buffer }>('select sealed from totp where agent_id = $1', [agent.agentId])
  const alone = secretsFrom(after.root, { now: after.sealing.now, former: [] })
  expect(alone.unseal(row?.sealed ?? Buffer.alloc(0), about)).toBe('JBSWY3DP')
  expect(() => alone.unseal(waiting, 'ob_1')).toThrow()
  // What waits may need the old one for a day: it is not forgotten before.
  const kept = await amparo(['keys', 'forget-sealing', path, '--json'], env)
  expect(JSON.parse(kept.said)).toMatchObject({ forgotten: [], kept: [before.sealing.now.id] })
  const list = await amparo(['keys', 'list', path, '--json'])
  expect(JSON.parse(list.said).keys.map(({ use, signs }: { use: string; signs: boolean }) => [use, signs])).toEqual([
    ['root', true],
    ['sealing', true],
    ['sealing', false],
    ['signing', true],
    ['record', true],
  ])
  for (const { key } of [after.sealing.now, ...after.sealing.former])
    expect(list.said + rotated.said).not.toContain(key.toString('base64'))
}, 120_000)

test('another root ends what the old one began, and nothing else: what is sealed opens, and the record keeps its key', async () => {
  const path = join(folder, 'root.json')
  await amparo(['keys', 'new', path])
  const before = await readKeys(path)
  const outside = testOutside(fresh, { secrets: secretsFrom(before.root, before.sealing) })
  const id = await activeFor(outside, await agentAtDesk(outside), 'leo@clinica-sol.test', 'cli_sol')
  expect(await endOfAnotherRoot(fresh.db, outside.secrets)).toBe(0)
  const sealed = outside.secrets.seal('stays', 'x')
  const { code } = await amparo(['keys', 'rotate-root', path])
  const after = await readKeys(path)
  const secrets = secretsFrom(after.root, after.sealing)
  expect([code, after.record.key, secrets.unseal(sealed, 'x')]).toEqual([0, before.record.key, 'stays'])
  expect(after.root).not.toEqual(before.root)
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(1)
  expect((await read(fresh.db, id))?.assistance).toMatchObject({ state: 'closed', because: 'killed' })
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(0)
}, 120_000)

test('keys in the setting itself are read and never shown, and are changed where they are kept', async () => {
  const path = join(folder, 'inline.json')
  await amparo(['keys', 'new', path])
  const text = await readFile(path, 'utf8')
  const list = await amparo(['keys', 'list', '--json'], { AMPARO_KEYS: text })
  expect(list.code).toBe(0)
  const config = await amparo(['config'], { AMPARO_KEYS: text })
  const rotate = await amparo(['keys', 'rotate'], { AMPARO_KEYS: text })
  expect([config.code, rotate.code]).toEqual([0, 4])
  const { root } = JSON.parse(text)
  for (const { said } of [list, config, rotate]) expect(said).not.toContain(root)
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
