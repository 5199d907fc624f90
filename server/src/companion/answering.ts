/**
 * How the user's origin answers: the same as a page or as JSON, with what was chosen in the address kept, and a browser known
 * by one cookie a link that it gets when somebody says yes or types a right code.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Refusal, statusOf } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { callerOf, neighbourhoodOf } from '../http/caller.ts'
import { problemResponse } from '../http/problem.ts'
import { type Outcome, type Refused, tooManyNow } from '../outcome.ts'
import { doActsCount } from '../policy/policy.ts'
import { newId } from '../secrets.ts'
import { inLanguage } from '../words.ts'
import type { Linked, Outside } from './companion.flow.ts'
import { type Plain, plain } from './page.ts'
import type { Page, Sheet } from './sheet.ts'
import { languageOf } from './telling.ts'
import { words } from './words.ts'

/** A file of ours, and its address with its version in it. */
function served(file: string, path: string, type: string) {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const address = `${path}?v=${digestOf(text).slice(0, 12)}`
  const answer = (c: Context) =>
    c.body(text, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' })
  return { path, address, answer }
}
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
export const style = served('./companion.css', '/style.css', 'text/css; charset=utf-8')
export const script = served('./live.js', '/live.js', 'text/javascript; charset=utf-8')
export const receiptScript = served('./receipt.js', '/receipt.js', 'text/javascript; charset=utf-8')

const cookieHours = 26
const cookieForm = /^[\w-]{43}$/

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** To a form: back to the page, which tells the truth whatever came of it. To a script: the outcome itself. */
export function answer(
  c: Context,
  outside: Outside,
  linked: Linked,
  outcome: Outcome<object, Refusal>,
  was?: string,
): Response | Promise<Response> {
  if (!wantsJson(c)) return back(c, was)
  if (outcome.ok) return c.json(outcome.value)
  return refused(c, outside, outcome.refusal, outcome.more, linked)
}

/** 303: a reload of what comes next sends nothing twice. `was` is what the person was reading as they pressed. */
export const back = (c: Context, was?: string): Response =>
  c.redirect(`/c/${encodeURIComponent(c.req.param('token') ?? '')}${chosenQuery(c, was)}`, 303)

/** Never was, not sent yet, or ended a day ago: nobody can tell which. */
export function unknown(
  c: Context,
  outside: Outside,
  taken: { ok: true } | { ok: false; waitMs: number },
): Response | Promise<Response> {
  return taken.ok ? refused(c, outside, 'link.unknown') : tooMany(c, outside, taken.waitMs)
}

export function tooMany(c: Context, outside: Outside, waitMs: number, linked?: Linked): Response | Promise<Response> {
  c.header('Retry-After', String(Math.ceil(waitMs / 1000)))
  return refused(c, outside, 'rate.limited', tooManyNow(waitMs).more, linked)
}

export function notThisWay(c: Context, outside: Outside, allow: string): Response | Promise<Response> {
  c.header('Allow', allow)
  return refused(c, outside, 'route.method')
}

const plainOf: Partial<Record<Refusal, Plain>> = {
  'link.unknown': 'dead',
  'route.unknown': 'dead',
  'request.cross_site': 'cross',
  'rate.limited': 'busy',
  'system.broken': 'broken',
  'system.unavailable': 'broken',
}

/** A refusal: a page of one sentence, or a problem (RFC 9457) with its word. */
export async function refused(
  c: Context,
  outside: Outside,
  refusal: Refusal,
  more: Refused = {},
  linked?: Linked,
  requestId: string = newId('rq'),
): Promise<Response> {
  const status = statusOf(refusal)
  const sheet = sheetOf(c, outside, linked)
  if (!wantsJson(c)) {
    const which = plainOf[refusal] ?? 'wrong'
    return show(c, status, plain(which, sheet, which === 'broken' ? requestId : undefined))
  }
  const { language } = sheet
  const ended = refusal === 'assistance.closed' ? { detail: inLanguage(words['ended.h1_request'], language) } : {}
  const problem = problemResponse(refusal, more, { requestId, language, ...ended })
  for (const [name, value] of problem.headers) c.header(name, value)
  return c.body(await problem.text(), asStatus(status))
}

export async function show(c: Context, status: number, { html, now }: Page): Promise<Response> {
  const text = String(await html)
  const tag = `"${digestOf(text)}"`
  if (now) c.header('X-Now', String(now.getTime()))
  c.header('ETag', tag)
  if (status === 200 && c.req.header('if-none-match') === tag) return c.body(null, 304)
  return c.html(text, asStatus(status))
}

// ── What a request says ─────────────────────────────────────────────────────────────────────────────────────────────

export const wantsJson = (c: Context): boolean => {
  const accept = c.req.header('accept') ?? ''
  if (accept.includes('text/html')) return false
  return accept.includes('json') || isJson(c)
}
export const isJson = (c: Context): boolean => /^application\/json\b/i.test(c.req.header('content-type') ?? '')

type Body = Outcome<
  { readonly sure: boolean; readonly terms: string | undefined },
  'request.invalid' | 'request.media_type'
>

/** What a button carries: *Yes* names the terms that were on the page, and the confirmation page says `sure`. */
export async function bodyOf(c: Context): Promise<Body> {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  const text = await c.req.text()
  if (type === 'application/json') return saidInJson(text)
  if (type && type !== 'application/x-www-form-urlencoded') return { ok: false, refusal: 'request.media_type' }
  const form = new URLSearchParams(text)
  return said(form.get('sure') === '1', form.get('terms') ?? undefined)
}
const said = (sure: boolean, terms?: string): Body => ({ ok: true, value: { sure, terms } })
const invalid: Body = {
  ok: false,
  refusal: 'request.invalid',
  more: { path: '', message: 'Send nothing, {}, or the terms that were shown.' },
}
const jsonBody = z.strictObject({ terms: z.string().max(64).optional() })

function saidInJson(text: string): Body {
  if (text.trim() === '') return said(false)
  try {
    const body = jsonBody.safeParse(JSON.parse(text))
    return body.success ? said(false, body.data.terms) : invalid
  } catch {
    return invalid
  }
}

const cookieName = (c: Context): string => `__Host-amparo-${(c.req.param('token') ?? '').slice(0, 8)}`

/** From now on this browser is known by this secret, to this link alone. */
export function keepBrowser(c: Context, token: string): void {
  setCookie(c, cookieName(c), token, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
    maxAge: cookieHours * 3600,
  })
}

/** The secret of this browser for this link, if it said yes before. */
export function browserOf(c: Context): string | undefined {
  const cookie = getCookie(c, cookieName(c))
  return cookie !== undefined && cookieForm.test(cookie) ? cookie : undefined
}

export function sheetOf(c: Context, outside: Outside, linked?: Linked): Sheet {
  const { assistance } = linked ?? {}
  const known = assistance?.found?.user.locale
  const lang = chosenLanguage(c)
  const was = readBefore(c)
  return {
    language: languageOf(lang, known, c.req.header('accept-language')),
    vendor: outside.vendor,
    actsCount: assistance && outside.policy && doActsCount(outside.policy, assistance.kind),
    style: style.address,
    script: script.address,
    ...(assistance ? { path: `/c/${c.req.param('token')}` } : {}),
    chosen: { lang, still: c.req.query('still') === '1', was },
  }
}

function chosenLanguage(c: Context): Language | undefined {
  const asked = c.req.query('lang')
  return asked === 'en' || asked === 'es' ? asked : undefined
}

/** Which terms the person was reading before, where the address names some. */
export const readBefore = (c: Context): string | undefined => termsNamed(c.req.query('was'))
const termsNamed = (text: string | undefined) => (text !== undefined && /^[\w-]{43}$/.test(text) ? text : undefined)

export function chosenQuery(c: Context, was: string | undefined): string {
  const lang = chosenLanguage(c)
  const terms = termsNamed(was)
  const parts = [lang ? `lang=${lang}` : '', c.req.query('still') === '1' ? 'still=1' : '', terms ? `was=${terms}` : '']
  const chosen = parts.filter((part) => part !== '')
  return chosen.length > 0 ? `?${chosen.join('&')}` : ''
}

/** What limits by address count by: where this comes from, or where a proxy that we know says so. */
export function neighbourhood(c: Context, { proxies }: Outside): string {
  try {
    return neighbourhoodOf(callerOf(getConnInfo(c).remote.address, c.req.header('x-forwarded-for'), proxies))
  } catch {
    return 'unknown'
  }
}

/** The table of refusals has numbers; every one of them is a status with a body. */
const asStatus = (status: number): ContentfulStatusCode => status as ContentfulStatusCode

/** What was typed into the one field, as a form or as JSON. */
export async function textOf(c: Context): Promise<string | undefined> {
  try {
    const text = await c.req.text()
    const given: unknown = isJson(c) ? JSON.parse(text) : { text: new URLSearchParams(text).get('text') }
    const parsed = oneText.safeParse(given)
    return parsed.success ? parsed.data.text : undefined
  } catch {
    return undefined
  }
}
const oneText = z.strictObject({ text: z.string().trim().min(1).max(300) })
