/**
 * The assisted entry, with a stock OpenID client: the console's launch arrives at `/assisted/login`, this product starts
 * its own code flow, and what comes back becomes a session of its own kind.
 */
import { importJWK } from 'jose'
import * as openid from 'openid-client'
import { type Asked, cookie, cookiesOf, noCookie, pathOf, queryOf } from './asked.ts'
import type { Assisted } from './check.ts'
import { type ClientProof, type Means, meansOf, notTaken } from './client-proof.ts'
import type { AmparoIssuer } from './index.ts'
import { sameSecret } from './secrets.ts'

export interface EntryOutside {
  readonly issuer: AmparoIssuer
  /** The same issuer, for the library. Throws while it does not answer. */
  openid(): Promise<openid.Configuration>
  readonly origin: string
  trouble(what: string): void
}

export type EntryRefusal = 'issuer' | 'unconfirmed' | 'spent'
export type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: EntryRefusal }
const refuse = (refusal: EntryRefusal) => ({ ok: false, refusal }) as const

export const callbackPath = '/assisted/callback'
const flowSeconds = 120
/** More than a person has open at once; a page that starts flows by the hundred pushes no other cookie out. */
const flowsAtMost = 4
const flowPrefix = '__Host-assisted-flow-'

interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly target: string
}

/** Found at the first launch, because the issuer may start after us; a failure is not remembered. */
export function openidClient(
  config: {
    readonly issuer: string
    readonly clientId: string
    readonly onTrouble?: (what: string) => void
  } & ClientProof,
): () => Promise<openid.Configuration> {
  let found: Promise<openid.Configuration> | undefined
  const { issuer, clientId } = config
  const means = meansOf(config)
  /** Else a wrong key and a wrong clock would be an error of the library's among others. */
  const watched = async (url: string, init: object): Promise<Response> => {
    const response = await fetch(url, init)
    if (response.status === 401) config.onTrouble?.(notTaken(means.by, response, Date.now()))
    return response
  }
  const options = {
    timeout: 5,
    [openid.customFetch]: watched,
    ...(issuer.startsWith('http:') && { execute: [openid.allowInsecureRequests] }),
  }
  return () => {
    found ??= libraryProof(means)
      .then((proof) => openid.discovery(new URL(issuer), clientId, undefined, proof, options))
      .catch((error: unknown) => {
        found = undefined
        throw error
      })
    return found
  }
}

/** At the token address each assertion counts once: the library signs one for each code. */
async function libraryProof(means: Means): Promise<openid.ClientAuth> {
  if (means.by === 'secret') return openid.ClientSecretBasic(means.secret)
  const key = await importJWK({ ...means.jwk }, 'ES256')
  if (key instanceof Uint8Array) throw new Error('unreachable: a key of a pair is no bytes')
  return openid.PrivateKeyJwt({ key, ...(means.kid !== undefined && { kid: means.kid }) })
}

/** Only a path of our own, and none that starts or ends help. Anything else is the home page. */
export function landing(origin: string, target: string | undefined): string {
  const home = `${origin}/`
  if (target === undefined || !URL.canParse(target, home)) return home
  const to = new URL(target, home)
  if (to.origin !== origin || /^\/assisted(\/|$)/.test(to.pathname)) return home
  return `${origin}${to.pathname}${to.search}`
}

/** Begins the product's own sign-in. It touches no session that is there. */
export async function login(
  asked: Asked,
  outside: EntryOutside,
): Promise<Step<{ readonly to: string; readonly cookies: readonly string[] }>> {
  const query = queryOf(asked)
  if (!outside.issuer.isOurIssuer(query.get('iss') ?? undefined)) return refuse('issuer')
  const configuration = await outside.openid().catch((error: unknown) => {
    outside.trouble(`the issuer is not found: ${error instanceof Error ? error.message : 'unknown'}`)
    return undefined
  })
  if (!configuration) return refuse('unconfirmed')

  const flow: Flow = {
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
    target: landing(outside.origin, query.get('target_link_uri') ?? undefined),
  }
  const kept = Buffer.from(new URLSearchParams({ ...flow }).toString()).toString('base64url')
  const earlier = [...cookiesOf(asked).keys()].filter((name) => name.startsWith(flowPrefix))
  const cookies = [
    ...earlier.slice(0, -(flowsAtMost - 1)).map(noCookie),
    cookie(flowCookie(flow.state), kept, flowSeconds),
  ]
  const hint = query.get('login_hint')
  const url = openid.buildAuthorizationUrl(configuration, {
    redirect_uri: `${outside.origin}${callbackPath}`,
    response_type: 'code',
    scope: 'openid support:read support:act',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    ...(hint !== null && { login_hint: hint }),
  })
  return { ok: true, value: { to: url.href, cookies } }
}

export interface Arrived {
  readonly token: string
  readonly assisted: Assisted
  readonly target: string
}

/** What comes back from the issuer, checked by the library, by a first check, and against one another. */
export async function callback(
  asked: Asked,
  outside: EntryOutside,
): Promise<{ readonly cookies: readonly string[]; readonly step: Step<Arrived> }> {
  const query = queryOf(asked)
  const flow = flowOf(asked, query.get('state') ?? undefined)
  const cookies = flow ? [noCookie(flowCookie(flow.state))] : []
  // The library asks for `iss` only where the issuer announces it.
  if (!flow || !outside.issuer.isOurIssuer(query.get('iss') ?? undefined)) return { cookies, step: refuse('spent') }
  const redeemed = await redeem(asked, outside, flow)
  if (!redeemed?.claims) return { cookies, step: refuse('spent') }

  const { token, claims } = redeemed
  const assisted = await outside.issuer.check(token)
  if (assisted === 'unknown') return { cookies, step: refuse('unconfirmed') }
  // Both tellings must be of the same help: an ID token without an actor would be an ordinary sign-in.
  const same =
    assisted !== 'ended' &&
    claims.sub === assisted.user.id &&
    claims.sid === assisted.sid &&
    nameOfActor(claims.act) === assisted.agent.id
  if (!same) return { cookies, step: refuse('spent') }
  return { cookies, step: { ok: true, value: { token, assisted, target: landing(outside.origin, flow.target) } } }
}

const flowCookie = (state: string): string => `${flowPrefix}${state.slice(0, 8)}`

function flowOf(asked: Asked, state: string | undefined): Flow | undefined {
  if (state === undefined || !/^[\w-]{43}$/.test(state)) return undefined
  const kept = cookiesOf(asked).get(flowCookie(state))
  if (kept === undefined) return undefined
  const fields = new URLSearchParams(Buffer.from(kept, 'base64url').toString())
  const field = (name: string): string => fields.get(name) ?? ''
  const flow = { state: field('state'), nonce: field('nonce'), verifier: field('verifier'), target: field('target') }
  return sameSecret(state, flow.state) ? flow : undefined
}

/** The code for a token, as the library does it. `undefined`: the issuer or the library said no. */
async function redeem(asked: Asked, outside: EntryOutside, flow: Flow) {
  const url = new URL(`${outside.origin}${callbackPath}`)
  url.search = asked.url.slice(pathOf(asked).length)
  try {
    const tokens = await openid.authorizationCodeGrant(await outside.openid(), url, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.verifier,
      idTokenExpected: true,
    })
    return { token: tokens.access_token, claims: tokens.claims() }
  } catch (error) {
    outside.trouble(`assisted entry refused: ${error instanceof Error ? error.message : 'unknown'}`)
    return undefined
  }
}

const nameOfActor = (act: unknown): unknown =>
  typeof act === 'object' && act !== null ? Reflect.get(act, 'sub') : undefined
