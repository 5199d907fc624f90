/**
 * The keys of one installation: the root that every digest and seal derives from, the issuer's signing key, and the key
 * that signs how far the record has come. They live in a file outside the database, readable by its owner alone. Losing it
 * closes everything; nothing else is lost.
 */
import { createHash, createPrivateKey, hkdfSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { exportJWK, generateKeyPair } from 'jose'
import { z } from 'zod'

const key = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string(),
  d: z.string(),
  x: z.string(),
  y: z.string(),
})

const ed25519 = z.strictObject({ name: z.string().regex(/^[^\s+]{1,128}$/), seed: z.string(), x: z.string() })

const shape = z.strictObject({
  root: z.string().refine((text) => Buffer.from(text, 'base64').length >= 32, 'needs at least 32 bytes of base64'),
  signing: key,
  /** Signed with until they were rotated away; published until nothing that they signed can still be believed. */
  former: z.array(z.strictObject({ key, until: z.iso.datetime() })).optional(),
  /** Signs the record's checkpoints (Ed25519). A file without it signs with one that comes from the root. */
  record: ed25519.optional(),
  /** Public halves of what signed checkpoints before: older ones are verified with these. */
  formerRecord: z.array(ed25519.pick({ name: true, x: true })).optional(),
  /** Keys that were made by a demo are refused in production. */
  demo: z.boolean().optional(),
})
type KeyFile = z.infer<typeof shape>

export interface Keys {
  readonly root: Buffer
  readonly signing: KeyFile['signing']
  /** What surfaces may still find signatures of. */
  readonly former: readonly { readonly key: KeyFile['signing']; readonly until: string }[]
  readonly record: RecordKey
  readonly demo: boolean
}

/** The key of the record: what it signs with, and what verifies all that was ever signed. */
export interface RecordKey {
  readonly key: PublicKey
  readonly former: readonly PublicKey[]
  sign(text: Buffer): Buffer
}
interface PublicKey {
  readonly name: string
  readonly raw: Buffer
}

/** The keys in this file. Throws with words when it is no key file; never with a part of it. */
export async function readKeys(path: string): Promise<Keys> {
  const { root, signing, former, demo, record, formerRecord } = await keyFile(path)
  return {
    root: Buffer.from(root, 'base64'),
    signing,
    former: former ?? [],
    record: recordKey(record ?? recordFrom(Buffer.from(root, 'base64')), formerRecord),
    demo: demo === true,
  }
}

type KeptRecord = z.infer<typeof ed25519>

function recordKey({ name, seed, x }: KeptRecord, former: KeyFile['formerRecord'] = []): RecordKey {
  const secret = ed25519From(Buffer.from(seed, 'base64url'))
  return {
    key: { name, raw: Buffer.from(x, 'base64url') },
    former: former.map((one) => ({ name: one.name, raw: Buffer.from(one.x, 'base64url') })),
    sign: (text) => sign(null, text, secret),
  }
}

/** The key of a record whose file names none: always the same from one root. */
const recordFrom = (root: Buffer): KeptRecord =>
  recordOf(Buffer.from(hkdfSync('sha256', root, '', 'amparo/record/1', 32)))

/** A record is named after its first key. */
function recordOf(seed: Buffer, name?: string): KeptRecord {
  const x = ed25519From(seed).export({ format: 'jwk' }).x ?? ''
  const fingerprint = createHash('sha256').update(x).digest('hex').slice(0, 16)
  return { name: name ?? `amparo-record-${fingerprint}`, seed: seed.toString('base64url'), x }
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS 8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const ed25519From = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })

async function keyFile(path: string): Promise<KeyFile> {
  const parsed = shape.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (!parsed.success) throw new Error('this is not a key file')
  return parsed.data
}

/** A token lives for an hour at the most, and what tells of an ending is repeated for a day. */
const formerMs = 25 * 3_600_000

/**
 * Puts a new signing key in the place of the old one, whose public half stays published for a day. The root is not
 * exchanged: every digest and seal derives from it. The file is replaced whole; servers take it up when they start again.
 */
export async function rotateKeys(path: string, now: Date): Promise<{ kid: string; formerKid: string; until: string }> {
  const { signing, former = [], ...rest } = await keyFile(path)
  const until = new Date(now.getTime() + formerMs).toISOString()
  const next = await newSigningKey()
  const kept = former.filter((one) => Date.parse(one.until) > now.getTime())
  await replace(path, { ...rest, signing: next, former: [{ key: signing, until }, ...kept] })
  return { kid: next.kid, formerKid: signing.kid, until }
}

/**
 * Lets another key sign the record from the next start on. The record keeps its name, and the public half of the old key
 * stays in the file for good: what it signed is verified with it.
 */
export async function rotateRecordKey(path: string): Promise<{ key: PublicKey; former: PublicKey }> {
  const { record, formerRecord = [], ...rest } = await keyFile(path)
  const { name, seed, x } = record ?? recordFrom(Buffer.from(rest.root, 'base64'))
  const next = recordOf(randomBytes(32), name)
  await replace(path, { ...rest, record: next, formerRecord: [{ name, x }, ...formerRecord] })
  return { key: recordKey(next).key, former: recordKey({ name, seed, x }).key }
}

/** The file whole or not at all. */
async function replace(path: string, keys: KeyFile): Promise<void> {
  const half = `${path}.half`
  const file = await open(half, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(keys)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(half, path)
}

async function newSigningKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return key.parse({ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') })
}

/** Makes a key file, readable by its owner alone; an existing file is never touched. */
export async function makeKeys(path: string, demo = false): Promise<void> {
  const signing = await newSigningKey()
  const file = await open(path, 'wx', 0o600)
  try {
    const record = recordOf(randomBytes(32))
    await file.writeFile(
      `${JSON.stringify({ root: randomBytes(32).toString('base64'), signing, record, ...(demo ? { demo } : {}) })}\n`,
    )
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The keys in this file, made first where there is none. */
export async function keysAt(path: string, demo: boolean): Promise<Keys> {
  await makeKeys(path, demo).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return readKeys(path)
}
