/** Each call of the contract, through the real server: what it answers is what the contract says, field by field. */
import { type Api, api, type Call, type CallName, type OutputOf, problem } from '@amparo/contract/api'
import { addressOf } from '@amparo/contract/client'
import { samplePeople } from '@amparo/contract/people'
import { isRefusal, statusOf } from '@amparo/contract/refusals'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing } from './script.ts'
import { Browser, type Stage, staged } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
const answered = new Set<CallName>()

beforeAll(async () => {
  fresh = await emptyDatabase()
  stage = await staged({ databaseUrl: fresh.url })
  play = await playing(stage)
}, 60_000)
afterAll(async () => {
  await stage.stop()
  await stage.remove()
  await fresh.close()
})

interface Ask {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function send(agent: string, call: Call, { body, headers, ...ask }: Ask): Promise<Response> {
  return fetch(`http://127.0.0.1:${stage.port}${addressOf(call, ask)}`, {
    method: call.method,
    headers: {
      ...(agent ? { authorization: `Bearer ${play.bearer(`${agent}@acme.test`)}` } : { origin: stage.console }),
      ...(call.input ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(call.input ? { body: JSON.stringify(body ?? {}) } : {}),
  })
}

/** What a call answers: its declared status, and not one field more or less than its declared shape. */
async function says<Name extends CallName>(agent: string, name: Name, ask: Ask = {}): Promise<OutputOf<Name>> {
  const answer = await send(agent, api[name], ask)
  const body: unknown = await answer.json()
  expect({ name, status: answer.status, body }).toMatchObject({ name, status: api[name].status })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  const output: Api[Name]['output'] = api[name].output
  const parsed = output.safeParse(body)
  expect({ name, faults: parsed.error?.issues ?? [] }).toEqual({ name, faults: [] })
  answered.add(name)
  return body as OutputOf<Name>
}

/** What a call refuses: a problem whose word, status and two sentences are those of the contract. */
async function refuses(agent: string, name: CallName, ask: Ask, word: string) {
  const answer = await send(agent, api[name], ask)
  const body = problem.parse(await answer.json())
  expect({ name, code: body.code }).toEqual({ name, code: word })
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(isRefusal(body.code) && statusOf(body.code)).toBe(answer.status)
  expect(body).toMatchObject({ status: answer.status, type: expect.any(String), detail: expect.any(String) })
  return body
}

const lettersTo = async (to: string) => (await play.lettersTo(to)).length

test('from the first call to the last, every answer is as the contract says, in every state', async () => {
  const [agent, user] = ['ana', 'marta@clinica-sol.test']
  await says(agent, 'reasons')
  await says(agent, 'whoAmI')
  const { id } = await says(agent, 'open', {
    body: {
      kind: 'technical',
      userEmail: 'nobody@nowhere.test',
      reason: { code: 'other', line: 'x y' },
      ticket: 'T-1',
    },
  })
  const one = { params: { id } }
  const whole = async (state: string) => expect(await says(agent, 'get', one)).toMatchObject({ id, state })
  await whole('agent_verification')
  await refuses(
    agent,
    'open',
    { body: { kind: 'technical', userEmail: user, reason: { code: 'fault' } } },
    'agent.busy',
  )
  await refuses(agent, 'proveAgent', { ...one, body: { method: 'code', code: '123456' } }, 'code.not_sent')
  await refuses(agent, 'proveUser', { ...one, body: { code: '123456' } }, 'assistance.out_of_order')

  const before = await lettersTo('ana@acme.test')
  await says(agent, 'sendAgentCode', one)
  expect(await refuses(agent, 'sendAgentCode', one, 'code.too_soon')).toHaveProperty('resendAt')
  const agentCode = (await play.newLetter('ana@acme.test', before)).codes[0] ?? ''
  const wrong = agentCode === '111111' ? '222222' : '111111'
  const no = await refuses(agent, 'proveAgent', { ...one, body: { method: 'code', code: wrong } }, 'code.wrong')
  expect(no.attemptsLeft).toBe(4)
  const looked = await says(agent, 'proveAgent', { ...one, body: { method: 'code', code: agentCode } })
  expect(looked).toMatchObject({ state: 'user_lookup', user: null, lookupsLeft: 4 })
  await whole('user_lookup')

  await says(agent, 'correctUser', { ...one, body: { email: user } })
  const { ecosystems } = await says(agent, 'get', one)
  await refuses(agent, 'chooseEcosystem', { ...one, body: { ecosystemId: 'cli_none' } }, 'ecosystem.unknown')
  await says(agent, 'chooseEcosystem', { ...one, body: { ecosystemId: ecosystems?.[0]?.id } })
  const seen = await lettersTo(user)
  await says(agent, 'askConsent', { ...one, body: { powers: 'act', lengthMinutes: 30 } })
  await whole('consent')
  const code = (await play.newLetter(user, seen)).codes[0]
  await refuses(agent, 'proveUser', { ...one, body: { match: '12' } }, 'match.not_asked')
  await says(agent, 'proveUser', { ...one, body: { code } })
  await whole('active')

  const asked = await lettersTo(user)
  await says(agent, 'askPresence', one)
  await says(agent, 'provePresence', { ...one, body: { code: (await play.newLetter(user, asked)).codes[0] } })
  const launch = await says(agent, 'launch', { ...one, body: { surface: 'web' } })
  await refuses(agent, 'launch', { ...one, body: { surface: 'app' } }, 'surface.not_ready')
  const browser = new Browser()
  await browser.follow(await browser.form(launch.url, { ticket: launch.ticket }, { origin: stage.console }))
  await whole('active')
  await says(agent, 'closeSurface', { params: { id, surface: 'web' } })
  await refuses(agent, 'closeSurface', { params: { id, surface: 'web' } }, 'surface.not_open')
  await says(agent, 'addNote', { ...one, body: { text: 'First line\nSecond line' } })
  await says(agent, 'close', { ...one, body: { because: 'cancelled' } })
  await whole('closed')
  await says(agent, 'explainClosure', { ...one, body: { reason: 'other', note: 'The line went dead' } })
  await refuses(agent, 'sendAgentCode', one, 'assistance.closed')
  await refuses('ben', 'get', one, 'assistance.unknown')
})

test('lists, the record and a session are as the contract says', async () => {
  for (const state of ['live', 'closed', undefined])
    for (const agent of ['ana', 'sara']) await says(agent, 'list', { query: { state, limit: 2 } })
  await says('ana', 'list', { query: { openedWithinHours: 24 } })
  await says('sara', 'setNotice', { body: { text: 'Web down since 02:10' } })
  expect(await says('ana', 'notice')).toMatchObject({ notice: { text: 'Web down since 02:10' } })
  await refuses('ana', 'setNotice', { body: { text: 'x' } }, 'agent.not_allowed')
  await says('sara', 'setNotice', { body: {} })
  expect(await says('ana', 'notice')).toEqual({})
  const first = await says('sara', 'list', { query: { limit: 1 } })
  expect(first.items).toHaveLength(1)
  const page = await says('adam', 'auditEvents', { query: { limit: 5 } })
  expect(page.items).toHaveLength(5)
  await says('adam', 'auditEvents', { query: { limit: 5, cursor: page.nextCursor } })
  await says('adam', 'auditEvents', { query: { q: 'agent:ana type:consent.given after:2026-01-01' } })
  await refuses('adam', 'auditEvents', { query: { q: 'marta' } }, 'search.invalid')
  await refuses('ana', 'auditEvents', {}, 'agent.not_allowed')

  const people = samplePeople.parse(await (await fetch(`http://127.0.0.1:${stage.port}/dev/people.json`)).json())
  const signedIn = await send('', api.signIn, { body: people.agents[0]?.signIn })
  expect(signedIn.status).toBe(201)
  expect(api.signIn.output.safeParse(await signedIn.json()).error).toBeUndefined()
  answered.add('signIn')
  const cookie = /^[^;]+/.exec(signedIn.headers.get('set-cookie') ?? '')?.[0] ?? ''
  await says('', 'signOut', { headers: { cookie } })
})

test('no call of the contract was left out, and the document that is served names them all', async () => {
  expect(Object.keys(api).filter((name) => !answered.has(name as CallName))).toEqual([])
  const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/openapi.json`)
  expect(answer.status).toBe(200)
  // biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
  const document: any = await answer.json()
  expect(document.openapi).toMatch(/^3\.1/)
  for (const call of Object.values<Call>(api))
    expect(Object.keys(document.paths[call.path] ?? {})).toContain(call.method.toLowerCase())
})
