/** `amparo config`: every setting, whether it is set, and what it means. */
import { meanings } from '../config.ts'
import type { Register } from './terminal.ts'

export const configCommand: Register = (program, terminal) => {
  program
    .command('config')
    .description(
      terminal.words({
        en: 'every setting, whether it is set, what it means',
        es: 'cada ajuste, si está puesto y qué significa',
      }),
    )
    .option('--json')
    .action(({ json }: { json?: boolean }) => {
      const rows = Object.entries(meanings).map(([name, meaning]) => ({
        name,
        value: process.env[name] === undefined ? 'unset' : 'set',
        meaning,
      }))
      terminal.answer(json, rows, () =>
        rows.map((row) => `${row.name.padEnd(24)} ${row.value.padEnd(6)} ${row.meaning}`),
      )
    })
}
