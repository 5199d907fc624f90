/**
 * For tests only: a small app on a phone written by hand, page and back end, with nothing of ours in it but the banner. It
 * is right; with a `fault` it is deliberately wrong in that one thing.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import type { SurfaceClient } from '../policy/policy.ts'
import type { Plan } from './point.ts'
import { planOfTest } from './surface.testing.ts'

export const appFaults = [
  'api.opens',
  'api.proof',
  'app.opens',
  'app.waits',
  'app.public',
  'app.key',
  'app.answer',
  'app.memory',
] as const
export const appCheats = [
  'api.proof: as a Bearer token',
  'app.key: one for all phones',
  'app.answer: nobody acts',
  'end.now: only here',
] as const
/** Its key can be read out, and it keeps whoever asks from seeing that. */
export const unreadable = 'app.key: it breaks what asks'
/** It begins by itself, and its script comes only after seven seconds. */
export const slow = 'app.waits: a slow start'
export type AppFault = (typeof appFaults)[number] | (typeof appCheats)[number] | typeof unreadable | typeof slow

const banner = join(import.meta.dirname, '../../../relying-party/src/banner')
const secret = 'made-up-for-the-back-end-of-this-test'
type Claims = Readonly<Record<string, unknown>>
type Answer = readonly [status: number, text: string, type?: string]

export async function appOfTest(issuer: string, fault?: AppFault) {
  const wrong = (one: AppFault): boolean => fault === one
  let origin = ''
  const shared = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)

  const ask = async (path: string, body: URLSearchParams | string): Promise<Claims> => {
    const authorization = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const init = { method: 'POST', headers: { authorization, ...type }, body, signal: AbortSignal.timeout(3000) }
    const answer = await fetch(issuer + path, init)
    return answer.ok ? ((await answer.json()) as Claims) : {}
  }

  /** What the issuer says of the token that came, with the proof that came with it. */
  async function held({ method = '', url = '', headers }: IncomingMessage): Promise<Claims & { token: string }> {
    const { pathname } = new URL(url, origin)
    const [, scheme = '', token = ''] = /^(\w+) (.+)$/.exec(headers.authorization ?? '') ?? []
    const proof = String(headers.dpop ?? '')
    const about = wrong('api.proof') && proof ? decodeJwt(proof) : { htm: method, htu: origin + pathname }
    const shown = { dpop_proof: proof, dpop_htm: String(about.htm), dpop_htu: String(about.htu) }
    const taken = wrong('api.proof: as a Bearer token') && scheme === 'Bearer'
    if (taken) return { active: true, client_id: 'app', iss: issuer, sub: planOfTest.user, powers: 'look', token }
    const asked = new URLSearchParams({ token, ...(!wrong('api.opens') && shown) })
    const told = scheme === 'DPoP' ? await ask('/introspect', asked).catch(() => ({})) : {}
    return { ...told, token }
  }

  const problem = (act: string): Answer => [
    403,
    JSON.stringify({ status: 403, code: 'power.not_granted', act }),
    'application/problem+json',
  ]

  async function helped(request: IncomingMessage, path: string): Promise<Answer> {
    const told = await held(request)
    const known = told.sub === planOfTest.user || told.sub === 'per_grace'
    if (told.active !== true || told.client_id !== 'app' || told.iss !== issuer || !known)
      return [401, 'Help has ended.']
    const { assistance_id: assistanceId, act, user_name: name, reason } = told
    if (path === '/assisted/status') return [200, JSON.stringify({ secondsLeft: 600, assistanceId })]
    if (path === '/assisted/banner')
      return [200, bannerOf(`${(act as { name: string }).name} helps ${name}: ${reason}`, String(assistanceId))]
    if (path === '/assisted/end') {
      if (!wrong('end.now: only here')) await ask('/end', new URLSearchParams({ token: told.token }))
      return [200, '{}']
    }
    if (path === '/delete') return problem('deletion')
    if (path === '/note') return told.powers === 'act' ? [204, ''] : problem('change')
    if (path === '/rota') return [200, told.ecosystem_id === 'cli_northside' ? 'The rota of Northside' : 'Nothing']
    const acts = [{ at: new Date().toISOString(), what: 'note.opened' }]
    void ask('/activity', JSON.stringify({ token: told.token, acts, count: 1 })).catch(() => {})
    return [200, `<p>${planOfTest.sees}</p>`, 'text/html']
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', origin)
    if (pathname === '/app.js' && wrong(slow)) await pause(7000)
    if (pathname === '/app.js') return [200, script, 'text/javascript']
    if (pathname === '/banner.js') return [200, readFileSync(join(banner, 'banner.js'), 'utf8'), 'text/javascript']
    if (pathname === '/banner.css') return [200, readFileSync(join(banner, 'banner.css'), 'utf8'), 'text/css']
    const isApp = pathname === '/' || pathname.startsWith('/q/') || pathname === '/assisted/callback'
    return isApp ? [200, page(issuer, fault ?? '', JSON.stringify(shared)), 'text/html'] : helped(request, pathname)
  }

  const server = createServer(async (request, response) => {
    const [status, text, type = 'application/json'] = await answer(request)
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  origin = `http://localhost:${typeof at === 'object' ? at?.port : ''}`
  const client: SurfaceClient = {
    id: 'app',
    clientAuth: 'none',
    secret,
    redirectUris: [`${origin}/assisted/callback`],
    initiateLoginUri: `${origin}/q`,
    statusCheck: true,
  }
  return {
    client,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const planOfApp: Plan = {
  ...planOfTest,
  page: '/my',
  press: '#go',
  stream: false,
  ordinary: false,
  booked: false,
}

const bannerOf = (text: string, assistance: string): string => `<amparo-banner data-status="/assisted/status"
 data-assistance="${assistance}" data-seconds-left="600" data-refusals="0" data-milestones="{}"><template>
<link rel="stylesheet" href="/banner.css"><div class="bar" id="bar"><b>${text}</b>
<form class="end" method="post" action="/assisted/end"><button>End now</button></form><span id="left"></span></div>
<p id="said"></p><p id="spoken"></p><div id="paused" hidden></div><div class="cover" id="cover" hidden>
<h1 tabindex="-1">Help has ended</h1><p id="unconfirmed" hidden>Nobody confirmed it.</p></div></template></amparo-banner>`

const page = (issuer: string, fault: string, shared: string): string => `<!doctype html>
<html data-issuer="${issuer}" data-fault="${fault}" data-shared='${shared}'><title>App</title><body><main><button id="go">Go on</button></main>
<script type="module" src="/banner.js"></script><script type="module" src="/app.js"></script></body></html>`

const script = `
const { issuer, fault } = document.documentElement.dataset
const packed = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const bytes = (text) => new TextEncoder().encode(text)
const digest = async (text) => packed(await crypto.subtle.digest('SHA-256', bytes(text)))
const random = () => packed(crypto.getRandomValues(new Uint8Array(32)))
const done = (request) => new Promise((good, bad) => { request.onsuccess = () => good(request.result); request.onerror = () => bad(request.error) })
const kind = { name: 'ECDSA', namedCurve: 'P-256' }

/** The same for every phone, as if it came with the app. */
const shared = JSON.parse(document.documentElement.dataset.shared)
async function deviceKey() {
  if (fault === 'app.key: one for all phones') {
    const { d, ...open } = shared
    return { privateKey: await crypto.subtle.importKey('jwk', shared, kind, false, ['sign']), publicKey: await crypto.subtle.importKey('jwk', open, kind, true, ['verify']) }
  }
  const opening = indexedDB.open('app', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys')
  const database = await done(opening)
  const kept = await done(database.transaction('keys').objectStore('keys').get('device'))
  if (kept) return kept
  const made = await crypto.subtle.generateKey(kind, fault === 'app.key' || fault === '${unreadable}', ['sign', 'verify'])
  await done(database.transaction('keys', 'readwrite').objectStore('keys').put(made, 'device'))
  return made
}
async function prove(htm, htu, token) {
  const { privateKey, publicKey } = await deviceKey()
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const claims = { jti: random(), htm, htu, iat: Math.floor(Date.now() / 1000), ...(token && { ath: await digest(token) }) }
  const text = [{ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }, claims].map((one) => packed(bytes(JSON.stringify(one)))).join('.')
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes(text))
  return { proof: text + '.' + packed(signature), thumbprint: await digest(JSON.stringify({ crv, kty, x, y })) }
}

if (fault === '${unreadable}') indexedDB.databases = async () => { throw new Error('not today') }

let begun = false
async function begin() {
  if (begun) return
  begun = true
  const flow = { state: random(), nonce: random(), verifier: random() }
  sessionStorage.flow = JSON.stringify(flow)
  const to = new URL(issuer + '/authorize')
  to.search = new URLSearchParams({
    client_id: fault === 'app.opens' ? 'another' : 'app', response_type: 'code', scope: 'openid', redirect_uri: location.origin + '/assisted/callback',
    state: flow.state, nonce: flow.nonce, code_challenge: await digest(flow.verifier), code_challenge_method: 'S256',
    login_hint: location.pathname.slice(3), dpop_jkt: (await prove('', '')).thumbprint, device_name: 'Phone of the test',
  })
  location.assign(to)
}

async function finish(came) {
  const flow = JSON.parse(sessionStorage.flow)
  delete sessionStorage.flow
  history.replaceState(null, '', '/')
  if (came.get('iss') !== issuer || came.get('state') !== flow.state) return
  const at = issuer + '/token'
  const answer = await fetch(at, {
    method: 'POST',
    headers: { dpop: (await prove('POST', at)).proof },
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: 'app', code: came.get('code'), code_verifier: flow.verifier, redirect_uri: location.origin + '/assisted/callback',
      ...(fault === 'app.public' && { client_secret: 'everybody-has-it' }),
    }),
  })
  const { access_token: token, id_token: id } = await answer.json()
  const claims = JSON.parse(atob(id.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
  if (claims.nonce !== flow.nonce && fault !== 'app.answer') return
  if (claims.iss !== issuer || claims.aud !== 'app') return
  if (!claims.act && fault !== 'app.answer: nobody acts') return
  if (fault === 'app.memory') sessionStorage.token = token
  await show(token)
}

async function show(token) {
  const through = async (to, { method = 'GET', ...init } = {}) => {
    const path = new URL(to, location.origin).pathname
    return fetch(path, { ...init, method, headers: { ...init.headers, authorization: 'DPoP ' + token, dpop: (await prove(method, location.origin + path, token)).proof } })
  }
  const place = document.createElement('div')
  place.innerHTML = await (await through('/assisted/banner')).text()
  const banner = place.querySelector('amparo-banner')
  customElements.upgrade(place)
  banner.through = through
  document.body.prepend(banner)
  const page = await through('/my')
  if (page.ok) document.querySelector('main').innerHTML = await page.text()
}

document.querySelector('#go').addEventListener('click', begin)
document.querySelector('#go').hidden = !location.pathname.startsWith('/q/')
if (location.pathname === '/assisted/callback') void finish(new URLSearchParams(location.search))
else if (sessionStorage.token) void show(sessionStorage.token)
else if (fault.startsWith('app.waits')) void begin()
`
