/** One launch of the check: what it says of itself, and what the surface did with it. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'

export type Claims = JWTPayload & Record<string, unknown>
export type Fields = Readonly<Record<string, string>>

/** What this launch says; each is given the truth. */
export interface Telling {
  readonly sub: string
  readonly powers: 'look' | 'act'
  /** The ecosystem that this help is for, where it is not the plan's. */
  readonly ecosystem?: string
  callback(truth: Fields): Fields
  idToken(truth: Claims): Claims
  /** `turn` counts the questions about this token, from 1. `silent`: nobody answers. */
  introspection(truth: Claims, turn: number): Claims | 'ended' | 'silent'
  /** Before a question about this token is answered. */
  beforeAnswer?(launch: Launch): Promise<unknown>
}

export interface Launch {
  telling: Telling
  readonly hint: string
  readonly sid: string
  readonly code: string
  readonly token: string
  /** The authorization request. */
  asked: URLSearchParams | undefined
  hintCame: boolean
  /** The code came with the verifier of its challenge. */
  verified: boolean
  redeemed: boolean
  /** How the surface showed itself. */
  client: 'right' | 'wrong id' | 'wrong secret' | undefined
  introspections: number
  /** The thumbprint of the key that its token is bound to, and whose proof came with the code. */
  key: string | undefined
  provenAtToken: string | undefined
  /** A public client showed a secret, as anybody could who has taken the app apart. */
  secretShown: boolean
  /** Questions of a back end about this token that came without a proof of its key. */
  unproven: number
  /** The count of its latest report of what was done, and why one could not be read. */
  reported: number
  unreadable: string | undefined
  /** How the surface ended it, and of its own accord: the whole help, or only what it had opened. */
  over: 'end' | 'revoke' | undefined
}

export const truth = (sub: string): Telling => ({
  sub,
  powers: 'look',
  callback: (fields) => fields,
  idToken: (claims) => claims,
  introspection: (claims) => claims,
})

const secret = (): string => randomBytes(24).toString('base64url')

/** What a code of the console says in its address: letters and digits that nobody confuses. */
const letters = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'
export const handle = (): string => [...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('')

export const launchOf = (telling: Telling, hint = secret()): Launch => ({
  telling,
  hint,
  sid: randomUUID(),
  code: secret(),
  token: secret(),
  asked: undefined,
  hintCame: false,
  verified: false,
  redeemed: false,
  client: undefined,
  introspections: 0,
  key: undefined,
  provenAtToken: undefined,
  secretShown: false,
  unproven: 0,
  reported: 0,
  unreadable: undefined,
  over: undefined,
})
