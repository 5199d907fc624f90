/** The main job over HTTP, by a script that knows only the contract: it shares nothing with the server's code. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Answer, Browser, type Stage, staged, until } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let people: {
  agents: { name: string; email: string; bearer: string }[]
  users: { email: string; ecosystems: { id: string }[] }[]
}

beforeAll(async () => {
  fresh = await emptyDatabase()
  stage = await staged({ databaseUrl: fresh.url })
  people = await jsonOf(await fetch(`http://127.0.0.1:${stage.port}/dev/people.json`))
}, 60_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await fresh.close()
})

// biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
const jsonOf = async (answer: Response): Promise<any> => answer.json()

interface Reply {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
  body: any
}
const bearer = (email: string) => people.agents.find((agent) => agent.email === email)?.bearer ?? ''

/** One agent's script. */
function scriptOf(email: string) {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer(email)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return { email, call }
}
type Script = ReturnType<typeof scriptOf>

interface Letter {
  to: string
  channel: string
  subject: string
  text: string
  codes: string[]
  links: string[]
}
const inbox = async (): Promise<Letter[]> => jsonOf(await fetch(`http://127.0.0.1:${stage.port}/dev/inbox.json`))
/** The newest message to somebody that was not there before. */
const newLetter = async (to: string, seen: number) =>
  (
    await until(
      async () => (await inbox()).filter((letter) => letter.to === to),
      (letters) => letters.length > seen,
      `a letter to ${to}`,
    )
  )[0]
const lettersTo = async (to: string) => (await inbox()).filter((letter) => letter.to === to).length
const advance = async (ms: number) => {
  const answer = await fetch(`http://127.0.0.1:${stage.port}/dev/clock`, {
    method: 'POST',
    body: JSON.stringify({ advanceMs: ms }),
  })
  expect(answer.status).toBe(200)
}

async function opened(agent: Script, userEmail: string): Promise<string> {
  const open = await agent.call('POST', '/assistances', {
    kind: 'technical',
    userEmail,
    reason: { code: 'fault', line: 'Cannot see invoices' },
  })
  expect(open).toMatchObject({ status: 201, body: { state: 'agent_verification' } })
  const seen = await lettersTo(agent.email)
  expect(await agent.call('POST', `/assistances/${open.body.id}/agent-code`)).toMatchObject({
    status: 202,
    body: { channel: 'email' },
  })
  const letter = await newLetter(agent.email, seen)
  const proof = await agent.call('PUT', `/assistances/${open.body.id}/agent-proof`, {
    method: 'code',
    code: letter?.codes[0],
  })
  expect(proof).toMatchObject({ status: 200, body: { state: 'user_lookup' } })
  return open.body.id
}

async function asked(agent: Script, userEmail: string, ecosystemId: string) {
  const id = await opened(agent, userEmail)
  await agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId })
  const seen = await lettersTo(userEmail)
  const sent = await agent.call('POST', `/assistances/${id}/consent-code`, {})
  expect(sent.status).toBe(202)
  const letter = await newLetter(userEmail, seen)
  if (!letter) throw new Error('no letter')
  return { id, letter, sayFirst: String(sent.body.sayFirst) }
}

async function active(agent: Script, userEmail: string, ecosystemId: string) {
  const { id, letter } = await asked(agent, userEmail, ecosystemId)
  const consent = await agent.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] })
  expect(consent).toMatchObject({ status: 200, body: { state: 'active' } })
  return { id, letter, link: letter.links.find((one) => one.includes('/c/')) ?? '' }
}

/** Opens a surface as the contract says; where the browser ends up. */
async function launched(agent: Script, id: string, browser: Browser, surface = 'web'): Promise<Answer> {
  const launch = await agent.call('POST', `/assistances/${id}/launches`, { surface })
  expect(launch.status).toBe(201)
  return browser.follow(await browser.form(launch.body.url, { ticket: launch.body.ticket }, { origin: stage.console }))
}
const webHome = () => `http://web.localhost:${stage.port + 11}/`

test('a script that knows only the contract helps a user inside their own Web, from the first call to the last', async () => {
  const ana = scriptOf('ana@acme.test')
  const { id, letter, sayFirst } = await asked(ana, 'marta@clinica-sol.test', 'cli_sol')
  expect(letter.text).toContain(sayFirst)
  expect(letter.text).toContain('Cannot see invoices')
  const consent = await ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] })
  expect(consent).toMatchObject({
    status: 200,
    body: { state: 'active', surfaces: [{ surface: 'store' }, { surface: 'web', open: false }, { surface: 'app' }] },
  })

  const browser = new Browser()
  const home = await launched(ana, id, browser)
  expect(home.status).toBe(200)
  expect(home.url).toBe(webHome())
  expect(home.text).toContain('Marta Ruiz')
  expect(home.text).toContain('Ana Robles')
  expect(home.text).toContain('Clínica Sol')
  expect((await ana.call('GET', `/assistances/${id}`)).body.surfaces[1]).toMatchObject({ surface: 'web', open: true })
  expect(await ana.call('POST', `/assistances/${id}/launches`, { surface: 'store' })).toMatchObject({
    status: 409,
    body: { code: 'surface.not_ready' },
  })

  const ended = await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  expect(ended).toMatchObject({ status: 200, body: { state: 'closed', because: 'finished' } })
  expect(ended.body.surfaces[1].acknowledgedAt).toBeTruthy()
  const after = await browser.ask(webHome())
  expect(after.status).toBe(401)
  expect(after.text).not.toContain('Marta Ruiz</')
})

test('the user says yes on the page, and stops it there: the Web refuses within two seconds', async () => {
  const ben = scriptOf('ben@acme.test')
  const { id, letter } = await asked(ben, 'leo@clinica-sol.test', 'cli_sol')
  const link = letter.links.find((one) => one.includes('/c/')) ?? ''
  const phone = new Browser()
  const yes = await phone.ask(`${link}/yes`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(yes.status).toBe(200)
  const { digits } = JSON.parse(yes.text)
  expect(await ben.call('PUT', `/assistances/${id}/consent`, { match: digits })).toMatchObject({
    status: 200,
    body: { state: 'active' },
  })
  expect(
    (await ben.call('GET', `/assistances/${id}`)).body.surfaces.map((one: { surface: string }) => one.surface),
  ).toEqual(['web', 'app'])
  expect(await ben.call('POST', `/assistances/${id}/launches`, { surface: 'store' })).toMatchObject({
    status: 403,
    body: { code: 'surface.not_offered' },
  })
  const browser = new Browser()
  expect((await launched(ben, id, browser)).text).toContain('Leo Martín')

  const began = performance.now()
  const stop = await phone.form(`${link}/stop`, {})
  expect([200, 303]).toContain(stop.status)
  expect((await browser.ask(webHome())).status).toBe(401)
  expect(performance.now() - began).toBeLessThan(2000)
  const closed = await until(
    () => ben.call('GET', `/assistances/${id}`),
    ({ body }) => Boolean(body.surfaces[0]?.acknowledgedAt),
    'the acknowledgement',
  )
  expect(closed.body).toMatchObject({ state: 'closed', because: 'stopped_by_user' })
})

test("14:59 alive, 15:00 closed, with every browser shut; the agent's clicks on the Web extend nothing", async () => {
  const cleo = scriptOf('cleo@acme.test')
  const { id } = await active(cleo, 'nuria@clinica-sol.test', 'cli_sol')
  const browser = new Browser()
  await launched(cleo, id, browser)
  const { body } = await cleo.call('GET', `/assistances/${id}`)
  const left = Date.parse(body.deadlines.idleAt) - Date.parse(body.now)
  await advance(left - 5000)
  for (let click = 0; click < 5; click += 1) expect((await browser.ask(webHome())).status).toBe(200)
  expect((await cleo.call('GET', `/assistances/${id}`)).body.state).toBe('active')
  await advance(5000)
  expect((await browser.ask(webHome())).status).toBe(401)
  expect((await cleo.call('GET', `/assistances/${id}`)).body).toMatchObject({
    state: 'closed',
    because: 'expired_idle',
  })
})

test('fifty parallel wrong guesses over HTTP: exactly five are looked at', async () => {
  const agent = scriptOf('dev01@acme.test')
  const open = await agent.call('POST', '/assistances', {
    kind: 'technical',
    userEmail: 'marta@clinica-sol.test',
    reason: { code: 'question' },
  })
  const seen = await lettersTo(agent.email)
  await agent.call('POST', `/assistances/${open.body.id}/agent-code`)
  const right = (await newLetter(agent.email, seen))?.codes[0]
  const code = right === '000000' ? '111111' : '000000'
  const replies = await Promise.all(
    Array.from({ length: 50 }, () =>
      agent.call('PUT', `/assistances/${open.body.id}/agent-proof`, { method: 'code', code }),
    ),
  )
  const words = replies.map((reply) => reply.body.code)
  expect(words.filter((word) => word === 'code.wrong')).toHaveLength(5)
  expect(words.filter((word) => word === 'code.spent')).toHaveLength(45)
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([422]))
})

test('a ticket is taken once, in one browser, from the console alone', async () => {
  const agent = scriptOf('dev02@acme.test')
  const { id } = await active(agent, 'grace@northside.test', 'cli_northside')
  const launch = await agent.call('POST', `/assistances/${id}/launches`, { surface: 'web' })
  const stranger = await new Browser().form(
    launch.body.url,
    { ticket: launch.body.ticket },
    { origin: 'http://evil.test' },
  )
  expect(stranger.status).toBe(403)
  const tries = await Promise.all(
    Array.from({ length: 20 }, () =>
      new Browser().form(launch.body.url, { ticket: launch.body.ticket }, { origin: stage.console }),
    ),
  )
  expect(tries.filter((one) => one.status === 200)).toHaveLength(1)
  expect(new Set(tries.map((one) => one.status))).toEqual(new Set([200, 410]))
})

test('the same request with the same Idempotency-Key is answered once', async () => {
  const agent = scriptOf('dev03@acme.test')
  const key = { 'idempotency-key': `open-${crypto.randomUUID()}` }
  const body = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'question' } }
  const first = await agent.call('POST', '/assistances', body, key)
  expect(first.status).toBe(201)
  expect((await agent.call('POST', '/assistances', body, key)).body).toEqual(first.body)
  expect(await agent.call('POST', '/assistances', { ...body, userEmail: 'x@y.test' }, key)).toMatchObject({
    status: 422,
    body: { code: 'request.key_reused' },
  })
  expect(await agent.call('POST', '/assistances', body, { 'idempotency-key': 'short' })).toMatchObject({ status: 400 })
})

test.each([
  ['an unknown field', { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'fault' }, extra: 1 }, 400],
  ['a wrong type', { kind: 'technical', userEmail: 7, reason: { code: 'fault' } }, 400],
  [
    'a prototype key',
    JSON.parse('{"__proto__": {"x": 1}, "kind": "technical", "userEmail": "a@b.test", "reason": {"code": "fault"}}'),
    400,
  ],
  [
    'control characters',
    { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'fault', line: 'two\nlines' } },
    400,
  ],
  ['a missing line for "other"', { kind: 'technical', userEmail: 'a@b.test', reason: { code: 'other' } }, 400],
  ['ten megabytes', { kind: 'technical', userEmail: 'a'.repeat(10_000_000), reason: { code: 'fault' } }, 413],
])('%s is a clear refusal, never a breakage', async (_what, body, status) => {
  const reply = await scriptOf('dev04@acme.test').call('POST', '/assistances', body)
  expect(reply.status).toBe(status)
  expect(reply.body.code).toMatch(/^request\./)
  expect(JSON.stringify(reply.body)).not.toMatch(/\.ts:\d|node_modules/)
})

test('malformed JSON, unknown ids, other methods, other agents and strangers are refused with a word', async () => {
  const agent = scriptOf('dev04@acme.test')
  const raw = (path: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${stage.port}${path}`, init).then(async (answer) => ({
      status: answer.status,
      body: await answer.json(),
    }))
  const authorization = `Bearer ${bearer('dev04@acme.test')}`
  const json = { authorization, 'content-type': 'application/json' }
  expect(await raw('/api/v1/assistances', { method: 'POST', headers: json, body: '{"kind":' })).toMatchObject({
    status: 400,
    body: { code: 'request.invalid' },
  })
  expect(await raw('/api/v1/assistances', { method: 'POST', headers: json, body: '['.repeat(50_000) })).toMatchObject({
    status: 400,
  })
  expect(
    await raw('/api/v1/assistances', {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/plain' },
      body: '{}',
    }),
  ).toMatchObject({ status: 415 })
  expect(
    await raw('/api/v1/assistances', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
  ).toMatchObject({ status: 403 })
  expect(await raw('/api/v1/assistances', { headers: {} })).toMatchObject({
    status: 401,
    body: { code: 'agent.unknown' },
  })
  expect(await raw('/api/v1/assistances', { method: 'PATCH', headers: json, body: '{}' })).toMatchObject({
    status: 405,
  })
  expect(await raw('/api/v1/nothing', { headers: json })).toMatchObject({
    status: 404,
    body: { code: 'route.unknown' },
  })
  for (const id of ['as_000000000000000000000000', 'x', '%00', '..%2f..', "as_'; drop table event; --"]) {
    expect(await agent.call('GET', `/assistances/${id}`)).toMatchObject({ status: 404 })
  }
  const { id } = (
    await scriptOf('dev05@acme.test').call('POST', '/assistances', {
      kind: 'technical',
      userEmail: 'a@b.test',
      reason: { code: 'fault' },
    })
  ).body
  expect(await agent.call('GET', `/assistances/${id}`)).toMatchObject({
    status: 404,
    body: { code: 'assistance.unknown' },
  })
  expect(await agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })).toMatchObject({ status: 404 })
  expect(await agent.call('GET', '/audit/events')).toMatchObject({ status: 403, body: { code: 'agent.not_allowed' } })
})

test('the stream tells each event once and resumes where it was cut', async () => {
  const agent = scriptOf('dev06@acme.test')
  const id = await opened(agent, 'ramon@clinica-sol.test')
  const read = async (last?: string) => {
    const abort = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances/${id}/stream`, {
      headers: { authorization: `Bearer ${bearer(agent.email)}`, ...(last ? { 'last-event-id': last } : {}) },
      signal: abort.signal,
    })
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk)
      if (text.includes('user.looked_up')) break
    }
    abort.abort()
    return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
  }
  const all = await read()
  expect(all).toEqual(all.map((_, index) => index + 1))
  const cut = all.length - 2
  expect((await read(String(cut)))[0]).toBe(cut + 1)
})
