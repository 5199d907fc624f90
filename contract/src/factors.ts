/** An agent's own factors on the wire: passkeys, an authenticator app, and the fresh proof that changing them asks for. */
import { z } from 'zod'
import { instant } from './words.ts'

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/)

const digits = (typed: number, wanted: RegExp) =>
  z
    .string()
    .max(typed)
    .transform((text) => text.replace(/[^0-9]/g, ''))
    .pipe(z.string().regex(wanted))
/** Six digits, however they were pasted: `482913`, `482 913`, `482-913`, with line breaks around. */
export const sixDigits = digits(64, /^[0-9]{6}$/)
/** Two digits of a page, likewise. */
export const twoDigits = digits(16, /^[0-9]{2}$/)

const extensions = z.looseObject({})
const attachment = z.enum(['platform', 'cross-platform']).optional()

/** What `navigator.credentials.get` answered, as WebAuthn writes it in JSON. */
export const passkeyAnswer = z.strictObject({
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  clientExtensionResults: extensions,
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(4096),
    signature: base64url(2048),
    userHandle: base64url(128).optional(),
  }),
})
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>

/** What `navigator.credentials.create` answered, as WebAuthn writes it in JSON. */
export const passkeyMade = z.strictObject({
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  clientExtensionResults: extensions,
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(32_768),
    authenticatorData: base64url(4096).optional(),
    transports: z.array(z.string().max(32)).max(16).optional(),
    publicKey: base64url(4096).optional(),
    publicKeyAlgorithm: z.int().optional(),
  }),
})
export type PasskeyMade = z.infer<typeof passkeyMade>

const named = z.looseObject({ id: z.string(), type: z.literal('public-key') })

/** For `navigator.credentials.get`, as WebAuthn writes it in JSON (`PublicKeyCredentialRequestOptionsJSON`). */
export const passkeyAsked = z.looseObject({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  userVerification: z.literal('required'),
  allowCredentials: z.array(named),
})
export type PasskeyAsked = z.infer<typeof passkeyAsked>

/** For `navigator.credentials.create`, as WebAuthn writes it in JSON (`PublicKeyCredentialCreationOptionsJSON`). */
export const passkeyToMake = z.looseObject({
  challenge: z.string(),
  rp: z.looseObject({ id: z.string(), name: z.string() }),
  user: z.looseObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.looseObject({ alg: z.int(), type: z.literal('public-key') })),
  timeout: z.int(),
  excludeCredentials: z.array(named),
})
export type PasskeyToMake = z.infer<typeof passkeyToMake>

/**
 * Who adds or removes a factor shows again that it is them: with the password, with a factor they have, or with what the
 * answer of their sign-in carried (`fresh`, ten minutes, never in a cookie). Whoever has a factor already shows one; the first
 * takes a code of the agent's mailbox besides (`sendFactorCode`).
 */
export const freshProof = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('password'), password: z.string().min(1).max(256) }),
  z.strictObject({ method: z.literal('totp'), code: sixDigits }),
  z.strictObject({ method: z.literal('passkey'), response: passkeyAnswer }),
  z.strictObject({ method: z.literal('sign_in'), fresh: z.string().max(128).optional() }),
])
export type FreshProof = z.infer<typeof freshProof>

/** What shows that it is still the agent who uses a session, in a place where that was not shown yet. */
export const placeWays = ['passkey', 'totp', 'code'] as const
export const placeProof = z.discriminatedUnion('method', [
  z.strictObject({ method: z.enum(['totp', 'code']), code: sixDigits }),
  z.strictObject({ method: z.literal('passkey'), response: passkeyAnswer }),
])
export type PlaceProof = z.infer<typeof placeProof>

export const passkeyName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)

export const passkeySeen = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: instant,
  lastUsedAt: instant.optional(),
})
export type PasskeySeen = z.infer<typeof passkeySeen>

export const factorsSeen = z.strictObject({ passkeys: z.array(passkeySeen), totp: z.boolean() })
export type FactorsSeen = z.infer<typeof factorsSeen>

/** A secret for an authenticator app: as text, as the address that a QR code holds, and as that code's drawing. */
export const totpBegun = z.strictObject({
  secret: z.string(),
  uri: z.string(),
  /** Modules along a side, margin included, and the dark ones as one SVG path in that square. */
  qr: z.strictObject({ size: z.int(), path: z.string() }),
  expiresAt: instant,
})
export type TotpBegun = z.infer<typeof totpBegun>

/** A password as somebody chooses it. What is too easy to guess is refused in words (`password.too_weak`). */
export const newPassword = z.string().min(1).max(256)
