/** Commands that change something, as an operator types them. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { read } from '../assistance/assistance.store.ts'
import { proveUser } from '../assistance/consent.flow.ts'
import type { Outside } from '../assistance/outside.ts'
import { whatIsOurs } from '../assistance/reference.flow.ts'
import { endOfAnotherRoot } from '../assistance/roots.store.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  pageOf,
  right,
  testOutside,
  wrongFor,
} from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { sequence } from '../audit/log.store.ts'
import { consentMac } from '../codes/consent.ts'
import { linkDigests, linkToken, referenceOf } from '../codes/link.ts'
import { follow, look, sayYes } from '../companion/companion.flow.ts'
import { postgres } from '../database/database.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleAllCut } from '../desk/endings.ts'
import { noteLoose } from '../desk/note.ts'
import { keysAt, readKeys, secretsOf } from '../keys.ts'
import { secretsFrom } from '../secrets.ts'
import { launch } from '../surfaces/surfaces.flow.ts'
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

test('another root at once ends what the old one began, and nothing else: what is sealed opens, and the record keeps its key', async () => {
  const path = join(folder, 'root.json')
  await amparo(['keys', 'new', path])
  const before = await readKeys(path)
  const outside = testOutside(fresh, { secrets: secretsFrom(before.root, before.sealing) })
  const id = await activeFor(outside, await agentAtDesk(outside), 'leo@clinica-sol.test', 'cli_sol')
  expect(await endOfAnotherRoot(fresh.db, outside.secrets)).toBe(0)
  const sealed = outside.secrets.seal('stays', 'x')
  const { code } = await amparo(['keys', 'rotate-root', path, '--at-once'])
  const after = await readKeys(path)
  const secrets = secretsOf(after)
  expect([code, after.formerRoots, after.record.key, secrets.unseal(sealed, 'x')]).toEqual([
    0,
    [],
    before.record.key,
    'stays',
  ])
  expect(after.root).not.toEqual(before.root)
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(1)
  expect((await read(fresh.db, id))?.assistance).toMatchObject({ state: 'closed', because: 'killed' })
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(0)
}, 120_000)

test('under another root what was begun goes on under the old one, what begins knows the new one alone, and then the old one is refused', async () => {
  const path = join(folder, 'roots.json')
  await amparo(['keys', 'new', path])
  const before = await readKeys(path)
  const old = testOutside(fresh, { secrets: secretsOf(before) })
  const [ana, ben, cleo] = await Promise.all([agentAtDesk(old), agentAtDesk(old), agentAtDesk(old)])
  // One helps already, and one has asked: what was sent says a number, and holds a link and a code.
  const helped = await activeFor(old, ana, 'leo@clinica-sol.test', 'cli_sol')
  const asked = await askedUser(old, ben, 'marta@clinica-sol.test', 'cli_sol')
  const number = async (outside: Outside) => (await viewOf(outside, asked))?.sayFirst
  const said = await number(old)
  const code = await digitsSent(old, asked, 'consent')
  const page = await pageOf(old, asked)
  const { digits, browserToken } = right(await sayYes(page.world, page.linked, undefined))

  const rotated = await amparo(['keys', 'rotate-root', path, '--json'])
  const after = await readKeys(path)
  const { id, formerId, until } = JSON.parse(rotated.said)
  expect(rotated.code).toBe(0)
  const rows = JSON.parse((await amparo(['keys', 'list', path, '--json'])).said).keys
  expect(rows.slice(0, 2)).toEqual([
    { use: 'root', kid: id, signs: true },
    { use: 'root', kid: formerId, signs: false, until },
  ])
  // The clock of a server that starts again with it.
  let now = Date.parse(until) - 26 * 3_600_000
  const secrets = secretsFrom(after.root, after.sealing, after.formerRoots, () => now)
  const outside = testOutside(fresh, { secrets })
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(0)
  expect(await number(outside)).toBe(said)
  const reference = referenceOf(old.secrets, asked)
  const checking = { db: fresh.db, secrets, vendor: outside.vendor, mailFrom: 'help@acme.test' }
  expect(await whatIsOurs(checking, reference)).toBe('message')
  // The page that was open shows the digits that it showed, and they are right; a wrong code is still wrong.
  const world = { ...page.world, secrets }
  const linked = await follow(world, linkToken(old.secrets, asked))
  expect(linked && (await look(world, linked, browserToken))).toMatchObject({ page: 'tell', digits })
  expect(await proveUser(outside, ben, asked, { code: wrongFor(code) })).toMatchObject({ refusal: 'code.wrong' })
  right(await proveUser(outside, ben, asked, { match: digits }))
  const launching = { ...outside, issuerOrigin: 'https://assist.acme.test' }
  for (const [one, by] of [
    [helped, ana],
    [asked, ben],
  ] as const)
    right(await launch(launching, by, one, 'web'))

  // What begins now is begun under the new root alone.
  const begun = await askedUser(outside, cleo, 'grace@northside.test', 'cli_northside')
  expect(await follow(world, linkToken(secrets, begun))).toBeDefined()
  expect(linkDigests(old.secrets, linkToken(secrets, begun))).not.toContainEqual(
    (await read(fresh.db, begun))?.assistance.linkDigest,
  )
  right(await proveUser(outside, cleo, begun, { code: await digitsSent(outside, begun, 'consent') }))
  right(await launch(launching, cleo, begun, 'web'))
  // Whoever has the old root and the database seals no consent of it.
  const [consent] = await fresh.db.query<{ terms_digest: Buffer; code_id: string }>(
    'select terms_digest, code_id from consent where assistance_id = $1',
    [begun],
  )
  const sealedBy = { assistanceId: begun, provedBy: 'read_aloud', codeId: consent?.code_id ?? '' } as const
  const forged = consentMac(old.secrets, { ...sealedBy, termsDigest: consent?.terms_digest ?? Buffer.alloc(0) })
  await fresh.db.query('update consent set mac = $2 where assistance_id = $1', [begun, forged])
  expect(await launch(launching, cleo, begun, 'web')).toMatchObject({ ok: false, refusal: 'surface.not_offered' })
  expect(secrets.former()).toHaveLength(1)

  now = Date.parse(until)
  expect(secrets.former()).toEqual([])
  expect(await follow(world, linkToken(old.secrets, asked))).toBeUndefined()
  expect(await whatIsOurs(checking, reference)).toBe('unknown')
  expect(await launch(launching, ana, helped, 'web')).toMatchObject({ ok: false })
  expect(await endOfAnotherRoot(fresh.db, secrets)).toBe(2)
  expect((await read(fresh.db, begun))?.assistance.state).toBe('active')
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
  // Without the keys nobody can say whether the record in it is whole, and nobody does.
  expect([saved, restored].map(({ said }) => JSON.parse(said).record)).toEqual([null, null])
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

test('a backup and what was restored from it say that the record is whole; one that is not is told with 4, and saved all the same', async () => {
  const own = await freshDatabase()
  const [keys, whole, changed] = ['record-keys.json', 'whole.amparo', 'changed.amparo'].map((name) =>
    join(folder, name),
  )
  const { record } = await keysAt(keys ?? '', false)
  await noteLoose(own.db, { type: 'record.read', actor: { kind: 'system', id: 'test' } })
  await sequence(own.db, record)
  const made = await emptyDatabase()
  await made.db.close()
  const env = { AMPARO_KEYS: keys ?? '' }
  const saved = await amparo(['backup', whole ?? ''], { ...env, DATABASE_URL: own.url })
  const restored = await amparo(['restore', whole ?? ''], { ...env, DATABASE_URL: made.url })
  for (const { code, said } of [saved, restored])
    expect([code, said]).toEqual([0, expect.stringMatching(/\n1 record, unbroken, [\d.]+ s\.\n$/)])
  await own.db.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(`update event set body = body || ' ' where id = (select event_id from log_leaf where seq = 0)`)
  })
  const bad = await amparo(['backup', changed ?? ''], { ...env, DATABASE_URL: own.url })
  expect([bad.code, bad.said]).toEqual([4, expect.stringMatching(/saved in .*Record 0 \(ev_\w+\) does not match/s)])
  await own.close()
}, 120_000)

test('amparo stop says that somebody holds what it has ended, and ends it all the same', async () => {
  const outside = testOutside(fresh)
  const id = await activeFor(outside, await agentAtDesk(outside), 'nuria@clinica-sol.test')
  const env = { DATABASE_URL: fresh.url, AMPARO_STOP_FILE: join(folder, 'stopped.json') }
  const said = 'Somebody holds help that this has ended'
  await fresh.db.transaction(async (tx) => {
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    await tx.query('select from assistance where id = $1 for update', [id])
    const stopped = await amparo(['stop'], env)
    expect([stopped.code, stopped.said]).toEqual([0, expect.stringContaining(said)])
    expect((await viewOf(outside, id))?.because).toBe('killed')
  })
  expect(await settleAllCut(fresh.db)).toEqual({ ended: 1, isLeft: false })
  await fresh.db.query(`update cutoff set lifted_at = app_now(), lifted_by = '{}' where lifted_at is null`)
}, 120_000)
