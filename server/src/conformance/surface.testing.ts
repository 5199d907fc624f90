/**
 * For tests only: a small surface written by hand, with nothing of our own package in it. It is right; with a `fault` it is
 * deliberately wrong in that one thing.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import type { SurfaceClient } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import type { Plan } from './point.ts'

export const secretOfTest = 'made-up-for-this-test-and-nothing-else'
const banner = join(import.meta.dirname, '../../../relying-party/src/banner')
/** So long it waits for the issuer. */
const patienceMs = 3000
const [user, sees] = ['per_marta', 'Ring the bell twice']
const [ofTwo, there, seesThere] = ['per_grace', 'cli_northside', 'The rota of Northside']

/** What is wrong with it: each is the point that has to name it. */
export const faults = [
  'entry.opens',
  'entry.issuer',
  'entry.hint',
  'entry.target',
  'entry.redirect',
  'entry.pkce',
  'entry.state',
  'entry.browser',
  'entry.nonce',
  'entry.answer',
  'entry.token',
  'entry.actor',
  'entry.confirmed',
  'entry.untouched',
  'entry.account',
  'banner.there',
  'banner.text',
  'banner.holds',
  'banner.covers',
  'session.cookie',
  'session.no_store',
  'acts.never',
  'acts.look',
  'acts.cross_site',
  'acts.told',
  'own.intact',
  'own.booked',
  'own.ecosystem',
  'end.status',
  'end.unconfirmed',
  'end.logout',
  'end.forged',
  'end.early',
  'end.streams',
  'end.leftovers',
  'end.now',
] as const
export type Fault = (typeof faults)[number]
/** How a product could seem to be right: each has to be found by the point that stands first in it. */
export const cheats = [
  'banner.there: in a comment',
  'banner.holds: hides why',
  'session.cookie: the access token, packed',
  'acts.never: refused to programs alone',
  'acts.look: refused to everybody',
  'acts.cross_site: whoever begins like us',
  'acts.told: in words of its own',
  'own.booked: where nothing is',
  'own.ecosystem: what was open before',
  'end.streams: everybody’s',
  'end.now: no button',
  'end.now: this product alone',
] as const
export type Cheat = (typeof cheats)[number]

interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly target: string
}
interface Session {
  readonly sid: string
  readonly sub: string
  readonly token: string
  ended: boolean
}
type Claims = Readonly<Record<string, unknown>>

export async function surfaceOfTest(
  issuer: string,
  fault?: Fault | Cheat,
  launchesAtMost = 1000,
  secret: () => string = () => secretOfTest,
) {
  const wrong = (one: Fault | Cheat): boolean => fault === one
  const flows = new Map<string, Flow>()
  const sessions = new Map<string, Session>()
  const endedSids = new Set<string>()
  const signedIn = new Set<string>()
  const streams = new Set<{ sid: string; response: ServerResponse }>()
  let lastSignIn = 'never'
  let origin = ''

  const ask = async (path: string, body: URLSearchParams | string): Promise<Claims> => {
    const basic = Buffer.from(`notes:${secret()}`).toString('base64')
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const answer = await fetch(issuer + path, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, ...type },
      body,
      signal: AbortSignal.timeout(patienceMs),
    })
    return answer.ok ? ((await answer.json()) as Claims) : {}
  }
  const alive = async (session: Session): Promise<Claims | undefined> => {
    if (session.ended) return undefined
    const told = await ask('/introspect', new URLSearchParams({ token: session.token })).catch(() => undefined)
    if (wrong('end.unconfirmed') && told?.active !== false) return { ...asked, ...told, sub: session.sub }
    if (wrong('end.status') && told?.active === false) return { ...asked, sub: session.sub }
    const ours = told?.active === true && told.sub === session.sub && told.client_id === 'notes'
    return ours && told.iss === issuer ? told : undefined
  }
  /** What the latest good answer said, for the surface that goes on without one. */
  let asked: Claims = {}

  // ── The way in ──

  const fresh = (): string => randomBytes(16).toString('base64url')
  const callbackPath = wrong('entry.redirect') ? '/callback' : '/assisted/callback'
  const set = (name: string, value: string): string => `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`
  const sessionCookie = wrong('session.cookie') ? 'assisted' : '__Host-assisted'

  async function login(query: URLSearchParams): Promise<Answer> {
    if (flows.size >= launchesAtMost) return [429, 'Too many sign-ins.']
    const iss = query.get('iss') ?? ''
    if (iss !== issuer && !wrong('entry.issuer')) return [400, 'We do not take sign-ins from there.']
    if (wrong('entry.issuer') && iss !== issuer) await fetch(`${iss}/.well-known/openid-configuration`).catch(() => {})
    const flow = { state: fresh(), nonce: fresh(), verifier: fresh() + fresh() + fresh(), target: '/' }
    const target = query.get('target_link_uri') ?? '/'
    const own = new URL(target, origin).origin === origin
    const kept = { ...flow, target: own || wrong('entry.target') ? target : '/' }
    flows.set(kept.state, kept)
    const challenge = tokenDigest(kept.verifier).toString('base64url')
    const to = new URL(`${issuer}/authorize`)
    to.search = new URLSearchParams({
      client_id: wrong('entry.opens') ? 'another' : 'notes',
      response_type: 'code',
      scope: 'openid support:read support:act',
      redirect_uri: origin + callbackPath,
      state: kept.state,
      nonce: kept.nonce,
      ...(!wrong('entry.hint') && { login_hint: query.get('login_hint') ?? '' }),
      ...(!wrong('entry.pkce') && { code_challenge: challenge, code_challenge_method: 'S256' }),
    }).toString()
    const cookies = [set('__Host-flow', Buffer.from(JSON.stringify(kept)).toString('base64url'))]
    if (wrong('entry.untouched')) cookies.push(`${set(sessionCookie, '')}; Max-Age=0`)
    return [302, '', { location: to.href, 'set-cookie': cookies }]
  }

  async function callback(query: URLSearchParams, cookies: ReadonlyMap<string, string>): Promise<Answer> {
    const no: Answer = [403, 'This access can no longer be used.']
    const mine = flowFrom(cookies.get('__Host-flow'))
    const flow = wrong('entry.browser') ? flows.get(query.get('state') ?? '') : mine
    if (!flow || (flow.state !== query.get('state') && !wrong('entry.state'))) return no
    if (query.get('iss') !== issuer && !wrong('entry.answer')) return no
    const tokens = await ask(
      '/token',
      new URLSearchParams({
        grant_type: 'authorization_code',
        code: query.get('code') ?? '',
        redirect_uri: origin + callbackPath,
        code_verifier: flow.verifier,
      }),
    )
    if (typeof tokens.id_token !== 'string') return no
    const claims = decodeJwt(tokens.id_token)
    if (claims.nonce !== flow.nonce && !wrong('entry.nonce')) return no
    if (!wrong('entry.token') && !(claims.iss === issuer && claims.aud === 'notes')) return no
    if (!wrong('entry.token') && (claims.exp ?? 0) * 1000 < Date.now()) return no
    if (claims.act === undefined && !wrong('entry.actor')) return no
    const session = {
      sid: String(claims.sid),
      sub: String(claims.sub),
      token: String(tokens.access_token),
      ended: false,
    }
    const told = await ask('/introspect', new URLSearchParams({ token: session.token }))
    if (told.sub === session.sub) asked = told
    if (!wrong('entry.confirmed') && !(told.active === true && told.sub === session.sub)) return no
    if (![user, ofTwo].includes(session.sub) && !wrong('entry.account'))
      return [403, 'This person has no account here.']
    if (endedSids.has(session.sid) && !wrong('end.early')) return [401, 'Help has ended.']
    if (wrong('own.booked')) lastSignIn = fresh()
    const earlier = cookies.get(sessionCookie)
    const packed = Buffer.from(JSON.stringify({ token: session.token })).toString('base64url')
    const id = wrong('session.cookie: the access token, packed') ? `${fresh()}.${packed}` : fresh()
    if (wrong('own.intact')) signedIn.clear()
    if (earlier) sessions.delete(earlier)
    sessions.set(id, session)
    return [303, '', { location: flow.target, 'set-cookie': set(sessionCookie, id) }]
  }

  async function logout(form: URLSearchParams): Promise<Answer> {
    const token = form.get('logout_token') ?? ''
    const event = 'http://schemas.openid.net/event/backchannel-logout'
    try {
      const keys = createLocalJWKSet((await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet)
      const expected = { issuer, audience: 'notes', typ: 'logout+jwt', algorithms: ['ES256'] }
      const claims = wrong('end.forged') ? decodeJwt(token) : (await jwtVerify(token, keys, expected)).payload
      if (claims.nonce !== undefined || !Object.hasOwn(Object(claims.events), event)) return [400, 'no']
      endedSids.add(String(claims.sid))
      for (const session of sessions.values())
        if (session.sid === claims.sid || (wrong('end.logout') && session.sub === claims.sub)) session.ended = true
      const everybodys = wrong('end.streams: everybody’s')
      for (const stream of wrong('end.streams') ? [] : streams)
        if (stream.sid === claims.sid || everybodys) stream.response.destroy()
      return [200, '']
    } catch {
      return [400, 'no']
    }
  }

  // ── While it lasts ──

  const page = (told: Claims): string => {
    const said = (value: unknown): string => (wrong('banner.text') ? String(value) : escaped(String(value)))
    const { name } = told.act as { name: string }
    const why = wrong('banner.holds: hides why') ? `<i hidden>${said(told.reason)}</i>` : said(told.reason)
    const names = `${said(name)} helps ${said(told.user_name)}: ${why}`
    const hidden = wrong('banner.there') ? 'Support is here' : `Support is here <!-- ${names} -->`
    const shown = wrong('banner.there') || wrong('banner.there: in a comment') ? hidden : names
    const button = wrong('end.now: no button') ? '' : '<button>End now</button>'
    const text = `<div><b>${shown}</b><form class="end" method="post" action="/assisted/end">${button}</form></div>`
    const inside = wrong('banner.holds')
      ? text
      : `<amparo-banner data-status="/assisted/status" data-assistance="${told.assistance_id}" data-seconds-left="600" data-refusals="0"
 data-milestones="{}"><template shadowrootmode="open"><link rel="stylesheet" href="/banner.css"><div class="bar" id="bar">${text}
<span id="left"></span></div><p id="said"></p><p id="spoken"></p><div id="paused" hidden></div><div class="cover" id="cover" hidden>
<h1 tabindex="-1">Help has ended</h1></div></template></amparo-banner><script type="module" src="/banner.js"></script>`
    const live = wrong('banner.holds') ? '<script type="module" src="/cover.js"></script>' : ''
    return `<!doctype html><title>Notes</title><body>${inside}${live}<p>${sees}</p></body>`
  }
  const problem = (act: string): Answer => [
    403,
    JSON.stringify({ status: 403, code: 'power.not_granted', act }),
    { 'content-type': 'application/problem+json' },
  ]

  async function helped(
    { method = 'GET', headers }: IncomingMessage,
    path: string,
    wasThere: string,
    kept: Session,
    response: ServerResponse,
  ) {
    const { origin: from = '', accept } = headers
    const told = await alive(kept)
    const over = { 'clear-site-data': wrong('end.leftovers') ? '"cache", "cookies"' : '"cache", "storage"' }
    if (path === '/assisted/status') {
      const lives = told || wrong('banner.covers')
      return [lives ? 200 : 401, JSON.stringify({ secondsLeft: 600, assistanceId: asked.assistance_id })] as Answer
    }
    if (!told) return [401, 'Help has ended.', over] as Answer
    if (path === '/live') {
      streams.add({ sid: kept.sid, response })
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      return undefined
    }
    if (path === '/assisted/end') {
      kept.ended = true
      if (!wrong('end.now'))
        await ask(wrong('end.now: this product alone') ? '/revoke' : '/end', new URLSearchParams({ token: kept.token }))
      return [200, 'Help has ended.', over] as Answer
    }
    const forPeople = wrong('acts.never: refused to programs alone') && accept !== 'application/json'
    if (path === '/delete') return wrong('acts.never') || forPeople ? ([200, 'Deleted'] as Answer) : problem('deletion')
    const mayChange = told.powers === 'act' && !wrong('acts.look: refused to everybody')
    if (path === '/note' && !mayChange && !wrong('acts.look')) return problem('change')
    const like = wrong('acts.cross_site: whoever begins like us') && from.startsWith(origin)
    if (method === 'POST' && from !== origin && !like && !wrong('acts.cross_site'))
      return [403, 'Not from there.'] as Answer
    if (path === '/note') return [303, '', { location: '/' }] as Answer
    if (!wrong('acts.told')) {
      const what = wrong('acts.told: in words of its own') ? { opened: 'note' } : 'note.opened'
      const acts = [{ at: new Date().toISOString(), what }]
      void ask('/activity', JSON.stringify({ token: kept.token, acts, count: 1 })).catch(() => {})
    }
    const before = wrong('own.ecosystem: what was open before') ? wasThere : ''
    if (path === '/rota') {
      const open = told.ecosystem_id === there || before !== '' || wrong('own.ecosystem')
      return [200, open ? seesThere : 'Nothing', { 'set-cookie': set('__Host-there', open ? '1' : '') }] as Answer
    }
    const cached = wrong('session.no_store') ? { 'cache-control': 'private, max-age=60' } : {}
    return [200, page(told), { 'content-type': 'text/html', ...cached }] as Answer
  }

  async function ordinary(method: string, path: string, cookies: ReadonlyMap<string, string>): Promise<Answer> {
    if (method === 'POST' && path === '/sign-in') {
      const id = fresh()
      signedIn.add(id)
      return [303, '', { location: '/', 'set-cookie': set('own', id) }]
    }
    if (path === '/last-sign-in') return wrong('own.booked: where nothing is') ? [404, 'Nothing'] : [200, lastSignIn]
    const known = signedIn.has(cookies.get('own') ?? '')
    return known ? [200, 'The note of Leo'] : [200, '<!doctype html><title>Notes</title>Sign in first']
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin)
    const cookies = new Map(
      (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]),
    )
    const method = request.method ?? 'GET'
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (pathname === '/banner.js' || pathname === '/banner.css') {
      const type = pathname.endsWith('js') ? 'text/javascript' : 'text/css'
      return [200, readFileSync(banner + pathname, 'utf8'), { 'content-type': type }]
    }
    if (pathname === '/cover.js')
      return [
        200,
        `setInterval(async () => (await fetch('/assisted/status')).status === 401 && document.body.replaceChildren(), 200)`,
        { 'content-type': 'text/javascript' },
      ]
    if (pathname === '/assisted/login') return login(searchParams)
    if (pathname === callbackPath) return callback(searchParams, cookies)
    if (pathname === '/assisted/logout') return logout(new URLSearchParams(body))
    const kept = sessions.get(cookies.get(sessionCookie) ?? '')
    if (kept) return helped(request, pathname, cookies.get('__Host-there') ?? '', kept, response)
    return ordinary(method, pathname, cookies)
  }

  const server = createServer(async (request, response) => {
    const answered = await answer(request, response).catch((error: Error): Answer => [500, error.message])
    if (!answered) return
    const [status, text, headers = {}] = answered
    response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  origin = `http://localhost:${typeof at === 'object' ? at?.port : ''}`

  const client: SurfaceClient = {
    id: 'notes',
    secret: secretOfTest,
    redirectUris: [`${origin}/assisted/callback`],
    initiateLoginUri: `${origin}/assisted/login`,
    backchannelLogoutUri: `${origin}/assisted/logout`,
    statusCheck: true,
  }
  return {
    origin,
    client,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)

type Answer = readonly [status: number, text: string, headers?: Record<string, string | string[]>]

function flowFrom(cookie: string | undefined): Flow | undefined {
  return cookie ? (JSON.parse(Buffer.from(cookie, 'base64url').toString()) as Flow) : undefined
}

export const planOfTest: Plan = {
  user,
  ecosystem: 'cli_sol',
  page: '/',
  sees,
  refused: { deletion: { method: 'POST', path: '/delete' } },
  othersRefused: false,
  change: { method: 'POST', path: '/note' },
  stream: '/live',
  press: undefined,
  end: undefined,
  ordinary: { signIn: { method: 'POST', path: '/sign-in' }, fields: {}, page: '/', sees: 'The note of Leo' },
  elsewhere: { user: ofTwo, ecosystem: there, page: '/rota', sees: seesThere },
  booked: { url: '/last-sign-in' },
}
