/**
 * What comes in over HTTP and should not: a refusal with a word within two seconds, never a breakage, never a stack, and
 * nothing done. The table of calls is the contract's own, so a new call cannot be forgotten here.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Api, api, type CallName, problem } from '@amparo/contract/api'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { openSession } from '../../server/src/identity/identity.store.ts'
import { ownStage } from './own.ts'
import type { Play, Script } from './script.ts'
import type { Stage } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
/** An assistance of Ben's with the user's Web open to him. */
let theirs: string

beforeAll(async () => {
  const own = await ownStage()
  ;({ fresh, stage, play } = own)
  theirs = (await play.active(play.scriptOf('ben'), 'marta@clinica-sol.test', 'cli_sol')).id
  // What was sent has arrived, and is written down.
  await play.advance(0)
  return own.close
}, 120_000)

type OfOne = {
  [Name in CallName]: Api[Name]['path'] extends `${string}{id}${string}` ? Name : never
}[CallName]

/** A body that each call would take from the right person. A new call does not compile until it has one. */
const bodies: Record<OfOne, object | undefined> = {
  get: undefined,
  sendAgentCode: {},
  challengeAgent: {},
  proveAgent: { method: 'code', code: '482913' },
  correctUser: { email: 'leo@clinica-sol.test' },
  chooseEcosystem: { ecosystemId: 'cli_sol' },
  askConsent: {},
  proveUser: { code: '482913' },
  askPresence: {},
  provePresence: { code: '482913' },
  launch: { surface: 'web' },
  phoneLaunch: undefined,
  matchPhone: { digits: '47' },
  closePhone: undefined,
  sendPhoneLink: {},
  askPower: { power: 'payment_method' },
  grantPower: { code: '482913' },
  closeSurface: {},
  close: { because: 'cancelled' },
  explainClosure: { reason: 'user_hung_up' },
  succession: undefined,
  successionStep: undefined,
  askRelease: {},
  release: { code: '482913', reason: 'support.user_asked', note: 'They mended what failed' },
  act: { act: 'add_note', note: 'They mended what failed' },
  addNote: { text: 'Called back, all is well' },
  decide: { decision: 'no' },
  offer: { offered: true },
  askGlass: { note: 'They do not answer' },
  breakGlass: {},
  closeReview: { finding: 'justified', note: 'Looked at it' },
}
const isOfOne = (name: string): name is OfOne => Object.hasOwn(bodies, name)
const isCall = (name: string): name is CallName => Object.hasOwn(api, name)
const calls = Object.keys(api).filter(isCall)
const ofOne = calls.filter(isOfOne)
const changing = calls.filter((name) => api[name].method !== 'GET')
const withInput = calls.filter((name) => 'input' in api[name])

const pathOf = (name: CallName, id: string) =>
  api[name].path
    .replace('{id}', id)
    .replace('{surface}', 'web')
    .replace('{power}', 'payment_method')
    .replace('{stepId}', 'e1')
    .replace('{launchId}', 'la_none')
const bodyOf = (name: CallName) => (isOfOne(name) ? bodies[name] : {})
const call = (script: Script, name: CallName, id: string, body = bodyOf(name), headers = {}) =>
  script.call(api[name].method, pathOf(name, id).replace('/api/v1', ''), body, headers)

/** A session for each test: what one may ask for at once has a limit, which a fast machine reaches and which is not tried here. */
async function newSessionOf(name: string): Promise<string> {
  const [agent] = await fresh.db.query<{ id: string }>('select id from agent where email = $1', [`${name}@acme.test`])
  return (await openSession(fresh.db, agent?.id ?? '', 'bearer')).token
}
const scriptAnew = async (name: string): Promise<Script> => play.scriptOf(name, await newSessionOf(name))

/** How much has been written: every act and every refusal of a step is an event. */
const record = async () => (await fresh.db.query<{ count: number }>('select count(*) from event'))[0]?.count

/** The code of a refusal; of anything else there is none. */
const problemOf = async (answer: Response) => problem.partial().parse(await answer.json())
const aRefusal = { code: expect.stringMatching(/^[a-z]+\.[a-z_]+$/), detail: expect.any(String) }

test.each(ofOne)(
  "%s: another agent's assistance and one that never was are equally unknown, and nothing is written",
  async (name) => {
    const agent = await scriptAnew('dev01')
    const before = await record()
    for (const id of [theirs, 'as_000000000000000000000000', 'x', '%00', "as_'--", '%2e%2e%2f', '__proto__']) {
      const { status, body } = await call(agent, name, id)
      expect({ id, status, code: body.code }).toEqual({ id, status: 404, code: 'assistance.unknown' })
    }
    expect(await record()).toBe(before)
  },
)

describe('with the cookie of somebody who is signed in', () => {
  let cookie = ''
  // A session for each test, so that none finds the limit of requests used up by the one before.
  beforeEach(async () => {
    cookie = ''
    const answer = await ask('signIn', { email: 'dev02@acme.test', password: 'dev02-demo-pass-1' }, ours())
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^__Host-amparo=[\w-]{43}$/)
    // Supervisors are told of a browser in which the agent never was, a moment later: that is written down by now.
    await play.advance(0)
  })
  const ours = () => ({ origin: stage.console })
  const ask = (name: CallName, body: object | undefined, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${stage.port}${pathOf(name, theirs)}`, {
      method: api[name].method,
      headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  test.each(changing)("%s: another site's page is refused, whatever it says of itself", async (name) => {
    const before = await record()
    const strangers = [
      {},
      { origin: 'http://evil.test' },
      { origin: 'null' },
      { origin: `${stage.console}.evil.test` },
      { origin: stage.console, 'sec-fetch-site': 'cross-site' },
      { origin: stage.console, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: `http://127.0.0.1:${stage.port}`, host: `127.0.0.1:${stage.port}` },
      { origin: 'http://evil.test', 'x-forwarded-host': 'evil.test' },
    ]
    for (const headers of strangers) {
      const answer = await ask(name, bodyOf(name), headers)
      expect([headers, answer.status, (await problemOf(answer)).code]).toEqual([headers, 403, 'request.cross_site'])
    }
    expect(await record()).toBe(before)
  })

  test('a bearer beside the cookie stands alone: a wrong one is nobody', async () => {
    const answer = await ask('whoAmI', undefined, { authorization: `Bearer ${'x'.repeat(43)}` })
    expect(answer.status).toBe(401)
    const swapped = await ask('whoAmI', undefined, { authorization: `Bearer ${cookie.split('=')[1]}`, cookie: '' })
    expect(swapped.status).toBe(401)
  })

  test('its stream ends with the session', async () => {
    const supervisor = await ask(
      'signIn',
      { email: 'sara@acme.test', password: 'sara-demo-pass-1' },
      { ...ours(), cookie: '' },
    )
    const hers = { ...ours(), cookie: supervisor.headers.get('set-cookie')?.split(';')[0] ?? '' }
    const stream = await fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances/${theirs}/stream`, { headers: hers })
    expect(stream.status).toBe(200)
    await ask('signOut', undefined, hers)
    for await (const _ of stream.body ?? []);
  })

  test('a stream of somebody else’s help ends for whoever supervises no more', async () => {
    const sol = { email: 'sol@acme.test', password: 'sol-demo-pass-1' }
    const signed = await ask('signIn', sol, { ...ours(), cookie: '' })
    const theirOwn = { ...ours(), cookie: signed.headers.get('set-cookie')?.split(';')[0] ?? '' }
    const stream = await fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances/${theirs}/stream`, {
      headers: theirOwn,
    })
    expect(stream.status).toBe(200)
    const are = (roles: readonly string[]) =>
      fresh.db.query('update agent set roles = $2 where email = $1', [sol.email, roles])
    try {
      await are(['agent:technical'])
      for await (const _ of stream.body ?? []);
    } finally {
      await are(['supervisor'])
    }
  })
})

const corpus: readonly (readonly [string, string])[] = [
  ['half of an object', '{"kind":'],
  ['no JSON', 'kind=technical'],
  ['a number', '7'],
  ['null', 'null'],
  ['an array', '[]'],
  ['an unknown field', '{"zzz":1}'],
  ['a prototype', '{"__proto__":{"a":1},"constructor":{"prototype":{}}}'],
  ['depth', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`],
  ['brackets', '['.repeat(90_000)],
  [
    'the character zero',
    JSON.stringify({ email: 'a\0b@x.test', password: 'x', userEmail: '\0', code: '\0', surface: '\0' }),
  ],
  ['half of a character', '{"email":"\\ud800@x.test","password":"x","note":"\\udfff"}'],
  ['a long text', JSON.stringify({ email: 'a'.repeat(90_000) })],
  ['a long number', `{"lengthMinutes":1${'0'.repeat(400)},"code":1e400}`],
  ['ten megabytes', JSON.stringify({ email: 'a'.repeat(10_000_000) })],
]

test.each(withInput)('%s: whatever is sent, it is refused with a word', async (name) => {
  const session = await newSessionOf('dev01')
  for (const [what, body] of corpus) {
    const began = performance.now()
    const answer = await fetch(`http://127.0.0.1:${stage.port}${pathOf(name, theirs)}`, {
      method: api[name].method,
      headers: {
        authorization: `Bearer ${session}`,
        'content-type': 'application/json',
      },
      body,
    })
    const text = await answer.text()
    expect([what, answer.status >= 400 && answer.status < 500, text]).toEqual([what, true, text])
    expect(JSON.parse(text)).toMatchObject(aRefusal)
    expect(text).not.toMatch(/\.ts:\d|node_modules|\bat \w+ \(/)
    expect(performance.now() - began).toBeLessThan(2000)
  }
})

test.each([
  ['sara', '/assistances?user=%00'],
  ['sara', '/assistances?agent=%00'],
  ['sara', '/assistances?limit=-1'],
  ['sara', `/assistances?cursor=${'a'.repeat(300)}`],
  ['sara', '/assistances?state=__proto__'],
  ['adam', '/audit/events?type=%00'],
  ['adam', '/audit/events?assistance=%00'],
  ['adam', '/audit/events?cursor=99999999999999999999'],
  ['adam', '/audit/export?q=%00'],
  ['adam', '/audit/export?q=user:%00'],
])('%s asks %s: refused with a word', async (who, path) => {
  expect(await play.scriptOf(who).call('GET', path)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
})

test.each(['events', 'figures', 'export'])(
  '%s of the record, of years that no database holds, are refused with a word',
  async (what) => {
    for (const day of ['0000-01-01', '0001-01-20', '0000-01-01T00:00%2B14:00', '9999-12-31T23:59-14:00'])
      for (const qualifier of ['after', 'before'])
        expect(await play.scriptOf('adam').call('GET', `/audit/${what}?q=${qualifier}:${day}`)).toMatchObject({
          status: 400,
          body: { code: 'search.invalid' },
        })
  },
)

const naming = calls.filter((name) => /\{(?!id\})\w+\}/.test(api[name].path))
test.each(naming)(
  '%s: a name in its address that no database can hold is refused with a word, to everybody',
  async (name) => {
    const path = api[name].path
      .replace('/api/v1', '')
      .replace('{id}', theirs)
      .replaceAll(/\{\w+\}/g, '%00')
    const given = api[name].method === 'GET' ? undefined : bodyOf(name)
    for (const who of ['ben', 'sara', 'adam']) {
      const { status, body } = await play.scriptOf(who).call(api[name].method, path, given)
      expect([who, status >= 400 && status < 500, body]).toEqual([who, true, expect.objectContaining(aRefusal)])
    }
  },
)

test.each(['-1', 'NaN', '99999999999', '9007199254740991', '%00'])(
  'a stream resumed after %s begins, and breaks nothing',
  async (after) => {
    const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances/${theirs}/stream?after=${after}`, {
      headers: { authorization: `Bearer ${play.bearer('ben@acme.test')}` },
    })
    expect(answer.status).toBe(200)
    for await (const chunk of answer.body ?? []) if (new TextDecoder().decode(chunk).includes('"n":1,')) break
  },
)

test('twenty at once with one Idempotency-Key: one assistance', async () => {
  const agent = play.scriptOf('dev04')
  const body = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'question' } }
  const key = { 'idempotency-key': `open-${crypto.randomUUID()}` }
  const replies = await Promise.all(Array.from({ length: 20 }, () => agent.call('POST', '/assistances', body, key)))
  const opened = replies.filter(({ status }) => status === 201)
  expect(new Set(opened.map((reply) => reply.body.id)).size).toBe(1)
  expect(new Set(replies.filter(({ status }) => status !== 201).map((reply) => reply.body.code))).toEqual(
    new Set(opened.length === 20 ? [] : ['request.in_progress']),
  )
})

test.each(changing)('%s: an Idempotency-Key that is none is refused with a word, and nothing is done', async (name) => {
  const agent = await scriptAnew('ben')
  const before = await record()
  for (const key of ['short', 'k'.repeat(129), '"half quoted', '"one-key-1", "one-key-2"']) {
    const answer = await call(agent, name, theirs, bodyOf(name), { 'idempotency-key': key })
    expect([key, answer.status, answer.body.code]).toEqual([key, 400, 'request.idempotency_key'])
  }
  expect(await record()).toBe(before)
})

/** These open a session or end one, and are never answered from memory. */
const unkept: readonly string[] = ['signIn', 'lookAtInvite', 'acceptInvite', 'showPlace', 'signOut']
const fromMemory = changing.filter((name) => !unkept.includes(name))

test.each(fromMemory)(
  '%s: an Idempotency-Key that another request used is refused, and nothing is done',
  async (name) => {
    const key = crypto.randomUUID()
    const agent = await scriptAnew('ben')
    const first = await agent.call('POST', '/assistances', { kind: 'neither' }, { 'idempotency-key': key })
    expect(first.status).toBe(400)
    const before = await record()
    // Quoted, as the draft writes it: the same key.
    for (const spelt of [key, `"${key}"`]) {
      const answer = await call(agent, name, theirs, bodyOf(name), { 'idempotency-key': spelt })
      expect([answer.status, answer.body.code]).toEqual([422, 'request.key_reused'])
    }
    expect(await record()).toBe(before)
  },
)

test('a request whose first asking nobody finished is under way for a minute, and is done then, once', async () => {
  const agent = play.scriptOf('dev06')
  const body = JSON.stringify({ kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'question' } })
  const key = crypto.randomUUID()
  const ask = (query = '') =>
    fetch(`http://127.0.0.1:${stage.port}/api/v1/assistances${query}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${play.bearer(agent.email)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body,
    })
  // What a server leaves behind that was killed in the middle of it.
  const digest = createHash('sha256').update(`POST /api/v1/assistances\n${body}`).digest()
  await fresh.db.query(
    `insert into idempotency (actor, key, request_digest) select id, $2, $3 from agent where email = $1`,
    [agent.email, key, digest],
  )
  const early = await ask()
  expect([early.status, early.headers.get('retry-after'), (await problemOf(early)).code]).toEqual([
    409,
    '1',
    'request.in_progress',
  ])
  await fresh.db.query(`update idempotency set taken_at = taken_at - interval '61 seconds' where key = $1`, [key])
  const later = await ask()
  const opened = await later.text()
  expect([later.status, await (await ask()).text()]).toEqual([201, opened])
  const again = await ask('?other=1')
  expect([again.status, (await problemOf(again)).code]).toEqual([422, 'request.key_reused'])
})

test('a keyed request that must wait is told until when, like any other', async () => {
  const agent = play.scriptOf('cleo')
  const path = `/assistances/${await play.opened(agent, 'leo@clinica-sol.test')}/agent-code`
  await play.agentCode(agent, path.split('/')[2] ?? '')
  const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${play.bearer(agent.email)}`, 'idempotency-key': crypto.randomUUID() },
  })
  expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
})

test('fifty opens at once over fifty connections: one', async () => {
  const agent = play.scriptOf('dev05')
  const body = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'question' } }
  const replies = await Promise.all(Array.from({ length: 50 }, () => agent.call('POST', '/assistances', body)))
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(new Set(replies.map(({ body: { id } }) => id)).size).toBe(1)
})

test('forty wrong sign-ins at once, in any spelling: ten are looked at, then the e-mail is locked for the right one too', async () => {
  const signIn = async (email: string, password: string) => {
    const answer = await fetch(`http://127.0.0.1:${stage.port}/api/v1/session`, {
      method: 'POST',
      headers: { origin: stage.console, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    return (await problemOf(answer)).code
  }
  const spellings = ['dev06@acme.test', 'DEV06@acme.test', 'Dev06@Acme.Test']
  const words = await Promise.all(Array.from({ length: 40 }, (_, i) => signIn(spellings[i % 3] ?? '', `wrong-${i}`)))
  expect(words.filter((word) => word === 'agent.wrong_sign_in')).toHaveLength(10)
  // As many as come from one address at once are looked at or found locked; who comes beside them waits.
  expect(words.filter((word) => word === 'agent.locked' || word === 'rate.limited')).toHaveLength(30)
  expect(await signIn('dev06@acme.test', 'dev06-demo-pass-1')).toBe('agent.locked')
})

// ── Below JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes bytes to an origin and reads to the end; the status of the answer. */
function raw(offset: number, head: string, body: readonly (string | Uint8Array)[] = []): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(stage.port + offset, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(Number(answer.split(' ')[1])))
    socket.setTimeout(2000, () => reject(new Error(`no answer to ${head.slice(0, 60)}`)))
    socket.write(head)
    for (const part of body) socket.write(part)
  })
}
const origins = [
  ['the console', 0, '/api/v1/session'],
  ['the issuer', 1, '/token'],
  ['the companion page', 2, '/c/aaaaaaaaaaaaaaaaaaaaaa/yes'],
] as const

describe.each(origins)('%s', (_name, offset, path) => {
  const head = (line: string, more = '') =>
    `${line} HTTP/1.1\r\nHost: localhost:${stage.port + offset}\r\nConnection: close\r\n${more}\r\n`
  const type = offset === 0 ? 'application/json' : 'application/x-www-form-urlencoded'
  const post = (more: string) => head(`POST ${path}`, `Content-Type: ${type}\r\nOrigin: ${stage.console}\r\n${more}`)

  test('long headers are 431, also as five thousand short ones', async () => {
    expect(await raw(offset, head('GET /', `X-Long: ${'a'.repeat(17_000)}\r\n`))).toBe(431)
    expect(await raw(offset, head(`GET /${'a'.repeat(17_000)}`))).toBe(431)
    expect(await raw(offset, head('GET /', 'X-N: 1\r\n'.repeat(5000)))).toBe(431)
  })

  test('odd methods, odd addresses and ambiguous framing are a 4xx', async () => {
    const lines = [
      'TRACE /',
      'PROPFIND /',
      'BREW /',
      'OPTIONS *',
      'GET /%E0%A4%A',
      'GET /%00',
      'GET //evil.test/',
      'GET http://evil.test/x',
    ]
    for (const line of lines) expect([line, Math.floor((await raw(offset, head(line))) / 100)]).toEqual([line, 4])
    expect(await raw(offset, post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), ['0\r\n\r\n'])).toBe(400)
    expect(await raw(offset, post('Content-Length: 5\r\nContent-Length: 6\r\n'), ['hello!'])).toBe(400)
    expect(await raw(offset, `GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`)).toBeGreaterThanOrEqual(400)
  })

  test('ten megabytes, announced or in chunks, get their answer, and the memory stays', async () => {
    const megabytes = Array.from({ length: 100 }, () => Buffer.alloc(100_000, 'a'))
    const chunks = megabytes.flatMap((one) => ['186a0\r\n', one, '\r\n'])
    const before = await residentMegabytes()
    for (let round = 0; round < 5; round += 1) {
      expect([400, 413]).toContain(await raw(offset, post('Content-Length: 10000000\r\n'), megabytes))
      expect([400, 413]).toContain(await raw(offset, post('Transfer-Encoding: chunked\r\n'), [...chunks, '0\r\n\r\n']))
    }
    expect((await residentMegabytes()) - before).toBeLessThan(100)
  })
})

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${stage.child.pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

test("the demo's own pages are for this machine alone: another host name, as after DNS rebinding, sees no message", async () => {
  for (const path of ['/dev/inbox.json', '/dev/people.json', '/inbox', '/inbox/newest', '/inbox/mail?id=x']) {
    expect([path, await raw(0, `GET ${path} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`)]).toEqual([
      path,
      403,
    ])
  }
  const moved = await fetch(`http://127.0.0.1:${stage.port}/dev/clock`, {
    method: 'POST',
    headers: { origin: 'http://evil.test' },
    body: '{"advanceMs":1}',
  })
  expect(moved.status).toBe(403)
})

test('after all this it said nothing of a breakage, and what was open is open', async () => {
  expect(stage.said()).not.toMatch(/request failed|issuer\.failed|companion page failed|\bat .+\.ts:\d/)
  expect((await play.scriptOf('ben').call('GET', `/assistances/${theirs}`)).body.state).toBe('active')
})
