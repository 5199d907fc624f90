/**
 * `/livez`, `/readyz` and `/metrics` on the console's origin. The first two are for anybody, and say yes or no. Metrics are
 * for whoever shows the token; without one in the settings, for a program on this machine that speaks to us directly.
 */
import { timingSafeEqual } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import type { Readiness } from './readiness.ts'

export interface Probes {
  readiness(): Promise<Readiness>
  metrics(): Promise<string>
  readonly token: string | undefined
}

export function probes({ readiness, metrics, token }: Probes): Hono {
  const app = new Hono()
  app.get('/livez', (c) => c.text('ok'))
  app.get('/readyz', async (c) => {
    const { ready, dependencies } = await readiness()
    c.header('cache-control', 'no-store')
    return c.json({ ready, ...dependencies }, ready ? 200 : 503)
  })
  app.get('/metrics', async (c, next) => {
    // Who may not read them is not told that there are any.
    if (!(token === undefined ? isThisMachine(c) : shows(c, token))) return next()
    c.header('cache-control', 'no-store')
    c.header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    return c.body(await metrics())
  })
  return app
}

/** One token, or two with a space between them while one takes the place of the other. */
function shows(c: Context, tokens: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '')
  const isIt = (wanted: Buffer) => given.length === wanted.length && timingSafeEqual(given, wanted)
  return tokens.split(' ').some((one) => isIt(Buffer.from(one)))
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const passedOn = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** A proxy in front of us speaks from this machine too, for anybody: what it passed on says so. */
function isThisMachine(c: Context): boolean {
  if (passedOn.some((name) => c.req.header(name) !== undefined)) return false
  try {
    return loopback.has(getConnInfo(c).remote.address ?? '')
  } catch {
    return false
  }
}
