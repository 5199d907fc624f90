/**
 * The assisted issuer on its own origin, as a listener for node:http. It answers launches, introspection, ends and
 * revocations itself, from our own rooms; the rest of OpenID Connect is the library's, behind a closed list of paths.
 */
import './runtime.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { scopeOfPower } from '@amparo/contract/powers'
import { type Refusal, statusOf } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'
import { errors, type Provider } from 'oidc-provider'
import { isConnectionTrouble } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { limits } from '../http/limits.ts'
import { granted } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { noteActivity } from '../surfaces/activity.flow.ts'
import { batchOf } from '../surfaces/activity.ts'
import { check, type LiveToken, liveByGrant } from '../surfaces/liveness.ts'
import { redeem, takeTicket } from '../surfaces/surfaces.flow.ts'
import { closeSession, hintSeconds, launchByHint } from '../surfaces/surfaces.store.ts'
import { forgetExpired } from './artifacts.ts'
import { type Client, clientOf, cookieOf, formOf, jsonOf, Unreadable } from './asked.ts'
import { notify } from './notices.ts'
import { errorPage, openingPage, refusalPage, strictHeaders } from './pages.ts'
import { claimsOf, type ProviderOutside, providerOf } from './provider.ts'

/** What the issuer needs of the world. `main.ts` builds the real one. */
export interface IssuerOutside extends ProviderOutside {
  /** The only origin whose pages may hand in a ticket. */
  readonly consoleOrigin: string
  /** The reason as the user may read it: the vendor's name for it, and the agent's line if there is one. */
  reasonText(reason: LiveToken['reason'], locale: Language): string
  /** Whether this machine was told to switch it off, whatever the database says or does not say. */
  stops(wanted: { readonly surface?: string; readonly ecosystemId?: string }): boolean
  /** Whether what is done can be recorded. While it cannot, nothing is opened and nothing is said to be alive. */
  recordIsWell(): boolean
  /** Called when an assistance or a surface ended here, so that the surfaces hear of it at once. */
  wake?(): void
}

export interface Issuer {
  /** For `http.createServer`. Never throws and always answers. */
  callback(request: IncomingMessage, response: ServerResponse): void
  /** What is wrong with the configured clients, a sentence each; empty when all is well. To be asked at start. */
  faults(): Promise<readonly string[]>
  /** Tells surfaces of endings that are due; how many acknowledged. To be called often (each 500 ms). */
  notify(): Promise<number>
  /** Removes what expired long ago; how many rows. To be called now and then (each hour). */
  forgetExpired(): Promise<number>
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function issuer(outside: IssuerOutside): Issuer {
  const { db, issuerOrigin } = outside
  const provider = providerOf(outside)
  const reports = limits(60, 5)
  const library = provider.callback()
  const { host, protocol } = new URL(issuerOrigin)
  const every = outside.surfaces.flatMap((surface) => (surface.client ? [{ surface, client: surface.client }] : []))
  const byClient = new Map<string, Client>(every.map((one) => [one.client.id, one]))
  const bySurface = new Map<string, Client>(every.map((one) => [one.surface.id, one]))

  // ── The ticket, from the console ──────────────────────────────────────────────────────────────────────────────────

  const launch: Answer = async (request, response) => {
    if (request.headers.origin !== outside.consoleOrigin) return html(response, 403, refusalPage('request.cross_site'))
    const ticket = (await formOf(request)).get('ticket')
    if (!ticket) return html(response, 400, refusalPage('request.invalid'))
    const taken = await takeTicket(outside, ticket)
    if (!taken.ok) return refused(response, taken.refusal)
    if (outside.stops({ surface: taken.value.surface })) return refused(response, 'access.switched_off')
    const client = bySurface.get(taken.value.surface)?.client
    if (!client) return refused(response, 'surface.not_ready')

    const to = new URL(client.initiateLoginUri)
    to.searchParams.set('iss', issuerOrigin)
    to.searchParams.set('login_hint', taken.value.hint)
    to.searchParams.set('target_link_uri', new URL('/', to).href)
    response.setHeader('set-cookie', launchCookie(taken.value.launchId, taken.value.browser, hintSeconds))
    response.setHeader('refresh', `0; url=${to.href}`)
    html(response, 200, openingPage(to.href))
  }

  // ── The surface's own sign-in begins ──────────────────────────────────────────────────────────────────────────────

  /** Only with a launch on its way: of anybody else's request nothing is kept. `none` asks for no sign-in at all. */
  const authorize: Answer = async (request, response) => {
    const { searchParams } = new URL(request.url ?? '', issuerOrigin)
    const hintDigest = Buffer.from(searchParams.get('login_hint') ?? '', 'base64url')
    const begins = searchParams.get('prompt') === 'none' || (await launchByHint(db, hintDigest)) !== undefined
    return begins ? library(request, response) : refused(response, 'launch.unknown')
  }

  // ── The surface's own sign-in, waiting for its launch ─────────────────────────────────────────────────────────────

  const interaction: Answer = async (request, response) => {
    const details = await provider.interactionDetails(request, response).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return undefined
      throw error
    })
    const client = byClient.get(String(details?.params.client_id))
    if (!details || !client) return refused(response, 'launch.expired')
    const redeemed = await redeem(outside, {
      hintDigest: Buffer.from(String(details.params.login_hint ?? ''), 'base64url'),
      browser: (launchId) => cookieOf(request, cookieName(launchId)),
      surface: client.surface.id,
    })
    const live = redeemed.ok ? await liveByGrant(db, tokenDigest(redeemed.value.sessionId)) : undefined
    if (!redeemed.ok || !live) {
      await details.destroy()
      return refused(response, redeemed.ok ? 'assistance.closed' : redeemed.refusal)
    }
    const grant = new provider.Grant({ accountId: live.subject, clientId: client.client.id })
    grant.jti = live.sessionId
    grant.addOIDCScope(scopeOfPower[granted(client.surface, live.powers)])
    await grant.save()
    response.setHeader('set-cookie', launchCookie(redeemed.value.launchId, '', 0))
    await provider.interactionFinished(request, response, {
      login: { accountId: live.subject, acr: live.acr, amr: [...live.amr], remember: false },
      consent: { grantId: live.sessionId },
    })
  }

  /** The surface that asks; anybody else gets their 401 here. */
  const asking = (request: IncomingMessage, response: ServerResponse): Client | undefined => {
    const owner = clientOf(byClient, request)
    if (owner) return owner
    response.setHeader('www-authenticate', `Basic realm="${issuerOrigin}"`)
    json(response, 401, { error: 'invalid_client' })
    return undefined
  }

  // ── What a surface asks and says about its own token ──────────────────────────────────────────────────────────────

  const isOff = (owner: Client, live: LiveToken | undefined): boolean =>
    outside.stops({ surface: owner.surface.id, ...(live ? { ecosystemId: live.ecosystemId } : {}) })

  /** A form with a token, from a client that proved itself; the token's session while it lives and is theirs. */
  const byOwner =
    (answer: (response: ServerResponse, owner: Client, live: LiveToken | undefined) => Promise<void> | void): Answer =>
    async (request, response) => {
      const owner = asking(request, response)
      if (!owner) return
      const token = (await formOf(request)).get('token')
      if (!token) return json(response, 400, { error: 'invalid_request', error_description: 'token is missing' })
      await answer(response, owner, await check(db, tokenDigest(token), owner.client.id))
    }

  const alive = byOwner((response, owner, live) =>
    json(response, 200, live && !isOff(owner, live) ? introspected(outside, owner, live) : { active: false }),
  )
  /** What is switched off here is dead without a question to anybody; what nobody can record is not said to be alive. */
  const introspect: Answer = async (request, response) => {
    const owner = asking(request, response)
    if (!owner) return
    if (isOff(owner, undefined)) return json(response, 200, { active: false })
    return whileWell(alive)(request, response)
  }

  const end = byOwner(async (response, owner, live) => {
    const actor = { kind: 'surface', id: owner.surface.id } as const
    if (live && (await close(db, live.assistanceId, { because: 'cancelled', actor }))) outside.wake?.()
    json(response, 200, { active: false })
  })

  const revoke = byOwner(async (response, owner, live) => {
    const actor = { kind: 'surface', id: owner.surface.id } as const
    const data = { surface: owner.surface.id, ...(live ? { session: live.sessionId } : {}), why: 'revoked' }
    const event = { type: 'surface.closed', actor, data } as const
    if (live && (await closeSession(db, live.assistanceId, live.sessionId, event))) outside.wake?.()
    json(response, 200, {})
  })

  /** What was done as the user. A report never keeps anything alive. */
  const activity: Answer = async (request, response) => {
    const owner = asking(request, response)
    if (!owner) return
    const batch = batchOf(await jsonOf(request), owner.surface)
    if (!batch.ok) return json(response, 400, { error: 'invalid_request', error_description: batch.more?.why })
    const who = `${owner.surface.id} ${tokenDigest(batch.value.token).toString('base64url')}`
    if (!reports.take(who, performance.now())) {
      response.setHeader('retry-after', '1')
      return json(response, 429, { error: 'slow_down', error_description: 'one batch a second is enough' })
    }
    const noted = await noteActivity(outside, owner.surface.id, batch.value)
    if (!noted.ok)
      return json(response, 403, { error: 'access_denied', error_description: 'not a token of this surface' })
    outside.wake?.()
    json(response, 200, noted.value)
  }

  // ── The closed list of paths ──────────────────────────────────────────────────────────────────────────────────────

  const whileWell =
    (answer: Answer): Answer =>
    async (request, response) => {
      if (outside.recordIsWell()) return answer(request, response)
      response.setHeader('retry-after', '1')
      json(response, 503, { error: 'temporarily_unavailable' })
    }
  const whileOn = (answer: Answer): Answer =>
    whileWell((request, response) =>
      outside.stops({}) ? Promise.resolve(refused(response, 'access.switched_off')) : answer(request, response),
    )
  const standard: Answer = async (request, response) => library(request, response)
  const paths: readonly { readonly path: RegExp; readonly methods: Readonly<Record<string, Answer>> }[] = [
    { path: /^\/launch$/, methods: { POST: whileOn(launch) } },
    { path: /^\/interaction\/[\w-]{1,64}$/, methods: { GET: whileOn(interaction) } },
    { path: /^\/introspect$/, methods: { POST: introspect } },
    { path: /^\/activity$/, methods: { POST: whileWell(activity) } },
    { path: /^\/end$/, methods: { POST: end } },
    { path: /^\/revoke$/, methods: { POST: revoke } },
    { path: /^\/livez$/, methods: { GET: async (_request, response) => json(response, 200, { alive: true }) } },
    { path: /^\/authorize$/, methods: { GET: whileOn(authorize) } },
    { path: /^\/authorize\/[\w-]{1,64}$/, methods: { GET: whileOn(standard) } },
    { path: /^\/token$/, methods: { POST: whileOn(standard) } },
    { path: /^\/userinfo$/, methods: { GET: whileOn(standard), POST: whileOn(standard) } },
    { path: /^\/jwks$/, methods: { GET: standard } },
    { path: /^\/\.well-known\/(openid-configuration|oauth-authorization-server)$/, methods: { GET: standard } },
  ]

  const answer: Answer = async (request, response) => {
    const url = addressed(request, issuerOrigin)
    if (!url) return html(response, 400, refusalPage('request.invalid'))
    const route = paths.find(({ path }) => path.test(url.pathname))
    if (!route) return html(response, 404, refusalPage('route.unknown'))
    const method = Object.hasOwn(route.methods, request.method ?? '') ? route.methods[request.method ?? ''] : undefined
    if (!method) {
      response.setHeader('allow', Object.keys(route.methods).join(', '))
      return html(response, 405, refusalPage('route.method'))
    }
    asOurselves(request, url, host, protocol.slice(0, -1))
    await method(request, response)
  }

  return {
    callback(request, response) {
      for (const [name, value] of Object.entries(strictHeaders)) response.setHeader(name, value)
      response.once('finish', () => request.resume()) // Whoever sends more than was read gets the answer all the same.
      answer(request, response).catch((error: unknown) => failed(outside, response, error))
    },
    faults: async () => (await Promise.all(every.map((one) => faultOf(provider, one)))).flat(),
    notify: () => notify({ db, provider, clientOfSurface: (surface) => bySurface.get(surface) }),
    forgetExpired: () => forgetExpired(db),
  }
}

// ── Helpers, in the order in which they are called ──────────────────────────────────────────────────────────────────

const html = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body)
}
const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
const refused = (response: ServerResponse, refusal: Refusal): void =>
  html(response, statusOf(refusal), refusalPage(refusal))

/** One cookie a launch, so that two launches on their way do not meet. */
const cookieName = (launchId: string): string => `__Host-launch-${launchId}`
const launchCookie = (launchId: string, value: string, seconds: number): string =>
  `${cookieName(launchId)}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`

function introspected(outside: IssuerOutside, owner: Client, live: LiveToken) {
  return {
    active: true,
    ...claimsOf(outside.surfaces, live),
    client_id: owner.client.id,
    scope: live.scope,
    token_type: 'Bearer',
    iss: outside.issuerOrigin,
    iat: live.iat,
    exp: live.exp,
    ecosystem_name: live.ecosystemName,
    user_name: live.userName,
    reason: outside.reasonText(live.reason, live.locale),
    ends_at: live.endsAt.toISOString(),
    idle_at: live.idleAt.toISOString(),
    now: live.now.toISOString(),
    locale: live.locale,
  }
}

/** Where a request goes; undefined for an address that is none, or that no database text could hold. */
function addressed(request: IncomingMessage, origin: string): URL | undefined {
  const target = request.url ?? ''
  if (!target.startsWith('/') || target.startsWith('//') || /%00/.test(target)) return undefined
  return URL.canParse(target, origin) ? new URL(target, origin) : undefined
}

/**
 * The library sees our own scheme and host, whatever the client says, and of a hint only the digest: nothing that it
 * keeps, logs or sends back can be worth anything.
 */
function asOurselves(request: IncomingMessage, url: URL, host: string, scheme: string): void {
  for (const name of Object.keys(request.headers)) if (name.startsWith('x-forwarded-')) delete request.headers[name]
  request.headers.host = host
  request.headers['x-forwarded-proto'] = scheme
  if (!url.searchParams.has('login_hint')) return
  const hidden = new URLSearchParams()
  for (const [name, value] of url.searchParams) {
    hidden.append(name, name === 'login_hint' ? tokenDigest(value).toString('base64url') : value)
  }
  request.url = `${url.pathname}?${hidden}`
}

/** The library reads a client only when it is first used; a mistake is to be found at start. */
async function faultOf(provider: Provider, { surface, client }: Client): Promise<string[]> {
  try {
    await provider.Client.find(client.id)
    return []
  } catch (error) {
    const why = error instanceof errors.OIDCProviderError ? error.error_description : String(error)
    return [`Surface ${surface.id}: ${why}.`]
  }
}

function failed(outside: IssuerOutside, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (error instanceof Unreadable) {
    json(response, error.status, { error: 'invalid_request', error_description: error.message })
    return
  }
  outside.log('issuer.failed', {
    error: error instanceof Error ? error.message : 'unknown',
    stack: error instanceof Error ? error.stack : undefined,
  })
  const status = isConnectionTrouble(error) ? 503 : 500
  html(response, status, errorPage(status, ''))
}
