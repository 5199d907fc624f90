/** Who asks, over HTTP and behind a proxy that is one: people are told apart, and nobody is whom they say they are. */
import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Play, playing } from './script.ts'
import { type Stage, staged } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
const balancers: Server[] = []
beforeAll(async () => {
  fresh = await emptyDatabase()
  stage = await staged({ databaseUrl: fresh.url, env: { AMPARO_PROXIES: '127.0.0.1' } })
  play = await playing(stage)
}, 120_000)
afterAll(async () => {
  for (const one of balancers) one.close()
  await stage.stop()
  await stage.remove()
  await fresh.close()
})

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** From an address of this machine's own, which is another client's for whoever is asked. */
const from = (localAddress: string, port: number, { method = 'GET', path, headers, body }: Sent) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = ask({ host: '127.0.0.1', localAddress, port, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** A load balancer as they are: it adds whom it saw to the end of what it was given. Its port. */
async function balancer(to: number): Promise<number> {
  const server = createServer((request, response) => {
    const { 'x-forwarded-for': before, ...others } = request.headers
    const seen = [before, request.socket.remoteAddress].filter(Boolean).join(', ')
    const headers = { ...others, 'x-forwarded-for': seen }
    const { method, url: path } = request
    const onward = ask({ host: '127.0.0.1', port: to, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  balancers.push(server)
  return (server.address() as AddressInfo).port
}

/** What somebody puts there who wants to be somebody else, another each time. */
const forged = (count: number): Record<string, string> => ({
  'x-forwarded-for': `198.51.100.${count}${count % 2 ? `, 127.0.0.1` : ''}`,
  'x-real-ip': `198.51.100.${count}`,
  forwarded: `for=198.51.100.${count}`,
})
const many = 40

test('whoever floods the check of references is stopped by their own address, whatever they say; the others go on', async () => {
  const page = stage.port + 2
  const door = await balancer(page)
  const isOurs = (headers: Record<string, string> = {}): Sent => ({
    method: 'POST',
    path: '/ours',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: '{"text":"AM-0000"}',
  })
  const flood = (address: string, port: number) =>
    Promise.all(Array.from({ length: many }, (_, count) => from(address, port, isOurs(forged(count)))))
  for (const [address, port] of [
    ['127.0.0.2', door],
    ['127.0.0.3', page],
  ] as const) {
    const said = await flood(address, port)
    expect(said.filter(({ status }) => status === 429).length).toBeGreaterThan(many / 2)
    expect(said.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  }
  expect((await from('127.0.0.4', door, isOurs())).status).toBe(200)
  expect((await from('127.0.0.5', page, isOurs(forged(1)))).status).toBe(200)
}, 60_000)

test('whoever tries short codes for a phone is stopped by their own address; the next phone is not', async () => {
  const door = await balancer(stage.port + 1)
  const typing = (headers: Record<string, string> = {}): Sent => ({
    path: `/authorize?client_id=demo-app&login_hint=BCDF-GHJK&dpop_jkt=${'x'.repeat(43)}`,
    headers,
  })
  const said = await Promise.all(
    Array.from({ length: many }, (_, count) => from('127.0.0.2', door, typing(forged(count)))),
  )
  expect(said.filter(({ status }) => status === 429).length).toBeGreaterThan(many / 2)
  const next = await from('127.0.0.4', door, typing())
  expect([next.status === 429, next.text.includes('</html>')]).toEqual([false, true])
}, 60_000)

test('the record and the mail about a sign-in name where it came from, and not where it says that it came from', async () => {
  const door = await balancer(stage.port)
  const { signIn } = play.people.agents.find(({ email }) => email === 'ben@acme.test') ?? { signIn: undefined }
  const tried = (address: string, port: number, count: number, given: object) =>
    from(address, port, {
      method: 'POST',
      path: '/api/v1/session',
      headers: { 'content-type': 'application/json', origin: stage.console, ...forged(count) },
      body: JSON.stringify({ ...signIn, ...given }),
    })
  // In a first browser, and in one that is new to us.
  expect((await tried('127.0.0.4', door, 6, {})).status).toBe(201)
  expect((await tried('127.0.0.2', door, 7, {})).status).toBe(201)
  const letter = await play.newLetter('ben@acme.test', 0, ({ codes }) => codes.length === 0)
  expect(letter.text).toContain('127.0.0.2')
  expect(letter.text).not.toContain('198.51.100')
  expect((await tried('127.0.0.3', stage.port, 8, { password: 'guessed-by-somebody' })).status).toBe(401)
  const kept = await fresh.db.query<{ text: string }>(
    `select w.text from event e join erasable w on w.event_id = e.id
      where e.type = 'agent.sign_in_failed' and w.field = 'from'`,
  )
  expect(kept.map(({ text }) => text)).toEqual(['127.0.0.3'])
}, 60_000)

test('which host and scheme somebody claims decides nothing: no page, cookie or check of origins believes it', async () => {
  const claims = {
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    host: 'evil.test',
  }
  for (const offset of [0, 1, 2])
    for (const path of ['/', '/.well-known/openid-configuration', '/receipt', '/sign-in/back']) {
      const answer = await from('127.0.0.2', stage.port + offset, { path, headers: { ...claims, accept: 'text/html' } })
      expect([path, answer.text.includes('evil.test')]).toEqual([path, false])
    }
  const crossed = await from('127.0.0.2', stage.port, {
    method: 'POST',
    path: '/api/v1/session',
    headers: { ...claims, 'content-type': 'application/json', origin: 'https://evil.test' },
    body: '{}',
  })
  expect(crossed.status).toBe(403)
}, 60_000)
