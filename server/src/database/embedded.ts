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
import { chmod, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { embeddedBinaries } from './binaries.ts'
import { cluster, giveWord, nameOf, user, wordOf } from './cluster.ts'
import { postgres } from './database.ts'
import { type Claim, claim } from './owner.ts'
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
    const place = await placeOf({ bin, data, home, owner })
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
  /** Whether what is there now is what was there at the start. If not, nothing there is ours to end or to take away. */
  isOurs(): Promise<boolean>
}

async function placeOf(of: Pick<Place, 'bin' | 'data'> & { home: string; owner: Claim }): Promise<Place> {
  const { bin, data, home, owner } = of
  const named = async (): Promise<Place> => {
    const name = await nameOf(data)
    const isOurs = async () => (await owner.holds()) && (await nameOf(data).catch(() => '')) === name
    return { bin, data, name, socket: socketFolder(home, name), isOurs }
  }
  // What runs on data that have no word yet goes by their place alone.
  if ((await wordOf(data)) === '') {
    await clear(await named())
    await giveWord(data)
  }
  return named()
}

const run = promisify(execFile)

async function versionOf(bin: string): Promise<string> {
  const { stdout } = await run(join(bin, 'postgres'), ['--version'])
  return /\d[\d.]*/.exec(stdout)?.[0] ?? stdout.trim()
}

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────────────

const longestSocketPath = 100

/** The system takes about a hundred bytes for a socket's path: a deep folder gets a short one elsewhere, closed in the same way. */
function socketFolder(home: string, name: string): string {
  const inside = join(home, 'run')
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432')) <= longestSocketPath) return inside
  return join('/tmp', `amparo-${createHash('sha256').update(home).update(name).digest('hex').slice(0, 16)}`, 'run')
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
  // Where the place is not ours any more, its socket is somebody else's too.
  const leave = () => clear(place).then(() => removeSocketFolder(place.socket))
  let server = await start(place, log).catch((error) => leave().then(() => Promise.reject(error)))
  const atExit = () => server.send('SIGINT')
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
      const ours = await place.isOurs()
      await (ours ? clear(place) : end(server))
      await watching
      // A start that was under way when we were told to stop.
      await (ours ? leave() : end(server))
      process.off('exit', atExit)
    },
  }
}

interface Server {
  readonly ended: Promise<unknown>
  isGone(): boolean
  /** Only to this very process, never to another that was given its number. */
  send(signal: NodeJS.Signals): void
}

/** Ends our own server, and nothing else. */
async function end(server: Server): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    server.send(signal)
    if (await until(async () => server.isGone(), patienceMs)) return
  }
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
  const send = (signal: NodeJS.Signals) => {
    for (const one of [signal, 'SIGCONT'] as const) child.kill(one)
  }
  const server = { ended, isGone: () => gone, send }
  if (!gone && (await isReady(place.data, child.pid))) return server
  // By its data nobody would find it where they were taken away.
  await end(server)
  throw new Error(said.join('\n') || 'it said nothing')
}

function settings({ data, name, socket }: Place): string[] {
  const set = {
    cluster_name: name,
    listen_addresses: '',
    // A server takes its socket away when it ends: seen from its data, it is never that of whoever came to the same place.
    unix_socket_directories: isShort(socket) ? socket : relative(data, socket),
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
async function clear({ data, name, isOurs }: Place): Promise<void> {
  if (!(await isOurs())) throw new Error(`${data} was taken away, or other data are in its place`)
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
