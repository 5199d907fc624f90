/** `amparo surfaces add`, as an operator types it: what stands in the file afterwards, and what is shown once. */
import { mkdtempSync } from 'node:fs'
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { surfacesFrom } from '../config.surfaces.ts'
import { surfaceOfTest } from '../conformance/surface.testing.ts'
import { freePort } from '../http/port.testing.ts'
import { amparo } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'amparo-add-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const aFile = (): string => join(mkdtempSync(join(folder, 'of-')), 'surfaces.json')
const add = (file: string, ...args: readonly string[]) =>
  amparo(['surfaces', 'add', ...args], { AMPARO_SURFACES: file, AMPARO_ISSUER_URL: 'https://assist.acme.test' })
const rowsOf = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as readonly { secret: string }[]

test('a row that the server takes, and its secret once: for the product’s environment', async () => {
  const file = aFile()
  const { code, said } = await add(
    file,
    'notes',
    '--at',
    'https://notes.acme.test/any',
    '--name',
    'Notes',
    '--name-es',
    'Notas',
  )
  const rows = await rowsOf(file)
  const [surface] = surfacesFrom(rows)
  const secret = rows[0]?.secret ?? ''
  expect(code, said).toBe(0)
  expect(surface).toMatchObject({
    id: 'notes',
    name: { en: 'Notes', es: 'Notas' },
    offeredTo: ['owner', 'member'],
    powers: ['look'],
    client: {
      id: 'notes',
      secret,
      redirectUris: ['https://notes.acme.test/assisted/callback'],
      initiateLoginUri: 'https://notes.acme.test/assisted/login',
      backchannelLogoutUri: 'https://notes.acme.test/assisted/logout',
      statusCheck: true,
    },
  })
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(said).toContain(
    `\nASSISTED_ISSUER=https://assist.acme.test\nASSISTED_CLIENT_ID=notes\nASSISTED_CLIENT_SECRET=${secret}\n`,
  )
  expect(said).toContain('amparo surfaces check https://notes.acme.test --with FILE')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
}, 180_000)

test('with a key of its own nothing secret stands in the file, and another key takes its place with an overlap', async () => {
  const file = aFile()
  const { code, said } = await add(file, 'notes', '--at', 'https://notes.acme.test', '--key', '--json')
  expect(code, said).toBe(0)
  const { env } = JSON.parse(said)
  const { d, ...half } = JSON.parse(env.ASSISTED_CLIENT_KEY)
  const keysIn = async () => surfacesFrom(await rowsOf(file))[0]?.client?.keys
  const first = { ...half, use: 'sig', alg: 'ES256' }
  expect(await keysIn()).toEqual({ jwks: { keys: [first] } })
  expect(Buffer.from(d, 'base64url')).toHaveLength(32)
  expect(await readFile(file, 'utf8')).not.toContain(d)
  expect(env.ASSISTED_CLIENT_SECRET).toBeUndefined()

  const rotate = () => amparo(['surfaces', 'rotate-key', 'notes', '--json'], { AMPARO_SURFACES: file })
  const { d: _second, ...second } = JSON.parse(JSON.parse((await rotate()).said).env.ASSISTED_CLIENT_KEY)
  expect(await keysIn()).toEqual({ jwks: { keys: [{ ...second, use: 'sig', alg: 'ES256' }, first] } })
  const { d: _third, ...third } = JSON.parse(JSON.parse((await rotate()).said).env.ASSISTED_CLIENT_KEY)
  expect(await keysIn()).toMatchObject({ jwks: { keys: [third, second] } })

  expect((await add(file, 'web', '--at', 'https://web.acme.test')).code).toBe(0)
  const without = await amparo(['surfaces', 'rotate-key', 'web'], { AMPARO_SURFACES: file })
  expect([without.code, without.said]).toEqual([4, expect.stringContaining('amparo surfaces rotate-secret web')])
}, 180_000)

test('what is there stays: other rows, who may read the file, and a product of that name', async () => {
  const file = aFile()
  const web = { id: 'web', name: { en: 'Web', es: 'Web' }, offeredTo: ['owner'] }
  await writeFile(file, JSON.stringify([web]))
  await chmod(file, 0o640)
  expect((await add(file, 'notes', '--at', 'https://notes.acme.test')).code).toBe(0)
  const before = await readFile(file, 'utf8')
  expect(JSON.parse(before)[0]).toEqual(web)
  expect((await stat(file)).mode & 0o777).toBe(0o640)
  const again = await add(file, 'notes', '--at', 'https://other.acme.test')
  expect([again.code, again.said]).toEqual([4, expect.stringContaining('There is a product "notes"')])
  expect(await readFile(file, 'utf8')).toBe(before)
}, 180_000)

test('several at the same time: each that is told of success is in the file, and nothing is left beside it', async () => {
  const file = aFile()
  const ids = ['one', 'two', 'three', 'four']
  const all = await Promise.all(ids.map((id) => add(file, id, '--at', `https://${id}.acme.test`)))
  const done = ids.filter((_, at) => all[at]?.code === 0)
  expect(done.length).toBeGreaterThan(0)
  expect(all.map(({ code }) => code).every((code) => code === 0 || code === 4)).toBe(true)
  expect((await rowsOf(file)).map((row) => 'id' in row && row.id).sort()).toEqual(done.sort())
  expect(await readdir(dirname(file))).toEqual(['surfaces.json'])
}, 180_000)

test('wrong use is told in words, and writes nothing', async () => {
  const file = aFile()
  const cases = [
    [['notes', '--at', 'notes'], /^--at notes is no address/],
    [['Not Es', '--at', 'https://n.acme.test'], /id/],
    [['notes', '--at', 'https://n.acme.test', '--powers', 'everything'], /powers/],
    [['notes', '--at', 'https://n.acme.test', '--offered-to', 'anybody'], /offeredTo/],
  ] as const
  for (const [args, words] of cases) {
    const { code, said } = await add(file, ...args)
    expect([code, said]).toEqual([2, expect.stringMatching(words)])
    expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m)
  }
  expect((await amparo(['surfaces', 'add', 'notes', '--at', 'https://n.acme.test'])).code).toBe(2)
  await writeFile(file, '{ "not": "a list" }')
  const odd = await add(file, 'notes', '--at', 'https://n.acme.test')
  expect([odd.code, odd.said]).toEqual([2, expect.stringContaining('is not a list of products')])
  expect(await readFile(file, 'utf8')).toBe('{ "not": "a list" }')
}, 180_000)

const plan = join(folder, 'notes.check.json')
const told = { user: 'per_marta', ecosystem: 'cli_sol', sees: 'Ring the bell twice' }

test('with what only the vendor can tell it goes on to the check, by the secret that it has just made', async () => {
  const file = aFile()
  await writeFile(plan, JSON.stringify(told))
  const issuer = `http://127.0.0.1:${await freePort()}`
  let secret = ''
  const product = await surfaceOfTest(issuer, undefined, 1000, () => secret)
  const args = ['notes', '--at', product.origin, '--with', plan, '--issuer', issuer]
  const reading = setInterval(() => {
    rowsOf(file).then(
      ([row]) => {
        secret = row?.secret ?? ''
      },
      () => {},
    )
  }, 20)
  const { code, said } = await add(file, ...args).finally(() => {
    clearInterval(reading)
    return product.close()
  })
  expect(said).toContain(`Waiting for ${product.origin}`)
  expect(said).toContain('✓ entry.opens')
  // Nobody told how to look at the rest: that is no pass.
  expect([code, said]).toEqual([1, expect.stringContaining('0 failed')])
}, 180_000)

test('a product that does not come is told with 3, and its row stays', async () => {
  const file = aFile()
  await writeFile(plan, JSON.stringify(told))
  const origin = `http://localhost:${await freePort()}`
  const { code, said } = await add(file, 'notes', '--at', origin, '--with', plan, '--wait', '1')
  expect([code, said]).toEqual([3, expect.stringContaining(`Nobody answers at ${origin}`)])
  expect(await rowsOf(file)).toHaveLength(1)
}, 180_000)
