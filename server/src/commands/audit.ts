/** `amparo audit`: verifying the record, taking it away, and the public key that others verify it with. */
import { open, readFile, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { keyFrom, keyText, type NamedKey } from '@amparo/verifier/checkpoint'
import { verdictSaid } from '@amparo/verifier/words'
import { exportOf } from '../audit/export.store.ts'
import { standingOf, tellAgainFrom } from '../audit/feed.ts'
import { newestCheckpoint } from '../audit/log.store.ts'
import { verifyTimed } from '../audit/verify.store.ts'
import { Cannot, fileTrouble } from '../cannot.ts'
import { noteLoose } from '../desk/note.ts'
import { system } from '../words.ts'
import { ourKeys, recordKeys } from './record.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

type Json = { readonly json?: boolean }
const gathered = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** The keys that were named, or those of the key file. */
async function keysOf(named: readonly string[]): Promise<readonly NamedKey[]> {
  if (named.length === 0) return recordKeys()
  return named.map((text) => {
    const key = keyFrom(text)
    if (!key) throw new Cannot(2, [{ en: `${text} is not a key.`, es: `${text} no es una llave.` }])
    return key
  })
}

/** Whole, or nothing of it stays: half a record must not look like one. */
async function intoFile(file: string, chunks: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await pipeline(chunks, handle.createWriteStream({ flush: true }))
  } catch (error) {
    await rm(file, { force: true })
    throw fileTrouble(error, file) ?? error
  }
}

const contentOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch(() => {
    throw new Cannot(2, [{ en: `${path} cannot be read.`, es: `No se puede leer ${path}.` }])
  })

export const auditCommand: Register = (program, terminal) => {
  const audit = program
    .command('audit')
    .description(terminal.words({ en: 'the record: whole, or not', es: 'el registro: íntegro o no' }))
  audit
    .command('verify')
    .description(
      terminal.words({
        en: 'go through the whole record, from its first event to its last',
        es: 'recorre todo el registro, del primer suceso al último',
      }),
    )
    .option(
      '--checkpoint <file>',
      terminal.words({ en: 'a checkpoint that somebody else kept', es: 'un punto de control que guardó otra persona' }),
      gathered,
      [],
    )
    .option('--key <key>', terminal.words({ en: 'a public key', es: 'una llave pública' }), gathered, [])
    .option('--json')
    .action(async ({ checkpoint, key, json }: { checkpoint: readonly string[]; key: readonly string[] } & Json) => {
      const [keys, witnesses] = [await keysOf(key), await Promise.all(checkpoint.map(contentOf))]
      const { verdict, seconds } = await onDatabase((db) => verifyTimed(db, keys, witnesses))
      terminal.answer(json, { ...verdict, root: verdict.root.toString('base64'), seconds }, () =>
        verdictSaid(verdict, seconds),
      )
      process.exitCode = verdict.count === 0 ? 0 : 4
    })
  audit
    .command('key')
    .description(
      terminal.words({ en: 'the public key that verifies it', es: 'la llave pública con la que se verifica' }),
    )
    .option('--json')
    .action(async ({ json }: Json) => {
      const keys = (await recordKeys()).map(keyText)
      terminal.answer(json, { keys }, () => keys)
    })
  audit
    .command('checkpoint')
    .description(terminal.words({ en: 'how far it has come, signed', es: 'hasta dónde ha llegado, firmado' }))
    .option('--json')
    .action(async ({ json }: Json) => {
      const newest = await onDatabase(newestCheckpoint)
      if (!newest)
        throw new Cannot(1, [
          { en: 'The record has no checkpoint yet.', es: 'El registro aún no tiene punto de control.' },
        ])
      terminal.answer(json, { size: newest.size, root: newest.root.toString('base64'), note: newest.note }, () => [
        newest.note.trimEnd(),
      ])
    })
  audit
    .command('feed')
    .description(
      terminal.words({ en: 'how far the webhook has been told', es: 'hasta dónde se ha contado al webhook' }),
    )
    .option(
      '--from <seq>',
      terminal.words({ en: 'tell it again from this place', es: 'contarlo de nuevo desde este lugar' }),
    )
    .option('--json')
    .action(async ({ from, json }: { from?: string } & Json) => {
      if (from !== undefined && !/^\d{1,15}$/.test(from))
        throw new Cannot(2, [{ en: `${from} is no place in the record.`, es: `${from} no es un lugar del registro.` }])
      const standing = await onDatabase(async (db) => {
        if (from !== undefined) await tellAgainFrom(db, Number(from))
        return standingOf(db)
      })
      const { seq = 0, size = 0, error } = standing ?? {}
      terminal.answer(json, { ...standing }, () => [
        { en: `${seq} of ${size} records told.`, es: `Contados ${seq} de ${size} registros.` },
        ...(error ? [{ en: `Last answer: ${error}`, es: `Última respuesta: ${error}` }] : []),
      ])
    })
  audit
    .command('export <file>')
    .description(terminal.words({ en: 'write all of it into a file', es: 'escribe todo en un archivo' }))
    .option('--format <format>', 'jsonl, csv', 'jsonl')
    .option('--json')
    .action(async (file: string, { format, json }: { format: string } & Json) => {
      if (format !== 'jsonl' && format !== 'csv')
        throw new Cannot(2, [
          { en: `${format} is no format. Take jsonl or csv.`, es: `${format} no es un formato. Usa jsonl o csv.` },
        ])
      if (await stat(file).catch(() => undefined))
        throw new Cannot(2, [
          { en: `${file} exists already. Name another file.`, es: `${file} ya existe. Nombra otro archivo.` },
        ])
      const record = await ourKeys()
      const rows = await onDatabase(async (db) => {
        const said = (data: { readonly state: string; readonly rows?: number }) =>
          noteLoose(db, { type: 'record.exported', actor: system('operator'), data: { format, ...data } })
        await said({ state: 'begun' })
        const exported = exportOf(db, record, format, {})
        await intoFile(file, exported.chunks)
        await said({ state: 'done', rows: exported.rows() })
        return exported.rows()
      })
      terminal.answer(json, { file, rows }, () => [
        { en: `${rows} records in ${file}.`, es: `${rows} registros en ${file}.` },
      ])
    })
}
