/**
 * The typed client, made from the table of calls. For the console, the command line, scripts and tests; runs in
 * browsers and in Node. A refusal is a value; a server that cannot be reached, or that answers something that is not
 * ours, is thrown as `Unreachable`, because then nobody knows whether anything was done.
 */
import type { z } from 'zod'
import { type Api, api, type Call, type CallName, type InputOf, type OutputOf, type Problem, problem } from './api.ts'

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem; readonly retryAfterSeconds?: number }

/** No answer, or one that is not ours (a proxy's page, half a body). Safe to repeat with the same idempotency key. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

type PartsOf<Path extends string> = Path extends `${string}{${infer Part}}${infer Rest}` ? Part | PartsOf<Rest> : never
export type ParamsOf<Name extends CallName> = { readonly [Part in PartsOf<Api[Name]['path']>]: string }
export type QueryIn<Name extends CallName> = Api[Name] extends { query: infer Q extends z.ZodType }
  ? { readonly [Key in keyof z.output<Q>]?: z.output<Q>[Key] | undefined }
  : never

type Nothing = Record<never, never>
/** A field that may be left out where an empty object would do, and that is absent where the call has no such thing. */
type Field<Key extends string, Value> = [Value] extends [undefined]
  ? Nothing
  : Nothing extends Value
    ? { readonly [K in Key]?: Value }
    : { readonly [K in Key]: Value }

export type Ask<Name extends CallName> = Field<'params', ParamsOf<Name>> &
  Field<'body', InputOf<Name>> & {
    readonly query?: QueryIn<Name>
    readonly idempotencyKey?: string
    readonly signal?: AbortSignal
  }

/** What `call` takes after the name: nothing is required where the call requires nothing. */
export type AskOf<Name extends CallName> = Nothing extends Ask<Name> ? [ask?: Ask<Name>] : [ask: Ask<Name>]

export interface Client {
  call<Name extends CallName>(name: Name, ...ask: AskOf<Name>): Promise<Outcome<OutputOf<Name>>>
}

export interface ClientOptions {
  /** Origin of the console, for example `https://desk.acme.test`; empty in the console itself. */
  readonly base: string
  readonly fetch?: typeof fetch
  /** A script's bearer token. The console uses its cookie instead. */
  readonly bearer?: string
}

interface LooseAsk {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export function client(options: ClientOptions): Client {
  const call = async <Name extends CallName>(name: Name, ...[ask]: AskOf<Name>): Promise<Outcome<OutputOf<Name>>> => {
    const answer = await send(options, api[name], ask ?? {})
    const body = await jsonOf(answer)
    if (answer.ok) return { ok: true, value: outputOf(name, body, answer.status) }
    const refused = problem.safeParse(body)
    if (!refused.success) throw new Unreachable(`${name}: not an answer of ours (${answer.status})`, answer.status)
    const wait = Number(answer.headers.get('retry-after') ?? Number.NaN)
    return { ok: false, problem: refused.data, ...(Number.isFinite(wait) && { retryAfterSeconds: wait }) }
  }
  return { call }
}

/** The address of a call: `{parts}` filled in and escaped, the query without what was left out. */
export function addressOf(call: Call, ask: Pick<LooseAsk, 'params' | 'query'>): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, part: string) => {
    const value = ask.params?.[part]
    if (!value) throw new TypeError(`${call.method} ${call.path} needs ${part}`)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(ask.query ?? {})) {
    if (value !== undefined && value !== '') query.set(key, String(value))
  }
  return query.size === 0 ? path : `${path}?${query}`
}

async function send(options: ClientOptions, call: Call, ask: LooseAsk): Promise<Response> {
  const address = options.base.replace(/\/$/, '') + addressOf(call, ask)
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
  if (options.bearer !== undefined) headers.authorization = `Bearer ${options.bearer}`
  if (ask.idempotencyKey !== undefined) headers['idempotency-key'] = ask.idempotencyKey
  if (call.input) headers['content-type'] = 'application/json'
  const request = {
    method: call.method,
    headers,
    ...(call.input && { body: JSON.stringify(ask.body ?? {}) }),
    ...(ask.signal && { signal: ask.signal }),
  }
  try {
    return await (options.fetch ?? fetch)(address, request)
  } catch (cause) {
    if (ask.signal?.aborted) throw cause
    throw new Unreachable(`${call.method} ${call.path}: no answer`, undefined, cause)
  }
}

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch (cause) {
    throw new Unreachable(`not an answer of ours (${answer.status})`, answer.status, cause)
  }
}

/** Checked, but for fields that this version does not know: an open console outlives an upgrade of the server. */
function outputOf<Name extends CallName>(name: Name, body: unknown, status: number): OutputOf<Name> {
  const parsed = api[name].output.safeParse(body)
  const wrong = parsed.success ? [] : parsed.error.issues.filter((issue) => issue.code !== 'unrecognized_keys')
  if (wrong.length > 0) {
    const where = wrong.map((issue) => issue.path.join('.') || 'answer').join(', ')
    throw new Unreachable(`${name}: the answer is not as the contract says, at ${where}`, status)
  }
  return body as OutputOf<Name>
}
