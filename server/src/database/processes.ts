/** Processes as the system tells them: who is alive, since when, who answers to a name, and as whom the server runs. */
import { execFile } from 'node:child_process'
import { chown, readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const linux = process.platform === 'linux'

/** What tells this life of a process id from its next; undefined where nobody lives under it. A zombie is dead. */
export async function birthOf(pid: number): Promise<string | undefined> {
  if (!linux) return (await ps(['-o', 'lstart=', '-p', String(pid)]))[0]?.replaceAll(/\W/g, '')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name in brackets may hold anything; the fields are counted from its end.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!state || 'ZX'.includes(state)) return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${fields[18]}${boot.trim().replaceAll('-', '').slice(0, 8)}`
}

/** The living PostgreSQL processes that carry this cluster name: the postmaster in its arguments, the others in their title. */
export async function postgresProcesses(cluster: string): Promise<number[]> {
  // Every process of every PostgreSQL carries the empty name.
  if (cluster === '') throw new Error('a cluster without a name cannot be told from others')
  const found = linux ? await fromProc() : (await ps(['-axo', 'pid=,command='])).map(fromPs)
  const ours = found.filter(({ command }) => isPostgres(command) && command.includes(cluster)).map(({ pid }) => pid)
  const births = await Promise.all(ours.map(birthOf))
  return ours.filter((_, index) => births[index] !== undefined)
}

/** Whether the system would not give this process id to anybody now: a stranger's counts, and a zombie's. */
export function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Sends a signal, also to a process that is stopped; one that is gone is no error. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
    process.kill(pid, 'SIGCONT')
  } catch {}
}

/** Asks again and again until the answer is yes or the time is over; tells which. */
export async function until(question: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!(await question())) {
    if (performance.now() > end) return false
    await pause(20)
  }
  return true
}

interface Running {
  readonly pid: number
  readonly command: string
}

async function fromProc(): Promise<Running[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), command: command.replaceAll('\0', ' ') }
    }),
  )
}

function fromPs(line: string): Running {
  const [pid, ...command] = line.split(' ')
  return { pid: Number(pid), command: command.join(' ') }
}

async function ps(options: string[]): Promise<string[]> {
  const { stdout } = await run('ps', options).catch(() => ({ stdout: '' }))
  return stdout.split('\n').flatMap((line) => line.trim() || [])
}

const isPostgres = (command: string): boolean =>
  command.startsWith('postgres: ') || basename(command.split(' -', 1)[0] ?? '').trim() === 'postgres'

/** Debian's `nobody`: PostgreSQL refuses to be root. */
const nobody = 65_534
const weAreRoot = process.getuid?.() === 0

/** As root, the server runs as `nobody` with the one right to pass closed folders, so that the data can stay where they belong. */
export function asServer(program: string, options: string[]): [string, string[]] {
  if (!weAreRoot) return [program, options]
  const who = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups']
  const right = ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search']
  return ['setpriv', [...who, ...right, program, ...options]]
}

/** Hands a folder to whoever runs the server. */
export const give = (path: string): Promise<void> => (weAreRoot ? chown(path, nobody, nobody) : Promise.resolve())

/** Nothing of our own environment: PG… variables would reach the server, and a language would change its messages. */
export const surroundings = { cwd: '/', env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } }
