/**
 * Passkeys (WebAuthn), judged by the library: the challenge, our origin, our relying party, a person who was verified,
 * and a counter that only grows. What is ours: whose passkey it is, and that a challenge is good for one answer.
 */
import type { PasskeyAnswer, PasskeyMade } from '@amparo/contract/factors'
import {
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { newToken, tokenDigest } from '../secrets.ts'

/** Who asks: the console's origin, and the host that passkeys are made for. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
  readonly name: string
}
export const relyingPartyOf = (consoleOrigin: string, name: string): RelyingParty => ({
  id: new URL(consoleOrigin).hostname,
  origin: consoleOrigin,
  name,
})

export type Device = 'singleDevice' | 'multiDevice'
export interface Passkey {
  readonly id: string
  readonly credentialId: Uint8Array
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly device: Device
  readonly transports: readonly string[]
}

export const challengeMs = 120_000

const transportWords: readonly AuthenticatorTransport[] = ['ble', 'hybrid', 'internal', 'nfc', 'usb']
export const transportsOf = (words: readonly string[]): AuthenticatorTransport[] =>
  transportWords.filter((known) => words.includes(known))

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
const named = (passkeys: readonly Passkey[]) =>
  passkeys.map((one) => ({
    id: Buffer.from(one.credentialId).toString('base64url'),
    transports: transportsOf(one.transports),
  }))

/** A challenge of 256 bits, and the digest that it is kept under. */
export function newChallenge() {
  const challenge = newToken()
  return { challenge, digest: tokenDigest(challenge) }
}

/** What the browser needs to answer a challenge with one of these passkeys. */
export async function asked(rp: RelyingParty, challenge: string, passkeys: readonly Passkey[]) {
  const options = await generateAuthenticationOptions({
    rpID: rp.id,
    challenge: bytes(challenge),
    timeout: challengeMs,
    userVerification: 'required',
    allowCredentials: named(passkeys),
  })
  return {
    ...options,
    rpId: rp.id,
    timeout: challengeMs,
    userVerification: 'required' as const,
    allowCredentials: (options.allowCredentials ?? []).map((one) => ({ ...one, type: 'public-key' as const })),
  }
}

/** What the browser needs to make a passkey for this agent. */
export async function toMake(
  rp: RelyingParty,
  challenge: string,
  agent: { readonly id: string; readonly email: string; readonly name: string },
  had: readonly Passkey[],
) {
  const options = await generateRegistrationOptions({
    rpID: rp.id,
    rpName: rp.name,
    userID: new Uint8Array(Buffer.from(agent.id)),
    userName: agent.email,
    userDisplayName: agent.name,
    challenge: bytes(challenge),
    timeout: challengeMs,
    attestationType: 'none',
    excludeCredentials: named(had),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  })
  return {
    ...options,
    rp: { id: rp.id, name: rp.name },
    user: { id: options.user.id, name: options.user.name, displayName: options.user.displayName },
    timeout: challengeMs,
    pubKeyCredParams: options.pubKeyCredParams.map(({ alg, type }) => ({ alg, type })),
    excludeCredentials: (options.excludeCredentials ?? []).map((one) => ({ ...one, type: 'public-key' as const })),
  }
}

interface ClientData {
  readonly challenge: string
  readonly origin: string
}

/** What the browser says that it answered, and on which origin; undefined where it says nothing of the kind. */
export function clientDataOf(answer: PasskeyAnswer | PasskeyMade): ClientData | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(answer.response.clientDataJSON, 'base64url').toString())
    if (typeof said !== 'object' || said === null || !('challenge' in said) || !('origin' in said)) return undefined
    if ('crossOrigin' in said && said.crossOrigin === true) return undefined
    const { challenge, origin } = said
    return typeof challenge === 'string' && typeof origin === 'string' ? { challenge, origin } : undefined
  } catch {
    return undefined
  }
}

/** Whether this is the answer of that passkey to that challenge; then its counter and whether it has a backup. */
export async function judged(
  rp: RelyingParty,
  challenge: string,
  passkey: Passkey,
  agentId: string,
  answer: PasskeyAnswer,
): Promise<{ readonly counter: number; readonly backedUp: boolean } | undefined> {
  const { userHandle } = answer.response
  if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== agentId) return undefined
  const verdict = await verifyAuthenticationResponse({
    response: {
      ...answer,
      authenticatorAttachment: answer.authenticatorAttachment ?? undefined,
      clientExtensionResults: {},
      response: { ...answer.response, userHandle },
    } as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    credential: {
      id: answer.id,
      publicKey: new Uint8Array(passkey.publicKey),
      counter: passkey.counter,
      transports: transportsOf(passkey.transports),
    },
  }).catch(() => undefined) // The library says no by throwing.
  if (!verdict?.verified) return undefined
  const { newCounter, credentialBackedUp, credentialDeviceType } = verdict.authenticationInfo
  return credentialDeviceType === passkey.device ? { counter: newCounter, backedUp: credentialBackedUp } : undefined
}

export interface Made {
  readonly credentialId: Uint8Array
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly device: Device
  readonly backedUp: boolean
  readonly transports: readonly string[]
}

/** The passkey that was made for that challenge, or undefined where it was not made here and for us. */
export async function made(rp: RelyingParty, challenge: string, answer: PasskeyMade): Promise<Made | undefined> {
  const verdict = await verifyRegistrationResponse({
    response: {
      id: answer.id,
      rawId: answer.rawId,
      type: answer.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: answer.response.clientDataJSON,
        attestationObject: answer.response.attestationObject,
      },
    },
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
  }).catch(() => undefined) // The library says no by throwing.
  if (!verdict?.verified) return undefined
  const { credential, credentialBackedUp, credentialDeviceType } = verdict.registrationInfo
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: credential.publicKey,
    counter: credential.counter,
    device: credentialDeviceType,
    backedUp: credentialBackedUp,
    transports: transportsOf(answer.response.transports ?? []),
  }
}
