/** Products that prove themselves by a key of their own: a stock client on the line, and what is refused. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type JWTPayload, SignJWT } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { assertionType } from '../http/assertions.ts'
import type { ClientKeys } from '../policy/policy.ts'
import { anAgent, anAssistance } from '../surfaces/testing.ts'
import { aBrowser, aWorld, served, shownOf, type World } from './testing.ts'

let world: World
let token: string
beforeAll(async () => {
  world = await aWorld()
  const agent = await anAgent(world.fresh.db)
  const id = await anAssistance(world.fresh.db, world.secrets, agent, { surfaces: ['vault'] })
  const browser = aBrowser()
  const arrived = await browser.post(`${world.origin}/launch`, { ticket: await world.ticket(id, 'vault', agent) })
  const page = JSON.parse(arrived.body)
  token = page.accessToken
  expect(page.claims).toMatchObject({ iss: world.origin, act: { sub: agent.agentId } })
})
afterAll(() => world.close())
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})

const soon = () => Math.floor(Date.now() / 1000)
const claimsFor = (more: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  iss: 'client-vault',
  sub: 'client-vault',
  aud: world.origin,
  iat: soon(),
  exp: soon() + 60,
  jti: randomUUID(),
  ...more,
})
const signed = (claims: JWTPayload, key: KeyObject = world.vaultKey, kid?: string) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...(kid === undefined ? {} : { kid }) }).sign(key)
const another = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

const asForm = (assertion: string, path = '/introspect', at = world.origin, form: Record<string, string> = { token }) =>
  fetch(`${at}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, client_assertion_type: assertionType, client_assertion: assertion }),
  })
const asHeader = (assertion: string, path = '/introspect', at = world.origin) =>
  fetch(`${at}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${assertion}` },
    body: new URLSearchParams({ token }),
  })
const atToken = (assertion: string) =>
  asForm(assertion, '/token', world.origin, {
    grant_type: 'authorization_code',
    code: 'no such code',
    redirect_uri: `${world.products.origin}/cb/vault`,
    code_verifier: 'v'.repeat(43),
  })
const vaultWith = (keys: ClientKeys) =>
  world.surfaces.map((one) => (one.id === 'vault' && one.client ? { ...one, client: { ...one.client, keys } } : one))
const errorOf = async (answer: Response) => [answer.status, ((await answer.json()) as { error?: string }).error]

test('a stock client by private_key_jwt is signed in, and asks about its token in the standard’s own way', async () => {
  const configuration = await world.products.configuration('vault')
  expect(await oidc.tokenIntrospection(configuration, token)).toMatchObject({ active: true, client_id: 'client-vault' })
  expect(configuration.serverMetadata()).toMatchObject({
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    introspection_endpoint_auth_signing_alg_values_supported: ['ES256'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
  })
})

test('an assertion is taken in the header and in a form, on every address, for as long as it lives and no longer', async () => {
  const assertion = await signed(claimsFor())
  for (const ask of [asForm, asHeader, asForm, asHeader])
    expect(await (await ask(assertion)).json()).toMatchObject({ active: true })
  const acts = await fetch(`${world.origin}/activity`, {
    method: 'POST',
    headers: { authorization: `Bearer ${assertion}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token, acts: [] }),
  })
  expect(acts.status).not.toBe(401)
  const line = await fetch(`${world.origin}/endings`, { headers: { authorization: `Bearer ${assertion}` } })
  expect(line.status).toBe(200)
  await line.body?.cancel()
  vi.setSystemTime(Date.now() + 69_000)
  expect((await asHeader(assertion)).status).toBe(200)
  vi.setSystemTime(Date.now() + 2000)
  for (const ask of [asForm, asHeader]) expect(await errorOf(await ask(assertion))).toEqual([401, 'invalid_client'])
})

const hmacByPublicKey = () => {
  const secret = createHash('sha256')
    .update(JSON.stringify(shownOf(world.vaultKey)))
    .digest()
  return new SignJWT(claimsFor()).setProtectedHeader({ alg: 'HS256' }).sign(secret)
}
const withoutSignature = async () => {
  const [, payload = ''] = (await signed(claimsFor())).split('.')
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
}
const wrong: Readonly<Record<string, () => Promise<string>>> = {
  'signed by another key': () => signed(claimsFor(), another().privateKey),
  'signed by nobody': withoutSignature,
  'signed with what is public as a secret': hmacByPublicKey,
  'for another audience': () => signed(claimsFor({ aud: 'https://assist.acme.test' })),
  'for the token endpoint': () => signed(claimsFor({ aud: `${world.origin}/token` })),
  'for us and others': () => signed(claimsFor({ aud: [world.origin, 'https://evil.test'] })),
  'for us in a list': () => signed(claimsFor({ aud: [world.origin] })),
  'that is over': () => signed(claimsFor({ exp: soon() - 11 })),
  'that lives too long': () => signed(claimsFor({ exp: soon() + 3600 })),
  'that lives for ever': () => signed(claimsFor({ exp: undefined })),
  'that is not yet': () => signed(claimsFor({ nbf: soon() + 60 })),
  'without a name of its own': () => signed(claimsFor({ jti: undefined })),
  'about somebody else': () => signed(claimsFor({ sub: 'client-web' })),
  'of a client that has a secret': () => signed(claimsFor({ iss: 'client-web', sub: 'client-web' })),
  'of a client that is none': () => signed(claimsFor({ iss: 'nobody', sub: 'nobody' })),
  'that is nothing of the kind': async () => 'a.b.c',
}

test.each(Object.entries(wrong))('an assertion %s proves nobody, anywhere', async (_how, make) => {
  const assertion = await make()
  for (const path of ['/introspect', '/end', '/revoke'])
    for (const ask of [asForm, asHeader])
      expect(await errorOf(await ask(assertion, path))).toEqual([401, 'invalid_client'])
  const [status, error] = await errorOf(await atToken(assertion))
  expect(['invalid_client', 'invalid_request']).toContain(error)
  expect([400, 401]).toContain(status)
  expect(JSON.stringify(world.logged)).not.toContain(assertion)
  const mine = await signed(claimsFor())
  expect(await (await asHeader(mine)).json()).toMatchObject({ active: true })
})

test('at the token endpoint an assertion counts once, also of twenty at the same moment', async () => {
  const assertion = await signed(claimsFor())
  const answers = await Promise.all(Array.from({ length: 20 }, async () => errorOf(await atToken(assertion))))
  const through = answers.filter(([, error]) => error === 'invalid_grant')
  expect(through).toHaveLength(1)
  expect(answers.filter(([status, error]) => status === 401 && error === 'invalid_client')).toHaveLength(19)
  expect(await errorOf(await atToken(assertion))).toEqual([401, 'invalid_client'])
})

test('who has a key shows no secret, and who has a secret no key', async () => {
  const basic = (id: string, secret: string) => ({
    headers: { authorization: `Basic ${btoa(`${id}:${encodeURIComponent(secret)}`)}` },
    method: 'POST',
    body: new URLSearchParams({ token }),
  })
  for (const secret of ['', 'undefined', 'the secret of vault: 100% & +'])
    expect((await fetch(`${world.origin}/introspect`, basic('client-vault', secret))).status).toBe(401)
  expect((await fetch(`${world.origin}/token`, basic('client-vault', 'undefined'))).status).toBe(401)
})

test('a product whose key has no name goes on while another stands beside it, and a stranger’s still proves nobody', async () => {
  const [before, next] = [another(), another()]
  const keys = { jwks: { keys: [shownOf(next.publicKey, 'next'), shownOf(before.publicKey)] } }
  const issuer = await served(world.another(vaultWith(keys)).callback)
  try {
    for (const ask of [asHeader, asForm])
      for (const [key, status] of [
        [before.privateKey, 200],
        [next.privateKey, 200],
        [another().privateKey, 401],
      ] as const)
        expect((await ask(await signed(claimsFor(), key), '/introspect', issuer.origin)).status).toBe(status)
    const over = await signed(claimsFor({ exp: soon() - 11 }), before.privateKey)
    expect((await asHeader(over, '/introspect', issuer.origin)).status).toBe(401)
  } finally {
    await issuer.close()
  }
})

test('whoever knows the name of a product fills no log with it, and each kind of trouble is still told', async () => {
  const issuer = await served(world.another(world.surfaces).callback)
  const told = () => world.logged.filter(({ message }) => message === 'a product could not prove itself by its key')
  const stranger = another().privateKey
  const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, make))
  const ask = async (claims: JWTPayload) =>
    expect((await asHeader(await signed(claims, stranger), '/introspect', issuer.origin)).status).toBe(401)
  try {
    const before = told().length
    await times(() => ask(claimsFor()))
    expect(told()).toHaveLength(before + 1)
    await times(async () => {
      const over = await signed(claimsFor({ exp: soon() - 11 }))
      expect((await asForm(over, '/introspect', issuer.origin)).status).toBe(401)
    })
    expect(told()).toHaveLength(before + 2)
    vi.setSystemTime(Date.now() + 61_000)
    await ask(claimsFor())
    expect(told()).toHaveLength(before + 3)
  } finally {
    await issuer.close()
  }
})

const sent = { megabytes: 0 }
/** White space without an end, which JSON may begin with. */
function endless(response: ServerResponse): void {
  const more = () => {
    do sent.megabytes += 1 / 16
    while (!response.destroyed && response.write(' '.repeat(64 * 1024)))
  }
  response.on('drain', more).on('error', () => undefined)
  more()
}

test('keys that a product shows at an address are asked for when they are needed, and changed there without a word to us', async () => {
  const [first, second] = [another(), another()]
  const keys = { shown: [shownOf(first.publicKey, 'one')], asked: 0, silent: false, endless: false }
  const product = await served((_request, response) => {
    keys.asked += 1
    if (keys.silent) return void response.writeHead(500).end()
    if (keys.endless) return void endless(response)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: keys.shown }))
  })
  const issuer = await served(world.another(vaultWith({ jwksUri: `${product.origin}/keys` })).callback)
  const ask = async (key: KeyObject, kid: string) =>
    (await asHeader(await signed(claimsFor(), key, kid), '/introspect', issuer.origin)).status
  try {
    expect(keys.asked).toBe(0)
    keys.silent = true
    expect(await ask(first.privateKey, 'one')).toBe(401)
    expect(world.logged).toContainEqual({
      message: 'a product could not prove itself by its key',
      about: { client: 'client-vault', why: expect.stringMatching(/\S/) },
    })
    keys.silent = false
    keys.endless = true
    vi.setSystemTime(Date.now() + 61_000)
    expect(await ask(first.privateKey, 'one')).toBe(401)
    // What lies in the buffers between the two, and not what fits into the time.
    expect(sent.megabytes).toBeLessThan(32)
    keys.endless = false
    expect(await ask(first.privateKey, 'one')).toBe(200)
    const asked = keys.asked
    expect(await ask(first.privateKey, 'one')).toBe(200)
    expect(keys.asked).toBe(asked)

    keys.shown = [shownOf(second.publicKey, 'two'), shownOf(first.publicKey, 'one')]
    vi.setSystemTime(Date.now() + 31_000)
    expect(await ask(second.privateKey, 'two')).toBe(200)
    expect(await ask(first.privateKey, 'one')).toBe(200)

    keys.shown = [shownOf(second.publicKey, 'two')]
    vi.setSystemTime(Date.now() + 11 * 60_000)
    expect(await ask(first.privateKey, 'one')).toBe(401)
    expect(await ask(second.privateKey, 'two')).toBe(200)
  } finally {
    await Promise.all([issuer.close(), product.close()])
  }
})

test('keys are read where the row says, and not where that address points, by us or by the library', async () => {
  const key = another()
  const asked: string[] = []
  const product = await served((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/keys') return void response.writeHead(302, { location: '/elsewhere' }).end()
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: [shownOf(key.publicKey, 'one')] }))
  })
  const issuer = await served(world.another(vaultWith({ jwksUri: `${product.origin}/keys` })).callback)
  try {
    const assertion = () => signed(claimsFor(), key.privateKey, 'one')
    expect((await asHeader(await assertion(), '/introspect', issuer.origin)).status).toBe(401)
    const form = { grant_type: 'authorization_code', code: 'none', redirect_uri: `${world.products.origin}/cb/vault` }
    const answer = await asForm(await assertion(), '/token', issuer.origin, { ...form, code_verifier: 'v'.repeat(43) })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(asked.filter((path) => path === '/keys').length).toBeGreaterThanOrEqual(2)
    expect(asked).not.toContain('/elsewhere')
  } finally {
    await Promise.all([issuer.close(), product.close()])
  }
})
