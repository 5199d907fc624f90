/** The doctor looks and touches nothing: no row, no mail, no file; with the server down, and with everything down. */
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { proxiesFrom } from '../http/caller.ts'
import { ofProxies } from './doctor.around.ts'
import { ofClock } from './doctor.finding.ts'
import { amparo, settingsIn } from './testing.ts'

let folder: string
let ours: FreshDatabase
let core: FreshDatabase
let env: Readonly<Record<string, string>>
let mail: SMTPServer
const commands: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-doctor-'))
  ;[ours, core] = [await emptyDatabase(), await freshDatabase()]
  mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onMailFrom: (_address, _session, answer) => {
      commands.push('MAIL FROM')
      answer()
    },
    onRcptTo: ({ address }, _session, answer) => {
      commands.push(`RCPT TO ${address}`)
      answer()
    },
    onData: (stream, _session, answer) => {
      stream.resume().on('end', () => answer())
    },
  })
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', () => resolve()))
  const address = mail.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  env = {
    ...(await settingsIn(folder)),
    DATABASE_URL: ours.url,
    AMPARO_CORE_URL: core.url,
    AMPARO_SMTP_URL: `smtp://127.0.0.1:${port}`,
  }
  await amparo(['migrate'], env)
})
afterAll(async () => {
  mail.close()
  await Promise.all([ours.close(), core.close(), rm(folder, { recursive: true, force: true })])
})

const files = async () =>
  Promise.all(
    (await readdir(folder)).sort().map(async (name) => {
      const path = join(folder, name)
      const { mtimeMs, mode } = await stat(path)
      return [
        name,
        mtimeMs,
        mode,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ]
    }),
  )
const writes = async () =>
  Promise.all(
    [ours, core].map(({ db }) =>
      db.query(
        // The catalogs that all databases of a server share count what other tests do in theirs, and the server keeps its
        // own statistics when it likes.
        `select s.relname, n_tup_ins::int + n_tup_upd::int + n_tup_del::int as changes
           from pg_stat_all_tables s join pg_class c on c.oid = s.relid
          where not c.relisshared and schemaname not like 'pg_toast%' and s.relname not like 'pg_statistic%' order by schemaname, s.relname`,
      ),
    ),
  )
const shape = {
  amparo: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  exit: expect.any(Number),
  findings: expect.any(Array),
}
interface Told {
  exit: number
  findings: { check: string; result: string; says: string }[]
}
const told = async (changes: Readonly<Record<string, string>> = {}, args: readonly string[] = []) => {
  const { code, said } = await amparo(['doctor', '--json', ...args], { ...env, ...changes })
  const answer: Told = JSON.parse(said)
  expect(answer).toEqual(shape)
  expect(answer.exit).toBe(code)
  return { code, findings: answer.findings, of: (check: string) => answer.findings.find((one) => one.check === check) }
}

test('with the server down everything else is looked at, and nothing is written, sent or touched', async () => {
  const before = [await writes(), await files()]
  const { code, of, findings } = await told()
  expect(code).toBe(0)
  for (const check of ['settings', 'database', 'migrations', 'clock', 'amparo_core.users', 'mail', 'keys'])
    expect([check, of(check)?.result]).toEqual([check, 'pass'])
  expect(of('https://desk.acme.test')?.result).toBe('warn')
  expect(of('proxies')).toMatchObject({ result: 'warn', says: expect.stringContaining('AMPARO_PROXIES is not set') })
  expect(findings.every((one) => one.says.length > 0)).toBe(true)
  expect([await writes(), await files()]).toEqual(before)
  expect(commands).toEqual([])
}, 120_000)

test('a demo that does not run is told as that, once; one with people of its own is asked about those', async () => {
  const at = { PATH: process.env.PATH ?? '', AMPARO_CHROMIUM: '/usr/bin/chromium' }
  const [away, own] = await Promise.all([
    amparo(['doctor', '--data', folder], at),
    amparo(['doctor', '--data', folder], { ...at, AMPARO_CORE_URL: core.url }),
  ])
  expect([away.code, own.code]).toEqual([3, 3])
  for (const { said } of [away, own])
    expect(said.match(/^✗ .*$/gm)).toEqual([
      `✗ database  No demo is running in ${folder}. Start it: npm start -- --data ${folder}`,
    ])
  expect([away.said, own.said].map((said) => /^✓ amparo_core.users {2}\d+ rows$/m.test(said))).toEqual([false, true])
})

test('it says which proxies are believed about who asks', () => {
  const said = (text: string) => ofProxies({ proxies: proxiesFrom(text) })
  expect(said('10.40.0.0/24')).toMatchObject({ result: 'pass' })
  expect(said('1')).toMatchObject({ result: 'warn', says: { en: expect.stringContaining('nobody else may reach') } })
  expect(said('')).toMatchObject({ result: 'warn', says: { en: expect.stringContaining('AMPARO_PROXIES is not set') } })
})

test('of the successions it tells each view’s columns, rows and newest row, the share of unknown wordings, and three lists', async () => {
  const legacy = await freshDatabase()
  try {
    const well = await told()
    expect(well.of('amparo_core.succession_activity')).toMatchObject({
      result: 'pass',
      says: expect.stringMatching(
        /^13 columns of the right types, 1\d\d rows, newest \d{4}-\d\d-\d\d, every wording is known$/,
      ),
    })
    expect(well.of('amparo_core.succession_checks')?.says).toMatch(/^7 columns of the right types, 11 rows$/)
    expect(well.of('releases')?.says).toBe('handed to amparo_core.release_succession, amparo_core.resend_message')
    expect(well.findings.filter(({ check }) => check.startsWith('SUC-'))).toHaveLength(3)

    await legacy.db.query(await readFile(join(import.meta.dirname, '../../../demo/legacy.sql'), 'utf8'))
    await legacy.db.query(
      `update legacy.activity set description = E'esc \\x1b[2J' || description where status = 'MISC'`,
    )
    const { code, of } = await told({ AMPARO_CORE_URL: legacy.url })
    expect(code).toBe(0)
    const { result, says } = of('amparo_core.succession_activity') ?? {}
    expect(result).toBe('warn')
    expect(says).toMatch(
      /^9 columns of the right types, without attempt_no, actor_id, note_shareable, assistance_id, 200 rows, newest 2026-02-28, 40 \(20\.0 %\) in words that are none of ours, shown as notes: “esc \[2J/,
    )
    expect(of('LEG-20')?.says).toMatch(
      /^transferred: 10 entries, 2026-02-2\d step\.done invitation_sent … 2026-02-28 note$/,
    )
    await legacy.db.query('drop view amparo_core.succession_activity')
    expect((await told({ AMPARO_CORE_URL: legacy.url })).of('ecosystem admin')).toMatchObject({
      result: 'warn',
      says: expect.stringMatching(/amparo_core\.succession_activity is missing/),
    })
    await legacy.db.query('drop view amparo_core.successions')
    expect((await told({ AMPARO_CORE_URL: legacy.url })).of('ecosystem admin')?.result).toBe('pass')
  } finally {
    await legacy.close()
  }
}, 120_000)

test('where the policy gives to more people than there are, it says so before anybody needs them', async () => {
  const file = join(folder, 'policy.json')
  const policy = async (changes: object) => {
    await writeFile(file, JSON.stringify({ preset: 'standard', ...changes }))
    return told({ AMPARO_POLICY: file })
  }
  const supervisors = async (count: number) => {
    await ours.db.query('delete from amparo.agent')
    await ours.db.query(
      `insert into amparo.agent (id, name, email, roles)
       select 'ag_s' || n, 'S ' || n, 's' || n || '@acme.test', '{supervisor}' from generate_series(1, $1::int) n`,
      [count],
    )
  }
  const alone = { secondPerson: { releaseFrom: null } }
  const glass = { breakGlass: { roles: ['agent:technical'] } }
  const cases = [
    [0, alone, 'pass'],
    [0, {}, 'warn'],
    [1, {}, 'pass'],
    [2, glass, 'warn'],
    [3, glass, 'pass'],
  ] as const
  for (const [count, changes, result] of cases) {
    await supervisors(count)
    const { code, of } = await policy(changes)
    expect([count, changes, code, of('supervisors')?.result]).toEqual([count, changes, 0, result])
  }
  await supervisors(2)
  expect((await policy(glass)).of('supervisors')?.says).toMatch(/a third who reviews it/)
  await supervisors(0)
}, 120_000)

test('a trigger that somebody switched off is named, with what switches it on', async () => {
  await ours.db.query('alter table amparo.assistance disable trigger assistance_has_ended')
  const off = await told()
  await ours.db.query('alter table amparo.assistance enable trigger user')
  expect([off.code, off.of('triggers')?.result]).toEqual([1, 'fail'])
  expect(off.of('triggers')?.says).toMatch(/assistance_has_ended.*alter table amparo\.assistance enable trigger user$/)
  expect((await told()).of('triggers')?.result).toBe('pass')
}, 120_000)

test('a product whose word did not fit what we saw is named with what it was, for a day', async () => {
  const event = (id: string, surface: string, why: string, hoursAgo: number) =>
    ours.db.query(
      `insert into amparo.event (id, body) select $1, jsonb_build_object('type', 'activity.mismatch', 'actor', '{"id":"web"}'::jsonb,
         'at', amparo.rfc3339(amparo.app_now() - make_interval(hours => $4)), 'data', jsonb_build_object('surface', $2::text, 'why', $3::text))::text`,
      [id, surface, why, hoursAgo],
    )
  await event('ev_one', 'web', 'gap', 1)
  await event('ev_two', 'web', 'silent', 2)
  await event('ev_old', 'store', 'gap', 25)
  const { code, of } = await told()
  expect([code, of('product web')?.result, of('product store')]).toEqual([0, 'warn', undefined])
  expect(of('product web')?.says).toMatch(/2 times in a day \(gap, silent\)/)
}, 60_000)

test('one mail is sent when an address is named, to that address and to nobody else', async () => {
  const { of } = await told({}, ['--send-test-to', 'you@acme.test'])
  expect(of('test mail')?.result).toBe('pass')
  expect(commands.splice(0)).toEqual(['MAIL FROM', 'RCPT TO you@acme.test'])
}, 120_000)

test('what does not answer is exit code 3, what is wrong is 1, and no password is shown', async () => {
  const planted = 'planted-password'
  const gone = await told({
    DATABASE_URL: `postgres://amparo:${planted}@127.0.0.1:1/amparo`,
    AMPARO_SMTP_URL: `smtp://a:${planted}@127.0.0.1:1`,
  })
  expect([gone.code, gone.of('database')?.result, gone.of('mail')?.result]).toEqual([3, 'fail', 'fail'])
  expect(JSON.stringify(gone.findings)).not.toContain(planted)
  await chmod(env.AMPARO_KEYS ?? '', 0o644)
  const open = await told()
  await chmod(env.AMPARO_KEYS ?? '', 0o600)
  expect([open.code, open.of('keys')?.says]).toEqual([1, expect.stringContaining('chmod 600')])
}, 120_000)

test('a clock that is more than half a minute off is a failure that says how to mend it', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  const at = (seconds: number) =>
    ofClock('clock', new Date(now + seconds * 1000), { en: "the database's", es: 'la suya' }, now)
  expect([at(0), at(30), at(-30)].map((one) => one.result)).toEqual(['pass', 'pass', 'pass'])
  expect([at(31), at(-31)].map((one) => one.result)).toEqual(['fail', 'fail'])
  expect(JSON.stringify(at(31).says)).toContain('timedatectl set-ntp true')
})
