/** A stop loses nothing that was begun: requests are answered, streams are told when to come back, nobody waits for long. */
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limits, listenOn, PortTaken } from './listening.ts'
import { freePort } from './port.testing.ts'

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

test('beside two hundred slow clients an honest one is answered, and each slow one is let go of', async () => {
  // What holds outside of tests: nobody sits for longer than half a minute.
  expect(limits.headersTimeout).toBeLessThanOrEqual(limits.requestTimeout)
  expect(limits.requestTimeout + limits.connectionsCheckingInterval).toBeLessThanOrEqual(35_000)
  expect(limits.maxHeaderSize).toBeLessThanOrEqual(16_384)
  const port = await freePort()
  const within = { ...limits, headersTimeout: 500, requestTimeout: 1000, connectionsCheckingInterval: 100 }
  const listening = await listenOn(
    port,
    '127.0.0.1',
    (request, response) => {
      request
        .on('error', () => undefined)
        .on('end', () => response.end('done'))
        .resume()
    },
    within,
  )
  const halves = ['GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na']
  const slow: readonly Socket[] = Array.from({ length: 200 }, (_, index) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(halves[index % 2] ?? '')
    return socket
  })
  const gone = Promise.all(slow.map((socket) => once(socket.resume(), 'close')))
  const honest = await new Promise<string>((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, async (response) => {
      let text = ''
      for await (const part of response) text += String(part)
      resolve(text)
    }).once('error', reject)
  })
  expect(honest).toBe('done')
  await gone
  await listening.close()
})
