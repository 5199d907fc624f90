/**
 * Starts everything in its order: the database, what it needs, the three origins (console, issuer, companion) and the
 * loops. Nothing is told to be ready before it is; stopping goes the way back and finishes what was begun.
 */
import { appendFile } from 'node:fs/promises'
import { faultSaid } from '@amparo/verifier/words'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { endOfAnotherRoot } from './assistance/roots.store.ts'
import { background } from './background/background.ts'
import { beat } from './background/beat.ts'
import { bell } from './bell.ts'
import { type Carriers, carriersOf } from './carriers.ts'
import { type Screen, silence } from './commands/screen.ts'
import { CannotStart, type Config, mailSetting } from './config.ts'
import { core } from './core/core.ts'
import { flagAt } from './cutoff/flag.ts'
import { hasTestClock, installTestClock } from './database/clock.ts'
import { type Database, postgres, watched } from './database/database.ts'
import { startEmbedded } from './database/embedded.ts'
import { type Migrated, migrate } from './database/migrate.ts'
import { type Place, placeOf, reach, unreached } from './database/reach.ts'
import { type Faces, facesOf } from './faces.ts'
import { type Listening, listenOn } from './http/listening.ts'
import { secretsOf } from './keys.ts'
import { forPeople, type Log, told } from './log.ts'
import { jobsOf, type RecordTold } from './loops.ts'
import { type Greeting, greet } from './messages/greeting.ts'
import { checkSms } from './messages/one-segment.ts'
import { type Metrics, metrics, timed } from './operations/metrics.ts'
import { probes } from './operations/probes.routes.ts'
import { remembered as forAWhile, readinessOf } from './operations/readiness.ts'
import { wantsSeats } from './policy/policy.ts'
import { remembered } from './surfaces/remembered.ts'

/** What the demo adds to a running server: pages of its own on the console's origin, and a phone that is an inbox. */
export interface Extras {
  /** Runs once the database is migrated and before anything listens: the sample Core and its agents. */
  prepare?(db: Database, databaseUrl: string): Promise<void>
  dev?(running: { db: Database; settle(): Promise<void>; log: Log }): Hono
  /** Where the start is shown; nowhere unless said. */
  readonly screen?: Screen
  /** How long a database that is away is waited for. */
  readonly patienceMs?: number
}

export interface Running {
  readonly db: Database
  readonly databaseUrl: string
  readonly migrations: Migrated
  readonly log: Log
  settle(): Promise<void>
  stop(): Promise<void>
}

/** Starts everything that this configuration names. Throws `Cannot` with words where it cannot. */
export async function serve(config: Config, extras: Extras = {}): Promise<Running> {
  const { screen = silence } = extras
  const log = pino(
    { level: config.mode === 'demo' ? 'warn' : 'info', base: null, formatters: { log: told } },
    process.stderr.isTTY ? forPeople(process.stderr) : pino.destination({ dest: 2, sync: true }),
  )
  const sms = checkSms({ vendor: config.vendor, linkPrefix: `${config.companionOrigin}/c/` })
  if (sms.length > 0) throw new CannotStart(sms)

  const closing: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    const carriers = carriersOf(config)
    closing.push(async () => carriers.close())
    const { db: plain, databaseUrl, migrations, theCore, successionDb } = await databases(config, extras, closing, log)
    const clock = () => performance.now()
    const mailServer = forAWhile(60_000, clock, () => greeted(config, carriers))
    const heart = beat(pulse(databaseUrl, closing), clock)
    const ready = readinessOf({
      db: plain,
      coreFaults: theCore.faults,
      recordIsWell: heart.isWell,
      mailIsWell: async () => (await mailServer()).answer === 'welcome',
    })
    const meter = metrics(plain, ready, clock)
    const db = timed(watched(plain, heart.noRoom), meter.statementTook)
    const ring = bell()
    const flag = flagAt(config.stopFile)
    closing.push(async () => flag.close())
    const ended = await endOfAnotherRoot(db, secretsOf(config.keys))
    if (ended > 0) log.warn({ count: ended }, 'ended what was begun under a root key that counts no more')
    const liveness = await remembering(db, databaseUrl, closing, log)
    const ground = { config, db, theCore, successionDb, ring, log, flag, liveness, recordIsWell: heart.isWell }
    const faces = await facesOf(ground)
    const clients = await faces.issuer.faults()
    if (clients.length > 0) throw new CannotStart(clients)
    closing.push(() => faces.issuer.noteChecks().catch(() => undefined))
    const loops = background(jobsOf(faces, carriers, heart, meter, flag, recordTold(config, meter, log)), ring, log)
    closing.push(loops.stop)
    const settle = async () => {
      await loops.settle()
      await liveness.caughtUp()
    }
    const dev = extras.dev?.({ db, settle, log })
    const watching = probes({ readiness: ready, metrics: meter.text, token: config.metricsToken })
    const listening = await listenAll(config, faces, faces.console(watching, dev))
    closing.push(() => Promise.all(listening.map((one) => one.close())))
    tellOfMail(await mailServer(), config, screen)
    return { db, databaseUrl, migrations, log, settle, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

// ── Databases ───────────────────────────────────────────────────────────────────────────────────────────────────────

const defaultPatienceMs = 60_000

/** Our database, brought up to date, and the vendor's with its views, both reached or refused in words. */
async function databases(config: Config, extras: Extras, closing: (() => Promise<unknown>)[], log: Log) {
  const { screen = silence, patienceMs = defaultPatienceMs } = extras
  const built = 'folder' in config.database
  const embedded =
    'folder' in config.database
      ? await startEmbedded({ folder: config.database.folder, log: (line) => log.info({}, line) })
      : undefined
  closing.push(async () => embedded?.stop())
  const databaseUrl = embedded?.url ?? ('url' in config.database ? config.database.url : '')
  const opened = async (url: string, setting: string, max: number) => {
    const db = postgres(url, { max })
    closing.push(db.close)
    const place = placeOf(setting, url)
    await reach(db, place, { limitMs: patienceMs, waiting: (says) => screen.trouble('database', says) })
    return { db, place }
  }
  const { db, place } = await opened(databaseUrl, 'DATABASE_URL', 20)
  const migrations = await migrate(db, undefined, (says) => screen.trouble('database', says)).catch((error) =>
    Promise.reject(inWords(error, place)),
  )
  screen.step('database', databaseSays(built ? undefined : place, migrations), migrations.applied > 0)
  await judgeClock(config, db)
  await extras.prepare?.(db, databaseUrl)
  const coreDb = config.coreUrl === undefined ? db : (await opened(config.coreUrl, 'AMPARO_CORE_URL', 5)).db
  const theCore = core(coreDb, { seats: wantsSeats(config.surfaces) })
  const faults = await theCore.faults()
  if (faults.length > 0) throw new CannotStart(faults)
  // Of its own, and impatient: a view of the successions that hangs must not hold up anything else.
  const successionDb = postgres(config.coreUrl ?? databaseUrl, { max: 4, statementMs: 2000 })
  closing.push(successionDb.close)
  return { db, databaseUrl, migrations, theCore, successionDb }
}

/** A migration's failure in words where the database says why; as it is where it is ours. */
function inWords(error: unknown, place: Place): unknown {
  try {
    return unreached(error instanceof Error && error.cause !== undefined ? error.cause : error, place)
  } catch {
    return error
  }
}

/** Where the beat is written: a connection of its own, or a crowd that waits for one would look like a database that is away. */
function pulse(url: string, closing: (() => Promise<unknown>)[]): Database {
  const db = postgres(url, { max: 1, applicationName: 'amparo beat' })
  closing.push(db.close)
  return db
}

/** What is alive, in memory. It listens on connections of its own: what it hears must not wait for anybody's question. */
async function remembering(db: Database, url: string, closing: (() => Promise<unknown>)[], log: Log) {
  const ears = postgres(url, { max: 2, applicationName: 'amparo ear', statementMs: 1500 })
  closing.push(ears.close)
  const liveness = await remembered({ db, ears, log: (message, about) => log.error(about, message) })
  closing.push(liveness.close)
  return liveness
}

function databaseSays(place: Place | undefined, { applied, total }: Migrated) {
  const where = place ? { en: place.host, es: place.host } : { en: 'built-in PostgreSQL', es: 'PostgreSQL incorporado' }
  return applied === 0
    ? { en: `${where.en}, up to date`, es: `${where.es}, al día` }
    : {
        en: `${where.en}, ${applied} of ${total} migrations applied`,
        es: `${where.es}, ${applied} de ${total} migraciones`,
      }
}

/** In demo the clock can be moved; in production a database that has such a clock is refused. */
async function judgeClock(config: Config, db: Database): Promise<void> {
  if (config.mode === 'demo') return installTestClock(db)
  if (await hasTestClock(db))
    throw new CannotStart([
      {
        en: 'The database in DATABASE_URL has a test clock and the passwords of a demo. Use another database in production.',
        es: 'La base de datos de DATABASE_URL tiene un reloj de pruebas y las contraseñas de una demostración. Usa otra en producción.',
      },
    ])
}

// ── The record ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Checkpoints that cannot be written to their file are in the database all the same; the operator hears of it, and of a record
 * that is not whole.
 */
const recordTold = ({ keys, recordWebhook, checkpointsFile }: Config, meter: Metrics, log: Log): RecordTold => {
  let said = ''
  return {
    signer: keys.record,
    webhook: recordWebhook,
    told: async (note) => {
      if (checkpointsFile === undefined) return
      await appendFile(checkpointsFile, `${note}\n`).catch((error: Error) =>
        log.warn({ setting: 'AMPARO_CHECKPOINTS', error: error.message }, 'a checkpoint could not be kept outside'),
      )
    },
    found: ({ count, faults: [first] }) => {
      meter.recordIs(count === 0)
      const why = first ? faultSaid(first).en : ''
      // A small record is gone through every few seconds: what was said once is not said again.
      if (why !== '' && why !== said) log.error({ count, why }, 'the record is not whole: type amparo audit verify')
      said = why
    },
  }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

const greetingMs = 3000

/** Whether what takes mail would take it now. */
async function greeted({ mail }: Config, { email }: Carriers): Promise<Greeting> {
  if (mail.by === 'smtp') return greet(mail.url, greetingMs)
  const host = mail.by === 'ses' ? 'Amazon SES' : mail.functionName
  const said = await email.greets?.(AbortSignal.timeout(greetingMs))
  return said === undefined ? { answer: 'welcome', host } : { answer: 'refused', host, said }
}

/** A mail server that refuses us keeps nobody from starting: messages wait, and the operator is told what it said. */
function tellOfMail(greeting: Greeting, { mode, mail }: Config, screen: Screen): void {
  if (greeting.answer === 'welcome') {
    if (mode === 'production') screen.step('messages', { en: `by ${greeting.host}`, es: `por ${greeting.host}` })
    return
  }
  const { host, said } = greeting
  const [en, es] = said === undefined ? ['does not answer', 'no responde'] : [`said "${said}"`, `dijo «${said}»`]
  const setting = mailSetting(mail)
  screen.trouble('mail', {
    en: `${host} ${en}. Messages will wait. Fix ${setting}, then: amparo doctor`,
    es: `${host} ${es}. Los mensajes esperarán. Corrige ${setting} y después: amparo doctor`,
  })
}

// ── Listening ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** All three or none. */
async function listenAll(
  config: Config,
  faces: Faces,
  desk: ReturnType<Faces['console']>,
): Promise<readonly Listening[]> {
  const { host, console, issuer, companion } = config.listen
  const wanted = [
    [console, getRequestListener(desk.fetch)],
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
