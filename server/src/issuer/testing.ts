/**
 * For tests only: the issuer on a real port, a vendor's products as *stock* OpenID clients beside it (registered by
 * configuration, knowing nothing of us), and browsers with a jar each.
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createRemoteJWKSet, importJWK, type JWTPayload, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { bell } from '../bell.ts'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { type ClientKey, presets, type Surface, type SurfaceClient } from '../policy/policy.ts'
import { type Secrets, secretsFrom } from '../secrets.ts'
import type { LiveToken } from '../surfaces/liveness.ts'
import type { Outside } from '../surfaces/surfaces.flow.ts'
import { aCore, aSurface, aVendor, bothWays, type TestCore, ticketFor } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { type Issuer, issuer } from './issuer.ts'

export const consoleOrigin = 'http://localhost:4999'

/** What a product made of its sign-in. */
export interface SignedIn {
  readonly claims: Readonly<Record<string, unknown>>
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly scope: string | undefined
  readonly code: string
}
interface Flow {
  readonly verifier: string
  readonly nonce: string
}

export interface World {
  readonly fresh: FreshDatabase
  readonly secrets: Secrets
  /** The console's side of launches. */
  readonly desk: Outside & { readonly core: TestCore }
  ring(): void
  readonly origin: string
  readonly issuer: Issuer
  /** The same issuer with other surfaces, or by another way to the database. */
  another(surfaces: readonly Surface[], db?: Database): Issuer
  readonly surfaces: readonly Surface[]
  /** The private half of what `vault` proves itself by. */
  readonly vaultKey: KeyObject
  readonly products: Products
  readonly logged: { message: string; about: unknown }[]
  /** Surfaces that this machine was told to switch off. */
  readonly switchedOff: Set<string>
  /** Whether what is done can be recorded. */
  readonly record: { isWell: boolean }
  /** A ticket for this surface, fresh from the console. */
  ticket(id: AssistanceId, surface: string, by: Caller): Promise<string>
  close(): Promise<void>
}

export interface Products {
  readonly origin: string
  readonly flows: Map<string, Flow>
  /** What the next back-channel logouts are answered with, by status; 200 when empty. */
  readonly answers: number[]
  /** Products that take a logout and never answer. */
  readonly hangs: Set<string>
  readonly logouts: JWTPayload[]
  /** Requests that came where an answer of the kind 3xx pointed. */
  readonly followed: string[]
  /** How a product asks: what a stock client would add to its request, or leave out. */
  request: (parameters: URLSearchParams) => void
  configuration(surface: string): Promise<oidc.Configuration>
}

const listening = (server: Server, port = 0): Promise<string> =>
  new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
    })
  })

const stopped = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

/** Whatever answers, on a port of its own. */
export async function served(answer: RequestListener): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer(answer)
  return { origin: await listening(server), close: () => stopped(server) }
}

/** `port`: where somebody outside has to find its issuer. */
export async function aWorld(port?: number): Promise<World> {
  const fresh = await freshDatabase()
  const secrets = secretsFrom(randomBytes(32))
  const logged: World['logged'] = []
  const switchedOff: World['switchedOff'] = new Set()
  const record = { isWell: true }
  let answer: RequestListener = () => {}
  const issuerServer = createServer((request, response) => answer(request, response))
  const productServer = createServer()
  const origin = await listening(issuerServer, port)
  const productOrigin = await listening(productServer)
  const surfaces = ['web', 'store', 'kiosk'].map((id) =>
    aSurface(id, {
      client: {
        id: `client-${id}`,
        secret: `the secret of ${id}: 100% & +`,
        redirectUris: [`${productOrigin}/cb/${id}`],
        initiateLoginUri: `${productOrigin}/login/${id}`,
        statusCheck: true,
        ...(id === 'kiosk' ? {} : { backchannelLogoutUri: `${productOrigin}/logout/${id}` }),
      },
    }),
  )
  const vaultKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  surfaces.push(
    aSurface('vault', {
      client: {
        id: 'client-vault',
        clientAuth: 'private_key_jwt',
        keys: { jwks: { keys: [shownOf(vaultKey.publicKey)] } },
        redirectUris: [`${productOrigin}/cb/vault`],
        initiateLoginUri: `${productOrigin}/login/vault`,
        statusCheck: true,
      },
    }),
    aSurface('app', {
      client: {
        id: 'client-app',
        clientAuth: 'none',
        secret: 'the secret of the back end of app',
        redirectUris: [`${productOrigin}/cb/app`],
        initiateLoginUri: `${productOrigin}/q`,
        statusCheck: true,
      },
    }),
  )
  const ring = bell()
  const liveness = await bothWays(fresh)
  const outside = {
    db: fresh.db,
    secrets,
    vendor: aVendor,
    bell: ring,
    liveness,
    surfaces,
    issuerOrigin: origin,
    consoleOrigin,
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
    fetch,
    reasonText: ({ code, line }: LiveToken['reason'], locale: string) =>
      [`${code} in ${locale}`, line].filter(Boolean).join(': '),
    stops: ({ surface }: { readonly surface?: string }) => surface !== undefined && switchedOff.has(surface),
    stopsAnything: () => switchedOff.size > 0,
    recordIsWell: () => record.isWell,
    policy: presets.standard,
    isAtWork: async () => undefined,
    log: (message: string, about: unknown) => logged.push({ message, about }),
  }
  const made = issuer(outside)
  answer = made.callback
  const products = theProducts(origin, productOrigin, surfaces, vaultKey.privateKey)
  productServer.on('request', (request, response) => {
    products.answer(request).then(
      ({ status, body, headers }) => response.writeHead(status, headers).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  const core = aCore()
  const desk = {
    db: fresh.db,
    secrets,
    core,
    surfaces,
    policy: presets.standard,
    issuerOrigin: origin,
    vendor: aVendor,
  }
  return {
    fresh,
    secrets,
    desk,
    ring: ring.ring,
    origin,
    issuer: made,
    another: (others, db = fresh.db) => issuer({ ...outside, db, surfaces: others }),
    surfaces,
    vaultKey: vaultKey.privateKey,
    products,
    logged,
    switchedOff,
    record,
    async ticket(id, surface, by) {
      const minted = await ticketFor(desk, by, id, surface)
      if (!minted.ok) throw new Error(minted.refusal)
      return minted.value.ticket
    },
    async close() {
      await Promise.all([stopped(issuerServer), stopped(productServer), liveness.close()])
      await fresh.close()
    },
  }
}

/** The public half of a key, as a product's row has it. */
export const shownOf = (key: KeyObject, kid?: string): ClientKey => {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return { kty: 'EC', crv: 'P-256', x, y, use: 'sig', alg: 'ES256', ...(kid === undefined ? {} : { kid }) }
}

function theProducts(issuerOrigin: string, origin: string, surfaces: readonly Surface[], vaultKey: KeyObject) {
  const configurations = new Map<string, Promise<oidc.Configuration>>()
  const products: Products & { answer(request: IncomingMessage): Promise<Answered> } = {
    origin,
    flows: new Map(),
    answers: [],
    hangs: new Set(),
    logouts: [],
    followed: [],
    request: () => {},
    configuration(surface) {
      const client = surfaces.find((one) => one.id === surface)?.client
      if (!client) throw new Error(`no such surface: ${surface}`)
      const known = configurations.get(surface)
      if (known) return known
      const made = provenBy(client, vaultKey).then((proof) =>
        oidc.discovery(new URL(issuerOrigin), client.id, undefined, proof, { execute: [oidc.allowInsecureRequests] }),
      )
      configurations.set(surface, made)
      return made
    },
    async answer(request) {
      const url = new URL(request.url ?? '', origin)
      const [, act = '', surface = ''] = url.pathname.split('/')
      if (act === 'login') return login(products, surface, url)
      if (act === 'cb') return callback(products, surface, url)
      if (act !== 'moved') return logout(products, surface, await bodyOf(request))
      products.followed.push(request.method ?? '')
      return { status: 200 }
    },
  }
  return products
}

/** As a stock client does it. */
async function provenBy(client: SurfaceClient, vaultKey: KeyObject): Promise<oidc.ClientAuth> {
  if (client.clientAuth !== 'private_key_jwt') return oidc.ClientSecretBasic(client.secret)
  const key = await importJWK(vaultKey.export({ format: 'jwk' }), 'ES256')
  if (key instanceof Uint8Array) throw new Error('no key of a pair')
  return oidc.PrivateKeyJwt(key)
}

interface Answered {
  readonly status: number
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** Third-party-initiated login, as in OpenID Connect Core §4: the product begins its own flow. */
async function login(products: Products, surface: string, url: URL): Promise<Answered> {
  const configuration = await products.configuration(surface)
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  products.flows.set(state, { verifier, nonce })
  const parameters = new URLSearchParams({
    redirect_uri: `${products.origin}/cb/${surface}`,
    scope: 'openid',
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const hint = url.searchParams.get('login_hint')
  if (hint) parameters.set('login_hint', hint)
  products.request(parameters)
  return { status: 302, headers: { location: oidc.buildAuthorizationUrl(configuration, parameters).href } }
}

async function callback(products: Products, surface: string, url: URL): Promise<Answered> {
  const state = url.searchParams.get('state') ?? ''
  try {
    return { status: 200, body: JSON.stringify(await exchanged(products, surface, url, state)) }
  } catch (error) {
    const code = error instanceof Error && 'error' in error ? error.error : String(error)
    return { status: 401, body: JSON.stringify({ error: code }) }
  }
}

/** The product's exchange of a code, as often as it is called. */
export async function exchanged(products: Products, surface: string, url: URL, state: string): Promise<SignedIn> {
  const flow = products.flows.get(state)
  const tokens = await oidc.authorizationCodeGrant(await products.configuration(surface), url, {
    pkceCodeVerifier: flow?.verifier ?? '',
    expectedState: state,
    expectedNonce: flow?.nonce ?? '',
  })
  return {
    claims: { ...tokens.claims() },
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    scope: tokens.scope,
    code: url.searchParams.get('code') ?? '',
  }
}

async function logout(products: Products, surface: string, body: string): Promise<Answered> {
  if (products.hangs.has(surface)) return new Promise(() => undefined)
  const status = products.answers.shift() ?? 200
  if (status >= 300 && status < 400) return { status, headers: { location: `${products.origin}/moved` } }
  if (status !== 200) return { status }
  const server = (await products.configuration(surface)).serverMetadata()
  const keys = createRemoteJWKSet(new URL(server.jwks_uri ?? ''))
  const { payload } = await jwtVerify(new URLSearchParams(body).get('logout_token') ?? '', keys, {
    issuer: server.issuer,
    audience: `client-${surface}`,
    typ: 'logout+jwt',
  })
  products.logouts.push(payload)
  return { status: 200 }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

// ── Browsers ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Page {
  readonly url: string
  readonly status: number
  readonly body: string
  readonly headers: Headers
}
export interface Browser {
  /** Every Set-Cookie that this browser ever saw. */
  readonly seen: string[]
  /** Goes there, and on through redirects and Refresh; stops in front of an address that `stopAt` names. */
  visit(url: string, stopAt?: string): Promise<Page>
  post(url: string, form: Record<string, string>, more?: { origin?: string; stopAt?: string }): Promise<Page>
}

/** A browser with a jar of its own, as Chromium keeps it: by host and path, whatever the port. */
export function aBrowser(): Browser {
  const jar: { host: string; name: string; value: string; path: string }[] = []
  const seen: string[] = []
  const keep = (url: URL, line: string) => {
    seen.push(line)
    const [pair = '', ...attributes] = line.split(';')
    const name = pair.slice(0, pair.indexOf('='))
    const attribute = (key: string) =>
      attributes.map((one) => one.trim().split('=')).find(([one]) => one?.toLowerCase() === key)?.[1]
    const path = attribute('path') ?? '/'
    const at = jar.findIndex((one) => one.host === url.hostname && one.name === name && one.path === path)
    if (at >= 0) jar.splice(at, 1)
    const over = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '2999-01-01') < Date.now()
    if (!over) jar.push({ host: url.hostname, name, value: pair.slice(name.length + 1), path })
  }
  const go = async (to: string, init: RequestInit, stopAt?: string, left = 12): Promise<Page> => {
    const url = new URL(to)
    if (stopAt && url.pathname.startsWith(stopAt)) return { url: to, status: 0, body: '', headers: new Headers() }
    const cookie = jar
      .filter((one) => one.host === url.hostname && url.pathname.startsWith(one.path))
      .map((one) => `${one.name}=${one.value}`)
      .join('; ')
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(cookie ? { cookie } : {}), accept: 'text/html' },
    })
    for (const line of response.headers.getSetCookie()) keep(url, line)
    const next = response.headers.get('location') ?? response.headers.get('refresh')?.replace(/^0; url=/, '')
    const body = await response.text()
    if (!next || left === 0) return { url: to, status: response.status, body, headers: response.headers }
    return go(new URL(next, url).href, {}, stopAt, left - 1)
  }
  return {
    seen,
    visit: (url, stopAt) => go(url, {}, stopAt),
    post: (url, form, { origin = consoleOrigin, stopAt } = {}) =>
      go(url, { method: 'POST', body: new URLSearchParams(form), headers: { origin } }, stopAt),
  }
}

/** How a product of this world proves itself at the issuer (RFC 6749, section 2.3.1: both parts are encoded first). */
export function basicOf({ surfaces }: Pick<World, 'surfaces'>, surface: string): string {
  const client = surfaces.find((one) => one.id === surface)?.client
  return `Basic ${btoa([client?.id, client?.secret].map((part = '') => encodeURIComponent(part)).join(':'))}`
}
