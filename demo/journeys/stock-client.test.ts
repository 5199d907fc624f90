/**
 * A vendor's product that nobody here wrote: a stock OpenID client, registered by a file of configuration and nothing
 * else. It is signed in as the user, sees who acts, hears of the end, and holds nothing after it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { castOn } from '../screens/cast.ts'
import { chromiumHere, picture } from './chromium.ts'
import { type Product, registrationOf, startProduct } from './product.ts'
import { type Play, playing } from './script.ts'
import { Browser, freeBlock, type Stage, staged, until } from './stage.ts'

const client = { id: 'acme-portal', secret: 'a-secret-of-at-least-thirty-two-letters' }

let fresh: FreshDatabase
let folder: string
let stage: Stage
let play: Play
let product: Product

beforeAll(async () => {
  fresh = await emptyDatabase()
  folder = await mkdtemp(join(tmpdir(), 'amparo-stock-'))
  const port = await freeBlock()
  product = await startProduct(`http://127.0.0.1:${port + 1}`, client)
  const surfaces = [registrationOf(product, client)]
  await writeFile(join(folder, 'surfaces.json'), JSON.stringify(surfaces))
  stage = await staged({ databaseUrl: fresh.url, port, env: { AMPARO_SURFACES: join(folder, 'surfaces.json') } })
  play = await playing(stage)
}, 120_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  product.server.closeAllConnections()
  product.server.close()
  await rm(folder, { recursive: true, force: true })
  await fresh.close()
})

test('registered by configuration only, a stock client is signed in as the user, with `act` everywhere, and loses it all at the end', async () => {
  const agent = play.scriptOf('ana')
  const { id } = await play.active(agent, 'leo@clinica-sol.test', 'cli_sol')
  const home = await play.launched(agent, id, new Browser(), 'portal')
  expect(home.text).toBe('Signed in')

  const { tokens, metadata } = product.signedIn()
  const claims = tokens.claims()
  const [leo] = await fresh.db.query<{ id: string }>(
    `select id from vendor.person where email = 'leo@clinica-sol.test'`,
  )
  const { id: agentId } = (await agent.call('GET', '/session')).body
  const act = { sub: agentId, name: 'Ana Robles' }
  expect(claims).toMatchObject({ sub: leo?.id, act, aud: client.id, assistance_id: id })
  expect(tokens.refresh_token).toBeUndefined()
  const introspected = await openid.tokenIntrospection(metadata, tokens.access_token)
  expect(introspected).toMatchObject({ active: true, sub: claims?.sub, act, sid: claims?.sid, client_id: client.id })
  expect(await openid.fetchUserInfo(metadata, tokens.access_token, claims?.sub ?? '')).toMatchObject({ act })

  await agent.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  const [logout] = await until(
    async () => product.logouts,
    (all) => all.length > 0,
    'the logout token',
  )
  const keys = createRemoteJWKSet(new URL(metadata.serverMetadata().jwks_uri ?? ''))
  const { payload } = await jwtVerify(logout ?? '', keys, { audience: client.id, typ: 'logout+jwt' })
  expect(payload).toMatchObject({ sid: claims?.sid, sub: claims?.sub })
  expect(await openid.tokenIntrospection(metadata, tokens.access_token)).toEqual({ active: false })
  await expect(openid.fetchUserInfo(metadata, tokens.access_token, claims?.sub ?? '')).rejects.toThrow()
  await until(
    async () => (await agent.call('GET', `/assistances/${id}`)).body.surfaces[0].acknowledgedAt,
    Boolean,
    'the acknowledgement',
  )
})

test('without a launch it is told so in the words of the standard, and signs nobody in', async () => {
  const before = product.count()
  const browser = new Browser()
  const answer = await browser.follow(await browser.ask(`${product.origin}/login`))
  expect(answer.text).not.toBe('Signed in')
  expect(product.count()).toBe(before)
})

test('one that never answers an ending is refused all the same, red on both sides until what it held is dead, and acknowledges late', {
  timeout: 240_000,
}, async () => {
  const browser = await chromiumHere()
  const cast = castOn(stage, browser)
  onTestFinished(async () => {
    await cast.close()
    await browser.close()
  })
  const { id, link } = await play.active(play.scriptOf('ben'), 'nuria@clinica-sol.test', 'cli_sol')
  await play.launched(play.scriptOf('ben'), id, new Browser(), 'portal')
  const { tokens, metadata } = product.signedIn()
  const desk = await cast.atDesk('ben', `/assist/${id}`)
  product.hang(true)
  await desk.getByRole('button', { name: 'End now' }).click()
  await desk.getByText('Portal has not confirmed it yet').waitFor()
  expect(await openid.tokenIntrospection(metadata, tokens.access_token)).toEqual({ active: false })
  await picture(desk, 'silent-product')
  const hers = await cast.pageOf('nuria', `${link}?lang=en`)
  await until(
    async () => {
      await hers.reload()
      return hers.locator('li.failed').count()
    },
    (count) => count === 1,
    'the red line of the user’s page',
  )
  await picture(hers, 'silent-product-user')

  await play.advance(61 * 60_000)
  await desk.getByText('Portal never confirmed it; what it held ran out at').waitFor()
  expect(await desk.locator('.refused').count()).toBe(0)
  await hers.reload()
  expect(await hers.locator('li.failed').count()).toBe(0)
  product.hang(false)
  await play.advance(61_000)
  await until(
    async () => (await play.scriptOf('ben').call('GET', `/assistances/${id}`)).body.surfaces[0],
    ({ acknowledgedAt, deadAt }) => Boolean(acknowledgedAt) && !deadAt,
    'the late acknowledgement',
  )
  // Where nothing was left to confirm the page no longer asked.
  await desk.reload()
  await desk.locator('.case').waitFor()
  await picture(desk, 'silent-product-late')
  await desk.getByText('confirmed after').first().waitFor()
  expect(product.logouts.length).toBeGreaterThan(0)
})
