/** `amparo migrate`: brings the database up to this program, or says what it would do. */
import { migrate } from '../database/migrate.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

export const migrateCommand: Register = (program, terminal) => {
  program
    .command('migrate')
    .description(
      terminal.words({ en: 'apply what the database lacks', es: 'aplica lo que le falta a la base de datos' }),
    )
    .option('--json')
    .action(async ({ json }: { json?: boolean }) => {
      const { applied, total } = await onDatabase(migrate)
      terminal.answer(json, { applied, total }, () => [
        applied === 0
          ? {
              en: `Nothing to do: all ${total} migrations are applied.`,
              es: `Nada que hacer: las ${total} migraciones están aplicadas.`,
            }
          : { en: `${applied} of ${total} migrations applied.`, es: `${applied} de ${total} migraciones aplicadas.` },
      ])
    })
}
