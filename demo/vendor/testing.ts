/** For tests only: one of the vendor's products on real HTTP over a fresh database, and a browser as far as a server can tell. */
import { createServer } from 'node:net'
import { freshDatabase } from '../../server/src/database/testing.ts'
import { userPassword } from '../people.ts'
import { clientId, clientSecret, issuerStandIn } from './issuer.testing.ts'
import type { ProductConfig, RunningProduct } from './product.ts'

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

export type Standing = Awaited<ReturnType<typeof standing>>

export async function standing(start: (config: ProductConfig) => Promise<RunningProduct>) {
  const database = await freshDatabase()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const issuer = await issuerStandIn(origin)
  const troubles: string[] = []
  const product = await start({
    port,
    issuer: issuer.issuer,
    clientId,
    clientSecret,
    core: database.url,
    publicOrigin: origin,
    consoleOrigin: 'http://localhost:4000',
    company: 'Acme',
    userPassword,
    trouble: (what) => troubles.push(what),
  })
  return {
    origin,
    issuer,
    troubles,
    browser: () => browser(origin, issuer.loginUrl()),
    rows: (sql: string) => database.db.query<Record<string, unknown>>(sql),
    async close() {
      await product.close()
      await issuer.close()
      await database.close()
    },
  }
}

/** Keeps cookies and sends its origin, and follows nothing by itself. */
export function browser(origin: string, launchUrl: string) {
  const jar = new Map<string, string>()
  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const url = new URL(path, origin)
    const mine = url.origin === origin ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...mine, ...init.headers } })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      if (/max-age=0/i.test(cookie)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin, ...headers } })
  const csrf = async (path = '/profile') =>
    /name="csrf" value="([^"]+)"/.exec(await (await ask(path)).text())?.[1] ?? ''
  const signIn = (email: string, password = userPassword(email)) => post('/sign-in', { email, password })
  /** Follows redirects from the console's launch to where it ends. */
  async function launch(url = launchUrl): Promise<Response> {
    let response = await ask(url)
    for (let hops = 0; hops < 6 && response.headers.has('location'); hops += 1)
      response = await ask(response.headers.get('location') ?? '')
    return response
  }
  return { jar, ask, post, csrf, signIn, launch }
}
