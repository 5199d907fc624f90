/**
 * The built-in database: the real PostgreSQL, started, kept running and stopped by us, on a socket that only we can reach.
 *
 *   <folder>/postgres        closed to everybody else
 *     owner.<pid>.<birth>    whose folder this is
 *     data/                  the cluster, as initdb made it
 *     run/                   the socket
 */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { embeddedBinaries } from './binaries.ts'
import { cluster, user } from './cluster.ts'
import { postgres } from './database.ts'
import { claim } from './owner.ts'
import { asServer, give, isTaken, postgresProcesses, send, surroundings, until } from './processes.ts'

export interface Wanted {
  readonly folder: string
  readonly log?: (line: string) => void
  /** Another PostgreSQL's folder of programs, instead of the one that came from npm. */
  readonly binaries?: string
}

export interface Embedded {
  readonly url: string
  readonly version: string
  stop(): Promise<void>
}

/** Starts the database of this folder, making it where there is none. Throws `FolderInUse` where another process holds it. */
export async function startEmbedded({ folder, log = () => {}, binaries }: Wanted): Promise<Embedded> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const home = join(await realpath(folder), 'postgres')
  const owner = await claim(home)
  try {
    // Everything below is safe from other people's eyes and hands because nobody else gets past this folder.
    await chmod(home, 0o700)
    const bin = binaries ?? (await embeddedBinaries(home))
    const version = await versionOf(bin)
    const data = await cluster(home, bin, version)
    const place = { bin, data, name: await nameOf(data), socket: socketFolder(home) }
    const server = await keepRunning(place, log)
    const url = await databaseOf(place).catch(async (error) => {
      await server.stop()
      throw error
    })
    return { url, version, stop: atMostOnce(() => server.stop().finally(owner.release)) }
  } catch (error) {
    await owner.release()
    throw error
  }
}

interface Place {
  readonly bin: string
  readonly data: string
  /** PostgreSQL shows it in the title of each of its processes: it tells ours from others'. */
  readonly name: string
  readonly socket: string
}

const run = promisify(execFile)

async function versionOf(bin: string): Promise<string> {
  const { stdout } = await run(join(bin, 'postgres'), ['--version'])
  return /\d[\d.]*/.exec(stdout)?.[0] ?? stdout.trim()
}

async function nameOf(data: string): Promise<string> {
  const { dev, ino } = await stat(data)
  // The last dot keeps one name from being the beginning of another.
  return `amparo.${dev.toString(36)}.${ino.toString(36)}.`
}

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────────────

const longestSocketPath = 100

/** The system takes about a hundred bytes for a socket's path: a deep folder gets a short one elsewhere, closed in the same way. */
function socketFolder(home: string): string {
  const inside = join(home, 'run')
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432')) <= longestSocketPath) return inside
  return join('/tmp', `amparo-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`, 'run')
}

async function makeSocketFolder(socket: string): Promise<void> {
  await removeSocketFolder(socket)
  if (isShort(socket)) await mkdir(dirname(socket), { mode: 0o700 })
  await mkdir(socket, { mode: 0o700 })
  await give(socket)
}

const removeSocketFolder = (socket: string): Promise<void> =>
  rm(isShort(socket) ? dirname(socket) : socket, { recursive: true, force: true })

const isShort = (socket: string): boolean => dirname(dirname(socket)) === '/tmp'

// ── The server ─────────────────────────────────────────────────────────────────────────────────────────────────────

const startLimitMs = 60_000
const shortestPauseMs = 50
const longestPauseMs = 2_000

/** Starts the server and starts it again whenever it ends without being told to. */
async function keepRunning(place: Place, log: (line: string) => void): Promise<{ stop(): Promise<void> }> {
  let over = false
  const leave = () => clear(place).finally(() => removeSocketFolder(place.socket))
  let server = await start(place, log).catch((error) => leave().then(() => Promise.reject(error)))
  const atExit = () => send(server.pid, 'SIGINT')
  process.on('exit', atExit)

  const again = async () => {
    for (let pauseMs = shortestPauseMs; !over; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        server = await start(place, log)
        return
      } catch (error) {
        log(`PostgreSQL does not start: ${error instanceof Error ? error.message : error}`)
        await pause(pauseMs)
      }
    }
  }
  const watch = async () => {
    while (!over) {
      await server.ended
      if (over) return
      log('PostgreSQL ended unexpectedly; starting it again')
      await again()
    }
  }
  const watching = watch()
  return {
    async stop() {
      over = true
      await clear(place)
      await watching
      // A start that was under way when we were told to stop.
      await leave()
      process.off('exit', atExit)
    },
  }
}

interface Server {
  readonly pid: number
  readonly ended: Promise<unknown>
}

async function start(place: Place, log: (line: string) => void): Promise<Server> {
  await clear(place)
  await makeSocketFolder(place.socket)
  const said: string[] = []
  // A group of its own: Ctrl+C in a terminal is for us, and we stop the database when everything else has stopped.
  const child = spawn(...asServer(join(place.bin, 'postgres'), settings(place)), {
    ...surroundings,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    log(line)
    said.push(line)
    if (said.length > 10) said.shift()
  })
  let gone = false
  const ended = once(child, 'exit')
    .catch((error) => said.push(error.message))
    .finally(() => {
      gone = true
    })
  await until(async () => gone || (await isReady(place.data, child.pid)), startLimitMs)
  if (child.pid !== undefined && !gone && (await isReady(place.data, child.pid))) return { pid: child.pid, ended }
  throw new Error(said.join('\n') || 'it said nothing')
}

function settings({ data, name, socket }: Place): string[] {
  const set = {
    cluster_name: name,
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // What a statement was about belongs to the people it was about, not in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
  return ['-D', data, ...Object.entries(set).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
}

/** PostgreSQL writes in its own file, first its process and eighth how far it is. */
async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = await postmasterFile(data)
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

const postmasterFile = async (data: string): Promise<string[]> =>
  (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')

const patienceMs = 10_000

/** Ends whatever still runs on these data: our own server, an orphan of a killed Amparo, or the leftovers of a killed server. */
async function clear({ data, name }: Place): Promise<void> {
  const postmaster = Number((await postmasterFile(data))[0])
  const left = () => postgresProcesses(name)
  const allGone = (limitMs: number) => until(async () => (await left()).length === 0, limitMs)

  if ((await left()).includes(postmaster)) {
    send(postmaster, 'SIGINT')
    await allGone(patienceMs)
  }
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of await left()) send(pid, signal)
    await allGone(patienceMs)
  }
  if ((await left()).length > 0) throw new Error(`processes ${await left()} of ${data} cannot be ended`)
  // Nobody of ours is left, so whoever has the noted id is a stranger or a zombie, and PostgreSQL would refuse to start.
  if (postmaster > 0 && isTaken(postmaster)) await rm(join(data, 'postmaster.pid'), { force: true })
}

async function databaseOf({ socket }: Place): Promise<string> {
  const url = (database: string) => `postgresql:///${database}?host=${encodeURIComponent(socket)}&user=${user}`
  // A database is made by copying files, which a slow disk takes its time for.
  const db = postgres(url('postgres'), { max: 1, statementMs: 60_000 })
  try {
    const [found] = await db.query('select from pg_database where datname = $1', [user])
    if (!found) await db.query(`create database ${user}`)
    return url(user)
  } finally {
    await db.close()
  }
}

/** However often it is asked for, it is done once. */
function atMostOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}
