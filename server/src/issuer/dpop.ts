/**
 * Proofs of possession (RFC 9449) for what the issuer answers itself: a signature of the phone's own key over this very
 * request. A proof counts once; its time is read by the real clock, as the phone does.
 */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import type { Database } from '../database/database.ts'
import { keepProof } from './artifacts.ts'

const freshSeconds = 60

/** The request that a proof has to be about. */
export interface Proved {
  readonly method: string
  readonly url: string
  readonly token: string
}

/** Whose key signed this proof; undefined for one that is not of this request, not of now, or nothing of the kind. */
export async function thumbprintOf(proof: string, { method, url, token }: Proved): Promise<string | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256'],
      typ: 'dpop+jwt',
      requiredClaims: ['iat', 'jti', 'htm', 'htu', 'ath'],
    })
    const age = Date.now() / 1000 - (payload.iat ?? 0)
    const fits =
      Math.abs(age) <= freshSeconds &&
      payload.htm === method &&
      placeOf(payload.htu) === placeOf(url) &&
      payload.ath === createHash('sha256').update(token).digest('base64url')
    return fits && protectedHeader.jwk ? await calculateJwkThumbprint(protectedHeader.jwk) : undefined
  } catch {
    return undefined
  }
}

/** The same, and the proof is used up with it. */
export async function proved(db: Database, proof: string, about: Proved, key: string): Promise<boolean> {
  if ((await thumbprintOf(proof, about)) !== key) return false
  return keepProof(db, proof, freshSeconds * 2)
}

/** An address without what follows it: RFC 9449 compares no query and no fragment. */
function placeOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return `${url.origin}${url.pathname}`
}
