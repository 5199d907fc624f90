/**
 * How fast the record is written, durably: ours beside a chain whose head is a locked row, and beside a plain insert; and how
 * fast events take their places and are signed. Run it with: npm run bench -- audit [events]
 */
import { randomUUID } from 'node:crypto'
import { sequence } from '../server/src/audit/log.store.ts'
import { aSigner } from '../server/src/audit/testing.ts'
import { type Database, postgres, statement } from '../server/src/database/database.ts'
import { noteLoose } from '../server/src/desk/note.ts'
import { leafHash } from '../verifier/src/tree.ts'
import { migrated } from './filled.ts'
import { startGround } from './ground.ts'
import { percentile } from './machine.ts'
import { bars, measuredBy } from './page.ts'
import { publish } from './publish.ts'

const events = Number(process.argv[2] ?? 20_000)
const seconds = 5

const ground = await startGround()
const url = await ground.database('audit')
const setUp = postgres(url, { max: 1 })
await migrated(setUp)
await setUp.query(
  `create table plain (id text primary key, body text not null);
   create table chain (seq bigint primary key, body text not null, hash bytea not null);
   create table chain_head (one boolean primary key default true, size bigint not null, hash bytea not null);
   insert into chain_head (size, hash) values (0, '')`,
)
await setUp.close()

const event = { type: 'record.read', actor: { kind: 'agent', id: 'ag_1' }, data: { what: 'audit', page: 1 } } as const
const text = () => JSON.stringify({ v: 1, id: randomUUID(), ...event, at: new Date().toISOString() })
const insert = statement('bench.insert', 'insert into plain (id, body) values ($1, $2)')
const head = statement('bench.head', 'select size, hash from chain_head for update')
const link = statement('bench.link', 'insert into chain (seq, body, hash) values ($1, $2, $3)')
const grow = statement('bench.grow', 'update chain_head set size = $1, hash = $2')

const ours = (db: Database) => noteLoose(db, event)
const plain = (db: Database) => db.query(insert, [randomUUID(), text()])
const chained = (db: Database) =>
  db.transaction(async (tx) => {
    const [at] = await tx.query<{ size: number; hash: Buffer }>(head)
    if (!at) throw new Error('unreachable: one row')
    const body = text()
    const hash = leafHash(`${at.hash.toString('hex')}${body}`)
    await tx.query(link, [at.size + 1, body, hash])
    await tx.query(grow, [at.size + 1, hash])
  }, 60_000)

interface Speed {
  readonly perSecond: number
  readonly p50: number
}

/** So many callers, each waiting until what it wrote is durable. Each on as many connections as it gets on best with. */
async function speedOf(
  write: (db: Database, n: number) => Promise<unknown>,
  callers: number,
  max: number,
): Promise<Speed> {
  const db = postgres(url, { max, statementMs: 60_000 })
  const times: number[] = []
  const run = async (forMs: number) => {
    const until = performance.now() + forMs
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (let n = caller; performance.now() < until; n += callers) {
          const began = performance.now()
          await write(db, n)
          times.push(performance.now() - began)
        }
      }),
    )
  }
  await run(1000)
  times.length = 0
  const began = performance.now()
  await run(seconds * 1000)
  const perSecond = (times.length * 1000) / (performance.now() - began)
  await db.close()
  return { perSecond, p50: percentile(times, 0.5) }
}

try {
  const rows = [
    ['one caller: a plain insert', await speedOf(plain, 1, 1)],
    ['one caller: ours', await speedOf(ours, 1, 1)],
    ['32 callers: a chain whose head is locked', await speedOf(chained, 32, 32)],
    ['32 callers: ours', await speedOf(ours, 32, 10)],
    ['400 callers: ours', await speedOf(ours, 400, 10)],
  ] as const
  const places = await placed()
  const speed = (of: string) => rows.find(([name]) => name === of)?.[1] ?? { perSecond: Number.NaN, p50: Number.NaN }
  const [one, lone] = [speed('one caller: a plain insert'), speed('one caller: ours')]
  const [chain, many] = [speed('32 callers: a chain whose head is locked'), speed('32 callers: ours')]
  await publish(
    'audit',
    [
      measuredBy('audit'),
      '',
      '## Writing the record',
      '',
      'Each caller waits until what it wrote is on the disk.',
      '',
      '|  | events a second | median ms |',
      '| --- | --: | --: |',
      ...rows.map(([name, { perSecond, p50 }]) => `| ${name} | ${perSecond.toFixed(0)} | ${p50.toFixed(2)} |`),
      '',
      bars(
        rows.map(([name, { perSecond }]) => [name, perSecond]),
        'a second',
      ),
      '',
      `At 32 callers ours is ${(many.perSecond / chain.perSecond).toFixed(1)} times the chain; one caller waits ${(lone.p50 / one.p50).toFixed(2)} times as long as for a plain insert.`,
      `Events take their places, hashed and signed, at ${places.toFixed(0)} a second.`,
    ].join('\n'),
  )
} finally {
  await ground.close()
}

/** How many events a second take their places, of so many that wait. */
async function placed(): Promise<number> {
  const db = postgres(url, { max: 2, statementMs: 60_000 })
  await db.query(
    `insert into amparo.event (id, body) select 'ev_b' || n, json_build_object('v', 1, 'id', 'ev_b' || n, 'type', 'record.read', 'actor',
       json_build_object('kind', 'agent', 'id', 'ag_1'), 'at', amparo.rfc3339(amparo.app_now()))::text from generate_series(1, $1::int) n`,
    [events],
  )
  const signer = aSigner()
  let count = 0
  const began = performance.now()
  for (let some = 1; some > 0; count += some) some = await sequence(db, signer)
  const perSecond = (count * 1000) / (performance.now() - began)
  await db.close()
  return perSecond
}
