/**
 * A double of Amazon Cognito: the sign-in page and the OAuth endpoints of one user pool, with the quirks that a client has
 * to live with, its API for app clients (`cognito-api.ts`) and for administrators (`cognito-admin.ts`), and its triggers
 * (`triggers.ts`). It refuses what Cognito refuses, as far as its documentation says so. It has never been compared with a
 * real pool: docs/guide/aws.md says what was.
 *
 * What it does not do: sign-up, passwords that were forgotten or have to be changed, federated providers, devices, advanced
 * security, rotation of refresh tokens, resource servers and their scopes, `client_credentials`, overriding groups in
 * *Pre token generation*, and the pages of Cognito, in whose place stand some of its own.
 */
import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { adminApi } from './cognito-admin.ts'
import { adminScope, cognitoApi, type Metadata } from './cognito-api.ts'
import type { PoolClient, PoolUser } from './pool.ts'
import { unsignedFor } from './service.ts'
import { changesIn, Refused, type TriggerSettings, type Triggers, triggersAt } from './triggers.ts'

export interface Pool {
  readonly issuer: string
  /** Where app clients call its API. */
  readonly endpoint: string
  /** By username. Changing it is what an administrator does in the console of AWS. */
  readonly users: Map<string, PoolUser>
  /** The sign-ins of this user that were not revoked, by what their tokens say of them. */
  signIns(username: string): readonly string[]
  /** What its triggers were called with, in their order. */
  readonly triggered: Triggers['called']
  /** Triggers that it calls three times at once. */
  readonly restless: Triggers['restless']
  close(): Promise<void>
}

interface Grant {
  readonly username: string
  readonly client: PoolClient
  readonly scope: string
  readonly at: number
}
interface Code extends Grant {
  readonly redirectUri: string
  readonly challenge: string | undefined
  readonly nonce: string | undefined
}
interface Refresh extends Grant {
  readonly originJti: string
}

const minutes = (count: number) => count * 60_000
const codeMs = minutes(5)
const usualAccessSeconds = 3600
const shortestAccessSeconds = 300
const sessionMs = minutes(60)

export interface PoolSettings {
  readonly port?: number
  readonly poolId?: string
  readonly users: readonly PoolUser[]
  readonly clients: readonly PoolClient[]
  readonly triggers?: TriggerSettings
}

interface Tokens {
  readonly access_token: string
  readonly id_token: string
  readonly token_type: string
  readonly expires_in: number
}
/** On what occasion tokens are made, as *Pre token generation* is told. */
type Occasion = 'HostedAuth' | 'Authentication' | 'RefreshTokens'

export async function startCognito(settings: PoolSettings): Promise<Pool> {
  const { port = 0, poolId = 'eu-west-1_Amparo001' } = settings
  const clients = [...settings.clients]
  const users = new Map(settings.users.map((user) => [user.username, user]))
  const tooShort = clients.filter((one) => (one.accessTokenSeconds ?? usualAccessSeconds) < shortestAccessSeconds)
  if (tooShort.length > 0) throw new Error('An access token of Cognito lives five minutes at the least')
  const triggers = triggersAt(poolId, settings.triggers)
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = randomUUID()
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Code>()
  const refreshes = new Map<string, Refresh>()
  const access = new Map<string, { readonly grant: Refresh; readonly until: number }>()
  const sessions = new Map<string, { readonly username: string; readonly until: number }>()
  const csrfKey = randomBytes(32)

  const server: Server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) =>
      error instanceof Refused
        ? json(response, 400, { error: 'invalid_request', error_description: error.message })
        : json(response, 500, { error: 'server_error' }),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/${poolId}`

  const clientOf = (id: string | null) => clients.find((one) => one.id === id)
  const named = (given: string) =>
    [...users.values()].find(
      ({ username, attributes }) => username === given || attributes.email?.toLowerCase() === given,
    )

  // ── The page ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What is wrong with a request to sign in: told on a page where it may not go back, else to the client. */
  function asked(query: URLSearchParams) {
    const client = clientOf(query.get('client_id'))
    const redirectUri = query.get('redirect_uri') ?? ''
    if (!client?.callbackUrls.includes(redirectUri)) return { page: 'redirect_mismatch' }
    const scope = query.get('scope') ?? client.scopes.join(' ')
    const back = (error: string) => ({ to: backTo(redirectUri, { error, state: query.get('state') }) })
    if (query.get('response_type') !== 'code') return back('unauthorized_client')
    if (!scope.split(' ').every((one) => client.scopes.includes(one))) return back('invalid_scope')
    if (query.has('code_challenge') && query.get('code_challenge_method') !== 'S256') return back('invalid_request')
    return { client, redirectUri, scope }
  }

  function codeFor(
    username: string,
    query: URLSearchParams,
    good: { client: PoolClient; redirectUri: string; scope: string },
  ) {
    const code = randomUUID()
    codes.set(code, {
      ...good,
      username,
      at: Date.now(),
      challenge: query.get('code_challenge') ?? undefined,
      nonce: query.get('nonce') ?? undefined,
    })
    return backTo(good.redirectUri, { code, state: query.get('state') })
  }

  function authorize(request: IncomingMessage, response: ServerResponse, query: URLSearchParams) {
    const found = asked(query)
    if ('page' in found) return redirect(response, `/error?error=${found.page}`)
    if ('to' in found) return redirect(response, found.to)
    const session = sessions.get(cookieIn(request, 'cognito') ?? '')
    const user = session && session.until > Date.now() ? users.get(session.username) : undefined
    return redirect(response, user?.enabled ? codeFor(user.username, query, found) : `/login?${query}`)
  }

  const csrfOf = (browser: string) => createHmac('sha256', csrfKey).update(browser).digest('base64url')

  function loginPage(response: ServerResponse, query: URLSearchParams, said = '') {
    const browser = randomUUID()
    const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><style>body{font:1rem system-ui;max-width:22rem;margin:4rem auto;padding:0 1rem}label{display:block;margin:.8rem 0}input,button{font:inherit;width:100%;box-sizing:border-box;padding:.6rem}</style>
<h1>Sign in with your user pool</h1><p>A double of Amazon Cognito on this machine.</p>${said && `<p role="alert">${said}</p>`}
<form method="post" action="/login?${escaped(query.toString())}"><input type="hidden" name="_csrf" value="${csrfOf(browser)}">
<label>E-mail <input name="username" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<label>Code of your app, where you have one <input name="mfa" inputmode="numeric" autocomplete="one-time-code"></label>
<button>Sign in</button></form></html>`
    response.setHeader('set-cookie', `csrf-state=${browser}; Path=/; HttpOnly; SameSite=Lax`)
    return html(response, said ? 401 : 200, page)
  }

  function login(request: IncomingMessage, response: ServerResponse, query: URLSearchParams, form: URLSearchParams) {
    const found = asked(query)
    if ('page' in found) return redirect(response, `/error?error=${found.page}`)
    if ('to' in found) return redirect(response, found.to)
    if (!same(csrfOf(cookieIn(request, 'csrf-state') ?? ''), form.get('_csrf') ?? ''))
      return redirect(response, `/login?${query}`)
    const given = form.get('username')?.trim().toLowerCase() ?? ''
    const user = named(given)
    if (!user || !same(user.password, form.get('password') ?? ''))
      return loginPage(response, query, 'Incorrect username or password.')
    if (!user.enabled) return loginPage(response, query, 'User is disabled.')
    if (user.totp !== undefined && !showsNow(user.totp, form.get('mfa') ?? ''))
      return loginPage(response, query, 'Invalid code received for user.')
    const session = randomUUID()
    sessions.set(session, { username: user.username, until: Date.now() + sessionMs })
    response.setHeader('set-cookie', `cognito=${session}; Path=/; HttpOnly; SameSite=Lax`)
    return redirect(response, codeFor(user.username, query, found))
  }

  /** Of its own kind: no `id_token_hint`, no `post_logout_redirect_uri`. */
  function logout(request: IncomingMessage, response: ServerResponse, query: URLSearchParams) {
    const client = clientOf(query.get('client_id'))
    const back = query.get('logout_uri') ?? ''
    if (!client?.logoutUrls.includes(back))
      return html(response, 400, 'Required String parameter missing or not allowed')
    sessions.delete(cookieIn(request, 'cognito') ?? '')
    response.setHeader('set-cookie', 'cognito=; Path=/; Max-Age=0')
    return redirect(response, back)
  }

  // ── Tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The client by its secret, in the header or in the form. */
  function proved(request: IncomingMessage, form: URLSearchParams): PoolClient | undefined {
    const [, basic] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    const [id, secret] = basic
      ? Buffer.from(basic, 'base64')
          .toString()
          .split(':')
          .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
      : [form.get('client_id'), form.get('client_secret')]
    const client = clientOf(id ?? null)
    return client && same(client.secret, secret ?? '') ? client : undefined
  }

  async function token(request: IncomingMessage, response: ServerResponse, form: URLSearchParams) {
    const client = proved(request, form)
    if (!client) return json(response, 400, { error: 'invalid_client' })
    const kind = form.get('grant_type')
    if (kind === 'authorization_code') {
      const code = codes.get(form.get('code') ?? '')
      codes.delete(form.get('code') ?? '')
      const verifier = form.get('code_verifier')
      const challenge = verifier ? createHash('sha256').update(verifier).digest('base64url') : undefined
      const good =
        code &&
        code.client === client &&
        code.at + codeMs > Date.now() &&
        code.redirectUri === form.get('redirect_uri') &&
        code.challenge === challenge
      if (!good || !users.get(code.username)?.enabled) return json(response, 400, { error: 'invalid_grant' })
      const refresh: Refresh = { ...code, originJti: randomUUID() }
      const tokens = await tokensFor(refresh, code.nonce, 'HostedAuth', undefined)
      return json(response, 200, { ...tokens, refresh_token: keptRefresh(refresh) })
    }
    if (kind === 'refresh_token') {
      const refresh = refreshes.get(form.get('refresh_token') ?? '')
      if (!refresh || refresh.client !== client || !users.get(refresh.username)?.enabled)
        return json(response, 400, { error: 'invalid_grant' })
      return json(response, 200, await tokensFor(refresh, undefined, 'RefreshTokens', undefined)) // No refresh token again, and no nonce.
    }
    return json(response, 400, { error: 'unsupported_grant_type' })
  }

  function keptRefresh(refresh: Refresh): string {
    const kept = randomBytes(64).toString('base64url')
    refreshes.set(kept, refresh)
    return kept
  }

  /** What the pool's trigger changes in them; it is asked for every client of the pool. */
  async function changesFor(grant: Refresh, user: PoolUser, occasion: Occasion, metadata: Metadata) {
    if (!triggers.has('PreTokenGeneration')) return changesIn(undefined)
    const request = {
      userAttributes: inTriggers(user),
      groupConfiguration: { groupsToOverride: user.groups, iamRolesToOverride: [], preferredRole: null },
      scopes: grant.scope.split(' '),
      ...(metadata ? { clientMetadata: metadata } : {}),
    }
    const about = { version: '2', userName: user.username, clientId: grant.client.id, request } as const
    return changesIn(await triggers.call('PreTokenGeneration', { ...about, source: `TokenGeneration_${occasion}` }))
  }

  async function tokensFor(
    grant: Refresh,
    nonce: string | undefined,
    occasion: Occasion,
    metadata: Metadata,
  ): Promise<Tokens> {
    const user = users.get(grant.username)
    if (!user) throw new Error('nobody')
    const changes = await changesFor(grant, user, occasion, metadata)
    const accessSeconds = grant.client.accessTokenSeconds ?? usualAccessSeconds
    const scope = changes.scopes(grant.scope)
    const common = {
      sub: subjectOf(user),
      ...(user.groups.length > 0 ? { 'cognito:groups': user.groups } : {}),
      origin_jti: grant.originJti,
      jti: randomUUID(),
      event_id: randomUUID(),
      auth_time: Math.floor(grant.at / 1000),
    }
    const signed = (claims: Record<string, unknown>) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime(`${accessSeconds}s`)
        .sign(privateKey)
    const accessToken = await signed(
      changes.claims('access', {
        ...common,
        token_use: 'access',
        client_id: grant.client.id,
        scope,
        username: user.username,
        version: 2,
      }),
    )
    access.set(accessToken, { grant: { ...grant, scope }, until: Date.now() + accessSeconds * 1000 })
    const { email_verified, phone_number_verified, ...attributes } = attributesIn(user, grant.scope)
    const idClaims = changes.claims('id', {
      ...common,
      ...attributes,
      // Here they are true and false; in userinfo they are texts.
      ...(email_verified === undefined ? {} : { email_verified: email_verified === 'true' }),
      ...(phone_number_verified === undefined ? {} : { phone_number_verified: phone_number_verified === 'true' }),
      aud: grant.client.id,
      token_use: 'id',
      'cognito:username': user.username,
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
      ...(nonce === undefined ? {} : { nonce }),
    })
    const idToken = await signed(idClaims)
    return { access_token: accessToken, id_token: idToken, token_type: 'Bearer', expires_in: accessSeconds }
  }

  function userInfo(request: IncomingMessage, response: ServerResponse) {
    const [, bearer = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    const known = access.get(bearer)
    const user = known && known.until > Date.now() ? users.get(known.grant.username) : undefined
    if (!known || !user?.enabled || !known.grant.scope.split(' ').includes('openid')) {
      response.setHeader(
        'www-authenticate',
        'Bearer error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."',
      )
      return json(response, 401, { error: 'invalid_token' })
    }
    // No groups: they stand in the tokens alone.
    return json(response, 200, {
      sub: subjectOf(user),
      ...attributesIn(user, known.grant.scope),
      username: user.username,
    })
  }

  /** Only a refresh token can be revoked; what was made of it dies with it. */
  function revoke(request: IncomingMessage, response: ServerResponse, form: URLSearchParams) {
    const client = proved(request, form)
    if (!client) return json(response, 400, { error: 'invalid_client' })
    const text = form.get('token') ?? ''
    if (access.has(text)) return json(response, 400, { error: 'unsupported_token_type' })
    forget(text, client)
    response.writeHead(200).end()
  }

  /** Ends one sign-in: its refresh token and every access token that was made of it. The user's others stay. */
  function forget(token: string, client: PoolClient): void {
    const refresh = refreshes.get(token)
    if (refresh?.client !== client) return
    refreshes.delete(token)
    for (const [one, { grant }] of access) if (grant.originJti === refresh.originJti) access.delete(one)
  }

  // ── The API for app clients ───────────────────────────────────────────────────────────────────────────────────────

  const inApi = ({ access_token: AccessToken, id_token: IdToken, expires_in: ExpiresIn }: Tokens) => ({
    AccessToken,
    IdToken,
    ExpiresIn,
    TokenType: 'Bearer',
  })
  const api = cognitoApi({
    clients,
    triggers,
    user: named,
    attributes: inTriggers,
    same,
    showsNow,
    async signedIn({ username }, client, metadata) {
      const refresh: Refresh = { username, client, scope: adminScope, at: Date.now(), originJti: randomUUID() }
      const tokens = await tokensFor(refresh, undefined, 'Authentication', metadata)
      return { ...inApi(tokens), RefreshToken: keptRefresh(refresh) }
    },
    async refreshed(token, client) {
      const refresh = refreshes.get(token)
      if (refresh?.client !== client || !users.get(refresh.username)?.enabled) return undefined
      return inApi(await tokensFor(refresh, undefined, 'RefreshTokens', undefined))
    },
    owner(token, client) {
      const refresh = refreshes.get(token)
      return refresh?.client === client ? refresh.username : undefined
    },
    revoked(token, client) {
      if (access.has(token)) return false
      forget(token, client)
      return true
    },
    bearer(token) {
      const known = access.get(token)
      const user = known && known.until > Date.now() ? users.get(known.grant.username) : undefined
      return known && user && { user, scope: known.grant.scope }
    },
  })

  const asAdmin = adminApi({ poolId, users, clients })

  async function called(request: IncomingMessage, response: ServerResponse, body: string) {
    const [, operation = ''] =
      /^AWSCognitoIdentityProviderService\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? []
    const administer = asAdmin[operation]
    try {
      const unsigned = administer && unsignedFor('cognito-idp', request)
      if (unsigned) throw new Refused(...unsigned)
      return json(response, 200, administer ? administer(JSON.parse(body)) : await api(operation, JSON.parse(body)))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return json(response, 400, { __type: error.word, message: error.message })
    }
  }

  const metadata = {
    authorization_endpoint: `${origin}/oauth2/authorize`,
    end_session_endpoint: `${origin}/logout`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    revocation_endpoint: `${origin}/oauth2/revoke`,
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint: `${origin}/oauth2/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    userinfo_endpoint: `${origin}/oauth2/userInfo`,
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', origin)
    const body = request.method === 'POST' ? await bodyOf(request) : ''
    const form = new URLSearchParams(body)
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /':
        return called(request, response, body)
      case `GET /${poolId}/.well-known/openid-configuration`:
        return json(response, 200, metadata)
      case `GET /${poolId}/.well-known/jwks.json`:
        return json(response, 200, { keys: [jwk] })
      case 'GET /oauth2/authorize':
        return authorize(request, response, url.searchParams)
      case 'GET /login':
        return loginPage(response, url.searchParams)
      case 'POST /login':
        return login(request, response, url.searchParams, form)
      case 'GET /logout':
        return logout(request, response, url.searchParams)
      case 'POST /oauth2/token':
        return token(request, response, form)
      case 'GET /oauth2/userInfo':
      case 'POST /oauth2/userInfo':
        return userInfo(request, response)
      case 'POST /oauth2/revoke':
        return revoke(request, response, form)
      case 'GET /error':
        return html(response, 400, `An error was encountered with the requested page: ${escaped(url.search)}`)
      default:
        return html(response, 404, 'Not found')
    }
  }

  return {
    issuer,
    endpoint: origin,
    users,
    signIns: (username) =>
      [...refreshes.values()].filter((one) => one.username === username).map(({ originJti }) => originJti),
    triggered: triggers.called,
    restless: triggers.restless,
    close: () =>
      new Promise((resolve) => {
        triggers.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Cognito gives everybody a UUID; here it is derived, so that a double that was started again knows its people. */
function subjectOf({ username }: PoolUser): string {
  const hex = createHash('sha256').update(username).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

const inTriggers = (user: PoolUser): Readonly<Record<string, string>> => ({
  sub: subjectOf(user),
  'cognito:user_status': 'CONFIRMED',
  ...user.attributes,
})

const scopeOf: Readonly<Record<string, string>> = {
  email: 'email',
  email_verified: 'email',
  phone_number: 'phone',
  phone_number_verified: 'phone',
}
/** Whoever signed in by the API gets them all. */
const attributesIn = ({ attributes }: PoolUser, scope: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter(
      ([name]) => scope === adminScope || scope.split(' ').includes(scopeOf[name] ?? 'profile'),
    ),
  )

/** RFC 6238: the code of this half minute, or of the one before or after. */
function showsNow(secret: string, given: string): boolean {
  const bits = [...secret.toUpperCase().replace(/=+$/, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return [-1, 0, 1].some((step) => {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step))
    const digest = createHmac('sha1', key).update(counter).digest()
    const number = digest.readUInt32BE((digest[19] ?? 0) & 15) & 0x7fffffff
    return same(String(number % 1_000_000).padStart(6, '0'), given)
  })
}

const same = (one: string, other: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function backTo(uri: string, parameters: Readonly<Record<string, string | null>>): string {
  const url = new URL(uri)
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
  return url.href
}

const cookieIn = (request: IncomingMessage, name: string): string | undefined =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1]

const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

const redirect = (response: ServerResponse, to: string) => response.writeHead(302, { location: to }).end()
const html = (response: ServerResponse, status: number, page: string) =>
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page)
const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
