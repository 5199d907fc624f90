/** Refusals on the wire: RFC 9457 problems, in the reader's language, with our word as `code` and no secret in them. */
import type { Problem } from '@amparo/contract/api'
import { type Refusal, sentenceOf, statusOf } from '@amparo/contract/refusals'
import type { Refused } from '../outcome.ts'

/** The language that a reader asked for by `Accept-Language`: Spanish if it comes before English, else English. */
export function languageOf(acceptLanguage: string | undefined): 'en' | 'es' {
  const first = (acceptLanguage ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase())
  return first.find((language) => language === 'en' || language === 'es') === 'es' ? 'es' : 'en'
}

export interface ProblemContext {
  readonly requestId: string
  readonly language: 'en' | 'es'
  /** What this reader is told, where it is not the sentence of the table. */
  readonly detail?: string
}

/** The body of a refusal. `more` stands beside the fixed members: tries left, when to come back, who is in the way. */
export function problemOf(
  refusal: Refusal,
  more: Refused | { errors: readonly unknown[] },
  context: ProblemContext,
): Problem {
  const sentence = sentenceOf(refusal, 'why' in more ? more.why : undefined)
  const hour = 'retryAt' in more && typeof more.retryAt === 'string' ? new Date(more.retryAt) : undefined
  const told = (language: 'en' | 'es') => sentence[language].replace('{retryAt}', hour ? inWords(hour, language) : '')
  return {
    ...(refusal === 'request.invalid' ? faultsIn(more) : more),
    type: `urn:amparo:refusal:${refusal}`,
    title: told('en'),
    status: statusOf(refusal),
    code: refusal,
    detail: context.detail ?? told(context.language),
    requestId: context.requestId,
  }
}

/** One thing that is wrong with a request, and where. */
export const faultAt = ({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }) => ({
  path: path.join('.'),
  message,
})

/** What is wrong with a request stands in a list, also where a step found it and not the contract. */
const faultsIn = (more: Refused | { errors: readonly unknown[] }) =>
  'errors' in more ? more : { errors: [{ path: more.path ?? '', message: more.message ?? 'This is not as expected.' }] }

const inWords = (at: Date, language: 'en' | 'es'): string =>
  `${new Intl.DateTimeFormat({ en: 'en-GB', es: 'es-ES' }[language], { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`

/**
 * The answer of a refusal. 503, a request that is under way, and a 429 that passes say when to come back; a 401 says by what
 * somebody could show who they are (RFC 9110 §15.5.2): a browser's cookie is no such scheme.
 */
export function problemResponse(
  refusal: Refusal,
  more: Refused | { errors: readonly unknown[] },
  context: ProblemContext,
): Response {
  const body = problemOf(refusal, more, context)
  const headers = new Headers({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  })
  const wait = retryAfter(body)
  if (wait !== undefined) headers.set('retry-after', String(wait))
  if (body.status === 401) headers.set('www-authenticate', 'Bearer realm="Amparo"')
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

function retryAfter(body: Problem): number | undefined {
  if (body.status === 503) return 2
  if (body.code === 'request.in_progress') return 1
  if (body.status !== 429) return undefined
  const at = ['retryAt', 'resendAt', 'until'].map((name) => body[name]).find((value) => typeof value === 'string')
  return typeof at === 'string' ? Math.max(1, Math.ceil((Date.parse(at) - Date.now()) / 1000)) : undefined
}
