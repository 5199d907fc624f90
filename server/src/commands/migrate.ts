/** `amparo migrate`: brings the database up to this program, or says what it would do. */
import { migrate, planned } from '../database/migrate.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

export const migrateCommand: Register = (program, terminal) => {
  program
    .command('migrate')
    .description(
      terminal.words({ en: 'apply what the database lacks', es: 'aplica lo que le falta a la base de datos' }),
    )
    .option('--plan', terminal.words({ en: 'only say what would be applied', es: 'solo dice qué se aplicaría' }))
    .option('--json')
    .action(async ({ plan, json }: { plan?: boolean; json?: boolean }) => {
      if (plan) {
        const found = await onDatabase(planned)
        return terminal.answer(json, found, () =>
          found.pending.length === 0 ? [nothing(found.applied)] : [...found.pending, saveFirst],
        )
      }
      const began = performance.now()
      const { applied, total } = await onDatabase((db) => migrate(db, undefined, json ? undefined : terminal.say))
      const ms = Math.round(performance.now() - began)
      terminal.answer(json, { applied, total, ms }, () => [
        applied === 0
          ? nothing(total)
          : {
              en: `${applied} of ${total} migrations applied in ${ms} ms.`,
              es: `${applied} de ${total} migraciones aplicadas en ${ms} ms.`,
            },
      ])
    })
}

const nothing = (total: number) => ({
  en: `Nothing to do: all ${total} migrations are applied.`,
  es: `Nada que hacer: las ${total} migraciones están aplicadas.`,
})

const saveFirst = {
  en: 'Save the database before: amparo backup FILE',
  es: 'Guarda antes la base de datos: amparo backup ARCHIVO',
}
