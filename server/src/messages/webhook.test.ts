import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { post, type Webhook } from './webhook.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

interface Heard {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A receiver on a real port, and everything that it heard. */
async function receiver(answer: (response: ServerResponse) => void): Promise<{ webhook: Webhook; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    heard.push({ headers: request.headers, body })
    answer(response)
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { webhook: { url: `http://127.0.0.1:${port}/releases`, secret }, heard }
}

/** What a receiver does by the specification, on what came over the wire. */
function isSigned({ headers, body }: Heard, key = Buffer.alloc(32, 7)): boolean {
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const ours = createHmac('sha256', key).update(text).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .some((one) => one.startsWith('v1,') && timingSafeEqual(ours, Buffer.from(one.slice(3), 'base64')))
}

const posting = { id: 'rl_1', type: 'succession.release_requested', data: { case_ref: 'SUC-ÑANDÚ', note: '“sí”' } }

test('what is posted carries a signature that a receiver can check, of this very body, for this very moment', async () => {
  const { webhook, heard } = await receiver((response) => response.end('{"step_key":"validation_review"}'))
  expect(await post(webhook, posting)).toEqual({ status: 200, said: { step_key: 'validation_review' } })
  const [first] = heard
  if (!first) throw new Error('nothing was heard')
  expect(isSigned(first)).toBe(true)
  expect(isSigned(first, Buffer.alloc(32, 8))).toBe(false)
  expect(isSigned({ ...first, body: first.body.replace('ÑANDÚ', 'OTHER') })).toBe(false)
  expect(isSigned({ ...first, headers: { ...first.headers, 'webhook-timestamp': '1' } })).toBe(false)
  expect(Math.abs(Number(first.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
  expect(JSON.parse(first.body)).toMatchObject({ type: posting.type, data: posting.data })
  expect(JSON.stringify(first)).not.toContain(secret)
})

test('told again, it has the same id, so that it counts once', async () => {
  const { webhook, heard } = await receiver((response) => response.writeHead(503).end())
  expect(await post(webhook, posting)).toEqual({ status: 503, said: undefined })
  expect(await post(webhook, posting)).toEqual({ status: 503, said: undefined })
  expect(heard.map(({ headers }) => headers['webhook-id'])).toEqual(['rl_1', 'rl_1'])
})

test('no redirect is followed, a page instead of an answer says nothing, and an endless answer is not read to its end', async () => {
  const { webhook, heard } = await receiver((response) => response.end('{}'))
  const moved = await receiver((response) => response.writeHead(307, { location: webhook.url }).end())
  expect(await post(moved.webhook, posting)).toHaveProperty('silent')
  expect(heard).toEqual([])
  const page = await receiver((response) => response.end('<!doctype html><title>Welcome</title>'))
  expect(await post(page.webhook, posting)).toEqual({ status: 200, said: undefined })
  let written = 0
  const endless = await receiver((response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384
    }
    response.on('drain', more)
    more()
  })
  expect(await post(endless.webhook, posting)).toEqual({ status: 200, said: undefined })
  expect(written).toBeLessThan(20_000_000)
})

test('nobody there is silence, in words', async () => {
  expect(await post({ url: 'http://127.0.0.1:9/releases', secret }, posting)).toHaveProperty('silent')
})

test('while its secret changes a posting is signed by both, so that a receiver takes it by the one it knows', async () => {
  const { webhook, heard } = await receiver((response) => response.end('{}'))
  const next = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  await post({ ...webhook, secret: `${next} ${secret}` }, posting)
  const [first] = heard
  if (!first) throw new Error('nothing was heard')
  for (const [fill, known] of [
    [7, true],
    [8, true],
    [9, false],
  ] as const)
    expect(isSigned(first, Buffer.alloc(32, fill))).toBe(known)
})
