/** Going through the whole log in one snapshot and in constant memory: the text of each event, its place, every checkpoint. */
import type { NamedKey } from '@amparo/verifier/checkpoint'
import { type Entry, type Examiner, examiner, type Verdict } from '@amparo/verifier/examine'
import { type Hash, leafHash } from '@amparo/verifier/tree'
import { type Database, statement } from '../database/database.ts'
import { isKept } from './log.store.ts'

const atOnce = 2000
/** How many entries that do not fit are looked for in other places; more than these are only said to be changed. */
const searches = 50

const entriesFrom = statement(
  'verify.entries',
  `
select l.seq, l.event_id as id, l.hash, e.body from log_leaf l left join event e on e.id = l.event_id
 where l.seq >= $1::bigint and l.seq < $2::bigint order by l.seq limit ${atOnce}`,
)
const checkpointsFrom = statement(
  'verify.checkpoints',
  'select size, note from checkpoint where size > $1::bigint and size <= $2::bigint order by size',
)
const placeOf = statement('verify.place', 'select seq from log_leaf where hash = $1')
const nodesOf = statement(
  'verify.nodes',
  `
select n.level, n.index, n.hash from unnest($1::int[], $2::bigint[]) as w (level, index) join log_node n using (level, index)`,
)
const neverPlaced = statement(
  'verify.never_placed',
  `
select e.id from event e
 where not exists (select from log_leaf l where l.event_id = e.id) and not exists (select from unsequenced u where u.event_id = e.id)
 order by e.ord limit 100`,
)
const miscounted = statement(
  'verify.miscounted',
  `
select a.id, a.n as counts, coalesce(e.has, 0)::int as has
  from assistance a left join (select assistance_id, count(*) as has, max(n) as last from event where assistance_id is not null group by 1) e
    on e.assistance_id = a.id
 where a.n is distinct from coalesce(e.has, 0) or a.n is distinct from coalesce(e.last, 0) order by a.id limit 100`,
)
const sizeSaid = statement('verify.size', 'select size from log_head')
const beyond = statement('verify.beyond', 'select note from checkpoint where size > $1::bigint order by size')

type Row = Entry & { readonly id: string; readonly body: string | null }

/** An entry or a checkpoint, in the order in which they came about. */
export type Line = Entry | { readonly note: string }

/** A batch of the log from place `next` on, up to `size`, and the place after it; undefined where there is nothing more. */
export async function logPart(
  db: Database,
  next: number,
  size: number,
): Promise<{ readonly lines: readonly Line[]; readonly next: number } | undefined> {
  const rows = await db.query<Row>(entriesFrom, [next, size])
  const last = rows.at(-1)
  if (!last) return undefined
  const notes = await db.query<{ size: number; note: string }>(checkpointsFrom, [next, last.seq + 1])
  const lines = [...rows.map(entryOf), ...notes].sort((one, other) => placeIn(one) - placeIn(other))
  return { lines, next: last.seq + 1 }
}

/**
 * The log up to `size` (all of it where nothing is said), a batch at a time. Places never change hands, so a bounded one
 * is the same whoever reads it and when; all of it is asked for in one snapshot.
 */
export async function* logLines(db: Database, size?: number): AsyncGenerator<readonly Line[]> {
  let next = 0
  for (;;) {
    const part = await logPart(db, next, size ?? Number.MAX_SAFE_INTEGER)
    if (!part) break
    yield part.lines
    next = part.next
  }
  if (size === undefined) yield await db.query<{ note: string }>(beyond, [next])
}

const entryOf = ({ body, ...row }: Row): Entry => ({ ...row, body: body ?? undefined })
/** A checkpoint of `size` comes after the entry in place `size - 1`. */
const placeIn = (line: Entry | { readonly size: number }): number => ('size' in line ? line.size - 0.5 : line.seq)

/** In one snapshot, for as long as it takes. */
const inOneSnapshot = <T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only')
    return work(tx)
  }, 0)

/**
 * Verifies the whole record against `keys` and against what others kept. Tells of every event that was changed, taken out,
 * put in, moved or never given a place, of counts that do not fit, of hashes that are kept wrongly, and of a log that is
 * shorter than a checkpoint says.
 */
export const verifyRecord = (
  db: Database,
  keys: readonly NamedKey[],
  witnesses: readonly string[] = [],
): Promise<Verdict> =>
  inOneSnapshot(db, async (tx) => {
    const made: { level: number; index: number; hash: Hash }[] = []
    const places = new Map<string, number>()
    const examine = examiner({
      keys,
      witnesses,
      placeOf: (hash) => places.get(hash.toString('hex')),
      made: (level, index, hash) => {
        if (isKept(level)) made.push({ level, index, hash })
      },
    })
    for await (const lines of logLines(tx)) {
      await learnPlaces(tx, lines, places)
      for (const line of lines) look(examine, line)
      await compareNodes(tx, made.splice(0), examine)
    }
    await askTheDatabase(tx, examine)
    return examine.end()
  })

/** The same, and how long it took: to a tenth of a second. */
export async function verifyTimed(
  db: Database,
  keys: readonly NamedKey[],
  witnesses?: readonly string[],
): Promise<{ readonly verdict: Verdict; readonly seconds: number }> {
  const began = performance.now()
  const verdict = await verifyRecord(db, keys, witnesses)
  return { verdict, seconds: Math.round((performance.now() - began) / 100) / 10 }
}

/** What the examiner makes of the next line. */
export function look(examine: Examiner, line: Line): void {
  if ('note' in line) examine.checkpoint(line.note)
  else examine.entry(line)
}

/** Where texts that do not fit their places belong. */
async function learnPlaces(tx: Database, lines: readonly Line[], places: Map<string, number>): Promise<void> {
  for (const line of lines) {
    if ('note' in line || line.body === undefined || places.size >= searches) continue
    const real = leafHash(line.body)
    if (real.equals(line.hash)) continue
    const [found] = await tx.query<{ seq: number }>(placeOf, [real])
    if (found) places.set(real.toString('hex'), found.seq)
  }
}

async function compareNodes(
  tx: Database,
  made: readonly { level: number; index: number; hash: Hash }[],
  examine: Examiner,
): Promise<void> {
  if (made.length === 0) return
  const rows = await tx.query<{ level: number; index: number; hash: Hash }>(nodesOf, [
    made.map(({ level }) => level),
    made.map(({ index }) => index),
  ])
  const kept = new Map(rows.map(({ level, index, hash }) => [`${level}:${index}`, hash]))
  for (const { level, index, hash } of made)
    if (!kept.get(`${level}:${index}`)?.equals(hash))
      examine.found({ fault: 'wrong_node', from: index * 2 ** level, to: (index + 1) * 2 ** level })
}

/** What only the database knows: how long the log believes itself to be, events without a place, and counts. */
async function askTheDatabase(tx: Database, examine: Examiner): Promise<void> {
  const [said] = await tx.query<{ size: number }>(sizeSaid)
  const [has] = await tx.query<{ has: number }>('select coalesce(max(seq) + 1, 0) as has from log_leaf')
  if (said && has && said.size !== has.has)
    examine.found({ fault: 'cut', has: has.has, had: said.size, witness: false })
  for (const { id } of await tx.query<{ id: string }>(neverPlaced)) examine.found({ fault: 'inserted', id })
  for (const { id, counts, has } of await tx.query<{ id: string; counts: number; has: number }>(miscounted))
    examine.found({ fault: 'miscounted', id, counts, has })
}
