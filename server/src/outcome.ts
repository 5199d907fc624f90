/** What a step answers: it went through, or it was refused for a reason that the caller may read. */
export type Outcome<T, R extends string = never> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R; readonly more?: Refused }

/**
 * What a refusal tells beside its word: tries left, when to come back, whose assistance is in the way; of `request.invalid` the
 * `path` in the request and a `message`.
 */
export type Refused = Readonly<Record<string, string | number | undefined>>

export const accept = <T>(value: T) => ({ ok: true, value }) as const
export const refuse = <R extends string>(refusal: R, more: Refused = {}) => ({ ok: false, refusal, more }) as const

/** Too many at once: in a moment there is room again. By the real clock, as every limit on requests. */
export const tooManyNow = (waitMs = 1000) =>
  refuse('rate.limited', { retryAt: new Date(Date.now() + waitMs).toISOString() })
/** A page that begins at something else than what the page before said. */
export const noCursor = { path: 'cursor', message: 'Take the nextCursor of the page before.' } as const

/** Compile-time proof that a switch is complete; at run time, a loud stop. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
