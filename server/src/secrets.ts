/**
 * Everything that must not be guessed or read: random tokens, keyed digests, sealed texts. The keys come from outside
 * the database (config.ts); one root key, a derived key for each use, so that no digest of one kind serves as another.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'

type Use = 'code' | 'link' | 'say' | 'match' | 'consent' | 'seal' | 'email' | 'cookie' | 'answer' | 'handle'

export interface Secrets {
  /** A keyed digest (HMAC-SHA-256, 32 bytes) of `text` for one use only. */
  digest(use: Use, text: string): Buffer
  /** Encrypts with AES-256-GCM; `about` must be given again to open it. */
  seal(text: string, about: string): Buffer
  /** The sealed text; throws when it was altered or belongs to something else. */
  unseal(sealed: Buffer, about: string): string
}

const nonceBytes = 12
const tagBytes = 16

/** The secrets of one installation, from its root key (at least 32 bytes). Throws when the key is too short. */
export function secretsFrom(root: Buffer): Secrets {
  if (root.length < 32) throw new Error('The root key must have at least 32 bytes.')
  const keys = new Map<Use, Buffer>()
  const key = (use: Use) => {
    const had = keys.get(use)
    if (had) return had
    const made = Buffer.from(hkdfSync('sha256', root, '', `amparo/${use}/1`, 32))
    keys.set(use, made)
    return made
  }
  return {
    digest: (use, text) => createHmac('sha256', key(use)).update(text).digest(),
    seal(text, about) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key('seal'), nonce).setAAD(Buffer.from(about))
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    unseal(sealed, about) {
      const cipher = createDecipheriv('aes-256-gcm', key('seal'), sealed.subarray(0, nonceBytes))
      cipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(-tagBytes))
      return cipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + cipher.final('utf8')
    },
  }
}

/** An id that nobody can guess: `as_` and 24 characters of base 36 (about 124 bits). */
export function newId(
  prefix: 'as' | 'ag' | 'se' | 'cd' | 'co' | 'pw' | 'la' | 'ss' | 'ob' | 'rq' | 'pk' | 'iv' | 'rl' | 'sa' | 'al' | 'ap',
): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyz'
  return `${prefix}_${Array.from({ length: 24 }, () => letters[randomInt(36)]).join('')}`
}

/** A token of 256 random bits, for URLs and cookies. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** The digest under which a random token is kept (it has 256 bits: no key is needed). */
export const tokenDigest = (token: string): Buffer => createHash('sha256').update(token).digest()

/** `count` decimal digits from the cryptographic generator, without modulo bias; leading zeros are kept. */
export const drawDigits = (count: number): string =>
  randomInt(10 ** count)
    .toString()
    .padStart(count, '0')

/** Compares in constant time; different lengths are simply different. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)
