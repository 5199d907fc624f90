/** "My Ecosystem": a vendor's small product, with its own sign-ins, that takes assisted sessions as well. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { assisted } from '@amparo/relying-party'
import { assistedHeaders } from '@amparo/relying-party/headers'
import { assistedSessions } from '@amparo/relying-party/sessions'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as openid from 'openid-client'
import { Pool } from 'pg'
import { refuse } from './answers.ts'
import { arrive, atTheDoor, guard } from './arrival.ts'
import { assistedRoutes } from './assisted.ts'
import { changingRoutes } from './changing.ts'
import { ordinarySessions } from './ordinary.ts'
import type { Env, Outside } from './outside.ts'
import { readingRoutes } from './reading.ts'
import { signInRoutes } from './sign-in.ts'
import { vendor } from './vendor.ts'

export function web(outside: Outside): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(assistedHeaders)) c.res.headers.set(name, value)
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

  const [style, mark] = ['web.css', 'mark.svg'].map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  app.get('/static/web.css', (c) => c.body(style ?? '', 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/static/mark.svg', (c) => c.body(mark ?? '', 200, { 'Content-Type': 'image/svg+xml' }))
  app.route('/assisted', assistedRoutes(outside))
  signInRoutes(app, outside)
  app.use(arrive(outside), guard(outside))
  readingRoutes(app, outside)
  changingRoutes(app, outside)
  return app
}

/** The rest of the body stays unread, so the connection cannot be used again; the other side is told. */
function tooLarge(c: Context<Env>, outside: Outside) {
  c.header('Connection', 'close')
  return refuse(c, outside, 'request.too_large')
}

export interface WebConfig {
  readonly port: number
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The vendor's database: its address, or a pool that stays the caller's. */
  readonly core: string | Pool
  /** As browsers know it, for example `http://web.localhost:4011`. */
  readonly publicOrigin: string
  readonly consoleOrigin: string
  readonly company: string
  userPassword(email: string): string
  trouble?(what: string): void
}

/** Found at the first launch, because the issuer may start after us; a failure is not remembered. */
function openidClient({ issuer, clientId, clientSecret }: WebConfig): () => Promise<openid.Configuration> {
  let found: Promise<openid.Configuration> | undefined
  const options = issuer.startsWith('http:') ? { execute: [openid.allowInsecureRequests], timeout: 5 } : { timeout: 5 }
  return () => {
    found ??= openid
      .discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), options)
      .catch((error: unknown) => {
        found = undefined
        throw error
      })
    return found
  }
}

export async function startWeb(config: WebConfig): Promise<{ close(): Promise<void> }> {
  const trouble = config.trouble ?? ((what: string) => console.warn(`web: ${what}`))
  const pool = typeof config.core === 'string' ? new Pool({ connectionString: config.core, max: 5 }) : config.core
  const onPoolError = (error: Error): void => trouble(`database: ${error.message}`)
  pool.on('error', onPoolError)
  const { port, issuer, clientId, clientSecret, publicOrigin, consoleOrigin, company, userPassword } = config
  const app = web({
    vendor: vendor(pool),
    issuer: assisted({ issuer, clientId, clientSecret, onTrouble: trouble }),
    openid: openidClient(config),
    assisted: assistedSessions(),
    ordinary: ordinarySessions(),
    publicOrigin,
    origins: [publicOrigin, `http://127.0.0.1:${port}`],
    consoleOrigin,
    company,
    userPassword,
    trouble,
  })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  return {
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      pool.off('error', onPoolError)
      if (pool !== config.core) await pool.end()
    },
  }
}
