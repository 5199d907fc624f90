/** For tests only: a key for a record of one's own. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { RecordSigner } from './log.store.ts'

/** A signer of checkpoints whose key nobody keeps. */
export function aSigner(name = 'acme.test-record'): RecordSigner {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = privateKey.export({ format: 'jwk' })
  return { key: { name, raw: Buffer.from(x, 'base64url') }, sign: (text) => sign(null, text, privateKey) }
}
