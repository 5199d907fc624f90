/** A check that asks nobody, while the issuer tells of every ending; and that asks as soon as that is not certain. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assisted } from './index.ts'
import { listening } from './listening.testing.ts'
import { told } from './told.ts'

let server: Server
let issuer: string
/** What the issuer knows: the sessions that are alive, by token. */
const alive = new Set<string>()
const lines = new Set<ServerResponse>()
const asked: string[] = []
const resumed: (string | undefined)[] = []
let held: Promise<void> | undefined
const pair = await generateKeyPair('ES256')
const behindMs = 2000
/** How far all clocks were moved forward, so that nobody has to wait. */
let ahead = 0
let endsAt = 0
const closing: (() => void)[] = []

beforeEach(async () => {
  for (const one of [alive, lines]) one.clear()
  for (const one of [asked, resumed]) one.length = 0
  held = undefined
  ahead = 0
  endsAt = Date.now() + 3600_000
  server = createServer(async (request, response) => {
    if (request.url === '/endings') {
      resumed.push(request.headers['last-event-id'] as string | undefined)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 500\n\n')
      lines.add(response)
      response.once('close', () => lines.delete(response))
      return
    }
    if (request.url === '/jwks') {
      response.end(JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] }))
      return
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const token = new URLSearchParams(body).get('token') ?? ''
    asked.push(token)
    const answer = alive.has(token) ? introspection(token) : { active: false }
    await held
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  issuer = await listening(server)
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
  server.closeAllConnections()
  server.close()
})

const introspection = (token: string) => ({
  active: true,
  sub: 'per_marta',
  client_id: 'web',
  scope: 'openid support:read',
  iss: issuer,
  sid: `sid of ${token}`,
  act: { sub: 'ag_ana', name: 'Ana Robles' },
  assistance_id: 'as_1',
  ecosystem_id: 'cli_sol',
  user_name: 'Marta Ruiz',
  reason: 'Cannot see invoices',
  powers: 'look',
  ends_at: new Date(endsAt).toISOString(),
  idle_at: new Date(endsAt).toISOString(),
  now: new Date().toISOString(),
})
const say = (event: string, data: object, id?: number) => {
  for (const line of lines) line.write(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
const beat = (now = Date.now() + ahead) => say('beat', { now }, now)

const ended: string[] = []
function product(more: { readonly line?: boolean } = { line: true }) {
  ended.length = 0
  const one = assisted({
    issuer,
    clientId: 'web',
    clientSecret: 's',
    onEnded: ({ sid }) => ended.push(sid),
    clocks: { monotonic: () => performance.now() + ahead, wall: () => Date.now() + ahead },
    ...more,
  })
  closing.push(one.close)
  return one
}
/** On the line, beating, with this session remembered. */
async function remembering(token: string) {
  alive.add(token)
  const one = product()
  expect(await one.check(token)).toMatchObject({ sid: `sid of ${token}` })
  await expect.poll(() => lines.size).toBe(1)
  beat()
  say('ended', { sid: 'nobody' })
  await expect.poll(() => ended.splice(0)).toEqual(['nobody'])
  // The line was opened so long ago that no process of the issuer is behind it.
  ahead += behindMs
  await expect
    .poll(async () => {
      beat()
      const before = asked.length
      await one.check(token)
      return asked.length - before
    })
    .toBe(0)
  return one
}

test('a session that is remembered is asked about no more', async () => {
  const one = await remembering('a')
  asked.length = 0
  for (let times = 0; times < 1000; times += 1) expect(await one.check('a')).toMatchObject({ sid: 'sid of a' })
  expect(asked).toEqual([])
})

test('without a line each check asks, and none is opened', async () => {
  alive.add('a')
  const one = product({})
  for (let times = 0; times < 3; times += 1) await one.check('a')
  expect([asked.length, lines.size]).toEqual([3, 0])
})

test('an ending that is told is an ending, and the product hears of it', async () => {
  const one = await remembering('a')
  alive.delete('a')
  say('ended', { sid: 'sid of a', sub: 'per_marta' })
  await expect.poll(() => ended).toEqual(['sid of a'])
  expect(await one.check('a')).toBe('ended')
})

test('what is told while it is asked about is not overlooked', async () => {
  const one = await remembering('a')
  alive.add('b')
  let letGo = () => {}
  held = new Promise((resolve) => {
    letGo = resolve
  })
  const asking = one.check('b')
  await expect.poll(() => asked.includes('b')).toBe(true)
  alive.delete('b')
  say('ended', { sid: 'sid of b', sub: 'per_marta' })
  await expect.poll(() => ended).toContain('sid of b')
  letGo()
  held = undefined
  await asking
  expect(await one.check('b')).toBe('ended')
})

test('when something changed, and when everything did, it is asked once more', async () => {
  const one = await remembering('a')
  for (const [event, data] of [
    ['changed', { sid: 'sid of a' }],
    ['everything', {}],
  ] as const) {
    asked.length = 0
    say(event, data)
    await expect
      .poll(async () => {
        beat()
        await one.check('a')
        return asked.length
      })
      .toBe(1)
  }
})

test('a line that is lost takes belief with it, and goes on from where it was', async () => {
  const one = await remembering('a')
  alive.delete('a')
  for (const line of lines) line.destroy()
  await expect.poll(() => one.check('a')).toBe('ended')
  await expect.poll(() => lines.size, { timeout: 10_000 }).toBe(1)
  expect(resumed[0]).toBeUndefined()
  expect(Number(resumed[1])).toBeGreaterThan(0)
})

test('a session whose ending was told is over, whatever another process still says of it', async () => {
  const one = await remembering('a')
  say('ended', { sid: 'sid of a', sub: 'per_marta' })
  await expect.poll(() => ended).toEqual(['sid of a'])
  // The issuer's other process has not heard of it.
  expect(alive.has('a')).toBe(true)
  expect(await one.check('a')).toBe('ended')
})

test('an ending here is not believed for a moment longer, whatever the line says', async () => {
  const one = await remembering('a')
  await one.end('a')
  alive.delete('a')
  expect(await one.check('a')).toBe('ended')
})

test('what ended here is over, whatever another process still says of it', async () => {
  const one = await remembering('a')
  expect(await one.end('a')).toBe('ended')
  expect(await one.check('a')).toBe('ended')
  expect(await one.check('a', { proof: 'p', method: 'GET', address: 'https://web.test/' })).toBe('ended')
  // Never seen here before, it is over as well.
  alive.add('b')
  expect(await one.end('b')).toBe('ended')
  expect(await one.check('b')).toBe('ended')
})

test('what a logout token ended is over, whatever another process still says of it', async () => {
  const one = await remembering('a')
  const claims = {
    sid: 'sid of a',
    sub: 'per_marta',
    jti: 'j',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt', kid: 'k' })
    .setIssuer(issuer)
    .setAudience('web')
    .setIssuedAt()
    .sign(pair.privateKey)
  expect(await one.verifyLogoutToken(jwt)).toMatchObject({ ok: true })
  expect(await one.check('a')).toBe('ended')
})

// ── By clocks that we hold ──────────────────────────────────────────────────────────────────────────────────────────

/** A line that we write, on clocks that we hold. */
async function line() {
  const time = { monotonic: 0, wall: 0 }
  let write: (text: string) => void = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      write = (text) => controller.enqueue(new TextEncoder().encode(text))
    },
  })
  const memory = told({
    open: async () => new Response(body),
    ended: () => {},
    trouble: () => {},
    monotonic: () => time.monotonic,
    wall: () => time.wall,
  })
  closing.push(memory.close)
  const start = 1_000_000
  const confirmed = { assisted: { sid: 's' } as never, until: start + 10_000 }
  const ask = () => memory.ask('t', async () => ({ answer: 'alive', confirmed }))
  const tell = async (event: string, data: object) => {
    write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const beatAt = (now: number) => tell('beat', { now })
  // A line that is new is believed two seconds later.
  time.monotonic = time.wall = -behindMs
  await ask()
  await beatAt(start - behindMs)
  await ask()
  expect(memory.find('t')).toBeUndefined()
  time.monotonic = time.wall = 0
  await beatAt(start)
  await ask()
  expect(memory.find('t')).toBeDefined()
  return { time, memory, start, confirmed, ask, tell, beatAt }
}

test('an answer of a process that is behind the one that told is not remembered, and what has ended is over', async () => {
  for (const event of ['changed', 'ended', 'everything'] as const) {
    const { time, memory, start, beatAt, tell, ask } = await line()
    await tell(event, { sid: 's' })
    await ask()
    expect(memory.find('t')).toBeUndefined()
    time.monotonic = time.wall = 1999
    await beatAt(start + 1999)
    await ask()
    expect(memory.find('t')).toBeUndefined()
    expect(memory.isOver('s', 't')).toBe(event === 'ended')
    time.monotonic = time.wall = 2000
    await ask()
    expect(memory.find('t') === undefined).toBe(event === 'ended')
  }
})

test('an ending of what is not remembered costs nobody else their answer', async () => {
  const { memory, ask, time, start, beatAt } = await line()
  memory.forgetToken('of somebody else', false)
  expect(memory.find('t')).toBeDefined()
  // Of its own token nothing is believed, also where its session is not known, until nobody can be behind.
  memory.forget('s', false)
  memory.forgetToken('t', false)
  time.monotonic = time.wall = 1999
  await beatAt(start + 1999)
  await ask()
  expect(memory.find('t')).toBeUndefined()
  time.monotonic = time.wall = 2000
  await ask()
  expect(memory.find('t')).toBeDefined()
})

test('an answer that was under way while its token was told to end is not remembered', async () => {
  const { time, memory, start, beatAt, confirmed } = await line()
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const asking = memory.ask('other', async () => {
    await held
    return { answer: 'alive', confirmed: { ...confirmed, assisted: { sid: 'other' } as never } }
  })
  memory.forgetToken('other', false)
  time.monotonic = time.wall = 1500
  await beatAt(start + 1500)
  letGo()
  await asking
  expect(memory.find('other')).toBeUndefined()
})

test('an answer that was under way while something was told is not remembered, however long it took', async () => {
  const { time, memory, start, beatAt, tell, confirmed } = await line()
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const asking = memory.ask('t', async () => {
    await held
    return { answer: 'alive', confirmed }
  })
  await tell('changed', { sid: 's' })
  for (let other = 0; other < 100; other += 1) await tell('ended', { sid: `other ${other}` })
  time.monotonic = time.wall = 5000
  await beatAt(start + 5000)
  letGo()
  await asking
  expect(memory.find('t')).toBeUndefined()
})

test('after a second and a half without a beat nothing is believed', async () => {
  const { time, memory } = await line()
  time.monotonic = time.wall = 1500
  expect(memory.find('t')).toBeDefined()
  time.monotonic = time.wall = 1501
  expect(memory.find('t')).toBeUndefined()
})

test('beats that were held up on their way count from when they were sent', async () => {
  const { time, memory, start, beatAt } = await line()
  time.monotonic = time.wall = 1400
  await beatAt(start + 500) // 900 ms late.
  expect(memory.find('t')).toBeDefined()
  time.monotonic = time.wall = 2001
  expect(memory.find('t')).toBeUndefined()
})

test('beats that are played again, or come in another order, prove nothing', async () => {
  const { time, memory, start, beatAt } = await line()
  time.monotonic = time.wall = 1400
  await beatAt(start) // One of before, once more.
  time.monotonic = time.wall = 1501
  expect(memory.find('t')).toBeUndefined()
  const other = await line()
  other.time.monotonic = other.time.wall = 1000
  await other.beatAt(other.start + 1000)
  await other.beatAt(other.start + 500)
  other.time.monotonic = other.time.wall = 2001
  expect(other.memory.find('t')).toBeUndefined()
})

test('it ends by itself at its time, by the issuer’s clock, and says how long is left', async () => {
  const { time, memory, start, beatAt } = await line()
  for (let now = 500; now <= 9500; now += 500) {
    time.monotonic = time.wall = now
    await beatAt(start + now)
  }
  expect(memory.find('t')).toMatchObject({ secondsLeft: 1 })
  time.monotonic = time.wall = 10_000
  expect(memory.find('t')).toBeUndefined()
})

test('a machine that was suspended believes nothing, and neither does one whose issuer’s clock was moved past the end', async () => {
  const { time, memory, start, beatAt } = await line()
  time.wall = 3600_000
  expect(memory.find('t')).toBeUndefined()
  time.wall = 0
  await beatAt(start + 900_000)
  expect(memory.find('t')).toBeUndefined()
})
