import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { userPassword } from '../people.ts'
import { clientId } from '../vendor/issuer.testing.ts'
import { type Standing, standing } from '../vendor/testing.ts'
import { startWeb } from './web.ts'

let here: Standing
beforeAll(async () => {
  here = await standing(startWeb)
})
afterAll(() => here.close())
beforeEach(() => {
  const usual = {
    activity: 'taken',
    sub: 'per_marta',
    ecosystemId: 'cli_sol',
    powers: 'look',
    introspection: 'alive',
    end: 'yes',
  } as const
  Object.assign(here.issuer.told, { ...usual, act: true, refuses: false })
})

test('pages forbid inline scripts and styles, framing and caching, and hold none', async () => {
  const marta = here.browser()
  await marta.launch()
  const answer = await marta.ask('/')
  expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.text()).not.toMatch(/<style|<script(?! type="module" src=)|\sstyle=|\son[a-z]+=/)
})

test('a launch is begun only for the configured issuer', async () => {
  for (const iss of ['https://evil.test', `${here.issuer.issuer}/`, '']) {
    const someone = here.browser()
    const answer = await someone.ask(here.issuer.loginUrl({ iss }))
    expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([400, 'assisted.issuer'])
    expect(someone.jar.size).toBe(0)
  }
})

test('beginning a launch passes the hint on, and touches no session that is there', async () => {
  const leo = here.browser()
  await leo.signIn('leo@clinica-sol.test')
  const before = leo.jar.get('__Host-web')
  const answer = await leo.ask(here.issuer.loginUrl())
  const to = new URL(answer.headers.get('location') ?? '')
  expect(`${to.origin}${to.pathname}`).toBe(`${here.issuer.issuer}/authorize`)
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    client_id: clientId,
    response_type: 'code',
    code_challenge_method: 'S256',
    login_hint: 'hint-1',
    scope: 'openid support:read support:act',
    redirect_uri: `${here.origin}/assisted/callback`,
  })
  expect(leo.jar.get('__Host-web')).toBe(before)
  expect(await (await leo.ask('/me')).json()).toMatchObject({ user: { id: 'per_leo' }, assistedBy: null })
})

test('a hundred launches begun leave four in the jar', async () => {
  const someone = here.browser()
  for (let each = 0; each < 100; each += 1) await someone.ask(here.issuer.loginUrl())
  expect(someone.jar.size).toBe(4)
})

test('a launch lands signed in as the user, with both people named, where it was meant to', async () => {
  const ana = here.browser()
  const landed = await ana.launch(here.issuer.loginUrl({ target_link_uri: `${here.origin}/invoices` }))
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
  Object.assign(here.issuer.told, { sub: 'per_grace', ecosystemId: 'cli_sol' })
  const ana = here.browser()
  expect(await (await ana.launch()).text()).not.toContain('Northside')
  expect(await (await ana.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_sol', role: 'member' } })
  expect((await ana.post('/switch', { csrf: await ana.csrf(), clinic: 'cli_northside' })).status).toBe(403)
})

test('an ordinary session in the same browser is not used during help, and is untouched after it', async () => {
  const ana = here.browser()
  await ana.signIn('leo@clinica-sol.test')
  const own = ana.jar.get('__Host-web')
  await ana.launch()
  expect(await (await ana.ask('/me')).json()).toMatchObject({ user: { id: 'per_marta' } })
  expect((await ana.post('/sign-out', { csrf: await ana.csrf() })).status).toBe(403)
  expect((await ana.ask('/sign-in')).headers.get('location')).toBe(`${here.origin}/`)
  expect((await ana.signIn('leo@clinica-sol.test')).status).toBe(403)
  here.issuer.told.introspection = 'ended'
  expect((await ana.ask('/me')).status).toBe(401)
  expect((await ana.post('/assisted/leave', {})).status).toBe(303)
  expect(ana.jar.get('__Host-web')).toBe(own)
  expect(await (await ana.ask('/me')).json()).toMatchObject({ user: { id: 'per_leo' }, assistedBy: null })
})

test('each launch gets a session of its own, and the earlier cookie of that browser opens nothing', async () => {
  const ana = here.browser()
  await ana.launch()
  const earlier = ana.jar.get('__Host-assisted') ?? ''
  await ana.launch()
  expect(ana.jar.get('__Host-assisted')).not.toBe(earlier)
  ana.jar.set('__Host-assisted', earlier)
  expect((await ana.ask('/')).status).toBe(401)
})

const callbackOf = async (someone: ReturnType<Standing['browser']>): Promise<URL> => {
  const begun = await someone.ask(here.issuer.loginUrl())
  const answer = await someone.ask(begun.headers.get('location') ?? '')
  return new URL(answer.headers.get('location') ?? '')
}
const spoilt: Record<string, (url: URL, someone: ReturnType<Standing['browser']>) => void> = {
  'without iss': (url) => url.searchParams.delete('iss'),
  'of another issuer': (url) => url.searchParams.set('iss', 'https://evil.test'),
  'with another state': (url) => url.searchParams.set('state', 'A'.repeat(43)),
  'without state': (url) => url.searchParams.delete('state'),
  'without code': (url) => url.searchParams.delete('code'),
  'in another browser': (_url, someone) => someone.jar.clear(),
  'of a token without act': () => Object.assign(here.issuer.told, { act: false }),
  'of a token for somebody else': () => Object.assign(here.issuer.told, { introspection: 'another user' }),
  'of a token that has ended': () => Object.assign(here.issuer.told, { introspection: 'ended' }),
}
test.each(Object.entries(spoilt))('an answer %s opens nothing', async (_name, spoil) => {
  const someone = here.browser()
  const url = await callbackOf(someone)
  spoil(url, someone)
  const answer = await someone.ask(url.href)
  expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'assisted.refused'])
  expect(someone.jar.has('__Host-assisted')).toBe(false)
})

test('an answer is taken once', async () => {
  const ana = here.browser()
  const url = await callbackOf(ana)
  expect((await ana.ask(url.href)).status).toBe(303)
  expect((await ana.ask(url.href)).status).toBe(403)
})

test('a launch that the issuer refuses, or for a person unknown here, opens nothing and creates nobody', async () => {
  const ana = here.browser()
  here.issuer.told.refuses = true
  expect((await ana.launch()).status).toBe(403)
  Object.assign(here.issuer.told, { refuses: false, sub: 'per_stranger' })
  expect((await ana.launch()).headers.get('amparo-refusal')).toBe('assisted.unknown_user')
  expect(ana.jar.has('__Host-assisted')).toBe(false)
  expect(await here.rows(`select id from vendor.person where id = 'per_stranger'`)).toEqual([])
})

const marta = async () =>
  (await here.rows(`select name, email from vendor.person where id = 'per_marta'`)).concat(
    await here.rows(`select name, city from vendor.clinic where id = 'cli_sol'`),
  )
const fields = { name: 'X', city: 'Y', email: 'ana@evil.test', password: userPassword(''), current: 'x', new: 'y' }

test.each([
  ['POST', '/ecosystem', 'look', 'change'],
  ...(['look', 'act'] as const).flatMap((powers) => [
    ['POST', '/members/invite', powers, 'invitations'] as const,
    ['POST', '/profile/email', powers, 'email'] as const,
    ['POST', '/profile/password', powers, 'password'] as const,
    ['POST', '/switch', powers, 'own_sign_in'] as const,
    ['POST', '/sign-out', powers, 'own_sign_in'] as const,
    ['POST', '/sign-in', powers, 'own_sign_in'] as const,
    ['POST', '/anything', powers, 'undeclared'] as const,
    ['DELETE', '/ecosystem', powers, 'undeclared'] as const,
  ]),
] as const)(
  '%s %s with the power %s is refused as %s, in the banner and to programs, and changes nothing',
  async (...row) => {
    const [method, path, powers, act] = row
    here.issuer.told.powers = powers
    const before = await marta()
    const ana = here.browser()
    await ana.launch()
    const csrf = await ana.csrf()
    const init = { method, body: new URLSearchParams({ ...fields, csrf }), headers: { origin: here.origin } }
    const answer = await ana.ask(path, init)
    expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'power.not_granted'])
    expect(await answer.text()).toMatch(/role="status" id="said">(El usuario aceptó|Soporte no puede)/)
    const headers = { ...init.headers, accept: 'application/json' }
    const problem = await ana.ask(path, { ...init, body: new URLSearchParams({ ...fields, csrf }), headers })
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect(await problem.json()).toMatchObject({ status: 403, code: 'power.not_granted', act })
    expect(await (await ana.ask('/assisted/status')).json()).toMatchObject({ refusals: 2, refused: expect.any(String) })
    expect(await marta()).toEqual(before)
  },
)

test('what an agent changes carries the agent, and is neither the user’s own act nor their sign-in', async () => {
  Object.assign(here.issuer.told, { sub: 'per_lukasz', ecosystemId: 'cli_wisniewski', powers: 'act' })
  const record = `select last_sign_in_at, last_activity_at from vendor.person join amparo_core.users on user_id = id where id = 'per_lukasz'`
  const before = await here.rows(record)
  const ana = here.browser()
  await ana.launch()
  const answer = await ana.post('/ecosystem', { csrf: await ana.csrf(), name: 'Gabinet W.', city: 'Leeds' })
  expect(answer.status).toBe(303)
  expect(
    await here.rows(
      `select person_id, acted_by, what from vendor.activity where clinic_id = 'cli_wisniewski' order by id`,
    ),
  ).toEqual([
    { person_id: 'per_lukasz', acted_by: 'ag_ana', what: 'assisted.opened' },
    { person_id: 'per_lukasz', acted_by: 'ag_ana', what: 'clinic.edited' },
  ])
  expect(await here.rows(record)).toEqual(before)
  expect(
    await here.rows(`select distinct acted_by_name from vendor.activity where clinic_id = 'cli_wisniewski'`),
  ).toEqual([{ acted_by_name: 'Ana Robles' }])
  const log = (await (await ana.ask('/')).text()).replace(/<[^>]*>/g, '')
  expect(log).toContain('Ana Robles (Acme support) edited the ecosystem for Łukasz Wiśniewski')
  expect(log).toContain('Ana Robles (Acme support) opened the account to help Łukasz Wiśniewski')
})

test('an ended session shows the cover on its next request, clears no cookie, and stays ended', async () => {
  const ana = here.browser()
  await ana.launch()
  here.issuer.told.introspection = 'ended'
  for (const path of ['/', '/invoices', '/no-such-page']) {
    const answer = await ana.ask(path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
    const html = await answer.text()
    expect(html).toContain('La ayuda ha terminado')
    expect(html).toContain('href="http://localhost:4000"')
    expect(html).not.toContain('Marta')
  }
  here.issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(401)
  expect((await ana.ask('/', { headers: { accept: 'application/json' } })).headers.get('content-type')).toContain(
    'problem',
  )
})

test('while the issuer is silent nothing is shown, and help goes on when it speaks again', async () => {
  const ana = here.browser()
  await ana.launch()
  here.issuer.told.introspection = 'silent'
  const answer = await ana.ask('/')
  expect(answer.status).toBe(503)
  expect(await answer.text()).not.toContain('Marta')
  expect((await ana.ask('/assisted/status')).status).toBe(503)
  here.issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(200)
})

test('a cookie that we never gave is a session that has ended, not an ordinary visitor', async () => {
  const leo = here.browser()
  await leo.signIn('leo@clinica-sol.test')
  leo.jar.set('__Host-assisted', 'made-up')
  expect((await leo.ask('/')).status).toBe(401)
})

test('the status tells the banner alive with the time left, then ended', async () => {
  const ana = here.browser()
  expect((await ana.ask('/assisted/status')).status).toBe(401)
  await ana.launch()
  const alive = await ana.ask('/assisted/status')
  expect(alive.status).toBe(200)
  const { secondsLeft } = JSON.parse(await alive.text())
  expect(secondsLeft).toBeGreaterThan(670)
  here.issuer.told.introspection = 'ended'
  const ended = await ana.ask('/assisted/status')
  expect([ended.status, await ended.json()]).toEqual([401, { alive: false }])
})

test('End now needs the session’s own token, tells the issuer, and covers the page', async () => {
  const ana = here.browser()
  await ana.launch()
  const csrf = await ana.csrf()
  expect((await ana.post('/assisted/end', { csrf: 'guess' })).status).toBe(403)
  expect((await ana.post('/assisted/end', { csrf }, { origin: 'http://evil.test' })).status).toBe(403)
  expect((await ana.ask('/')).status).toBe(200)
  const answer = await ana.post('/assisted/end', { csrf })
  expect([answer.status, here.issuer.ended.at(-1)]).toEqual([200, `at-${here.issuer.sid()}`])
  expect(await answer.text()).toContain('La ayuda ha terminado')
  expect((await ana.ask('/')).status).toBe(401)
})

test('End now ends here also when the issuer does not answer, and says that it was not confirmed', async () => {
  const ana = here.browser()
  await ana.launch()
  const csrf = await ana.csrf()
  Object.assign(here.issuer.told, { introspection: 'silent', end: 'no' })
  expect(await (await ana.post('/assisted/end', { csrf })).text()).toContain('Amparo no confirmó el final')
  here.issuer.told.introspection = 'alive'
  expect((await ana.ask('/')).status).toBe(401)
})

const notice = (token: string) =>
  fetch(`${here.origin}/assisted/logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) })

test('a back-channel logout ends the session at once, as often as it is repeated', async () => {
  const ana = here.browser()
  await ana.launch()
  const token = await here.issuer.logoutToken()
  for (let each = 0; each < 3; each += 1) {
    const answer = await notice(token)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  }
  expect((await ana.ask('/')).status).toBe(401)
})

test('an ending that is quicker than the beginning wins', async () => {
  const ana = here.browser()
  const url = await callbackOf(ana)
  expect((await notice(await here.issuer.logoutToken())).status).toBe(200)
  const answer = await ana.ask(url.href)
  expect(answer.status).toBe(401)
  expect(ana.jar.has('__Host-assisted')).toBe(false)
})

test('a logout token that is not one ends nothing', async () => {
  const ana = here.browser()
  await ana.launch()
  const tokens = [
    '',
    'a.b.c',
    await here.issuer.logoutToken({ sid: here.issuer.sid(), nonce: 'n' }),
    await here.issuer.logoutToken({}),
  ]
  for (const token of tokens) {
    const answer = await notice(token)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store'])
  }
  expect((await fetch(`${here.origin}/assisted/logout`, { method: 'POST' })).status).toBe(400)
  expect((await ana.ask('/')).status).toBe(200)
})

test('a page is told as opened whatever the request says that it is for, and its pictures are not', async () => {
  here.issuer.reported.length = 0
  const ana = here.browser()
  await ana.launch()
  const claimed = (path: string) => ana.ask(path, { headers: { 'sec-fetch-dest': 'image' } })
  expect((await claimed('/static/mark.svg')).headers.get('content-type')).toContain('image/svg+xml')
  expect(await (await claimed('/invoices')).text()).toContain('SOL-2026-005')
  expect(await (await claimed('/me')).json()).toMatchObject({ user: { id: 'per_marta' } })
  await ana.post('/assisted/end', { csrf: await ana.csrf() })
  expect(here.issuer.reported.flatMap(({ acts }) => acts.map(({ what }) => what.en))).toEqual([
    'opened the home page',
    'opened the invoices',
    'opened a page',
    'opened the profile',
  ])
})

test('what was done is reported with its words, and the running count is what was done', async () => {
  Object.assign(here.issuer.told, { sub: 'per_lukasz', ecosystemId: 'cli_wisniewski', powers: 'act' })
  here.issuer.reported.length = 0
  const ana = here.browser()
  await ana.launch()
  here.issuer.told.activity = 'later'
  await ana.ask('/invoices')
  await ana.ask('/no-such-page')
  await ana.post('/profile/email', { csrf: await ana.csrf('/members') })
  here.issuer.told.activity = 'taken'
  const csrf = await ana.csrf()
  await ana.post('/ecosystem', { csrf, name: 'Gabinet W.', city: 'Leeds' })
  await ana.post('/assisted/end', { csrf })
  const all = here.issuer.reported.flatMap(({ acts }) => acts.map(({ what }) => what.en))
  expect(all).toEqual([
    'opened the home page',
    'opened the invoices',
    'opened the list of members',
    'opened the profile',
    'edited the ecosystem’s name and city',
  ])
  expect(here.issuer.reported.at(-1)).toMatchObject({ token: `at-${here.issuer.sid()}`, count: 5 })
})
