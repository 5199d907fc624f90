/** The strict preset from end to end: each product by a key of its own, and a secret nowhere. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Play, playing } from './script.ts'
import { Browser, type Stage, staged, until } from './stage.ts'

let folder: string
let stage: Stage
let play: Play
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-strict-'))
  const policy = join(folder, 'policy.json')
  await writeFile(policy, JSON.stringify({ preset: 'strict' }))
  stage = await staged({ env: { AMPARO_POLICY: policy } })
  play = await playing(stage)
}, 180_000)
afterAll(async () => {
  await stage.stop()
  await Promise.all([stage.remove(), rm(folder, { recursive: true, force: true })])
})

const leo = 'leo@clinica-sol.test'

test('products that share no secret with Amparo open as the user, say who helps, and are shut by the user’s stop', async () => {
  const ana = play.scriptOf('ana')
  const { id, link } = await play.active(ana, leo, 'cli_sol')
  const browser = new Browser()
  const inside = await play.launched(ana, id, browser)
  expect([inside.status, inside.url]).toEqual([200, play.webHome])
  expect(inside.text).toContain('Leo Martín')
  expect(inside.text).toContain('Ana Robles')

  const phone = new Browser()
  await phone.follow(await phone.ask(link))
  expect((await play.tapped(phone, link, 'stop')).status).toBe(200)
  const shut = await until(
    () => browser.ask(play.webHome),
    ({ text }) => !text.includes('Ana Robles'),
    'the Web to shut',
  )
  expect(shut.text).not.toContain('Leo Martín')
})

test('a product with a secret does not start beside it, and is told what it needs', async () => {
  const surfaces = join(folder, 'surfaces.json')
  const secret = 'planted-'.repeat(6)
  const at = 'https://web.acme.test/assisted'
  const row = { id: 'web', name: { en: 'Web', es: 'Web' }, offeredTo: ['owner'], clientId: 'web', secret }
  await writeFile(
    surfaces,
    JSON.stringify([{ ...row, redirectUris: [`${at}/callback`], initiateLoginUri: `${at}/login`, statusCheck: true }]),
  )
  const env = { AMPARO_POLICY: join(folder, 'policy.json'), AMPARO_SURFACES: surfaces }
  const said = await staged({ env }).then(
    () => 'it started',
    (error: unknown) => String(error),
  )
  expect(said).toMatch(/AMPARO_SURFACES.*web.*clientKeys.*private_key_jwt/s)
  expect(said).not.toContain('planted-')
  expect(await readFile(surfaces, 'utf8')).toContain(secret)
}, 120_000)
