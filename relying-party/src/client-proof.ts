/**
 * How this product proves to the issuer that it is itself: by a secret that both of them have, or by a key of its own, of
 * which the issuer has the public half alone (`private_key_jwt`: RFC 7523, OpenID Connect Core §9).
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import type { JWK } from 'jose'

/** One of the two. The key: a private one on P-256. */
export type ClientProof =
  | { readonly clientSecret: string; readonly clientKey?: undefined }
  | { readonly clientKey: JWK; readonly clientSecret?: undefined }

export type Means =
  | { readonly by: 'secret'; readonly secret: string }
  /** `jwk`: what makes the key, and nothing that only speaks of it. */
  | { readonly by: 'key'; readonly key: KeyObject; readonly jwk: PrivateJwk; readonly kid: string | undefined }

interface PrivateJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly d: string
}

/** What a request to the issuer shows as its `Authorization`. */
export interface Shown {
  header(): string
  /** The issuer did not take this one: another that is worth a try, if there is one. */
  instead(refused: string): string | undefined
}

/** So long one assertion is shown again; it lives twice as long. */
const againMs = 30_000
const livesSeconds = 60

/** Throws, in words that quote neither, where not exactly one of the two is there or the key is of another kind. */
export function meansOf({ clientSecret, clientKey }: Partial<Record<keyof ClientProof, unknown>>): Means {
  const secret = typeof clientSecret === 'string' && clientSecret !== '' ? clientSecret : undefined
  if (clientKey === undefined || clientKey === null) {
    if (secret !== undefined) return { by: 'secret', secret }
    throw new Error('this product has nothing to prove itself by: give clientSecret or clientKey')
  }
  if (secret !== undefined) throw new Error('this product proves itself by one thing: give clientSecret or clientKey')
  return keyIn(clientKey)
}

function keyIn(given: unknown): Means {
  const { kty, crv, x, y, d, kid } = Object(given) as Readonly<Record<string, unknown>>
  const named = kid === undefined || (typeof kid === 'string' && kid !== '')
  if (kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y) || !isText(d) || !named) throw noSuchKey()
  const jwk = { kty, crv, x, y, d } as const
  const key = keyObject(jwk)
  // Both halves may be keys and not of one another.
  if (!verify('sha256', Buffer.from('both'), publicHalf(key), signed('both', key))) throw noSuchKey()
  return { by: 'key', key, jwk, kid }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const noSuchKey = () =>
  new Error(
    'clientKey must be a private key on P-256 as a JWK, { kty: "EC", crv: "P-256", x, y, d }, and an object: ' +
      'where it comes as text, parse the text first',
  )

function keyObject(jwk: PrivateJwk): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    throw noSuchKey()
  }
}

const publicHalf = (key: KeyObject) => ({ key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }) as const
const signed = (text: string, key: KeyObject): Buffer =>
  sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })

interface Known {
  readonly issuer: string
  readonly clientId: string
  readonly now: () => number
}

export const shownBy = (means: Means, known: Known): Shown =>
  means.by === 'secret' ? bySecret(means.secret, known) : byKey(means, known)

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function bySecret(secret: string, { clientId }: Known): Shown {
  const encoded = [clientId, secret].map((half) => new URLSearchParams({ half }).toString().slice('half='.length))
  const header = `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
  return { header: () => header, instead: () => undefined }
}

/** Signed at once and in one piece, so that however many ask together, one is made. */
function byKey(means: Means & { readonly by: 'key' }, known: Known): Shown {
  let last: { readonly at: number; readonly header: string; readonly instead: boolean } | undefined
  function anew(instead: boolean): string {
    const at = known.now()
    const header = `Bearer ${assertion(means, known, at)}`
    last = { at, header, instead }
    return header
  }
  return {
    header() {
      const age = last === undefined ? Number.NaN : known.now() - last.at
      // A clock that was set back makes it as old as one that went on.
      return last !== undefined && age >= 0 && age <= againMs ? last.header : anew(false)
    },
    instead(refused) {
      if (last !== undefined && last.header !== refused) return last.header
      // The one that was made in place of another was refused too: the next is made when this one is old.
      return last?.instead ? undefined : anew(true)
    },
  }
}

function assertion(means: Means & { readonly by: 'key' }, { issuer, clientId }: Known, at: number): string {
  const iat = Math.floor(at / 1000)
  const jti = randomBytes(16).toString('base64url')
  const header = { alg: 'ES256', ...(means.kid !== undefined && { kid: means.kid }) }
  const claims = { iss: clientId, sub: clientId, aud: issuer, iat, exp: iat + livesSeconds, jti }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${signed(text, means.key).toString('base64url')}`
}

/** For the operator: what to look at when the issuer answers 401. */
export function notTaken(by: Means['by'], response: Response, now: number): string {
  if (by === 'secret')
    return 'the issuer does not take this product: look whether clientSecret is the one of its row there'
  const apart = Math.round((now - Date.parse(response.headers.get('date') ?? '')) / 1000)
  const clock = Number.isNaN(apart)
    ? ''
    : ` (it is ${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead of'} the issuer’s)`
  return (
    'the issuer does not take what this product signs: look whether the public half of clientKey is in its row there, ' +
    `and at this machine’s clock${clock}`
  )
}

/** A secret for one purpose of this product's own: the same wherever it runs, and nothing that proves it to the issuer. */
export const ownSecret = (means: Means, purpose: string): string | Buffer =>
  means.by === 'secret'
    ? means.secret
    : Buffer.from(hkdfSync('sha256', Buffer.from(means.jwk.d, 'base64url'), '', `amparo ${purpose}`, 32))
