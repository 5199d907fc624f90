/**
 * The back end of an app that takes assisted sessions: the phone holds the token, bound to a key of its own, and sends
 * both with each request (`Authorization: DPoP …`). No cookie, so nothing that another page could make a browser send.
 * A request without such a token passes through untouched; `hono.ts` and `express.ts` put it in front of an application.
 */
import { file, json, problem } from './answers.ts'
import { type Asked, languageOf, pathOf } from './asked.ts'
import { bannerAssets } from './assets.ts'
import type { Assistance } from './assistance.ts'
import { appPlaces, bannerHtml } from './banner-html.ts'
import type { Assisted } from './check.ts'
import type { ClientProof } from './client-proof.ts'
import { readProof } from './dpop.ts'
import { type Acts, guard, judgedAsAny } from './guards.ts'
import { type AmparoIssuer, assisted as issuerOf } from './index.ts'
import { type Reporter, reporter } from './report.ts'
import { digestOf } from './secrets.ts'
import { isAct, type KnownUser, lastWords, logout, type Surface } from './surface.ts'
import { words } from './words.ts'

/** The secret or the key is the back end's own: the app on the phone has none. */
export type ApiOptions = ApiSettings & ClientProof

interface ApiSettings {
  readonly issuer: string
  readonly clientId: string
  /** Where the app finds this back end, for example `https://app.acme.com`: proofs are made for it. */
  readonly origin: string
  /** The app's beginning, where the cover leads back to once help has ended; `/` unless given. */
  readonly home?: string
  /** The vendor's name, put before "support". */
  readonly company?: string
  /** What each address needs. A change that is not named is refused. */
  readonly acts: Acts
  /** Your user of this id, or nothing if they have no account here. Never create one. */
  user(id: string): Promise<KnownUser | undefined> | KnownUser | undefined
  /** Help has begun here: for the product's own record, with both names. */
  opened?(assisted: Assisted): unknown
  /** A line for the operator: no names, no tokens. */
  readonly onTrouble?: (what: string) => void
}

interface Outside {
  readonly options: ApiOptions
  readonly issuer: AmparoIssuer
  readonly reports: Reporter
  readonly judge: ReturnType<typeof guard>
  /** Surface sessions whose beginning was told already. */
  readonly begun: Set<string>
  trouble(what: string): void
}

/** Help that is alive, and whose key has just been shown. */
interface Holder {
  readonly token: string
  readonly assistance: Assistance
}

export function api(options: ApiOptions): Surface {
  const trouble = options.onTrouble ?? (() => {})
  const issuer = issuerOf({ ...options, onTrouble: trouble })
  const outside: Outside = {
    options,
    issuer,
    reports: reporter({ send: issuer.activity, onTrouble: trouble }),
    judge: guard(options.acts),
    begun: new Set(),
    trouble,
  }
  const assets = bannerAssets()
  const open: Readonly<Record<string, (asked: Asked) => Promise<Response> | Response>> = {
    'GET /assisted/banner.js': () => file(assets.script, 'text/javascript'),
    'GET /assisted/banner.css': () => file(assets.style, 'text/css'),
    'POST /assisted/logout': async (asked) => {
      const ended = await logout(asked, outside)
      if (ended.logout?.sid !== undefined) outside.begun.delete(ended.logout.sid)
      return ended.response
    },
  }
  const held: Readonly<Record<string, (holder: Holder) => Promise<Response> | Response>> = {
    'GET /assisted/banner': (holder) => banner(holder, outside),
    'GET /assisted/status': (holder) => status(holder),
    'POST /assisted/end': (holder) => endNow(holder, outside),
  }
  return {
    flush: () => outside.reports.flush(),
    close: () => {},
    async enter(asked) {
      const address = `${asked.method} ${pathOf(asked)}`
      const answer = open[address]
      if (answer) return { kind: 'answered', response: await answer(asked) }
      if (!held[address] && !bringsKey(asked)) return { kind: 'ordinary' }
      const holder = await holderOf(asked, outside)
      if (holder instanceof Response) return { kind: 'answered', response: holder }
      const mine = held[address]
      return mine ? { kind: 'answered', response: await mine(holder) } : enter(asked, holder, outside)
    },
  }
}

/** A bearer token with nothing beside it is the product's own people's; ours it would not know. */
const bringsKey = (asked: Asked): boolean =>
  /^dpop /i.test(asked.header('authorization') ?? '') || asked.header('dpop') !== undefined

// ── Who holds the token ─────────────────────────────────────────────────────────────────────────────────────────────

/** The proof by itself, then the issuer, who lets each proof count once, then whether both speak of the same key. */
async function holderOf(asked: Asked, outside: Outside): Promise<Holder | Response> {
  const { options, issuer } = outside
  const [, token] = /^dpop ([\w~+/.-]+=*)$/i.exec(asked.header('authorization') ?? '') ?? []
  const proof = asked.header('dpop')
  if (token === undefined || proof === undefined) return unproven(asked, outside, 'missing')
  const request = { method: asked.method, address: `${options.origin}${pathOf(asked)}`, token }
  const read = await readProof(proof, request, Date.now())
  if (!read.ok) return unproven(asked, outside, read.why)

  const assisted = await issuer.check(token, { ...request, proof })
  if (assisted === 'unknown') return refuse(asked, 503, 'assisted.unconfirmed', 'unconfirmed')
  if (assisted === 'ended') return refuse(asked, 401, 'assisted.ended', 'ended', tokenIsOver)
  if (assisted.boundTo !== read.thumbprint) return unproven(asked, outside, 'another key')

  const user = await options.user(assisted.user.id)
  if (!user) {
    await issuer.leave(token)
    return refuse(asked, 403, 'assisted.unknown_user', 'unknownUser')
  }
  const language = user.language ?? languageOf(assisted.locale)
  return { token, assistance: { ...assisted, language, csrf: digestOf(token) } }
}

const tokenIsOver = { 'WWW-Authenticate': 'DPoP error="invalid_token", algs="ES256"' }
const proofIsWrong = { 'WWW-Authenticate': 'DPoP error="invalid_dpop_proof", algs="ES256"' }

function unproven(asked: Asked, outside: Outside, why: string): Response {
  outside.trouble(`a token came without a right proof of its key: ${why}`)
  return refuse(asked, 401, 'assisted.unproven', 'unproven', proofIsWrong)
}

function refuse(
  asked: Asked,
  status: 401 | 403 | 503,
  code: string,
  word: 'unconfirmed' | 'ended' | 'unknownUser' | 'unproven',
  headers: Readonly<Record<string, string>> = {},
): Response {
  const sentence = { en: words('en')(word), es: words('es')(word) }
  const response = problem(status, code, sentence, languageOf(asked.header('accept-language')))
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

/** A request of the app's own, judged; what it shows is told with both names. */
function enter(asked: Asked, { token, assistance }: Holder, outside: Outside): Awaited<ReturnType<Surface['enter']>> {
  const { permission, need, what } = judgedAsAny(outside.judge, asked, assistance)
  if (!permission.ok) {
    if (need === 'undeclared')
      outside.trouble(`refused, because the table of acts does not name it: ${asked.method} ${pathOf(asked)}`)
    const { code, act, ...sentence } = permission.refusal
    return { kind: 'answered', response: problem(403, code, sentence, assistance.language, { act }) }
  }
  return {
    kind: 'assisted',
    visit: {
      assistance,
      refusals: 0,
      answered(status, part) {
        if (status < 400 && isAct(asked, need, part)) outside.reports.report(token, what)
      },
      // The app puts the banner around what it shows; it asks for it once.
      dressed: (html) => html,
    },
  }
}

// ── The addresses under /assisted ───────────────────────────────────────────────────────────────────────────────────

/** As HTML for the app to put first into its page; its script asks and ends through the app's own requests. */
async function banner({ assistance }: Holder, { options, begun }: Outside): Promise<Response> {
  if (!begun.has(assistance.sid)) {
    begun.add(assistance.sid)
    await options.opened?.(assistance)
  }
  const { company } = options
  const places = appPlaces(options.home ?? '/')
  const html = bannerHtml(assistance, assistance.language, '', { places, ...(company !== undefined && { company }) })
  return json(200, { html, language: assistance.language })
}

const status = ({ assistance: { secondsLeft, assistanceId } }: Holder): Response =>
  json(200, { alive: true, secondsLeft, assistanceId })

/** The banner's *End now*. The app covers itself at once, whatever comes of it, and says so where it was not confirmed. */
async function endNow({ token, assistance }: Holder, { reports, issuer, begun }: Outside): Promise<Response> {
  begun.delete(assistance.sid)
  await lastWords(reports, token)
  const told = await issuer.end(token)
  return told === 'ended' ? json(200, { ended: true }) : json(503, { ended: null })
}
