/** `amparo keys`: key files. What is secret in them is never shown. */

import type { Bilingual } from '@amparo/contract/words'
import { keyIdOf, keyText } from '@amparo/verifier/checkpoint'
import { Cannot, fileTrouble } from '../cannot.ts'
import { CannotStart } from '../config.ts'
import { rewrap } from '../identity/sealed.store.ts'
import {
  forgetSealing,
  isInline,
  makeKeys,
  readKeys,
  rotateKeys,
  rotateRecordKey,
  rotateRoot,
  rotateSealing,
} from '../keys.ts'
import { idOf, secretsFrom } from '../secrets.ts'
import { environment, wrong } from '../settings.ts'
import { onDatabase } from './settings.ts'
import type { Register } from './terminal.ts'

type Json = { readonly json?: boolean }

/** The key file that was named, or the one of the settings. */
export function keyFile(given: string | undefined): string {
  const path = given ?? environment().AMPARO_KEYS
  if (!path) throw new CannotStart([wrong('AMPARO_KEYS', undefined)])
  return path
}

/** What went wrong with a file, in words; its content is never part of them. */
export async function inWords<T>(path: string, work: Promise<T>, missing = noFile(path)): Promise<T> {
  return work.catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST')
      throw new Cannot(1, [
        { en: `${path} exists already, and is left as it is.`, es: `${path} ya existe y se deja como está.` },
      ])
    if (code === 'ENOENT') throw missing(error)
    if (code === 'EACCES') throw new Cannot(2, [{ en: `You may not open ${path}.`, es: `No puedes abrir ${path}.` }])
    const trouble = fileTrouble(error, path)
    if (trouble) throw trouble
    throw new Cannot(2, [{ en: `${path} is not a key file.`, es: `${path} no es un archivo de llaves.` }])
  })
}

const noFile =
  (path: string): ((error: unknown) => Cannot | undefined) =>
  () =>
    new Cannot(2, [{ en: `There is no file ${path}.`, es: `No existe el archivo ${path}.` }])

interface Listed {
  readonly use: 'root' | 'sealing' | 'signing' | 'record'
  readonly kid: string
  /** It is used from now on; the others are still believed, or open what they sealed. */
  readonly signs: boolean
  readonly until?: string
}

/** Every key by its id, and what it is for; nothing of the keys themselves. */
function rowsOf({
  root,
  formerRoots,
  sealing,
  signing,
  former,
  record,
}: Awaited<ReturnType<typeof readKeys>>): readonly Listed[] {
  return [
    { use: 'root', kid: idOf(root), signs: true },
    ...formerRoots.map(
      ({ key, until }) => ({ use: 'root', kid: idOf(key), signs: false, until: until.toISOString() }) as const,
    ),
    { use: 'sealing', kid: sealing.now.id, signs: true },
    ...sealing.former.map(({ id }) => ({ use: 'sealing', kid: id, signs: false }) as const),
    { use: 'signing', kid: signing.kid, signs: true },
    ...former.map(({ key, until }) => ({ use: 'signing', kid: key.kid, signs: false, until }) as const),
    { use: 'record', kid: keyIdOf(record.key).toString('hex'), signs: true },
    ...record.former.map((key) => ({ use: 'record', kid: keyIdOf(key).toString('hex'), signs: false }) as const),
  ]
}

const uses = {
  root: { en: 'every digest comes from it', es: 'de ella sale todo resumen' },
  sealing: { en: 'seals', es: 'sella' },
  signing: { en: 'signs', es: 'firma' },
  record: { en: 'signs the record', es: 'firma el registro' },
} as const

function lineOf({ use, kid, signs, until }: Listed): Bilingual {
  const name = use.padEnd(8)
  if (signs) return { en: `${name}${kid}  ${uses[use].en}`, es: `${name}${kid}  ${uses[use].es}` }
  if (until) return { en: `${name}${kid}  believed until ${until}`, es: `${name}${kid}  se cree hasta ${until}` }
  return use === 'sealing'
    ? { en: `${name}${kid}  opens what it sealed`, es: `${name}${kid}  abre lo que selló` }
    : { en: `${name}${kid}  believed for what it signed`, es: `${name}${kid}  se cree lo que firmó` }
}

/** A file that can be replaced: what stands in the environment is exchanged where it is kept. */
function changeable(given: string | undefined): string {
  const path = keyFile(given)
  if (!isInline(path)) return path
  throw new Cannot(4, [
    {
      en: 'These keys stand in AMPARO_KEYS itself. Write them into a file, change that, and put it back.',
      es: 'Estas llaves están en el propio AMPARO_KEYS. Ponlas en un archivo, cámbialo y devuélvelo.',
    },
  ])
}

export const keysCommand: Register = (program, terminal) => {
  const keys = program.command('keys').description(terminal.words({ en: 'key files', es: 'archivos de llaves' }))
  keys
    .command('new <file>')
    .description(terminal.words({ en: 'make a key file', es: 'crea un archivo de llaves' }))
    .option('--json')
    .action(async (file: string, { json }: Json) => {
      await inWords(file, makeKeys(file), (error) => fileTrouble(error, file))
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
      const rows = rowsOf(await inWords(path, readKeys(path)))
      terminal.answer(json, { keys: rows }, () => rows.map(lineOf))
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
      const path = changeable(file)
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
      const path = changeable(file)
      const rotated = await inWords(path, rotateKeys(path, new Date()))
      terminal.answer(json, rotated, () => [
        {
          en: `${rotated.kid} signs from the next start of the servers; ${rotated.formerKid} is believed until ${rotated.until}.`,
          es: `${rotated.kid} firma desde el próximo arranque de los servidores; ${rotated.formerKid} se cree hasta ${rotated.until}.`,
        },
      ])
    })
  keys
    .command('rotate-sealing [file]')
    .description(
      terminal.words({
        en: 'seal with a new key from the next start on; what was sealed stays as it is',
        es: 'sella con otra llave desde el próximo arranque; lo sellado queda como está',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = changeable(file)
      const rotated = await inWords(path, rotateSealing(path, new Date()))
      terminal.answer(json, rotated, () => [
        {
          en: `${rotated.id} seals from the next start of the servers; ${rotated.formerId} still opens what it sealed.\nStart them again, then: amparo keys rewrap; a day later: amparo keys forget-sealing`,
          es: `${rotated.id} sella desde el próximo arranque de los servidores; ${rotated.formerId} aún abre lo que selló.\nArráncalos de nuevo y luego: amparo keys rewrap; un día después: amparo keys forget-sealing`,
        },
      ])
    })
  keys
    .command('rewrap [file]')
    .description(
      terminal.words({
        en: 'wrap what stays sealed for long with the sealing key of now; nothing of it is read',
        es: 'envuelve lo que queda sellado mucho tiempo con la llave de ahora; no se lee nada',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = keyFile(file)
      const { root, sealing } = await inWords(path, readKeys(path))
      const done = await onDatabase((db) => rewrap(db, secretsFrom(root, sealing)))
      terminal.answer(json, done, () => [
        { en: `${done.rewrapped} wrapped anew.`, es: `${done.rewrapped} envueltos de nuevo.` },
        ...(done.unreadable > 0
          ? [
              {
                en: `${done.unreadable} cannot be opened with these keys: their agents have to add their app again.`,
                es: `${done.unreadable} no se abren con estas llaves: sus agentes deben añadir su aplicación otra vez.`,
              },
            ]
          : []),
      ])
    })
  keys
    .command('forget-sealing [file]')
    .description(
      terminal.words({
        en: 'take sealing keys out of the file that were replaced more than 25 hours ago',
        es: 'quita del archivo las llaves de sellar reemplazadas hace más de 25 horas',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json }: Json) => {
      const path = changeable(file)
      const { root, sealing } = await inWords(path, readKeys(path))
      const left = await onDatabase((db) => rewrap(db, secretsFrom(root, sealing)))
      const done = await inWords(path, forgetSealing(path, new Date()))
      terminal.answer(json, { ...done, ...left }, () => [
        {
          en: `Forgotten: ${done.forgotten.join(', ') || 'none'}. Kept: ${done.kept.join(', ') || 'none'}.`,
          es: `Olvidadas: ${done.forgotten.join(', ') || 'ninguna'}. Se quedan: ${done.kept.join(', ') || 'ninguna'}.`,
        },
      ])
    })
  keys
    .command('rotate-root [file]')
    .description(
      terminal.words({
        en: 'a new root from the next start on; what is open goes on under the old one',
        es: 'otra raíz desde el próximo arranque; lo abierto sigue con la anterior',
      }),
    )
    .option(
      '--at-once',
      terminal.words({
        en: 'somebody else may have the old one: it counts no more, and what is open ends',
        es: 'otra persona puede tener la anterior: deja de valer, y lo que esté abierto termina',
      }),
    )
    .option('--json')
    .action(async (file: string | undefined, { json, atOnce }: Json & { readonly atOnce?: boolean }) => {
      const path = changeable(file)
      const rotated = await inWords(path, rotateRoot(path, new Date(), atOnce === true))
      terminal.answer(json, rotated, () => [
        rotated.until === undefined
          ? {
              en: `${rotated.id} is the root from the next start of the servers. Stop all of them first, then start: what is open then ends.`,
              es: `${rotated.id} es la raíz desde el próximo arranque de los servidores. Para todos antes y arranca: lo que esté abierto termina.`,
            }
          : {
              en: `${rotated.id} is the root from the next start of the servers. Stop all of them first, then start: what is open goes on under ${rotated.formerId}, which counts for it until ${rotated.until}.`,
              es: `${rotated.id} es la raíz desde el próximo arranque de los servidores. Para todos antes y arranca: lo que esté abierto sigue con ${rotated.formerId}, que vale para ello hasta ${rotated.until}.`,
            },
      ])
    })
}
