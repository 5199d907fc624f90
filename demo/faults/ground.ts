/** What the fault suite stands on: servers on one database with one key and one mail server, and how long it may take. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { type Inbox, startInbox } from '../inbox/inbox.ts'
import { type Play, playing } from '../journeys/script.ts'
import { freeBlock, type Stage, type Staging, staged } from '../journeys/stage.ts'

/** `npm run test:faults -- --full`: as often as the figures of the bar say. Otherwise what fits into every run of the tests. */
export const full = process.env.AMPARO_FAULTS === 'full'
export const times = (short: number, long: number): number => (full ? long : short)

export interface Node {
  readonly stage: Stage
  readonly play: Play
}

type More = Pick<Staging, 'env' | 'spare'> & { readonly url?: string }

export interface Ground {
  readonly fresh: FreshDatabase
  readonly inbox: Inbox
  readonly folder: string
  /** One more server; `url` is another way to the same database, `spare` a program that waits until it is wanted. */
  node(more?: More): Promise<Node>
  /** Stops what still runs, and leaves nothing. */
  leave(): Promise<void>
}

/** On a new database of the run's own server, unless another is given. */
export async function ground(database: Promise<FreshDatabase> = emptyDatabase()): Promise<Ground> {
  const [fresh, inbox, folder] = await Promise.all([database, startInbox(), mkdtemp(join(tmpdir(), 'amparo-faults-'))])
  const nodes: Node[] = []
  return {
    fresh,
    inbox,
    folder,
    async node({ url = fresh.url, env = {}, ...more } = {}) {
      const port = await freeBlock()
      const all = { AMPARO_SMTP_URL: inbox.smtpUrl, ...env }
      const stage = await staged({ databaseUrl: url, folder, port, env: all, ...more })
      const node = { stage, play: await playing(stage, async () => inbox.entries()) }
      nodes.push(node)
      return node
    },
    async leave() {
      for (const { stage } of nodes) {
        stage.child.kill('SIGCONT')
        await stage.stop('SIGKILL')
      }
      await inbox.close()
      await fresh.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const marta = 'marta@clinica-sol.test'
export const leo = 'leo@clinica-sol.test'
export const wrong = (code: string): string => (code === '000000' ? '111111' : '000000')

/** How often each word came, whatever the order. */
export function tally(words: readonly (string | number)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** Every row of every table of ours, as a dump would show it. */
export async function dump({ db }: FreshDatabase): Promise<string> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'amparo' and table_type = 'BASE TABLE'`,
  )
  const all = await Promise.all(
    tables.map(({ name }) => db.query<{ row: string }>(`select t::text as row from amparo.${name} t`)),
  )
  return all
    .flat()
    .map(({ row }) => row)
    .join('\n')
}
