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

type Use = 'code' | 'link' | 'say' | 'match' | 'consent' | 'seal' | 'email' | 'cookie' | 'answer' | 'handle' | 'place'

/** What wraps data keys, by its id: 16 hexadecimal digits. */
export interface SealingKey {
  readonly id: string
  readonly key: Buffer
}
/** The one that wraps from now on, those that open what they wrapped before, and those that sealed before there were data keys. */
export interface SealingKeys {
  readonly now: SealingKey
  readonly former: readonly SealingKey[]
  readonly before?: readonly Buffer[]
}

/** A root that was exchanged, and until when it counts for what was begun under it. */
export interface FormerRoot {
  readonly key: Buffer
  readonly until: Date
}

export interface Secrets {
  /**
   * The same under the roots that were exchanged and still count, for what was begun under them; none most of the time.
   * Nothing new is made with them.
   */
  former(): readonly Secrets[]
  /** A keyed digest (HMAC-SHA-256, 32 bytes) of `text` for one use only. */
  digest(use: Use, text: string): Buffer
  /**
   * Encrypts with AES-256-GCM under a data key of its own, which is wrapped by the sealing key; `about` must be given again
   * to open it.
   */
  seal(text: string, about: string): Buffer
  /** The sealed text; throws when it was altered or belongs to something else. */
  unseal(sealed: Buffer, about: string): string
  /** Whether the key that sealed this is here. While servers learn of a new one, another server may have it. */
  hasKeyOf(sealed: Buffer): boolean
  /** The ids of the sealing keys that are here, for a statement that asks the same (`isSealedByOneOf`). */
  readonly sealingIds: readonly string[]
  /** The same with its data key wrapped by the sealing key of now; undefined where it is already. The text is not read. */
  rewrapped(sealed: Buffer, about: string): Buffer | undefined
}

const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32

/** A sealed text begins with what it is, whose key wraps its data key, and that data key, wrapped. */
const enveloped = 2
const idBytes = 8
const wrappedBytes = nonceBytes + keyBytes + tagBytes
const headBytes = 1 + idBytes + wrappedBytes

/** A key for one use, from the root. */
export const derived = (root: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', root, '', `amparo/${use}/1`, keyBytes))

/** The name of a key that has none of its own: it tells nothing of it. */
export const idOf = (key: Buffer): string => derived(key, 'id').toString('hex', 0, idBytes)

/** The sealing key of an installation whose file names none: always the same from one root. */
export const sealingFrom = (root: Buffer): SealingKeys => {
  const key = derived(root, 'wrap')
  return { now: { id: idOf(key), key }, former: [] }
}

/** These secrets, and those of every former root that still counts: by any of them something may have been made. */
export const underEveryRoot = (secrets: Secrets): readonly Secrets[] => [secrets, ...secrets.former()]

/**
 * The secrets of one installation, from its root key (at least 32 bytes). Throws when the key is too short. `clock` tells
 * when a former root is over.
 */
export function secretsFrom(
  root: Buffer,
  sealing: SealingKeys = sealingFrom(root),
  former: readonly FormerRoot[] = [],
  clock: () => number = Date.now,
): Secrets {
  if (root.length < keyBytes) throw new Error('The root key must have at least 32 bytes.')
  const keys = new Map<Use, Buffer>()
  const key = (use: Use) => {
    const had = keys.get(use)
    if (had) return had
    const made = derived(root, use)
    keys.set(use, made)
    return made
  }
  const wrapping = new Map([sealing.now, ...sealing.former].map((one) => [one.id, one.key]))
  const wrapped = (dataKey: Buffer) =>
    Buffer.concat([
      Buffer.from([enveloped]),
      Buffer.from(sealing.now.id, 'hex'),
      encrypted(sealing.now.key, dataKey, 'data key'),
    ])
  /** The data key in its envelope; undefined where there is none, or its sealing key is not here. */
  const dataKeyOf = (sealed: Buffer): Buffer | undefined => {
    const by = wrapping.get(wrappedBy(sealed) ?? '')
    return by && decrypted(by, sealed.subarray(1 + idBytes, headBytes), 'data key')
  }
  const unseal = (sealed: Buffer, about: string): string => {
    const dataKey = dataKeyOf(sealed)
    if (dataKey) return decrypted(dataKey, sealed.subarray(headBytes), about).toString('utf8')
    const [first, ...others] = [key('seal'), ...(sealing.before ?? [])]
    for (const one of others) {
      const text = attempted(() => decrypted(one, sealed, about))
      if (text) return text.toString('utf8')
    }
    return decrypted(first ?? key('seal'), sealed, about).toString('utf8')
  }
  const seal = (text: string, about: string): Buffer => {
    const dataKey = randomBytes(keyBytes)
    return Buffer.concat([wrapped(dataKey), encrypted(dataKey, Buffer.from(text, 'utf8'), about)])
  }
  const before = former.map(({ key, until }) => ({ until, secrets: secretsFrom(key, sealing) }))
  return {
    former: () => before.filter(({ until }) => until.getTime() > clock()).map(({ secrets }) => secrets),
    digest: (use, text) => createHmac('sha256', key(use)).update(text).digest(),
    seal,
    unseal,
    hasKeyOf(sealed) {
      const id = wrappedBy(sealed)
      return id === undefined || wrapping.has(id)
    },
    sealingIds: [...wrapping.keys()],
    rewrapped(sealed, about) {
      if (wrappedBy(sealed) === sealing.now.id) return undefined
      const dataKey = dataKeyOf(sealed)
      return dataKey
        ? Buffer.concat([wrapped(dataKey), sealed.subarray(headBytes)])
        : seal(unseal(sealed, about), about)
    },
  }
}

/** Whose key wraps the data key of this, as it says. */
const wrappedBy = (sealed: Buffer): string | undefined =>
  sealed[0] === enveloped && sealed.length > headBytes ? sealed.toString('hex', 1, 1 + idBytes) : undefined

/** The same in SQL: true where a column was sealed by one of the keys whose ids stand in `ids`, or before keys had ids. */
export const isSealedByOneOf = (column: string, ids: string): string =>
  `(length(${column}) <= ${headBytes} or get_byte(${column}, 0) <> ${enveloped}
    or encode(substring(${column} from 2 for ${idBytes}), 'hex') = any(${ids}::text[]))`

function encrypted(key: Buffer, text: Buffer, about: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

function decrypted(key: Buffer, sealed: Buffer, about: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(-tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
}

function attempted<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
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
