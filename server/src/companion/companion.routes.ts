/**
 * The user's origin: a page for each link and a form post for each button, and the same as JSON. Pages are whole
 * without scripts; nothing is kept in the browser before somebody says yes.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { isConnectionTrouble } from '../database/database.ts'
import { buckets } from '../http/limits.ts'
import { safetyOf } from '../http/safety.ts'
import type { ApprovalRow } from '../oversight/approvals.store.ts'
import { newId } from '../secrets.ts'
import {
  answer,
  back,
  bodyOf,
  browserOf,
  chosenQuery,
  keepBrowser,
  neighbourhood,
  notThisWay,
  readBefore,
  receiptScript,
  refused,
  script,
  sheetOf,
  show,
  style,
  textOf,
  tooMany,
  unknown,
  wantsJson,
} from './answering.ts'
import {
  allowPower,
  allowRelease,
  end,
  follow,
  type Linked,
  look,
  type Outside,
  refusePower,
  refuseRelease,
  sayYes,
  seen,
  stillHere,
} from './companion.flow.ts'
import { type Act, isAct, isEnding, seenPath } from './companion.ts'
import { historyRoutes } from './history.routes.ts'
import { oursPage } from './ours.ts'
import { ownerPage, ownerSays, questionOf } from './owner.ts'
import { helpOn, oneMoreTap, page } from './page.ts'
import { fromElsewhere, madeByMachine } from './person.ts'
import { keySet, receiptOf } from './receipt.flow.ts'
import { receiptPage } from './receipt-page.ts'

export type { Outside } from './companion.flow.ts'

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const longestBody = 16 * 1024

/** The whole app of the companion's origin. */
export function companion(outside: Outside): Hono {
  const app = new Hono()
  const perLink = buckets(60, 1)
  const perAddress = buckets(60, 5)
  /** Whoever has a message types a reference once or twice; a script gets nowhere. */
  const perGuess = buckets(10, 1 / 6)
  const guesses = buckets(600, 10)
  const from = (c: Context) => neighbourhood(c, outside)

  app.use(async (c, next) => {
    await next()
    for (const [name, value] of [...safety, ...Object.entries(safetyOf(outside.companionOrigin))])
      c.res.headers.set(name, value)
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
  app.get('/receipt-keys.json', async (c) =>
    outside.receipts ? c.json(keySet(outside.receipts)) : refused(c, outside, 'route.unknown'),
  )

  app.get('/ours', (c) => show(c, 200, oursPage(sheetOf(c, outside))))
  app.post('/ours', async (c) => {
    for (const taken of [perGuess.take(from(c)), guesses.take('all')])
      if (!taken.ok) return tooMany(c, outside, taken.waitMs)
    if (fromElsewhere({ header: (name) => c.req.header(name) }, outside.companionOrigin))
      return refused(c, outside, 'request.cross_site')
    const text = await textOf(c)
    if (text === undefined)
      return refused(c, outside, 'request.invalid', { path: 'text', message: 'Send what is to be checked.' })
    const ours = (await outside.whatIsOurs?.(text)) ?? 'unknown'
    return wantsJson(c) ? c.json({ ours }) : show(c, 200, oursPage(sheetOf(c, outside), { typed: text, ours }))
  })

  app.get('/o/:token', async (c) => {
    const row = await questionOf(outside.db, outside.secrets, c.req.param('token'))
    return row ? ownersPage(c, outside, row) : unknown(c, outside, perAddress.take(from(c)))
  })
  app.post('/o/:token/:decision', async (c) => {
    const decision = c.req.param('decision')
    if (decision !== 'yes' && decision !== 'no') return refused(c, outside, 'route.unknown')
    const row = await questionOf(outside.db, outside.secrets, c.req.param('token'))
    if (!row) return unknown(c, outside, perAddress.take(from(c)))
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
    if (!linked) return unknown(c, outside, perAddress.take(from(c)))
    const view = await look(outside, linked, browserOf(c), readBefore(c))
    return show(c, 200, page(view, sheetOf(c, outside, linked)))
  })

  // The page's own script tells that somebody looks. A scanner that only follows the link does not; and it is no act.
  app.post(`/c/:token/${seenPath}`, async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(from(c)))
    const taken = perLink.take(linked.assistance.id)
    if (!taken.ok) return tooMany(c, outside, taken.waitMs, linked)
    if (c.req.header('sec-fetch-site') !== 'same-origin') return refused(c, outside, 'request.cross_site', {}, linked)
    await seen(outside, linked)
    return c.body(null, 204)
  })

  app.get('/c/:token/receipt', async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(from(c)))
    const kept = await receiptOf(outside, linked, browserOf(c))
    if (!kept.ok) return refused(c, outside, kept.refusal, kept.more, linked)
    if (wantsJson(c)) return c.json(kept.value)
    return c.body(`${kept.value.receipt}\n`, 200, {
      'Content-Type': 'application/jwt',
      'Content-Disposition': 'attachment; filename="receipt.jwt"',
    })
  })

  historyRoutes(app, outside, (c, linked) => {
    const ofLink = linked ? perLink.take(linked.assistance.id) : ({ ok: true } as const)
    return ofLink.ok ? perAddress.take(from(c)) : ofLink
  })

  // Where somebody reloads what a button answered, they get the page it belongs to.
  app.get('/c/:token/:act', (c) => (isAct(c.req.param('act')) ? back(c) : refused(c, outside, 'route.unknown')))

  app.post('/c/:token/:act', async (c) => {
    const act = c.req.param('act')
    if (!isAct(act)) return refused(c, outside, 'route.unknown')
    const body = await bodyOf(c)
    if (!body.ok) return refused(c, outside, body.refusal, body.more)
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, perAddress.take(from(c)))
    if (isEnding(act)) return answer(c, outside, linked, await end(outside, linked, act))
    if (act === 'power-no' || act === 'power-back')
      return answer(c, outside, linked, await refusePower(outside, linked, act, body.value.terms))
    if (act === 'release-no') return answer(c, outside, linked, await refuseRelease(outside, linked, body.value.terms))

    for (const taken of [perLink.take(linked.assistance.id), perAddress.take(from(c))]) {
      if (!taken.ok) return tooMany(c, outside, taken.waitMs, linked)
    }
    const asking = { header: (name: string) => c.req.header(name) }
    if (fromElsewhere(asking, outside.companionOrigin)) return refused(c, outside, 'request.cross_site', {}, linked)
    if (madeByMachine(asking, body.value.sure)) {
      if (wantsJson(c)) return refused(c, outside, 'request.cross_site', {}, linked)
      return show(c, 200, oneMoreTap(act, sheetOf(c, outside, linked), body.value.terms))
    }
    return isYes(act)
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
  ['X-Robots-Tag', 'noindex, nofollow'],
] as const

/** The question to an owner, as it stands now. */
function ownersPage(c: Context, outside: Outside, row: ApprovalRow): Promise<Response> {
  const shown = {
    reason: row.reason_name ?? outside.reasonName(row.reason_code),
    surfaces: (row.surfaces ?? []).map(outside.surfaceName),
  }
  return show(c, 200, ownerPage(row, shown, { ...sheetOf(c, outside), path: `/o/${c.req.param('token')}` }))
}

const yeses = { yes: sayYes, 'power-yes': allowPower, 'release-yes': allowRelease } as const
type Yes = keyof typeof yeses
const isYes = (act: Act): act is Yes => Object.hasOwn(yeses, act)

async function yes(
  c: Context,
  outside: Outside,
  linked: Linked,
  act: Yes,
  terms: string | undefined,
): Promise<Response> {
  const said = await yeses[act](outside, linked, browserOf(c), terms)
  if (!said.ok) return answer(c, outside, linked, said, terms)
  const { digits, triesLeft, browserToken } = said.value
  keepBrowser(c, browserToken)
  return answer(c, outside, linked, { ok: true, value: { digits, triesLeft } })
}
