/** Back-channel logout: is this token the issuer's, meant for us, and fresh? (OpenID Connect Back-Channel Logout 1.0, §2.6) */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** Signatures by a key pair only: with a shared secret or none, anybody who knows the public key could write such a token. */
const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']

/** Which sessions have ended. The same token twice names the same sessions: a replay ends what has ended. */
export interface Logout {
  readonly sid: string | undefined
  readonly sub: string | undefined
  readonly jti: string
}

/** `why` is for the log: a word of the token (`aud`, `typ`, …) or of the library. */
export type LogoutVerdict =
  | { readonly ok: true; readonly logout: Logout }
  | { readonly ok: false; readonly why: string }

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function judge(claims: JWTPayload): LogoutVerdict {
  const { jti, sub, events, sid, nonce } = claims
  if (!isText(jti)) return { ok: false, why: 'jti' }
  if (nonce !== undefined) return { ok: false, why: 'nonce' }
  const event: unknown = typeof events === 'object' && events !== null ? Reflect.get(events, logoutEvent) : undefined
  if (typeof event !== 'object' || event === null) return { ok: false, why: 'events' }
  if (sid !== undefined && !isText(sid)) return { ok: false, why: 'sid' }
  if (sub !== undefined && !isText(sub)) return { ok: false, why: 'sub' }
  if (sid === undefined && sub === undefined) return { ok: false, why: 'sid or sub' }
  return { ok: true, logout: { sid, sub, jti } }
}

export async function verifyLogoutToken(
  token: string,
  expected: {
    readonly issuer: string
    readonly clientId: string
    readonly keys: JWTVerifyGetKey
    readonly now: number
  },
): Promise<LogoutVerdict> {
  try {
    const { payload } = await jwtVerify(token, expected.keys, {
      algorithms,
      issuer: expected.issuer,
      audience: expected.clientId,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: '5 minutes',
      clockTolerance: 60,
      currentDate: new Date(expected.now),
    })
    return judge(payload)
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
      return { ok: false, why: error.claim }
    return { ok: false, why: error instanceof errors.JOSEError ? error.code : 'keys not reachable' }
  }
}
