/**
 * Builds the real outside, the three origins (console, issuer, companion) and the background, and listens. Nothing is
 * told to be ready before it is; stopping finishes what was begun.
 */
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { background } from './background/background.ts'
import { beat } from './background/beat.ts'
import { bell } from './bell.ts'
import { CannotStart, type Config } from './config.ts'
import { core } from './core/core.ts'
import { hasTestClock, installTestClock } from './database/clock.ts'
import { type Database, postgres } from './database/database.ts'
import { startEmbedded } from './database/embedded.ts'
import { migrate } from './database/migrate.ts'
import { type Faces, facesOf } from './faces.ts'
import { type Listening, listenOn } from './http/listening.ts'
import type { Log } from './log.ts'
import { carriersOf, jobsOf } from './loops.ts'
import { checkSms } from './messages/message.ts'

/** What the demo adds to a running server: pages of its own on the console's origin, and a phone that is an inbox. */
export interface Extras {
  /** Runs once the database is migrated and before anything listens: the sample Core and its agents. */
  prepare?(db: Database, databaseUrl: string): Promise<void>
  dev?(running: { db: Database; settle(): Promise<void>; log: Log }): Hono
}

export interface Running {
  readonly db: Database
  readonly databaseUrl: string
  readonly migrations: { readonly applied: number; readonly total: number }
  readonly log: Log
  settle(): Promise<void>
  stop(): Promise<void>
}

/** Starts everything that this configuration names. Throws CannotStart with words where it cannot. */
export async function serve(config: Config, extras: Extras = {}): Promise<Running> {
  const log = pino(
    { level: config.mode === 'demo' ? 'warn' : 'info', base: null },
    pino.destination({ dest: 2, sync: true }),
  )
  const sms = checkSms({ vendor: config.vendor, linkPrefix: `${config.companionOrigin}/c/` })
  if (sms.length > 0) throw new CannotStart(sms)

  const embedded =
    'folder' in config.database
      ? await startEmbedded({ folder: config.database.folder, log: (line) => log.info({}, line) })
      : undefined
  const databaseUrl = embedded?.url ?? ('url' in config.database ? config.database.url : '')
  const db = postgres(databaseUrl, { max: 20 })
  const coreDb = config.coreUrl === undefined ? db : postgres(config.coreUrl, { max: 5 })
  const closing: (() => Promise<unknown>)[] = [
    async () => embedded?.stop(),
    () => db.close(),
    async () => (coreDb === db ? undefined : coreDb.close()),
  ]
  const stop = async () => {
    for (const close of closing.reverse()) await close()
  }
  try {
    const migrations = await migrate(db)
    await judgeClock(config, db)
    await extras.prepare?.(db, databaseUrl)
    const faults = await core(coreDb).faults()
    if (faults.length > 0) throw new CannotStart(faults)

    const ring = bell()
    const faces = await facesOf({ config, db, coreDb, ring, log })
    const clients = await faces.issuer.faults()
    if (clients.length > 0) throw new CannotStart(clients)
    const carriers = carriersOf(config)
    const heart = beat(db, () => performance.now())
    const loops = background(jobsOf(faces.assistance, faces.issuer, carriers, heart), ring, log)
    closing.push(async () => carriers.close(), loops.stop)
    const dev = extras.dev?.({ db, settle: loops.settle, log })
    const listening = await listenAll(config, faces, dev)
    closing.push(() => Promise.all(listening.map((one) => one.close())))
    return { db, databaseUrl, migrations, log, settle: loops.settle, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

/** In demo the clock can be moved; in production a database that has such a clock is refused. */
async function judgeClock(config: Config, db: Database): Promise<void> {
  if (config.mode === 'demo') return installTestClock(db)
  if (await hasTestClock(db))
    throw new CannotStart(['This database has a test clock: it belongs to a demo. Use another database in production.'])
}

/** All three or none. */
async function listenAll(config: Config, faces: Faces, dev: Hono | undefined): Promise<readonly Listening[]> {
  const { host, console, issuer, companion } = config.listen
  const wanted = [
    [console, getRequestListener(faces.console(dev).fetch)],
    [issuer, faces.issuer.callback],
    [companion, getRequestListener(faces.companion.fetch)],
  ] as const
  const open: Listening[] = []
  try {
    for (const [port, listener] of wanted) open.push(await listenOn(port, host, listener))
    return open
  } catch (error) {
    await Promise.all(open.map((one) => one.close()))
    throw error
  }
}
