/**
 * The first command: everything on one machine, with made-up people. A real PostgreSQL in the data folder, the three
 * origins of Amparo, a vendor's Store, Web and App, and an inbox that takes every message. Nothing leaves this machine.
 */
import { createECDH, createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultReasons } from '@amparo/server/assistance/reasons'
import { inLanguage, type Sentence } from '@amparo/server/cannot'
import { type Screen, screenOf } from '@amparo/server/commands/screen'
import { languageOf, toldOf } from '@amparo/server/commands/terminal'
import { untilTold } from '@amparo/server/commands/until-told'
import {
  type AgentsIssuer,
  CannotStart,
  type Config,
  demoPolicyFrom,
  faultsOf,
  groupsFrom,
  isPostgres,
  version,
} from '@amparo/server/config'
import { surfacesFrom, withoutKeys } from '@amparo/server/config.surfaces'
import { type Database, postgres } from '@amparo/server/database/database'
import { proxiesFrom } from '@amparo/server/http/caller'
import { giveTotp } from '@amparo/server/identity/factors.store'
import { keepAgent, openSession } from '@amparo/server/identity/identity.store'
import { type Keys, keysAt, secretsOf } from '@amparo/server/keys'
import { type Running, serve } from '@amparo/server/main'
import type { Policy } from '@amparo/server/policy/policy'
import { isSetting, nearestSetting, quoted, unknownSetting, wrong } from '@amparo/server/settings'
import { startApp } from './app/app.ts'
import { devRoutes } from './dev.ts'
import { startInbox } from './inbox/inbox.ts'
import { agents, userPassword, vendor } from './people.ts'
import { freeBlock } from './ports.ts'
import { startStore } from './store/store.ts'
import { startWeb } from './web/web.ts'

interface Options {
  readonly port: number
  readonly folder: string
  readonly reset: boolean
  /** Where the inbox takes mail; anywhere unless somebody else has to know it. */
  readonly inboxPort: number | undefined
  /** Said where nobody named a port and the usual one was taken. */
  readonly moved?: Sentence
}

async function optionsOf(args: readonly string[]): Promise<Options> {
  const values = valuesOf(args)
  const inboxPort = values['inbox-port'] === undefined ? undefined : Number(values['inbox-port'])
  const rest = { folder: resolve(values.data), reset: values.reset, inboxPort }
  if (values.port === undefined) return { ...(await freeBlock()), ...rest }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1024 || port > 65_000)
    throw new CannotStart([
      {
        en: `--port ${values.port} cannot be used. Choose one from 1024 to 65000.`,
        es: `--port ${values.port} no se puede usar. Elige uno de 1024 a 65000.`,
      },
    ])
  return { port, ...rest }
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        data: { type: 'string', default: '.amparo' },
        reset: { type: 'boolean', default: false },
        'inbox-port': { type: 'string' },
      },
    }).values
  } catch (error) {
    const what = error instanceof Error ? error.message : ''
    throw new CannotStart([
      {
        en: `${what}. This takes: npm start -- --port N --data DIR --reset`,
        es: `${what}. Esto toma: npm start -- --port N --data CARPETA --reset`,
      },
    ])
  }
}

/** Typing errors in the settings that a demo reads. It takes some of them, and variables of our own tests beside them. */
export function settingFaults(env: NodeJS.ProcessEnv): readonly Sentence[] {
  const mistyped = Object.keys(env).filter(
    (name) => name.startsWith('AMPARO_') && !isSetting(name) && nearestSetting(name, 2) !== undefined,
  )
  const databases = (['DATABASE_URL', 'AMPARO_CORE_URL'] as const).flatMap((name) => {
    const value = env[name]
    return value && !isPostgres(value) ? [wrong(name, quoted(name, value))] : []
  })
  return [...mistyped.map(unknownSetting), ...databases]
}

/** The products of `AMPARO_SURFACES`, or else the demo's three. */
async function surfacesOf(port: number, keys: Keys, policy: Policy) {
  const file = process.env.AMPARO_SURFACES
  if (file) return surfacesIn(file, policy)
  const clientOf = clientsOf(port, keys, policy)
  return surfacesFrom([
    { id: 'store', name: { en: 'User store', es: 'Tienda del usuario' }, ...clientOf('store') },
    { id: 'web', name: { en: 'Web', es: 'Web' }, ...clientOf('web') },
    { id: 'app', name: { en: 'App', es: 'App' }, ...clientOf('app') },
  ])
}

/** The vendor's own products, the ports that they listen on, and who is offered them. */
const products = {
  store: {
    start: startStore,
    offset: 10,
    offeredTo: ['owner'],
    whenSuspended: true,
    sensitive: ['payment_method', 'export', 'document', 'invitations'],
  },
  web: {
    start: startWeb,
    offset: 11,
    offeredTo: ['owner', 'member'],
    whenSuspended: false,
    sensitive: ['invitations'],
  },
  app: { start: startApp, offset: 12, offeredTo: ['owner', 'member'], whenSuspended: false, sensitive: [] },
} as const
type ProductId = keyof typeof products
const productIds = ['store', 'web', 'app'] as const satisfies readonly ProductId[]

const originOf = (id: ProductId, port: number): string => `http://${id}.localhost:${port + products[id].offset}`
const secretOf = (id: ProductId, keys: Keys): string =>
  createHmac('sha256', keys.root).update(`demo/${id}`).digest('base64url')

/** A key of its own where the policy wants one. It comes from the demo's root, so that each start finds the one of before. */
function keyOf(id: ProductId, keys: Keys) {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(createHmac('sha256', keys.root).update(`demo/key/${id}`).digest())
  const point = pair.getPublicKey()
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url')
  const shown = { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }
  return { shown, kept: { ...shown, d: pair.getPrivateKey('base64url') } }
}

const clientsOf =
  (port: number, keys: Keys, { clientKeys }: Policy) =>
  (id: ProductId) => {
    const { offeredTo, whenSuspended, offset, sensitive } = products[id]
    return {
      offeredTo,
      whenSuspended,
      clientId: `demo-${id}`,
      // The App on a phone has no secret; what stands here is its back end's.
      clientAuth: id === 'app' ? 'none' : clientKeys ? 'private_key_jwt' : 'client_secret_basic',
      ...(clientKeys ? { jwks: { keys: [keyOf(id, keys).shown] } } : { secret: secretOf(id, keys) }),
      redirectUris: [`${originOf(id, port)}/assisted/callback`],
      initiateLoginUri: `${originOf(id, port)}${id === 'app' ? '/q' : '/assisted/login'}`,
      backchannelLogoutUri: `http://127.0.0.1:${port + offset}/assisted/logout`,
      statusCheck: true,
      powers: ['look', 'act', ...sensitive],
    }
  }

async function surfacesIn(file: string, policy: Policy) {
  try {
    const surfaces = surfacesFrom(JSON.parse(await readFile(file, 'utf8')))
    const faults = withoutKeys(policy, surfaces)
    if (faults.length > 0) throw new CannotStart(faults)
    return surfaces
  } catch (error) {
    if (error instanceof CannotStart) throw error
    throw new CannotStart(faultsOf('AMPARO_SURFACES', file, error))
  }
}

/** The policy of `AMPARO_POLICY`, or else the standard one with break-glass. Quotas are those of the file alone. */
async function policyOf() {
  const file = process.env.AMPARO_POLICY
  if (!file) return demoPolicyFrom({ preset: 'standard', breakGlass: { roles: ['agent:technical'] } })
  try {
    return demoPolicyFrom(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new CannotStart(faultsOf('AMPARO_POLICY', file, error))
  }
}

/** By what messages leave: over SMTP into the inbox, or through the function that the environment names. */
function waysOf(url: string): Pick<Config, 'mail' | 'sms'> {
  const functionName = process.env.AMPARO_DELIVER_FUNCTION
  const way = functionName ? ({ by: 'lambda', functionName } as const) : ({ by: 'smtp', url } as const)
  return { mail: way, sms: way }
}

/** Where agents sign in: with a password of ours, or at the provider that the environment names. */
async function agentsIssuer(): Promise<AgentsIssuer | undefined> {
  const {
    AMPARO_AGENTS_ISSUER: issuer,
    AMPARO_AGENTS_CLIENT_ID: clientId = '',
    AMPARO_AGENTS_CLIENT_SECRET: clientSecret = '',
    AMPARO_AGENTS_GROUPS: file = '',
  } = process.env
  if (!issuer) return undefined
  const table = groupsFrom(JSON.parse(await readFile(file, 'utf8')))
  return { issuer, clientId, clientSecret, ...table, insecure: true }
}

interface Peopled {
  readonly ecosystems: string
  readonly people: string
}

/** The sample Core and its agents; what a user of the demo changed stays. */
async function prepare(db: Database, databaseUrl: string, keys: Keys): Promise<void> {
  const plain = postgres(databaseUrl, { max: 1 })
  try {
    for (const file of ['core.sql', 'successions.sql']) {
      await plain.query(await readFile(join(import.meta.dirname, file), 'utf8'))
    }
  } finally {
    await plain.close()
  }
  const secrets = secretsOf(keys)
  for (const agent of agents) {
    const id = await keepAgent(db, agent)
    if (agent.totpSecret !== undefined) await giveTotp(db, secrets, id, agent.totpSecret)
  }
}

/** Who is in the Core that is asked, the sample or the operator's own; nothing where it does not say so in a moment. */
async function peopledIn(coreUrl: string): Promise<Peopled | undefined> {
  const plain = postgres(coreUrl, { max: 1, statementMs: 2000 })
  const counted = plain.query<Peopled>(`
    select (select count(*) from amparo_core.ecosystems) as ecosystems, (select count(*) from amparo_core.users) as people`)
  return counted
    .then(
      ([row]) => row,
      () => undefined,
    )
    .finally(plain.close)
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
export async function startDemo({ port, folder, reset, inboxPort }: Options, screen?: Screen): Promise<Demo> {
  if (process.env.NODE_ENV === 'production')
    throw new CannotStart([
      {
        en: 'This is the demo, with made-up people and known passwords. In production use: amparo serve',
        es: 'Esto es la demostración, con personas inventadas y contraseñas conocidas. En producción usa: amparo serve',
      },
    ])
  if (reset) await rm(join(folder, 'postgres'), { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const isKnown = existsSync(join(folder, 'keys.json'))
  const keys = await keysAt(join(folder, 'keys.json'), true)
  const consoleOrigin = `http://localhost:${port}`
  const issuerOrigin = `http://127.0.0.1:${port + 1}`
  const coreUrl = process.env.AMPARO_CORE_URL || undefined
  const policy = await policyOf()
  const surfaces = await surfacesOf(port, keys, policy)
  const inbox = await startInbox(inboxPort === undefined ? {} : { smtpPort: inboxPort })
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
        coreUrl,
        proxies: proxiesFrom(process.env.AMPARO_PROXIES ?? ''),
        consoleOrigin,
        issuerOrigin,
        companionOrigin: `http://127.0.0.1:${port + 2}`,
        listen: { host: '127.0.0.1', console: port, issuer: port + 1, companion: port + 2 },
        surfaces,
        policy,
        agents: await agentsIssuer(),
        reasons: defaultReasons,
        ticketUrl: undefined,
        vendor,
        keys,
        stopFile: join(folder, 'stopped.json'),
        ...waysOf(process.env.AMPARO_SMTP_URL || inbox.smtpUrl),
        mailFrom: `${vendor.name} Support <help@acme.test>`,
        metricsToken: undefined,
        releaseWebhook: undefined,
        recordWebhook: undefined,
        checkpointsFile: undefined,
        successionPacks: [],
      },
      {
        ...(screen ? { screen } : {}),
        async prepare(db, databaseUrl) {
          await prepare(db, databaseUrl, keys)
          for (const [email, token] of await bearersOf(db)) bearers.set(email, token)
          screen?.step('identity', isKnown ? keysKept : keysMade, !isKnown)
          screen?.step('messages', messagesSay())
          screen?.step(
            coreUrl ? 'your core' : 'demo',
            peopledSays(await peopledIn(coreUrl ?? databaseUrl), surfaces.length),
          )
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
    for (const id of productIds) {
      const product = await products[id].start({
        port: port + products[id].offset,
        issuer: issuerOrigin,
        clientId: `demo-${id}`,
        ...(policy.clientKeys ? { clientKey: keyOf(id, keys).kept } : { clientSecret: secretOf(id, keys) }),
        core: running.databaseUrl,
        publicOrigin: originOf(id, port),
        consoleOrigin,
        company: vendor.name,
        userPassword,
        trouble: (what) => running.log.warn({ surface: id }, what),
      })
      stopping.push(() => product.close())
    }
    return { running, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

// ── What the terminal shows ─────────────────────────────────────────────────────────────────────────────────────────

const keysMade = { en: 'issuer and keys created', es: 'emisor y llaves creados' }
const keysKept = { en: 'issuer and keys as before', es: 'emisor y llaves, los de antes' }
const messagesSay = () =>
  process.env.AMPARO_DELIVER_FUNCTION
    ? {
        en: "through the function deliver and doubles of AWS into the inbox, nothing leaves this machine; agents sign in at Cognito's double",
        es: 'por la función deliver y dobles de AWS al buzón, nada sale de esta máquina; los agentes entran en el doble de Cognito',
      }
    : { en: 'kept in the inbox, nothing is sent', es: 'quedan en el buzón, no se envía nada' }

function peopledSays(there: Peopled | undefined, surfaces: number): Sentence {
  const [en, es] = there
    ? [
        `${there.ecosystems} ecosystems, ${there.people} people, `,
        `${there.ecosystems} ecosistemas, ${there.people} personas, `,
      ]
    : ['', '']
  return {
    en: `${en}${agents.length} agents, ${surfaces} ${surfaces === 1 ? 'surface' : 'surfaces'}`,
    es: `${es}${agents.length} agentes, ${surfaces} ${surfaces === 1 ? 'producto' : 'productos'}`,
  }
}

/** What kind of installation this is; the people are the operator's where a Core is named. */
const aboutIt = (folder: string, ownPeople: boolean): Sentence => ({
  en: `demo mode (data in ${folder}, ${ownPeople ? 'people of your own Core' : 'made-up people'}, messages stay on this machine)`,
  es: `demostración (datos en ${folder}, ${ownPeople ? 'personas de tu propio Core' : 'personas inventadas'}, los mensajes no salen de esta máquina)`,
})

/**
 * Later starts need four lines; the first one also says what to try. The sample products know the sample people's
 * passwords, and nobody of a Core of one's own.
 */
export function welcome({ port, folder, reset }: Options, migrated: boolean, ownPeople: boolean): readonly Sentence[] {
  const [ana] = agents
  const password = userPassword('')
  const signIn = ownPeople
    ? { en: 'they know nobody of yours: connect one of your own', es: 'no conocen a nadie tuyo: conecta uno tuyo' }
    : {
        en: `any user's own sign-in, password  ${password}`,
        es: `la entrada de cualquier usuario, contraseña  ${password}`,
      }
  const lines: readonly Sentence[] = [
    {
      en: `  Console     http://localhost:${port}        sign in as  ${ana?.email}   password  ${ana?.password}`,
      es: `  Consola     http://localhost:${port}        entra como  ${ana?.email}   contraseña  ${ana?.password}`,
    },
    {
      en: `  Customer    http://127.0.0.1:${port + 2}        opens from the message you "receive"`,
      es: `  Cliente     http://127.0.0.1:${port + 2}        se abre desde el mensaje que «recibes»`,
    },
    {
      en: `  Surfaces    Store ${originOf('store', port)} · Web ${originOf('web', port)} · App ${originOf('app', port)}    ${signIn.en}`,
      es: `  Productos   Tienda ${originOf('store', port)} · Web ${originOf('web', port)} · App ${originOf('app', port)}    ${signIn.es}`,
    },
    { en: `  Inbox       http://localhost:${port}/inbox`, es: `  Buzón       http://localhost:${port}/inbox` },
  ]
  if (!migrated && !reset) return lines
  const again = `npm start -- --port ${port} --data ${folder} --reset`
  const doctor = `npx amparo doctor --data ${folder}`
  return [
    ...lines,
    '',
    ownPeople
      ? {
          en: '  Try this: help somebody of yours, by their e-mail. The message for them lands in the inbox.',
          es: '  Prueba esto: ayuda a alguien tuyo, por su correo. El mensaje para esa persona llega al buzón.',
        }
      : {
          en: '  Try this: help marta@clinica-sol.test. It takes about a minute. For successions: successor@rejected.test.',
          es: '  Prueba esto: ayuda a marta@clinica-sol.test. Lleva un minuto. Para sucesiones: successor@rejected.test.',
        },
    {
      en: `  Ctrl+C stops.  \`${again}\` begins again.  \`${doctor}\` looks for problems.`,
      es: `  Ctrl+C lo detiene.  «${again}» empieza de nuevo.  «${doctor}» busca problemas.`,
    },
    '',
  ]
}

const factsOf = ({ port, folder }: Options) => ({
  amparo: version,
  console: `http://localhost:${port}`,
  issuer: `http://127.0.0.1:${port + 1}`,
  companion: `http://127.0.0.1:${port + 2}`,
  inbox: `http://localhost:${port}/inbox`,
  surfaces: Object.fromEntries(productIds.map((id) => [id, originOf(id, port)])),
  signIn: { email: agents[0]?.email, password: agents[0]?.password },
  data: folder,
})

/** What `npm start` does, once everything is loaded. */
export async function begin(): Promise<void> {
  const faults = settingFaults(process.env)
  if (faults.length > 0) throw new CannotStart(faults)
  const options = await optionsOf(process.argv.slice(2))
  const screen = screenOf(process.stdout, process.env)
  await untilTold(async () => {
    const ownPeople = Boolean(process.env.AMPARO_CORE_URL)
    screen.began(aboutIt(options.folder, ownPeople))
    if (options.moved) screen.trouble('port', options.moved)
    const { running, stop } = await startDemo(options, screen)
    screen.ready(welcome(options, running.migrations.applied > 0, ownPeople), factsOf(options))
    return { stop }
  })
}

if (process.argv[1] === import.meta.filename) {
  await begin().catch((error: unknown) => {
    const { exit, says } = toldOf(error)
    console.error(says.map((one) => inLanguage(one, languageOf(process.env))).join('\n'))
    process.exit(exit)
  })
}
