/** What commands read of the environment: everything at once for the server, or the database alone. */
import { Cannot } from '../cannot.ts'
import { CannotStart, type Config, configFrom, isPostgres } from '../config.ts'
import { type Database, postgres } from '../database/database.ts'
import { placeOf, unreached } from '../database/reach.ts'
import { environment, quoted, wrong } from '../settings.ts'

/** The configuration, or all of its faults and exit code 2. */
export async function configured(): Promise<Config> {
  const config = await configFrom(process.env)
  if (!('faults' in config)) return config
  const { length } = config.faults
  const heading =
    length === 1
      ? { en: '1 setting needs attention', es: '1 ajuste necesita atención' }
      : { en: `${length} settings need attention`, es: `${length} ajustes necesitan atención` }
  throw new CannotStart([heading, ...config.faults])
}

export function databaseUrl(): string {
  const url = environment().DATABASE_URL
  if (!url) throw new CannotStart([wrong('DATABASE_URL', undefined)])
  return url
}

/** Work on our own database, closed afterwards however it went. */
export async function onDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const url = databaseUrl()
  if (!isPostgres(url)) throw new CannotStart([wrong('DATABASE_URL', quoted('DATABASE_URL', url))])
  const db = postgres(url, { max: 2, applicationName: 'amparo command' })
  return work(db)
    .catch((error) => {
      throw error instanceof Cannot ? error : unreached(error, placeOf('DATABASE_URL', url))
    })
    .finally(db.close)
}
