/**
 * The App's own sign-in at the assisted issuer, by a stock OpenID client: code and PKCE, and a token that is bound to the
 * key of this phone. Between the two halves the browser keeps what belongs to the flow; the token is in memory alone.
 */
import * as openid from 'openid-client'
import { deviceName } from './device.ts'
import { deviceKey } from './key.ts'

export interface Issuer {
  readonly address: string
  readonly clientId: string
}

/** What the App asks its own back end with: each request brings the token and shows the key. */
export type Through = (address: string, init?: RequestInit) => Promise<Response>

export type Trouble = 'silent' | 'spent' | 'noKeys' | 'declined'
/** Something that people are told; its word is one of the page's sentences. */
export class Told extends Error {
  readonly word: Trouble
  constructor(word: Trouble, options?: ErrorOptions) {
    super(word, options)
    this.word = word
  }
}

interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}
const flowAt = 'acme.flow'
/** For each answer. The banner covers the page long before, and asks again. */
const patienceSeconds = 3
const back = (): string => `${location.origin}/assisted/callback`

/** `link`: what stands in the QR code's address, or the short code. Leaves this page. */
export async function begin(issuer: Issuer, link: string): Promise<void> {
  const key = await deviceKey().catch(orTold('noKeys'))
  const found = await discovered(issuer)
  const flow: Flow = {
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
  }
  sessionStorage.setItem(flowAt, JSON.stringify(flow))
  const to = openid.buildAuthorizationUrl(found, {
    redirect_uri: back(),
    scope: 'openid support:read support:act',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    login_hint: link,
    dpop_jkt: await openid.getDPoPHandle(found, key).calculateThumbprint(),
    device_name: await deviceName(),
  })
  location.assign(to)
}

/** What came back from the issuer becomes a way to ask; the address is left at once, so that a reload repeats nothing. */
export async function finish(issuer: Issuer, came: URL): Promise<Through> {
  history.replaceState(null, '', '/help')
  const flow = flowKept()
  if (!flow) throw new Told('spent')
  if (came.searchParams.get('error') === 'access_denied') throw new Told('declined')
  const key = await deviceKey().catch(orTold('noKeys'))
  const found = await discovered(issuer)
  const dpop = openid.getDPoPHandle(found, key)
  const tokens = await openid
    .authorizationCodeGrant(
      found,
      came,
      {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      },
      undefined,
      { DPoP: dpop },
    )
    .catch(orTold('spent'))
  // Without an actor it would be an ordinary sign-in, and without the key's binding anybody's token.
  if (!tokens.claims()?.act || tokens.token_type !== 'dpop') throw new Told('spent')
  const token = tokens.access_token
  return (address, { method = 'GET', headers, body } = {}) =>
    openid
      .fetchProtectedResource(
        found,
        token,
        new URL(address, location.origin),
        method,
        typeof body === 'string' ? body : null,
        new Headers(headers),
        { DPoP: dpop },
      )
      .catch(answerToRefusal)
}

/** The library throws where the token was refused; to us that is an answer like any other: help has ended. */
function answerToRefusal(error: unknown): Response {
  if (error instanceof openid.WWWAuthenticateChallengeError) return error.response
  throw error
}

function flowKept(): Flow | undefined {
  const kept = sessionStorage.getItem(flowAt)
  sessionStorage.removeItem(flowAt)
  return kept === null ? undefined : JSON.parse(kept)
}

const discovered = ({ address, clientId }: Issuer): Promise<openid.Configuration> =>
  openid
    .discovery(new URL(address), clientId, undefined, openid.None(), {
      timeout: patienceSeconds,
      ...(address.startsWith('http:') && { execute: [openid.allowInsecureRequests] }),
    })
    .catch(orTold('silent'))

const orTold =
  (word: Trouble) =>
  (cause: unknown): never => {
    throw cause instanceof Told ? cause : new Told(word, { cause })
  }
