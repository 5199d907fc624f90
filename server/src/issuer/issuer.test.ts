import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { newToken } from '../secrets.ts'
import { closeSurface } from '../surfaces/surfaces.flow.ts'
import { type Agreed, anAgent, anAssistance, eventsOf } from '../surfaces/testing.ts'
import type { AssistanceId } from '../words.ts'
import { aBrowser, aWorld, type Browser, exchanged, type Page, type SignedIn, served, type World } from './testing.ts'

let world: World
let agent: Caller
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  agent = await anAgent(world.fresh.db)
  world.products.request = () => {}
})

const assist = (agreed: Agreed = {}, by = agent) =>
  anAssistance(world.fresh.db, world.secrets, by, { surfaces: ['store', 'web', 'kiosk'], ...agreed })
const userOf = async (id: AssistanceId) =>
  (await world.fresh.db.query<{ user_id: string }>('select user_id from assistance where id = $1', [id]))[0]?.user_id

/** Presses the button: ticket, form POST to the issuer, and on to wherever the browser is sent. */
async function press(browser: Browser, id: AssistanceId, surface = 'web', by = agent, stopAt?: string): Promise<Page> {
  const ticket = await world.ticket(id, surface, by)
  return browser.post(`${world.origin}/launch`, { ticket }, stopAt ? { stopAt } : {})
}
async function signIn(browser: Browser, id: AssistanceId, surface = 'web', by = agent): Promise<SignedIn> {
  const page = await press(browser, id, surface, by)
  expect(page.status, page.body).toBe(200)
  return JSON.parse(page.body)
}
/** The button, as far as the surface's callback but not into it: the code is still unused. */
async function uptoCode(id: AssistanceId, surface = 'web') {
  const page = await press(aBrowser(), id, surface, agent, '/cb/')
  const url = new URL(page.url)
  const state = url.searchParams.get('state') ?? ''
  return { exchange: () => exchanged(world.products, surface, url, state) }
}
const introspect = async (token: string, surface = 'web') =>
  oidc.tokenIntrospection(await world.products.configuration(surface), token)
const userinfo = (token: string) => fetch(`${world.origin}/userinfo`, { headers: { authorization: `Bearer ${token}` } })
const why = async (id: AssistanceId) =>
  (await eventsOf(world.fresh.db, id)).filter((event) => event.type === 'launch.refused').map((event) => event.data)
const asked = (path: string, form: Record<string, string>, as?: { id: string; secret: string }) =>
  fetch(`${world.origin}${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: as
      ? { authorization: `Basic ${btoa(`${encodeURIComponent(as.id)}:${encodeURIComponent(as.secret)}`)}` }
      : {},
  })
const textAt = async (path: string) => (await fetch(`${world.origin}${path}`)).text()
const clientFor = (surface: string) => {
  const client = world.surfaces.find((one) => one.id === surface)?.client
  if (!client?.secret) throw new Error(surface)
  return { ...client, secret: client.secret }
}

describe('a stock client, registered by configuration only', () => {
  test('ends up signed in as the user, with the same `act` in ID token, introspection and userinfo', async () => {
    const id = await assist({ powers: 'act' })
    const { claims, accessToken, refreshToken, scope } = await signIn(aBrowser(), id)
    const who = {
      sub: await userOf(id),
      act: { sub: agent.agentId, name: agent.name },
      sid: expect.stringMatching(/^[\w-]{43}$/),
      acr: 'urn:amparo:assisted:code:read_aloud',
      amr: ['otp'],
      assistance_id: id,
      ecosystem_id: 'eco_sol',
      powers: 'act',
    }
    expect(claims).toMatchObject({ ...who, iss: world.origin, aud: 'client-web' })
    expect(scope).toBe('openid support:read support:act')
    expect(refreshToken).toBeUndefined()
    const answered = await userinfo(accessToken)
    expect(answered.status).toBe(200)
    const told = await answered.json()
    expect(told).toEqual(who)
    expect(told).toMatchObject({ sid: claims.sid })

    const proofs = { passkey: ['pop', 'user', 'mfa'], totp: ['otp', 'mfa'], code: ['otp'] }
    for (const [method, amr] of Object.entries(proofs)) {
      await world.fresh.db.query('update assistance set agent_method = $2 where id = $1', [id, method])
      const how = { acr: `urn:amparo:assisted:${method}:read_aloud`, amr }
      expect(await (await userinfo(accessToken)).json()).toMatchObject(how)
      expect(await introspect(accessToken)).toMatchObject(how)
    }
    const now = await introspect(accessToken)
    expect(now).toMatchObject({
      ...who,
      sid: claims.sid,
      active: true,
      client_id: 'client-web',
      scope,
      token_type: 'Bearer',
      iss: world.origin,
      ecosystem_name: 'Name of eco_sol',
      user_name: `Name of ${await userOf(id)}`,
      reason: 'fault in es: The invoice will not open',
      locale: 'es',
    })
    expect(now.exp).toBeGreaterThan(Date.now() / 1000 + 3500)
    expect(now.ends_at).toBe(now.idle_at)
  })

  test('gets a look only where the user agreed to a look, whatever it asks for', async () => {
    world.products.request = (parameters) => parameters.set('scope', 'openid support:act offline_access profile')
    const { accessToken, refreshToken, scope, claims } = await signIn(aBrowser(), await assist())
    expect(scope).toBe('openid support:read')
    expect(refreshToken).toBeUndefined()
    expect(claims.powers).toBe('look')
    expect((await introspect(accessToken)).scope).toBe('openid support:read')
  })

  test('has one without back-channel logout the same claims, `sid` among them', async () => {
    const { claims, accessToken } = await signIn(aBrowser(), await assist(), 'kiosk')
    expect((await introspect(accessToken, 'kiosk')).sid).toBe(claims.sid)
    expect(claims.sid).toMatch(/^[\w-]{43}$/)
  })

  test('finds in discovery what there is, and nothing more', async () => {
    const metadata: object = JSON.parse(await textAt('/.well-known/openid-configuration'))
    expect(metadata).toMatchObject({
      issuer: world.origin,
      authorization_endpoint: `${world.origin}/authorize`,
      token_endpoint: `${world.origin}/token`,
      userinfo_endpoint: `${world.origin}/userinfo`,
      jwks_uri: `${world.origin}/jwks`,
      introspection_endpoint: `${world.origin}/introspect`,
      revocation_endpoint: `${world.origin}/revoke`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'none'],
      dpop_signing_alg_values_supported: ['ES256'],
      id_token_signing_alg_values_supported: ['ES256'],
      scopes_supported: ['openid', 'support:read', 'support:act'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    })
    const endpoints = Object.keys(metadata).filter((name) => name.endsWith('_endpoint'))
    expect(endpoints.sort()).toEqual(
      ['authorization', 'introspection', 'revocation', 'token', 'userinfo'].map((name) => `${name}_endpoint`),
    )
    const { keys } = JSON.parse(await textAt('/jwks'))
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
    expect(keys[0].d).toBeUndefined()
  })
})

describe('a launch is for one user, one surface, one browser', () => {
  test('a ticket for B never yields A', async () => {
    const browser = aBrowser()
    const other = await anAgent(world.fresh.db, 'Another agent')
    const [a, b] = [await assist(), await assist({}, other)]
    const first = await signIn(browser, a)
    const second = await signIn(browser, b, 'web', other)
    const third = await signIn(browser, b, 'store', other)
    expect(first.claims).toMatchObject({ sub: await userOf(a), act: { sub: agent.agentId }, assistance_id: a })
    for (const { claims } of [second, third]) {
      expect(claims).toMatchObject({ sub: await userOf(b), act: { sub: other.agentId }, assistance_id: b })
    }
    expect(await introspect(first.accessToken)).toMatchObject({ active: true, sub: await userOf(a) })
  })

  test('the next user of the same agent in the same browser is the next user', async () => {
    const browser = aBrowser()
    const a = await assist()
    await signIn(browser, a)
    await close(world.fresh.db, a, { because: 'finished', actor: { kind: 'agent', id: agent.agentId } })
    const b = await assist()
    expect((await signIn(browser, b)).claims).toMatchObject({ sub: await userOf(b), assistance_id: b })
  })

  test('each launch has a `sid` of its own, and no session is left in the browser', async () => {
    const browser = aBrowser()
    const id = await assist()
    const sids = [await signIn(browser, id), await signIn(browser, id), await signIn(browser, id, 'store')]
    expect(new Set(sids.map(({ claims }) => claims.sid)).size).toBe(3)
    expect(browser.seen.filter((line) => line.startsWith('_session'))).toEqual([])
    expect(browser.seen.some((line) => line.startsWith('__Host-launch-'))).toBe(true)
    for (const line of browser.seen) expect(line.toLowerCase()).toMatch(/httponly/)
  })

  test('no ticket, no sign-in: not at first, and not after one', async () => {
    const browser = aBrowser()
    const id = await assist()
    const begin = `${world.products.origin}/login/web`
    expect((await browser.visit(begin)).status).toBe(404)
    await signIn(browser, id)
    const again = await browser.visit(begin)
    expect(again.status).toBe(404)
    expect(again.url).toContain('/authorize?')
    expect((await browser.visit(`${world.products.origin}/login/store`)).status).toBe(404)
    world.products.request = (parameters) => parameters.set('prompt', 'none')
    expect(JSON.parse((await browser.visit(begin)).body)).toEqual({ error: 'login_required' })
    world.products.request = (parameters) => parameters.set('prompt', 'login')
    expect((await browser.visit(begin)).status).toBe(404)
  })

  test('a made-up ticket and a made-up hint open nothing', async () => {
    const browser = aBrowser()
    const page = await browser.post(`${world.origin}/launch`, { ticket: newToken() })
    expect(page.status).toBe(404)
    expect(page.body).toContain('launch.unknown')
    expect((await browser.visit(`${world.products.origin}/login/web?login_hint=${newToken()}`)).status).toBe(404)
  })

  test('of a sign-in without a launch nothing is kept, however often it is begun', async () => {
    const kept = async () => (await world.fresh.db.query('select from artifact')).length
    const before = await kept()
    const begin = () => aBrowser().visit(`${world.products.origin}/login/web?login_hint=${newToken()}`)
    const pages = await Promise.all(Array.from({ length: 20 }, begin))
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([404]))
    expect(await kept()).toBe(before)
  })

  test('a used ticket opens nothing, and neither does a used hint', async () => {
    const browser = aBrowser()
    const id = await assist()
    const ticket = await world.ticket(id, 'web', agent)
    const opening = await fetch(`${world.origin}/launch`, {
      method: 'POST',
      body: new URLSearchParams({ ticket }),
      headers: { origin: 'http://localhost:4999' },
    })
    expect(opening.status).toBe(200)
    const used = await browser.post(`${world.origin}/launch`, { ticket })
    expect(used.status).toBe(410)
    expect(used.body).toContain('launch.spent')

    const page = await press(browser, id, 'web', agent, '/login/')
    expect((await browser.visit(page.url)).status).toBe(200)
    expect((await browser.visit(page.url)).status).toBe(403) // Its cookie went with the first use.
    expect(await why(id)).toMatchObject([{ why: 'launch.spent' }, { why: 'elsewhere' }])
  })

  test('a hint in another browser is refused, recorded as that, and does not spoil the agent’s own', async () => {
    const mine = aBrowser()
    const id = await assist()
    const { url } = await press(mine, id, 'web', agent, '/login/')
    const thief = await aBrowser().visit(url)
    expect(thief.status).toBe(403)
    expect(thief.body).toContain('launch.elsewhere')
    expect(await why(id)).toMatchObject([{ surface: 'web', why: 'elsewhere' }])
    expect((await mine.visit(url)).status).toBe(200)
  })

  test('a hint at another client opens nothing', async () => {
    const browser = aBrowser()
    const id = await assist()
    const { url } = await press(browser, id, 'web', agent, '/login/')
    expect((await browser.visit(url.replace('/login/web', '/login/store'))).status).toBe(404)
    expect(await why(id)).toMatchObject([{ why: 'other_surface' }])
  })

  test.each(['https://evil.test', 'null', 'http://localhost:4999.evil.test', 'http://LOCALHOST:4999'])(
    'a page of %s cannot push a ticket into a browser',
    async (origin) => {
      const ticket = await world.ticket(await assist(), 'web', agent)
      const pushed = await aBrowser().post(`${world.origin}/launch`, { ticket }, { origin })
      expect(pushed.status).toBe(403)
      expect(pushed.headers.getSetCookie()).toEqual([])
      expect((await aBrowser().post(`${world.origin}/launch`, { ticket }, { stopAt: '/login' })).status).toBe(0)
    },
  )

  test('without an Origin no ticket is taken', async () => {
    const ticket = await world.ticket(await assist(), 'web', agent)
    expect((await asked('/launch', { ticket })).status).toBe(403)
  })

  test('the answer to a ticket is a page that keeps and tells nothing, and goes on to the surface', async () => {
    const answer = await fetch(`${world.origin}/launch`, {
      method: 'POST',
      body: new URLSearchParams({ ticket: await world.ticket(await assist(), 'web', agent) }),
      headers: { origin: 'http://localhost:4999' },
    })
    const refresh = new URL(answer.headers.get('refresh')?.replace('0; url=', '') ?? '')
    expect(refresh.origin + refresh.pathname).toBe(`${world.products.origin}/login/web`)
    expect([...refresh.searchParams.keys()]).toEqual(['iss', 'login_hint', 'target_link_uri'])
    expect(refresh.searchParams.get('iss')).toBe(world.origin)
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-launch-la_[0-9a-z]{24}=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=60$/,
      ),
    ])
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'; form-action 'none'; base-uri 'none'$/,
    )
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('once', () => {
  test('a hint redeemed twenty times at the same time: one', async () => {
    const browser = aBrowser()
    const id = await assist()
    const { url } = await press(browser, id, 'web', agent, '/login/')
    const authorize = (await browser.visit(url, '/authorize')).url
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.visit(authorize, '/cb/')))
    expect(pages.filter((page) => page.url.includes('/cb/') && page.url.includes('code='))).toHaveLength(1)
    expect(await world.fresh.db.query('select from surface_session where assistance_id = $1', [id])).toHaveLength(1)
  })

  test('an authorization code redeemed twenty times at the same time: one, and its token works', async () => {
    const id = await assist()
    const { exchange } = await uptoCode(id)
    const settled = await Promise.allSettled(Array.from({ length: 20 }, exchange))
    const won = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(won).toHaveLength(1)
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ error: 'invalid_grant' })
    expect(await introspect(won[0]?.accessToken ?? '')).toMatchObject({ active: true })
  })

  test('a code that comes back later is a replay, and ends the session that came of it', async () => {
    const id = await assist()
    const { exchange } = await uptoCode(id)
    const { accessToken } = await exchange()
    await world.fresh.advance(10_000)
    await expect(exchange()).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(await introspect(accessToken)).toEqual({ active: false })
    expect((await eventsOf(world.fresh.db, id)).at(-1)).toMatchObject({
      type: 'surface.closed',
      data: { why: 'code_replayed' },
    })
  })

  test('a code is dead after a minute', async () => {
    const { exchange } = await uptoCode(await assist())
    await world.fresh.advance(60_000)
    await expect(exchange()).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test.each([
    ['no PKCE', (p: URLSearchParams) => [p.delete('code_challenge'), p.delete('code_challenge_method')]],
    ['plain PKCE', (p: URLSearchParams) => p.set('code_challenge_method', 'plain')],
  ])('%s is refused', async (_name, change) => {
    world.products.request = change
    const page = await press(aBrowser(), await assist())
    expect(JSON.parse(page.body)).toEqual({ error: 'invalid_request' })
  })

  test.each(['form_post', 'fragment'])('response mode %s is refused', async (mode) => {
    world.products.request = (parameters) => parameters.set('response_mode', mode)
    const page = await press(aBrowser(), await assist(), 'web', agent, '/cb/')
    expect(page.url + page.body).toMatch(/unauthorized_client|invalid_request|unsupported_response_mode/)
    expect(page.url).not.toContain('code=')
  })

  test.each([
    ['without PKCE', (parameters) => parameters.delete('code_challenge')],
    ['with PKCE in plain text', (parameters) => parameters.set('code_challenge_method', 'plain')],
    ['that names no method', (parameters) => parameters.delete('code_challenge_method')],
  ] satisfies readonly [string, (parameters: URLSearchParams) => void][])(
    'a request %s gets no code',
    async (_what, change) => {
      world.products.request = change
      const page = await press(aBrowser(), await assist(), 'web', agent, '/cb/')
      expect(page.url).toMatch(/error=invalid_request&/)
      expect(page.url).not.toContain('code=')
    },
  )

  test.each([
    ['another host', (uri) => uri.replace('127.0.0.1', 'localhost')],
    ['another port', (uri) => uri.replace(/:(\d+)\//, ':1/')],
    ['something behind it', (uri) => `${uri}/../evil`],
    ['a query', (uri) => `${uri}?x=1`],
    ['other letters', (uri) => uri.toUpperCase()],
  ] satisfies readonly [string, (uri: string) => string][])(
    'a redirect address with %s is gone to by nobody',
    async (_what, change) => {
      world.products.request = (parameters) =>
        parameters.set('redirect_uri', change(parameters.get('redirect_uri') ?? ''))
      const page = await press(aBrowser(), await assist(), 'web', agent, '/cb/')
      expect(new URL(page.url).pathname).toBe('/authorize')
      expect(page.body).toMatch(/redirect_uri/)
    },
  )

  test.each([['code id_token'], ['id_token'], ['token'], ['none']])('response type %s is refused', async (type) => {
    world.products.request = (parameters) => parameters.set('response_type', type)
    const page = await press(aBrowser(), await assist(), 'web', agent, '/cb/')
    expect(page.url).toMatch(/error=(unsupported_response_type|invalid_request)&/)
    expect(page.url).not.toContain('code=')
  })
})

describe('after the end', () => {
  const endings: readonly [string, (id: AssistanceId) => Promise<unknown>][] = [
    ['a stop', (id) => close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })],
    ['fifteen idle minutes', () => world.fresh.advance(15 * 60_000)],
    [
      'the agent’s sign-out',
      () => world.fresh.db.query('update agent_session set ended_at = app_now() where id = $1', [agent.sessionId]),
    ],
    [
      'the agent’s deactivation',
      () => world.fresh.db.query('update agent set deactivated_at = app_now() where id = $1', [agent.agentId]),
    ],
    ['closing that surface', (id) => closeSurface({ db: world.fresh.db }, agent, id, 'web')],
  ]
  test.each(endings)('by %s the token is dead everywhere, and so is a code', async (_name, end) => {
    const id = await assist()
    const { accessToken } = await signIn(aBrowser(), id)
    const { exchange } = await uptoCode(id)
    expect(await introspect(accessToken)).toMatchObject({ active: true })
    await end(id)
    expect(await introspect(accessToken)).toEqual({ active: false })
    expect((await userinfo(accessToken)).status).toBe(401)
    await expect(exchange()).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('14:59 is alive, 15:00 is not', async () => {
    const id = await assist()
    const { accessToken } = await signIn(aBrowser(), id)
    await world.fresh.db.query(
      `update assistance set user_seen_at = app_now() - interval '14 minutes 58 seconds' where id = $1`,
      [id],
    )
    expect(await introspect(accessToken)).toMatchObject({ active: true })
    await world.fresh.advance(2_000)
    expect(await introspect(accessToken)).toEqual({ active: false })
  })

  test('a launch on its way opens nothing', async () => {
    const browser = aBrowser()
    const id = await assist()
    const { url } = await press(browser, id, 'web', agent, '/login/')
    const ticket = await world.ticket(id, 'web', agent)
    await close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
    for (const page of [await browser.visit(url), await browser.post(`${world.origin}/launch`, { ticket })]) {
      expect(page.status).toBe(410)
      expect(page.body).toContain('assistance.closed')
    }
  })

  test('beside exchanges of codes a close leaves no token alive, whoever is first', async () => {
    for (let round = 0; round < 8; round += 1) {
      agent = await anAgent(world.fresh.db)
      const id = await assist()
      const { exchange } = await uptoCode(id)
      const [tokens] = await Promise.allSettled([
        exchange(),
        close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } }),
      ])
      if (tokens?.status === 'fulfilled') expect(await introspect(tokens.value.accessToken)).toEqual({ active: false })
    }
  })
})

test('while nothing can be recorded every question is a 503 and nothing opens; then what was alive is alive', async () => {
  const id = await assist()
  const { accessToken } = await signIn(aBrowser(), id)
  const client = clientFor('web')
  const ticket = await world.ticket(id, 'web', agent)
  world.record.isWell = false
  try {
    const answers = [
      await asked('/introspect', { token: accessToken }, client),
      await asked('/launch', { ticket }),
      await asked('/token', { grant_type: 'authorization_code', code: newToken() }, client),
      await userinfo(accessToken),
    ]
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '1', '1', '1'])
  } finally {
    world.record.isWell = true
  }
  expect(await introspect(accessToken)).toMatchObject({ active: true })
})

describe('what a surface may ask and say', () => {
  test('only about its own tokens: another client’s token is inactive, and nobody is told why', async () => {
    const { accessToken } = await signIn(aBrowser(), await assist())
    expect(await introspect(accessToken, 'store')).toEqual({ active: false })
    expect(await introspect(newToken())).toEqual({ active: false })
    for (const path of ['/end', '/revoke']) await asked(path, { token: accessToken }, clientFor('store'))
    expect(await introspect(accessToken)).toMatchObject({ active: true })
  })

  test.each(['/introspect', '/end', '/revoke'])('%s is for clients that prove themselves', async (path) => {
    const { accessToken: token } = await signIn(aBrowser(), await assist())
    const { id, secret } = clientFor('web')
    for (const as of [undefined, { id, secret: 'wrong' }, { id: 'nobody', secret }, { id: 'nobody', secret: '' }]) {
      const answer = await asked(path, { token }, as)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ error: 'invalid_client' })
    }
    expect((await asked(path, { token, client_id: id, client_secret: secret })).status).toBe(401)
    expect((await asked(path, {}, clientFor('web'))).status).toBe(400)
    expect(await introspect(token)).toMatchObject({ active: true })
  })

  test('while a product’s secret changes both are taken, and afterwards only the new one, everywhere', async () => {
    const { id: clientId, secret: old } = clientFor('web')
    const next = 'the next secret of web: 100% & +'
    const [row] = await world.fresh.db.query<{ until: Date }>(`select app_now() + interval '5 minutes' as until`)
    const surfaces = world.surfaces.map((one) =>
      one.id === 'web' && one.client && row
        ? { ...one, client: { ...one.client, secret: next, former: { secret: old, until: row.until } } }
        : one,
    )
    const changing = await served(world.another(surfaces).callback)
    const at = async (path: string, secret: string, form: Record<string, string>) => {
      const authorization = `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}`
      const body = new URLSearchParams(form)
      const answer = await fetch(`${changing.origin}${path}`, { method: 'POST', body, headers: { authorization } })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const id = await assist()
    /** A sign-in as far as its code, which is still unused. */
    const code = async () => {
      const url = new URL((await press(aBrowser(), id, 'web', agent, '/cb/')).url)
      const flow = world.products.flows.get(url.searchParams.get('state') ?? '')
      return {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        code_verifier: flow?.verifier ?? '',
        redirect_uri: `${url.origin}${url.pathname}`,
      }
    }
    const { accessToken: token } = await signIn(aBrowser(), id)
    for (const secret of [old, next, old])
      expect(await at('/introspect', secret, { token })).toMatchObject({ status: 200, body: { active: true } })
    expect((await at('/introspect', 'neither', { token })).status).toBe(401)
    for (const secret of [old, next]) expect((await at('/token', secret, await code())).status).toBe(200)
    expect(world.logged.splice(0)).toEqual([
      { message: 'a product still shows its former secret', about: { surface: 'web' } },
    ])

    await world.fresh.advance(5 * 60_000)
    const late = await code()
    for (const [path, form] of [
      ['/introspect', { token }],
      ['/end', { token }],
      ['/token', late],
    ] as const)
      expect(await at(path, old, form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(await at('/introspect', next, { token })).toMatchObject({ status: 200, body: { active: true } })
    expect((await at('/token', next, late)).status).toBe(200)
    await changing.close()
  })

  test('`End now` ends the whole assistance as cancelled, by that surface', async () => {
    const id = await assist()
    const browser = aBrowser()
    const [web, store] = [await signIn(browser, id), await signIn(browser, id, 'store')]
    const answer = await asked('/end', { token: web.accessToken }, clientFor('web'))
    expect([answer.status, await answer.json()]).toEqual([200, { active: false }])
    expect(await introspect(store.accessToken, 'store')).toEqual({ active: false })
    const [row] = await world.fresh.db.query('select state, because from assistance where id = $1', [id])
    expect(row).toEqual({ state: 'closed', because: 'cancelled' })
    const [event] = await world.fresh.db.query<{ actor: object }>(
      `select body::jsonb -> 'actor' as actor from event where assistance_id = $1 and type = 'assistance.closed'`,
      [id],
    )
    expect(event?.actor).toEqual({ kind: 'surface', id: 'web' })
    expect((await asked('/end', { token: web.accessToken }, clientFor('web'))).status).toBe(200)
  })

  test('neither an end nor a revocation is taken from a client whose token it is not', async () => {
    const id = await assist()
    const { accessToken: token } = await signIn(aBrowser(), id)
    for (const path of ['/end', '/revoke']) {
      expect((await asked(path, { token }, clientFor('store'))).status).toBe(200)
      expect((await asked(path, { token }, { ...clientFor('web'), secret: 'wrong' })).status).toBe(401)
      expect((await asked(path, { token })).status).toBe(401)
    }
    expect(await introspect(token)).toMatchObject({ active: true })
  })

  test('a revocation ends that surface only', async () => {
    const id = await assist()
    const browser = aBrowser()
    const [web, store] = [await signIn(browser, id), await signIn(browser, id, 'store')]
    await oidc.tokenRevocation(await world.products.configuration('web'), web.accessToken)
    expect(await introspect(web.accessToken)).toEqual({ active: false })
    expect((await userinfo(web.accessToken)).status).toBe(401)
    expect(await introspect(store.accessToken, 'store')).toMatchObject({ active: true })
    expect((await asked('/revoke', { token: newToken() }, clientFor('web'))).status).toBe(200)
  })
})

describe('bad input', () => {
  test('is a 4xx, and never more', async () => {
    const { id, secret } = clientFor('web')
    const authorization = `Basic ${btoa(`${id}:${encodeURIComponent(secret)}`)}`
    const form = 'application/x-www-form-urlencoded'
    const cases: [string, RequestInit][] = [
      ['/nothing', {}],
      ['/session/end/confirm', { method: 'POST' }],
      ['/AUTHORIZE', {}],
      ['/launch', {}],
      ['/authorize', { method: 'POST' }],
      ['/authorize', {}],
      ['/authorize?client_id=nobody', {}],
      ['/authorize?client_id=nobody&prompt=none', {}],
      [`/authorize?client_id=client-web&redirect_uri=https://evil.test/&response_type=code&prompt=none`, {}],
      ['/authorize?client_id=client-web&client_id=client-web', {}],
      [`/authorize?client_id=client-web&redirect_uri=https://evil.test/&response_type=code&scope=openid`, {}],
      ['/authorize?state=%00', {}],
      ['/authorize?%E0%A4%A', {}],
      ['/authorize/unknown', {}],
      ['/interaction/unknown', {}],
      ['/interaction/%2e%2e', {}],
      ['/userinfo', {}],
      ['/userinfo', { headers: { authorization: 'Bearer x' } }],
      ['/token', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
      [
        '/token',
        { method: 'POST', body: 'grant_type=refresh_token', headers: { 'content-type': form, authorization } },
      ],
      ['/token', { method: 'POST', body: 'x'.repeat(10_000_000), headers: { 'content-type': form, authorization } }],
      ['/launch', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
      ['/introspect', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization } }],
      ['/introspect', { method: 'POST', body: 'token=a&token=b', headers: { 'content-type': form, authorization } }],
      [
        '/introspect',
        { method: 'POST', body: `token=${'x'.repeat(10_000_000)}`, headers: { 'content-type': form, authorization } },
      ],
      [
        '/introspect',
        { method: 'POST', body: 'token=a', headers: { 'content-type': form, authorization: 'Basic %%%' } },
      ],
      [
        '/introspect',
        {
          method: 'POST',
          body: 'token=a',
          headers: { 'content-type': form, authorization: `Basic ${btoa('%zz:%zz')}` },
        },
      ],
      ['/revoke', { method: 'POST' }],
      ['/end', { method: 'DELETE' }],
    ]
    for (const [path, init] of cases) {
      const answer = await fetch(`${world.origin}${path}`, { redirect: 'manual', ...init })
      const body = await answer.text()
      expect(answer.status, `${path}: ${body}`).toBeGreaterThanOrEqual(400)
      expect(answer.status, `${path}: ${body}`).toBeLessThan(500)
      expect(body).not.toMatch(/node_modules|at [A-Z]\w+ \(/)
    }
    expect(world.logged).toEqual([])
  })

  test('whoever the request says we are, we are ourselves', async () => {
    const { request } = await import('node:http')
    const sent = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' }
        request(`${world.origin}${path}`, { headers }, (response) => {
          let body = JSON.stringify(response.headers)
          response.on('data', (chunk) => {
            body += String(chunk)
          })
          response.on('end', () => resolve(body))
        })
          .on('error', reject)
          .end()
      })
    const metadata = await sent('/.well-known/openid-configuration')
    expect(metadata).toContain(`${world.origin}/token`)
    expect(metadata).not.toContain('evil.test')
  })

  test('a client that cannot work is found at start, not at the first launch', async () => {
    expect(await world.issuer.faults()).toEqual([])
    const [web] = world.surfaces
    if (!web?.client) throw new Error('no web')
    const wrong = [{ ...web, client: { ...web.client, redirectUris: ['not an address'] } }]
    expect(await world.another(wrong).faults()).toEqual([expect.stringMatching(/^Surface web: redirect_uris /)])
  })

  test('livez answers', async () => {
    expect((await fetch(`${world.origin}/livez`)).status).toBe(200)
  })
})

test('nothing that opens anything is in clear at rest', async () => {
  const secrets: string[] = []
  const browser = aBrowser()
  const id = await assist()
  for (const stopAt of [undefined, '/login/', '/authorize', '/interaction/', '/cb/']) {
    const ticket = await world.ticket(id, 'web', agent)
    const page = await browser.post(`${world.origin}/launch`, { ticket }, stopAt ? { stopAt } : {})
    secrets.push(ticket)
    const url = new URL(page.url)
    for (const name of ['login_hint', 'code', 'state']) {
      const value = url.searchParams.get(name)
      if (value && name !== 'state') secrets.push(value)
    }
    if (url.pathname.startsWith('/interaction/')) secrets.push(url.pathname.split('/')[2] ?? '')
    if (stopAt === undefined) {
      const { accessToken, code } = JSON.parse(page.body)
      secrets.push(accessToken, code)
    }
  }
  for (const line of browser.seen) {
    const value = line.slice(line.indexOf('=') + 1).split(';')[0] ?? ''
    if (value) secrets.push(value)
  }
  expect(secrets.length).toBeGreaterThan(15)
  expect(secrets.every((secret) => secret.length >= 20)).toBe(true)

  const tables = await world.fresh.db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('amparo', 'public') and table_type = 'BASE TABLE'`,
  )
  let dump = ''
  for (const { name } of tables) {
    const rows = await world.fresh.db.query<{ row: string }>(`select t::text as row from ${name} t`)
    dump += rows.map(({ row }) => row).join('\n')
  }
  expect(dump).toContain(id)
  for (const secret of secrets) {
    expect(dump.includes(secret)).toBe(false)
    expect(dump.includes(Buffer.from(secret).toString('hex'))).toBe(false)
    expect(dump.includes(Buffer.from(secret, 'base64url').toString('hex'))).toBe(false)
  }
})
