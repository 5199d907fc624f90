/** `amparo surfaces check URL`: looks at a product of the vendor's while it runs, and says of each point whether it holds. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Bilingual } from '@amparo/contract/words'
import { type Command, InvalidArgumentError } from 'commander'
import { Cannot, fileTrouble, type Sentence } from '../cannot.ts'
import { surfacesFrom } from '../config.surfaces.ts'
import { CannotStart, version } from '../config.ts'
import { type Checked, check, exitOf, points, pointsOfApps } from '../conformance/check.ts'
import { planFrom } from '../conformance/plan.ts'
import type { Field } from '../conformance/point.ts'
import type { Surface, SurfaceClient } from '../policy/policy.ts'
import { environment, wrong } from '../settings.ts'
import type { Register, Terminal } from './terminal.ts'

export interface LookOptions {
  readonly with: string
  readonly surfaces?: string
  readonly issuer: string
  readonly listen?: string
  readonly browser?: string
  readonly within: number
  readonly json?: boolean
}

const demoIssuer = 'http://127.0.0.1:4001'

export const surfacesCheckCommand: Register = (surfaces, terminal) => {
  const { words } = terminal
  const check = surfaces
    .command('check <url>')
    .description(
      words({
        en: 'look at a product that runs, with an issuer of its own in place of Amparo; a tick for each point',
        es: 'mira un producto en marcha, con su propio emisor en el lugar de Amparo; una marca por punto',
      }),
    )
    .requiredOption(
      '--with <file>',
      words({
        en: 'what only you can tell of it, as JSON: user, ecosystem, sees, refused, change … (guide "Connect a product")',
        es: 'lo que solo tú puedes decir de él, en JSON: user, ecosystem, sees, refused, change … (guía «Connect a product»)',
      }),
    )
  checking(check, terminal).action((url: string, options: LookOptions) => looked(url, options, terminal))
}

/** The options of whatever looks at a product. */
export const checking = (command: Command, { words }: Terminal): Command =>
  command
    .option(
      '--surfaces <file>',
      words({ en: 'its row is in this file, not in AMPARO_SURFACES', es: 'su fila está aquí, no en AMPARO_SURFACES' }),
    )
    .option(
      '--issuer <url>',
      words({
        en: 'the issuer that the product is configured with',
        es: 'el emisor con que está configurado el producto',
      }),
      process.env.AMPARO_ISSUER_URL || demoIssuer,
    )
    .option(
      '--listen <place>',
      words({
        en: 'where to listen, 4001 or 0.0.0.0:4001, where the issuer is behind something else',
        es: 'dónde escuchar, 4001 o 0.0.0.0:4001, si el emisor está detrás de otra cosa',
      }),
    )
    .option(
      '--browser <program>',
      words({ en: 'a Chromium, to look at the banner with', es: 'un Chromium, para mirar la banda' }),
      process.env.AMPARO_CHROMIUM,
    )
    .option(
      '--within <seconds>',
      words({
        en: 'how long an ending may take; more than 2 only where the machine that looks is slow',
        es: 'cuánto puede tardar un final; más de 2 solo si la máquina que mira es lenta',
      }),
      seconds,
      2,
    )
    .option('--json')

function seconds(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Whole seconds, from 1 to 99.')
  return Number(text)
}

/** Looks at the product of this address, and ends with the exit code that the verdict is. */
export async function looked(url: string, options: LookOptions, terminal: Terminal): Promise<void> {
  const file = options.surfaces ?? environment().AMPARO_SURFACES
  if (!file) throw new CannotStart([wrong('AMPARO_SURFACES', undefined)])
  const { text, value: rows } = readAs(file, surfacesFrom)
  const { surface, client } = rowAt(url, rows, file)
  const { value: plan } = readAs(options.with, planFrom)
  const row: Row = { file, text, id: surface.id }
  const issuer = issuerAt(options)
  const live = options.json ? undefined : (one: Checked) => lines(one, row, terminal).forEach(terminal.say)
  const config = { client, plan, issuer, chromium: options.browser, withinMs: options.within * 1000 }
  const all = await check(config, live)
  const exit = exitOf(all)
  terminal.answer(
    options.json,
    { amparo: version, exit, surface: surface.id, points: all.map((one) => told(one, row, terminal)) },
    () => ['', sumOf(all)],
  )
  process.exitCode = exit
}

function readAs<T>(file: string, parse: (json: unknown) => T): { readonly text: string; readonly value: T } {
  try {
    const text = readFileSync(file, 'utf8')
    return { text, value: parse(JSON.parse(text)) }
  } catch (error) {
    const trouble = fileTrouble(error, file)
    if (trouble) throw trouble
    // What a parser says of it quotes it, and there are secrets in it.
    if (error instanceof SyntaxError)
      throw new Cannot(2, [{ en: `${file}: it is not JSON.`, es: `${file}: no es JSON.` }])
    throw new Cannot(2, [`${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
}

function rowAt(url: string, rows: readonly Surface[], file: string) {
  const origins = rows.map(({ client }) => (client ? new URL(client.initiateLoginUri).origin : undefined))
  const at = URL.canParse(url) ? origins.indexOf(new URL(url).origin) : -1
  const [surface, client]: readonly [Surface | undefined, SurfaceClient | undefined] = [rows[at], rows[at]?.client]
  if (surface && client) return { surface, client }
  const known = origins.filter((origin) => origin !== undefined).join(', ') || '–'
  throw new Cannot(2, [
    {
      en: `No product of ${file} has its initiateLoginUri at ${url}. There are: ${known}`,
      es: `Ningún producto de ${file} tiene su initiateLoginUri en ${url}. Hay: ${known}`,
    },
  ])
}

function issuerAt({ issuer, listen }: LookOptions) {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const [, host = '127.0.0.1', port = url?.port ?? ''] = /^(?:(.+):)?(\d+)$/.exec(listen ?? '') ?? []
  if (!url || port === '')
    throw new Cannot(2, [
      {
        en: `--issuer ${issuer} has no port to listen on. Name one beside it: --listen 4001`,
        es: `--issuer ${issuer} no tiene puerto donde escuchar. Di uno al lado: --listen 4001`,
      },
    ])
  return { origin: issuer.replace(/\/$/, ''), listen: { host, port: Number(port) } }
}

// ── What is said of a point ─────────────────────────────────────────────────────────────────────────────────────────

/** The product's row, as the operator wrote it. */
interface Row {
  readonly file: string
  readonly text: string
  readonly id: string
}

/** `notes.json:9`: the line of this field in the product's own row. */
function lineOf({ file, text, id }: Row, field: Field): string {
  const all = text.split('\n')
  const from = all.findIndex((line) => line.includes('"id"') && line.includes(`"${id}"`))
  const at = all.findIndex((line, number) => number >= from && line.includes(`"${field}"`))
  return at < 0 ? `${basename(file)}: ${field}` : `${basename(file)}:${at + 1}: ${field}`
}

function told({ id, holds, look, verdict }: Checked, row: Row, { words }: Terminal) {
  const says = verdict.result === 'pass' ? {} : { says: words(verdict.says) }
  const where = verdict.result === 'fail' ? { look: words(look) } : {}
  const line = verdict.result === 'fail' && verdict.field ? { line: lineOf(row, verdict.field) } : {}
  return { point: id, result: verdict.result, holds: words(holds), ...says, ...where, ...line }
}

function lines(one: Checked, row: Row, terminal: Terminal): readonly Sentence[] {
  const { colours, words } = terminal
  const { point, result, holds, says, look, line } = told(one, row, terminal)
  const marks = { pass: colours.green('✓'), fail: colours.red('✗'), none: '·', unchecked: colours.yellow('?') }
  const first = `${marks[result]} ${point.padEnd(widest)}  ${holds}`
  if (result === 'pass') return [first]
  const indent = `  ${' '.repeat(widest)}  `
  const where = [line, look].filter((part) => part !== undefined).map((part) => `${indent}→ ${part}`)
  return [first, `${indent}${result === 'unchecked' ? `${words(notChecked)}: ` : ''}${says}`, ...where]
}
const widest = Math.max(...[...points, ...pointsOfApps].map(({ id }) => id.length))
const notChecked: Bilingual = { en: 'not checked', es: 'sin comprobar' }

function sumOf(all: readonly Checked[]): Bilingual {
  const count = (result: Checked['verdict']['result']): number =>
    all.filter(({ verdict }) => verdict.result === result).length
  const [passed, failed, open, none] = [count('pass'), count('fail'), count('unchecked'), count('none')]
  return {
    en: `${passed} passed, ${failed} failed, ${open} not checked, ${none} not there to check`,
    es: `${passed} bien, ${failed} mal, ${open} sin comprobar, ${none} sin nada que comprobar`,
  }
}
