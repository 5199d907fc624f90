/** What the first start says to a person. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freeBlock } from './ports.ts'
import { settingFaults, welcome } from './start.ts'

const options = { port: 4000, folder: '/tmp/amparo', reset: false, inboxPort: undefined }
const said = (migrated: boolean, ownPeople: boolean, language: 'en' | 'es' = 'en') =>
  welcome(options, migrated, ownPeople)
    .map((line) => (typeof line === 'string' ? line : line[language]))
    .join('\n')

test('who connected a Core of their own is not sent to people who are not in it', () => {
  for (const language of ['en', 'es'] as const) {
    expect(said(true, false, language)).toMatch(/marta@clinica-sol.test.*successor@rejected.test/s)
    expect(said(true, false, language)).toContain('user-demo-pass-1')
    expect(said(true, true, language)).not.toMatch(/marta|successor@|user-demo-pass/)
    expect(said(true, true, language)).toContain('ana-demo-pass-1')
  }
})

test('a later start needs four lines, and the first says where the doctor has to look', () => {
  expect(said(false, false).split('\n')).toHaveLength(4)
  expect(said(true, false)).toContain('npx amparo doctor --data /tmp/amparo')
})

test('where somebody has a port of the usual block and none was named, the whole block moves, and the start says so', async () => {
  const other = createServer()
  // Taken by us, or by whoever has it already.
  await new Promise((resolve) => other.once('listening', resolve).once('error', resolve).listen(4000, '127.0.0.1'))
  const { port, moved } = await freeBlock()
  other.close()
  expect(port % 100).toBe(0)
  expect(port).toBeGreaterThanOrEqual(4100)
  expect(moved).toEqual({
    en: `4000 is used by another program; this demo starts at ${port}`,
    es: `4000 lo usa otro programa; esta demostración empieza en ${port}`,
  })
})

test('a typing error in a setting of the demo is told before anything starts, and no password with it', () => {
  const faults = settingFaults({
    AMPARO_CORE_ULR: 'postgres://amparo_reads:planted@db/shop',
    AMPARO_CORE_URL: 'amparo_reads:planted@db/shop',
    DATABASE_URL: 'mysql://amparo:planted@db/amparo',
    AMPARO_OF_THIS_TEST: 'not one letter or two from any setting',
    AMPARO_SMTP_URL: 'smtp://127.0.0.1:1',
  })
  expect(faults).toMatchObject([
    { en: 'AMPARO_CORE_ULR is not a setting. Did you mean AMPARO_CORE_URL?' },
    { en: expect.stringMatching(/^DATABASE_URL {2}seen: "mysql:.*wanted: our PostgreSQL/) },
    { en: expect.stringMatching(/^AMPARO_CORE_URL {2}seen: "…" {2}wanted: /) },
  ])
  expect(JSON.stringify(faults)).not.toContain('planted')
})

test.each([
  [['--prot', '5000'], "Unknown option '--prot'"],
  [['--port', '99'], '--port 99 cannot be used'],
  [['5000'], "Unexpected argument '5000'"],
])('wrong use of the start ends with 2 and says what it takes: %j', async (args, says) => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'start.ts'), ...args])
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  expect((await once(child, 'close'))[0]).toBe(2)
  expect(said).toContain(says)
  expect(said).not.toMatch(/Something broke|^\s+at /m)
})
