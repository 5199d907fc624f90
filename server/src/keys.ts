/**
 * The keys of one installation: the root that every digest and seal derives from, and the issuer's signing key. They
 * live in a file outside the database, readable by its owner alone. Losing it closes everything; nothing else is lost.
 */
import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { exportJWK, generateKeyPair } from 'jose'
import { z } from 'zod'

const shape = z.strictObject({
  root: z.string().refine((text) => Buffer.from(text, 'base64').length >= 32, 'needs at least 32 bytes of base64'),
  signing: z.looseObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    kid: z.string(),
    d: z.string(),
    x: z.string(),
    y: z.string(),
  }),
  /** Keys that were made by a demo are refused in production. */
  demo: z.boolean().optional(),
})

export interface Keys {
  readonly root: Buffer
  readonly signing: z.infer<typeof shape>['signing']
  readonly demo: boolean
}

/** The keys in this file. Throws with words when it is no key file; never with a part of it. */
export async function readKeys(path: string): Promise<Keys> {
  const parsed = shape.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (!parsed.success) throw new Error('this is not a key file')
  return {
    root: Buffer.from(parsed.data.root, 'base64'),
    signing: parsed.data.signing,
    demo: parsed.data.demo === true,
  }
}

/** Makes a key file, readable by its owner alone; an existing file is never touched. */
export async function makeKeys(path: string, demo = false): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const signing = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') }
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
