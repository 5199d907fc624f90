/** How the product answers: a page for people, a problem (RFC 9457) for programs, a cover where help has ended. */
import { bannerPlaces, coverHtml } from '@amparo/relying-party/banner-html'
import { type GuardRefusal, guardRefusals } from '@amparo/relying-party/guards'
import { endedHeaders } from '@amparo/relying-party/headers'
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type Html, page } from './layout.ts'
import type { Env, Outside } from './outside.ts'
import { refusalPage } from './pages.ts'
import { type Language, type Refusal, refusals, words } from './words.ts'

export type AnyRefusal = Refusal | GuardRefusal

const rowOf = (code: AnyRefusal): { status: ContentfulStatusCode; en: string; es: string } =>
  code === 'assisted.read_only' || code === 'assisted.never' ? { status: 403, ...guardRefusals[code] } : refusals[code]

export const sentenceOf = (code: AnyRefusal, language: Language): string => rowOf(code)[language]

export function wantsJson(c: Context<Env>): boolean {
  const accept = c.req.header('accept') ?? ''
  return accept.includes('json') && !accept.includes('text/html')
}

/** The first of the browser's languages that we speak. */
export function languageOf(acceptLanguage: string | undefined): Language {
  for (const range of (acceptLanguage ?? '').split(',')) {
    const language = range.trim().slice(0, 2).toLowerCase()
    if (language === 'en' || language === 'es') return language
  }
  return 'en'
}

export function show(c: Context<Env>, outside: Outside, title: string, content: Html, here?: string) {
  const visit = c.get('visit')
  const { consoleOrigin, company } = outside
  const language = c.get('language')
  return c.html(page({ language, title, visit, consoleOrigin, company, ...(here && { here }) }, content))
}

function problem(c: Context<Env>, code: AnyRefusal, language: Language, requestId?: string) {
  const { status } = rowOf(code)
  const detail = sentenceOf(code, language)
  const body = { type: 'about:blank', title: detail, status, code, detail, ...(requestId && { requestId }) }
  return c.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' })
}

/** `Amparo-Refusal` is for programs; the banner reads the sentence to the agent. */
export function refuse(c: Context<Env>, outside: Outside, code: AnyRefusal, requestId?: string) {
  const language = c.get('language')
  c.header('Amparo-Refusal', code)
  if (wantsJson(c)) return problem(c, code, language, requestId)
  const said = sentenceOf(code, language)
  const { consoleOrigin, company } = outside
  const frame = { language, title: words(language)('sorry'), visit: c.get('visit'), consoleOrigin, company, said }
  return c.html(page(frame, refusalPage(language, said, requestId)), rowOf(code).status)
}

export function cover(
  c: Context<Env>,
  outside: Outside,
  language: Language,
  { status = 401, unconfirmed = false }: { status?: 200 | 401; unconfirmed?: boolean } = {},
) {
  for (const [name, value] of Object.entries(endedHeaders)) c.header(name, value)
  if (status === 401) c.header('Amparo-Refusal', 'assisted.ended')
  if (wantsJson(c)) return problem(c, 'assisted.ended', language)
  const leave = html`<form class="plain" method="post" action="/assisted/leave"><button>${words(language)('asYourself')}</button></form>`
  const places = bannerPlaces(outside.consoleOrigin)
  return c.html(coverHtml(language, { places, unconfirmed, more: String(leave) }), status)
}
