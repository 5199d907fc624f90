/**
 * Builds the real outside, the three origins (console, issuer, companion) and the background, and listens. Nothing is
 * told to be ready before it is; stopping finishes what was begun.
 */
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Bilingual } from '@amparo/contract/words'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { consoleApp } from './app.ts'
import { read } from './assistance/assistance.store.ts'
import type { Outside as AssistanceOutside } from './assistance/outside.ts'
import { view } from './assistance/view.ts'
import { announceEndings, warnQuiet } from './background/announce.ts'
import { background, type Job } from './background/background.ts'
import { watchCore } from './background/watch.ts'
import { type Bell, bell } from './bell.ts'
import { companion } from './companion/companion.routes.ts'
import { CannotStart, type Config, version } from './config.ts'
import { core } from './core/core.ts'
import { hasTestClock, installTestClock } from './database/clock.ts'
import { type Database, postgres } from './database/database.ts'
import { startEmbedded } from './database/embedded.ts'
import { migrate } from './database/migrate.ts'
import { settleDue } from './desk/endings.ts'
import { filesOf } from './http/files.ts'
import { forgetOld } from './http/idempotency.ts'
import { agentName, endExpired, forgetTries } from './identity/identity.store.ts'
import { issuer } from './issuer/issuer.ts'
import type { Log } from './log.ts'
import { checkSms } from './messages/message.ts'
import { type Carrier, deliverDue } from './messages/outbox.ts'
import { smsOverSmtp, smtp } from './messages/smtp.ts'
import { accept, refuse } from './outcome.ts'
import { secretsFrom } from './secrets.ts'
import { surfacesRoutes } from './surfaces/surfaces.routes.ts'
import { closeAlone, surfacesOf } from './surfaces/surfaces.store.ts'
import { type AssistanceId, known, system } from './words.ts'

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

const backofficeFolder = join(import.meta.dirname, '../../backoffice/dist')

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
    const rooms = await roomsOf(config, db, coreDb, ring, log)
    const clients = await rooms.faults()
    if (clients.length > 0) throw new CannotStart(clients)
    const loops = background(rooms.jobs, ring, log)
    closing.push(
      () => loops.stop(),
      async () => rooms.close(),
    )
    const dev = extras.dev?.({ db, settle: loops.settle, log })
    const servers = await listening(config, { ...rooms, console: rooms.console(dev) })
    closing.push(() => Promise.all(servers.map(closed)))
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

/** Every room, built on one outside. */
async function roomsOf(config: Config, db: Database, coreDb: Database, ring: Bell, log: Log) {
  const secrets = secretsFrom(config.keys.root)
  const theCore = core(coreDb)
  const assistance: AssistanceOutside = {
    db,
    secrets,
    core: theCore,
    surfaces: config.surfaces,
    vendor: config.vendor,
    companionOrigin: config.companionOrigin,
    reasons: config.reasons,
    messagesPerUserADay: config.messagesPerUserADay,
    surfacesOf: (id) => surfacesOf(db, id),
    wake: ring.ring,
  }
  const reasonName = (code: string): Bilingual =>
    config.reasons.find((one) => one.code === code)?.name ?? { en: code, es: code }
  const oidc = issuer({
    db,
    surfaces: config.surfaces,
    issuerOrigin: config.issuerOrigin,
    consoleOrigin: config.consoleOrigin,
    jwks: { keys: [config.keys.signing] },
    fetch: (url, options) => fetch(url, options),
    wake: ring.ring,
    reasonText: (code, line, locale) => [reasonName(code)[locale], line].filter(Boolean).join(': '),
    log: (message, about) => log.warn(about, message),
  })
  const page = companion({
    db,
    secrets,
    vendor: config.vendor,
    companionOrigin: config.companionOrigin,
    agentName: (id) => agentName(db, id),
    reasonName,
    surfaceName: (id) => config.surfaces.find((surface) => surface.id === id)?.name ?? { en: id, es: id },
    surfacesOf: async (id) =>
      (await surfacesOf(db, known.assistance(id)))
        .filter((one) => one.tokenAt)
        .map((one) => ({
          surface: one.surface,
          openedAt: one.openedAt,
          closedAt: one.closedAt,
          acknowledgedAt: one.ackedAt,
          error: one.error,
        })),
    wake: ring.ring,
    broke: (error, requestId) =>
      log.error({ requestId, error: error instanceof Error ? error.stack : String(error) }, 'companion page failed'),
  })
  const carriers = carriersOf(config)
  const files = await filesOf(backofficeFolder)
  const consoleOf = (dev: Hono | undefined) =>
    consoleApp({
      db,
      secrets,
      consoleOrigin: config.consoleOrigin,
      issuerOrigin: config.issuerOrigin,
      files,
      bell: ring,
      log,
      version,
      bearerMayAct: config.mode === 'demo',
      assistance,
      endings: { settled: (id, ms) => settled(db, ring, id, ms) },
      dev,
      rooms: [
        (door) =>
          surfacesRoutes(door, {
            db,
            secrets,
            core: theCore,
            surfaces: config.surfaces,
            issuerOrigin: config.issuerOrigin,
            view: async (id, caller) => {
              const found = await read(db, id)
              ring.ring()
              return found?.assistance.agentId === caller.agentId
                ? accept(await view(assistance, found))
                : refuse('assistance.unknown')
            },
          }),
      ],
    })
  return {
    console: consoleOf,
    issuer: oidc.callback,
    faults: oidc.faults,
    companion: page,
    close: () => carriers.close(),
    jobs: jobsOf(assistance, oidc, carriers),
  }
}

function carriersOf(config: Config): Record<'email' | 'sms', Carrier | undefined> & { close(): void } {
  const settings = { url: config.smtpUrl, from: config.mailFrom, timeoutMs: 10_000 }
  const email = smtp(settings)
  const sms = config.mode === 'demo' ? smsOverSmtp(settings) : undefined
  return {
    email,
    sms,
    close: () => {
      email.close()
      sms?.close()
    },
  }
}

/** The loops, in the order in which an ending passes through them. */
function jobsOf(
  outside: AssistanceOutside,
  oidc: ReturnType<typeof issuer>,
  carriers: Record<'email' | 'sms', Carrier | undefined>,
): readonly Job[] {
  const { db, secrets } = outside
  const watch = watchCore(
    outside,
    async (id, surface, why) =>
      (await closeAlone(db, known.assistance(id), surface, {
        type: 'surface.closed',
        actor: system('core'),
        data: { surface, why },
      })) !== 'nothing',
    () => performance.now(),
  )
  return [
    { name: 'settle', everyMs: 1000, run: async () => (await settleDue(db)).length },
    { name: 'notify', everyMs: 500, run: () => oidc.notify() },
    { name: 'announce', everyMs: 1000, run: () => announceEndings(outside) },
    { name: 'warn', everyMs: 1000, run: () => warnQuiet(outside) },
    { name: 'deliver', everyMs: 1000, run: () => deliverDue({ db, secrets, carriers }) },
    { name: 'core', everyMs: 15_000, run: () => watch.run() },
    { name: 'sign-outs', everyMs: 60_000, run: () => endExpired(db) },
    {
      name: 'forget',
      everyMs: 3_600_000,
      run: async () => {
        await forgetOld(db)
        await forgetTries(db)
        await oidc.forgetExpired()
        return 0
      },
    },
  ]
}

/** Waits until every surface of an ended assistance has acknowledged, at most `withinMs`. */
async function settled(db: Database, ring: Bell, id: AssistanceId, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  const waiter = ring.waiter()
  try {
    while (performance.now() < until) {
      const open = (await surfacesOf(db, id)).filter((one) => one.tokenAt !== undefined && one.ackedAt === undefined)
      if (open.length === 0) return
      await waiter.wait(Math.min(50, until - performance.now()))
    }
  } finally {
    waiter.close()
  }
}

// ── Listening ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Listener = Parameters<typeof createServer>[1]
type FetchCallback = Parameters<typeof getRequestListener>[0]

async function listening(
  config: Config,
  faces: { console: { fetch: FetchCallback }; issuer: Listener; companion: { fetch: FetchCallback } },
): Promise<readonly Server[]> {
  const { host } = config.listen
  const wanted: readonly (readonly [number, Listener])[] = [
    [config.listen.console, getRequestListener(faces.console.fetch)],
    [config.listen.issuer, faces.issuer],
    [config.listen.companion, getRequestListener(faces.companion.fetch)],
  ]
  const servers: Server[] = []
  try {
    for (const [port, listener] of wanted) servers.push(await opened(port, host, listener))
    return servers
  } catch (error) {
    await Promise.all(servers.map(closed))
    throw error
  }
}

/** Time limits of our own: Node's defaults let a slow client sit for five minutes. */
const limits = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
}
const lingerMs = 1000

function opened(port: number, host: string, listener: Listener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(limits, listener).on('connection', lingering)
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new CannotStart([
              `Port ${port} is used by another program. Start with another: npm start -- --port ${port + 100}`,
            ])
          : error,
      )
    })
    server.listen(port, host, () => resolve(server))
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

/** Stops taking new connections and gives what was begun a moment to finish. */
async function closed(server: Server): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const patience = setTimeout(() => server.closeAllConnections(), 1000)
  await gone
  clearTimeout(patience)
}
