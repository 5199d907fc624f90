/** `amparo doctor`: looks for problems with the server up or down. Changes nothing, and sends nothing unless told to whom. */
import { join, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { Sentence } from '../cannot.ts'
import { type Config, configFrom } from '../config.ts'
import { newId } from '../secrets.ts'
import { environment } from '../settings.ts'
import { version } from '../words.ts'
import { ofAddresses, ofCarriers, ofKeys, ofMail, ofProxies, ofRoom, ofSurfaces } from './doctor.around.ts'
import { ofCore, ofDatabase } from './doctor.database.ts'
import { exitOf, type Finding, fail, pass } from './doctor.finding.ts'
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
  if (!env.DATABASE_URL && !Object.keys(env).some((name) => name.startsWith('AMPARO_'))) return demoOf(resolve(data))
  const config = await configFrom(env)
  const whole: Config | undefined = 'faults' in config ? undefined : config
  const settings: readonly Finding[] =
    'faults' in config
      ? config.faults.map((says) => fail('settings', says))
      : [pass('settings', { en: 'all are there', es: 'están todos' })]
  const parts = await Promise.all([
    ofDatabase('DATABASE_URL', env.DATABASE_URL, whole?.policy),
    ofCore(env.AMPARO_CORE_URL ? 'AMPARO_CORE_URL' : 'DATABASE_URL', env.AMPARO_CORE_URL || env.DATABASE_URL),
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

/** The demo has no settings: its database stands in its folder, for as long as it runs. */
async function demoOf(folder: string): Promise<readonly Finding[]> {
  const url = `postgresql:///amparo?host=${encodeURIComponent(join(folder, 'postgres/run'))}&user=amparo`
  const parts = await Promise.all([
    ofDatabase('--data', url),
    ofCore('--data', url),
    ofKeys(join(folder, 'keys.json')),
    ofRoom(folder),
  ])
  return [pass('settings', { en: `a demo in ${folder}`, es: `una demostración en ${folder}` }), ...parts.flat()]
}
