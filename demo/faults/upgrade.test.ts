/** An upgrade that is killed half-way (F23). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../server/src/database/database.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { full, times } from './ground.ts'
import { type Way, wayToDatabase } from './way.ts'

const server = join(import.meta.dirname, '../../server')
let fresh: FreshDatabase
let whole: FreshDatabase
let way: Way & { readonly url: string }
beforeAll(async () => {
  ;[fresh, whole] = await Promise.all([emptyDatabase(), freshDatabase()])
  way = await wayToDatabase(fresh.url)
})
afterAll(async () => {
  await way.close()
  await Promise.all([fresh.close(), whole.close()])
})

const migrating = () =>
  spawn(process.execPath, [join(server, 'bin/amparo.mjs'), 'migrate'], {
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: way.url },
    stdio: 'ignore',
  })
const applied = async (db: Database) =>
  (await db.query<{ name: string }>('select name from amparo.migration order by number')).map(({ name }) => name)
/** Every column, but for those of the clock that only tests have. */
const columns = (db: Database) =>
  db.query(`select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
             where table_schema = 'amparo' and table_name <> 'clock' order by 1, 2`)

test(
  'a migration that is killed at any moment is whole or not there, and the next start finishes it',
  async () => {
    const all = (await readdir(join(server, 'migrations'))).filter((name) => name.endsWith('.sql')).sort()
    const chosen = full ? all : [all[0], all[Math.floor(all.length / 2)], all.at(-1)]
    for (const name of chosen.filter((one) => one !== undefined)) {
      // It is on the way to being noted down, in the transaction of its own text; nobody hears how that went.
      const lost = way.loseAnswerTo(name)
      const child = migrating()
      const gone = once(child, 'exit')
      await lost
      child.kill('SIGKILL')
      await gone
      const there = await applied(fresh.db)
      expect(there).toEqual(all.slice(0, there.length))
      expect(all.indexOf(name) - there.length).toBe(0)
    }
    const last = migrating()
    expect(await once(last, 'exit')).toEqual([0, null])
    expect(await applied(fresh.db)).toEqual(all)
    expect(await columns(fresh.db)).toEqual(await columns(whole.db))
  },
  times(120_000, 600_000),
)
