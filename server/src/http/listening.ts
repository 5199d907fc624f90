/**
 * Listening on a port, and letting go of it: nothing is told to be ready before it is, and what was begun is finished.
 * A stream is no request that ends by itself: it is closed with a hint of when to come back.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Cannot } from '../cannot.ts'
import { holderOf } from './port.ts'

/** Somebody else listens where we wanted to. A port is never exchanged for another by itself. */
export class PortTaken extends Cannot {
  constructor(port: number, by: string | undefined) {
    super(2, [
      {
        en: `Port ${port} is used by ${by ?? 'another program'}. Start with another: npm start -- --port ${port + 100}, or AMPARO_PORT.`,
        es: `El puerto ${port} lo usa ${by ?? 'otro programa'}. Empieza con otro: npm start -- --port ${port + 100}, o AMPARO_PORT.`,
      },
    ])
  }
}

export interface Listening {
  /** Takes no new connections, finishes what was begun, at the most within `patienceMs`. */
  close(): Promise<void>
}

/** Limits of our own on time and size: Node's defaults let a slow client sit for five minutes. */
export const limits = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
}
const lingerMs = 1000
/** A request takes five seconds at the most: a statement's limit, and the answer's way. */
const patienceMs = 8000
/** Whoever lost a stream comes back after this; another process may be there by then. */
const comeBackMs = 2000
const lastWords = `retry: ${comeBackMs}\n\n`

/** Listens, or throws `PortTaken`. */
export async function listenOn(
  port: number,
  host: string,
  listener: RequestListener,
  within = limits,
): Promise<Listening> {
  const server = createServer(within, listener).on('connection', lingering)
  const answers = new Set<ServerResponse>()
  const streams = new WeakSet<ServerResponse>()
  let leaving = false
  server.prependListener('request', (_request, response: ServerResponse) => {
    answers.add(response)
    noteStream(response, streams)
    response.once('close', () => answers.delete(response))
    // A client that keeps its connection is told with its answer that this was the last one.
    if (leaving) response.setHeader('connection', 'close')
  })
  await opened(server, port, host)
  return {
    close: async () => {
      leaving = true
      for (const answer of answers) {
        if (streams.has(answer)) answer.end(lastWords)
        else if (!answer.headersSent) answer.setHeader('connection', 'close')
      }
      await closed(server)
    },
  }
}

/** What is handed to `writeHead` cannot be asked for afterwards: it is looked at on its way. */
function noteStream(response: ServerResponse, streams: WeakSet<ServerResponse>): void {
  const { writeHead } = response
  response.writeHead = (...given: readonly unknown[]) => {
    if (isStream(response.getHeader('content-type')) || given.some(namesStream)) streams.add(response)
    return Reflect.apply(writeHead, response, given)
  }
}

const isStream = (value: unknown): boolean => typeof value === 'string' && value.includes('text/event-stream')
/** Headers as an object, or as a flat list of names and values. */
const namesStream = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && Object.values(given).some(isStream)

function opened(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error)
      else holderOf(port).then((by) => reject(new PortTaken(port, by)), reject)
    })
    server.listen(port, host, resolve)
  })
}

/**
 * Whoever is answered before everything they sent was read (a body that is too large) still gets the answer: what comes
 * after it is read and dropped for a moment, because a socket closed over unread bytes takes its last words with it.
 */
function lingering(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end().resume()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
}

/** How long a client that keeps its connection has for a request that it may just be sending. */
const drainMs = 250

async function closed(server: Server): Promise<void> {
  let gone = false
  const end = new Promise<void>((resolve) => {
    server.close(() => {
      gone = true
      resolve()
    })
  })
  const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
  await Promise.race([end, pause(drainMs)])
  while (!gone) {
    server.closeIdleConnections()
    await Promise.race([end, pause(20)])
  }
  clearTimeout(patience)
}
