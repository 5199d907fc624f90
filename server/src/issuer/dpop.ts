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

interface Proof {
  /** The thumbprint of the key that signed it. */
  readonly key: string
  /** What it calls itself: the same proof can be spelt in several ways, and has one name in all of them. */
  readonly name: string
}

/** Undefined for one that is not of this request, not of now, or nothing of the kind. */
async function read(proof: string, { method, url, token }: Proved): Promise<Proof | undefined> {
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
    if (!fits || !protectedHeader.jwk || typeof payload.jti !== 'string') return undefined
    return { key: await calculateJwkThumbprint(protectedHeader.jwk), name: payload.jti }
  } catch {
    return undefined
  }
}

/** Whose key signed this proof; undefined for none that fits. */
export const thumbprintOf = async (proof: string, about: Proved): Promise<string | undefined> =>
  (await read(proof, about))?.key

/** The same, and the proof is used up with it. */
export async function proved(db: Database, proof: string, about: Proved, key: string): Promise<boolean> {
  const shown = await read(proof, about)
  return shown?.key === key && (await keepProof(db, `${key}/${shown.name}`, freshSeconds * 2))
}

/** An address without what follows it: RFC 9449 compares no query and no fragment. */
function placeOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return `${url.origin}${url.pathname}`
}
