/**
 * The keys of one installation: the root that every digest and seal derives from, and the issuer's signing key. They
 * live in a file outside the database, readable by its owner alone. Losing it closes everything; nothing else is lost.
 */
import { randomBytes } from 'node:crypto'
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

const shape = z.strictObject({
  root: z.string().refine((text) => Buffer.from(text, 'base64').length >= 32, 'needs at least 32 bytes of base64'),
  signing: key,
  /** Signed with until they were rotated away; published until nothing that they signed can still be believed. */
  former: z.array(z.strictObject({ key, until: z.iso.datetime() })).optional(),
  /** Keys that were made by a demo are refused in production. */
  demo: z.boolean().optional(),
})
type KeyFile = z.infer<typeof shape>

export interface Keys {
  readonly root: Buffer
  readonly signing: KeyFile['signing']
  /** What surfaces may still find signatures of. */
  readonly former: readonly { readonly key: KeyFile['signing']; readonly until: string }[]
  readonly demo: boolean
}

/** The keys in this file. Throws with words when it is no key file; never with a part of it. */
export async function readKeys(path: string): Promise<Keys> {
  const { root, signing, former, demo } = await keyFile(path)
  return { root: Buffer.from(root, 'base64'), signing, former: former ?? [], demo: demo === true }
}

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
  const half = `${path}.half`
  const file = await open(half, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ ...rest, signing: next, former: [{ key: signing, until }, ...kept] })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(half, path)
  return { kid: next.kid, formerKid: signing.kid, until }
}

async function newSigningKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') }
}

/** Makes a key file, readable by its owner alone; an existing file is never touched. */
export async function makeKeys(path: string, demo = false): Promise<void> {
  const signing = await newSigningKey()
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(
      `${JSON.stringify({ root: randomBytes(32).toString('base64'), signing, ...(demo ? { demo } : {}) })}\n`,
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
