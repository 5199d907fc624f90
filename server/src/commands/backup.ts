/** `amparo backup FILE` and `amparo restore FILE`: one file with everything but the keys; nothing that was alive revives. */
import { resolve } from 'node:path'
import { backup, restore } from '../database/backup.ts'
import type { Database } from '../database/database.ts'
import { closeLiving } from '../desk/endings.ts'
import { forgetAnswers } from '../http/idempotency.ts'
import { endEverySession } from '../identity/identity.store.ts'
import { forgetArtifacts } from '../issuer/artifacts.ts'
import { dropQueued } from '../messages/outbox.ts'
import { system } from '../words.ts'
import { isBroken, seeingRecord, seenJson, seenSaid } from './record.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

const size = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1024))} kB`

export const backupCommand: Register = (program, terminal) => {
  program
    .command('backup <file>')
    .description(
      terminal.words({
        en: 'save everything but the keys in one file',
        es: 'guarda todo menos las llaves en un archivo',
      }),
    )
    .option('--json')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const path = resolve(file)
      const look = await seeingRecord()
      const [saved, seen] = await onDatabase(async (db) => [await backup(db, path), await look(db)] as const)
      terminal.answer(json, { file: path, ...saved, record: seenJson(seen) }, () => [
        {
          en: `${saved.rows} rows of ${saved.tables.length} tables saved in ${path} (${size(saved.bytes)}).`,
          es: `${saved.rows} filas de ${saved.tables.length} tablas guardadas en ${path} (${size(saved.bytes)}).`,
        },
        {
          en: 'The keys are not in it: keep a copy of AMPARO_KEYS somewhere else. Without them nothing in it can be opened.',
          es: 'Las llaves no están dentro: guarda una copia de AMPARO_KEYS en otro lugar. Sin ellas no se puede abrir nada de esto.',
        },
        ...seenSaid(seen),
      ])
      if (isBroken(seen)) process.exitCode = 4
    })
}

export const restoreCommand: Register = (program, terminal) => {
  program
    .command('restore <file>')
    .description(
      terminal.words({
        en: 'bring a backup back into an empty database; what was open is closed',
        es: 'recupera una copia en una base de datos vacía; lo que estaba abierto se cierra',
      }),
    )
    .option(
      '--into-empty',
      terminal.words({ en: 'throw away what the database holds first', es: 'descarta antes lo que haya en la base' }),
    )
    .option('--json')
    .action(async (file: string, { intoEmpty = false, json }: { intoEmpty?: boolean; json?: boolean }) => {
      const path = resolve(file)
      const look = await seeingRecord()
      const [restored, seen] = await onDatabase(
        async (db) => [await restore(db, path, { intoEmpty, settle: letNothingRevive }), await look(db)] as const,
      )
      terminal.answer(json, { file: path, ...restored, record: seenJson(seen) }, () => [
        {
          en: `${restored.rows} rows of ${restored.tables.length} tables restored; counts and digests are those of the backup.`,
          es: `${restored.rows} filas de ${restored.tables.length} tablas recuperadas; cuentas y resúmenes son los de la copia.`,
        },
        {
          en: `${restored.closed} open assistances were closed; everybody signs in again; messages that waited are dropped.`,
          es: `${restored.closed} asistencias abiertas se cerraron; todos vuelven a entrar; los mensajes en espera se descartan.`,
        },
        ...seenSaid(seen),
      ])
      if (isBroken(seen)) process.exitCode = 4
    })
}

/** Whatever ended after the backup was written is alive in it: nobody can tell, so everything that is alive ends. */
export async function letNothingRevive(tx: Database): Promise<number> {
  const closed = await closeLiving(tx, 'restored', system('restore'))
  await endEverySession(tx)
  await dropQueued(tx)
  await forgetArtifacts(tx)
  await forgetAnswers(tx)
  return closed.length
}
