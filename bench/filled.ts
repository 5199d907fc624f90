/** A database of ours for benchmarks that start no server: the schema, and the sample Core. */
import { readFile } from 'node:fs/promises'
import type { Database } from '../server/src/database/database.ts'
import { migrate } from '../server/src/database/migrate.ts'

export async function migrated(db: Database): Promise<void> {
  await migrate(db)
  for (const file of ['core.sql', 'successions.sql'])
    await db.query(await readFile(new URL(`../demo/${file}`, import.meta.url), 'utf8'))
}
