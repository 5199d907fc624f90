/**
 * The check's own assisted issuer: on the wire what Amparo's is, for as long as one check runs, with one made-up agent. A
 * launch tells the truth, or what a check makes of it: a nonce of another flow, an answer of another issuer. It is lenient
 * where the real one refuses, so that a surface with one fault is told of that one.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { scopeOfPower } from '@amparo/contract/powers'
import { Cannot } from '../cannot.ts'
import { assertionIn, assertionsOf, type ByAssertion, namedIn } from '../http/assertions.ts'
import { holderOf } from '../http/port.ts'
import type { SurfaceClient } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { batchOf } from '../surfaces/activity.ts'
import { type Claims, handle, type Launch, launchOf, type Telling } from './launch.ts'
import { provenBy } from './proof.ts'
import { type By, type Signing, signing } from './signing.ts'

export interface KitIssuerConfig {
  /** As the product knows it; empty: wherever it comes to listen. */
  readonly origin: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly client: SurfaceClient
  readonly ecosystem: string
  readonly cast: Cast
}

export interface KitIssuer {
  readonly origin: string
  /** How many requests came, whatever they were for. */
  requests(): number
  launch(telling: Telling): Launch
  /** A logout token of this launch, or what `alter` and another key make of it. */
  logoutToken(launch: Launch, alter?: (truth: Claims) => Claims, by?: By): Promise<string>
  close(): Promise<void>
}

/** Who helps whom, and why: other names in each check, so that no product can know them beforehand. */
export interface Cast {
  readonly agent: { readonly sub: string; readonly name: string }
  readonly userName: string
  readonly reason: string
}
export function castOf(): Cast {
  const mark = (): string => randomBytes(4).toString('hex').toUpperCase()
  return {
    agent: { sub: `ag_${randomBytes(12).toString('hex')}`, name: `Agent ${mark()}` },
    userName: `Person ${mark()}`,
    reason: `Looking at ${mark()}`,
  }
}

interface Ground extends KitIssuerConfig {
  origin: string
  requests: number
  readonly launches: Launch[]
  /** Proofs that were shown: each counts once. */
  readonly proofs: Set<string>
  readonly signing: Signing
  byAssertion?: ByAssertion<Pick<KitIssuerConfig, 'client'>>
}
type Answer = readonly [status: number, body: object | string, headers?: Readonly<Record<string, string>>]
interface Asked {
  readonly query: URLSearchParams
  readonly body: string
  readonly form: URLSearchParams
  /** How the surface shows itself. */
  readonly client: NonNullable<Launch['client']>
  readonly authorization: string
  readonly bearer: string
  readonly proof: string
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

export async function kitIssuer(config: KitIssuerConfig): Promise<KitIssuer> {
  const ground: Ground = { ...config, requests: 0, launches: [], proofs: new Set(), signing: await signing() }
  const server = createServer((request, response) => {
    ground.requests += 1
    respond(ground, request, response).catch(() => response.destroy())
  })
  await listening(server, config.listen)
  const at = server.address()
  if (ground.origin === '') ground.origin = `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}`
  const asked = { issuerOrigin: ground.origin, fetch, trouble: () => undefined }
  ground.byAssertion = assertionsOf(new Map([[config.client.id, config]]), asked)
  return {
    origin: ground.origin,
    requests: () => ground.requests,
    launch(telling) {
      const launch = launchOf(telling, isPublic(config.client) ? handle() : undefined)
      ground.launches.push(launch)
      return launch
    },
    logoutToken({ telling, sid }, alter = (claims) => claims, by = 'ours') {
      const claims = { sub: telling.sub, sid, jti: randomUUID(), events: { [logoutEvent]: {} } }
      return ground.signing.sign(alter({ ...signedBy(ground), ...claims }), 'logout+jwt', by)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// ── On the wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** `undefined`: it stays without an answer. */
const addresses: Readonly<Record<string, (ground: Ground, asked: Asked) => Promise<Answer | undefined> | Answer>> = {
  '/.well-known/openid-configuration': (ground) => [200, metadataOf(ground)],
  '/jwks': ({ signing }) => [200, { keys: [signing.jwk] }],
  '/authorize': authorize,
  '/token': token,
  '/introspect': introspect,
  '/userinfo': (ground, { bearer }) => {
    const launch = byToken(ground, bearer)
    return launch ? [200, claimsOf(ground, launch)] : [401, { error: 'invalid_token' }]
  },
  '/activity': activity,
  '/end': over('end'),
  '/revoke': over('revoke'),
}

async function respond(ground: Ground, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kit')
  if (isPublic(ground.client))
    for (const [name, value] of Object.entries(acrossOrigins(request))) response.setHeader(name, value)
  if (request.method === 'OPTIONS') return void response.writeHead(204).end()
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const authorization = request.headers.authorization ?? ''
  const form = new URLSearchParams(body)
  const answer = await (addresses[pathname] ?? (() => [404, {}] as const))(ground, {
    query: searchParams,
    body,
    form,
    client: await shownBy(ground, authorization, form),
    authorization,
    bearer: authorization.replace(/^(bearer|dpop) /i, ''),
    proof: String(request.headers.dpop ?? ''),
  })
  if (!answer) return
  const [status, said, headers = {}] = answer
  const type = typeof said === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers })
  response.end(typeof said === 'string' ? said : JSON.stringify(said))
}

const isPublic = (client: SurfaceClient): boolean => client.clientAuth === 'none'

/** An app that is a page asks from its own origin. */
const acrossOrigins = ({ headers: { origin = '' } }: IncomingMessage) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-headers': 'authorization, dpop, content-type',
  'access-control-allow-methods': 'GET, POST',
})

/** By an assertion of its own key (RFC 7523), or by its secret (RFC 6749 §2.3.1: both halves are form-encoded). */
async function shownBy(ground: Ground, authorization: string, form: URLSearchParams): Promise<Asked['client']> {
  const { client } = ground
  if (client.keys) {
    const assertion = assertionIn(authorization) ?? form.get('client_assertion') ?? ''
    if ((await ground.byAssertion?.(assertion)) !== undefined) return 'right'
    return namedIn(assertion) === client.id || form.get('client_id') === client.id ? 'wrong secret' : 'wrong id'
  }
  const basic = Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString()
  const [id, secret] = basic.split(':').map((half) => new URLSearchParams(`half=${half}`).get('half'))
  if (id !== client.id) return 'wrong id'
  return secret === client.secret ? 'right' : 'wrong secret'
}

function authorize(ground: Ground, { query }: Asked): Answer {
  const hint = query.get('login_hint')
  const launch = ground.launches.find((one) => one.hint === hint) ?? ground.launches.at(-1)
  const back = query.get('redirect_uri') ?? ''
  if (launch && query.get('client_id') !== ground.client.id) launch.client = 'wrong id'
  if (!launch || launch.client === 'wrong id' || !URL.canParse(back))
    return [400, 'This is no request of this product.']
  launch.asked = query
  launch.hintCame = launch.hint === hint
  const state = query.get('state')
  const fields = { code: launch.code, ...(state !== null && { state }), iss: ground.origin }
  const to = new URL(back)
  to.search = new URLSearchParams(launch.telling.callback(fields)).toString()
  return [303, '', { location: to.href }]
}

async function token(ground: Ground, asked: Asked): Promise<Answer> {
  const { form } = asked
  const launch = ground.launches.find(({ code }) => code === form.get('code'))
  const client = isPublic(ground.client) ? await publicly(ground, asked, launch) : asked.client
  if (launch) launch.client = client
  if (client !== 'right') return [401, { error: 'invalid_client' }]
  if (!launch?.asked || launch.redeemed) return [400, { error: 'invalid_grant' }]
  const challenge = launch.asked.get('code_challenge')
  const method = launch.asked.get('code_challenge_method')
  launch.verified = tokenDigest(form.get('code_verifier') ?? '').toString('base64url') === challenge
  if (challenge !== null && method === 'S256' && !launch.verified) return [400, { error: 'invalid_grant' }]
  launch.redeemed = true
  const nonce = launch.asked.get('nonce')
  const claims = { ...signedBy(ground), ...claimsOf(ground, launch), ...(nonce !== null && { nonce }) }
  const type = { token_type: isPublic(ground.client) ? 'DPoP' : 'Bearer' }
  const granted = { access_token: launch.token, ...type, expires_in: 3600, scope: scopeOf(launch) }
  return [200, { ...granted, id_token: await ground.signing.sign(launch.telling.idToken(claims), 'JWT') }]
}

/** A public client names itself, shows nothing secret, and proves the key that its token is to be bound to. */
async function publicly(ground: Ground, { form, authorization, client, proof }: Asked, launch: Launch | undefined) {
  const secrets = ['client_secret', 'client_assertion'].some((name) => form.has(name))
  const proven = await provenBy(proof, { method: 'POST', url: `${ground.origin}/token` })
  if (launch) {
    launch.secretShown = authorization !== '' || secrets
    launch.provenAtToken = proven?.key
    launch.key = launch.asked?.get('dpop_jkt') ?? proven?.key
  }
  return form.get('client_id') === ground.client.id ? 'right' : client
}

/** The phone itself, by its token and its key, or the product's back end by its secret. */
async function asker(ground: Ground, { form, client, bearer, proof }: Asked, path: string) {
  const launch = byToken(ground, form.get('token'))
  if (launch?.key === undefined || launch.token !== bearer) return { client, launch }
  const proven = await used(ground, launch, proof, { method: 'POST', url: `${ground.origin}${path}` })
  return { client: proven ? ('right' as const) : ('wrong secret' as const), launch, phone: true }
}

async function used(ground: Ground, launch: Launch, proof: string, about: { method: string; url: string }) {
  const proven = await provenBy(proof, { ...about, token: launch.token })
  if (proven?.key !== launch.key || !proven || ground.proofs.has(proven.name)) return false
  ground.proofs.add(proven.name)
  return true
}

/** What the back end of an app hands over of the request that it got. */
async function cameWithItsKey(ground: Ground, launch: Launch, form: URLSearchParams): Promise<boolean> {
  const about = { method: form.get('dpop_htm') ?? '', url: form.get('dpop_htu') ?? '' }
  if (await used(ground, launch, form.get('dpop_proof') ?? '', about)) return true
  launch.unproven += 1
  return false
}

async function introspect(ground: Ground, asked: Asked): Promise<Answer | undefined> {
  const { client, launch, phone } = await asker(ground, asked, '/introspect')
  if (client !== 'right') return [401, { error: 'invalid_client' }]
  if (!launch) return [200, { active: false }]
  if (launch.key !== undefined && !phone && !(await cameWithItsKey(ground, launch, asked.form)))
    return [200, { active: false }]
  await launch.telling.beforeAnswer?.(launch)
  launch.introspections += 1
  const told = launch.telling.introspection(aliveOf(ground, launch), launch.introspections)
  if (told === 'silent') return undefined
  return [200, told === 'ended' ? { active: false } : told]
}

/** Read as the real one reads it. */
function activity(ground: Ground, { body, client }: Asked): Answer {
  const json = jsonOf(body)
  const launch = byToken(ground, typeof json === 'object' && json ? Reflect.get(json, 'token') : undefined)
  if (client !== 'right' || !launch) return [client === 'right' ? 200 : 401, { active: false }]
  const batch = batchOf(json, {})
  if (!batch.ok) {
    launch.unreadable = String(batch.more?.why)
    return [400, { error: 'invalid_request', error_description: launch.unreadable }]
  }
  launch.reported = Math.max(launch.reported, batch.value.acts.at(-1)?.count ?? 0)
  return [200, { active: true, count: launch.reported, missing: 0 }]
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function over(how: 'end' | 'revoke') {
  return async (ground: Ground, asked: Asked): Promise<Answer> => {
    const { client, launch } = await asker(ground, asked, `/${how}`)
    if (launch && client === 'right') {
      launch.over = how
      launch.telling = { ...launch.telling, introspection: () => 'ended' }
    }
    return [client === 'right' ? 200 : 401, {}]
  }
}

// ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────

const byToken = ({ launches }: Ground, wanted: unknown): Launch | undefined =>
  launches.find((launch) => launch.token === wanted)
const signedBy = ({ origin, client }: Ground) => ({ iss: origin, aud: client.id })
const scopeOf = ({ telling }: Launch): string => scopeOfPower[telling.powers]

const claimsOf = ({ ecosystem, cast }: Ground, { telling, sid }: Launch) => ({
  sub: telling.sub,
  act: cast.agent,
  sid,
  acr: 'urn:amparo:assisted:code:page',
  amr: ['otp'],
  assistance_id: `as_${sid.replaceAll('-', '').slice(0, 24)}`,
  ecosystem_id: telling.ecosystem ?? ecosystem,
  powers: telling.powers,
})

function aliveOf(ground: Ground, launch: Launch): Claims {
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
  const now = Math.floor(Date.now() / 1000)
  return {
    active: true,
    ...claimsOf(ground, launch),
    iss: ground.origin,
    client_id: ground.client.id,
    token_type: launch.key === undefined ? 'Bearer' : 'DPoP',
    ...(launch.key !== undefined && { cnf: { jkt: launch.key }, holder: 'agent_device' }),
    scope: scopeOf(launch),
    iat: now,
    exp: now + 3600,
    ecosystem_name: launch.telling.ecosystem ?? ground.ecosystem,
    user_name: ground.cast.userName,
    reason: ground.cast.reason,
    locale: 'en',
    ends_at: at(3600),
    idle_at: at(880),
  }
}

const metadataOf = ({ origin, client }: Ground) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  userinfo_endpoint: `${origin}/userinfo`,
  jwks_uri: `${origin}/jwks`,
  introspection_endpoint: `${origin}/introspect`,
  revocation_endpoint: `${origin}/revoke`,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  subject_types_supported: ['public'],
  scopes_supported: ['openid', 'support:read', 'support:act'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: [client.keys ? 'private_key_jwt' : 'client_secret_basic', 'none'],
  dpop_signing_alg_values_supported: ['ES256'],
  id_token_signing_alg_values_supported: ['ES256'],
  authorization_response_iss_parameter_supported: true,
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
})

// ── Its place ───────────────────────────────────────────────────────────────────────────────────────────────────────

function listening(server: Server, { host, port }: KitIssuerConfig['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      holderOf(port).then((by) => reject(placeTaken(port, by)), reject)
    })
    server.listen(port, host, resolve)
  })
}

const placeTaken = (port: number, by?: string) =>
  new Cannot(2, [
    {
      en: `Port ${port} is used by ${by ?? 'another program'}. The check takes the place of Amparo's issuer there: stop it while the check runs, or start your product with another issuer and name that one with --issuer.`,
      es: `El puerto ${port} lo usa ${by ?? 'otro programa'}. La comprobación ocupa ahí el lugar del emisor de Amparo: páralo mientras dura, o arranca tu producto con otro emisor y nómbralo con --issuer.`,
    },
  ])
