/** The package in front of a real Fastify application, over HTTP: whatever way an answer takes, it passes the package. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { assistanceOf, assistedFastify } from '@amparo/relying-party/fastify'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuerStandIn } from './issuer.testing.ts'
import { browser, freePort } from './testing.ts'

let issuer: Awaited<ReturnType<typeof issuerStandIn>>
let app: FastifyInstance
let origin: string
const answered: string[] = []
/** A route that answers when the test says so. */
const slow = (() => {
  let came: (reply: ServerResponse) => void = () => {}
  let answer: (text: string) => void = () => {}
  const asked = new Promise<ServerResponse>((resolve) => (came = resolve))
  const answered = new Promise<string>((resolve) => (answer = resolve))
  return { asked, came, answered, answer }
})()
/** A page that says once that its beginning was written, and never comes to its end. */
const half = (() => {
  let wrote = () => {}
  const written = new Promise<void>((resolve) => (wrote = resolve))
  async function* page(): AsyncGenerator<string> {
    yield '<!doctype html><body>Saved'
    wrote()
    await new Promise(() => {})
  }
  return { written, page }
})()
/** Answers to somebody who has hung up, of which not a letter is written to Node. */
const unheard = {
  stream: () => Readable.from(['Saved']),
  'web-stream': () => new ReadableStream({ start: (saved) => saved.enqueue(Buffer.from('Saved')) }),
  response: () => new Response('Saved'),
  piped: (reply: FastifyReply) => void new Readable({ read() {} }).pipe(reply.hijack().raw),
  written: (reply: FastifyReply) => void reply.hijack().raw.write('Saved'),
}
const isUnheard = (way: string): way is keyof typeof unheard => way in unheard
/** Called with the next request for one of them, once it was heard. */
let late: (reply: ServerResponse) => void = () => {}
const lateHeard = () => new Promise<ServerResponse>((resolve) => (late = resolve))
async function heardAndGone(reply: ServerResponse): Promise<void> {
  const gone = once(reply, 'close')
  late(reply)
  await gone
}
function* endless(): Generator<string> {
  for (;;) yield 'Note of per_marta. '.repeat(1000)
}
beforeAll(async () => {
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  issuer = await issuerStandIn(origin)
  app = fastify({ forceCloseConnections: true })
  app.addHook('onResponse', async ({ url }, { raw }) => void answered.push(`${raw.statusCode} ${url}`))
  // What a compressing plugin does.
  app.addHook('onSend', async (request, reply, payload) => {
    if (!request.headers['accept-encoding']?.includes('gzip') || typeof payload !== 'string') return payload
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return gzipSync(payload)
  })
  app.addHook('onRequest', async ({ url }, { raw }) => {
    if (url === '/early') await heardAndGone(raw)
  })
  await app.register(
    assistedFastify({
      issuer: issuer.issuer,
      clientId: 'web',
      clientSecret: 'web-secret',
      origin,
      console: 'http://desk.test',
      user: (id) => (id === 'per_marta' ? { language: 'en' } : undefined),
      acts: {
        'POST /note': 'act',
        'POST /slow': 'act',
        'POST /half': 'act',
        'POST /late/:way': 'act',
        'POST /early': 'act',
        'POST /quiet': 'act',
        'POST /delete': 'deletion',
      },
    }),
  )
  // Stands behind the package, as one that keeps a session does, and takes a while.
  app.addHook('onSend', async (_request, _reply, payload) => payload)
  const page = (who = 'nobody') => `<!doctype html><title>Notes</title><body><h1>Note of ${who}</h1></body>`
  app.get('/', (request, reply) =>
    reply
      .headers({ 'cache-control': 'public, max-age=3600', etag: '"1"' })
      .type('text/html; charset=utf-8')
      .send(page(assistanceOf(request)?.user.id)),
  )
  app.get('/streamed', (request, reply) =>
    reply.type('text/html').send(Readable.from([page(assistanceOf(request)?.user.id).slice(0, 20), '…</body>'])),
  )
  app.get('/raw', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/html' }).end(page(assistanceOf(request)?.user.id))
  })
  app.get('/picture', (_request, reply) => reply.type('image/png').send(Buffer.from('a picture')))
  app.get('/endless', (_request, reply) => reply.type('text/plain').send(Readable.from(endless())))
  app.get('/data', (request) => ({ who: assistanceOf(request)?.user.id ?? 'nobody' }))
  app.post('/slow', (_request, reply) => {
    slow.came(reply.raw)
    return slow.answered
  })
  app.post('/half', (_request, reply) => reply.type('text/html').send(Readable.from(half.page())))
  app.post<{ Params: { way: string } }>('/late/:way', async ({ params: { way } }, reply) => {
    await heardAndGone(reply.raw)
    if (way === 'refused') return reply.code(409).send(unheard.stream())
    if (way === 'refused-response') return reply.send(new Response('Not saved', { status: 409 }))
    return isUnheard(way) ? (unheard[way](reply) ?? reply) : reply.code(404).send()
  })
  app.get<{ Params: { way: string } }>('/late/picture/:way', async ({ params: { way } }, reply) => {
    await heardAndGone(reply.raw)
    return reply.type('image/png').send(way === 'web' ? unheard['web-stream']() : unheard.stream())
  })
  app.post('/early', (_request, reply) => reply.send(unheard.stream()))
  app.post('/quiet', (_request, reply) => {
    late(reply.raw)
    return reply.type('text/plain').send(new Readable({ read() {} }))
  })
  app.post('/note', (_request, reply) => reply.code(303).header('location', '/').send())
  await app.listen({ port, host: '127.0.0.1' })
})
afterAll(async () => {
  await app.close()
  await issuer.close()
})

async function helped(powers: 'look' | 'act' = 'look') {
  issuer.told.powers = powers
  const ana = browser(origin, issuer.loginUrl())
  await ana.launch()
  return ana
}
const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }

test('in front of Fastify: whoever is not helped passes untouched, compressed and cached as ever', async () => {
  const plain = browser(origin, '')
  const response = await plain.ask('/')
  const { headers } = response
  expect([headers.get('content-encoding'), headers.get('cache-control')]).toEqual(['gzip', 'public, max-age=3600'])
  expect(await response.text()).toBe('<!doctype html><title>Notes</title><body><h1>Note of nobody</h1></body>')
  expect((await plain.ask('/note', { ...post, redirect: 'manual' })).status).toBe(303)
})

test('every page of it has the banner and is kept nowhere, whichever way it is sent', async () => {
  const ana = await helped()
  for (const path of ['/', '/streamed', '/raw']) {
    const response = await ana.ask(path, { headers: { 'if-none-match': '"1"' } })
    expect([path, response.status, response.headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
    expect([response.headers.get('etag'), response.headers.get('content-encoding')]).toEqual([null, null])
    const html = await response.text()
    for (const part of [path === '/streamed' ? '…' : 'Note of per_marta', 'Ana Robles', '/assisted/banner.js'])
      expect(html, path).toContain(part)
    const length = response.headers.get('content-length')
    if (length !== null) expect(Number(length)).toBe(Buffer.byteLength(html))
  }
  const data = await ana.ask('/data')
  expect([await data.json(), data.headers.get('cache-control')]).toEqual([{ who: 'per_marta' }, 'no-store'])
})

test('what was not agreed to is refused before any route, and what was done is told', async () => {
  const ana = await helped()
  for (const [path, act] of [
    ['/note', 'change'],
    ['/delete', 'deletion'],
    ['/nowhere', 'undeclared'],
  ] as const) {
    const refused = await ana.ask(path, { ...post, headers: { ...post.headers, origin, accept: 'application/json' } })
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'power.not_granted', act }])
  }
  const bea = await helped('act')
  const elsewhere = { ...post, headers: { ...post.headers, origin: 'http://evil.test' } }
  expect((await bea.ask('/note', elsewhere)).status).toBe(403)
  expect((await bea.ask('/note', { ...post, headers: { ...post.headers, origin } })).status).toBe(303)
  await expect
    .poll(() => issuer.reported.flatMap(({ acts }) => acts).map(({ what }) => what))
    .toContainEqual({ en: 'changed something', es: 'cambió algo' })
})

test('a page is told as opened, whatever the request says that it is for and however early its asker hangs up', async () => {
  const ana = await helped()
  const told = () => toldUnder(token)
  let token = `at-${issuer.sid()}`
  const asImage = { headers: { 'sec-fetch-dest': 'image' } }
  expect((await ana.ask('/picture', asImage)).status).toBe(200)
  for (const path of ['/', '/raw', '/data']) await (await ana.ask(path, asImage)).text()
  // With the page on which the launch landed.
  await expect.poll(told).toBe(4)
  // The first bytes are enough to read by.
  const reader = (await ana.ask('/endless')).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await expect.poll(told).toBe(5)

  const bea = await helped('act')
  token = `at-${issuer.sid()}`
  const hungUp = new AbortController()
  const answer = bea.ask('/slow', { ...post, headers: { ...post.headers, origin }, signal: hungUp.signal })
  const reply = await slow.asked
  const gone = new Promise((resolve) => reply.once('close', resolve))
  hungUp.abort()
  await expect(answer).rejects.toThrow()
  await gone
  slow.answer('changed all the same')
  await expect.poll(told).toBe(2)
})
test('a change whose page nobody waits for is told, though not a letter of it was sent', async () => {
  const bea = await helped('act')
  const token = `at-${issuer.sid()}`
  const hungUp = new AbortController()
  const headers = { ...post.headers, origin }
  const answer = bea.ask('/half', { ...post, headers, signal: hungUp.signal })
  await half.written
  hungUp.abort()
  await expect(answer).rejects.toThrow()
  await expect.poll(() => toldUnder(token)).toBe(2)
})

/** Asks, hangs up once the request was heard, and waits until the server knows. */
async function hangUp({ ask }: Awaited<ReturnType<typeof helped>>, path: string, init: RequestInit = {}) {
  const hungUp = new AbortController()
  const heard = lateHeard()
  const headers = { origin, 'sec-fetch-dest': 'image' }
  const answer = ask(path, { ...init, headers, signal: hungUp.signal })
  const reply = await heard
  hungUp.abort()
  await expect(answer).rejects.toThrow()
  if (!reply.closed) await once(reply, 'close')
}
test.each(Object.keys(unheard))(
  'a change whose asker has gone before its answer begins is told, though nothing of it is written: %s',
  async (way) => {
    const bea = await helped('act')
    const token = `at-${issuer.sid()}`
    await hangUp(bea, `/late/${way}`, { method: 'POST' })
    await expect.poll(() => toldUnder(token)).toBe(2)
  },
)
test('so is one whose asker has gone before it is known whose help it is, or before the first word of a stream; what was refused, or is part of a page, is not', async () => {
  const bea = await helped('act')
  const token = `at-${issuer.sid()}`
  for (const way of ['refused', 'refused-response']) await hangUp(bea, `/late/${way}`, { method: 'POST' })
  for (const way of ['node', 'web']) await hangUp(bea, `/late/picture/${way}`)
  for (const path of ['/quiet', '/early']) await hangUp(bea, path, { method: 'POST' })
  await expect.poll(() => toldUnder(token)).toBe(3)
})

const toldUnder = (token: string): number =>
  issuer.reported.filter((batch) => batch.token === token).flatMap(({ acts }) => acts).length

test('the ending covers it, and its own hooks see every answer, ours among them', async () => {
  const ana = await helped()
  const logout = await ana.ask('/assisted/logout', {
    method: 'POST',
    body: new URLSearchParams({ logout_token: await issuer.logoutToken() }),
  })
  expect(logout.status).toBe(200)
  const covered = await ana.ask('/', { headers: { accept: 'text/html' } })
  expect(covered.status).toBe(401)
  expect(await covered.text()).not.toContain('Note of per_marta')
  await expect.poll(() => answered, { timeout: 15_000 }).toContain('401 /')
  expect(answered).toContain('200 /assisted/logout')
})

test('an issuer that says nothing shows nothing', async () => {
  const ana = await helped()
  issuer.told.introspection = 'silent'
  const response = await ana.ask('/', { headers: { accept: 'text/html' } })
  issuer.told.introspection = 'alive'
  expect(response.status).toBe(503)
  expect(await response.text()).not.toContain('Note of per_marta')
})
