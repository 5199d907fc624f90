/**
 * A checkpoint: how large the record is and what its root is, signed. It is written as a signed note, the text form that
 * witnesses of transparency logs take (C2SP signed-note and tlog-checkpoint), with the time as an extension line.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { type Hash, hashBytes } from './tree.ts'

export interface Checkpoint {
  /** Which record: a name of the installation, without spaces. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** RFC 3339, UTC. */
  readonly at: string
}

/** A public key under the name that it signs for. */
export interface NamedKey {
  readonly name: string
  /** 32 bytes of Ed25519. */
  readonly raw: Buffer
}

const ed25519 = 1
const signatureBytes = 64

/** What is signed: all of the note but its signatures. */
export const textOf = ({ origin, size, root, at }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\nat ${at}\n`

/** The four bytes that say which key signed: the beginning of SHA-256(name ‖ LF ‖ 1 ‖ key). */
export const keyIdOf = ({ name, raw }: NamedKey): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ed25519]), raw]), 'buffer').subarray(0, 4)

/** The key as text, to be handed to whoever verifies: `name+id+key`. */
export const keyText = (key: NamedKey): string =>
  `${key.name}+${keyIdOf(key).toString('hex')}+${Buffer.concat([Buffer.from([ed25519]), key.raw]).toString('base64')}`

/** Reads `name+id+key`; undefined where it is none. */
export function keyFrom(text: string): NamedKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim())
  const bytes = Buffer.from(match?.[3] ?? '', 'base64')
  if (!match?.[1] || bytes.length !== 33 || bytes[0] !== ed25519) return undefined
  const key = { name: match[1], raw: bytes.subarray(1) }
  return keyIdOf(key).toString('hex') === match[2] ? key : undefined
}

/** The whole note, signed by `sign`, whose public half is `key`. */
export function noteOf(checkpoint: Checkpoint, key: NamedKey, sign: (text: Buffer) => Buffer): string {
  const text = textOf(checkpoint)
  const signature = Buffer.concat([keyIdOf(key), sign(Buffer.from(text))])
  return `${text}\n— ${key.name} ${signature.toString('base64')}\n`
}

export type Opened =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly why: 'malformed' | 'unknown_key' | 'wrong_signature' }

/** Reads a note and believes it only where one of `keys` signed it. Signatures of others are passed over. */
export function openNote(note: string, keys: readonly NamedKey[]): Opened {
  const checkpoint = checkpointIn(note)
  if (!checkpoint) return { ok: false, why: 'malformed' }
  const text = Buffer.from(textOf(checkpoint))
  const signed = signaturesIn(note).flatMap(({ name, bytes }) => {
    const key = keys.find((one) => one.name === name && keyIdOf(one).equals(bytes.subarray(0, 4)))
    return key ? [verify(null, text, publicKey(key), bytes.subarray(4))] : []
  })
  if (signed.length === 0) return { ok: false, why: 'unknown_key' }
  return signed.every(Boolean) ? { ok: true, checkpoint } : { ok: false, why: 'wrong_signature' }
}

/** What a note claims, signed or not. */
export function checkpointIn(note: string): Checkpoint | undefined {
  const [text] = note.split('\n\n')
  const [origin, count, encoded, time, ...more] = text?.split('\n') ?? []
  const at = /^at (\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(time ?? '')?.[1]
  const root = Buffer.from(encoded ?? '', 'base64')
  if (!origin || /\s/.test(origin) || !/^(0|[1-9]\d{0,15})$/.test(count ?? '') || !at || more.length > 0)
    return undefined
  return root.length === hashBytes && root.toString('base64') === encoded
    ? { origin, size: Number(count), root, at }
    : undefined
}

function signaturesIn(note: string): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const [, ...lines] = note.slice(note.indexOf('\n\n') + 1).split('\n')
  return lines.flatMap((line) => {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line)
    const bytes = Buffer.from(match?.[2] ?? '', 'base64')
    return match?.[1] && bytes.length === 4 + signatureBytes ? [{ name: match[1], bytes }] : []
  })
}

const publicKey = ({ raw }: NamedKey): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
