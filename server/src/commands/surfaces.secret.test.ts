/** `amparo surfaces rotate-secret`, as an operator types it. */
import { mkdtempSync } from 'node:fs'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { surfacesFrom } from '../config.surfaces.ts'
import { amparo } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'amparo-secret-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const row = {
  offeredTo: ['owner'],
  redirectUris: ['https://web.acme.test/cb'],
  initiateLoginUri: 'https://web.acme.test/login',
  statusCheck: true,
}
const old = 'b'.repeat(43)
const web = { id: 'web', name: { en: 'Web', es: 'Web' }, clientId: 'web', secret: old, ...row }
const elsewhere = {
  ...web,
  id: 'notes',
  clientId: 'notes',
  secret: undefined,
  secretFile: join(folder, 'notes-secret'),
}

test('another secret is shown once, the one of before counts until its time, and nothing else of the file changes', async () => {
  const file = join(folder, 'surfaces.json')
  await writeFile(elsewhere.secretFile, 'c'.repeat(43))
  await writeFile(file, JSON.stringify([web, elsewhere]))
  await chmod(file, 0o640)
  const rotate = (...args: readonly string[]) =>
    amparo(['surfaces', 'rotate-secret', ...args], { AMPARO_SURFACES: file })
  const { code, said } = await rotate('web', '--hours', '2', '--json')
  expect(code, said).toBe(0)
  const { until, env } = JSON.parse(said)
  const hours = (Date.parse(until) - Date.now()) / 3_600_000
  expect(hours > 1.5 && hours <= 2).toBe(true)
  const text = await readFile(file, 'utf8')
  expect(JSON.parse(text)).toEqual([
    { ...web, secret: env.ASSISTED_CLIENT_SECRET, former: { secret: old, until } },
    JSON.parse(JSON.stringify(elsewhere)),
  ])
  expect(surfacesFrom(JSON.parse(text))[0]?.client).toMatchObject({
    secret: env.ASSISTED_CLIENT_SECRET,
    former: { secret: old, until: new Date(until) },
  })
  expect(Buffer.from(env.ASSISTED_CLIENT_SECRET, 'base64url')).toHaveLength(32)
  expect([said.includes(old), (await stat(file)).mode & 0o777]).toEqual([false, 0o640])

  const again = await rotate('web')
  expect([again.code, again.said]).toEqual([4, expect.stringContaining('still taken')])
  const [nobody, inAFile] = [await rotate('store'), await rotate('notes')]
  expect([nobody.code, nobody.said]).toEqual([4, expect.stringContaining('There is no product "store"')])
  expect([inAFile.code, inAFile.said]).toEqual([4, expect.stringContaining('"secretFile"')])
  expect(await readFile(file, 'utf8')).toBe(text)
}, 180_000)
