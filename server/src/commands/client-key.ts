/** A key for a product of its own: the private half for its environment, the public half for its row. Neither is kept anywhere else. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'

export interface MadeKey {
  /** As `ASSISTED_CLIENT_KEY` has it. */
  readonly secret: string
  readonly shown: Readonly<Record<string, unknown>>
}

/** A new key for ES256, with a name by which the two halves find each other. */
export function newClientKey(): MadeKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomBytes(9).toString('base64url')
  return {
    secret: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }),
    shown: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' },
  }
}

/** As shells and files of settings read it: JSON has quotation marks in it. */
export const pasted = (value: string): string => (value.startsWith('{') ? `'${value}'` : value)
