/**
 * A balancer as plain as they come: each request goes to the next server in its turn, whoever asks and whatever they asked
 * before. A server that cannot be reached is passed over. One that hangs up without a word may have done what it was asked:
 * the next is asked where that may be repeated (a question, or a change with an `Idempotency-Key`), and 502 is the answer
 * to anything else.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Balancer {
  readonly port: number
  /** How many requests each server has answered, in their order. */
  answered(): readonly number[]
  close(): Promise<void>
}

/** In front of the servers at these ports. */
export async function balancer(servers: readonly number[]): Promise<Balancer> {
  const answered = servers.map(() => 0)
  let turn = 0
  const server = createServer(async (asked, answer) => {
    const body = await wholeOf(asked)
    const first = turn++
    for (let next = first; next < first + servers.length; next += 1) {
      const at = next % servers.length
      const fate = await pass(asked, body, servers[at] ?? 0, answer)
      if (fate === 'answered') answered[at] = (answered[at] ?? 0) + 1
      if (fate === 'answered' || (fate === 'silent' && !mayRepeat(asked))) break
    }
    if (!answer.headersSent) answer.writeHead(502).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    answered: () => [...answered],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function wholeOf(asked: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of asked) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const mayRepeat = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' || method === 'HEAD' || headers['idempotency-key'] !== undefined

/** `unreached`: it never heard of it. `silent`: it may have, and said nothing. A connection of its own for each request. */
const pass = (asked: IncomingMessage, body: Buffer, port: number, answer: ServerResponse) =>
  new Promise<'answered' | 'unreached' | 'silent'>((resolve) => {
    const { method, url, headers } = asked
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false })
    passed.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'unreached' : 'silent')
    })
    passed.once('response', (response) => {
      resolve('answered')
      const { connection: _hop, 'keep-alive': _its, ...rest } = response.headers
      answer.writeHead(response.statusCode ?? 502, rest)
      answer.flushHeaders()
      // What breaks off on the way is broken off to whoever asked: half an answer is not told as a whole one.
      response.once('error', () => answer.destroy()).pipe(answer)
    })
    answer.once('close', () => passed.destroy())
    passed.end(body)
  })
