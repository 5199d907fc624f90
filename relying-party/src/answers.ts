/** How a surface answers what it cannot show or do: a page for people, a problem (RFC 9457) for programs, the cover. */
import { type Asked, isProgram, languageOf } from './asked.ts'
import type { Assistance } from './assistance.ts'
import { type BannerPlaces, coverHtml, plainPage, type WordsForPeople } from './banner-html.ts'
import { landing } from './entry.ts'
import type { Bilingual } from './guards.ts'
import { assistedHeaders, endedHeaders } from './headers.ts'
import { type Language, words } from './words.ts'

/** `assistance`: whose page it would have been, while help goes on. */
export type ProductPage = (what: WordsForPeople, assistance: Assistance | undefined) => string | Promise<string>

export interface AnswersOutside {
  readonly origin: string
  readonly places: BannerPlaces
  /** A page in the product's own look; a plain one where there is none. */
  readonly page: ProductPage | undefined
}

export type SurfaceWord = 'issuer' | 'spent' | 'unknownUser' | 'unconfirmed' | 'crossSite' | 'stale'
/** What programs read; statuses beside it. */
const refusals: Readonly<Record<SurfaceWord, readonly [status: number, code: string]>> = {
  issuer: [400, 'assisted.issuer'],
  spent: [403, 'assisted.refused'],
  unknownUser: [403, 'assisted.unknown_user'],
  unconfirmed: [503, 'assisted.unconfirmed'],
  crossSite: [403, 'request.cross_site'],
  stale: [403, 'request.stale'],
}

export async function refuse(
  asked: Asked,
  outside: AnswersOutside,
  word: SurfaceWord,
  language: Language = languageOf(asked.header('accept-language')),
  cookies: readonly string[] = [],
): Promise<Response> {
  const [status, code] = refusals[word]
  const sentence = { en: words('en')(word), es: words('es')(word) }
  if (isProgram(asked)) return problem(status, code, sentence, language)
  const html = await pageFor(asked, outside, 'cannotOpen', sentence, language)
  return withCookies(page(status, html, { 'Amparo-Refusal': code }), cookies)
}

export async function pageFor(
  asked: Asked,
  outside: AnswersOutside,
  title: 'refused' | 'cannotOpen',
  sentence: Bilingual,
  language: Language,
  assistance?: Assistance,
): Promise<string> {
  const say = words(language)
  const href = landing(outside.origin, asked.header('referer')).slice(outside.origin.length)
  const what = { language, title: say(title), sentence: sentence[language], back: { href, text: say('goBack') } }
  return outside.page ? outside.page(what, assistance) : plainPage(what, outside.places)
}

export function cover(
  asked: Asked,
  outside: AnswersOutside,
  known: Language | undefined,
  { status = 401, unconfirmed = false }: { status?: 200 | 401; unconfirmed?: boolean } = {},
): Response {
  const language = known ?? languageOf(asked.header('accept-language'))
  if (isProgram(asked) && status === 401)
    return problem(401, 'assisted.ended', { en: words('en')('ended'), es: words('es')('ended') }, language)
  const html = coverHtml(language, { places: outside.places, unconfirmed })
  const headers = { ...endedHeaders, ...(status === 401 && { 'Amparo-Refusal': 'assisted.ended' }) }
  return page(status, html, headers)
}

export const page = (status: number, html: string, more: Readonly<Record<string, string>>): Response =>
  new Response(html, { status, headers: { ...assistedHeaders, 'Content-Type': 'text/html; charset=utf-8', ...more } })

export const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...assistedHeaders, 'Content-Type': 'application/json' } })

export const file = (text: string, type: string): Response =>
  new Response(text, { headers: { ...assistedHeaders, 'Content-Type': `${type}; charset=utf-8` } })

/** RFC 9457. */
export function problem(
  status: number,
  code: string,
  sentence: Bilingual,
  language: Language,
  more: object = {},
): Response {
  const body = { type: `urn:amparo:refusal:${code}`, title: sentence.en, status, code, detail: sentence[language] }
  const headers = { ...assistedHeaders, 'Content-Type': 'application/problem+json', 'Amparo-Refusal': code }
  return new Response(JSON.stringify({ ...body, ...more }), { status, headers })
}

export const redirect = (status: 302 | 303, to: string, cookies: readonly string[] = []): Response =>
  withCookies(new Response(null, { status, headers: { ...assistedHeaders, Location: to } }), cookies)

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const each of cookies) response.headers.append('Set-Cookie', each)
  return response
}
