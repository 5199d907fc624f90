import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { client, Unreachable } from './client.ts'

interface Seen {
  readonly line: string
  readonly headers: Record<string, unknown>
  readonly body: string
}
const seen: Seen[] = []
let answer: { status: number; type: string; body: string; retryAfter?: string }
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
  response.writeHead(answer.status, {
    'content-type': answer.type,
    ...(answer.retryAfter && { 'retry-after': answer.retryAfter }),
  })
  response.end(answer.body)
})
let base = ''
const json = (status: number, value: unknown) => {
  answer = { status, type: 'application/json', body: JSON.stringify(value) }
}
const lookedUp = { state: 'user_lookup', user: null, ecosystems: [], lookupsLeft: 4 }

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('a call goes out as the table says', async () => {
  json(200, lookedUp)
  const outcome = await client({ base: `${base}/`, bearer: 'b' }).call('proveAgent', {
    params: { id: 'as/1' },
    body: { method: 'code', code: '482 913' },
    idempotencyKey: 'key-12345',
  })
  expect(outcome).toEqual({ ok: true, value: lookedUp })
  const last = seen.at(-1)
  expect(last?.line).toBe('PUT /api/v1/assistances/as%2F1/agent-proof')
  expect(last?.headers).toMatchObject({ authorization: 'Bearer b', 'idempotency-key': 'key-12345' })
  expect(JSON.parse(last?.body ?? '')).toEqual({ method: 'code', code: '482 913' })
})

test('a query goes out without what was left out', async () => {
  json(200, { items: [], now: '2026-11-22T10:42:00.000Z' })
  await client({ base }).call('list', { query: { state: 'live', agent: undefined, user: '', limit: 5 } })
  expect(seen.at(-1)?.line).toBe('GET /api/v1/assistances?state=live&limit=5')
})

test('a refusal is a value, with all that it carries', async () => {
  const problem = {
    type: 't',
    title: 'x',
    status: 422,
    code: 'code.wrong',
    detail: 'd',
    requestId: 'r',
    attemptsLeft: 3,
  }
  answer = { status: 422, type: 'application/problem+json', body: JSON.stringify(problem), retryAfter: '7' }
  const outcome = await client({ base }).call('sendAgentCode', { params: { id: 'a' } })
  expect(outcome).toEqual({ ok: false, problem, retryAfterSeconds: 7 })
})

test('no answer, a page of a proxy, and a broken promise are thrown as unreachable', async () => {
  answer = { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' }
  await expect(client({ base }).call('whoAmI')).rejects.toMatchObject({ name: 'Unreachable', status: 502 })
  json(200, { ...lookedUp, lookupsLeft: 'four' })
  await expect(client({ base }).call('correctUser', { params: { id: 'a' }, body: { email: 'a@b' } })).rejects.toThrow(
    /lookupsLeft/,
  )
  await expect(client({ base: 'http://127.0.0.1:1' }).call('reasons')).rejects.toBeInstanceOf(Unreachable)
})

test('a field that this client does not know is no reason to stop', async () => {
  json(200, { reasons: [], news: 'later' })
  expect((await client({ base }).call('reasons')).ok).toBe(true)
})

test('the types ask for exactly what the call needs', () => {
  const { call } = client({ base })
  const wrong = [
    // @ts-expect-error: the id is missing.
    () => call('get'),
    // @ts-expect-error: the body is missing.
    () => call('open', {}),
    // @ts-expect-error: there is no such state.
    () => call('list', { query: { state: 'sleeping' } }),
  ]
  expect(wrong).toHaveLength(3)
})
