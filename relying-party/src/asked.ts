/** A request as every adapter hands it over, and the little that we need of cookies and forms. */
import type { Language } from './words.ts'

export interface Asked {
  readonly method: string
  /** Path and query, as it came. */
  readonly url: string
  header(name: string): string | undefined
  /** Empty for whatever is no form. */
  form(): Promise<URLSearchParams>
}

export const pathOf = ({ url }: Asked): string => url.split('?', 1)[0] ?? ''
export const queryOf = ({ url }: Asked): URLSearchParams => new URLSearchParams(url.slice(pathLength(url)))
const pathLength = (url: string): number => (url.includes('?') ? url.indexOf('?') + 1 : url.length)

const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const

/** The methods that a request names beside its own: frameworks take another for it from a header or from the address. */
export const otherMethodsOf = (asked: Asked): readonly string[] =>
  [...overrides.flatMap((name) => asked.header(name)?.split(',') ?? []), ...queryOf(asked).getAll('_method')].map(
    (name) => name.trim().toUpperCase(),
  )

export function cookiesOf(asked: Asked): ReadonlyMap<string, string> {
  const pairs = (asked.header('cookie') ?? '').split(';').map((pair) => pair.trim())
  return new Map(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=')
      return at > 0 ? [[pair.slice(0, at), pair.slice(at + 1)] as const] : []
    }),
  )
}

/** Host-bound; for a script of no page. Values are our own, in the alphabet of base64url. */
export function cookie(name: string, value: string, maxAgeSeconds?: number): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`
}
export const noCookie = (name: string): string => cookie(name, '', 0)

/** A program rather than a person at a page: it asked for JSON, or a script of a page asked. */
export function isProgram(asked: Asked): boolean {
  const accept = asked.header('accept') ?? ''
  if (accept.includes('text/html')) return false
  return accept.includes('json') || asked.header('sec-fetch-dest') === 'empty'
}

/** The first of the browser's languages that we speak. */
export function languageOf(acceptLanguage: string | undefined): Language {
  for (const range of (acceptLanguage ?? '').split(',')) {
    const language = range.trim().slice(0, 2).toLowerCase()
    if (language === 'en' || language === 'es') return language
  }
  return 'en'
}
