/** `amparo doctor`: looks for problems with the server up or down. Changes nothing, and sends nothing unless told to whom. */
import { join, resolve } from 'node:path'
import type { Bilingual } from '@amparo/contract/words'
import { InvalidArgumentError } from 'commander'
import type { Sentence } from '../cannot.ts'
import { type Config, configFrom, notOurs } from '../config.ts'
import { wantsSeats } from '../policy/policy.ts'
import { newId } from '../secrets.ts'
import { type Environment, environment, type Setting } from '../settings.ts'
import { version } from '../words.ts'
import { ofAddresses, ofCarriers, ofKeys, ofMail, ofProxies, ofRoom, ofSurfaces } from './doctor.around.ts'
import { ofCore, ofDatabase } from './doctor.database.ts'
import { away, exitOf, type Finding, fail, pass } from './doctor.finding.ts'
import type { Register, Terminal } from './terminal.ts'

interface Options {
  readonly json?: boolean
  readonly data: string
  readonly sendTestTo?: string
}

export const doctorCommand: Register = (program, terminal) => {
  program
    .command('doctor')
    .description(
      terminal.words({
        en: 'look for problems; changes nothing, sends nothing unless told to',
        es: 'busca problemas; no cambia nada ni envía nada si no se le pide',
      }),
    )
    .option('--json')
    .option(
      '--data <folder>',
      terminal.words({
        en: 'the folder of a demo, where there is no DATABASE_URL',
        es: 'la carpeta de una demostración, si no hay DATABASE_URL',
      }),
      '.amparo',
    )
    .option(
      '--send-test-to <address>',
      terminal.words({ en: 'send one mail to this address', es: 'envía un correo a esta dirección' }),
      address,
    )
    .action(async (options: Options) => {
      const findings = await examined(options)
      const exit = exitOf(findings)
      const told = findings.map((one) => ({ ...one, says: terminal.words(one.says) }))
      terminal.answer(options.json, { amparo: version, exit, findings: told }, () =>
        findings.map((one) => line(terminal, one)),
      )
      process.exitCode = exit
    })
}

function address(text: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw new InvalidArgumentError('An address such as you@acme.com.')
  return text
}

const line = ({ colours, words }: Terminal, { check, result, says }: Finding): Sentence => {
  const mark = { pass: colours.green('✓'), warn: colours.yellow('!'), fail: colours.red('✗') }[result]
  return `${mark} ${check}  ${words(says)}`
}

async function examined({ data, sendTestTo }: Options): Promise<readonly Finding[]> {
  const env = environment()
  if (!env.DATABASE_URL && isOfDemo(env)) return demoOf(resolve(data), env.AMPARO_CORE_URL)
  const config = await configFrom(env)
  const whole: Config | undefined = 'faults' in config ? undefined : config
  const settings: readonly Finding[] =
    'faults' in config
      ? config.faults.map((says) => fail('settings', says))
      : [pass('settings', { en: 'all are there', es: 'están todos' })]
  const parts = await Promise.all([
    ofDatabase('DATABASE_URL', env.DATABASE_URL, whole?.policy),
    ofCore(
      env.AMPARO_CORE_URL ? 'AMPARO_CORE_URL' : 'DATABASE_URL',
      env.AMPARO_CORE_URL || env.DATABASE_URL,
      whole !== undefined && wantsSeats(whole.surfaces),
    ),
    (whole?.mail.by ?? 'smtp') === 'smtp' ? ofMail(env.AMPARO_SMTP_URL, whole?.mailFrom, sendTestTo, newId('ob')) : [],
    whole ? ofCarriers(whole, sendTestTo, newId('ob')) : [],
    ofKeys(env.AMPARO_KEYS),
    whole ? ofSurfaces(whole.surfaces) : [],
    whole ? ofAddresses(whole) : [],
    whole ? [ofProxies(whole)] : [],
    ofRoom(process.cwd()),
  ])
  return [...settings, ...parts.flat()]
}

/** What `npm start` reads too, and what our own scripts set: with nothing beyond it, it is a demo that is looked at. */
const isOfDemo = (env: Environment): boolean =>
  Object.keys(env).every(
    (name) => !name.startsWith('AMPARO_') || ofDemo.some((one) => one === name) || notOurs.has(name),
  )
const ofDemo = ['AMPARO_CORE_URL', 'AMPARO_SURFACES', 'AMPARO_POLICY', 'AMPARO_PROXIES'] as const satisfies Setting[]

/** Its database stands in its folder, for as long as it runs; the people may be in a Core of the operator's own. */
async function demoOf(folder: string, coreUrl: string | undefined): Promise<readonly Finding[]> {
  const url = `postgresql:///amparo?host=${encodeURIComponent(join(folder, 'postgres/run'))}&user=amparo`
  const found = await ofDatabase('--data', url)
  const isAway = found.some((one) => one.unreachable)
  const parts = await Promise.all([
    isAway ? [away('database', noneRuns(folder))] : found,
    coreUrl ? ofCore('AMPARO_CORE_URL', coreUrl, false) : isAway ? [] : ofCore('--data', url, false),
    ofKeys(join(folder, 'keys.json')),
    ofRoom(folder),
  ])
  return [pass('settings', { en: `a demo in ${folder}`, es: `una demostración en ${folder}` }), ...parts.flat()]
}

const noneRuns = (folder: string): Bilingual => ({
  en: `No demo is running in ${folder}. Start it: npm start -- --data ${folder}`,
  es: `Ninguna demostración está en marcha en ${folder}. Iníciala: npm start -- --data ${folder}`,
})
