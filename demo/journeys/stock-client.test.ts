/**
 * A vendor's product that nobody here wrote: a stock OpenID client, registered by a file of configuration and nothing
 * else. It is signed in as the user, sees who acts, hears of the end, and holds nothing after it.
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
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
  product = await startProduct(`http://127.0.0.1:${port + 1}`)
  const surfaces = [
    {
      id: 'portal',
      name: { en: 'Portal', es: 'Portal' },
      offeredTo: ['owner', 'member'],
      clientId: client.id,
      clientAuth: 'client_secret_basic',
      secret: client.secret,
      redirectUris: [`${product.origin}/callback`],
      initiateLoginUri: `${product.origin}/login`,
      backchannelLogoutUri: `${product.origin}/logout`,
      powers: ['look', 'act'],
    },
  ]
  await writeFile(join(folder, 'surfaces.json'), JSON.stringify(surfaces))
  stage = await staged({ databaseUrl: fresh.url, port, env: { AMPARO_SURFACES: join(folder, 'surfaces.json') } })
  play = await playing(stage)
}, 60_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
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
  expect((await agent.call('GET', `/assistances/${id}`)).body.surfaces[0].acknowledgedAt).toBeTruthy()
})

test('without a launch it is told so in the words of the standard, and signs nobody in', async () => {
  const before = product.count()
  const browser = new Browser()
  const answer = await browser.follow(await browser.ask(`${product.origin}/login`))
  expect(answer.text).not.toBe('Signed in')
  expect(product.count()).toBe(before)
})

// ── The vendor's product ────────────────────────────────────────────────────────────────────────────────────────────

type Tokens = Awaited<ReturnType<typeof openid.authorizationCodeGrant>>
interface SignedIn {
  readonly tokens: Tokens
  readonly metadata: openid.Configuration
}
interface Product {
  readonly origin: string
  readonly server: Server
  readonly logouts: string[]
  signedIn(): SignedIn
  count(): number
}

async function startProduct(issuer: string): Promise<Product> {
  const flows = new Map<string, { verifier: string; nonce: string }>()
  const signedIn: SignedIn[] = []
  const logouts: string[] = []
  const found = () =>
    openid.discovery(new URL(issuer), client.id, undefined, openid.ClientSecretBasic(client.secret), {
      execute: [openid.allowInsecureRequests],
    })

  async function login(url: URL, response: ServerResponse): Promise<void> {
    const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()]
    flows.set(state, { verifier, nonce })
    const to = openid.buildAuthorizationUrl(await found(), {
      redirect_uri: `${origin}/callback`,
      scope: 'openid',
      state,
      nonce,
      login_hint: url.searchParams.get('login_hint') ?? '',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    response.writeHead(302, { location: to.href }).end()
  }

  async function callback(url: URL, response: ServerResponse): Promise<void> {
    const metadata = await found()
    const flow = flows.get(url.searchParams.get('state') ?? '')
    const tokens = await openid.authorizationCodeGrant(metadata, url, {
      expectedState: url.searchParams.get('state') ?? '',
      expectedNonce: flow?.nonce ?? '',
      pkceCodeVerifier: flow?.verifier ?? '',
      idTokenExpected: true,
    })
    signedIn.push({ tokens, metadata })
    response.end('Signed in')
  }

  async function logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += chunk
    logouts.push(new URLSearchParams(body).get('logout_token') ?? '')
    response.end()
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const answer = { '/login': login, '/callback': callback }[url.pathname]
    const work = answer ? answer(url, response) : logout(request, response)
    work.catch((error: unknown) => response.writeHead(400).end(String(error)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    origin,
    server,
    logouts,
    count: () => signedIn.length,
    signedIn() {
      const [latest] = signedIn.slice(-1)
      if (!latest) throw new Error('nobody signed in')
      return latest
    },
  }
}
