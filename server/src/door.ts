/**
 * The door that every JSON call comes through: it knows the caller, has parsed the input by the contract, and turns
 * the outcome into an answer. A room's routes only say which step answers which call.
 */
import type { Api, CallName, OutputOf } from '@amparo/contract/api'
import type { Refusal } from '@amparo/contract/refusals'
import type { Language, Role } from '@amparo/contract/words'
import type { z } from 'zod'
import type { Outcome } from './outcome.ts'
import { type Actor, type AgentId, type SessionId, within } from './words.ts'

/** The agent behind a request, by their session. A bearer session is a script's. */
export interface Caller {
  readonly agentId: AgentId
  readonly sessionId: SessionId
  readonly kind: 'cookie' | 'bearer'
  readonly name: string
  readonly email: string
  readonly phone: string | undefined
  readonly locale: Language
  readonly roles: readonly Role[]
  readonly expiresAt: Date
  /** The request that they are behind here. Other callers than of the console have none. */
  readonly request?: string
}

/** The keyed digests of where a request comes from (`identity/place.ts`): under the key of now, and under former ones. */
export type Place = readonly [Buffer, ...Buffer[]]

/** Where a request comes from, as far as anybody knows. */
export interface From {
  /** Browser and address, in words. */
  readonly words: string
  /** The browser's own mark, from a sign-in before. */
  readonly device: string | undefined
  readonly place: Place
  /** What a stranger's guesses count by. */
  readonly near: string
  /** The request itself. */
  readonly request?: string
}

export const actorOf = ({ agentId, request }: Pick<Caller, 'agentId' | 'request'>): Actor =>
  within({ kind: 'agent', id: agentId }, request)

/** An agent who has no session yet, in the request with which they come. */
export const actorFrom = (agentId: string, { request }: From): Actor => within({ kind: 'agent', id: agentId }, request)

type Part<Name extends CallName, Key extends string> = Api[Name] extends {
  readonly [K in Key]: infer Shape extends z.ZodType
}
  ? z.output<Shape>
  : undefined

export interface Asked<Name extends CallName> {
  readonly caller: Caller
  /** The `{name}` parts of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly body: Part<Name, 'input'>
  readonly query: Part<Name, 'query'>
  readonly from: From
}

/** Mounts one call of the contract. */
export type Door = <Name extends CallName>(
  name: Name,
  answer: (asked: Asked<Name>) => Promise<Outcome<OutputOf<Name>, Refusal>>,
) => void

/** What somebody asks who need not be signed in. `elsewhere`: the caller's session was not proven where this comes from. */
export type Knocked<Name extends CallName> = Omit<Asked<Name>, 'caller'> & {
  readonly caller: Caller | undefined
  readonly elsewhere: boolean
}

/** An answer that also sets what the browser keeps: the session, and the browser's own mark. */
export interface Opened<Answer> {
  readonly answer: Answer
  readonly session?: { readonly token: string; readonly device?: string } | 'none'
}

/** Mounts one call of the contract that nobody needs to be signed in for. */
export type OpenDoor = <Name extends CallName>(
  name: Name,
  answer: (knocked: Knocked<Name>) => Promise<Outcome<Opened<OutputOf<Name>>, Refusal>>,
) => void
