/** The PostgreSQL under a benchmark: the built-in one, asked to count statements. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, postgres } from '../server/src/database/database.ts'
import { startEmbedded } from '../server/src/database/embedded.ts'

export interface Ground {
  /** The process whose family is PostgreSQL. */
  readonly pid: number
  /** A new, empty database. */
  database(name: string): Promise<string>
  /** How often each statement ran in this database since the last `forget`, the most frequent first. */
  statements(name: string): Promise<readonly Statement[]>
  forget(): Promise<void>
  close(): Promise<void>
}
export interface Statement {
  readonly calls: number
  /** Planning and execution, as PostgreSQL's own clock saw them. */
  readonly ms: number
  /** Of 8 kB, wherever they came from: what was read, exactly. */
  readonly pages: number
  readonly text: string
}

/** fsync is on, as it is for everybody who uses it. */
export async function startGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  const first = await startEmbedded({ folder })
  await first.stop()
  const settings = `shared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.track = 'top'\npg_stat_statements.track_planning = on\n`
  await appendFile(join(folder, 'postgres/data/postgresql.auto.conf'), settings)
  const server = await startEmbedded({ folder })
  const admin = postgres(server.url, { max: 1 })
  await admin.query('create extension pg_stat_statements')
  return {
    pid: Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]),
    async database(name) {
      await admin.query(`create database ${name}`)
      return server.url.replace('///amparo?', `///${name}?`)
    },
    statements: (name) => counted(admin, name),
    forget: async () => {
      await admin.query('select pg_stat_statements_reset()')
    },
    async close() {
      await admin.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const counted = (admin: Database, name: string): Promise<Statement[]> =>
  admin.query<Statement & object>(
    `select calls::int as calls, total_exec_time + total_plan_time as ms,
            (shared_blks_hit + shared_blks_read)::int as pages,
            regexp_replace(query, '\\s+', ' ', 'g') as text
       from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname = $1 order by calls desc, text`,
    [name],
  )
