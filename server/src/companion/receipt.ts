/**
 * The receipt of a consent: who may do what, for whom, why, for how long, how each was proven, and where the record had come
 * to. A JWS (RFC 7515) with the record's own Ed25519 key (RFC 8037), so that whoever holds it is a witness of the record.
 */
import type { AgentMethod, Because, Bilingual, Kind, Power } from '@amparo/contract/words'
import type { NamedKey } from '@amparo/verifier/checkpoint'

/** The record's key: signs receipts, and what signed them before is still published. */
export interface ReceiptKeys {
  readonly key: NamedKey
  readonly former: readonly NamedKey[]
  sign(text: Buffer): Buffer
}

/** What the receipt says. Names are those that the user saw. */
export interface Receipt {
  /** Where it was made, and where it can be looked at. */
  readonly iss: string
  /** The assistance. */
  readonly jti: string
  /** Seconds since 1970, as in every JWT. */
  readonly iat: number
  readonly company: { readonly name: string; readonly phone: string }
  readonly agent: { readonly name: string; readonly provenBy?: AgentMethod | undefined }
  readonly user: { readonly name: string }
  readonly kind: Kind
  readonly reason: Bilingual & { readonly line?: string | undefined }
  readonly ecosystem?: string | undefined
  readonly surfaces: readonly Bilingual[]
  readonly powers: Power
  readonly lengthMinutes: number
  readonly consent: {
    readonly at: string
    /** With two digits on the user's page, or by a code that was read aloud. */
    readonly provedBy: 'page' | 'read_aloud'
    /** SHA-256 of the terms, in hex. */
    readonly terms: string
  }
  readonly ended?: { readonly at: string; readonly because: Because } | undefined
  /** Where the consent stands in the record, and the checkpoint that it is proved against (RFC 9162). */
  readonly record?: InRecord | undefined
}
export interface InRecord {
  readonly seq: number
  /** Base64, as in the record. */
  readonly leaf: string
  readonly path: readonly string[]
  readonly checkpoint: string
}

/** What signs; the key's id names it among those that are published. */
export interface Signer {
  readonly kid: string
  sign(text: Buffer): Buffer
}

const part = (value: object | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url')

/** The compact form of the receipt (RFC 7515 section 7.1). */
export function signed(receipt: Receipt, { kid, sign }: Signer): string {
  const text = `${part({ alg: 'EdDSA', typ: 'consent-receipt+jwt', kid })}.${part(receipt)}`
  return `${text}.${part(sign(Buffer.from(text)))}`
}
