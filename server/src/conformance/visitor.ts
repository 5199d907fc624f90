/**
 * A browser as far as a server can tell: cookies by host, redirects one at a time, and nothing shared with another one.
 * `*.localhost` is this machine, as browsers have it.
 */

import { lookup as resolve } from 'node:dns'
import { type ClientRequest, type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import type { LookupFunction } from 'node:net'

export interface SetCookie {
  readonly name: string
  readonly value: string
  /** In lower case: `secure`, `httponly`, `samesite=lax`. */
  readonly attributes: readonly string[]
  readonly gone: boolean
}
export interface Answer {
  readonly url: string
  readonly status: number
  readonly text: string
  readonly location: string | undefined
  readonly cookies: readonly SetCookie[]
  header(name: string): string
}
export type Headers = Readonly<Record<string, string>>

export interface Visitor {
  /** The cookies that this browser has for this host. */
  jar(url: string): Map<string, string>
  get(url: string, headers?: Headers): Promise<Answer>
  form(url: string, method: string, fields: Readonly<Record<string, string>>, headers?: Headers): Promise<Answer>
  /** Follows redirects while they lead to one of these origins; every answer on the way, the last one last. */
  follow(url: string, origins: readonly string[]): Promise<readonly Answer[]>
  /** Holds a stream or a WebSocket open until the other side lets go; `undefined` where none was opened. */
  hold(url: string): Promise<Held | undefined>
}
export interface Held {
  readonly open: () => boolean
  close(): void
}

const patienceMs = 10_000
const hopsAtMost = 12
const asBrowsers: Headers = { accept: 'text/html', 'accept-language': 'en' }

const local: LookupFunction = (host, options, found) => {
  if (!/(^|\.)localhost$/.test(host)) return resolve(host, options, found)
  if (options.all) return found(null, [{ address: '127.0.0.1', family: 4 }])
  return found(null, '127.0.0.1', 4)
}

function asking(url: string, method: string, headers: Headers): ClientRequest {
  const send = url.startsWith('https:') ? secure : plain
  return send(url, { method, headers, lookup: local, agent: false })
}

export function visitor(): Visitor {
  const jars = new Map<string, Map<string, string>>()
  const jar = (url: string): Map<string, string> => {
    const { hostname } = new URL(url)
    const kept = jars.get(hostname) ?? new Map<string, string>()
    jars.set(hostname, kept)
    return kept
  }
  const cookieOf = (url: string): Headers => {
    const cookie = [...jar(url)].map((pair) => pair.join('=')).join('; ')
    return cookie === '' ? {} : { cookie }
  }
  async function ask(url: string, method: string, headers: Headers, body?: string): Promise<Answer> {
    const sent = asking(url, method, { ...asBrowsers, ...cookieOf(url), ...headers })
    const answer = await answered(sent, url, body)
    for (const { name, value, gone } of answer.cookies) gone ? jar(url).delete(name) : jar(url).set(name, value)
    return answer
  }
  return {
    jar,
    get: (url, headers = {}) => ask(url, 'GET', headers),
    form: (url, method, fields, headers = {}) => {
      const body = new URLSearchParams(fields).toString()
      const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
      return ask(url, method, { ...type, ...headers }, body)
    },
    async follow(url, origins) {
      const answers = [await ask(url, 'GET', {})]
      for (let hops = 0; hops < hopsAtMost; hops += 1) {
        const next = answers.at(-1)?.location
        if (next === undefined || !origins.includes(originOf(next))) break
        answers.push(await ask(next, 'GET', {}))
      }
      return answers
    },
    hold: (url) => held(url, cookieOf(url)),
  }
}

export const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'null')

function answered(sent: ClientRequest, url: string, body = ''): Promise<Answer> {
  return new Promise((done, failed) => {
    sent.setTimeout(patienceMs, () => sent.destroy(new Error(`${url} does not answer`)))
    sent.once('error', failed)
    sent.once('response', (response) => textOf(response).then((text) => done(answerOf(url, response, text)), failed))
    sent.end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

function answerOf(url: string, { statusCode = 0, headers }: IncomingMessage, text: string): Answer {
  const { location } = headers
  const next = statusCode >= 300 && statusCode < 400 ? location : undefined
  return {
    url,
    status: statusCode,
    text,
    location: next !== undefined && URL.canParse(next, url) ? new URL(next, url).href : next,
    cookies: (headers['set-cookie'] ?? []).map(cookieFrom),
    header: (name) => [headers[name.toLowerCase()] ?? ''].flat().join(', '),
  }
}

function cookieFrom(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const at = pair.indexOf('=')
  const attributes = rest.map((part) => part.toLowerCase())
  const ended = (part: string): boolean =>
    /^max-age=(0|-\d+)$/.test(part) || (part.startsWith('expires=') && Date.parse(part.slice(8)) <= Date.now())
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes, gone: attributes.some(ended) }
}

/** `ws:` and `wss:` are asked for as browsers do; anything else is a stream that goes on for as long as it is open. */
function held(url: string, cookie: Headers): Promise<Held | undefined> {
  const socket = /^wss?:/.test(url)
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const key = { 'sec-websocket-key': Buffer.from(crypto.randomUUID().slice(0, 16)).toString('base64') }
  const as = socket
    ? { ...upgrade, ...key, origin: originOf(url).replace(/^ws/, 'http') }
    : { accept: 'text/event-stream' }
  const sent = asking(url.replace(/^ws/, 'http'), 'GET', { ...cookie, ...as })
  return new Promise((done) => {
    let open = true
    const over = (): void => {
      open = false
    }
    const found = (): void => done({ open: () => open, close: () => sent.destroy() })
    sent.setTimeout(patienceMs, () => done(undefined))
    sent.once('error', () => done(undefined)).once('close', over)
    sent.once('upgrade', (_response, connection) => {
      connection.on('error', over).once('close', over).once('end', over).resume()
      found()
    })
    sent.once('response', (response) => {
      response.on('error', over).once('end', over).once('close', over).resume()
      if (response.statusCode === 200) found()
      else done(undefined)
    })
    sent.end()
  })
}
