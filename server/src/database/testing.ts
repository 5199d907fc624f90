/** For tests only: a database of one's own in milliseconds, with a clock that can be moved. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { advanceClock } from './clock.ts'
import { type Database, postgres } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's PostgreSQL is; `template` is the database that fresh ones are copied from. */
    postgres: { readonly url: string; readonly template: string }
  }
}

export interface FreshDatabase {
  readonly db: Database
  readonly url: string
  /** Moves `app_now()` forward and tells the new time. */
  advance(ms: number): Promise<Date>
  close(): Promise<void>
}

/** A new database with every migration, the test clock and the sample Core in `amparo_core`; removed by `close`. */
export async function freshDatabase(): Promise<FreshDatabase> {
  return made(inject('postgres').template)
}

/** The same database, where the answers to the statement of this name are lost on their way: what it wrote is written. */
export const losingAnswers = (db: Database, name: string): Database => ({
  ...db,
  query: async (what, values) => {
    const rows = await db.query<never>(what, values)
    if (typeof what !== 'string' && what.name === name) throw new Error('Connection terminated unexpectedly')
    return rows
  },
})

/** A new database with nothing in it. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  return made('template0')
}

const made = (template: string): Promise<FreshDatabase> => {
  const name = `test_${randomBytes(8).toString('hex')}`
  return databaseMade({ name, template, url: urlOf(name), administer })
}

interface Making {
  readonly name: string
  readonly template: string
  /** Where it will be. */
  readonly url: string
  /** Runs one statement in another database of the same server, however long it takes. */
  administer(sql: string): Promise<void>
}

/** A database of this name on any server; `close` takes it away again. */
export async function databaseMade({ name, template, url, administer }: Making): Promise<FreshDatabase> {
  await administer(`create database ${name} template ${template}`)
  const db = postgres(url)
  return {
    db,
    url,
    advance: (ms) => advanceClock(db, ms),
    async close() {
      await db.close()
      await administer(`drop database if exists ${name} with (force)`)
    },
  }
}

/** The run's own server, another database. */
function urlOf(database: string): string {
  const url = new URL(inject('postgres').url)
  url.pathname = `/${database}`
  return url.href
}

/** To drop a database is to wait for the disk, however long it takes: the limits of our own statements do not apply. */
async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgres').url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
