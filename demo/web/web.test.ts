import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { userPassword } from '../people.ts'
import { landing } from './assisted.ts'
import { clientId, clientSecret, issuerStandIn } from './issuer.testing.ts'
import { startWeb } from './web.ts'

let database: FreshDatabase
let origin: string
let issuer: Awaited<ReturnType<typeof issuerStandIn>>
let closeWeb: () => Promise<void>

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  database = await freshDatabase()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  issuer = await issuerStandIn(origin)
  ;({ close: closeWeb } = await startWeb({
    port,
    issuer: issuer.issuer,
    clientId,
    clientSecret,
    core: database.url,
    publicOrigin: origin,
    consoleOrigin: 'http://localhost:4000',
    company: 'Acme',
    userPassword,
    trouble: () => {},
  }))
})
afterAll(async () => {
  await closeWeb()
  await issuer.close()
  await database.close()
})
beforeEach(() => {
  const usual = {
    sub: 'per_marta',
    ecosystemId: 'cli_sol',
    powers: 'look',
    introspection: 'alive',
    end: 'yes',
  } as const
  Object.assign(issuer.told, { ...usual, act: true, refuses: false })
})

/** A browser as far as a server can tell: keeps cookies, sends its origin, follows nothing by itself. */
function browser() {
  const jar = new Map<string, string>()
  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const url = new URL(path, origin)
    const mine = url.origin === origin ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...mine, ...init.headers } })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      if (/max-age=0/i.test(cookie)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin, ...headers } })
  const csrf = async (path = '/profile') =>
    /name="csrf" value="([^"]+)"/.exec(await (await ask(path)).text())?.[1] ?? ''
  const signIn = (email: string, password = userPassword(email)) => post('/sign-in', { email, password })
  /** Follows redirects from the console's launch to where it ends. */
  async function launch(url = issuer.loginUrl()): Promise<Response> {
    let response = await ask(url)
    for (let hops = 0; hops < 6 && response.headers.has('location'); hops += 1)
      response = await ask(response.headers.get('location') ?? '')
    return response
  }
  return { jar, ask, post, csrf, signIn, launch }
}

const rows = (sql: string) => database.db.query<Record<string, unknown>>(sql)

test('a person signs in with their own password and sees their own clinic, role and invoices, in their language', async () => {
  const marta = browser()
  const answer = await marta.signIn('Marta@clinica-sol.test')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${origin}/`])
  const home = await (await marta.ask('/')).text()
  for (const part of ['lang="es"', 'Marta Ruiz', 'Titular', 'Clínica Sol', 'SOL-2026-005', 'Ver detalles del plan'])
    expect(home).toContain(part)
  expect(home).not.toContain('NSM-1044')
  expect(home).not.toContain('amparo-banner')
  const cookie = answer.headers.getSetCookie().join()
  for (const part of ['__Host-web=', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(part)
})

test('an ordinary sign-in is recorded as the last one', async () => {
  await browser().signIn('leo@clinica-sol.test')
  expect(
    await rows(`select now() - last_sign_in_at < '1 minute' as fresh from vendor.person where id = 'per_leo'`),
  ).toEqual([{ fresh: true }])
})

test.each([
  ['a wrong password', 'marta@clinica-sol.test', 'no', 401],
  ['an unknown e-mail', 'nobody@clinica-sol.test', undefined, 401],
  ['no e-mail', '', undefined, 401],
  ['an e-mail with a NUL', 'marta\0@clinica-sol.test', undefined, 401],
  ['an account that is not active', 'arthur@harbour-quay.test', undefined, 403],
] as const)('%s signs nobody in', async (_name, email, password, status) => {
  const someone = browser()
  expect((await someone.signIn(email, password)).status).toBe(status)
  expect(someone.jar.size).toBe(0)
})

test('two people on one e-mail are not told apart by a guess', async () => {
  await database.db.query(
    `update vendor.person set email = 'frontdesk@harbour-quay.test' where id in ('per_dora', 'per_edith')`,
  )
  expect((await browser().signIn('frontdesk@harbour-quay.test')).status).toBe(409)
})

test('without a session every page asks for the sign-in, and programs get a problem', async () => {
  for (const path of ['/', '/plan', '/members', '/invoices', '/profile', '/ecosystem/edit', '/me', '/no-such-page']) {
    const answer = await browser().ask(path)
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, `${origin}/sign-in`])
  }
  const problem = await browser().ask('/me', { headers: { accept: 'application/json' } })
  expect(problem.status).toBe(401)
  expect(problem.headers.get('content-type')).toBe('application/problem+json')
  expect(await problem.json()).toMatchObject({ code: 'sign_in.first', status: 401 })
})

test('someone in two clinics can change between them, and into no other', async () => {
  const grace = browser()
  await grace.signIn('grace@northside.test')
  const csrf = await grace.csrf()
  expect(await (await grace.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_northside', role: 'owner' } })
  expect((await grace.post('/switch', { csrf, clinic: 'cli_sol' })).status).toBe(303)
  expect(await (await grace.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_sol', role: 'member' } })
  expect((await grace.post('/switch', { csrf, clinic: 'cli_nandu' })).status).toBe(404)
  expect((await grace.post('/ecosystem', { csrf, name: 'Mine', city: 'Now' })).status).toBe(403)
})

test('an owner edits the clinic, and it is recorded as their own act', async () => {
  const ximena = browser()
  await ximena.signIn('ximena@nandu.test')
  const answer = await ximena.post('/ecosystem', { csrf: await ximena.csrf(), name: 'Ñandú Sur', city: 'Puebla' })
  expect(answer.status).toBe(303)
  expect(await rows(`select name, city from vendor.clinic where id = 'cli_nandu'`)).toEqual([
    { name: 'Ñandú Sur', city: 'Puebla' },
  ])
  expect(await rows(`select person_id, acted_by, what from vendor.activity where clinic_id = 'cli_nandu'`)).toEqual([
    { person_id: 'per_ximena', acted_by: null, what: 'clinic.edited' },
  ])
})

test('a form is taken only from a page of the same session and from our own origin', async () => {
  const marta = browser()
  await marta.signIn('marta@clinica-sol.test')
  const csrf = await marta.csrf()
  const fields = { name: 'Otra', city: 'Otra' }
  const leo = browser()
  await leo.signIn('leo@clinica-sol.test')
  const refused = [
    await marta.post('/ecosystem', fields),
    await marta.post('/ecosystem', { ...fields, csrf: 'guess' }),
    await marta.post('/ecosystem', { ...fields, csrf: await leo.csrf() }),
    await marta.post('/ecosystem', { ...fields, csrf }, { origin: 'http://evil.test' }),
    await marta.post('/ecosystem', { ...fields, csrf }, { origin: 'null' }),
    await marta.post('/sign-in', { email: 'leo@clinica-sol.test', password: 'x' }, { origin: 'http://evil.test' }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403])
  expect(await rows(`select name from vendor.clinic where id = 'cli_sol'`)).toEqual([{ name: 'Clínica Sol' }])
})

test.each([
  ['too long', { name: 'x'.repeat(81), city: 'Madrid' }, 400],
  ['a control character', { name: 'a\0b', city: 'Madrid' }, 400],
  ['nothing', { name: '  ', city: '' }, 400],
  ['ten times what fits', { name: 'x'.repeat(320_000), city: 'Madrid' }, 413],
])('an edit with %s is refused in words', async (_name, fields, status) => {
  const marta = browser()
  await marta.signIn('marta@clinica-sol.test')
  const answer = await marta.post('/ecosystem', { csrf: await marta.csrf(), ...fields })
  expect(answer.status).toBe(status)
})

test('a foreign host name is not served', async () => {
  const { request } = await import('node:http')
  const status = await new Promise((resolve) =>
    request(`${origin}/sign-in`, { headers: { host: 'evil.test' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end(),
  )
  expect(status).toBe(421)
})

test('pages forbid inline scripts and styles, framing and caching, and hold none', async () => {
  const marta = browser()
  await marta.launch()
  const answer = await marta.ask('/')
  expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.text()).not.toMatch(/<style|<script(?! type="module" src=)|\sstyle=|\son[a-z]+=/)
})

test('a launch is begun only for the configured issuer', async () => {
  for (const iss of ['https://evil.test', `${issuer.issuer}/`, '']) {
    const someone = browser()
    const answer = await someone.ask(issuer.loginUrl({ iss }))
    expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([400, 'assisted.issuer'])
    expect(someone.jar.size).toBe(0)
  }
})

test('beginning a launch passes the hint on, and touches no session that is there', async () => {
  const leo = browser()
  await leo.signIn('leo@clinica-sol.test')
  const before = leo.jar.get('__Host-web')
  const answer = await leo.ask(issuer.loginUrl())
  const to = new URL(answer.headers.get('location') ?? '')
  expect(`${to.origin}${to.pathname}`).toBe(`${issuer.issuer}/authorize`)
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    client_id: clientId,
    response_type: 'code',
    code_challenge_method: 'S256',
    login_hint: 'hint-1',
    scope: 'openid support:read support:act',
    redirect_uri: `${origin}/assisted/callback`,
  })
  expect(leo.jar.get('__Host-web')).toBe(before)
  expect(await (await leo.ask('/me')).json()).toMatchObject({ user: { id: 'per_leo' }, assistedBy: null })
})

test('a hundred launches begun leave four in the jar', async () => {
  const someone = browser()
  for (let each = 0; each < 100; each += 1) await someone.ask(issuer.loginUrl())
  expect(someone.jar.size).toBe(4)
})

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/invoices?page=2', '/invoices?page=2'],
  ['http://web.test/members', '/members'],
  ['https://web.test/members', '/'],
  ['http://web.test.evil.test/', '/'],
  ['//evil.test/', '/'],
  ['http://web.test@evil.test/', '/'],
  ['\\\\evil.test', '/'],
  ['javascript:alert(1)', '/'],
  ['http://web.test//evil.test', '//evil.test'],
  ['/assisted/login?iss=x', '/'],
  ['http://', '/'],
])('a launch that wants to land on %s lands on our own %s', (target, path) => {
  expect(landing({ publicOrigin: 'http://web.test' }, target)).toBe(`http://web.test${path}`)
})

test('a launch lands signed in as the user, with both people named, where it was meant to', async () => {
  const ana = browser()
  const landed = await ana.launch(issuer.loginUrl({ target_link_uri: `${origin}/invoices` }))
  const html = await landed.text()
  expect(landed.status).toBe(200)
  for (const part of ['SOL-2026-005', 'Ana Robles', 'Marta Ruiz', 'No encuentra su última factura', 'solo lectura'])
    expect(html).toContain(part)
  expect([...ana.jar.keys()]).toEqual(['__Host-assisted'])
  expect(await (await ana.ask('/me')).json()).toMatchObject({
    user: { id: 'per_marta' },
    ecosystem: { id: 'cli_sol' },
    assistedBy: { id: 'ag_ana', powers: 'look' },
  })
})

test('under assistance only the clinic that the user agreed to is shown', async () => {
  Object.assign(issuer.told, { sub: 'per_grace', ecosystemId: 'cli_sol' })
  const ana = browser()
  expect(await (await ana.launch()).text()).not.toContain('Northside')
  expect(await (await ana.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_sol', role: 'member' } })
  expect((await ana.post('/switch', { csrf: await ana.csrf(), clinic: 'cli_northside' })).status).toBe(403)
})

test('an ordinary session in the same browser is not used during help, and is untouched after it', async () => {
  const ana = browser()
  await ana.signIn('leo@clinica-sol.test')
  const own = ana.jar.get('__Host-web')
  await ana.launch()
  expect(await (await ana.ask('/me')).json()).toMatchObject({ user: { id: 'per_marta' } })
  expect((await ana.post('/sign-out', { csrf: await ana.csrf() })).status).toBe(403)
  expect((await ana.ask('/sign-in')).headers.get('location')).toBe(`${origin}/`)
  issuer.told.introspection = 'ended'
  expect((await ana.ask('/me')).status).toBe(401)
  expect((await ana.post('/assisted/leave', {})).status).toBe(303)
  expect(ana.jar.get('__Host-web')).toBe(own)
  expect(await (await ana.ask('/me')).json()).toMatchObject({ user: { id: 'per_leo' }, assistedBy: null })
})

test('each launch gets a session of its own, and the earlier cookie of that browser opens nothing', async () => {
  const ana = browser()
  await ana.launch()
  const earlier = ana.jar.get('__Host-assisted') ?? ''
  await ana.launch()
  expect(ana.jar.get('__Host-assisted')).not.toBe(earlier)
  ana.jar.set('__Host-assisted', earlier)
  expect((await ana.ask('/')).status).toBe(401)
})

const callbackOf = async (someone: ReturnType<typeof browser>): Promise<URL> => {
  const begun = await someone.ask(issuer.loginUrl())
  const answer = await someone.ask(begun.headers.get('location') ?? '')
  return new URL(answer.headers.get('location') ?? '')
}
const spoilt: Record<string, (url: URL, someone: ReturnType<typeof browser>) => void> = {
  'without iss': (url) => url.searchParams.delete('iss'),
  'of another issuer': (url) => url.searchParams.set('iss', 'https://evil.test'),
  'with another state': (url) => url.searchParams.set('state', 'A'.repeat(43)),
  'without state': (url) => url.searchParams.delete('state'),
  'without code': (url) => url.searchParams.delete('code'),
  'in another browser': (_url, someone) => someone.jar.clear(),
  'of a token without act': () => Object.assign(issuer.told, { act: false }),
  'of a token for somebody else': () => Object.assign(issuer.told, { introspection: 'another user' }),
  'of a token that has ended': () => Object.assign(issuer.told, { introspection: 'ended' }),
}
test.each(Object.entries(spoilt))('an answer %s opens nothing', async (_name, spoil) => {
  const someone = browser()
  const url = await callbackOf(someone)
  spoil(url, someone)
  const answer = await someone.ask(url.href)
  expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'assisted.refused'])
  expect(someone.jar.has('__Host-assisted')).toBe(false)
})

test('an answer is taken once', async () => {
  const ana = browser()
  const url = await callbackOf(ana)
  expect((await ana.ask(url.href)).status).toBe(303)
  expect((await ana.ask(url.href)).status).toBe(403)
})

test('a launch that the issuer refuses, or for a person unknown here, opens nothing and creates nobody', async () => {
  const ana = browser()
  issuer.told.refuses = true
  expect((await ana.launch()).status).toBe(403)
  Object.assign(issuer.told, { refuses: false, sub: 'per_stranger' })
  expect((await ana.launch()).headers.get('amparo-refusal')).toBe('assisted.unknown_user')
  expect(ana.jar.has('__Host-assisted')).toBe(false)
  expect(await rows(`select id from vendor.person where id = 'per_stranger'`)).toEqual([])
})

test('looking refuses every form with a code and a sentence in the banner, and changes nothing', async () => {
  const ana = browser()
  await ana.launch()
  const csrf = await ana.csrf()
  for (const path of ['/ecosystem', '/anything']) {
    const answer = await ana.post(path, { csrf, name: 'X', city: 'Y' })
    expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'assisted.read_only'])
    expect(await answer.text()).toMatch(/role="status" id="said">El usuario aceptó/)
  }
  const problem = await ana.post('/ecosystem', { csrf }, { accept: 'application/json' })
  expect(await problem.json()).toMatchObject({ status: 403, code: 'assisted.read_only' })
  expect(await rows(`select name from vendor.clinic where id = 'cli_sol'`)).toEqual([{ name: 'Clínica Sol' }])
})

test.each(['/profile/email', '/profile/password', '/members/invite'])(
  '%s is refused with every power',
  async (path) => {
    for (const powers of ['look', 'act'] as const) {
      issuer.told.powers = powers
      const ana = browser()
      await ana.launch()
      const fields = {
        csrf: await ana.csrf(),
        email: 'ana@evil.test',
        password: userPassword(''),
        current: 'x',
        new: 'y',
      }
      const answer = await ana.post(path, fields)
      expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'assisted.never'])
    }
    expect(await rows(`select email from vendor.person where id = 'per_marta'`)).toEqual([
      { email: 'marta@clinica-sol.test' },
    ])
  },
)

test('what an agent changes carries the agent, and is neither the user’s own act nor their sign-in', async () => {
  Object.assign(issuer.told, { sub: 'per_lukasz', ecosystemId: 'cli_wisniewski', powers: 'act' })
  const record = `select last_sign_in_at, last_activity_at from vendor.person join amparo_core.users on user_id = id where id = 'per_lukasz'`
  const before = await rows(record)
  const ana = browser()
  await ana.launch()
  const answer = await ana.post('/ecosystem', { csrf: await ana.csrf(), name: 'Gabinet W.', city: 'Leeds' })
  expect(answer.status).toBe(303)
  expect(
    await rows(`select person_id, acted_by, what from vendor.activity where clinic_id = 'cli_wisniewski' order by id`),
  ).toEqual([
    { person_id: 'per_lukasz', acted_by: 'ag_ana', what: 'assisted.opened' },
    { person_id: 'per_lukasz', acted_by: 'ag_ana', what: 'clinic.edited' },
  ])
  expect(await rows(record)).toEqual(before)
  expect(await (await ana.ask('/')).text()).toContain('Acme (support, for)')
})

test('an ended session shows the cover on its next request, clears no cookie, and stays ended', async () => {
  const ana = browser()
  await ana.launch()
  issuer.told.introspection = 'ended'
  for (const path of ['/', '/invoices', '/no-such-page']) {
    const answer = await ana.ask(path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
    const html = await answer.text()
    expect(html).toContain('La ayuda ha terminado')
    expect(html).toContain('href="http://localhost:4000"')
    expect(html).not.toContain('Marta')
  }
  issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(401)
  expect((await ana.ask('/', { headers: { accept: 'application/json' } })).headers.get('content-type')).toContain(
    'problem',
  )
})

test('while the issuer is silent nothing is shown, and help goes on when it speaks again', async () => {
  const ana = browser()
  await ana.launch()
  issuer.told.introspection = 'silent'
  const answer = await ana.ask('/')
  expect(answer.status).toBe(503)
  expect(await answer.text()).not.toContain('Marta')
  expect((await ana.ask('/assisted/status')).status).toBe(503)
  issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(200)
})

test('a cookie that we never gave is a session that has ended, not an ordinary visitor', async () => {
  const leo = browser()
  await leo.signIn('leo@clinica-sol.test')
  leo.jar.set('__Host-assisted', 'made-up')
  expect((await leo.ask('/')).status).toBe(401)
})

test('the status tells the banner alive with the time left, then ended', async () => {
  const ana = browser()
  expect((await ana.ask('/assisted/status')).status).toBe(401)
  await ana.launch()
  const alive = await ana.ask('/assisted/status')
  expect(alive.status).toBe(200)
  const { secondsLeft } = JSON.parse(await alive.text())
  expect(secondsLeft).toBeGreaterThan(670)
  issuer.told.introspection = 'ended'
  const ended = await ana.ask('/assisted/status')
  expect([ended.status, await ended.json()]).toEqual([401, { alive: false }])
})

test('End now needs the session’s own token, tells the issuer, and covers the page', async () => {
  const ana = browser()
  await ana.launch()
  const csrf = await ana.csrf()
  expect((await ana.post('/assisted/end', { csrf: 'guess' })).status).toBe(403)
  expect((await ana.post('/assisted/end', { csrf }, { origin: 'http://evil.test' })).status).toBe(403)
  expect((await ana.ask('/')).status).toBe(200)
  const answer = await ana.post('/assisted/end', { csrf })
  expect([answer.status, issuer.ended.at(-1)]).toEqual([200, `at-${issuer.sid()}`])
  expect(await answer.text()).toContain('La ayuda ha terminado')
  expect((await ana.ask('/')).status).toBe(401)
})

test('End now ends here also when the issuer does not answer, and says that it was not confirmed', async () => {
  const ana = browser()
  await ana.launch()
  Object.assign(issuer.told, { introspection: 'silent', end: 'no' })
  const answer = await ana.post('/assisted/end', {
    csrf: /value="([^"]+)"/.exec(await (await ana.ask('/')).text())?.[1] ?? '',
  })
  expect(answer.status).toBe(403)
  issuer.told.introspection = 'alive'
  const csrf = await ana.csrf()
  issuer.told.introspection = 'silent'
  expect(await (await ana.post('/assisted/end', { csrf })).text()).toContain('Amparo no confirmó el final')
  issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(401)
})

const notice = (token: string) =>
  fetch(`${origin}/assisted/logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) })

test('a back-channel logout ends the session at once, as often as it is repeated', async () => {
  const ana = browser()
  await ana.launch()
  const token = await issuer.logoutToken()
  for (let each = 0; each < 3; each += 1) {
    const answer = await notice(token)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  }
  expect((await ana.ask('/')).status).toBe(401)
})

test('an ending that is quicker than the beginning wins', async () => {
  const ana = browser()
  const url = await callbackOf(ana)
  expect((await notice(await issuer.logoutToken())).status).toBe(200)
  const answer = await ana.ask(url.href)
  expect(answer.status).toBe(401)
  expect(ana.jar.has('__Host-assisted')).toBe(false)
})

test('a logout token that is not one ends nothing', async () => {
  const ana = browser()
  await ana.launch()
  const tokens = [
    '',
    'a.b.c',
    await issuer.logoutToken({ sid: issuer.sid(), nonce: 'n' }),
    await issuer.logoutToken({}),
  ]
  for (const token of tokens) {
    const answer = await notice(token)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store'])
  }
  expect((await fetch(`${origin}/assisted/logout`, { method: 'POST' })).status).toBe(400)
  expect((await ana.ask('/')).status).toBe(200)
})
