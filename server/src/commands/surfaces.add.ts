/**
 * `amparo surfaces add`: a product's row, with a secret of its own, and what to paste into the product's environment. With
 * what only the vendor can tell of it (`--with`) it waits for the product to run, and looks at it.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import { Cannot } from '../cannot.ts'
import { newToken } from '../secrets.ts'
import { newClientKey, pasted } from './client-key.ts'
import { checking, type LookOptions, looked } from './surfaces.check.ts'
import { change, surfacesFile } from './surfaces.file.ts'
import type { Register, Terminal } from './terminal.ts'

interface Options extends Omit<LookOptions, 'with'> {
  readonly at: string
  readonly name?: string
  readonly nameEs?: string
  readonly offeredTo: readonly string[]
  readonly powers: readonly string[]
  readonly key?: boolean
  readonly with?: string
  readonly wait: number
}

export const surfacesAddCommand: Register = (surfaces, terminal) => {
  const { words } = terminal
  const adding = surfaces
    .command('add <id>')
    .description(
      words({
        en: 'write the row of a new product, and show what to paste into its environment; with --with, wait for it and check it',
        es: 'escribe la fila de un producto nuevo y muestra qué pegar en su entorno; con --with lo espera y lo comprueba',
      }),
    )
    .requiredOption(
      '--at <url>',
      words({
        en: 'where browsers find it, https://web.acme.com',
        es: 'dónde lo encuentran los navegadores, https://web.acme.com',
      }),
    )
    .option('--name <name>', words({ en: 'on its button; its id unless given', es: 'en su botón; si falta, su id' }))
    .option('--name-es <name>', words({ en: 'the same in Spanish', es: 'lo mismo en español' }))
    .option('--offered-to <role...>', 'owner, member', ['owner', 'member'])
    .option('--powers <power...>', words({ en: 'what it is able to enforce', es: 'lo que sabe hacer cumplir' }), [
      'look',
    ])
    .option(
      '--key',
      words({
        en: 'it proves itself by a key of its own: its file holds nothing secret',
        es: 'se identifica con una llave propia: en su archivo no queda ningún secreto',
      }),
    )
    .option(
      '--wait <seconds>',
      words({ en: 'with --with: how long to wait for it', es: 'con --with: cuánto esperarlo' }),
      seconds,
      600,
    )
    .option(
      '--with <file>',
      words({
        en: 'what only you can tell of it, as JSON (guide "Connect a product"): then it is checked',
        es: 'lo que solo tú puedes decir de él, en JSON (guía «Connect a product»): entonces se comprueba',
      }),
    )
  checking(adding, terminal).action((id: string, options: Options) => added(id, options, terminal))
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Whole seconds, from 1 to 9999.')
  return Number(text)
}

async function added(id: string, options: Options, terminal: Terminal): Promise<void> {
  const file = surfacesFile(options.surfaces)
  const origin = originOf(options.at)
  const proof = options.key ? byKey() : bySecret()
  await add(file, rowOf(id, origin, proof.row, options))
  const env = environmentOf(id, origin, proof.env, options.issuer)
  const lines = Object.entries(env).map(([name, value]) => `${name}=${pasted(value)}`)
  const shown = () => [
    {
      en: `${id} is in ${file} now. Amparo has it from its next start on. For the product's environment:`,
      es: `${id} ya está en ${file}. Amparo lo tendrá en su próximo arranque. Para el entorno del producto:`,
    },
    '',
    ...lines,
    '',
    ...(options.with === undefined ? [thenCheck(origin)] : [waiting(origin)]),
  ]
  if (options.with === undefined) return terminal.answer(options.json, { surface: id, file, env }, shown)
  if (!options.json) for (const line of shown()) terminal.say(line)
  await untilThere(origin, options.wait)
  await looked(origin, { ...options, with: options.with }, terminal)
}

const thenCheck = (origin: string) => ({
  en: `Once it runs: amparo surfaces check ${origin} --with FILE`,
  es: `Cuando esté en marcha: amparo surfaces check ${origin} --with ARCHIVO`,
})
const waiting = (origin: string) => ({
  en: `Start the product with them. Waiting for ${origin} …`,
  es: `Arranca el producto con ellas. Esperando a ${origin} …`,
})

function originOf(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin
  throw new Cannot(2, [
    {
      en: `--at ${url} is no address that a browser can open, such as https://web.acme.com`,
      es: `--at ${url} no es una dirección que un navegador pueda abrir, como https://web.acme.com`,
    },
  ])
}

/** What goes into its row, and what into its environment. */
interface Proof {
  readonly row: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string>>
}
function bySecret(): Proof {
  const secret = newToken()
  return { row: { clientAuth: 'client_secret_basic', secret }, env: { ASSISTED_CLIENT_SECRET: secret } }
}
function byKey(): Proof {
  const { shown, secret } = newClientKey()
  return { row: { clientAuth: 'private_key_jwt', jwks: { keys: [shown] } }, env: { ASSISTED_CLIENT_KEY: secret } }
}

/** The addresses are those of our own package; a product with others has them changed in the file. */
const rowOf = (
  id: string,
  origin: string,
  proof: Proof['row'],
  { name = id, nameEs = name, offeredTo, powers }: Options,
) => ({
  id,
  name: { en: name, es: nameEs },
  offeredTo,
  clientId: id,
  ...proof,
  redirectUris: [`${origin}/assisted/callback`],
  initiateLoginUri: `${origin}/assisted/login`,
  backchannelLogoutUri: `${origin}/assisted/logout`,
  statusCheck: true,
  powers,
})

/** Not `AMPARO_…`: those are the server's own settings, and it refuses what it does not know. */
const environmentOf = (id: string, origin: string, proof: Proof['env'], issuer: string) => ({
  ASSISTED_ISSUER: issuer.replace(/\/$/, ''),
  ASSISTED_CLIENT_ID: id,
  ...proof,
  ASSISTED_ORIGIN: origin,
  ASSISTED_CONSOLE: process.env.AMPARO_CONSOLE_URL || 'http://localhost:4000',
})

/** Adds a row to the file, or refuses and leaves it as it is. */
const add = (file: string, row: ReturnType<typeof rowOf>): Promise<void> =>
  change(file, (rows) => {
    if (rows.some(({ id }) => id === row.id)) throw new Cannot(4, [isThere(row.id, file)])
    return [...rows, row]
  })

const isThere = (id: string, file: string) => ({
  en: `There is a product "${id}" in ${file} already, and it is left as it is.`,
  es: `Ya hay un producto «${id}» en ${file}, y se deja como está.`,
})

/** Until somebody answers there, whatever they answer. */
async function untilThere(origin: string, patienceSeconds: number): Promise<void> {
  const until = performance.now() + patienceSeconds * 1000
  const asked = () =>
    fetch(`${origin}/`, { redirect: 'manual', signal: AbortSignal.timeout(2000) }).then(
      () => true,
      () => false,
    )
  while (!(await asked())) {
    if (performance.now() > until)
      throw new Cannot(3, [
        {
          en: `Nobody answers at ${origin}. Start the product, then: amparo surfaces check ${origin} --with FILE`,
          es: `Nadie responde en ${origin}. Arranca el producto y después: amparo surfaces check ${origin} --with ARCHIVO`,
        },
      ])
    await pause(500)
  }
}
