/**
 * The first command: everything on one machine, with made-up people. A real PostgreSQL in the data folder, the three
 * origins of Amparo, a vendor's Web, and an inbox that takes every message. Nothing leaves this machine.
 */
import { createHmac } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { defaultReasons } from '@amparo/server/assistance/reasons'
import { Cannot } from '@amparo/server/cannot'
import { CannotStart, policyFrom, surfacesFrom, version } from '@amparo/server/config'
import { type Database, postgres } from '@amparo/server/database/database'
import { giveTotp } from '@amparo/server/identity/factors.store'
import { keepAgent, openSession } from '@amparo/server/identity/identity.store'
import { type Keys, keysAt } from '@amparo/server/keys'
import { type Running, serve } from '@amparo/server/main'
import { secretsFrom } from '@amparo/server/secrets'
import { devRoutes } from './dev.ts'
import { startInbox } from './inbox/inbox.ts'
import { agents, userPassword, vendor } from './people.ts'
import { startWeb } from './web/web.ts'

interface Options {
  readonly port: number
  readonly folder: string
  readonly reset: boolean
}

function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '4000' },
      data: { type: 'string', default: '.amparo' },
      reset: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1024 || port > 65_000)
    throw new CannotStart([`--port ${values.port} cannot be used. Choose one from 1024 to 65000.`])
  return { port, folder: resolve(values.data), reset: values.reset }
}

/** The products of `AMPARO_SURFACES`, or else the demo's three. Store and App take no assisted sessions yet: their buttons say so. */
async function surfacesOf(port: number, keys: Keys) {
  const file = process.env.AMPARO_SURFACES
  if (file) return surfacesIn(file)
  const at = port + 11
  return surfacesFrom([
    { id: 'store', name: { en: 'User store', es: 'Tienda del usuario' }, offeredTo: ['owner'], whenSuspended: true },
    {
      id: 'web',
      name: { en: 'Web', es: 'Web' },
      offeredTo: ['owner', 'member'],
      clientId: 'demo-web',
      clientAuth: 'client_secret_basic',
      secret: webSecret(keys),
      redirectUris: [`http://web.localhost:${at}/assisted/callback`],
      initiateLoginUri: `http://web.localhost:${at}/assisted/login`,
      backchannelLogoutUri: `http://127.0.0.1:${at}/assisted/logout`,
      statusCheck: true,
      powers: ['look', 'act'],
    },
    { id: 'app', name: { en: 'App', es: 'App' }, offeredTo: ['owner', 'member'] },
  ])
}

async function surfacesIn(file: string) {
  try {
    return surfacesFrom(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new CannotStart([`AMPARO_SURFACES (${file}): ${error instanceof Error ? error.message : 'cannot be read'}`])
  }
}

/** The policy of `AMPARO_POLICY`, or else the standard one. */
async function policyOf() {
  const file = process.env.AMPARO_POLICY
  if (!file) return policyFrom({ preset: 'standard' })
  try {
    return policyFrom(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new CannotStart([`AMPARO_POLICY (${file}): ${error instanceof Error ? error.message : 'cannot be read'}`])
  }
}

const webSecret = (keys: Keys): string => createHmac('sha256', keys.root).update('demo/web').digest('base64url')

/** The sample Core and its agents; what a user of the demo changed stays. */
async function prepare(db: Database, databaseUrl: string, keys: Keys): Promise<void> {
  const plain = postgres(databaseUrl, { max: 1 })
  await plain.query(await readFile(join(import.meta.dirname, 'core.sql'), 'utf8')).finally(plain.close)
  const secrets = secretsFrom(keys.root)
  for (const agent of agents) {
    const id = await keepAgent(db, agent)
    if (agent.totpSecret !== undefined) await giveTotp(db, secrets, id, agent.totpSecret)
  }
}

async function bearersOf(db: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ id: string; email: string }>('select id, email from agent where deactivated_at is null')
  const tokens = await Promise.all(
    rows.map(async (row) => [row.email, (await openSession(db, row.id, 'bearer')).token] as const),
  )
  return new Map(tokens)
}

interface Demo {
  readonly running: Running
  stop(): Promise<void>
}

/** Starts the whole system; `stop` ends it in the reverse order. */
export async function startDemo({ port, folder, reset }: Options): Promise<Demo> {
  if (process.env.NODE_ENV === 'production')
    throw new CannotStart([
      'This is the demo, with made-up people and known passwords. In production use: amparo serve',
    ])
  if (reset) await rm(join(folder, 'postgres'), { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const keys = await keysAt(join(folder, 'keys.json'), true)
  const consoleOrigin = `http://localhost:${port}`
  const issuerOrigin = `http://127.0.0.1:${port + 1}`
  const inbox = await startInbox()
  const bearers = new Map<string, string>()
  const stopping: (() => Promise<unknown>)[] = [() => inbox.close()]
  const stop = async () => {
    for (const one of stopping.reverse()) await one()
  }
  try {
    const running = await serve(
      {
        mode: 'demo',
        database: process.env.DATABASE_URL ? { url: process.env.DATABASE_URL } : { folder },
        coreUrl: process.env.AMPARO_CORE_URL || undefined,
        consoleOrigin,
        issuerOrigin,
        companionOrigin: `http://127.0.0.1:${port + 2}`,
        listen: { host: '127.0.0.1', console: port, issuer: port + 1, companion: port + 2 },
        surfaces: await surfacesOf(port, keys),
        policy: await policyOf(),
        reasons: defaultReasons,
        ticketUrl: undefined,
        vendor,
        keys,
        smtpUrl: process.env.AMPARO_SMTP_URL || inbox.smtpUrl,
        mailFrom: `${vendor.name} Support <help@acme.test>`,
        messagesPerUserADay: undefined,
      },
      {
        async prepare(db, databaseUrl) {
          await prepare(db, databaseUrl, keys)
          for (const [email, token] of await bearersOf(db)) bearers.set(email, token)
        },
        dev: ({ db, settle }) =>
          devRoutes({
            db,
            settle,
            inbox: inbox.app,
            bearers,
            hosts: [`localhost:${port}`, `127.0.0.1:${port}`],
            consoleOrigin,
          }),
      },
    )
    stopping.push(() => running.stop())
    const web = await startWeb({
      port: port + 11,
      issuer: issuerOrigin,
      clientId: 'demo-web',
      clientSecret: webSecret(keys),
      core: running.databaseUrl,
      publicOrigin: `http://web.localhost:${port + 11}`,
      consoleOrigin,
      company: vendor.name,
      userPassword,
      trouble: (what) => running.log.warn({ surface: 'web' }, what),
    })
    stopping.push(() => web.close())
    return { running, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

// ── What the terminal shows ─────────────────────────────────────────────────────────────────────────────────────────

function welcome({ port, folder }: Options, running: Running, seconds: string): string {
  const [ana] = agents
  const first = running.migrations.applied > 0
  return [
    `Amparo ${version}  ·  demo mode (data in ${folder}, made-up people, messages stay on this machine)`,
    '',
    ...(first
      ? [
          '  ✓ database     built-in PostgreSQL, made ready',
          '  ✓ messages     kept in the inbox, nothing is sent',
          `  ✓ demo         12 ecosystems, ${agents.length} agents, their users`,
          '',
        ]
      : []),
    `  Console     http://localhost:${port}        sign in as  ${ana?.email}   password  ${ana?.password}`,
    `  Customer    http://127.0.0.1:${port + 2}        opens from the message you "receive"`,
    `  Web         http://web.localhost:${port + 11}    any user's own sign-in, password  ${userPassword('')}`,
    `  Inbox       http://localhost:${port}/inbox`,
    '',
    '  Try this: help marta@clinica-sol.test. It takes about a minute.',
    `  Ready after ${seconds} s. Ctrl+C stops.  npm start -- --port ${port} --data ${folder} --reset begins again.`,
    '',
  ].join('\n')
}

const tell = (error: unknown): void => console.error(error instanceof Cannot ? error.message : error)

async function begin(): Promise<void> {
  const began = performance.now()
  const options = optionsOf(process.argv.slice(2))
  const { running, stop } = await startDemo(options)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(welcome(options, running, seconds))
  let leaving = false
  const leave = () => {
    if (leaving) process.exit(1)
    leaving = true
    void stop().then(
      () => process.exit(0),
      (error: unknown) => {
        tell(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', leave)
  process.on('SIGTERM', leave)
}

if (process.argv[1] === import.meta.filename) {
  await begin().catch((error: unknown) => {
    tell(error)
    process.exit(error instanceof Cannot ? error.exit : 1)
  })
}
