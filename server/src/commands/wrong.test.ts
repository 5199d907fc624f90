/**
 * What an operator sees when something is wrong, each thing produced on purpose: the exact sentence, the exit code, no
 * stack, and never a password that was planted in the settings.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileTrouble } from '../cannot.ts'
import { placeOf, reach, unreached } from '../database/reach.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { makeKeys } from '../keys.ts'
import { shown } from '../settings.ts'
import { amparo, settingsIn } from './testing.ts'

const planted = 'planted-password'
let folder: string
let settings: Readonly<Record<string, string>>
let ours: FreshDatabase
let core: FreshDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-wrong-'))
  ;[settings, ours, core] = [await settingsIn(folder), await emptyDatabase(), await freshDatabase()]
})
afterAll(async () => {
  await Promise.all([ours.close(), core.close(), rm(folder, { recursive: true, force: true })])
})

const portOf = async (): Promise<{ port: number; close(): void }> => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() }
}

/** Runs `serve` with these settings and holds what always holds. */
async function refused(changes: Readonly<Record<string, string>>, args: readonly string[] = [], until?: string) {
  const env = { ...settings, DATABASE_URL: ours.url, AMPARO_CORE_URL: core.url, ...changes }
  const { code, said } = await amparo(['serve', ...args], env, until)
  expect(said).not.toContain(planted)
  expect(said).not.toMatch(/^\s+at .*\.(ts|js|mjs):\d+/m)
  return { code, said }
}

const nobody = `postgres://amparo:${planted}@127.0.0.1:1/amparo`
const bad: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'an address that nobody can open',
    { AMPARO_COMPANION_URL: 'localhost' },
    'AMPARO_COMPANION_URL  seen: "localhost"  wanted: an https address that people can open, without a path  e.g. https://help.acme.com',
  ],
  [
    'a missing setting',
    { AMPARO_VENDOR_NAME: '' },
    'AMPARO_VENDOR_NAME  seen: nothing  wanted: what users know you as  e.g. Acme',
  ],
  ['a typing error', { AMPARO_SMPT_URL: planted }, 'AMPARO_SMPT_URL is not a setting. Did you mean AMPARO_SMTP_URL?'],
  [
    'a database that is none',
    { DATABASE_URL: `mysql://a:${planted}@db/a` },
    'DATABASE_URL  seen: "mysql://a:…@db/a"  wanted: our PostgreSQL 15 to 18  e.g. postgres://amparo:…@db/amparo',
  ],
  [
    'a mail server that is none',
    { AMPARO_SMTP_URL: `http://a:${planted}@mail` },
    'AMPARO_SMTP_URL  seen: "http://a:…@mail/"  wanted: the mail server  e.g. smtps://user:…@smtp.acme.com',
  ],
  [
    'the address of a database where one of ours belongs',
    { AMPARO_ISSUER_URL: `postgres://amparo:${planted}@db/amparo` },
    'AMPARO_ISSUER_URL  seen: "postgres://amparo:…@db/amparo"  wanted: an https address that people can open, without a path',
  ],
  [
    'an address with a password in it, where none would be used',
    { AMPARO_RECORD_WEBHOOK: `https://a:${planted}@siem/r`, AMPARO_RECORD_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}` },
    'AMPARO_RECORD_WEBHOOK  seen: "https://a:…@siem/r"  wanted: an https address, without a name and a password in it',
  ],
  ['a port that is none', { AMPARO_PORT: '99999' }, 'AMPARO_PORT  seen: "99999"  wanted: a port from 1 to 65533'],
  [
    'a short token',
    { AMPARO_METRICS_TOKEN: planted },
    'AMPARO_METRICS_TOKEN  seen: "…"  wanted: what a reader of /metrics has to show',
  ],
  [
    'a file that is not there',
    { AMPARO_KEYS: '/nowhere/keys.json' },
    'AMPARO_KEYS  seen: "/nowhere/keys.json": there is no such file  wanted: the key file',
  ],
]

test('every bad setting is told at once: what was seen, what is wanted, an example; and nothing starts', async () => {
  const all = Object.fromEntries(bad.flatMap(([, changes]) => Object.entries(changes)))
  const { code, said } = await refused(all)
  expect(code).toBe(2)
  expect(said.split('\n')[0]).toBe(`${bad.length} settings need attention`)
  for (const [, , sentence] of bad) expect(said).toContain(sentence)
})

test('the same in Spanish where the environment is, and as one object for a program', async () => {
  const env = { ...settings, DATABASE_URL: ours.url, AMPARO_VENDOR_NAME: '', AMPARO_SMPT_URL: planted }
  const [es, json] = await Promise.all([
    amparo(['serve'], { ...env, LANG: 'es_ES.UTF-8' }),
    amparo(['surfaces', 'list', '--json'], env),
  ])
  expect([es.code, es.said.trim().split('\n')]).toEqual([
    2,
    [
      '2 ajustes necesitan atención',
      'AMPARO_SMPT_URL no es un ajuste. ¿Querías decir AMPARO_SMTP_URL?',
      'AMPARO_VENDOR_NAME  visto: nada  se espera: el nombre por el que te conocen los usuarios  p. ej. Acme',
    ],
  ])
  expect([json.code, JSON.parse(json.said)]).toMatchObject([
    2,
    { exit: 2, says: ['2 settings need attention', {}, {}].map(() => expect.any(String)) },
  ])
})

test.each([
  `amparo:${planted}@db/amparo`,
  `postgres:${planted}@db/amparo`,
  `postgres://amparo:12#${planted}@db/amparo`,
  `postgres://amparo:12/${planted}@db/amparo`,
  `postgres://amparo:12?${planted}@db/amparo`,
  `postgres://amparo:${planted}@db/%zz`,
  `postgres://amparo:50%${planted}@db/amparo`,
])('a password is shown by nothing that quotes an address which is none: %#', (address) => {
  for (const name of ['DATABASE_URL', 'AMPARO_CORE_URL', 'AMPARO_SMTP_URL', 'AMPARO_RECORD_WEBHOOK'] as const)
    expect(shown(name, address)).not.toContain(planted)
})

test('an address of a database that is none is a setting to mend, for every command, and shows no password', async () => {
  for (const DATABASE_URL of [`amparo:${planted}@db/amparo`, `postgres://amparo:${planted}@db/%zz`])
    for (const args of [['migrate'], ['config']]) {
      const { code, said } = await amparo(args, { DATABASE_URL })
      expect([code, said]).toEqual([args[0] === 'config' ? 0 : 2, expect.stringContaining('DATABASE_URL')])
      expect(said).not.toContain(planted)
      expect(said).not.toContain('Cannot reach')
    }
}, 60_000)

test('a file that cannot be written or read is told as that, with where and why', async () => {
  const nowhere = join(folder, 'nowhere', 'file')
  const [saved, exported, made, read] = await Promise.all([
    amparo(['backup', nowhere], { DATABASE_URL: core.url }),
    amparo(['audit', 'export', nowhere], { DATABASE_URL: core.url, AMPARO_KEYS: settings.AMPARO_KEYS ?? '' }),
    amparo(['keys', 'new', nowhere]),
    amparo(['keys', 'list', folder]),
  ])
  for (const { code, said } of [saved, exported, made])
    expect([code, said.trim()]).toEqual([2, `${nowhere}: there is no such file or folder.`])
  expect([read.code, read.said.trim()]).toEqual([2, `${folder}: this is a folder. Name a file.`])
}, 60_000)

test.each([
  ['EACCES', 'you may not read or write there.'],
  ['EROFS', 'that disk can only be read. Name another place.'],
  ['ENOSPC', 'no room is left on that disk. Make some, or name another place.'],
])('%s is told in words; a socket that is not there is no file', (code, sentence) => {
  const broken = Object.assign(new Error('broken'), { code, syscall: 'write' })
  expect(fileTrouble(broken, '/data/a')).toMatchObject({ exit: 2, message: `/data/a: ${sentence}` })
  const socket = Object.assign(new Error('broken'), { code: 'ENOENT', syscall: 'connect' })
  expect(fileTrouble(socket, '/run/db')).toBeUndefined()
})

test('secrets of a demo are refused in production, each by its name, and a broken file is not quoted', async () => {
  const [keys, surfaces, broken] = [
    join(folder, 'demo-keys.json'),
    join(folder, 'demo-surfaces.json'),
    join(folder, 'broken.json'),
  ]
  await makeKeys(keys, true)
  const web = {
    id: 'web',
    name: { en: 'Web', es: 'Web' },
    offeredTo: ['owner'],
    clientId: 'demo-web',
    secret: planted.repeat(3),
    redirectUris: ['https://web.acme.test/cb'],
    initiateLoginUri: 'https://web.acme.test/login',
    statusCheck: true,
  }
  const copied = { ...web, id: 'notes', clientId: 'notes', secret: 'made-up-for-this-guide-and-nothing-else' }
  const former = { secret: copied.secret, until: '2100-01-01T00:00:00Z' }
  const changed = { ...web, id: 'changed', clientId: 'changed', former }
  await writeFile(surfaces, JSON.stringify([web, copied, changed]))
  await writeFile(broken, `[{ "secret": "${planted}", ]`)
  const demo = await refused({ AMPARO_KEYS: keys, AMPARO_SURFACES: surfaces })
  expect(demo.code).toBe(2)
  expect(demo.said).toContain("AMPARO_KEYS  seen: the demo's keys  wanted: the key file")
  expect(demo.said).toContain(`AMPARO_SURFACES  seen: the demo's client "demo-web"  wanted: a JSON file`)
  for (const id of ['notes', 'changed'])
    expect(demo.said).toContain(`AMPARO_SURFACES  seen: the guide's secret of client "${id}"  wanted: a JSON file`)
  const file = await refused({ AMPARO_SURFACES: broken })
  expect([file.code, file.said]).toEqual([2, expect.stringContaining('broken.json": it is not JSON  wanted: ')])
  // The template's clock is a demo's.
  const clock = await refused({ DATABASE_URL: core.url })
  expect([clock.code, clock.said]).toEqual([
    2,
    expect.stringContaining('The database in DATABASE_URL has a test clock and the passwords of a demo.'),
  ])
}, 120_000)

test('a database that is away is waited for, told once, and given up with exit code 3', async () => {
  const { code, said } = await refused({ DATABASE_URL: nobody }, ['--wait', '3'])
  const cannot =
    'Cannot reach PostgreSQL at 127.0.0.1:1 as \\"amparo\\": connection refused. Is it running? Checked DATABASE_URL from the environment.'
  expect(code).toBe(3)
  expect(said.split(`${cannot} Trying again every 2 s, until 3 s.`)).toHaveLength(2)
  expect(said).toContain(cannot.replaceAll('\\', ''))
})

test('sixty seconds of trying every two, by the clock, and the first answer ends the wait', async () => {
  let [now, asked] = [0, 0]
  const told: string[] = []
  const patience = {
    limitMs: 60_000,
    waiting: ({ en }: { en: string }) => told.push(en),
    now: () => now,
    pause: async (ms: number) => {
      now += ms
    },
  }
  const gone = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const away = {
    ...ours.db,
    query: () => {
      asked += 1
      return Promise.reject(gone)
    },
  }
  await expect(reach(away, placeOf('DATABASE_URL', nobody), patience)).rejects.toMatchObject({ exit: 3 })
  expect([asked, now, told.length]).toEqual([31, 60_000, 1])
  const back = { ...ours.db, query: () => (now < 70_000 ? Promise.reject(gone) : Promise.resolve([])) }
  await reach(back, placeOf('DATABASE_URL', nobody), patience)
  expect(now).toBe(70_000)
})

test.each([
  [
    '28P01',
    'PostgreSQL at db:5432 does not let "amparo" in: it has no such role, or the password is wrong or missing. Correct DATABASE_URL.',
  ],
  [
    '3D000',
    'PostgreSQL at db:5432 has no database "help". Make it, or name another in DATABASE_URL: createdb -O amparo help',
  ],
  [
    '42501',
    `"amparo" may not make or write what Amparo needs in the database "help". As its administrator, type: psql -d help -c 'grant create on database "help" to "amparo"'`,
  ],
])(
  'a database that answers %s is told in a sentence with one command or setting, and not waited for',
  (code, sentence) => {
    const place = placeOf('DATABASE_URL', `postgres://amparo:${planted}@db/help`)
    const told = unreached(Object.assign(new Error(planted), { code }), place)
    expect([told.exit, told.message]).toEqual([2, sentence])
  },
)

test('a role without rights, one that is not there, and a database that is not there are told by the real PostgreSQL in the same words', async () => {
  const role = `weak_${Date.now()}`
  await ours.db.query(`create role ${role} login`)
  const [weak, nobodys] = [new URL(ours.url), new URL(ours.url)]
  weak.searchParams.set('user', role)
  nobodys.searchParams.set('user', 'nobody_at_all')
  const gone = new URL(ours.url)
  gone.pathname = '/gone'
  try {
    const rights = await refused({ DATABASE_URL: weak.href })
    expect([rights.code, rights.said]).toEqual([
      2,
      expect.stringContaining(`"${role}" may not make or write what Amparo needs in the database`),
    ])
    const unknown = await refused({ DATABASE_URL: nobodys.href })
    expect([unknown.code, unknown.said]).toEqual([
      2,
      expect.stringContaining('does not let "nobody_at_all" in and says: role "nobody_at_all" does not exist. Correct'),
    ])
    const missing = await refused({ DATABASE_URL: gone.href })
    expect([missing.code, missing.said]).toEqual([
      2,
      expect.stringContaining('has no database "gone". Make it, or name another in DATABASE_URL: createdb'),
    ])
  } finally {
    await ours.db.query(`drop role ${role}`)
  }
}, 120_000)

test('a database that a newer Amparo used is refused in words, by serve and by migrate', async () => {
  const newer = await emptyDatabase()
  await amparo(['migrate'], { DATABASE_URL: newer.url })
  await newer.db.query(
    `insert into migration (number, name, sha256, program) values (9999, '9999_next.sql', '', '0.9.0')`,
  )
  const { code, said } = await amparo(['migrate', '--plan'], { DATABASE_URL: newer.url })
  expect([code, said.trim()]).toEqual([
    2,
    'This database was used by 0.9.0; this program is 0.1.0. Restore a backup or upgrade.',
  ])
  await newer.close()
}, 120_000)

test('a port that is taken names who has it, is not exchanged for another, and ends with exit code 2', async () => {
  const { port, close } = await portOf()
  const { code, said } = await refused({ AMPARO_PORT: String(port) })
  close()
  expect([code, said]).toEqual([2, expect.stringContaining(`Port ${port} is used by "`)])
  expect(said).toContain(`(process ${process.pid}). Start with another: npm start -- --port ${port + 100}`)
  expect(said).not.toContain('"event":"ready"')
})

test('a mail server that refuses us is told at the start with its own words, and the start goes on', async () => {
  const mail = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, answer) =>
      answer(Object.assign(new Error(`authentication failed for ${planted}`), { responseCode: 535 })),
  })
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', () => resolve()))
  const address = mail.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const free = await portOf()
  free.close()
  const url = `smtp://help:${planted}@127.0.0.1:${port}`
  const { code, said } = await refused({ AMPARO_SMTP_URL: url, AMPARO_PORT: String(free.port) }, [], '"event":"ready"')
  mail.close()
  expect(code).toBe(0)
  expect(said).toContain(
    `127.0.0.1:${port} said \\"535 authentication failed for …\\". Messages will wait. Fix AMPARO_SMTP_URL, then: amparo doctor`,
  )
})

test('wrong use is exit code 2, and help is none', async () => {
  const [wrong, help, word, unknown] = await Promise.all([
    amparo(['srve']),
    amparo(['help']),
    amparo(['help', 'code.spent']),
    amparo(['help', 'nothing.such']),
  ])
  expect([wrong.code, help.code, word.code, unknown.code]).toEqual([2, 0, 0, 2])
  expect(wrong.said).toContain('Add --help to read what it takes.')
  expect(word.said).toContain('That code can no longer be used. Ask for a new one.')
}, 120_000)

test('wrong use is one object for a program that asks with --json, and the same exit code', async () => {
  const [word, argument] = await Promise.all([amparo(['srve', '--json']), amparo(['assistances', 'end', '--json'])])
  expect([word.code, argument.code]).toEqual([2, 2])
  expect([word.said, argument.said].map((said) => JSON.parse(said))).toEqual([
    { exit: 2, says: [expect.stringContaining("unknown command 'srve'")] },
    { exit: 2, says: [expect.stringContaining("missing required argument 'id'")] },
  ])
}, 120_000)
