import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { assisted } from './index.ts'
import { listening } from './listening.testing.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void
let server: Server
let issuer: string
let answer: Answer
const seen: { path: string; authorization: string; body: string }[] = []

const json =
  (body: unknown, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '', body })
    answer(request, response, body)
  })
  issuer = await listening(server)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen.length = 0
})

const now = Date.parse('2026-11-22T10:00:00Z')
const surface = (extra: { clientSecret?: string; checkTimeoutMs?: number } = {}) =>
  assisted({ issuer, clientId: 'demo web', clientSecret: 's:cret', now: () => now, ...extra })

const alive = () => ({
  active: true,
  sub: 'per_marta',
  client_id: 'demo web',
  scope: 'openid support:read support:act',
  token_type: 'Bearer',
  iss: issuer,
  iat: 1,
  exp: 2,
  sid: 'sid-1',
  act: { sub: 'ag_ana', name: 'Ana Robles' },
  acr: 'urn:amparo:consent',
  assistance_id: 'as_1',
  ecosystem_id: 'cli_sol',
  ecosystem_name: 'Clínica Sol',
  user_name: 'Marta Ruiz',
  reason: 'Cannot see invoices',
  powers: 'act',
  ends_at: '2026-11-22T11:00:00Z',
  idle_at: '2026-11-22T10:11:20Z',
  locale: 'es',
})

test('a token that the issuer confirms is an assisted session with both people in it', async () => {
  answer = json(alive())
  expect(await surface().check('at-1')).toEqual({
    user: { id: 'per_marta', name: 'Marta Ruiz' },
    agent: { id: 'ag_ana', name: 'Ana Robles' },
    assistanceId: 'as_1',
    ecosystem: { id: 'cli_sol', name: 'Clínica Sol' },
    reason: 'Cannot see invoices',
    powers: 'act',
    granted: [],
    sid: 'sid-1',
    acr: 'urn:amparo:consent',
    locale: 'es',
    secondsLeft: 680,
  })
  expect(seen).toEqual([
    {
      path: '/introspect',
      authorization: `Basic ${Buffer.from('demo+web:s%3Acret').toString('base64')}`,
      body: 'token=at-1',
    },
  ])
})

test('time left is counted by the clock of the issuer where it tells it', async () => {
  answer = json({ ...alive(), now: '2026-11-22T10:11:00Z' })
  expect(await surface().check('at-1')).toMatchObject({ secondsLeft: 20 })
})

test('every request asks again: nothing is remembered', async () => {
  answer = json(alive())
  const asking = surface()
  await asking.check('at-1')
  answer = json({ active: false })
  expect(await asking.check('at-1')).toBe('ended')
  expect(seen).toHaveLength(2)
})

test('a user without a name is called by their id', async () => {
  answer = json({ ...alive(), user_name: '', ecosystem_name: '' })
  expect(await surface().check('at-1')).toMatchObject({ user: { name: 'per_marta' }, ecosystem: { name: '' } })
})

test('powers to change need the scope of the token too', async () => {
  answer = json({ ...alive(), scope: 'openid support:read' })
  expect(await surface().check('at-1')).toMatchObject({ powers: 'look' })
})

const without = (name: string) => Object.fromEntries(Object.entries(alive()).filter(([key]) => key !== name))
const unconfirmed: Record<string, () => Answer> = {
  'an error of the issuer': () => json({}, 500),
  'a refused secret': () => json({ error: 'invalid_client' }, 401),
  'a redirect': () => (_q, response) => response.writeHead(302, { location: `${issuer}/elsewhere` }).end(),
  'an answer that is not JSON': () => (_q, response) => response.end('<html>'),
  'an empty answer': () => (_q, response) => response.end(),
  null: () => json(null),
  'a list': () => json([]),
  'no active': () => json(without('active')),
  'active as text': () => json({ ...alive(), active: 'true' }),
  'another issuer': () => json({ ...alive(), iss: 'https://else.test' }),
  'no issuer': () => json(without('iss')),
  'the token of another surface': () => json({ ...alive(), client_id: 'store' }),
  'no act': () => json(without('act')),
  'an act without name': () => json({ ...alive(), act: { sub: 'ag_ana' } }),
  'no sub': () => json(without('sub')),
  'no sid': () => json(without('sid')),
  'no ecosystem': () => json(without('ecosystem_id')),
  'no powers': () => json(without('powers')),
  'an end that is no time': () => json({ ...alive(), ends_at: 'soon' }),
  'a broken connection': () => (request) => request.socket.destroy(),
}
test.each(Object.entries(unconfirmed))('%s is not alive', async (_name, how) => {
  answer = how()
  expect(await surface().check('at-1')).toBe('unknown')
})

test('an issuer that does not answer in time is not alive', async () => {
  answer = () => {}
  // Of two timers the earlier is the first to be heard, also on a machine that stood still meanwhile.
  const late = new Promise((resolve) => setTimeout(resolve, 1000, 'a second'))
  expect(await Promise.race([surface({ checkTimeoutMs: 60 }).check('at-1'), late])).toBe('unknown')
})

test('an issuer that nobody listens for is not alive', async () => {
  expect(await assisted({ issuer: 'http://127.0.0.1:9', clientId: 'w', clientSecret: 's' }).check('at')).toBe('unknown')
})

test('End now is told to the issuer, and an end that it did not confirm is not called one', async () => {
  answer = (_request, response) => response.writeHead(204).end()
  expect(await surface().end('at-1')).toBe('ended')
  expect(seen[0]).toMatchObject({ path: '/end', body: 'token=at-1' })
  answer = json({}, 503)
  expect(await surface().end('at-1')).toBe('unknown')
})

test('a product that shows nothing after all closes its own part, and no more', async () => {
  answer = (_request, response) => response.writeHead(200).end()
  expect(await surface().leave('at-1')).toBe('ended')
  expect(seen.map(({ path, body }) => [path, body])).toEqual([['/revoke', 'token=at-1']])
})

test('only the configured issuer is ours', () => {
  const ours = surface()
  expect(ours.isOurIssuer(issuer)).toBe(true)
  for (const other of [undefined, '', `${issuer}/`, `${issuer}.evil.test`, issuer.toUpperCase()])
    expect(ours.isOurIssuer(other)).toBe(false)
})
