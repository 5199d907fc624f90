/**
 * The library's configuration: everything it may do, and with that, everything it may not. It knows no session, no
 * refresh, and no account but the user of a launch; without a living surface session it issues nothing.
 */

import { scopeOfPower } from '@amparo/contract/powers'
import {
  type ClientMetadata,
  type Configuration,
  errors,
  interactionPolicy,
  type JWKS,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider'
import { goOnSeconds, matchSeconds } from '../codes/handle.ts'
import type { Database } from '../database/database.ts'
import { note } from '../desk/note.ts'
import { claimsAtFault, clocksApartSeconds } from '../http/assertions.ts'
import { granted, opensIn, type Surface, type SurfaceClient } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { acrs, type Live, liveByGrant } from '../surfaces/liveness.ts'
import { closeSession } from '../surfaces/surfaces.store.ts'
import { system } from '../words.ts'
import { artifacts } from './artifacts.ts'
import { arrive, NoLaunch } from './launching.ts'
import { errorPage, refusalPage } from './pages.ts'

/** What the library needs of the world. */
export interface ProviderOutside {
  readonly db: Database
  readonly surfaces: readonly Surface[]
  readonly issuerOrigin: string
  /** The signing keys, private parts included; ES256. */
  readonly jwks: JWKS
  /** Sends logout tokens. Missing: the library's own, which refuses private and loopback addresses. */
  readonly fetch?: Fetch
  log(message: string, about: Readonly<Record<string, unknown>>): void
}

type Fetch = NonNullable<Configuration['fetch']>

const answerMs = 2000
const answerBytes = 256 * 1024
const tokenSeconds = 60 * 60

/** What ID token, userinfo and introspection say alike: the user, and who acts for them. */
export const claimsOf = (surfaces: readonly Surface[], live: Live) => ({
  sub: live.subject,
  act: { sub: live.agent.id, name: live.agent.name },
  sid: live.sid,
  acr: live.acr,
  amr: [...live.amr],
  assistance_id: live.assistanceId,
  ecosystem_id: live.ecosystemId,
  powers: granted(
    surfaces.find(({ id }) => id === live.surface),
    live.powers,
  ),
})

/** `proves`: whether this is a secret of the client with this id. */
export function providerOf(
  outside: ProviderOutside,
  proves: (clientId: string, shown: string) => Promise<boolean>,
): Provider {
  const { db, issuerOrigin, surfaces } = outside
  /** What lives behind a request: read once, by the launch that it redeemed or with the code or token that it came with. */
  const behind = new WeakMap<KoaContextWithOIDC, Live>()
  const found = (live: Live) => {
    if (Provider.ctx) behind.set(Provider.ctx, live)
  }
  const known = (ctx: KoaContextWithOIDC | undefined, grantId: unknown) => {
    const live = ctx && behind.get(ctx)
    return live?.sessionId === grantId ? live : undefined
  }
  const grantBy = async (grantId: string) => {
    const live = known(Provider.ctx, grantId) ?? (await liveByGrant(db, tokenDigest(grantId)))
    return live && grantOf(surfaces, live)
  }
  const liveOf = async (ctx: KoaContextWithOIDC, token: object | undefined, what: 'grant' | 'token') => {
    const grantId = token !== undefined && 'grantId' in token ? token.grantId : undefined
    return known(ctx, grantId) ?? liveBehind(db, grantId, what)
  }
  const backEnds = waysToProve(outside.surfaces)
  const onPhones = outside.surfaces.some((surface) => opensIn(surface) === 'phone')
  const provider = new Provider(issuerOrigin, {
    adapter: artifacts(db, {
      grantBy,
      found,
      replayed: (grantId) => endReplayed(db, grantId),
      again: () =>
        Provider.ctx?.oidc.params?.client_assertion === undefined
          ? new errors.InvalidDpopProof('this proof was used already')
          : new errors.InvalidClientAuth('this assertion was used already'),
    }),
    jwks: outside.jwks,
    fetch: bounded(outside.fetch),
    clients: outside.surfaces.flatMap(({ client }) => (client ? [clientOf(client)] : [])),
    clientAuthMethods: [...backEnds, ...(onPhones ? ['none' as const] : [])],
    clockTolerance: clocksApartSeconds,
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => {
      const fault = claimsAtFault(claims, issuerOrigin)
      if (fault !== undefined) throw new errors.InvalidClientAuth(`client_assertion: ${fault}`)
    },
    clientBasedCORS: () => false,
    responseTypes: ['code'],
    scopes: ['openid', 'support:read', 'support:act'], // Without `offline_access` there is no refresh token at all.
    claims: { openid: ['sub', 'act', 'sid', 'acr', 'amr', 'assistance_id', 'ecosystem_id', 'powers'] },
    acrValues: acrs,
    pkce: { required: () => true },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256'],
    },
    // The library asks its extra parameters last, when all that the surface asked for is found in order: that is where a
    // launch in a tab is redeemed. On a phone it waits for two digits, and the library's interaction with it.
    extraParams: {
      device_name: null,
      launch: async (ctx) => {
        if (isPublic(ctx) || ctx.oidc.promptPending('none')) return
        const live = await arrive(db, surfaces, ctx)
        behind.set(ctx, live)
        const { subject: accountId, acr, amr } = live
        ctx.oidc.session?.loginAccount({ accountId, acr, amr: [...amr], transient: true })
      },
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks' },
    discovery: {
      introspection_endpoint: `${issuerOrigin}/introspect`,
      introspection_endpoint_auth_methods_supported: backEnds,
      ...algorithmsFor('introspection', backEnds),
      revocation_endpoint: `${issuerOrigin}/revoke`,
      revocation_endpoint_auth_methods_supported: backEnds,
      ...algorithmsFor('revocation', backEnds),
    },
    features: {
      backchannelLogout: { enabled: true },
      userinfo: { enabled: true },
      claimsParameter: { enabled: false },
      clientCredentials: { enabled: false },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: false },
      dPoP: { enabled: onPhones },
      introspection: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      registration: { enabled: false },
      requestObjects: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    ttl: {
      AccessToken: tokenSeconds,
      AuthorizationCode: 60,
      IdToken: tokenSeconds,
      Interaction: (ctx) => (isPublic(ctx) ? matchSeconds + goOnSeconds : 60), // An agent types digits meanwhile.
      Session: 60,
    },
    // No session at the issuer: each sign-in is one launch, whatever was signed in before in this browser.
    interactions: {
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
      policy: [
        new interactionPolicy.Prompt(
          { name: 'login', requestable: true },
          new interactionPolicy.Check(
            'launch_required',
            'a launch is required',
            'login_required',
            (ctx) => !behind.has(ctx) && launchedBy(ctx) === undefined,
          ),
        ),
        new interactionPolicy.Prompt({ name: 'consent', requestable: true }),
      ],
    },
    loadExistingGrant: async (ctx) => granting(surfaces, behind.get(ctx) ?? (await redeemedBy(db, ctx)), ctx),
    expiresWithSession: () => false,
    revokeGrantPolicy: () => false,
    // No `act`, no token: both throw where no surface session lives.
    findAccount: (ctx, accountId, token) => ({
      accountId,
      claims: async (use) => claimsOf(surfaces, await liveOf(ctx, token, use === 'userinfo' ? 'token' : 'grant')),
    }),
    extraTokenClaims: async (ctx, token) => {
      await liveOf(ctx, token, 'grant')
      return undefined
    },
    renderError: (ctx, out, error) => {
      ctx.type = 'html'
      if (error instanceof NoLaunch) ctx.body = refusalPage(error.refusal)
      else ctx.body = errorPage(ctx.status, [out.error, out.error_description].filter(Boolean).join(': '))
    },
  })
  // The library knows one secret a client; while one takes the place of another there are two.
  provider.Client.prototype.compareClientSecret = function (shown) {
    return proves(this.clientId, shown)
  }
  // A code for a phone's key is used up by whoever shows it first, with whatever key; any other by the statement that keeps
  // its token, of many at once by one (artifacts.ts).
  const { consume } = provider.AuthorizationCode.prototype
  provider.AuthorizationCode.prototype.consume = async function () {
    if (this.dpopJkt !== undefined) await consume.call(this)
  }
  provider.proxy = true // issuer.ts says which scheme and host we are, whatever the request says.
  provider.use(withoutSessionCookie)
  provider.use(byQueryOnly)
  const log = (route: string | undefined, error: Error) =>
    outside.log('issuer.server_error', { route, error: error.message, stack: error.stack })
  provider.on('grant.error', (ctx, error) => void stolen(db, ctx, error).catch((why) => log('token', why)))
  provider.on('server_error', (ctx, error) => log(ctx.oidc?.route, error))
  provider.onerror = (error: Error) => log(undefined, error)
  return provider
}

/**
 * How surfaces are asked, for their keys or to take a logout: nobody waits longer than two seconds, nor reads more than such
 * answers have, nor goes on to where they point. A sign-in page that answers 200 has acknowledged nothing, and what only we
 * can reach is not for a product to name. A `fetch` of ours is called without the library's guard.
 */
export const bounded =
  (ours: Fetch | undefined): Fetch =>
  (input, { dispatcher, signal, ...given } = {}) => {
    const init = { ...given, redirect: 'manual' } as const
    // A timer of our own: Node 20 forgets a signal that is made of `AbortSignal.timeout` and another.
    const limit = new AbortController()
    const stop = () => limit.abort()
    setTimeout(stop, answerMs).unref()
    signal?.addEventListener('abort', stop, { once: true })
    const answer = ours
      ? ours(input, { ...init, signal: limit.signal })
      : fetch(input, { ...init, signal: limit.signal, ...(dispatcher ? { dispatcher } : {}) })
    return answer.then(short)
  }

/** The same answer, which breaks off where it is longer than any that is asked for. */
function short(answer: Response): Response {
  if (answer.body === null) return answer
  let length = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, on) {
      length += chunk.byteLength
      if (length > answerBytes) on.error(new Error(`an answer of more than ${answerBytes / 1024} kB`))
      else on.enqueue(chunk)
    },
  })
  return new Response(answer.body.pipeThrough(counted), answer)
}

const clientOf = (client: SurfaceClient): ClientMetadata => ({
  client_id: client.id,
  ...(client.clientAuth === undefined ? { client_secret: client.secret } : {}),
  ...(client.clientAuth === 'private_key_jwt' ? { token_endpoint_auth_signing_alg: 'ES256', ...keysOf(client) } : {}),
  redirect_uris: [...client.redirectUris],
  response_types: ['code'],
  response_modes: ['query'],
  grant_types: ['authorization_code'],
  token_endpoint_auth_method: client.clientAuth ?? 'client_secret_basic',
  ...(client.clientAuth === 'none' ? { dpop_bound_access_tokens: true } : {}),
  id_token_signed_response_alg: 'ES256',
  ...(client.backchannelLogoutUri
    ? { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }
    : {}),
})

/** As the library wants them. */
const keysOf = ({ keys }: SurfaceClient): Pick<ClientMetadata, 'jwks' | 'jwks_uri'> => {
  if (!keys) return {}
  return 'jwks' in keys ? { jwks: { keys: keys.jwks.keys.map((key) => ({ ...key })) } } : { jwks_uri: keys.jwksUri }
}

/** By what the back ends of these products prove themselves. */
function waysToProve(surfaces: readonly Surface[]): readonly ('client_secret_basic' | 'private_key_jwt')[] {
  const clients = surfaces.flatMap(({ client }) => client ?? [])
  const bySecret = clients.some(({ secret }) => secret !== undefined)
  const byKey = clients.some(({ keys }) => keys !== undefined)
  return [
    ...(bySecret || !byKey ? ['client_secret_basic' as const] : []),
    ...(byKey ? ['private_key_jwt' as const] : []),
  ]
}
const algorithmsFor = (endpoint: string, ways: readonly string[]) =>
  ways.includes('private_key_jwt') ? { [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ['ES256'] } : {}

const isPublic = (ctx: KoaContextWithOIDC): boolean => ctx.oidc.client?.clientAuthMethod === 'none'

/** The grant of the launch that this very interaction redeemed, on a phone; set by nobody but issuer.ts. */
const launchedBy = (ctx: KoaContextWithOIDC): string | undefined => ctx.oidc.result?.consent?.grantId
const redeemedBy = async (db: Database, ctx: KoaContextWithOIDC): Promise<Live | undefined> => {
  const grantId = launchedBy(ctx)
  return grantId === undefined ? undefined : liveByGrant(db, tokenDigest(grantId))
}

/** What a living surface session grants: it is never kept, so that nothing of it can outlive the session. */
function grantOf(surfaces: readonly Surface[], live: Live) {
  const surface = surfaces.find(({ id }) => id === live.surface)
  const scope = scopeOfPower[granted(surface, live.powers)]
  return { accountId: live.subject, clientId: surface?.client?.id ?? '', openid: { scope }, seconds: tokenSeconds }
}

/** The grant is the launch's, and so are the `sid` and the scope, whatever was asked for. */
async function granting(surfaces: readonly Surface[], live: Live | undefined, ctx: KoaContextWithOIDC) {
  const { provider, client, session, params } = ctx.oidc
  if (!live || !client || !session || !params) throw new errors.AccessDenied('the launch has ended')
  const { accountId, clientId, openid } = grantOf(surfaces, live)
  const grant = new provider.Grant({ accountId, clientId })
  grant.jti = live.sessionId
  grant.addOIDCScope(openid.scope)
  session.sidFor(client.clientId, live.sid)
  params.scope = openid.scope
  params.prompt = undefined // The launch is the sign-in and the consent, asked for or not.
  return grant
}

async function liveBehind(db: Database, grantId: unknown, what: 'grant' | 'token'): Promise<Live> {
  const live = typeof grantId === 'string' ? await liveByGrant(db, tokenDigest(grantId)) : undefined
  if (live) return live
  throw what === 'token' ? new errors.InvalidToken('the session has ended') : new errors.InvalidGrant('it has ended')
}

/** A code that came twice: whoever has it, the session that came of it ends (RFC 6749 §4.1.2). */
async function endReplayed(db: Database, grantId: string): Promise<void> {
  const live = await liveByGrant(db, tokenDigest(grantId))
  if (!live) return
  await closeSession(db, live.assistanceId, live.sessionId, {
    type: 'surface.closed',
    actor: system('issuer'),
    data: { surface: live.surface, session: live.sessionId, why: 'code_replayed' },
  })
}

/** A code that came with another key than the one it was asked for with: whoever has it is not the phone. */
async function stolen(db: Database, ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): Promise<void> {
  const grantId = ctx.oidc.entities.AuthorizationCode?.grantId
  const live = grantId && /DPoP/.test(error.error_detail ?? '') && (await liveByGrant(db, tokenDigest(grantId)))
  if (!live) return
  const data = { surface: live.surface, session: live.sessionId, at: '/token' }
  await note(db, live.assistanceId, { type: 'proof.refused', actor: system('issuer'), data })
}

/** The library would leave its session's cookie in the agent's browser; there is no session behind it. */
async function withoutSessionCookie(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const set = ctx.res.getHeader('set-cookie')
  if (set === undefined) return
  const kept = [set].flat().filter((cookie) => !String(cookie).startsWith('_session'))
  ctx.res.removeHeader('set-cookie')
  if (kept.length > 0) ctx.res.setHeader('set-cookie', kept.map(String))
}

/** The library lists all its response modes; our clients have one. */
async function byQueryOnly(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const metadata: unknown = ctx.body
  if (ctx.oidc?.route !== 'discovery' || typeof metadata !== 'object') return
  ctx.body = { ...metadata, response_modes_supported: ['query'] }
}
