/** The file of the products, changed by commands: whole or not at all, and by one at a time. */
import { readFileSync } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { Cannot } from '../cannot.ts'
import { surfacesFrom } from '../config.surfaces.ts'
import { CannotStart } from '../config.ts'
import { environment, wrong } from '../settings.ts'

/** A row as it stands in the file, which may be one that nobody could use. */
export type Row = Readonly<Record<string, unknown>>

/** The file that was named, or the one of the settings. */
export function surfacesFile(given: string | undefined): string {
  const file = given ?? environment().AMPARO_SURFACES
  if (!file) throw new CannotStart([wrong('AMPARO_SURFACES', undefined)])
  return file
}

/**
 * Puts other rows in the place of those that are there, where the server would take them. The new text is written whole
 * beside the file and then takes its place; of two that change it at the same time, the second is told.
 */
export async function change(file: string, changed: (rows: readonly Row[]) => readonly Row[]): Promise<void> {
  const beside = `${file}.adding`
  const handle = await open(beside, 'wx', 0o600).catch((error: unknown) => Promise.reject(cannotWrite(beside, error)))
  try {
    const all = changed(rowsIn(file))
    try {
      surfacesFrom(all)
    } catch (error) {
      throw new Cannot(2, [error instanceof Error ? error.message : String(error)])
    }
    await asBefore(file, handle)
    await handle.writeFile(`${JSON.stringify(all, null, 2)}\n`)
    await handle.sync()
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** The same for the row of one product; told where there is none. */
export const changeRow = (file: string, id: string, changed: (row: Row) => Row): Promise<void> =>
  change(file, (rows) => {
    if (!rows.some((row) => row.id === id)) throw new Cannot(4, [isNot(id, file)])
    return rows.map((row) => (row.id === id ? changed(row) : row))
  })

const isNot = (id: string, file: string) => ({
  en: `There is no product "${id}" in ${file}.`,
  es: `No hay ningún producto «${id}» en ${file}.`,
})

/** Whoever could read the file can go on reading it; a new one is for us alone. */
async function asBefore(file: string, handle: FileHandle): Promise<void> {
  const was = await stat(file).catch(() => undefined)
  if (!was) return
  await handle.chmod(was.mode & 0o777)
  await handle.chown(was.uid, was.gid).catch((error: unknown) => Promise.reject(cannotWrite(file, error)))
}

function cannotWrite(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EEXIST')
    return new Cannot(4, [
      {
        en: `${path} is there: somebody is changing the products. If nobody is, remove it.`,
        es: `Existe ${path}: alguien está cambiando los productos. Si no es así, bórralo.`,
      },
    ])
  return new Cannot(2, [{ en: `${path} cannot be written.`, es: `No se puede escribir ${path}.` }])
}

/** The rows as they stand there; none where there is no file yet. */
function rowsIn(file: string): readonly Row[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  try {
    const rows: unknown = JSON.parse(text)
    if (Array.isArray(rows)) return rows
  } catch {
    // Said below.
  }
  throw new Cannot(2, [{ en: `${file} is not a list of products.`, es: `${file} no es una lista de productos.` }])
}
