/**
 * `amparo surfaces rotate-secret`: another secret for a product, with the one of before still taken for a while, so that
 * servers and product learn of it one after the other and no launch fails between.
 */
import { InvalidArgumentError } from 'commander'
import { Cannot } from '../cannot.ts'
import { newToken } from '../secrets.ts'
import { changeRow, type Row, surfacesFile } from './surfaces.file.ts'
import type { Register, Terminal } from './terminal.ts'

interface Options {
  readonly surfaces?: string
  readonly hours: number
  readonly json?: boolean
}

export const surfacesSecretCommand: Register = (surfaces, terminal) => {
  const { words } = terminal
  surfaces
    .command('rotate-secret <id>')
    .description(
      words({
        en: 'another secret for a product; the one of before is taken for a while too',
        es: 'otra clave para un producto; la de antes sigue valiendo un tiempo',
      }),
    )
    .option(
      '--hours <hours>',
      words({ en: 'how long the one of before is still taken', es: 'cuánto sigue valiendo la de antes' }),
      hours,
      24,
    )
    .option('--surfaces <file>', words({ en: 'the file of the products', es: 'el archivo de los productos' }))
    .option('--json')
    .action((id: string, options: Options) => rotated(id, options, terminal))
}

function hours(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Whole hours, from 1 to 999.')
  return Number(text)
}

async function rotated(id: string, options: Options, terminal: Terminal): Promise<void> {
  const file = surfacesFile(options.surfaces)
  const secret = newToken()
  const until = new Date(Date.now() + options.hours * 3_600_000).toISOString()
  await changeRow(file, id, (row) => {
    if (isInOverlap(row)) throw new Cannot(4, [alreadyIn(id, file)])
    return withAnother(row, secret, until)
  })
  terminal.answer(options.json, { surface: id, file, until, env: { ASSISTED_CLIENT_SECRET: secret } }, () => [
    {
      en: `${id} has another secret from the next start of the servers on; the one of before is taken until ${until}.\nStart them again first, then the product with:`,
      es: `${id} tiene otra clave desde el próximo arranque de los servidores; la de antes vale hasta ${until}.\nArráncalos antes de nuevo y después el producto con:`,
    },
    '',
    `ASSISTED_CLIENT_SECRET=${secret}`,
  ])
}

function withAnother(row: Row, secret: string, until: string): Row {
  if (typeof row.secret === 'string') return { ...row, secret, former: { secret: row.secret, until } }
  throw new Cannot(4, [
    {
      en: `The secret of "${String(row.id)}" does not stand in this file. Where it stands in one of its own, write the new one into another file, name that in "secretFile", and the one of before in "former": {"secretFile": "…", "until": "${until}"}.`,
      es: `La clave de «${String(row.id)}» no está en este archivo. Si está en uno propio, pon la nueva en otro archivo, nómbralo en "secretFile" y el de antes en "former": {"secretFile": "…", "until": "${until}"}.`,
    },
  ])
}

/** A third secret would take the place of the one that the product may still show. */
const isInOverlap = ({ former }: Row): boolean =>
  typeof former === 'object' && former !== null && 'until' in former && Date.parse(String(former.until)) > Date.now()

const alreadyIn = (id: string, file: string) => ({
  en: `The secret of "${id}" was exchanged a moment ago, and the one of before is still taken. Wait until its time is over, or take "former" out of its row in ${file} once the product shows the new one.`,
  es: `La clave de «${id}» se acaba de cambiar y la de antes todavía vale. Espera a que pase su plazo, o quita "former" de su fila en ${file} cuando el producto use la nueva.`,
})
