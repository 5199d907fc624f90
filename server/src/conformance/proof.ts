/** Keys of phones (RFC 9449): the check makes proofs with them as a phone does, and judges proofs as the issuer does. */
import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { tokenDigest } from '../secrets.ts'

/** The request that a proof has to be made for. */
export interface About {
  readonly method: string
  readonly url: string
  /** None where there is none yet: at the token endpoint. */
  readonly token?: string
}
export interface PhoneKey {
  readonly thumbprint: string
  /** A proof for this request, at this time: now, or so many seconds ago. */
  prove(about: About, secondsAgo?: number): Promise<string>
}

const freshSeconds = 60
const seconds = (): number => Math.floor(Date.now() / 1000)
const digestOf = (token: string): string => tokenDigest(token).toString('base64url')

export async function phoneKey(): Promise<PhoneKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    prove: ({ method, url, token }, secondsAgo = 0) =>
      new SignJWT({ jti: randomUUID(), htm: method, htu: url, ...(token && { ath: digestOf(token) }) })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt(seconds() - secondsAgo)
        .sign(privateKey),
  }
}

/** Whose key signed this for this very request, and the proof's own name; undefined for anything else. */
export async function provenBy(proof: string, { method, url, token }: About) {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
    })
    const fits =
      payload.htm === method &&
      placeOf(payload.htu) === placeOf(url) &&
      Math.abs(seconds() - (payload.iat ?? 0)) <= freshSeconds &&
      (token === undefined || payload.ath === digestOf(token))
    if (!fits || !protectedHeader.jwk) return undefined
    return { key: await calculateJwkThumbprint(protectedHeader.jwk), name: String(payload.jti) }
  } catch {
    return undefined
  }
}

/** Without its query, as RFC 9449 compares. */
export function placeOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname
}
