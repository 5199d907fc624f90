/** One PostgreSQL for a whole run of the tests, and in it the template that fresh databases are copied from. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installTestClock } from './clock.ts'
import { postgres } from './database.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'

const template = 'amparo_template'
const sampleCore = ['core.sql', 'successions.sql'].map((file) => new URL(`../../../demo/${file}`, import.meta.url))

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const binaries = process.env.AMPARO_TEST_POSTGRES
  const folder = await mkdtemp(join(tmpdir(), 'amparo-test-'))
  const server = await startEmbedded({ folder, ...(binaries && { binaries }) })
  const end = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await makeTemplate(server.url)
  } catch (error) {
    await end()
    throw error
  }
  provide('postgres', { url: server.url, template })
  return end
}

async function makeTemplate(url: string): Promise<void> {
  const admin = postgres(url, { max: 1, statementMs: 120_000 })
  await admin.query(`create database ${template}`).finally(admin.close)
  const db = postgres(url.replace('///amparo?', `///${template}?`))
  try {
    await migrate(db)
    await installTestClock(db)
    for (const file of sampleCore) if (existsSync(file)) await db.query(await readFile(file, 'utf8'))
  } finally {
    await db.close()
  }
}
