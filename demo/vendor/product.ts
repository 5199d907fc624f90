/** A product of the vendor's: its own sign-ins, and the assisted ones beside them, in front of its own pages. */
import { randomUUID } from 'node:crypto'
import type { Assisted, ClientProof } from '@amparo/relying-party'
import { assistedHeaders } from '@amparo/relying-party/headers'
import { type AssistedHono, assistedApiHono, assistedHono } from '@amparo/relying-party/hono'
import { listenOn } from '@amparo/server/http/listening'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Pool } from 'pg'
import { refuse } from './answers.ts'
import { arrive, atTheDoor, fromOurPages, fromThisSession, helped } from './arrival.ts'
import { ordinarySessions } from './ordinary.ts'
import type { Env, Outside, Product } from './outside.ts'
import { refusalPage } from './pages.ts'
import { records } from './records.ts'
import { invitingRoutes, ownSessionRoutes, signInRoutes } from './sign-in.ts'

export type ProductConfig = ClientProof & {
  readonly port: number
  readonly issuer: string
  readonly clientId: string
  /** The vendor's database: its address, or a pool that stays the caller's. */
  readonly core: string | Pool
  /** As browsers know it, for example `http://web.localhost:4011`. */
  readonly publicOrigin: string
  readonly consoleOrigin: string
  readonly company: string
  userPassword(email: string): string
  trouble?(what: string): void
}

export interface RunningProduct {
  close(): Promise<void>
}

export async function startProduct(product: Product, config: ProductConfig): Promise<RunningProduct> {
  const trouble = config.trouble ?? ((what: string) => console.warn(`${product.id}: ${what}`))
  const pool = typeof config.core === 'string' ? new Pool({ connectionString: config.core, max: 5 }) : config.core
  const onPoolError = (error: Error): void => trouble(`database: ${error.message}`)
  pool.on('error', onPoolError)
  const { port, publicOrigin, company, userPassword } = config
  const outside: Outside = {
    product,
    records: records(pool),
    ordinary: ordinarySessions(),
    publicOrigin,
    origins: [publicOrigin, `http://127.0.0.1:${port}`],
    company,
    userPassword,
    trouble,
  }
  const { app, flush } = appOf(outside, config)
  const server = await listenOn(port, '127.0.0.1', getRequestListener(app.fetch))
  return {
    async close() {
      await flush()
      await server.close()
      // A pool of ours keeps its listener: its connections may still break while they end.
      if (pool === config.core) pool.off('error', onPoolError)
      else await pool.end()
    },
  }
}

/** What is everybody's stands before the assisted part, and asks nobody; everything after it knows who is helped. */
function appOf(outside: Outside, config: ProductConfig): { app: Hono<Env>; flush(): Promise<void> } {
  const { product } = outside
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    // What a product says of a page itself stays.
    for (const [name, value] of Object.entries(assistedHeaders))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  })
  app.use(atTheDoor(outside))
  app.use(bodyLimit({ maxSize: 32 * 1024, onError: (c) => tooLarge(c, outside) }))
  app.onError((error, c) => {
    const reference = randomUUID()
    outside.trouble(`${reference} ${error.stack ?? error.message}`)
    c.set('visit', undefined)
    return refuse(c, outside, 'system.broken', reference)
  })
  app.notFound((c) => refuse(c, outside, 'route.unknown'))
  app.get('/static/style.css', (c) => c.body(product.style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/static/mark.svg', (c) => c.body(product.mark, 200, { 'Content-Type': 'image/svg+xml' }))

  const amparo = amparoFor(outside, config)
  app.use(amparo, fromOurPages(outside))
  product.open?.(app, outside)
  signInRoutes(app, outside)
  app.use(arrive(outside), fromThisSession(outside))
  ownSessionRoutes(app, outside)
  invitingRoutes(app, outside)
  product.routes(app, outside)
  return { app, flush: amparo.flush }
}

const proofOf = (config: ProductConfig): ClientProof =>
  config.clientKey ? { clientKey: config.clientKey } : { clientSecret: config.clientSecret }

/** The assisted sessions of this product, in front of everything that is anybody's. */
function amparoFor(outside: Outside, config: ProductConfig): AssistedHono {
  const { issuer, clientId, consoleOrigin } = config
  const { product, records, company, publicOrigin, trouble } = outside
  const common = {
    issuer,
    clientId,
    ...proofOf(config),
    origin: publicOrigin,
    company,
    acts: product.acts,
    async user(id: string) {
      const person = await records.person(id)
      return person?.active ? person : undefined
    },
    opened: ({ user, agent, ecosystem }: Assisted) =>
      records.note(ecosystem.id, { personId: user.id, agent }, 'assisted.opened'),
    onTrouble: trouble,
  }
  if (product.assistedIn === 'phone') return assistedApiHono(common)
  return assistedHono({
    ...common,
    console: consoleOrigin,
    async page(what, assistance) {
      const visit = assistance && (await helped(outside, assistance))
      return String(product.page({ ...what, visit, assisted: visit !== undefined }, refusalPage(what)))
    },
  })
}

/** The rest of the body stays unread, so the connection cannot be used again; the other side is told. */
function tooLarge(c: Parameters<typeof refuse>[0], outside: Outside) {
  c.header('Connection', 'close')
  return refuse(c, outside, 'request.too_large')
}
