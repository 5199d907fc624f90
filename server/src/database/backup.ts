/**
 * One file with everything of ours: a line a row, compressed, closed by the count and the digest of each table and of the
 * file itself. It is read in one snapshot, and it is written back in one transaction that ends only when what was written
 * has the same counts and digests. Keys are not in it.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { Cannot, fileTrouble } from '../cannot.ts'
import { version } from '../words.ts'
import { hasTestClock, installTestClock } from './clock.ts'
import type { Database } from './database.ts'
import { appliedMigrations, migrate } from './migrate.ts'

export interface Table {
  readonly name: string
  readonly rows: number
  readonly sha256: string
}

export interface Saved {
  readonly tables: readonly Table[]
  readonly rows: number
  readonly bytes: number
}

const format = 1

const header = z.object({
  amparo: z.string(),
  format: z.literal(format),
  at: z.string(),
  migrations: z.array(z.object({ number: z.int(), name: z.string(), sha256: z.string() })),
  testClock: z.boolean(),
})
const tableLine = z.object({ table: z.string(), columns: z.array(z.string()).min(1) })
const footer = z.object({
  tables: z.array(z.object({ name: z.string(), rows: z.int(), sha256: z.string() })),
  sha256: z.string(),
})

// ── Saving ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes the file, whole or not at all, readable by its owner alone. An existing one is never touched. */
export async function backup(db: Database, file: string): Promise<Saved> {
  await refuseExisting(file)
  const half = `${file}.half`
  try {
    await rm(half, { force: true })
    const tables = await db.transaction(async (tx) => {
      await tx.query('set transaction isolation level repeatable read, read only')
      let tables: readonly Table[] = []
      const lines = async function* () {
        for await (const line of dumped(tx, (found) => {
          tables = found
        }))
          yield `${line}\n`
      }
      await pipeline(lines, createGzip(), createWriteStream(half, { flags: 'wx', mode: 0o600, flush: true }))
      return tables
    }, 0)
    await rename(half, file)
    return { tables, rows: sum(tables), bytes: (await stat(file)).size }
  } catch (error) {
    throw (isOf(error, half, file) && fileTrouble(error, file)) || error
  } finally {
    await rm(half, { force: true })
  }
}

/** A file that is missing may be another's: a certificate that the database's address names. */
function isOf(error: unknown, ...files: readonly string[]): boolean {
  const { path } = error as NodeJS.ErrnoException
  return path === undefined || files.includes(path)
}

async function refuseExisting(file: string): Promise<void> {
  const there = await stat(file).then(
    () => true,
    () => false,
  )
  if (there)
    throw new Cannot(2, [
      { en: `${file} exists already. Name another file.`, es: `${file} ya existe. Nombra otro archivo.` },
    ])
}

async function* dumped(tx: Database, done: (tables: readonly Table[]) => void): AsyncGenerator<string> {
  await tx.query(exactly)
  const whole = createHash('sha256')
  const kept = (line: string): string => {
    whole.update(line).update('\n')
    return line
  }
  const migrations = await appliedMigrations(tx)
  yield kept(
    JSON.stringify({
      amparo: version,
      format,
      at: new Date().toISOString(),
      migrations: migrations.map(({ number, name, sha256 }) => ({ number, name, sha256 })),
      testClock: await hasTestClock(tx),
    }),
  )
  const tables: Table[] = []
  for (const { name, columns, key } of await tablesOf(tx)) {
    yield kept(JSON.stringify({ table: name, columns }))
    const digest = createHash('sha256')
    let rows = 0
    for await (const row of rowsOf(tx, name, columns, key)) {
      digest.update(row).update('\n')
      rows += 1
      yield kept(row)
    }
    tables.push({ name, rows, sha256: digest.digest('hex') })
  }
  done(tables)
  yield JSON.stringify({ tables, sha256: whole.digest('hex') })
}

/** One text for one value, whoever asks: `to_json` follows these. */
const exactly = `set local timezone = 'UTC'; set local intervalstyle = 'postgres'; set local datestyle = 'ISO'; set local extra_float_digits = 1`

interface Shape {
  readonly name: string
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

/** Our tables with the columns that are written, not generated; parents before their children, but in a circle. */
async function tablesOf(tx: Database): Promise<readonly Shape[]> {
  const shapes = await tx.query<{ name: string; columns: string[]; key: string[] | null; parents: string[] | null }>(`
    select c.relname as name,
           (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
           (select array_agg(a.attname::text order by a.attnum) from pg_index i join pg_attribute a
                on a.attrelid = c.oid and a.attnum = any (i.indkey) where i.indrelid = c.oid and i.indisprimary) as key,
           (select array_agg(distinct p.relname::text) from pg_constraint f join pg_class p on p.oid = f.confrelid
             where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as parents
      from pg_class c where c.relnamespace = 'amparo'::regnamespace and c.relkind = 'r' and c.relname <> 'migration'
     order by c.relname`)
  const placed: Shape[] = []
  let left = shapes
  while (left.length > 0) {
    const there = new Set(placed.map((one) => one.name))
    const free = left.filter((one) => (one.parents ?? []).every((parent) => there.has(parent)))
    // What is left refers to one another in a circle: restoring looks at all references together, at its end.
    const ready = free.length > 0 ? free : left
    placed.push(...ready.map(({ name, columns, key }) => ({ name, columns, key: key ?? columns })))
    left = left.filter((one) => !ready.includes(one))
  }
  return placed
}

const atOnce = 1000
const named = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function* rowsOf(tx: Database, name: string, columns: readonly string[], key: readonly string[]) {
  const wanted = columns.map(named).join(', ')
  await tx.query(
    `declare saved no scroll cursor for
     select to_json(r)::text as row from (select ${wanted} from amparo.${named(name)} order by ${key.map(named).join(', ')}) r`,
  )
  for (;;) {
    const rows = await tx.query<{ row: string }>(`fetch ${atOnce} from saved`)
    for (const { row } of rows) yield row
    if (rows.length < atOnce) break
  }
  await tx.query('close saved')
}

const sum = (tables: readonly Table[]): number => tables.reduce((rows, one) => rows + one.rows, 0)

// ── Restoring ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Restoring {
  /** Throws away what this database holds of ours first. */
  readonly intoEmpty: boolean
  /** Ends what was alive when the file was written; in the same transaction, once counts and digests are right. */
  settle(tx: Database): Promise<number>
}

export interface Restored extends Saved {
  readonly madeBy: string
  readonly at: string
  /** How many assistances were alive in the backup and are closed now. */
  readonly closed: number
}

/** Reads the whole file once to see that it is whole, then writes it back: everything or nothing. */
export async function restore(db: Database, file: string, { intoEmpty, settle }: Restoring): Promise<Restored> {
  const about = await verifyFile(file)
  const { size } = await stat(file)
  return db.transaction(async (tx) => {
    await tx.query(exactly)
    await makeRoom(tx, intoEmpty)
    await migrate(tx, { upTo: about.header.migrations.length })
    await refuseOtherMigrations(tx, about.header)
    if (about.header.testClock) await installTestClock(tx)
    await load(tx, file)
    const tables = await compared(tx, about.tables)
    await migrate(tx)
    const closed = await settle(tx)
    const { amparo, at } = about.header
    return { tables, rows: sum(tables), bytes: size, madeBy: amparo, at, closed }
  }, 0)
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch(() => {
    throw new Cannot(2, [{ en: `${file} cannot be read.`, es: `${file} no se puede leer.` }])
  })
  await handle.close()
  const source = createReadStream(file)
  const plain = createGunzip()
  source.on('error', (error) => plain.destroy(error))
  yield* createInterface({ input: source.pipe(plain), crlfDelay: Number.POSITIVE_INFINITY })
}

const notWhole = (file: string): Cannot =>
  new Cannot(4, [
    {
      en: `${file} is not a whole backup of Amparo: it was cut off or changed. Use another copy.`,
      es: `${file} no es una copia completa de Amparo: está cortada o cambiada. Usa otra.`,
    },
  ])

/** The first and the last line of a file whose digest is right. */
async function verifyFile(file: string) {
  let [first, last, before]: [string | undefined, string | undefined, string | undefined] = [
    undefined,
    undefined,
    undefined,
  ]
  const whole: Hash = createHash('sha256')
  try {
    for await (const line of linesOf(file)) {
      first ??= line
      if (last !== undefined) whole.update(last).update('\n')
      before = last
      last = line
    }
    const [head, foot] = [header.safeParse(JSON.parse(first ?? '')), footer.safeParse(JSON.parse(last ?? ''))]
    if (!head.success || !foot.success || before === undefined || whole.digest('hex') !== foot.data.sha256)
      throw notWhole(file)
    return { header: head.data, tables: foot.data.tables }
  } catch (error) {
    throw error instanceof Cannot ? error : notWhole(file)
  }
}

async function makeRoom(tx: Database, intoEmpty: boolean): Promise<void> {
  const [found] = await tx.query<{ there: boolean; others: number }>(`
    select to_regnamespace('amparo') is not null as there,
           (select count(*)::int from pg_stat_activity where datname = current_database()
               and application_name = 'amparo' and pid <> pg_backend_pid()) as others`)
  if (found && found.others > 0)
    throw new Cannot(4, [
      {
        en: 'An Amparo is using this database. Stop it first.',
        es: 'Hay un Amparo usando esta base de datos. Detenlo primero.',
      },
    ])
  if (!found?.there) return
  if (!intoEmpty)
    throw new Cannot(4, [
      {
        en: 'This database is not empty. Name an empty one in DATABASE_URL, or throw away what it holds: --into-empty',
        es: 'Esta base de datos no está vacía. Nombra una vacía en DATABASE_URL, o descarta lo que contiene: --into-empty',
      },
    ])
  await tx.query('drop schema amparo cascade')
}

async function refuseOtherMigrations(tx: Database, { amparo, migrations }: z.infer<typeof header>): Promise<void> {
  const ours = await appliedMigrations(tx)
  const same = migrations.length === ours.length && migrations.every((one, at) => one.sha256 === ours[at]?.sha256)
  if (same) return
  throw new Cannot(4, [
    {
      en: `This backup was made by Amparo ${amparo}, which this program (${version}) does not know. Upgrade, then restore.`,
      es: `Esta copia la hizo Amparo ${amparo}, que este programa (${version}) no conoce. Actualiza y después restaura.`,
    },
  ])
}

/** Rows go back as they came, in the order of the file: parents first. What a migration put there gives way. */
async function load(tx: Database, file: string): Promise<void> {
  // What an insertion sets in motion is in the file as well.
  await tx.query(`set local amparo.restoring = 'on'`)
  const references = await referencesOf(tx)
  for (const one of references) await tx.query(`${one} deferrable initially deferred`)
  const shapes = await tablesOf(tx)
  for (const { name } of [...shapes].reverse())
    if (name !== 'event') await tx.query(`delete from amparo.${named(name)}`)
  let into: z.infer<typeof tableLine> | undefined
  let rows: string[] = []
  const flush = async () => {
    if (!into || rows.length === 0) return
    const [table, columns] = [`amparo.${named(into.table)}`, into.columns.map(named).join(', ')]
    await tx.query(
      `insert into ${table} (${columns}) overriding system value
       select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
      [`[${rows.join(',')}]`],
    )
    rows = []
  }
  let number = 0
  for await (const line of linesOf(file)) {
    number += 1
    if (number === 1) continue
    if (line.startsWith('{"table":')) {
      await flush()
      into = tableLine.parse(JSON.parse(line))
    } else if (line.startsWith('{"tables":')) break
    else if (rows.push(line) >= atOnce) await flush()
  }
  await flush()
  await tx.query('set constraints all immediate')
  for (const one of references) await tx.query(`${one} not deferrable`)
  await advanceSequences(tx)
}

/** For each reference between our tables, the beginning of the statement that changes when it is looked at. */
async function referencesOf(tx: Database): Promise<readonly string[]> {
  const found = await tx.query<{ alter: string }>(`
    select format('alter table amparo.%I alter constraint %I', c.relname, f.conname) as alter
      from pg_constraint f join pg_class c on c.oid = f.conrelid
     where f.contype = 'f' and not f.condeferrable and c.relnamespace = 'amparo'::regnamespace`)
  return found.map(({ alter }) => alter)
}

async function advanceSequences(tx: Database): Promise<void> {
  const counted = await tx.query<{ name: string; column: string }>(`
    select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'amparo'::regnamespace and c.relkind = 'r'
       and pg_get_serial_sequence(format('amparo.%I', c.relname), a.attname) is not null and not a.attisdropped and a.attnum > 0`)
  for (const { name, column } of counted)
    await tx.query(
      `select setval(pg_get_serial_sequence('amparo.${named(name)}', $1), coalesce(max(${named(column)}), 0) + 1, false) from amparo.${named(name)}`,
      [column],
    )
}

/** What is in the database now, table by table, against what the file said. */
async function compared(tx: Database, wanted: readonly Table[]): Promise<readonly Table[]> {
  const found: Table[] = []
  for (const { name, columns, key } of await tablesOf(tx)) {
    const digest = createHash('sha256')
    let rows = 0
    for await (const row of rowsOf(tx, name, columns, key)) {
      digest.update(row).update('\n')
      rows += 1
    }
    found.push({ name, rows, sha256: digest.digest('hex') })
  }
  const differs = wanted.filter((one) => !found.some((two) => same(one, two)))
  if (differs.length === 0 && found.length === wanted.length) return found
  throw new Cannot(4, [
    {
      en: `What was restored is not what was saved (${differs.map((one) => one.name).join(', ')}). Nothing was kept.`,
      es: `Lo restaurado no es lo guardado (${differs.map((one) => one.name).join(', ')}). No se conservó nada.`,
    },
  ])
}

const same = (a: Table, b: Table): boolean => a.name === b.name && a.rows === b.rows && a.sha256 === b.sha256
