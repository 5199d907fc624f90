import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { copyOnce } from './binaries.ts'
import { giveWord, nameOf, wordOf } from './cluster.ts'
import { type Database, isConnectionTrouble, postgres } from './database.ts'
import { startEmbedded } from './embedded.ts'
import { FolderInUse } from './owner.ts'
import { birthOf, postgresProcesses, send, until } from './processes.ts'

const binaries = process.env.AMPARO_TEST_POSTGRES
const given = binaries ? { binaries } : {}

let top: string
let folder: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'amparo-embedded-'))
  folder = join(top, 'data')
  const server = await startEmbedded({ folder, ...given })
  await withDatabase(server, (db) => db.query('create table noted (id int primary key)'))
  await server.stop()
})

const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
  // Whatever a test left behind, the next start takes over and ends.
  await (await startEmbedded({ folder, ...given })).stop()
})
afterAll(() => rm(top, { recursive: true, force: true }))

async function withDatabase<T>(server: { url: string }, work: (db: Database) => Promise<T>): Promise<T> {
  const db = postgres(server.url)
  return work(db).finally(db.close)
}

const note = (server: { url: string }, id: number) =>
  withDatabase(server, (db) => db.query('insert into noted values ($1)', [id]))
const notes = (server: { url: string }) =>
  withDatabase(server, async (db) => (await db.query<{ id: number }>('select id from noted')).map(({ id }) => id))

const postmasterOf = async (data: string) =>
  Number((await readFile(join(data, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])

/** Another process that starts the database of a folder, tells its address in one line, and stays. */
function another(data: string): { child: ChildProcess; said: Promise<{ url: string }> } {
  const program = `
    const { startEmbedded } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)})
    const wanted = ${JSON.stringify({ folder: data, ...given })}
    const answer = await startEmbedded(wanted).catch((error) => ({ refused: error.message }))
    console.log(JSON.stringify({ url: answer.url, refused: answer.refused }))`
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const said = (async () => {
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
    throw new Error('it ended without a word')
  })()
  said.catch(() => {})
  return { child, said }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

describe('the built-in database', () => {
  test('keeps its data over a stop and a start, and leaves nothing running', async () => {
    const first = await startEmbedded({ folder, ...given })
    await note(first, 1)
    const pid = await postmasterOf(folder)
    await Promise.all([first.stop(), first.stop()])
    expect(await birthOf(pid)).toBeUndefined()
    expect(await readdir(join(folder, 'postgres'))).toEqual(['data'])

    const second = await startEmbedded({ folder, ...given })
    expect(await notes(second)).toContain(1)
    await second.stop()
  })

  test('listens on no network, keeps what it acknowledges on disk, and nobody else can reach it or its data', async () => {
    const server = await startEmbedded({ folder, ...given })
    const [set] = await withDatabase(server, (db) =>
      db.query(`select current_setting('listen_addresses') as network, current_setting('fsync') as fsync,
                       current_setting('server_encoding') as encoding, lower('ÑÉ') as lower`),
    )
    expect(set).toEqual({ network: '', fsync: 'on', encoding: 'UTF8', lower: 'ñé' })
    expect((await stat(join(folder, 'postgres'))).mode & 0o077).toBe(0)
    await server.stop()
  })

  test('says in its log nothing of what a statement was about', async () => {
    const log: string[] = []
    const server = await startEmbedded({ folder, ...given, log: (line) => log.push(line) })
    await withDatabase(server, async (db) => {
      await db.query('create table if not exists whispered (secret text unique)')
      for (let i = 0; i < 2; i++) await db.query(`insert into whispered values ('482913')`).catch(() => undefined)
    })
    await server.stop()
    expect(log.join('\n')).toContain('duplicate key')
    expect(log.join('\n')).not.toContain('482913')
  })

  test('works in a folder too deep for a socket, and takes its short folder away at the end', async () => {
    const deep = join(top, 'deep'.repeat(30))
    const server = await startEmbedded({ folder: deep, ...given })
    const socket = new URL(server.url).searchParams.get('host') ?? ''
    expect(socket).toMatch(/^\/tmp\/amparo-[0-9a-f]{16}\/run$/)
    expect((await stat(dirname(socket))).mode & 0o077).toBe(0)
    await server.stop()
    expect(existsSync(dirname(socket))).toBe(false)
  })

  test('refuses data of another version with words', async () => {
    const other = join(top, 'other')
    await mkdir(join(other, 'postgres/data'), { recursive: true })
    await writeFile(join(other, 'postgres/data/PG_VERSION'), '9\n')
    await expect(startEmbedded({ folder: other, ...given })).rejects.toThrow('were made by PostgreSQL 9')
    expect(await readdir(join(other, 'postgres'))).toEqual(['data'])
  })
})

describe('one folder, one owner', () => {
  test('a second process is refused with words, and the first goes on', async () => {
    const first = another(folder)
    const { url } = await first.said
    const refused = await startEmbedded({ folder, ...given }).catch((error) => error)
    expect(refused).toBeInstanceOf(FolderInUse)
    expect(refused.pid).toBe(first.child.pid)
    expect(refused.message).toContain(`is used by another Amparo (process ${first.child.pid})`)
    await note({ url }, 100)
  })

  test('a second start in the same process is refused as well', async () => {
    const server = await startEmbedded({ folder, ...given })
    await expect(startEmbedded({ folder, ...given })).rejects.toBeInstanceOf(FolderInUse)
    await note(server, 110)
    await server.stop()
  })

  test('of several that start at once at most one has the folder', async () => {
    const said = await Promise.all([1, 2, 3].map(() => another(folder).said))
    expect(said.filter(({ url }) => url).length).toBeLessThanOrEqual(1)
  })

  test('a process id used again is not taken for the owner', async () => {
    await writeFile(join(folder, 'postgres', `owner.${process.ppid}.1234abcd`), '')
    const server = await startEmbedded({ folder, ...given })
    await server.stop()
  })
})

describe('after kill -9', () => {
  test('of us, the orphan is ended and what was acknowledged is there, even where the orphan was frozen', async () => {
    const first = another(folder)
    await note(await first.said, 200)
    const orphan = await postmasterOf(folder)
    process.kill(orphan, 'SIGSTOP')
    await kill(first.child)
    const server = await startEmbedded({ folder, ...given })
    expect(await postmasterOf(folder)).not.toBe(orphan)
    expect(await notes(server)).toContain(200)
    await server.stop()
  })

  test('of the server, it is started again and the same pool goes on', async () => {
    const server = await startEmbedded({ folder, ...given })
    await withDatabase(server, async (db) => {
      await db.query('insert into noted values (300)')
      const busy = db.query('select count(*) from generate_series(1, 1e9)').catch((error) => error)
      const before = await postmasterOf(folder)
      process.kill(before, 'SIGKILL')
      expect(isConnectionTrouble(await busy)).toBe(true)
      expect(await until(() => back(db), 10_000)).toBe(true)
      expect(await db.query('select from noted where id = 300')).toHaveLength(1)
      expect(await postmasterOf(folder)).not.toBe(before)
    })
    await server.stop()
  })

  test('of the server again and again, it comes back every time', async () => {
    const server = await startEmbedded({ folder, ...given })
    await withDatabase(server, async (db) => {
      for (let round = 0; round < 3; round++) {
        const before = await postmasterOf(folder)
        process.kill(before, 'SIGKILL')
        expect(await until(async () => (await back(db)) && (await postmasterOf(folder)) !== before, 10_000)).toBe(true)
      }
    })
    await server.stop()
  })

  test('of both, the next start finds what was acknowledged', async () => {
    const first = another(folder)
    await note(await first.said, 400)
    const orphan = await postmasterOf(folder)
    await kill(first.child)
    process.kill(orphan, 'SIGKILL')
    const server = await startEmbedded({ folder, ...given })
    expect(await notes(server)).toContain(400)
    await server.stop()
  })

  test('and a process id used again by a stranger, the stranger lives and the server starts', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    children.push(stranger)
    await writeFile(join(folder, 'postgres/data/postmaster.pid'), `${stranger.pid}\n${folder}\n`)
    const server = await startEmbedded({ folder, ...given })
    await server.stop()
    expect(await birthOf(stranger.pid ?? 0)).toBeDefined()
  })

  test('while the data are being made, the next start makes them anew', async () => {
    const young = join(top, 'young')
    const first = another(young)
    const begun = async () =>
      (await readdir(join(young, 'postgres')).catch(() => [])).some((name) => name.startsWith('half.'))
    expect(await until(begun, 20_000)).toBe(true)
    await kill(first.child)
    const server = await startEmbedded({ folder: young, ...given })
    await withDatabase(server, (db) => db.query('create table works ()'))
    await server.stop()
    expect(await readdir(join(young, 'postgres'))).toEqual(['data'])
  })
})

describe('a folder that was taken away', () => {
  test('is nobody’s to end: who was there before touches neither the data that are there now nor their server', async () => {
    const [before, now] = [join(top, 'before'), join(top, 'now')]
    const log: string[] = []
    const first = await startEmbedded({ folder: before, ...given, log: (line) => log.push(line) })
    // As where the system gives its number to the next folder: to a look from outside the one is the other.
    await mkdir(join(now, 'postgres'), { recursive: true, mode: 0o700 })
    await rename(join(before, 'postgres/data'), join(now, 'postgres/data'))
    send(await postmasterOf(now), 'SIGKILL')
    expect(await until(async () => log.some((line) => line.includes('does not start')), 20_000)).toBe(true)

    const second = await startEmbedded({ folder: now, ...given })
    const theirs = await postmasterOf(now)
    await first.stop()
    await withDatabase(second, async (db) => expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]))
    expect(await postmasterOf(now)).toBe(theirs)
    await second.stop()
  })

  test('and made anew at the same place belongs to whoever made it, with its socket', async () => {
    const [place, aside] = [join(top, 'place'), join(top, 'aside')]
    const first = await startEmbedded({ folder: place, ...given })
    await rename(join(place, 'postgres'), aside)
    const second = another(place)
    const { url } = await second.said
    const theirs = await postmasterOf(place)
    await first.stop()
    expect(await withDatabase({ url }, (db) => db.query('select 1 as one'))).toEqual([{ one: 1 }])
    expect(await postmasterOf(place)).toBe(theirs)
    expect(
      await birthOf(
        Number((await readFile(join(aside, 'data/postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0]),
      ),
    ).toBeUndefined()
    await kill(second.child)
    await (await startEmbedded({ folder: place, ...given })).stop()
  })

  test('is not looked for by an empty name, which every PostgreSQL of the machine has', async () => {
    await expect(postgresProcesses('')).rejects.toThrow(/without a name/)
  })

  test('leaves its number to data of another name', async () => {
    const data = await mkdtemp(join(top, 'named-'))
    const names = []
    for (let time = 0; time < 3; time += 1) {
      await giveWord(data)
      names.push(await nameOf(data))
    }
    expect(new Set(names).size).toBe(3)
  })
})

test('what runs on data that were made before they had a word is found by their place, and ended', async () => {
  const data = join(folder, 'postgres/data')
  await rm(join(data, 'amparo.word'))
  const old = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
    argv0: `postgres: ${await nameOf(data)} idle`,
  })
  children.push(old)
  const gone = once(old, 'exit')
  const server = await startEmbedded({ folder, ...given })
  await gone
  expect(await wordOf(data)).toMatch(/^[0-9a-f]{16}$/)
  await server.stop()
})

test('a stop while the server is being started again leaves nothing running', async () => {
  const server = await startEmbedded({ folder, ...given })
  send(await postmasterOf(folder), 'SIGKILL')
  await server.stop()
  expect(await birthOf(await postmasterOf(folder).catch(() => 0))).toBeUndefined()
  expect(existsSync(join(folder, 'postgres/run'))).toBe(false)
})

test('programs that are copied by several at once are whole, and their links are made', async () => {
  const native = join(top, 'native')
  await mkdir(join(native, 'bin'), { recursive: true })
  await mkdir(join(native, 'lib'))
  await writeFile(join(native, 'bin/postgres'), '', { mode: 0o600 })
  await writeFile(join(native, 'lib/libpq.so.5.18'), '', { mode: 0o600 })
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links))

  const place = join(top, 'copies/postgres-18')
  const bins = await Promise.all([1, 2, 3].map(() => copyOnce(native, place)))
  expect(bins).toEqual([1, 2, 3].map(() => join(place, 'bin')))
  expect(await readlink(join(place, 'lib/libpq.so.5'))).toBe('libpq.so.5.18')
  expect((await stat(join(place, 'bin/postgres'))).mode & 0o777).toBe(0o755)
  await access(join(place, 'lib/libpq.so.5'))
  expect(await readdir(dirname(place))).toEqual(['postgres-18'])
})

const back = (db: Database): Promise<boolean> =>
  db.query('select 1').then(
    () => true,
    () => false,
  )
