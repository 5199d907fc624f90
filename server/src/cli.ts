/**
 * The `amparo` command. Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 something outside does not
 * answer, 4 refused or not intact. `--json` where a program reads.
 */
import { Command } from 'commander'
import { CannotStart, type Config, configFrom, meanings, version } from './config.ts'
import { CoreSilent, core } from './core/core.ts'
import { isConnectionTrouble, postgres } from './database/database.ts'
import { DatabaseUnfit, migrate } from './database/migrate.ts'
import { openSession } from './identity/identity.store.ts'
import { makeKeys } from './keys.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

/** The configuration, or its faults and exit code 2. */
async function configured(): Promise<Config> {
  const config = await configFrom(process.env)
  if (!('faults' in config)) return config
  throw new CannotStart([`${config.faults.length} settings need attention`, ...config.faults])
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL
  if (!url) throw new CannotStart([`DATABASE_URL is missing. It is ${meanings.DATABASE_URL}.`])
  return url
}

async function serveIt(): Promise<void> {
  const config = await configured()
  const { serve } = await import('./main.ts')
  const running = await serve(config)
  say(`Amparo ${version} is ready: ${config.consoleOrigin}`)
  const leave = () => void running.stop().then(() => process.exit(0))
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
}

async function migrateIt(): Promise<void> {
  const db = postgres(databaseUrl(), { max: 2 })
  const { applied, total } = await migrate(db).finally(db.close)
  say(
    applied === 0
      ? `Nothing to do: all ${total} migrations are applied.`
      : `${applied} of ${total} migrations applied.`,
  )
}

interface Finding {
  readonly check: string
  readonly result: 'pass' | 'warn' | 'fail'
  readonly says: string
}

/** Looks and changes nothing: the database, and each view of the Core. */
async function doctor({ json }: { json?: boolean }): Promise<void> {
  const findings = await findingsOf(process.env.AMPARO_CORE_URL ?? databaseUrl())
  if (json) say(JSON.stringify({ version, findings }))
  else for (const one of findings) say(`${{ pass: '✓', warn: '!', fail: '✗' }[one.result]} ${one.check}  ${one.says}`)
  process.exitCode = findings.some((one) => one.result === 'fail') ? 1 : 0
}

async function findingsOf(url: string): Promise<readonly Finding[]> {
  const db = postgres(url, { max: 1 })
  try {
    const faults = await core(db).faults()
    if (faults.length > 0) return faults.map((says) => ({ check: 'core', result: 'fail', says }))
    const report = await core(db).report()
    return report.map(({ view, rows, note }) => ({
      check: view,
      result: note === undefined ? 'pass' : 'warn',
      says: note ?? `${rows} rows`,
    }))
  } finally {
    await db.close()
  }
}

function settings({ json }: { json?: boolean }): void {
  const rows = Object.entries(meanings).map(([name, meaning]) => ({
    name,
    value: process.env[name] === undefined ? 'unset' : 'set',
    meaning,
  }))
  if (json) say(JSON.stringify(rows))
  else for (const row of rows) say(`${row.name.padEnd(24)} ${row.value.padEnd(6)} ${row.meaning}`)
}

async function agentToken(email: string): Promise<void> {
  const db = postgres(databaseUrl(), { max: 1 })
  try {
    const [agent] = await db.query<{ id: string }>(
      'select id from agent where lower(email) = lower($1) and deactivated_at is null',
      [email],
    )
    if (!agent) throw new CannotStart([`No active agent has the e-mail ${email}.`])
    say((await openSession(db, agent.id, 'bearer')).token)
  } finally {
    await db.close()
  }
}

const program = new Command('amparo')
  .version(version)
  .description('Help a customer inside their account, with their consent.')
program.command('serve').description('run the server with the settings of the environment').action(serveIt)
program.command('migrate').description('apply what the database lacks').action(migrateIt)
program.command('doctor').description('look for problems; changes and sends nothing').option('--json').action(doctor)
program
  .command('config')
  .description('every setting, whether it is set, what it means')
  .option('--json')
  .action(settings)
program
  .command('keys')
  .description('key files')
  .command('new <file>')
  .description('make a key file')
  .action((file: string) => makeKeys(file))
program
  .command('agents')
  .description('agents')
  .command('token <email>')
  .description('a token for a script; in production it can only read')
  .action(agentToken)

function exitCodeOf(error: unknown): number {
  if (error instanceof CannotStart || error instanceof DatabaseUnfit) return 2
  return isConnectionTrouble(error) || error instanceof CoreSilent ? 3 : 1
}

program.exitOverride()
await program.parseAsync().catch((error: unknown) => {
  if (error instanceof Error && 'exitCode' in error) process.exit(error.exitCode === 0 ? 0 : 2)
  console.error(error instanceof Error ? error.message : error)
  process.exit(exitCodeOf(error))
})
