/**
 * The keys of one installation, each with its id: the root that every digest derives from, the sealing key that wraps the
 * data keys of what is sealed, the issuer's signing key, and the key that signs how far the record has come. They live in a
 * file outside the database, readable by its owner alone, or in the environment. Losing them closes everything; nothing else
 * is lost. `docs/guide/keys.md` says who holds each and how it is exchanged.
 */
import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { exportJWK, generateKeyPair } from 'jose'
import { z } from 'zod'
import { derived, type FormerRoot, idOf, type SealingKeys, type Secrets, sealingFrom, secretsFrom } from './secrets.ts'

const key = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string(),
  d: z.string(),
  x: z.string(),
  y: z.string(),
})

const ed25519 = z.strictObject({ name: z.string().regex(/^[^\s+]{1,128}$/), seed: z.string(), x: z.string() })

const bytes = z.string().refine((text) => Buffer.from(text, 'base64').length >= 32, 'needs at least 32 bytes of base64')
const wrapping = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), key: bytes })

const shape = z.strictObject({
  root: bytes,
  /** Roots of before, for what was begun under them, until all of that is over. */
  formerRoots: z.array(z.strictObject({ key: bytes, until: z.iso.datetime() })).optional(),
  /** Wraps the data keys of what is sealed. A file without it wraps with one that comes from the root. */
  sealing: wrapping.optional(),
  /** Opens what it wrapped before. */
  formerSealing: z.array(wrapping.extend({ since: z.iso.datetime() })).optional(),
  /** What former roots sealed with before there were data keys. */
  sealedBefore: z.array(bytes).optional(),
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
  readonly formerRoots: readonly FormerRoot[]
  readonly sealing: SealingKeys & { readonly former: readonly (SealingKeys['now'] & { readonly since: string })[] }
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

/** The keys in this file, or in this JSON. Throws with words when they are none; never with a part of them. */
export async function readKeys(path: string): Promise<Keys> {
  const { root: text, formerRoots = [], signing, former, demo, record, formerRecord, ...file } = await keyFile(path)
  const root = Buffer.from(text, 'base64')
  return {
    root,
    formerRoots: formerRoots.map(({ key, until }) => ({ key: Buffer.from(key, 'base64'), until: new Date(until) })),
    sealing: sealingOf(root, file),
    signing,
    former: former ?? [],
    record: recordKey(record ?? recordFrom(root), formerRecord),
    demo: demo === true,
  }
}

/** Everything that is derived from these keys, or sealed with them. */
export const secretsOf = ({ root, sealing, formerRoots }: Keys): Secrets => secretsFrom(root, sealing, formerRoots)

type Kept = z.infer<typeof wrapping>
const keyOf = ({ id, key }: Kept) => ({ id, key: Buffer.from(key, 'base64') })

const sealingOf = (
  root: Buffer,
  { sealing, formerSealing = [], sealedBefore = [] }: Pick<KeyFile, 'sealing' | 'formerSealing' | 'sealedBefore'>,
) => ({
  now: sealing ? keyOf(sealing) : sealingFrom(root).now,
  former: formerSealing.map(({ since, ...one }) => ({ ...keyOf(one), since })),
  before: sealedBefore.map((text) => Buffer.from(text, 'base64')),
})

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
const recordFrom = (root: Buffer): KeptRecord => recordOf(derived(root, 'record'))

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

/** Keys that stand in the setting itself, as a platform that keeps secrets hands them over. */
export const isInline = (text: string): boolean => text.trimStart().startsWith('{')

async function keyFile(path: string): Promise<KeyFile> {
  const parsed = shape.safeParse(JSON.parse(isInline(path) ? path : await readFile(path, 'utf8')))
  if (!parsed.success) throw new Error('this is not a key file')
  return parsed.data
}

/** A token lives for an hour at the most, and what tells of an ending is repeated for a day. */
const formerMs = 25 * 3_600_000

/**
 * Puts a new signing key in the place of the old one, whose public half stays published for a day. The file is replaced
 * whole; servers take it up when they start again.
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

const newWrapping = (): Kept => {
  const key = randomBytes(32)
  return { id: idOf(key), key: key.toString('base64') }
}
const keptSealing = ({ root, sealing }: KeyFile): Kept => {
  const { id, key } = sealing ? keyOf(sealing) : sealingFrom(Buffer.from(root, 'base64')).now
  return { id, key: key.toString('base64') }
}

/**
 * Lets another key wrap data keys from the next start on. What was sealed before stays as it is, and is opened with the old
 * key until `amparo keys rewrap` has wrapped what stays, and what does not stay has gone.
 */
export async function rotateSealing(path: string, now: Date): Promise<{ id: string; formerId: string }> {
  const file = await keyFile(path)
  const [old, next] = [keptSealing(file), newWrapping()]
  const former = [{ ...old, since: now.toISOString() }, ...(file.formerSealing ?? [])]
  await replace(path, { ...file, sealing: next, formerSealing: former })
  return { id: next.id, formerId: old.id }
}

/** How long what is sealed and is not wrapped anew may be needed: a message ten minutes, an answer a day. */
const sealedMs = 25 * 3_600_000

/** Takes former sealing keys out of the file, once nothing that waits can need them. The ids of those that were taken. */
export async function forgetSealing(path: string, now: Date): Promise<{ forgotten: string[]; kept: string[] }> {
  const { formerSealing = [], ...file } = await keyFile(path)
  const isOld = ({ since }: { since: string }) => Date.parse(since) < now.getTime() - sealedMs
  const kept = formerSealing.filter((one) => !isOld(one))
  const forgotten = formerSealing.filter(isOld)
  if (forgotten.length > 0) await replace(path, { ...file, ...(kept.length > 0 ? { formerSealing: kept } : {}) })
  return { forgotten: forgotten.map(({ id }) => id), kept: kept.map(({ id }) => id) }
}

/** What was begun lives for an hour and a quarter at the most, and its page for a day after that. */
const begunMs = 26 * 3_600_000

/**
 * A new root, from the next start on. What was begun under the old one goes on under it and nothing else does, for as long
 * as that can last; `atOnce`, because somebody else may have the old one: it counts no more, and the next start ends what is
 * open. What is sealed and the record's key stay as they are.
 */
export async function rotateRoot(
  path: string,
  now: Date,
  atOnce: boolean,
): Promise<{ id: string; formerId: string; until?: string }> {
  const { formerRoots = [], ...file } = await keyFile(path)
  const until = new Date(now.getTime() + begunMs).toISOString()
  const living = formerRoots.filter((one) => Date.parse(one.until) > now.getTime())
  const old = Buffer.from(file.root, 'base64')
  const next = randomBytes(32)
  await replace(path, {
    ...file,
    root: next.toString('base64'),
    ...(atOnce ? {} : { formerRoots: [{ key: file.root, until }, ...living] }),
    sealing: keptSealing(file),
    sealedBefore: [derived(old, 'seal').toString('base64'), ...(file.sealedBefore ?? [])],
    record: file.record ?? recordFrom(old),
  })
  return { id: idOf(next), formerId: idOf(old), ...(atOnce ? {} : { until }) }
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
    const made = { root: randomBytes(32).toString('base64'), sealing: newWrapping(), signing, record }
    await file.writeFile(`${JSON.stringify({ ...made, ...(demo ? { demo } : {}) })}\n`)
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
