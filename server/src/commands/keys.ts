/** `amparo keys`: key files. What is secret in them is never shown. */
import { keyText } from '@amparo/verifier/checkpoint'
import { Cannot } from '../cannot.ts'
import { CannotStart } from '../config.ts'
import { makeKeys, readKeys, rotateKeys, rotateRecordKey } from '../keys.ts'
import { wrong } from '../settings.ts'
import type { Register } from './terminal.ts'

type Json = { readonly json?: boolean }

/** The key file that was named, or the one of the settings. */
export function keyFile(given: string | undefined): string {
  const path = given ?? process.env.AMPARO_KEYS
  if (!path) throw new CannotStart([wrong('AMPARO_KEYS', undefined)])
  return path
}

/** What went wrong with a file, in words; its content is never part of them. */
export async function inWords<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST')
      throw new Cannot(1, [
        { en: `${path} exists already, and is left as it is.`, es: `${path} ya existe y se deja como está.` },
      ])
    if (code === 'ENOENT')
      throw new Cannot(2, [{ en: `There is no file ${path}.`, es: `No existe el archivo ${path}.` }])
    if (code === 'EACCES') throw new Cannot(2, [{ en: `You may not open ${path}.`, es: `No puedes abrir ${path}.` }])
    throw new Cannot(2, [{ en: `${path} is not a key file.`, es: `${path} no es un archivo de llaves.` }])
  })
}

export const keysCommand: Register = (program, terminal) => {
  const keys = program.command('keys').description(terminal.words({ en: 'key files', es: 'archivos de llaves' }))
  keys
    .command('new <file>')
    .description(terminal.words({ en: 'make a key file', es: 'crea un archivo de llaves' }))
    .option('--json')
    .action(async (file: string, { json }: Json) => {
      await inWords(file, makeKeys(file))
      terminal.answer(json, { file }, () => [
        {
          en: `${file} made, readable by you alone. Keep a copy of it.`,
          es: `${file} creado; solo tú puedes leerlo. Guarda una copia.`,
        },
      ])
    })
  keys
    .command('list [file]')
    .description(
      terminal.words({
        en: 'which keys sign and which are still believed',
        es: 'qué llaves firman y cuáles se creen aún',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = keyFile(file)
      const { signing, former } = await inWords(path, readKeys(path))
      const rows = [
        { kid: signing.kid, signs: true },
        ...former.map(({ key, until }) => ({ kid: key.kid, signs: false, until })),
      ]
      terminal.answer(json, { keys: rows }, () =>
        rows.map((row) =>
          'until' in row
            ? { en: `${row.kid}  believed until ${row.until}`, es: `${row.kid}  se cree hasta ${row.until}` }
            : { en: `${row.kid}  signs`, es: `${row.kid}  firma` },
        ),
      )
    })
  keys
    .command('rotate-record [file]')
    .description(
      terminal.words({
        en: 'sign the record with a new key from the next start on',
        es: 'firma el registro con otra llave desde el próximo arranque',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = keyFile(file)
      const { key, former } = await inWords(path, rotateRecordKey(path))
      const [now, before] = [keyText(key), keyText(former)]
      terminal.answer(json, { key: now, former: before }, () => [
        {
          en: `From the next start of the servers this key signs the record: ${now}\nWhat was signed before is verified with ${before}`,
          es: `Desde el próximo arranque de los servidores, el registro lo firma esta llave: ${now}\nLo firmado antes se verifica con ${before}`,
        },
      ])
    })
  keys
    .command('rotate [file]')
    .description(
      terminal.words({
        en: 'sign with a new key from the next start on',
        es: 'firma con otra llave desde el próximo arranque',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = keyFile(file)
      const rotated = await inWords(path, rotateKeys(path, new Date()))
      terminal.answer(json, rotated, () => [
        {
          en: `${rotated.kid} signs from the next start of the servers; ${rotated.formerKid} is believed until ${rotated.until}.`,
          es: `${rotated.kid} firma desde el próximo arranque de los servidores; ${rotated.formerKid} se cree hasta ${rotated.until}.`,
        },
      ])
    })
}
