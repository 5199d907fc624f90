/**
 * `amparo surfaces rotate-key`: another key for a product, beside the one of before, so that servers and product learn of it
 * one after the other and no launch fails between. The one before that is forgotten.
 */
import { Cannot } from '../cannot.ts'
import { newClientKey, pasted } from './client-key.ts'
import { changeRow, type Row, surfacesFile } from './surfaces.file.ts'
import type { Register, Terminal } from './terminal.ts'

interface Options {
  readonly surfaces?: string
  readonly json?: boolean
}

export const surfacesKeyCommand: Register = (surfaces, terminal) => {
  const { words } = terminal
  surfaces
    .command('rotate-key <id>')
    .description(
      words({
        en: 'another key for a product that has one of its own; the one of before is taken too, until the next time',
        es: 'otra llave para un producto que tiene una propia; la de antes sigue valiendo, hasta la próxima vez',
      }),
    )
    .option('--surfaces <file>', words({ en: 'the file of the products', es: 'el archivo de los productos' }))
    .option('--json')
    .action((id: string, options: Options) => rotated(id, options, terminal))
}

async function rotated(id: string, options: Options, terminal: Terminal): Promise<void> {
  const file = surfacesFile(options.surfaces)
  const { secret, shown } = newClientKey()
  await changeRow(file, id, (row) => withAnother(row, shown))
  terminal.answer(options.json, { surface: id, file, env: { ASSISTED_CLIENT_KEY: secret } }, () => [
    {
      en: `${id} may prove itself by another key from the next start of the servers on; the one of before is taken too.\nStart them again first, then the product with:`,
      es: `${id} puede identificarse con otra llave desde el próximo arranque de los servidores; la de antes sigue valiendo.\nArráncalos antes de nuevo y después el producto con:`,
    },
    '',
    `ASSISTED_CLIENT_KEY=${pasted(secret)}`,
  ])
}

function withAnother(row: Row, shown: Readonly<Record<string, unknown>>): Row {
  const { jwks } = row
  if (typeof jwks === 'object' && jwks !== null && 'keys' in jwks && Array.isArray(jwks.keys))
    return { ...row, jwks: { keys: [shown, ...jwks.keys.slice(0, 1)] } }
  throw new Cannot(4, [
    {
      en: `"${String(row.id)}" has no key in this file. Where it shows its keys at a jwksUri, it changes them there; where it has a secret: amparo surfaces rotate-secret ${String(row.id)}`,
      es: `«${String(row.id)}» no tiene ninguna llave en este archivo. Si muestra sus llaves en una jwksUri, las cambia ahí; si tiene una clave compartida: amparo surfaces rotate-secret ${String(row.id)}`,
    },
  ])
}
