/** The command as an operator types it: a process of its own, its exit code, its words. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase, freshDatabase } from './database/testing.ts'

const command = join(import.meta.dirname, '../bin/amparo.mjs')

let fresh: FreshDatabase
let folder: string
beforeAll(async () => {
  fresh = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'amparo-cli-'))
})
afterAll(async () => {
  await fresh.close()
  await rm(folder, { recursive: true, force: true })
})

async function amparo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [command, ...args], { env: { PATH: process.env.PATH ?? '', ...env } })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

test('doctor counts each view of the Core and says where roles disagree', async () => {
  const { said } = await amparo(['doctor'], { DATABASE_URL: fresh.url })
  expect(said).toMatch(/✓ amparo_core\.users {2}\d+ rows/)
  expect(said).toMatch(/! amparo_core\.memberships .*cli_/)
})

test('doctor names the view and the column that are missing or of another type, and how to write them', async () => {
  const broken = await freshDatabase()
  try {
    await broken.db.query(`
      drop view amparo_core.memberships;
      drop view amparo_core.ecosystems;
      create view amparo_core.ecosystems as select id as ecosystem_id, name, 7 as status from vendor.clinic`)
    const { code, said } = await amparo(['doctor', '--json'], { DATABASE_URL: broken.url })
    expect(code).toBe(1)
    const says: string[] = JSON.parse(said).findings.map((one: { says: string }) => one.says)
    expect(says.find((one) => one.includes('amparo_core.memberships is missing'))).toContain(
      'create view amparo_core.memberships',
    )
    expect(says.find((one) => one.includes('no column owner_user_id'))).toBeTruthy()
    expect(says.find((one) => one.includes('amparo_core.ecosystems.status is integer'))).toContain('status::text')
  } finally {
    await broken.close()
  }
})

test('a database that does not answer is exit code 3, without its password', async () => {
  const { code, said } = await amparo(['doctor'], {
    DATABASE_URL: 'postgres://amparo:planted-password@127.0.0.1:1/amparo',
  })
  expect(code).toBe(3)
  expect(said).not.toContain('planted-password')
})

test('every bad setting is told at once, a typing error with a guess, and nothing starts', async () => {
  const { code, said } = await amparo(['serve'], {
    AMPARO_SMPT_URL: 'smtp://user:planted-password@mail',
    AMPARO_CONSOLE_URL: 'http://localhost:4000',
    AMPARO_ISSUER_URL: 'https://desk.acme.test',
    AMPARO_COMPANION_URL: 'https://desk.acme.test',
  })
  expect(code).toBe(2)
  expect(said).toContain('AMPARO_SMPT_URL is not a setting. Did you mean AMPARO_SMTP_URL?')
  expect(said).toContain('AMPARO_CONSOLE_URL  seen: "http://localhost:4000"')
  expect(said).toContain('three different hosts')
  for (const name of ['DATABASE_URL', 'AMPARO_SURFACES', 'AMPARO_KEYS', 'AMPARO_VENDOR_NAME'])
    expect(said).toContain(`${name}  seen: nothing  wanted: `)
  expect(said).not.toContain('planted-password')
  expect(said).not.toMatch(/\.ts:\d/)
})

test('a key file is readable by its owner alone and is never overwritten', async () => {
  const path = join(folder, 'keys.json')
  expect((await amparo(['keys', 'new', path])).code).toBe(0)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await amparo(['keys', 'new', path])).code).toBe(1)
})

test('migrate says what it did, and that there is nothing left to do', async () => {
  const empty = await emptyDatabase()
  try {
    expect((await amparo(['migrate'], { DATABASE_URL: empty.url })).said).toMatch(/\d+ of \d+ migrations applied/)
    expect((await amparo(['migrate'], { DATABASE_URL: empty.url })).said).toContain('Nothing to do')
  } finally {
    await empty.close()
  }
})
