/** Agents who sign in at their company: a real OpenID Connect issuer behind the port, and what it changes here. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { opened, testOutside } from '../assistance/testing.ts'
import { viewOf } from '../assistance/view.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { agentBy, disableAgent } from './agents.store.ts'
import { beginTotp } from './factors.flow.ts'
import { callerBy } from './identity.store.ts'
import { signIn } from './sign-in.flow.ts'
import { askAgain, type StaffDesk } from './staff.flow.ts'
import { staffRoutes } from './staff.routes.ts'
import { staffAt } from './staff.ts'
import { identityOutside } from './testing.ts'

interface Person {
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
}
const origin = 'https://desk.acme.test'
const back = `${origin}/sign-in/back`
const secret = 'a secret of this test alone, long enough'

let fresh: FreshDatabase
let server: Server
let issuer: string
let desk: StaffDesk
let count = 0
/** Who there is at the company, and who sits in front of its sign-in page. */
const people = new Map<string, Person>()
let who = ''

beforeAll(async () => {
  fresh = await freshDatabase()
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'desk',
        client_secret: secret,
        redirect_uris: [back],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name', 'locale', 'groups'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    findAccount: (_ctx, id) => {
      const person = people.get(id)
      return person && { accountId: id, claims: async () => ({ sub: id, ...person, groups: [...person.groups] }) }
    },
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc
      const grant = new ctx.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    interactions: { url: (_ctx, interaction) => `/ask/${interaction.uid}` },
    cookies: { keys: ['only for this test'] },
  })
  const library = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/ask/')) return library(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: who } })
  })
}, 60_000)
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await fresh.close()
})

beforeEach(async () => {
  await fresh.db.query('delete from staff_grant')
  count += 1
  who = `person-${count}`
  people.set(who, { name: 'Iris Vega', email: `iris${count}@acme.test`, groups: ['support'] })
  const outside = { ...identityOutside(testOutside(fresh)), issuer: { name: '127.0.0.1', url: '/sign-in/issuer' } }
  const settings = { issuer, clientId: 'desk', clientSecret: secret, redirectUri: back, insecure: true }
  desk = {
    outside,
    staff: staffAt({ ...settings, claim: 'groups', scope: 'openid profile email' }),
    groups: { support: ['agent:technical'], leads: ['agent:technical', 'supervisor'] },
  }
})

const from = { words: 'Chrome, Linux, 10.0.0.5', device: undefined }
const app = () =>
  staffRoutes(
    desk,
    () => from,
    () => undefined,
  )
const cookiesIn = (answer: Response) => answer.headers.getSetCookie()
const cookieIn = (cookies: readonly string[], name: string) =>
  cookies.map((one) => new RegExp(`^${name}=([^;]+)`).exec(one)?.[1]).find((value) => value !== undefined) ?? ''

/** From the button to where the provider sends the browser back; with what the browser keeps. */
async function walked(): Promise<{ to: URL; back: string; underway: string; asked: URL }> {
  const begun = await app().request('/sign-in/issuer')
  expect(begun.status).toBe(303)
  const jar = new Map<string, string>()
  const asked = new URL(begun.headers.get('location') ?? '')
  let to = asked
  while (to.origin === issuer) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(to, { redirect: 'manual', headers: { cookie } })
    for (const one of cookiesIn(answer)) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
      jar.set(name, value)
    }
    to = new URL(answer.headers.get('location') ?? '', to)
  }
  const [kept] = cookiesIn(begun)
  expect(kept).toMatch(/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/)
  return {
    to,
    back: `${to.pathname}${to.search}`,
    underway: cookieIn(cookiesIn(begun), '__Host-amparo-underway'),
    asked,
  }
}

const cameBack = (path: string, underway: string) =>
  app().request(`${origin}${path}`, { headers: { cookie: `__Host-amparo-underway=${underway}` } })

async function signedIn() {
  const { back: path, underway } = await walked()
  const answer = await cameBack(path, underway)
  expect(answer.status).toBe(200)
  const token = cookieIn(cookiesIn(answer), '__Host-amparo')
  const caller = await callerBy(fresh.db, token)
  if (!caller) throw new Error('nobody came')
  return { token, caller, answer }
}
const aMinuteLater = () => fresh.db.query(`update staff_grant set asked_at = asked_at - interval '1 minute'`)

test('an agent comes in by code, PKCE, state and nonce; their groups give their roles, and the way back is a page', async () => {
  const { asked } = await walked()
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: back,
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  })
  const { caller, answer } = await signedIn()
  expect(caller).toMatchObject({ name: 'Iris Vega', email: `iris${count}@acme.test`, roles: ['agent:technical'] })
  expect(cookiesIn(answer).find((one) => one.startsWith('__Host-amparo='))).toContain('SameSite=Strict')
  expect(answer.headers.get('refresh')).toBe('0; url=/')
  const again = await signedIn()
  expect(again.caller.agentId).toBe(caller.agentId)
})

test('where agents sign in at their company, no password of ours opens anything', async () => {
  const given = { email: `iris${count}@acme.test`, password: 'whatever it was before' }
  expect(await signIn(desk.outside, given, from)).toMatchObject({ ok: false, refusal: 'agent.elsewhere' })
})

test('an answer that was not asked for in this browser, was altered, or comes a second time signs nobody in', async () => {
  const mine = await walked()
  const theirs = await walked()
  const before = (await fresh.db.query('select from agent_session')).length
  const altered = mine.back.replace(/state=[\w-]+/, `state=${'x'.repeat(43)}`)
  for (const [path, underway] of [
    [mine.back, ''],
    [mine.back, theirs.underway],
    [mine.back, `${mine.underway.slice(0, -4)}AAAA`],
    [altered, mine.underway],
    ['/sign-in/back?error=access_denied', mine.underway],
  ] as const) {
    const answer = await cameBack(path, underway)
    expect(answer.status).toBe(401)
    expect(cookieIn(cookiesIn(answer), '__Host-amparo')).toBe('')
  }
  expect((await fresh.db.query('select from agent_session')).length).toBe(before)
  const { back: path, underway } = await walked()
  expect((await cameBack(path, underway)).status).toBe(200)
  expect((await cameBack(path, underway)).status).toBe(401)
})

test('who is in no group of the table, or was disabled by the operator, is refused in words', async () => {
  people.set(who, { name: 'Iris Vega', email: `iris${count}@acme.test`, groups: ['constructor', 'sales'] })
  const refused = async () => {
    const { back: path, underway } = await walked()
    return cameBack(path, underway)
  }
  const stranger = await refused()
  expect(stranger.status).toBe(403)
  expect(await stranger.text()).toContain('Ask your administrator')
  people.set(who, { name: 'Iris Vega', email: `iris${count}@acme.test`, groups: ['support'] })
  await signedIn()
  const agent = await agentBy(fresh.db, `iris${count}@acme.test`)
  await disableAgent(fresh.db, agent?.id ?? '')
  expect((await refused()).status).toBe(403)
})

test('who was disabled at the company is out within a minute, and what they had under way with them', async () => {
  const outside = testOutside(fresh)
  const { caller, token } = await signedIn()
  const id = await opened(outside, caller, 'leo@clinica-sol.test')
  await aMinuteLater()
  expect(await askAgain(desk)).toBe(1)
  expect(await callerBy(fresh.db, token)).toBeDefined()
  people.delete(who)
  await aMinuteLater()
  await askAgain(desk)
  expect(await callerBy(fresh.db, token)).toBeUndefined()
  expect((await viewOf(outside, id))?.state).toBe('closed')
})

test('who changed groups has the new roles within a minute; who may no longer help loses what is open', async () => {
  const outside = testOutside(fresh)
  const { caller, token } = await signedIn()
  const id = await opened(outside, caller, 'leo@clinica-sol.test')
  people.set(who, { name: 'Iris Vega', email: `iris${count}@acme.test`, groups: ['leads'] })
  await aMinuteLater()
  await askAgain(desk)
  expect((await callerBy(fresh.db, token))?.roles).toEqual(['agent:technical', 'supervisor'])
  expect((await viewOf(outside, id))?.state).toBe('agent_verification')
  people.set(who, { name: 'Iris Vega', email: `iris${count}@acme.test`, groups: ['sales'] })
  await aMinuteLater()
  await askAgain(desk)
  expect(await callerBy(fresh.db, token)).toBeUndefined()
  expect((await viewOf(outside, id))?.state).toBe('closed')
})

test('while the provider is silent nobody comes in, and who is there stays', async () => {
  const { token } = await signedIn()
  const away = {
    issuer: 'http://127.0.0.1:9',
    clientId: 'desk',
    clientSecret: secret,
    redirectUri: back,
    insecure: true,
  }
  desk = { ...desk, staff: staffAt({ ...away, claim: 'groups', scope: 'openid' }) }
  await aMinuteLater()
  await askAgain(desk)
  expect(await callerBy(fresh.db, token)).toBeDefined()
  expect((await app().request('/sign-in/issuer')).status).toBe(503)
})

test('what the provider gave is kept sealed, and forgotten with the session', async () => {
  const { caller } = await signedIn()
  const rows = await fresh.db.query<{ text: string }>('select encode(sealed, $1) as text from staff_grant', ['escape'])
  for (const { text } of rows) expect(text).not.toContain('refresh')
  await fresh.db.query('update agent_session set ended_at = clock_timestamp() where id = $1', [caller.sessionId])
  await askAgain(desk)
  expect(await fresh.db.query('select from staff_grant where session_id = $1', [caller.sessionId])).toEqual([])
})

test('without a password of ours, a factor is added in the five minutes after the sign-in, and not later', async () => {
  const { caller } = await signedIn()
  expect(await beginTotp(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ ok: true })
  await fresh.db.query(`update agent_session set opened_at = opened_at - interval '5 minutes' where id = $1`, [
    caller.sessionId,
  ])
  expect(await beginTotp(desk.outside, caller, { method: 'sign_in' })).toMatchObject({ refusal: 'fresh.expired' })
})
