/** For tests only: a record of made-up entries, with a checkpoint every so often, signed by a key of its own. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { type NamedKey, noteOf } from './checkpoint.ts'
import { checkpointLine, entryLine, headLine } from './export.ts'
import { type Frontier, grown, leafHash, noEntries, rootOf } from './tree.ts'

export interface Signer {
  readonly key: NamedKey
  sign(text: Buffer): Buffer
}

export function signer(name = 'acme.test/record'): Signer {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x = '', ...rest } = privateKey.export({ format: 'jwk' })
  const secret = createPrivateKey({ key: { ...rest, x }, format: 'jwk' })
  return { key: { name, raw: Buffer.from(x, 'base64url') }, sign: (text) => sign(null, text, secret) }
}

export const noteFor = (by: Signer, tree: Frontier): string =>
  noteOf({ origin: by.key.name, size: tree.size, root: rootOf(tree), at: '2026-11-22T09:41:00.000Z' }, by.key, by.sign)

export interface Made {
  readonly bodies: readonly string[]
  /** Notes at every so many entries, the last at the end. */
  readonly notes: readonly string[]
}

export const bodiesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ id: `ev_${index}`, type: 'record.read', n: index }))

/** The lines of an export of these bodies, with a checkpoint every `every` entries. */
export function exported(by: Signer, bodies: readonly string[], every: number): string[] {
  const lines = [headLine(by.key.name)]
  let tree = noEntries
  bodies.forEach((body, seq) => {
    const hash = leafHash(body)
    tree = grown(tree, { level: 0, hash })
    lines.push(entryLine({ seq, id: idIn(body), body, hash }))
    if (tree.size % every === 0 || tree.size === bodies.length) lines.push(checkpointLine(noteFor(by, tree)))
  })
  return lines
}

export const idIn = (body: string): string => String(JSON.parse(body).id)

export async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
