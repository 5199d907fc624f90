/**
 * The user's origin: a page for each link and a form post for each button, and the same as JSON. Pages are whole
 * without scripts; nothing is kept in the browser before somebody says yes.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Refusal, sentenceOf, statusOf } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { isConnectionTrouble } from '../database/database.ts'
import type { Outcome, Refused } from '../outcome.ts'
import type { ApprovalRow } from '../oversight/approvals.store.ts'
import { newId } from '../secrets.ts'
import { inLanguage } from '../words.ts'
import {
  allowPower,
  end,
  follow,
  type Linked,
  look,
  type Outside,
  refusePower,
  sayYes,
  seen,
  stillHere,
} from './companion.flow.ts'
import { isAct, isEnding, seenPath } from './companion.ts'
import { buckets } from './limits.ts'
import { oursPage } from './ours.ts'
import { ownerPage, ownerSays, questionOf } from './owner.ts'
import { helpOn, oneMoreTap, type Plain, page, plain } from './page.ts'
import { fromElsewhere, madeByMachine } from './person.ts'
import { keySet, receiptOf } from './receipt.flow.ts'
import { receiptPage } from './receipt-page.ts'
import type { Page, Sheet } from './sheet.ts'
import { languageOf } from './telling.ts'
import { words } from './words.ts'

export type { Outside } from './companion.flow.ts'

/** A file of ours, and its address with its version in it. */
function served(file: string, path: string, type: string) {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const address = `${path}?v=${digestOf(text).slice(0, 12)}`
  const answer = (c: Context) =>
    c.body(text, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' })
  return { path, address, answer }
}
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
const style = served('./companion.css', '/style.css', 'text/css; charset=utf-8')
const script = served('./live.js', '/live.js', 'text/javascript; charset=utf-8')
const receiptScript = served('./receipt.js', '/receipt.js', 'text/javascript; charset=utf-8')

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const longestBody = 16 * 1024
const cookieHours = 26
const cookieForm = /^[\w-]{43}$/

/** The whole app of the companion's origin. */
export function companion(outside: Outside): Hono {
  const app = new Hono()
  const perLink = buckets(60, 1)
  const perAddress = buckets(60, 5)
  /** Whoever has a message types a reference once or twice; a script gets nowhere. */
  const perGuess = buckets(10, 1 / 6)
  const guesses = buckets(600, 10)

  app.use(async (c, next) => {
    await next()
    for (const [name, value] of safety) c.res.headers.set(name, value)
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  })
  app.use(bodyLimit({ maxSize: longestBody, onError: (c) => refused(c, outside, 'request.too_large') }))

  for (const { path, answer } of [style, script, receiptScript]) app.get(path, answer)
  app.get('/favicon.ico', (c) => c.body(null, 204))

  app.get('/help/:language/:topic', (c) => {
    const language = c.req.param('language')
    const found =
      language === 'en' || language === 'es' ? outside.helpPage?.(language, c.req.param('topic')) : undefined
    if (!found || (language !== 'en' && language !== 'es')) return refused(c, outside, 'route.unknown')
    return show(c, 200, helpOn(found, { ...sheetOf(c, outside), language }))
  })

  // Anybody may look at a receipt, and find the keys that it was signed with.
  app.get('/receipt', (c) => show(c, 200, receiptPage(sheetOf(c, outside), receiptScript.address)))
  app.get('/receipt-keys.json', (c) =>
    outside.receipts ? c.json(keySet(outside.receipts)) : refused(c, outside, 'route.unknown'),
  )

  app.get('/ours', (c) => show(c, 200, oursPage(sheetOf(c, outside))))
  app.post('/ours', async (c) => {
    for (const taken of [perGuess.take(addressOf(c)), guesses.take('all')])
      if (!taken.ok) return tooMany(c, outside, taken.waitMs)
    if (fromElsewhere({ header: (name) => c.req.header(name) }, outside.companionOrigin))
      return refused(c, outside, 'request.cross_site')
    const text = await textOf(c)
    if (text === undefined) return refused(c, outside, 'request.invalid')
    const ours = (await outside.whatIsOurs?.(text)) ?? 'unknown'
    return wantsJson(c) ? c.json({ ours }) : show(c, 200, oursPage(sheetOf(c, outside), ours))
  })

  app.get('/o/:token', async (c) => {
    const row = await questionOf(outside.db, outside.secrets, c.req.param('token'))
    return row ? ownersPage(c, outside, row) : unknown(c, outside, perAddress.take(addressOf(c)))
  })
  app.post('/o/:token/:decision', async (c) => {
    const decision = c.req.param('decision')
    if (decision !== 'yes' && decision !== 'no') return refused(c, outside, 'route.unknown')
    const row = await questionOf(outside.db, outside.secrets, c.req.param('token'))
    if (!row) return unknown(c, outside, perAddress.take(addressOf(c)))
    const taken = perLink.take(row.id)
    if (!taken.ok) return tooMany(c, outside, taken.waitMs)
    const asking = { header: (name: string) => c.req.header(name) }
    if (fromElsewhere(asking, outside.companionOrigin) || madeByMachine(asking, false))
      return refused(c, outside, 'request.cross_site')
    const said = await ownerSays(outside.db, row, decision)
    outside.wake()
    if (!wantsJson(c)) return c.redirect(`/o/${c.req.param('token')}${chosenQuery(c, undefined)}`, 303)
    return said.ok ? c.json(said.value) : refused(c, outside, said.refusal)
  })

  app.get('/c/:token', async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(addressOf(c)))
    const view = await look(outside, linked, browserOf(c), readBefore(c))
    return show(c, 200, page(view, sheetOf(c, outside, linked)))
  })

  // The page's own script tells that somebody looks. A scanner that only follows the link does not; and it is no act.
  app.post(`/c/:token/${seenPath}`, async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(addressOf(c)))
    const taken = perLink.take(linked.assistance.id)
    if (!taken.ok) return tooMany(c, outside, taken.waitMs, linked)
    if (c.req.header('sec-fetch-site') !== 'same-origin') return refused(c, outside, 'request.cross_site', {}, linked)
    await seen(outside, linked)
    return c.body(null, 204)
  })

  app.get('/c/:token/receipt', async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(addressOf(c)))
    const kept = await receiptOf(outside, linked, browserOf(c))
    if (!kept.ok) return refused(c, outside, kept.refusal, kept.more, linked)
    if (wantsJson(c)) return c.json(kept.value)
    return c.body(`${kept.value.receipt}\n`, 200, {
      'Content-Type': 'application/jwt',
      'Content-Disposition': 'attachment; filename="receipt.jwt"',
    })
  })

  // Where somebody reloads what a button answered, they get the page it belongs to.
  app.get('/c/:token/:act', (c) => (isAct(c.req.param('act')) ? back(c) : refused(c, outside, 'route.unknown')))

  app.post('/c/:token/:act', async (c) => {
    const act = c.req.param('act')
    if (!isAct(act)) return refused(c, outside, 'route.unknown')
    const body = await bodyOf(c)
    if (!body.ok) return refused(c, outside, body.refusal, body.more)
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(addressOf(c)))
    if (isEnding(act)) return answer(c, outside, linked, await end(outside, linked, act))
    if (act === 'power-no' || act === 'power-back')
      return answer(c, outside, linked, await refusePower(outside, linked, act, body.value.terms))

    for (const taken of [perLink.take(linked.assistance.id), perAddress.take(addressOf(c))]) {
      if (!taken.ok) return tooMany(c, outside, taken.waitMs, linked)
    }
    const asking = { header: (name: string) => c.req.header(name) }
    if (fromElsewhere(asking, outside.companionOrigin)) return refused(c, outside, 'request.cross_site', {}, linked)
    if (madeByMachine(asking, body.value.sure)) {
      if (wantsJson(c)) return refused(c, outside, 'request.cross_site', {}, linked)
      return show(c, 200, oneMoreTap(act, sheetOf(c, outside, linked), body.value.terms))
    }
    return act === 'yes' || act === 'power-yes'
      ? yes(c, outside, linked, act, body.value.terms)
      : answer(c, outside, linked, await stillHere(outside, linked, browserOf(c)))
  })

  app.all('/c/:token', (c) => notThisWay(c, outside, 'GET, HEAD'))
  app.all('/c/:token/:act', (c) => notThisWay(c, outside, 'GET, HEAD, POST'))
  app.notFound((c) => refused(c, outside, 'route.unknown'))
  app.onError((error, c) => {
    const requestId = newId('rq')
    outside.broke?.(error, requestId)
    return refused(
      c,
      outside,
      isConnectionTrouble(error) ? 'system.unavailable' : 'system.broken',
      {},
      undefined,
      requestId,
    )
  })
  return app
}

const safety = [
  ['Content-Security-Policy', policy],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Robots-Tag', 'noindex, nofollow'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
] as const

/** The question to an owner, as it stands now. */
function ownersPage(c: Context, outside: Outside, row: ApprovalRow): Promise<Response> {
  const shown = {
    reason: row.reason_name ?? outside.reasonName(row.reason_code),
    surfaces: (row.surfaces ?? []).map(outside.surfaceName),
  }
  return show(c, 200, ownerPage(row, shown, { ...sheetOf(c, outside), path: `/o/${c.req.param('token')}` }))
}

/** What was typed into the one field, as a form or as JSON. */
async function textOf(c: Context): Promise<string | undefined> {
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

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function yes(
  c: Context,
  outside: Outside,
  linked: Linked,
  act: 'yes' | 'power-yes',
  terms: string | undefined,
): Promise<Response> {
  const said = await (act === 'yes' ? sayYes : allowPower)(outside, linked, browserOf(c), terms)
  if (!said.ok) return answer(c, outside, linked, said, terms)
  const { digits, triesLeft, browserToken } = said.value
  setCookie(c, cookieName(c), browserToken, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
    maxAge: cookieHours * 3600,
  })
  return answer(c, outside, linked, { ok: true, value: { digits, triesLeft } })
}

/** To a form: back to the page, which tells the truth whatever came of it. To a script: the outcome itself. */
function answer(
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
const back = (c: Context, was?: string): Response => c.redirect(`/c/${c.req.param('token')}${chosenQuery(c, was)}`, 303)

/** Never was, not sent yet, or ended a day ago: nobody can tell which. */
function unknown(
  c: Context,
  outside: Outside,
  taken: { ok: true } | { ok: false; waitMs: number },
): Response | Promise<Response> {
  return taken.ok ? refused(c, outside, 'link.unknown') : tooMany(c, outside, taken.waitMs)
}

function tooMany(c: Context, outside: Outside, waitMs: number, linked?: Linked): Response | Promise<Response> {
  c.header('Retry-After', String(Math.ceil(waitMs / 1000)))
  return refused(c, outside, 'rate.limited', { retryAt: new Date(Date.now() + waitMs).toISOString() }, linked)
}

function notThisWay(c: Context, outside: Outside, allow: string): Response | Promise<Response> {
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
function refused(
  c: Context,
  outside: Outside,
  refusal: Refusal,
  more: Refused = {},
  linked?: Linked,
  requestId: string = newId('rq'),
): Response | Promise<Response> {
  const status = statusOf(refusal)
  const sheet = sheetOf(c, outside, linked)
  if (!wantsJson(c)) {
    const which = plainOf[refusal] ?? 'wrong'
    return show(c, status, plain(which, sheet, which === 'broken' ? requestId : undefined))
  }
  const sentence = sentenceOf(refusal)[sheet.language]
  const detail = refusal === 'assistance.closed' ? inLanguage(words['ended.h1_request'], sheet.language) : sentence
  const problem = {
    type: 'about:blank',
    title: detail,
    status,
    code: refusal,
    detail,
    requestId,
    ...more,
    ...(refusal === 'request.invalid' ? { errors } : {}),
  }
  return c.body(JSON.stringify(problem), asStatus(status), { 'Content-Type': 'application/problem+json' })
}

async function show(c: Context, status: number, { html, now }: Page): Promise<Response> {
  const text = String(await html)
  const tag = `"${digestOf(text)}"`
  if (now) c.header('X-Now', String(now.getTime()))
  c.header('ETag', tag)
  if (status === 200 && c.req.header('if-none-match') === tag) return c.body(null, 304)
  return c.html(text, asStatus(status))
}

// ── What a request says ─────────────────────────────────────────────────────────────────────────────────────────────

/** What a body may be: nothing, or an empty object. */
const errors = [{ path: '', message: 'Send nothing, or {}.' }]

const wantsJson = (c: Context): boolean => {
  const accept = c.req.header('accept') ?? ''
  if (accept.includes('text/html')) return false
  return accept.includes('json') || isJson(c)
}
const isJson = (c: Context): boolean => /^application\/json\b/i.test(c.req.header('content-type') ?? '')

type Body = Outcome<
  { readonly sure: boolean; readonly terms: string | undefined },
  'request.invalid' | 'request.media_type'
>

/** What a button carries: *Yes* names the terms that were on the page, and the confirmation page says `sure`. */
async function bodyOf(c: Context): Promise<Body> {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  const text = await c.req.text()
  if (type === 'application/json') return saidInJson(text)
  if (type && type !== 'application/x-www-form-urlencoded') return { ok: false, refusal: 'request.media_type' }
  const form = new URLSearchParams(text)
  return said(form.get('sure') === '1', form.get('terms') ?? undefined)
}
const said = (sure: boolean, terms?: string): Body => ({ ok: true, value: { sure, terms } })
const invalid: Body = { ok: false, refusal: 'request.invalid' }
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

/** The secret of this browser for this link, if it said yes before. */
function browserOf(c: Context): string | undefined {
  const cookie = getCookie(c, cookieName(c))
  return cookie !== undefined && cookieForm.test(cookie) ? cookie : undefined
}

function sheetOf(c: Context, outside: Outside, linked?: Linked): Sheet {
  const { assistance } = linked ?? {}
  const known = assistance?.found?.user.locale
  const lang = chosenLanguage(c)
  const was = readBefore(c)
  return {
    language: languageOf(lang, known, c.req.header('accept-language')),
    vendor: outside.vendor,
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
const readBefore = (c: Context): string | undefined => termsNamed(c.req.query('was'))
const termsNamed = (text: string | undefined) => (text !== undefined && /^[\w-]{43}$/.test(text) ? text : undefined)

function chosenQuery(c: Context, was: string | undefined): string {
  const lang = chosenLanguage(c)
  const terms = termsNamed(was)
  const parts = [lang ? `lang=${lang}` : '', c.req.query('still') === '1' ? 'still=1' : '', terms ? `was=${terms}` : '']
  const chosen = parts.filter((part) => part !== '')
  return chosen.length > 0 ? `?${chosen.join('&')}` : ''
}

/** The other end of the connection. Behind a proxy that is the proxy: its own limits are the ones that tell people apart. */
function addressOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

/** The table of refusals has numbers; every one of them is a status with a body. */
const asStatus = (status: number): ContentfulStatusCode => status as ContentfulStatusCode
