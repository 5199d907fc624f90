/** `amparo doctor`: looks for problems; changes and sends nothing. */
import { version } from '../config.ts'
import { core } from '../core/core.ts'
import { postgres } from '../database/database.ts'
import { databaseUrl } from './settings.ts'
import type { Register } from './terminal.ts'

interface Finding {
  readonly check: string
  readonly result: 'pass' | 'warn' | 'fail'
  readonly says: string
}

export const doctorCommand: Register = (program, terminal) => {
  program
    .command('doctor')
    .description(
      terminal.words({
        en: 'look for problems; changes and sends nothing',
        es: 'busca problemas; no cambia ni envía nada',
      }),
    )
    .option('--json')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await findingsOf(process.env.AMPARO_CORE_URL ?? databaseUrl())
      terminal.answer(json, { version, findings }, () =>
        findings.map((one) => `${{ pass: '✓', warn: '!', fail: '✗' }[one.result]} ${one.check}  ${one.says}`),
      )
      process.exitCode = findings.some((one) => one.result === 'fail') ? 1 : 0
    })
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
