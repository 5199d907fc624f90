/**
 * The assisted issuer on its own origin, as a listener for node:http. It answers launches, introspection, ends and
 * revocations itself, from our own rooms; the rest of OpenID Connect is the library's, behind a closed list of paths.
 */
import './runtime.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { scopeOfSensitive } from '@amparo/contract/powers'
import { type Refusal, statusOf } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'
import { errors, type Provider } from 'oidc-provider'
import type { Bell, News } from '../bell.ts'
import { isConnectionTrouble } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { assertionsOf } from '../http/assertions.ts'
import { callerOf, type Proxies, siteOf } from '../http/caller.ts'
import { buckets } from '../http/limits.ts'
import { safetyOf } from '../http/safety.ts'
import type { Vendor } from '../messages/letter.ts'
import { opensIn, type Policy } from '../policy/policy.ts'
import { type Secrets, tokenDigest } from '../secrets.ts'
import { noteActivity, noteChecks } from '../surfaces/activity.flow.ts'
import { batchOf } from '../surfaces/activity.ts'
import { checks } from '../surfaces/checks.ts'
import {
  boundTo,
  type Live,
  type Liveness,
  type LiveToken,
  liveByGrant,
  sensitiveOf,
  type Telling,
} from '../surfaces/liveness.ts'
import { forgetHandles } from '../surfaces/phone.store.ts'
import { takeTicket } from '../surfaces/surfaces.flow.ts'
import { closeSession, hintSeconds } from '../surfaces/surfaces.store.ts'
import { forgetExpired } from './artifacts.ts'
import { formOf, jsonOf, Unreadable } from './asked.ts'
import { type Asker, askerOf, cameWithItsKey, proofRefused, tokenOf } from './askers.ts'
import { bridgedSession, redeem, saidOf, ticketFor } from './bridge.ts'
import { backEndsOf, type Client, formerSecrets, secretShown } from './clients.ts'
import { thumbprintOf } from './dpop.ts'
import { endings } from './endings.ts'
import { launchCookie } from './launching.ts'
import { heardOnPhone, type Notified, notify } from './notices.ts'
import { type Details, declined, guesses, hiddenHint, mayNotBegin, shown, stateOf } from './on-phone.ts'
import { errorPage, openingPage, refusalPage, strictHeaders } from './pages.ts'
import { bounded, claimsOf, type ProviderOutside, providerOf } from './provider.ts'

/** What the issuer needs of the world. `main.ts` builds the real one. */
export interface IssuerOutside extends ProviderOutside {
  readonly secrets: Secrets
  readonly vendor: Vendor
  /** Rings when something changed: whoever waits to hear of an ending looks again. */
  readonly bell: Bell
  /** The only origin whose pages may hand in a ticket. */
  readonly consoleOrigin: string
  /** Which proxies are believed about who asks; none unless named. */
  readonly proxies?: Proxies | undefined
  /** The reason as the user may read it: the vendor's name for it, and the agent's line if there is one. */
  reasonText(reason: LiveToken['reason'], locale: Language): string
  /** What lives behind a token. */
  readonly liveness: Liveness & Telling
  /** Whether this machine was told to switch it off, whatever the database says or does not say. */
  stops(wanted: { readonly surface?: string; readonly ecosystemId?: string }): boolean
  /** Whether this machine was told to switch anything off. */
  stopsAnything(): boolean
  /** Whether what is done can be recorded. While it cannot, nothing is opened and nothing is said to be alive. */
  recordIsWell(): boolean
  readonly policy: Pick<Policy, 'activity'>
  /** The agent of this session at the desk is at work in a product. */
  readonly isAtWork: (deskSessionId: string) => Promise<void>
  /** Called when an assistance or a surface ended here, so that the surfaces hear of it at once. */
  wake?(news?: readonly News[]): void
}

export interface Issuer {
  /** For `http.createServer`. Never throws and always answers. */
  callback(request: IncomingMessage, response: ServerResponse): void
  /** What is wrong with the configured clients, a sentence each; empty when all is well. To be asked at start. */
  faults(): Promise<readonly string[]>
  /** Tells surfaces of endings that are due. To be called often (each 500 ms), and again where there may be more. */
  notify(): Promise<Notified>
  /** Writes down how often products asked about their sessions. To be called now and then (each minute), and at the end. */
  noteChecks(): Promise<number>
  /** Removes what expired long ago; how many rows. To be called now and then (each hour). */
  forgetExpired(): Promise<number>
}

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

export function issuer(outside: IssuerOutside): Issuer {
  const { db, issuerOrigin, liveness } = outside
  const reports = buckets(60, 5)
  const { host, protocol } = new URL(issuerOrigin)
  const every = outside.surfaces.flatMap((surface) => (surface.client ? [{ surface, client: surface.client }] : []))
  const byClient = new Map<string, Client>(every.map((one) => [one.client.id, one]))
  const bySurface = new Map<string, Client>(every.map((one) => [one.surface.id, one]))
  const formerCounts = formerSecrets(db, (about) => outside.log('a product still shows its former secret', about))
  const provider = providerOf(outside, async (id, shown) => {
    const known = byClient.get(id)
    const by = secretShown(known?.client, shown)
    return by === 'former' && known ? formerCounts(known) : by === 'now'
  })
  const library = provider.callback()
  const backEndOf = backEndsOf(
    byClient,
    formerCounts,
    assertionsOf(byClient, {
      issuerOrigin,
      fetch: bounded(outside.fetch),
      trouble: (about) => outside.log('a product could not prove itself by its key', about),
    }),
  )
  const askers = { db, issuerOrigin, clients: byClient, backEnd: backEndOf }
  const desk = { ...outside, provider }
  const tries = guesses()
  const asked = checks()
  const apps = appOrigins(every)

  /** As it came: what the library gets to see of a request says nothing of proxies. */
  const askedFrom = ({ socket, headersDistinct }: IncomingMessage) =>
    callerOf(socket.remoteAddress, headersDistinct['x-forwarded-for']?.join(','), outside.proxies)

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

  /**
   * Only with a hint of a launch; `none` asks for no sign-in at all. In a tab the launch is redeemed in this very request
   * (`launching.ts`): nothing is kept of it before it opens something.
   */
  const authorize: Answer = async (request, response, asked) => {
    const { searchParams } = new URL(request.url ?? '', issuerOrigin)
    const app = byClient.get(searchParams.get('client_id') ?? '')
    if (app && opensIn(app.surface) === 'phone') {
      if (isOff(app, undefined)) return backToApp(response, app, 'access.switched_off')
      const no = await mayNotBegin(db, tries, {
        hint: asked.searchParams.get('login_hint') ?? '',
        handleDigest: Buffer.from(searchParams.get('login_hint') ?? '', 'base64url'),
        keyThumbprint: searchParams.get('dpop_jkt') ?? '',
        from: siteOf(askedFrom(request)),
      })
      return no ? backToApp(response, app, ...no) : library(request, response)
    }
    const begins = searchParams.get('prompt') === 'none' || searchParams.has('login_hint')
    return begins ? library(request, response) : refused(response, 'launch.unknown')
  }

  // ── On a phone: a sign-in waits for its launch ───────────────────────────────────────────────────────────────────

  /** The sign-in that this browser has under way, and whose it is. */
  const underWay = async (request: IncomingMessage, response: ServerResponse) => {
    const details = await provider.interactionDetails(request, response).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return undefined
      throw error
    })
    const client = byClient.get(String(details?.params.client_id))
    return details && client && { details, client }
  }

  const interaction: Answer = async (request, response) => {
    const found = await underWay(request, response)
    if (!found) return refused(response, 'launch.expired')
    const { details, client } = found
    return opensIn(client.surface) === 'phone'
      ? phone(request, response, details, client)
      : refused(response, 'launch.expired')
  }

  /** The surface session lives: the code for whoever began this sign-in. */
  const goOn = (request: IncomingMessage, response: ServerResponse, live: Live) =>
    provider.interactionFinished(request, response, {
      login: { accountId: live.subject, acr: live.acr, amr: [...live.amr], remember: false },
      consent: { grantId: live.sessionId },
    })

  // ── The same on a phone: its page with the digits, what it asks meanwhile, and *Not me* ────────────────────────────

  const phone = async (request: IncomingMessage, response: ServerResponse, details: Details, client: Client) => {
    if (isOff(client, undefined)) return backToApp(response, client, 'access.switched_off')
    const came = await shown(desk, request, details, client)
    if (came.answer === 'refused') return backToApp(response, client, came.refusal)
    if (came.answer === 'page') {
      for (const [name, value] of Object.entries(came.headers)) response.setHeader(name, value)
      return html(response, 200, came.html)
    }
    const live = await liveByGrant(db, tokenDigest(came.sessionId))
    return live ? goOn(request, response, live) : backToApp(response, client, 'assistance.closed')
  }

  const waiting: Answer = async (request, response) => {
    const found = await underWay(request, response)
    json(response, 200, { state: found ? await stateOf(desk, found.details, found.client) : 'closed' })
  }

  const decline: Answer = async (request, response) => {
    const found = await underWay(request, response)
    if (!found || !(await declined(desk, found.details, found.client))) return refused(response, 'launch.closed')
    await provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: 'declined on the phone',
    })
  }

  // ── What a surface asks and says about its own token ──────────────────────────────────────────────────────────────

  const isOff = (owner: Client, live: Live | undefined): boolean =>
    outside.stops({ surface: owner.surface.id, ...(live ? { ecosystemId: live.ecosystemId } : {}) })

  interface Said {
    readonly response: ServerResponse
    readonly owner: Client
    readonly token: string
    readonly form: ReadonlyMap<string, string>
    /** The token's session while it lives and is theirs. */
    readonly live: LiveToken | undefined
    /** The phone that asks, by its own key. */
    readonly phone: Asker['phone']
  }

  /** A form with a token, from this asker, who is known already. */
  const ofToken =
    (answer: (said: Said) => Promise<void>) =>
    async ({ client: owner, phone }: Asker, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const form = await formOf(request)
      const token = form.get('token')
      if (!token || (phone && phone.token !== token))
        return json(response, 400, {
          error: 'invalid_request',
          error_description: 'token is missing, or is another one',
        })
      await answer({
        response,
        owner,
        token,
        form,
        phone,
        live: await liveness.check(tokenDigest(token), owner.client.id),
      })
      if (phone) await heardOnPhone(db, phone.sessionId, owner.surface.id)
    }

  /** The same, from whoever may ask about it. */
  const byOwner = (answer: (said: Said) => Promise<void>): Answer => {
    const answered = ofToken(answer)
    return async (request, response) => {
      const asker = await askerOf(askers, request, response)
      if (asker) await answered(asker, request, response)
    }
  }

  const alive = ofToken(async ({ response, owner, token, form, phone, live }) => {
    const theirs =
      live &&
      !isOff(owner, live) &&
      (phone || live.keyThumbprint === undefined || (await cameWithItsKey(db, form, token)))
    if (theirs) asked.add(live.sessionId)
    const now = theirs && phone ? await lasting(response, owner, token, form, live) : live
    json(response, 200, theirs && now ? introspected(outside, owner, now) : { active: false })
  })
  /** What is switched off here is dead without a question to anybody; what nobody can record is not said to be alive. */
  const introspect: Answer = async (request, response, url) => {
    const backEnd = await backEndOf(request)
    if (!backEnd && tokenOf(request) === undefined) return noBackEnd(response)
    if (backEnd && isOff(backEnd, undefined)) return json(response, 200, { active: false })
    return whileWell(async () => {
      const asker = backEnd ? { client: backEnd } : await askerOf(askers, request, response)
      if (asker) await alive(asker, request, response)
    })(request, response, url)
  }

  /** With `wait`: answers when something changed for this token, at the latest after so many seconds. */
  const lasting = async (
    response: ServerResponse,
    owner: Client,
    token: string,
    form: Said['form'],
    live: LiveToken,
  ): Promise<LiveToken | undefined> => {
    const until = performance.now() + secondsIn(form.get('wait')) * 1000
    const waiter = outside.bell.waiter()
    let now: LiveToken | undefined = live
    try {
      while (
        now &&
        !isOff(owner, now) &&
        +now.endsAt === +live.endsAt &&
        performance.now() < until &&
        !response.destroyed
      ) {
        await waiter.wait(Math.min(1000, until - performance.now()))
        now = await liveness.check(tokenDigest(token), owner.client.id)
      }
      return isOff(owner, now) ? undefined : now
    } finally {
      waiter.close()
    }
  }

  const end = byOwner(async ({ response, owner, live }) => {
    const actor = { kind: 'surface', id: owner.surface.id } as const
    if (live && (await close(db, live.assistanceId, { because: 'cancelled', actor }))) outside.wake?.(['ending'])
    json(response, 200, { active: false })
  })

  const revoke = byOwner(async ({ response, owner, live }) => {
    const actor = { kind: 'surface', id: owner.surface.id } as const
    const data = { surface: owner.surface.id, ...(live ? { session: live.sessionId } : {}), why: 'revoked' }
    const event = { type: 'surface.closed', actor, data } as const
    if (live && (await closeSession(db, live.assistanceId, live.sessionId, event))) outside.wake?.(['ending'])
    json(response, 200, {})
  })

  /** What was done as the user. */
  const activity: Answer = async (request, response) => {
    const asker = await askerOf(askers, request, response)
    if (!asker) return
    const { client: owner, phone: by } = asker
    const batch = batchOf(await jsonOf(request), owner.surface)
    if (batch.ok && by && by.token !== batch.value.token)
      return json(response, 403, { error: 'access_denied', error_description: 'not the token of this phone' })
    if (!batch.ok) return json(response, 400, { error: 'invalid_request', error_description: batch.more?.why })
    const who = `${owner.surface.id} ${tokenDigest(batch.value.token).toString('base64url')}`
    if (!reports.take(who).ok) {
      response.setHeader('retry-after', '1')
      return json(response, 429, { error: 'slow_down', error_description: 'one batch a second is enough' })
    }
    const noted = await noteActivity(outside, owner.surface.id, batch.value)
    if (!noted.ok)
      return json(response, 403, { error: 'access_denied', error_description: 'not a token of this surface' })
    outside.wake?.([])
    json(response, 200, noted.value)
  }

  const lines = endings({
    db,
    telling: liveness,
    isWell: (surface) => outside.recordIsWell() && !outside.stopsAnything() && !outside.stops({ surface }),
  })
  /** The line of a product's back end, by its secret; a phone asks by itself. */
  const told: Answer = async (request, response) => {
    const backEnd = await backEndOf(request)
    return backEnd ? lines.open(request, response, backEnd.surface.id) : noBackEnd(response)
  }
  const noBackEnd = (response: ServerResponse): void => {
    response.setHeader('www-authenticate', `Basic realm="${issuerOrigin}"`)
    json(response, 401, { error: 'invalid_client' })
  }

  // ── The bridge to a product's own identity provider ───────────────────────────────────────────────────────────────

  /** What a product's back end or its trigger asks, by the product's secret; `off` where it is switched off. */
  const bridged =
    (
      wanted: readonly string[],
      off: object,
      ask: (owner: Client, field: (name: string) => string) => Promise<object>,
    ) =>
    async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const owner = await backEndOf(request)
      if (!owner) return noBackEnd(response)
      const form = await formOf(request)
      const field = (name: string) => form.get(name) ?? ''
      const missing = wanted.find((name) => field(name) === '')
      if (missing !== undefined)
        return json(response, 400, { error: 'invalid_request', error_description: `${missing} is missing` })
      json(response, 200, isOff(owner, undefined) ? off : await ask(owner, field))
    }
  const bridgeTicket = bridged(['token'], { active: false }, async (owner, field) => {
    const live = await liveness.check(tokenDigest(field('token')), owner.client.id)
    return isOff(owner, live) ? { active: false } : ticketFor(db, owner, live)
  })
  const bridgeRedeem = bridged(
    ['ticket', 'sub', 'attempt'],
    { redeemed: false, refusal: 'access.switched_off' },
    (owner, field) => redeem(db, owner, { ticket: field('ticket'), sub: field('sub'), attempt: field('attempt') }),
  )
  const bridgeClaims = bridged(['reference', 'sub'], { active: false }, async (owner, field) => {
    const live = await bridgedSession(db, owner, { reference: field('reference'), sub: field('sub') })
    return !live || isOff(owner, live) ? { active: false } : saidOf(outside.surfaces, live)
  })

  // ── The closed list of paths ──────────────────────────────────────────────────────────────────────────────────────

  const whileWell =
    (answer: Answer): Answer =>
    async (request, response, url) => {
      if (outside.recordIsWell()) return answer(request, response, url)
      response.setHeader('retry-after', '1')
      json(response, 503, { error: 'temporarily_unavailable' })
    }
  const whileOn = (answer: Answer): Answer =>
    whileWell((request, response, url) =>
      outside.stops({}) ? Promise.resolve(refused(response, 'access.switched_off')) : answer(request, response, url),
    )
  const standard: Answer = async (request, response) => library(request, response)

  /** The library judges the proof; what came without a fitting one is written down first. */
  const userinfo: Answer = async (request, response, url) => {
    const token = tokenOf(request) ?? /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const bound = token === undefined ? undefined : await boundTo(db, tokenDigest(token))
    if (bound && token !== undefined) {
      const about = { method: request.method ?? '', url: `${issuerOrigin}${url.pathname}`, token }
      const key = await thumbprintOf(String(request.headers.dpop ?? ''), about)
      if (key !== bound.key) await proofRefused(db, bound, url.pathname)
    }
    return library(request, response)
  }

  const paths: readonly { readonly path: RegExp; readonly methods: Readonly<Record<string, Answer>> }[] = [
    { path: /^\/introspect$/, methods: { POST: introspect } },
    { path: /^\/launch$/, methods: { POST: whileOn(launch) } },
    { path: /^\/interaction\/[\w-]{1,64}$/, methods: { GET: whileOn(interaction) } },
    { path: /^\/interaction\/[\w-]{1,64}\/state$/, methods: { GET: waiting } },
    { path: /^\/interaction\/[\w-]{1,64}\/decline$/, methods: { POST: decline } },
    { path: /^\/activity$/, methods: { POST: whileWell(activity) } },
    { path: /^\/bridge\/ticket$/, methods: { POST: whileWell(bridgeTicket) } },
    { path: /^\/bridge\/redeem$/, methods: { POST: whileWell(bridgeRedeem) } },
    { path: /^\/bridge\/claims$/, methods: { POST: whileWell(bridgeClaims) } },
    { path: /^\/endings$/, methods: { GET: whileWell(told) } },
    { path: /^\/end$/, methods: { POST: end } },
    { path: /^\/revoke$/, methods: { POST: revoke } },
    { path: /^\/livez$/, methods: { GET: async (_request, response) => json(response, 200, { alive: true }) } },
    { path: /^\/authorize$/, methods: { GET: whileOn(authorize) } },
    { path: /^\/authorize\/[\w-]{1,64}$/, methods: { GET: whileOn(standard) } },
    { path: /^\/token$/, methods: { POST: whileOn(standard) } },
    { path: /^\/userinfo$/, methods: { GET: whileOn(userinfo), POST: whileOn(userinfo) } },
    { path: /^\/jwks$/, methods: { GET: standard } },
    { path: /^\/\.well-known\/(openid-configuration|oauth-authorization-server)$/, methods: { GET: standard } },
  ]

  /** The address that is asked for most is parsed once. */
  const check = new URL('/introspect', issuerOrigin)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url === '/introspect' ? check : addressed(request, issuerOrigin)
    if (!url) return html(response, 400, refusalPage('request.invalid'))
    const route = paths.find(({ path }) => path.test(url.pathname))
    if (!route) return html(response, 404, refusalPage('route.unknown'))
    if (crossed(request, response, url, apps, Object.keys(route.methods))) return
    const method = Object.hasOwn(route.methods, request.method ?? '') ? route.methods[request.method ?? ''] : undefined
    if (!method) {
      response.setHeader('allow', Object.keys(route.methods).join(', '))
      return html(response, 405, refusalPage('route.method'))
    }
    asOurselves(outside.secrets, request, url, host, protocol.slice(0, -1))
    await method(request, response, url)
  }

  return {
    callback(request, response) {
      for (const [name, value] of Object.entries({ ...strictHeaders, ...safetyOf(issuerOrigin) }))
        response.setHeader(name, value)
      response.once('finish', () => request.resume()) // Whoever sends more than was read gets the answer all the same.
      answer(request, response).catch((error: unknown) => failed(outside, response, error))
    },
    faults: async () => (await Promise.all(every.map((one) => faultOf(provider, one)))).flat(),
    notify: () => notify({ db, provider, clientOfSurface: (surface) => bySurface.get(surface) }),
    noteChecks: () => noteChecks(outside, asked),
    forgetExpired: async () => (await forgetExpired(db)) + (await forgetHandles(db)),
  }
}

// ── Helpers, in the order in which they are called ──────────────────────────────────────────────────────────────────

const html = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body)
}
/** With its length told beforehand it leaves in one piece. */
const json = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}
const refused = (response: ServerResponse, refusal: Refusal, why?: string): void =>
  html(response, statusOf(refusal), refusalPage(refusal, why))
/** On a phone there may be no other way back: the app's own address for typed codes, as it is configured. */
const backToApp = (response: ServerResponse, { client }: Client, refusal: Refusal, why?: string): void =>
  html(response, statusOf(refusal), refusalPage(refusal, why, client.initiateLoginUri))

/** The most that a request may be kept waiting. */
const longestWaitSeconds = 25
const secondsIn = (text: string | undefined): number =>
  /^\d{1,3}$/.test(text ?? '') ? Math.min(longestWaitSeconds, Number(text)) : 0

function introspected(outside: IssuerOutside, owner: Client, live: LiveToken) {
  const sensitive = sensitiveOf(outside.secrets, owner.surface, live)
  return {
    active: true,
    ...claimsOf(outside.surfaces, live),
    client_id: owner.client.id,
    // What the token was issued with, and what the user granted since: at issue no sensitive power can be in it.
    scope: [live.scope, ...sensitive.map(scopeOfSensitive)].join(' '),
    sensitive_powers: sensitive,
    token_type: live.keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    ...(live.keyThumbprint === undefined ? {} : { cnf: { jkt: live.keyThumbprint }, holder: live.holder }),
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

/** Where apps are at home that call the issuer from a browser. */
const appOrigins = (every: readonly Client[]): ReadonlySet<string> =>
  new Set(
    every
      .filter(({ surface }) => opensIn(surface) === 'phone')
      .flatMap(({ client }) => client.redirectUris.map((uri) => new URL(uri).origin)),
  )

/** What an app in a browser may call from its own origin. Nothing here looks at cookies, so none are let across. */
const shared =
  /^\/(token|userinfo|introspect|revoke|end|activity|jwks|\.well-known\/(openid-configuration|oauth-authorization-server))$/

/**
 * Lets the apps' origins read the answers of those addresses, and answers a browser's question about it: then true. The
 * library has rules of its own for this, so it does not see the origin.
 */
function crossed(
  request: IncomingMessage,
  response: ServerResponse,
  { pathname }: URL,
  apps: ReadonlySet<string>,
  methods: readonly string[],
): boolean {
  if (!shared.test(pathname)) return false
  response.setHeader('vary', 'Origin')
  const { origin } = request.headers
  delete request.headers.origin
  if (origin === undefined || !apps.has(origin)) return false
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', 'WWW-Authenticate, Retry-After')
  if (request.method !== 'OPTIONS') return false
  response.setHeader('access-control-allow-methods', methods.join(', '))
  response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, DPoP')
  response.setHeader('access-control-max-age', '600')
  response.writeHead(204).end()
  return true
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
function asOurselves(secrets: Secrets, request: IncomingMessage, url: URL, host: string, scheme: string): void {
  for (const name of Object.keys(request.headers)) if (name.startsWith('x-forwarded-')) delete request.headers[name]
  request.headers.host = host
  request.headers['x-forwarded-proto'] = scheme
  if (!url.searchParams.has('login_hint')) return
  const hidden = new URLSearchParams()
  for (const [name, value] of url.searchParams) {
    hidden.append(name, name === 'login_hint' ? hiddenHint(secrets, value) : value)
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
