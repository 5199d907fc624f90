/**
 * A product that takes assisted sessions, whatever it is written with: who is behind a request, what may be done, the
 * addresses under `/assisted`, the banner in each page, the report. `express.ts` and `hono.ts` put it in front of an
 * application; a request without the assisted cookie passes through untouched.
 */
import {
  type AnswersOutside,
  cover,
  file,
  json,
  type ProductPage,
  page,
  pageFor,
  problem,
  redirect,
  refuse,
} from './answers.ts'
import { type Asked, cookie, cookiesOf, isProgram, languageOf, noCookie, otherMethodsOf, pathOf } from './asked.ts'
import { bannerAssets } from './assets.ts'
import type { Assistance } from './assistance.ts'
import { bannerHtml, bannerPlaces, dressed } from './banner-html.ts'
import type { Assisted } from './check.ts'
import type { ClientProof } from './client-proof.ts'
import type { CognitoBridge } from './cognito.ts'
import { callback, callbackPath, login, openidClient } from './entry.ts'
import { type Acts, guard, type Judged, judgedAsAny } from './guards.ts'
import { assistedCookie, assistedHeaders } from './headers.ts'
import { type AmparoIssuer, assisted as issuerOf, type Logout } from './index.ts'
import { type Reporter, reporter } from './report.ts'
import { sameSecret } from './secrets.ts'
import { type AssistedSessions, assistedSessions, type LiveSession } from './sessions.ts'
import type { Language } from './words.ts'

/** Products take it from here. */
export type { Assistance } from './assistance.ts'

export type SurfaceOptions = SurfaceSettings & ClientProof

interface SurfaceSettings {
  readonly issuer: string
  readonly clientId: string
  /** Where browsers find this product, for example `https://web.acme.com`. */
  readonly origin: string
  /** The agents' console: where the cover page leads back to. */
  readonly console: string
  /** The vendor's name, put before "support". */
  readonly company?: string
  /** What each address needs. A change that is not named is refused. */
  readonly acts: Acts
  /** Your user of this id, or nothing if they have no account here. Never create one. */
  user(id: string): Promise<KnownUser | undefined> | KnownUser | undefined
  /** Help has begun here: for the product's own record, with both names. */
  opened?(assisted: Assisted): unknown
  /** A page in the product's own look, for what cannot be shown or done; a plain one unless given. */
  readonly page?: ProductPage
  /** A line for the operator: no names, no tokens. */
  readonly onTrouble?: (what: string) => void
  /** Where sessions are kept; in memory unless given. */
  readonly sessions?: AssistedSessions
  /** Hears of endings on a line to the issuer, and asks it on a request only where that is silent. */
  readonly line?: boolean
  /** Where your back ends trust the tokens of a Cognito pool: it signs the user in there for this help, and ends that with it. */
  readonly pool?: CognitoBridge
}
export interface KnownUser {
  readonly language?: Language
}

export interface Visit {
  readonly assistance: Assistance
  /** What was refused under it so far: its banner has said so much already. */
  readonly refusals: number
  /** The application has answered: its page gets the banner, and what was done is told. `part`: with a part of a page. */
  answered(status: number, part: boolean): void
  dressed(html: string): string
}
export type Entered =
  | { readonly kind: 'ordinary' }
  | { readonly kind: 'answered'; readonly response: Response }
  | { readonly kind: 'assisted'; readonly visit: Visit }

export interface Surface {
  enter(asked: Asked): Promise<Entered>
  /** Tells what waits to be told; for a graceful stop. */
  flush(): Promise<void>
  /** Leaves the line to the issuer, where there is one. */
  close(): void
}

interface Outside extends AnswersOutside {
  readonly options: SurfaceOptions
  readonly issuer: AmparoIssuer
  readonly sessions: AssistedSessions
  readonly reports: Reporter
  openid: ReturnType<typeof openidClient>
  trouble(what: string): void
}

/** So long *End now* waits for what was done a moment ago to be told: after the end it counts as late. */
const lastWordsMs = 300

export function surface(options: SurfaceOptions): Surface {
  const trouble = options.onTrouble ?? (() => {})
  const sessions = endedAt(options.pool, options.sessions ?? assistedSessions())
  const issuer = issuerOf({ ...options, onTrouble: trouble, onEnded: sessions.end })
  const outside: Outside = {
    options,
    issuer,
    sessions,
    reports: reporter({ send: issuer.activity, onTrouble: trouble }),
    places: bannerPlaces(options.console),
    openid: openidClient(options),
    origin: options.origin,
    page: options.page,
    trouble,
  }
  const judge = guard(options.acts)
  const assets = bannerAssets()
  const addresses: Readonly<Record<string, (asked: Asked) => Promise<Response> | Response>> = {
    'GET /assisted/login': (asked) => begin(asked, outside),
    [`GET ${callbackPath}`]: (asked) => arrive(asked, outside),
    'POST /assisted/logout': (asked) => backChannelLogout(asked, outside),
    'GET /assisted/status': (asked) => status(asked, outside),
    'POST /assisted/end': (asked) => endNow(asked, outside),
    'POST /assisted/leave': (asked) => leave(asked, outside),
    'GET /assisted/ended': (asked) => ended(asked, outside),
    'GET /assisted/banner.js': () => file(assets.script, 'text/javascript'),
    'GET /assisted/banner.css': () => file(assets.style, 'text/css'),
  }
  return {
    flush: () => outside.reports.flush(),
    close: issuer.close,
    async enter(asked) {
      const path = pathOf(asked)
      const address = addresses[`${asked.method} ${path}`]
      if (address) return { kind: 'answered', response: await address(asked) }
      const kept = cookiesOf(asked).get(assistedCookie)
      return kept === undefined ? { kind: 'ordinary' } : underAssistance(asked, kept, judge, outside)
    },
  }
}

/** What ends here ends at the pool too. */
const endedAt = (pool: CognitoBridge | undefined, sessions: AssistedSessions): AssistedSessions =>
  pool
    ? {
        open: (opening) => sessions.open(opening),
        find: (kept) => sessions.find(kept),
        forget: (kept) => sessions.forget(kept),
        end(which) {
          if (which.sid !== undefined) void pool.revoke(which.sid)
          return sessions.end(which)
        },
      }
    : sessions

// ── A request with the assisted cookie ──────────────────────────────────────────────────────────────────────────────

/** The assisted cookie alone counts where there is one: an ordinary session beside it is neither used nor touched. */
async function underAssistance(
  asked: Asked,
  kept: string,
  judge: ReturnType<typeof guard>,
  outside: Outside,
): Promise<Entered> {
  const session = outside.sessions.find(kept)
  if (session?.state !== 'live') return answered(cover(asked, outside, session?.language))
  const assisted = await outside.issuer.check(session.token)
  if (assisted === 'unknown') return answered(await refuse(asked, outside, 'unconfirmed', session.language))
  if (assisted === 'ended' || assisted.sid !== session.sid || assisted.user.id !== session.userId) {
    outside.sessions.end({ sid: session.sid })
    return answered(cover(asked, outside, session.language))
  }
  const { pool } = outside.options
  const assistance: Assistance = {
    ...assisted,
    csrf: session.csrf,
    language: session.language,
    ...(pool && { poolTokens: () => pool.tokens(session) }),
  }
  const judged = judgedAsAny(judge, asked, assistance)
  if (!judged.permission.ok) return answered(await notGranted(asked, outside, session, assistance, judged))
  // A form of another site carries our cookie only in a very old browser, and our origin never.
  if (mayChange(asked) && asked.header('origin') !== outside.origin)
    return answered(await refuse(asked, outside, 'crossSite', session.language))
  return { kind: 'assisted', visit: visitOf(asked, outside, session, assistance, judged) }
}

const answered = (response: Response): Entered => ({ kind: 'answered', response })

const mayChange = (asked: Asked): boolean => !isSafe(asked) || otherMethodsOf(asked).length > 0
const isSafe = ({ method }: Asked): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

function visitOf(asked: Asked, outside: Outside, session: LiveSession, assistance: Assistance, judged: Judged): Visit {
  // A look that was sent elsewhere showed nothing; a change is answered that way as a rule.
  const done = (status: number): boolean => status < (mayChange(asked) ? 400 : 300)
  return {
    assistance,
    refusals: session.refusals.count,
    answered(status, part) {
      if (done(status) && isAct(asked, judged.need, part)) outside.reports.report(session.token, judged.what)
    },
    dressed: (html) => inBanner(outside, session, assistance, html),
  }
}

/**
 * The pictures and styles of a page are part of opening it, and so is asking what it would be. What a request says that it is
 * for counts only where the answer was such a part too: whoever writes a request by hand can say anything. A change is always
 * an act, and so is what needs more than looking.
 */
export const isAct = (asked: Asked, need: Judged['need'], part: boolean): boolean =>
  mayChange(asked) ||
  (asked.method === 'GET' && !(need === 'look' && part && partsOfPages.has(asked.header('sec-fetch-dest') ?? '')))
const partsOfPages: ReadonlySet<string> = new Set(['image', 'style', 'script', 'font', 'manifest', 'audio', 'video'])

/** Whether an answer of this `Content-Type` is what a page is made of, and none by itself. */
export const isPart = (type: string | null | undefined): boolean =>
  /^\s*(?:(?:image|font|audio|video)\/|text\/css\b|(?:text|application)\/javascript\b|application\/(?:manifest\+json|x?-?font-|vnd\.ms-fontobject))/i.test(
    type ?? '',
  )

function inBanner(outside: Outside, session: LiveSession, assistance: Assistance, html: string, said?: string): string {
  const { company } = outside.options
  const more = { ...(company !== undefined && { company }), ...(said !== undefined && { said }) }
  const banner = { places: outside.places, refusals: session.refusals.count, ...more }
  return dressed(html, bannerHtml(assistance, session.language, session.csrf, banner), outside.places)
}

/** 403, for programs with the name of the act; the banner of every page of this help says it within a second. */
async function notGranted(
  asked: Asked,
  outside: Outside,
  session: LiveSession,
  assistance: Assistance,
  { permission, need }: Judged,
): Promise<Response> {
  if (permission.ok) throw new Error('unreachable: it was granted')
  if (need === 'undeclared')
    outside.trouble(`refused, because the table of acts does not name it: ${asked.method} ${pathOf(asked)}`)
  const { code, act, ...sentence } = permission.refusal
  session.refusals.count += 1
  session.refusals.latest = sentence
  if (isProgram(asked)) return problem(403, code, sentence, session.language, { act })
  const html = await pageFor(asked, outside, 'refused', sentence, session.language, assistance)
  const body = inBanner(outside, session, assistance, html, sentence[session.language])
  return page(403, body, { 'Amparo-Refusal': code })
}

// ── The addresses under /assisted ───────────────────────────────────────────────────────────────────────────────────

async function begin(asked: Asked, outside: Outside): Promise<Response> {
  const begun = await login(asked, outside)
  if (!begun.ok) return refuse(asked, outside, begun.refusal)
  return redirect(302, begun.value.to, begun.value.cookies)
}

async function arrive(asked: Asked, outside: Outside): Promise<Response> {
  const { cookies, step } = await callback(asked, outside)
  if (!step.ok) return refuse(asked, outside, step.refusal, undefined, cookies)
  const { token, assisted, target } = step.value
  const user = await outside.options.user(assisted.user.id)
  if (!user) {
    // Or the user's page and the agent's would say that this product is open.
    await outside.issuer.leave(token)
    return refuse(asked, outside, 'unknownUser', undefined, cookies)
  }
  const language = user.language ?? languageOf(assisted.locale)
  const opened = outside.sessions.open({ sid: assisted.sid, userId: assisted.user.id, token, language })
  if (opened === 'ended') return cover(asked, outside, language)

  const before = cookiesOf(asked).get(assistedCookie)
  if (before !== undefined) outside.sessions.forget(before)
  await outside.options.opened?.(assisted)
  return redirect(303, target, [...cookies, cookie(assistedCookie, opened.cookie)])
}

async function backChannelLogout(asked: Asked, outside: Outside): Promise<Response> {
  const told = await logout(asked, outside)
  if (told.logout) outside.sessions.end(told.logout)
  return told.response
}

/** The issuer says what has ended; undefined for whoever else says so. */
export async function logout(
  asked: Asked,
  { issuer, trouble }: { readonly issuer: AmparoIssuer; trouble(what: string): void },
): Promise<{ readonly logout?: Logout; readonly response: Response }> {
  const token = (await asked.form()).get('logout_token')
  const verdict = token === null ? ({ ok: false, why: 'none' } as const) : await issuer.verifyLogoutToken(token)
  if (verdict.ok) return { logout: verdict.logout, response: new Response(null, { headers: assistedHeaders }) }
  trouble(`logout token refused: ${verdict.why}`)
  return { response: json(400, { error: 'invalid_request' }) }
}

/** For the banner, each second: alive, ended, or nobody can say; whose it is, for a tab that was left over; what was refused. */
async function status(asked: Asked, outside: Outside): Promise<Response> {
  const session = outside.sessions.find(cookiesOf(asked).get(assistedCookie))
  const assisted = session?.state === 'live' ? await outside.issuer.check(session.token) : 'ended'
  if (assisted === 'unknown') return json(503, { alive: null })
  if (session?.state !== 'live' || assisted === 'ended') {
    if (session?.state === 'live') outside.sessions.end({ sid: session.sid })
    return json(401, { alive: false })
  }
  const { secondsLeft, assistanceId } = assisted
  const { count, latest } = session.refusals
  const refused = { refusals: count, ...(latest && { refused: latest[session.language] }) }
  return json(200, { alive: true, secondsLeft, assistanceId, ...refused })
}

/** Ends here at once, whatever the issuer answers; and says so where it did not confirm. */
async function endNow(asked: Asked, outside: Outside): Promise<Response> {
  const session = outside.sessions.find(cookiesOf(asked).get(assistedCookie))
  if (session?.state !== 'live') return cover(asked, outside, session?.language)
  if (asked.header('origin') !== outside.origin) return refuse(asked, outside, 'crossSite', session.language)
  const given = asked.header('x-csrf-token') ?? (await asked.form()).get('csrf') ?? undefined
  if (!sameSecret(given, session.csrf)) return refuse(asked, outside, 'stale', session.language)
  outside.sessions.end({ sid: session.sid })
  await lastWords(outside.reports, session.token)
  const told = await outside.issuer.end(session.token)
  return cover(asked, outside, session.language, { status: 200, unconfirmed: told === 'unknown' })
}

/** Tells what was done a moment ago, but holds the end up no longer than that. */
export const lastWords = (reports: Reporter, token: string): Promise<void> =>
  Promise.race([reports.flush(token), later(lastWordsMs)])

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())

/** For whoever wants their own account in this browser, once help has ended. */
async function leave(asked: Asked, outside: Outside): Promise<Response> {
  const kept = cookiesOf(asked).get(assistedCookie)
  const home = `${outside.origin}/`
  if (asked.header('origin') !== outside.origin) return refuse(asked, outside, 'crossSite')
  if (outside.sessions.find(kept)?.state === 'live') return redirect(303, home)
  if (kept !== undefined) outside.sessions.forget(kept)
  return redirect(303, home, [noCookie(assistedCookie)])
}

function ended(asked: Asked, outside: Outside): Response {
  const session = outside.sessions.find(cookiesOf(asked).get(assistedCookie))
  if (session?.state === 'live') return redirect(303, `${outside.origin}/`)
  return cover(asked, outside, session?.language, { status: 200 })
}
