/**
 * Products that prove themselves by a key of their own: `private_key_jwt` (RFC 7523 §3, OpenID Connect Core §9). At the token
 * endpoint the library judges; everywhere else we do, by the same rules, and take an assertion for as long as it lives: a
 * product asks about its sessions all day, and a signature for each question would be most of what a check costs.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import type { ClientKeys, SurfaceClient } from '../policy/policy.ts'

/** The only kind of assertion that proves a client (RFC 7523 §2.2). */
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The longest that an assertion may live, by our clock. */
export const assertionSeconds = 120
/** How far a product's clock and ours may be apart. */
export const clocksApartSeconds = 10
const keysWithinMs = 2000
const tellAgainMs = 60_000

/** Why an assertion proves nobody, by its claims alone; undefined where they are in order. */
export function claimsAtFault(
  { aud, exp }: { readonly aud?: unknown; readonly exp?: unknown },
  issuerOrigin: string,
): string | undefined {
  // One that names others as well could be shown here by them.
  if (aud !== issuerOrigin) return `its audience has to be "${issuerOrigin}", and nothing else`
  const left = typeof exp === 'number' ? exp - Date.now() / 1000 : Number.POSITIVE_INFINITY
  return left > assertionSeconds + clocksApartSeconds
    ? `it may live for ${assertionSeconds} seconds at the most`
    : undefined
}

/** Whom an assertion proves, and until when (epoch, ms); undefined for one that proves nobody. */
export type ByAssertion<C> = (assertion: string) => Promise<{ readonly client: C; readonly until: number } | undefined>

interface Outside {
  readonly issuerOrigin: string
  /** Asks a product for its keys. */
  readonly fetch: typeof fetch
  /** Why it proved nobody whose name it bears, each kind once a minute; never told the assertion. */
  trouble(about: { readonly client: string; readonly why: string }): void
}

/** Judges assertions of these clients. Keys that are shown at an address are asked for when they are needed, and kept for ten minutes. */
export function assertionsOf<C extends { readonly client: SurfaceClient }>(
  clients: ReadonlyMap<string, C>,
  outside: Outside,
): ByAssertion<C> {
  const { issuerOrigin } = outside
  const trouble = nowAndThen(outside.trouble)
  const keys = new Map(
    [...clients.values()].flatMap(({ client }) =>
      client.keys ? [[client.id, keySetOf(client.keys, outside.fetch)] as const] : [],
    ),
  )
  return async (assertion) => {
    const id = namedIn(assertion)
    const client = clients.get(id)
    const keySet = keys.get(id)
    if (!client || !keySet) return undefined
    try {
      const payload = await provedBy(keySet, assertion, {
        algorithms: ['ES256'],
        issuer: id,
        subject: id,
        requiredClaims: ['exp', 'jti'],
        clockTolerance: clocksApartSeconds,
      })
      const fault = claimsAtFault(payload, issuerOrigin)
      if (fault === undefined) return { client, until: ((payload.exp ?? 0) + clocksApartSeconds) * 1000 }
      trouble(fault, { client: id, why: fault })
    } catch (error) {
      trouble(kindOf(error), { client: id, why: error instanceof Error ? error.message : 'unknown' })
    }
    return undefined
  }
}

/** Tells each kind of trouble with a client once a minute: who knows a product's name could fill the log with it. */
function nowAndThen(tell: Outside['trouble']) {
  const told = new Map<string, number>()
  return (kind: string, about: Parameters<Outside['trouble']>[0]): void => {
    const name = `${about.client} ${kind}`
    if (Date.now() - (told.get(name) ?? Number.NEGATIVE_INFINITY) < tellAgainMs) return
    told.set(name, Date.now())
    tell(about)
  }
}
/** Never its text, in which a stranger's words may stand. */
const kindOf = (error: unknown): string =>
  error instanceof errors.JOSEError ? error.code : error instanceof Error ? error.name : ''

/** What an assertion says that one of these keys signed. One that names no key is tried by each that it could be of. */
async function provedBy(keySet: JWTVerifyGetKey, assertion: string, wanted: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(assertion, keySet, wanted)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const payload = await jwtVerify(assertion, key, wanted).then((found) => found.payload, signedByAnother)
      if (payload) return payload
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}
function signedByAnother(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
}

/** An assertion takes the place of a secret in the header as well: there are addresses that take no form. */
export const assertionIn = (authorization: string): string | undefined => /^bearer +(\S+)$/i.exec(authorization)?.[1]

/** Whose an assertion says that it is; nothing is believed of it yet. */
export function namedIn(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? ''
  } catch {
    return ''
  }
}

const keySetOf = (keys: ClientKeys, ask: typeof fetch): JWTVerifyGetKey =>
  'jwks' in keys
    ? createLocalJWKSet({ keys: keys.jwks.keys.map((key) => ({ ...key })) })
    : createRemoteJWKSet(new URL(keys.jwksUri), { timeoutDuration: keysWithinMs, [customFetch]: ask })
