/** One folder, one owner: a second Amparo on the same data is refused with words. */
import { access, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Cannot } from '../cannot.ts'
import { birthOf } from './processes.ts'

export class FolderInUse extends Cannot {
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(2, [
      {
        en: `The folder ${folder} is used by another Amparo (process ${pid}). Stop that one, or start with another folder: npm start -- --data DIR`,
        es: `Otro Amparo (proceso ${pid}) usa la carpeta ${folder}. Deténlo, o empieza con otra carpeta: npm start -- --data CARPETA`,
      },
    ])
    this.pid = pid
  }
}

export interface Claim {
  /** Whether the folder is still the one that was claimed: it may have been taken away, and another put in its place. */
  holds(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Claims a folder for this process until `release` is called or the process is gone, however it went. Who claims writes
 * their own file first and looks for others' second: of two at once at most one goes on, and no stale file has to be
 * taken over. A claim carries the process's birth, so a process id used again is not taken for its owner.
 */
export async function claim(folder: string): Promise<Claim> {
  const mine = `owner.${process.pid}.${await birthOf(process.pid)}`
  for (let attempt = 1; ; attempt++) {
    await write(folder, mine)
    const other = await livingOther(folder, mine)
    if (other === undefined) return claimed(join(folder, mine))
    await rm(join(folder, mine), { force: true })
    if (attempt === 5) throw new FolderInUse(folder, other)
    await pause(Math.random() * 50 * attempt)
  }
}

const claimed = (file: string): Claim => ({
  holds: () =>
    access(file).then(
      () => true,
      () => false,
    ),
  release: () => rm(file, { force: true }),
})

async function write(folder: string, mine: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await (await open(join(folder, mine), 'wx', 0o600)).close()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new FolderInUse(folder, process.pid)
    throw error
  }
}

async function livingOther(folder: string, mine: string): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    const [, pid, birth] = /^owner\.(\d+)\.(\w+)$/.exec(name) ?? []
    if (!pid || name === mine) continue
    if ((await birthOf(Number(pid))) === birth) return Number(pid)
    await rm(join(folder, name), { force: true })
  }
  return undefined
}
