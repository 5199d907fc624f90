/** Brings a database up to this program: numbered files, forward only, each in a transaction of its own. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bilingual } from '@amparo/contract/words'
import { Cannot, type Sentence } from '../cannot.ts'
import { version } from '../words.ts'
import { type Database, isHeldUp } from './database.ts'

export interface Migrated {
  readonly applied: number
  readonly total: number
}

/** This database cannot serve this program; the message says why and what to do. */
export class DatabaseUnfit extends Cannot {
  constructor(says: Sentence) {
    super(2, [says])
  }
}

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))

/** Applies what is missing. Any number of instances may do so at once: each file is applied by one of them. */
export async function migrate(
  db: Database,
  where: string | { upTo: number } = migrationsFolder,
  heldUp: (says: Sentence) => void = () => undefined,
): Promise<Migrated> {
  await refuseOtherVersions(db)
  const all = await read(typeof where === 'string' ? where : migrationsFolder)
  const files = typeof where === 'string' ? all : all.slice(0, where.upTo)
  await alone(db, prepare)
  await refuseStrangers(db, files)
  let applied = 0
  for (const file of files) if (await patiently(db, file, heldUp)) applied += 1
  return { applied, total: files.length }
}

/** What would be applied, and what is; writes nothing. Refuses what `migrate` would refuse. */
export async function planned(
  db: Database,
): Promise<{ readonly pending: readonly string[]; readonly applied: number }> {
  await refuseOtherVersions(db)
  const files = await read(migrationsFolder)
  const applied = await appliedMigrations(db)
  refuseOthers(applied, files)
  return { pending: files.slice(applied.length).map((file) => file.name), applied: applied.length }
}

/** What this database has applied; nothing where it has never seen us. */
export async function appliedMigrations(db: Database): Promise<readonly Applied[]> {
  const [found] = await db.query<{ there: boolean; noted: boolean }>(`
    select to_regclass('amparo.migration') is not null as there,
           exists (select from information_schema.columns
                    where table_schema = 'amparo' and table_name = 'migration' and column_name = 'program') as noted`)
  if (!found?.there) return []
  const program = found.noted ? 'program' : 'null::text as program'
  return db.query<Applied>(`select number, name, sha256, ${program} from amparo.migration order by number`)
}

interface Migration {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly text: string
}

type Applied = Omit<Migration, 'text'> & { readonly program: string | null }

async function refuseOtherVersions(db: Database): Promise<void> {
  const [server] = await db.query<{ number: number; name: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as name`,
  )
  const major = Math.floor((server?.number ?? 0) / 10_000)
  if (major >= 15 && major <= 18) return
  throw new DatabaseUnfit({
    en: `Amparo works with PostgreSQL 15 to 18; this one is ${server?.name}. Name another in DATABASE_URL.`,
    es: `Amparo funciona con PostgreSQL 15 a 18; este es ${server?.name}. Nombra otro en DATABASE_URL.`,
  })
}

async function read(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const files = await Promise.all(names.map((name) => readOne(folder, name)))
  files.forEach((file, index) => {
    if (file.number !== index + 1)
      throw new DatabaseUnfit(
        `Migrations are numbered 0001, 0002 and so on without a gap; ${file.name} stands in place ${index + 1}.`,
      )
  })
  return files
}

async function readOne(folder: string, name: string): Promise<Migration> {
  // A checkout may have other line ends; it is the same migration.
  const text = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n')
  const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? Number.NaN)
  return { number, name, sha256: createHash('sha256').update(text).digest('hex'), text }
}

/** Any fixed number: who holds this lock migrates. It is let go with the transaction. */
const migrationLock = 411_527_361

const alone = <T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [migrationLock])
    return work(tx)
  }, 0)

/** How long a file that somebody holds up is tried again, and how long others have the table to themselves in between. */
const [triesMost, pauseMs] = [85, 2_000]

/** Where somebody holds for long what a file needs for a moment, it gives up soon, lets others pass, and is tried again. */
async function patiently(db: Database, file: Migration, heldUp: (says: Sentence) => void): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await alone(db, (tx) => apply(tx, file))
    } catch (error) {
      if (!(error instanceof Error) || !isHeldUp(error.cause) || tries === triesMost) throw error
      heldUp({
        en: `${file.name} waits for a table that somebody holds (a backup, an open transaction); it is tried again. Let that end.`,
        es: `${file.name} espera una tabla que alguien retiene (una copia, una transacción abierta); se volverá a intentar. Deja que termine.`,
      })
      await pause(pauseMs)
    }
  }
}

const prepare = (tx: Database) =>
  tx.query(`
    create schema if not exists amparo;
    create table if not exists amparo.migration (
      number     int primary key,
      name       text not null,
      sha256     text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    alter table amparo.migration add column if not exists program text`)

async function refuseStrangers(db: Database, files: readonly Migration[]): Promise<void> {
  refuseOthers(await appliedMigrations(db), files)
}

function refuseOthers(applied: readonly Applied[], files: readonly Migration[]): void {
  const newest = applied.at(-1)?.number ?? 0
  if (newest > files.length) throw new DatabaseUnfit(tooNew(applied.at(-1)?.program, newest))
  for (const { number, name, sha256 } of applied) {
    if (files[number - 1]?.sha256 === sha256) continue
    throw new DatabaseUnfit(
      `Migration ${name} was changed after this database applied it. Put the file back as it was released; a change is a new migration.`,
    )
  }
}

/** A database from before programs were noted, or from another state of this one, is told by its migrations. */
function tooNew(program: string | null | undefined, newest: number): Bilingual {
  const known = program && program !== version
  const [en, es] = known
    ? [program, program]
    : [`an Amparo with ${newest} migrations`, `un Amparo con ${newest} migraciones`]
  return {
    en: `This database was used by ${en}; this program is ${version}. Restore a backup or upgrade.`,
    es: `Esta base de datos la usó ${es}; este programa es ${version}. Restaura una copia o actualiza.`,
  }
}

async function apply(tx: Database, file: Migration): Promise<boolean> {
  const [done] = await tx.query('select 1 from amparo.migration where number = $1', [file.number])
  if (done) return false
  await tx.query(file.text).catch((cause) => {
    throw new Error(`Migration ${file.name} failed: ${cause.message}`, { cause })
  })
  await tx.query('insert into amparo.migration (number, name, sha256, program) values ($1, $2, $3, $4)', [
    file.number,
    file.name,
    file.sha256,
    version,
  ])
  return true
}
