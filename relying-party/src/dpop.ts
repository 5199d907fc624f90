/**
 * Proof that whoever sends a token holds the key that it was made for (RFC 9449): checked at each request of an app. Whether
 * a proof was used before, the issuer knows, which is handed it with each check.
 */
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { digestOf } from './secrets.ts'

export interface Proven {
  readonly method: string
  /** The address as the app knows it, without its query. */
  readonly address: string
  readonly token: string
}

/** So far the clock of a phone may be from ours. */
const toleranceSeconds = 60

export type Proof = { readonly ok: true; readonly thumbprint: string } | { readonly ok: false; readonly why: string }
const broken = (why: string): Proof => ({ ok: false, why })

/** Whether this proof was made for this request and this token, and by which key. */
export async function readProof(proof: string, { method, address, token }: Proven, now: number): Promise<Proof> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['jti', 'htm', 'htu', 'iat', 'ath'],
      currentDate: new Date(now),
    })
    const { jti, htm, htu, iat, ath } = payload
    if (!protectedHeader.jwk || typeof jti !== 'string' || jti === '' || jti.length > 256) return broken('jti')
    if (htm !== method) return broken('htm')
    if (typeof htu !== 'string' || plainAddress(htu) !== plainAddress(address)) return broken('htu')
    if (iat === undefined || Math.abs(now / 1000 - iat) > toleranceSeconds) return broken('iat')
    // The digest of RFC 9449 §4.2 is the one by which we find sessions: SHA-256 in base64url.
    if (ath !== digestOf(token)) return broken('ath')
    return { ok: true, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk) }
  } catch (error) {
    return broken(error instanceof Error ? error.name : 'unknown')
  }
}

/** RFC 9449 §4.3: compared after normalization, query and fragment left out. */
function plainAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { origin, pathname } = new URL(address)
  return origin + pathname
}
