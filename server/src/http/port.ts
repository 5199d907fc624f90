/** Who holds a port, as far as the system tells it to us. */
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** `"node" (process 4121)`, or undefined where the system does not say. */
export async function holderOf(port: number): Promise<string | undefined> {
  const holder = process.platform === 'linux' ? await fromProc(port) : await fromLsof(port)
  return holder && `"${holder.name}" (process ${holder.pid})`
}

interface Holder {
  readonly pid: number
  readonly name: string
}

/** Linux notes each listening socket under its inode, and each process's open files as links to such inodes. */
async function fromProc(port: number): Promise<Holder | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const inodes = new Set(tables.flatMap((table) => listeningOn(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (!(await holdsOne(pid, inodes))) continue
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return { pid: Number(pid), name: name.trim() }
  }
  return undefined
}

const listens = '0A'

function listeningOn(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    return local.endsWith(end) && state === listens && inode ? [`socket:[${inode}]`] : []
  })
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  return links.some((link) => inodes.has(link))
}

async function fromLsof(port: number): Promise<Holder | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']).catch(() => ({ stdout: '' }))
  const [, pid] = /^p(\d+)$/m.exec(stdout) ?? []
  const [, name] = /^c(.+)$/m.exec(stdout) ?? []
  return pid && name ? { pid: Number(pid), name } : undefined
}
