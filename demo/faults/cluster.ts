/**
 * Several servers as production runs them, started at the same moment on one empty database, each face of theirs behind a
 * balancer; and people who know the addresses of the three faces and nothing of the servers.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { keepAgent } from '../../server/src/identity/identity.store.ts'
import { makeKeys } from '../../server/src/keys.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { type Product, registrationOf, startProduct } from '../journeys/product.ts'
import type { Reply } from '../journeys/script.ts'
import { Browser, freeBlock } from '../journeys/stage.ts'
import { type Balancer, balancer } from './balancer.ts'
import { fair, type Way, wayToDatabase } from './way.ts'

const program = join(import.meta.dirname, '../../server/bin/amparo.mjs')
export const addresses = {
  console: 'https://desk.acme.test',
  issuer: 'https://assist.acme.test',
  companion: 'https://help.acme.test',
} as const
type Face = keyof typeof addresses
const faces = ['console', 'issuer', 'companion'] as const satisfies readonly Face[]

export const client = { id: 'acme-portal', secret: 'a-secret-of-at-least-thirty-two-letters' }

export interface Server {
  readonly port: number
  readonly child: ChildProcess
  /** What it printed so far. */
  said(): string
}

/** An agent who signed in at the console, whichever server that was. */
export interface Desk {
  readonly cookie: string
  call(method: string, path: string, body?: object, key?: string): Promise<Reply>
}

export interface Cluster {
  readonly db: FreshDatabase['db']
  readonly inbox: Inbox
  readonly product: Product
  readonly servers: readonly Server[]
  /** The way of the last of them to the database. */
  readonly way: Way
  readonly balancers: Readonly<Record<Face, Balancer>>
  /** Like `fetch`, to whichever server the balancer of that address chooses. */
  readonly reach: typeof fetch
  /** Somebody's browser, that reaches us by our addresses. */
  browser(): Browser
  signIn(who: { readonly name: string; readonly email: string; readonly phone: string }): Promise<Desk>
  close(): Promise<void>
}

const password = 'planted-password'

export async function cluster(count: number): Promise<Cluster> {
  const [ours, core, inbox, folder] = await Promise.all([
    emptyDatabase(),
    freshDatabase(),
    startInbox(),
    mkdtemp(join(tmpdir(), 'amparo-cluster-')),
  ])
  const ports: number[] = []
  for (let at = 0; at < count; at += 1) ports.push(await freeBlock())
  const [first, second, third] = await Promise.all(
    faces.map((_face, offset) => balancer(ports.map((port) => port + offset))),
  )
  if (!first || !second || !third) throw new Error('no balancer')
  const balancers = { console: first, issuer: second, companion: third }
  const placeOf = (url: URL): URL => {
    const face = faces.find((one) => addresses[one] === url.origin)
    return face ? new URL(`http://127.0.0.1:${balancers[face].port}${url.pathname}${url.search}`) : url
  }
  const reach: typeof fetch = (to, init) => fetch(placeOf(new URL(to instanceof Request ? to.url : to)), init)
  const product = await startProduct(addresses.issuer, client, reach)
  const [keys, surfaces] = [join(folder, 'keys.json'), join(folder, 'surfaces.json')]
  await makeKeys(keys)
  await writeFile(surfaces, JSON.stringify([{ ...registrationOf(product, client), statusCheck: true }]))
  const settings = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    AMPARO_CORE_URL: core.url,
    AMPARO_CONSOLE_URL: addresses.console,
    AMPARO_ISSUER_URL: addresses.issuer,
    AMPARO_COMPANION_URL: addresses.companion,
    AMPARO_SURFACES: surfaces,
    AMPARO_KEYS: keys,
    AMPARO_VENDOR_NAME: 'Acme',
    AMPARO_VENDOR_PHONE: '+1 212 555 0100',
    AMPARO_SMTP_URL: inbox.smtpUrl,
    AMPARO_MAIL_FROM: 'Acme Support <help@acme.test>',
  }
  const way = await wayToDatabase(ours.url)
  const servers = ports.map((port, at) => {
    const url = at === count - 1 ? way.url : ours.url
    return served({ ...settings, DATABASE_URL: url, AMPARO_PORT: String(port) }, port)
  })
  const close = async () => {
    for (const { child } of servers) if (child.exitCode === null) child.kill('SIGKILL')
    product.server.closeAllConnections()
    product.server.close()
    way.become(fair)
    await Promise.all([...Object.values(balancers).map((one) => one.close()), inbox.close(), way.close()])
    await Promise.all([ours.close(), core.close(), rm(folder, { recursive: true, force: true })])
  }
  await Promise.all(servers.map(ready)).catch((error) => close().then(() => Promise.reject(error)))

  return {
    db: ours.db,
    inbox,
    product,
    servers,
    way,
    balancers,
    reach,
    browser: () => new Browser(false, placeOf),
    async signIn(who) {
      await keepAgent(ours.db, { ...who, locale: 'en', roles: ['agent:technical'], password })
      const headers = { 'content-type': 'application/json', origin: addresses.console }
      const signed = await reach(`${addresses.console}/api/v1/session`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ email: who.email, password }),
      })
      if (signed.status !== 201) throw new Error(`sign-in: ${signed.status} ${await signed.text()}`)
      const cookie = signed.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      return {
        cookie,
        async call(method, path, body, key) {
          const answer = await reach(`${addresses.console}/api/v1${path}`, {
            method,
            headers: { ...headers, cookie, ...(key === undefined ? {} : { 'idempotency-key': key }) },
            ...(body && { body: JSON.stringify(body) }),
          })
          const text = await answer.text()
          return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
        },
      }
    },
    close,
  }
}

function served(env: Readonly<Record<string, string>>, port: number): Server {
  const child = spawn(process.execPath, [program, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  return { port, child, said: () => said }
}

const ready = ({ child, said }: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = () => said().includes('"event":"ready"') && resolve()
    child.stdout?.on('data', look)
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready:\n${said()}`)))
    look()
  })

/** Ended as it was told to; with what code. */
export async function ended({ child }: Server, signal: NodeJS.Signals): Promise<number | null> {
  const gone = once(child, 'exit')
  child.kill(signal)
  const [code] = await gone
  return code
}
