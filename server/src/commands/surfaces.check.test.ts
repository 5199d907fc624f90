/** `amparo surfaces check`, as an integrator types it: what it says of a wrong product, and which line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { points } from '../conformance/check.ts'
import { type Fault, secretOfTest, surfaceOfTest } from '../conformance/surface.testing.ts'
import { freePort } from '../http/port.testing.ts'
import { amparo } from './testing.ts'

const plan = {
  user: 'per_marta',
  ecosystem: 'cli_sol',
  sees: 'Ring the bell twice',
  refused: { deletion: 'POST /delete', others: false },
  change: 'POST /note',
  stream: '/live',
  ordinary: { signIn: 'POST /sign-in', fields: {}, page: '/', sees: 'The note of Leo' },
  elsewhere: { user: 'per_grace', ecosystem: 'cli_northside', page: '/rota', sees: 'The rota of Northside' },
  booked: { url: '/last-sign-in' },
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-check-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const listening = (port = 0): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server))
  })
const portOf = (server: Server): number => {
  const at = server.address()
  return typeof at === 'object' && at ? at.port : 0
}
interface Typed {
  readonly fault?: Fault
  readonly row?: object
  readonly told?: object
  readonly args?: readonly string[]
  readonly until?: string
  readonly issuer?: string
}

async function typed({ fault, row = {}, told = plan, args = [], until, issuer }: Typed = {}) {
  const at = issuer ?? `http://127.0.0.1:${await freePort()}`
  const surface = await surfaceOfTest(at, fault)
  const { client, origin } = surface
  const notes = {
    id: 'notes',
    name: { en: 'Notes', es: 'Notas' },
    offeredTo: ['owner'],
    clientId: 'notes',
    secret: secretOfTest,
    redirectUris: client.redirectUris,
    initiateLoginUri: client.initiateLoginUri,
    backchannelLogoutUri: client.backchannelLogoutUri,
    statusCheck: true,
    ...row,
  }
  const [rows, file] = [join(folder, 'notes.json'), join(folder, 'notes.check.json')]
  await writeFile(
    rows,
    JSON.stringify(
      [
        {
          ...notes,
          id: 'other',
          clientId: 'other',
          redirectUris: ['https://o.test/'],
          initiateLoginUri: 'https://o.test/',
        },
        notes,
      ],
      null,
      2,
    ),
  )
  await writeFile(file, JSON.stringify(told))
  const all = ['surfaces', 'check', origin, '--with', file, '--issuer', at, ...args]
  return amparo(all, { AMPARO_SURFACES: rows }, until).finally(surface.close)
}

test('each point is ticked when it is known; without a browser three are said to be not checked, and that is no pass', async () => {
  const { code, said } = await typed()
  expect(said).toContain('✓ entry.opens')
  expect(said.match(/^✓ /gm)?.length).toBe(points.length - 3)
  expect(said).toMatch(/\? banner\.holds .*\n +not checked: there was no browser to look with: --browser/)
  expect(said.trim().split('\n').at(-1)).toBe(
    `${points.length - 3} passed, 0 failed, 3 not checked, 0 not there to check`,
  )
  expect(code).toBe(1)
  const first = await typed({ until: 'entry.opens' })
  expect(first.said).not.toContain('end.leftovers')
}, 180_000)

test('a wrong one says what was seen and which line of its row to look at', async () => {
  const { code, said } = await typed({ fault: 'entry.redirect' })
  expect(said).toMatch(
    /✗ entry\.redirect .*\n +it sent http:\/\/localhost:\d+\/callback, the row has http:.*\n +→ notes\.json:\d+: redirectUris\n +→ redirectUris of the row/,
  )
  const line = Number(/notes\.json:(\d+)/.exec(said)?.[1])
  // The second row's, not the first's.
  expect(line).toBeGreaterThan(25)
  expect(said).toContain('1 failed')
  expect(code).toBe(1)
  expect(said).not.toContain(secretOfTest)
}, 180_000)

test('a launch that opens nothing says why, and the rest is not checked', async () => {
  const { code, said } = await typed({ row: { secret: 'another-secret-of-thirty-two-characters' }, args: ['--json'] })
  const { exit, surface, points: told } = JSON.parse(said)
  expect([code, exit, surface]).toEqual([1, 1, 'notes'])
  expect(told[0]).toMatchObject({
    point: 'entry.opens',
    result: 'fail',
    line: expect.stringMatching(/^notes\.json:\d+: secret$/),
  })
  expect(told.slice(1).every((one: { result: string }) => one.result === 'unchecked')).toBe(true)
  expect(said).not.toContain('another-secret')
}, 180_000)

test('what nobody told how to look at is not checked; what the product has not is said to be none', async () => {
  const { user, ecosystem, sees } = plan
  const { said } = await typed({ told: { user, ecosystem, sees, stream: false }, args: ['--json'] })
  const results = Object.fromEntries(
    JSON.parse(said).points.map((one: { point: string; result: string }) => [one.point, one.result]),
  )
  const open = ['acts.never', 'acts.look', 'acts.cross_site', 'own.intact', 'own.ecosystem', 'own.booked']
  expect(open.map((point) => results[point])).toEqual(open.map(() => 'unchecked'))
  expect(results['end.streams']).toBe('none')
}, 180_000)

test('wrong use is told with 2, a product that does not answer with 3, and nothing with a stack', async () => {
  const row = { initiateLoginUri: `http://localhost:${await freePort()}/assisted/login` }
  const away = await typed({ row })
  expect([away.code, away.said]).toEqual([
    2,
    expect.stringMatching(
      /^No product of .*notes\.json has its initiateLoginUri at http:\/\/localhost:\d+\. There are: https:\/\/o\.test, http:/,
    ),
  ])
  const silent = await amparo(
    [
      'surfaces',
      'check',
      new URL(row.initiateLoginUri).origin,
      '--with',
      join(folder, 'notes.check.json'),
      '--issuer',
      `http://127.0.0.1:${await freePort()}`,
    ],
    { AMPARO_SURFACES: join(folder, 'notes.json') },
  )
  expect([silent.code, silent.said]).toEqual([3, expect.stringContaining('does not answer')])
  const unknown = await typed({ told: { ...plan, chnage: 'POST /x' } })
  expect([unknown.code, unknown.said]).toEqual([2, expect.stringContaining('chnage')])
  const broken = join(folder, 'broken.json')
  await writeFile(broken, `[{ "secret": ${secretOfTest} }]`)
  const quoted = await typed({ args: ['--surfaces', broken] })
  expect([quoted.code, quoted.said.trim()]).toEqual([2, `${broken}: it is not JSON.`])
  const holder = await listening()
  const taken = await typed({ issuer: `http://127.0.0.1:${portOf(holder)}` })
  holder.close()
  expect([taken.code, taken.said]).toEqual([
    2,
    expect.stringMatching(/^Port \d+ is used by "node" \(process \d+\)\. The check takes the place of Amparo's issuer/),
  ])
  const none = await amparo(['surfaces', 'check', 'http://localhost:1', '--with', join(folder, 'notes.check.json')])
  expect([none.code, none.said]).toEqual([2, expect.stringMatching(/^AMPARO_SURFACES/)])
  for (const { said } of [away, silent, unknown, taken, none]) expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m)
}, 180_000)
