/** One launch of the check: what it says of itself, and what the surface did with it. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'

export type Claims = JWTPayload & Record<string, unknown>
export type Fields = Readonly<Record<string, string>>

/** What this launch says; each is given the truth. */
export interface Telling {
  readonly sub: string
  readonly powers: 'look' | 'act'
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
  /** The count of its latest report of what was done. */
  reported: number
}

export const truth = (sub: string): Telling => ({
  sub,
  powers: 'look',
  callback: (fields) => fields,
  idToken: (claims) => claims,
  introspection: (claims) => claims,
})

const secret = (): string => randomBytes(24).toString('base64url')

export const launchOf = (telling: Telling): Launch => ({
  telling,
  hint: secret(),
  sid: randomUUID(),
  code: secret(),
  token: secret(),
  asked: undefined,
  hintCame: false,
  verified: false,
  redeemed: false,
  client: undefined,
  introspections: 0,
  reported: 0,
})
