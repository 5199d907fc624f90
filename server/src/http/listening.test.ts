/** A stop loses nothing that was begun: requests are answered, streams are told when to come back, nobody waits for long. */
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listenOn, PortTaken } from './listening.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

test('under load, every request that was begun when the stop came is answered', async () => {
  const port = await freePort()
  let [begun, stopping] = [0, false]
  const listening = await listenOn(port, '127.0.0.1', async (_request, response) => {
    begun += 1
    await pause(begun % 5 === 0 ? 60 : 5)
    response.end('done')
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  let [answered, refused] = [0, 0]
  const ask = () =>
    new Promise<void>((resolve) => {
      get({ port, host: '127.0.0.1', agent }, (response: IncomingMessage) => {
        response.resume().once('end', () => {
          answered += 1
          resolve()
        })
      }).once('error', (error: NodeJS.ErrnoException) => {
        // Whoever never got as far as us may be told so; before the stop nobody is.
        if (stopping && ['ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '')) refused += 1
        resolve()
      })
    })
  const client = async () => {
    while (refused === 0) await ask()
  }
  const clients = Array.from({ length: 20 }, client)
  while (answered < 200) await pause(5)
  stopping = true
  await Promise.all([listening.close(), ...clients])
  agent.destroy()
  expect([answered, refused > 0]).toEqual([begun, true])
})

test('an open stream is closed with a hint of when to come back, and the stop does not wait for it', async () => {
  const port = await freePort()
  const listening = await listenOn(port, '127.0.0.1', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': welcome\n\n')
  })
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const text = response.text()
  await listening.close()
  expect(await text).toBe(': welcome\n\nretry: 2000\n\n')
})

test('a port that is taken is told with who has it', async () => {
  const port = await freePort()
  const listening = await listenOn(port, '127.0.0.1', (_request, response) => response.end())
  const second = listenOn(port, '127.0.0.1', (_request, response) => response.end())
  await expect(second).rejects.toBeInstanceOf(PortTaken)
  await expect(second).rejects.toThrow(new RegExp(`^Port ${port} is used by ".+" \\(process ${process.pid}\\)\\.`))
  await listening.close()
})
