/** What a product's back end has of its pool's tokens: one while it counts, another after it, and none after the end. */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type CognitoConfig, cognitoBridge } from './cognito.ts'
import { assistedCookie } from './headers.ts'
import { assisted } from './index.ts'
import { listening } from './listening.testing.ts'
import { assistedSessions } from './sessions.ts'
import { surface } from './surface.ts'

let server: Server
let origin: string
/** What the pool answers by the name of the call, and what the issuer does by its path. */
const answers = new Map<string, readonly [status: number, body: object]>()
const called: { name: string; body: string }[] = []
const trouble: string[] = []
let clock: number
let issued = 0
const session = { token: 'the access token', sid: 'sid-1' }

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const name = String(request.headers['x-amz-target'] ?? request.url).replace(/^.*\./, '')
    called.push({ name, body })
    const [status, said] = answers.get(name) ?? [404, {}]
    if (name === 'RespondToAuthChallenge') issued += 1
    response.writeHead(status).end(JSON.stringify(said).replaceAll('#N', String(issued)))
  })
  origin = await listening(server)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  clock = Date.parse('2026-11-22T10:00:00Z')
  called.length = 0
  trouble.length = 0
  issued = 0
  const ticket = { active: true, ticket: 'the ticket', reference: 'its name', sub: 'per_marta', expires_in: 60 }
  answers
    .set('/bridge/ticket', [200, ticket])
    .set('InitiateAuth', [200, { Session: 'session', ChallengeParameters: { USERNAME: 'marta' } }])
    .set('RespondToAuthChallenge', poolSays('sid-1'))
    .set('/introspect', lives('sid-1'))
    .set('RevokeToken', [200, {}])
})

/** Tokens as the pool makes them with our trigger; what they are told apart by stands where their signature would. */
const token = (what: string, says: object) =>
  `e30.${Buffer.from(JSON.stringify(says)).toString('base64url')}.${what} #N`
const inNameOf = (sid: string) => ({ act: { sub: 'ag_ana', name: 'Ana' }, amparo_sid: sid })
function poolSays(sid: string, access: object = inNameOf(sid), id: object = access, ExpiresIn = 300) {
  const tokens = {
    AccessToken: token('access', access),
    IdToken: token('id', id),
    RefreshToken: 'refresh #N',
    ExpiresIn,
  }
  return [200, { AuthenticationResult: tokens }] as const
}
function lives(sid: string) {
  const later = new Date(Date.now() + 600_000).toISOString()
  const said = {
    ...{ active: true, iss: origin, client_id: 'web', sub: 'per_marta', act: { sub: 'ag_ana', name: 'Ana' } },
    ...{ sid, assistance_id: 'as_1', ecosystem_id: 'eco', reason: 'r', powers: 'look', scope: 'openid' },
    ...{ ends_at: later, idle_at: later },
  }
  return [200, said] as const
}
const accessToken = (n: number) => expect.stringMatching(new RegExp(`\\.access ${n}$`))

const issuer = () => assisted({ issuer: origin, clientId: 'web', clientSecret: 's', checkTimeoutMs: 60_000 })
const pool = (more: Partial<CognitoConfig> = {}) =>
  cognitoBridge({
    issuer: issuer(),
    endpoint: origin,
    clientId: 'bridge',
    clientSecret: 'of the bridge',
    timeoutMs: 60_000,
    now: () => clock,
    onTrouble: (what) => trouble.push(what),
    ...more,
  })
const calls = (name: string) => called.filter((one) => one.name === name)
const revoked = () => calls('RevokeToken').map(({ body }) => JSON.parse(body).Token)

test('a token is had again until half a minute before its end, and then another, by another ticket', async () => {
  const one = pool()
  expect(await one.tokens(session)).toMatchObject({
    accessToken: accessToken(1),
    idToken: expect.stringMatching(/\.id 1$/),
  })
  clock += 269_000
  expect(await one.tokens(session)).toMatchObject({ accessToken: accessToken(1) })
  clock += 1000
  expect(await one.tokens(session)).toMatchObject({ accessToken: accessToken(2) })
  expect(calls('/bridge/ticket')).toHaveLength(2)
  expect(await one.revoke('sid-1')).toBe('revoked')
  expect(revoked()).toEqual(['refresh 1', 'refresh 2'])
})

test('of a session that goes on, what was signed in with before is given back when the next has come', async () => {
  const one = pool()
  await one.tokens(session)
  clock += 270_000
  await one.tokens(session)
  await vi.waitFor(() => expect(revoked()).toEqual(['refresh 1']), { timeout: 20_000 })
  await one.revoke('sid-1')
  expect(revoked()).toEqual(['refresh 1', 'refresh 2'])
})

test('a session that nobody asks for any more is given back with its token’s end, though nobody told of an end', async () => {
  const one = pool()
  answers.set('RespondToAuthChallenge', poolSays('sid-1', undefined, undefined, 0))
  await one.tokens(session)
  await vi.waitFor(() => expect(revoked()).toEqual(['refresh 1']), { timeout: 20_000 })
  answers.set('RespondToAuthChallenge', poolSays('sid-1'))
  expect(await one.tokens(session)).toMatchObject({ accessToken: accessToken(2) })
})

test('a process that was not told of the end hands out no token after it, and gives back what it has', async () => {
  const one = pool()
  expect(await one.tokens(session)).toMatchObject({ accessToken: accessToken(1) })
  answers.set('/introspect', [503, {}])
  expect(await one.tokens(session)).toBe('unknown')
  answers.set('/introspect', [200, { active: false }])
  expect(await one.tokens(session)).toBe('ended')
  await vi.waitFor(() => expect(revoked()).toEqual(['refresh 1']), { timeout: 20_000 })
})

test('an end that is told while the issuer is asked about help lets no token out', async () => {
  const asking = issuer()
  const one = pool({
    issuer: {
      bridgeTicket: asking.bridgeTicket,
      async check(shown) {
        const alive = await asking.check(shown)
        await one.revoke('sid-1')
        return alive
      },
    },
  })
  await one.tokens(session)
  expect(await one.tokens(session)).toBe('ended')
  expect(revoked()).toEqual(['refresh 1'])
})

test('what nobody asks for any more is given back as soon as the pool takes it', async () => {
  const one = pool({ pausesMs: Array(1000).fill(20) })
  answers.set('RevokeToken', [500, { __type: 'InternalErrorException' }])
  answers.set('RespondToAuthChallenge', poolSays('sid-1', undefined, undefined, 0))
  await one.tokens(session)
  await vi.waitFor(() => expect(revoked().length).toBeGreaterThan(2), { timeout: 20_000 })
  answers.set('RevokeToken', [200, {}])
  const inVain = revoked().length
  await vi.waitFor(() => expect(revoked().length).toBe(inVain + 1), { timeout: 20_000 })
  expect(await one.revoke('sid-1')).toBe('revoked')
  expect(revoked().length).toBe(inVain + 1) // The end finds nothing to do.
})

test.each([
  ['nobody', {}],
  ['another session', inNameOf('sid-9')],
  ['nobody in the ID token', inNameOf('sid-1'), {}],
  ['an agent without a name of theirs', { act: { sub: '' }, amparo_sid: 'sid-1' }],
] as const)(
  'tokens of the pool that name %s are handed to nobody, and given back',
  async (_what, access, id = access) => {
    answers.set('RespondToAuthChallenge', poolSays('sid-1', access, id))
    expect(await pool().tokens(session)).toBe('refused')
    expect(revoked()).toEqual(['refresh 1'])
    expect(trouble.join()).toContain('Pre token generation')
  },
)

test('what is no token at all is handed to nobody', async () => {
  const tokens = { AccessToken: 'opaque', IdToken: 'opaque', RefreshToken: 'refresh #N', ExpiresIn: 300 }
  answers.set('RespondToAuthChallenge', [200, { AuthenticationResult: tokens }])
  expect(await pool().tokens(session)).toBe('refused')
})

test('two sessions of one user have tokens of their own, and the end of one is not the other’s', async () => {
  const one = pool()
  await one.tokens(session)
  const other = { token: 'another', sid: 'sid-2' }
  answers.set('RespondToAuthChallenge', poolSays('sid-2')).set('/introspect', lives('sid-2'))
  expect(await one.tokens(other)).toMatchObject({ accessToken: accessToken(2) })
  await one.revoke('sid-1')
  expect(await one.tokens(session)).toBe('ended')
  expect(await one.tokens(other)).toMatchObject({ accessToken: accessToken(2) })
})

test('what could not be revoked is tried again by itself', async () => {
  const one = pool({ pausesMs: [1, 1, 1] })
  await one.tokens(session)
  answers.set('RevokeToken', [500, { __type: 'InternalErrorException' }])
  expect(await one.revoke('sid-1')).toBe('unknown')
  answers.set('RevokeToken', [200, {}])
  await vi.waitFor(async () => expect(await one.revoke('sid-1')).toBe('revoked'), { timeout: 20_000 })
})

test.each([
  ['the pool says no', 'RespondToAuthChallenge', [400, { __type: 'NotAuthorizedException' }], 'refused'],
  ['the pool knows no such client', 'InitiateAuth', [400, { __type: 'ResourceNotFoundException' }], 'refused'],
  ['the pool is busy', 'InitiateAuth', [400, { __type: 'TooManyRequestsException' }], 'unknown'],
  ['the pool is broken', 'RespondToAuthChallenge', [500, { __type: 'InternalErrorException' }], 'unknown'],
  ['help has ended', '/bridge/ticket', [200, { active: false }], 'ended'],
  ['the issuer cannot say', '/bridge/ticket', [503, {}], 'unknown'],
  ['the issuer says half of it', '/bridge/ticket', [200, { active: true, ticket: 'x' }], 'unknown'],
] as const)('where %s, that is the answer, and the next request asks anew', async (_what, name, answer, expected) => {
  const one = pool()
  const before = answers.get(name)
  answers.set(name, answer)
  expect(await one.tokens(session)).toBe(expected)
  if (before) answers.set(name, before)
  expect(await one.tokens(session)).toMatchObject({ accessToken: expect.any(String) })
  expect(trouble.join()).not.toMatch(/ticket|refresh|of the bridge|the access token/)
})

test('a user whom the pool does not have is asked for nowhere', async () => {
  expect(await pool({ username: () => undefined }).tokens(session)).toBe('refused')
  expect(calls('InitiateAuth')).toEqual([])
})

test('a surface with a pool has its tokens while help lives, and revokes them with the end', async () => {
  const sessions = assistedSessions()
  const opened = sessions.open({ ...session, userId: 'per_marta', language: 'es' })
  if (opened === 'ended') throw new Error('ended')
  const web = surface({
    issuer: origin,
    clientId: 'web',
    clientSecret: 's',
    origin: 'https://web.test',
    console: 'https://desk.test',
    acts: {},
    user: () => ({}),
    sessions,
    pool: pool(),
  })
  const ask = () =>
    web.enter({
      method: 'GET',
      url: '/invoices',
      header: (name) => (name === 'cookie' ? `${assistedCookie}=${opened.cookie}` : undefined),
      form: async () => new URLSearchParams(),
    })
  const entered = await ask()
  if (entered.kind !== 'assisted') throw new Error(entered.kind)
  expect(await entered.visit.assistance.poolTokens?.()).toMatchObject({ accessToken: accessToken(1) })

  answers.set('/introspect', [200, { active: false }])
  expect((await ask()).kind).toBe('answered')
  await vi.waitFor(() => expect(calls('RevokeToken')).toHaveLength(1), { timeout: 20_000 })
})
