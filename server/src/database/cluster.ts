/** The data of the built-in database, made once and never half, and the name that its processes go by. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asServer, give, surroundings } from './processes.ts'

const run = promisify(execFile)

/** Who owns everything in it; the server's only role. */
export const user = 'amparo'

/** Makes the cluster under another name and renames it when it is whole, so that half a cluster is never taken for one. */
export async function cluster(home: string, bin: string, version: string): Promise<string> {
  const data = join(home, 'data')
  for (const name of await readdir(home))
    if (name.startsWith('half.')) await rm(join(home, name), { recursive: true, force: true, maxRetries: 20 })

  const madeBy = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (madeBy === undefined) {
    const half = await mkdtemp(join(home, 'half.'))
    await give(half)
    await run(...asServer(join(bin, 'initdb'), initdbArguments(half, version)), surroundings)
    await giveWord(half)
    await rename(half, data)
    await settle(home)
  } else if (madeBy.trim() !== major(version)) {
    throw new Error(
      `The data in ${data} were made by PostgreSQL ${madeBy.trim()}, this is ${version}. Start the Amparo that made them and take a backup, then restore it here.`,
    )
  }
  return data
}

const wordFile = 'amparo.word'

/** The word that these data were given; none where they were made before there were words. */
export const wordOf = (data: string): Promise<string> =>
  readFile(join(data, wordFile), 'utf8').then(
    (word) => word.trim(),
    () => '',
  )

export const giveWord = (data: string): Promise<void> =>
  writeFile(join(data, wordFile), `${randomBytes(8).toString('hex')}\n`, { mode: 0o600 })

/**
 * What every process on these data shows in its title. A place alone is no name: the system gives the number of a folder
 * that was deleted to the next one. A word alone is none either: a copy of the data has it too.
 */
export async function nameOf(data: string): Promise<string> {
  const { dev, ino } = await stat(data)
  const parts = ['amparo', dev.toString(36), ino.toString(36), await wordOf(data)]
  // The last dot keeps one name from being the beginning of another.
  return `${parts.filter((part) => part !== '').join('.')}.`
}

function initdbArguments(data: string, version: string): string[] {
  // The same order of letters on every machine: from 17 PostgreSQL brings it along, before it is the C library's.
  const locale =
    Number(major(version)) >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C.UTF-8']
  // `trust` holds only because the socket stands in a folder that is closed to everybody but us, and nothing listens on a network.
  return ['-D', data, '-U', user, '--encoding=UTF8', ...locale, '--auth=trust']
}

const major = (version: string): string => version.split('.')[0] ?? version

async function settle(folder: string): Promise<void> {
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}
