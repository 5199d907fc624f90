/** For journeys: the demo in a process of its own, a browser's cookie jar for scripts, and the people in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Agent, request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const start = join(import.meta.dirname, '../start.ts')
const root = join(import.meta.dirname, '../..')
const typescript = Reflect.get(process.features, 'typescript') ? [] : ['--import', 'tsx']

export interface Stage {
  readonly port: number
  readonly console: string
  readonly child: ChildProcess
  readonly folder: string
  /** What it printed so far. */
  said(): string
  /** Ends it as an operator would, and waits. */
  stop(signal?: NodeJS.Signals): Promise<void>
  remove(): Promise<void>
}

export interface Staging {
  readonly databaseUrl?: string
  readonly folder?: string
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  /** With doubles of AWS, each a process of its own: `npm start -- --aws`. */
  readonly aws?: boolean
  /** Another program than the one that `npm start` runs: it loads everything, and begins when a line is said to it. */
  readonly spare?: { readonly program: string; readonly until: Promise<unknown> }
}

/** The demo, started as `npm start` starts it, once it has said that it is ready. */
export async function staged({ databaseUrl, folder, port, env, aws, spare }: Staging = {}): Promise<Stage> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'amparo-stage-')))
  const at = port ?? (await freeBlock())
  const ours = aws ? [join(root, 'scripts/start.mjs'), '--aws'] : [...typescript, start]
  const program = spare ? [spare.program] : ours
  const child = spawn(process.execPath, [...program, '--port', String(at), '--data', data], {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'test',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // One that was killed before it began hears nothing any more.
  child.stdin.on('error', () => undefined)
  void Promise.resolve(spare?.until).then(() => child.stdin.end('\n'))
  let said = ''
  const heard = (chunk: Buffer) => {
    said += chunk.toString()
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => {
      if (said.includes('"event":"ready"')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready:\n${said}`)))
  })
  return {
    port: at,
    console: `http://localhost:${at}`,
    child,
    folder: data,
    said: () => said,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
    remove: () => rm(data, { recursive: true, force: true }),
  }
}

/**
 * Each worker of the tests has a hundred blocks of its own, and gives none of those again that it has just given: nobody
 * takes one between our look and the start.
 */
const [blockLength, own, workers] = [14, 100, 9]
const justGiven: number[] = []

/**
 * A port whose whole block (console to App) is free, below those that the system gives to connections on their way out:
 * one of these would be taken again between our look and the start.
 */
export async function freeBlock(): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % workers
  for (;;) {
    const block = worker * own + ((crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) % own)
    if (justGiven.includes(block)) continue
    justGiven.push(block)
    if (justGiven.length > own / 2) justGiven.shift()
    const base = 20_000 + block * blockLength
    const free = await Promise.all(Array.from({ length: blockLength }, (_, offset) => isFree(base + offset)))
    if (free.every((one) => one)) return base
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

// ── A script's browser ──────────────────────────────────────────────────────────────────────────────────────────────

export interface Answer {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly text: string
}

/**
 * What a script needs to follow a launch: a cookie jar by host name, redirects and `Refresh`, and `*.localhost` on
 * 127.0.0.1 (Node's own look-up does not know those names).
 */
export class Browser {
  readonly jar = new Map<string, Map<string, string>>()
  readonly #connections: Agent | false
  readonly #placeOf: (url: URL) => URL

  /**
   * Each request is a connection of its own, unless there is somebody who keeps them. `placeOf` says where a name is
   * reached that is not of this machine.
   */
  constructor(connections: Agent | false = false, placeOf: (url: URL) => URL = (url) => url) {
    this.#connections = connections
    this.#placeOf = placeOf
  }

  async ask(
    url: string,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const target = new URL(url)
    const cookies = [...(this.jar.get(target.hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(
      target,
      this.#placeOf(target).port,
      init.method ?? 'GET',
      { ...init.headers, ...(cookies ? { cookie: cookies } : {}) },
      init.body,
      this.#connections,
    )
    const jar = this.jar.get(target.hostname) ?? new Map<string, string>()
    this.jar.set(target.hostname, jar)
    for (const cookie of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '' || /max-age=0/i.test(cookie) || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    return { status: answer.status, url, headers: answer.headers, text: answer.text }
  }

  /** Goes on as a browser does: `Refresh`, then every redirect. */
  async follow(first: Answer): Promise<Answer> {
    let answer = first
    for (let hop = 0; hop < 15; hop += 1) {
      const refresh = /url=(.+)$/.exec(answer.headers.get('refresh') ?? '')?.[1]
      const next = answer.headers.get('location') ?? refresh
      if (!next) return answer
      answer = await this.ask(new URL(next, answer.url).href)
    }
    throw new Error(`no end after ${answer.url}`)
  }

  form(url: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(url, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  }
}

function send(
  target: URL,
  port: string,
  method: string,
  headers: Record<string, string>,
  body: string | undefined,
  connections: Agent | false,
) {
  return new Promise<{ status: number; headers: Headers; cookies: string[]; text: string }>((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: `${target.pathname}${target.search}`,
        method,
        headers: { host: target.host, ...headers },
        agent: connections,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const plain = new Headers()
          for (const [name, value] of Object.entries(response.headers))
            if (typeof value === 'string') plain.set(name, value)
          resolve({
            status: response.statusCode ?? 0,
            headers: plain,
            cookies: response.headers['set-cookie'] ?? [],
            text: Buffer.concat(chunks).toString(),
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/**
 * How long something took at best, of a few tries that stop at the first within its limit: what a busy machine does besides is
 * not what is measured.
 */
export async function atBest(limitMs: number, measure: (time: number) => Promise<number>, tries = 3): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < tries && best >= limitMs; time += 1) best = Math.min(best, await measure(time))
  return best
}

/** Asks again until `good`, for what another process does in its own time; gives up after half a minute. */
export async function until<T>(ask: () => Promise<T>, good: (value: T) => boolean, what = 'it'): Promise<T> {
  const end = performance.now() + 30_000
  for (;;) {
    const value = await ask()
    if (good(value)) return value
    if (performance.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(value)?.slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
