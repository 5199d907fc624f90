/** The keys of one check: what it signs as the issuer, and what it forges. */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Claims } from './launch.ts'

export type By = 'ours' | 'another key' | 'none' | 'our public key as a secret'
export interface Signing {
  readonly jwk: JWK
  sign(claims: Claims, typ: string, by?: By): Promise<string>
}

const lastsSeconds = 120

export async function signing(): Promise<Signing> {
  const [ours, another] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' }
  const secret = new TextEncoder().encode(JSON.stringify(jwk))
  return {
    jwk,
    async sign(given, typ, by = 'ours') {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iat: now, exp: now + lastsSeconds, ...given }
      if (by === 'none') return `${encoded({ alg: 'none', typ })}.${encoded(claims)}.`
      const alg = by === 'our public key as a secret' ? 'HS256' : 'ES256'
      const key = by === 'ours' ? ours.privateKey : by === 'another key' ? another.privateKey : secret
      return new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid, typ }).sign(key)
    },
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
