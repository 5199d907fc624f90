/**
 * The record as a Merkle log (RFC 9162). Events are committed with the act; here they take their places, a batch at a time,
 * by whichever process holds the head, and each batch is signed by a checkpoint. Proofs are read from whole subtrees.
 */
import { type NamedKey, noteOf } from '@amparo/verifier/checkpoint'
import {
  consistencyRanges,
  type Frontier,
  frontierOf,
  grown,
  type Hash,
  inclusionRanges,
  leafHash,
  noEntries,
  type Range,
  rootOf,
} from '@amparo/verifier/tree'
import { type Database, statement } from '../database/database.ts'

/** What signs checkpoints. The secret half stays with whoever made this. */
export interface RecordSigner {
  readonly key: NamedKey
  sign(text: Buffer): Buffer
}

/** The same, with the keys that signed before it. */
export interface RecordKeys extends RecordSigner {
  readonly former: readonly NamedKey[]
}
/** What verifies all that was ever signed, the newest first. */
export const verifyingKeys = ({ key, former }: Pick<RecordKeys, 'key' | 'former'>): readonly NamedKey[] => [
  key,
  ...former,
]

/** Levels of the subtrees that are kept beside the leaves. */
const keptLevels = [24, 16, 8] as const
/** Whether subtrees of this level are kept. */
export const isKept = (level: number): boolean => keptLevels.some((one) => one === level)

const waiting = statement('log.waiting', 'select exists (select from unsequenced) as waits')
const head = statement('log.head', 'select size, peaks, app_now() as now from log_head for update skip locked')
/**
 * Up to a place in their order, not one by one: whatever is believed of a table that is mostly empty, the index is gone along.
 * The words of each are fetched by its id, not by a join: a join reads the whole record once a batch where many are expected.
 */
const taken = statement(
  'log.taken',
  `
with gone as (
  delete from unsequenced where ord <= (select max(ord) from (select ord from unsequenced order by ord limit $1) as first)
  returning event_id, ord)
select event_id as id, (select body from event where id = event_id) as body from gone order by ord`,
)
const placed = statement(
  'log.placed',
  `
with leaves as (
    insert into log_leaf (seq, event_id, hash)
    select $1::bigint + l.i - 1, l.id, l.hash from unnest($2::text[], $3::bytea[]) with ordinality as l (id, hash, i)),
  nodes as (
    insert into log_node (level, index, hash) select * from unnest($4::int[], $5::bigint[], $6::bytea[])),
  noted as (
    insert into checkpoint (size, root, at, note) values ($7::bigint, $8, $9, $10))
update log_head set size = $7::bigint, peaks = $11::bytea[]`,
)

/** So many places are given out under one lock and one signature. */
/** So many events take their places together, under one signature. */
export const placedAtOnce = 5000

/**
 * Gives places to the events that wait, the oldest first, and signs how far the log has come. Returns how many; 0 where
 * none waits or another process is at it. `told` hears of the checkpoint once it is committed.
 */
export async function sequence(
  db: Database,
  signer: RecordSigner,
  told: (note: string) => Promise<void> = async () => undefined,
): Promise<number> {
  const [found] = await db.query<{ waits: boolean }>(waiting)
  if (!found?.waits) return 0
  const done = await db.transaction((tx) => sequenced(tx, signer))
  if (done) await told(done.note)
  return done?.count ?? 0
}

async function sequenced(
  tx: Database,
  signer: RecordSigner,
): Promise<{ readonly count: number; readonly note: string } | undefined> {
  const [at] = await tx.query<{ size: number; peaks: Buffer[]; now: Date }>(head)
  if (!at) return undefined
  const events = await tx.query<{ id: string; body: string }>(taken, [placedAtOnce])
  if (events.length === 0) return undefined
  const hashes = events.map(({ body }) => leafHash(body))
  const nodes: { readonly level: number; readonly index: number; readonly hash: Hash }[] = []
  const tree = hashes.reduce(
    (tree: Frontier, hash) =>
      grown(tree, { level: 0, hash }, (level, index, hash) => {
        if (isKept(level)) nodes.push({ level, index, hash })
      }),
    frontierOf(at.size, at.peaks),
  )
  const root = rootOf(tree)
  const checkpoint = { origin: signer.key.name, size: tree.size, root, at: at.now.toISOString() }
  const note = noteOf(checkpoint, signer.key, signer.sign)
  await tx.query(placed, [
    at.size,
    events.map(({ id }) => id),
    hashes,
    nodes.map(({ level }) => level),
    nodes.map(({ index }) => index),
    nodes.map(({ hash }) => hash),
    tree.size,
    root,
    at.now,
    note,
    tree.peaks.map((peak) => peak.hash),
  ])
  return { count: events.length, note }
}

// ── Checkpoints and proofs ──────────────────────────────────────────────────────────────────────────────────────────

export interface Signed {
  readonly size: number
  readonly root: Hash
  readonly note: string
}

const newest = statement(
  'log.newest',
  'select size, root, note, rfc3339(at) as at from checkpoint order by size desc limit 1',
)
const covering = statement(
  'log.covering',
  'select size, root, note from checkpoint where size > $1::bigint order by size limit 1',
)
const at = statement('log.at', 'select size, root, note from checkpoint where size = $1::bigint')

/** The newest checkpoint, and when it was made; undefined before the first event has its place. */
export const newestCheckpoint = async (db: Database): Promise<(Signed & { readonly at: string }) | undefined> =>
  (await db.query<Signed & { readonly at: string }>(newest))[0]

/** The checkpoint at exactly this size. */
export const checkpointAt = async (db: Database, size: number): Promise<Signed | undefined> =>
  (await db.query<Signed>(at, [size]))[0]

export interface Inclusion {
  readonly seq: number
  readonly leaf: Hash
  readonly path: readonly Hash[]
  readonly checkpoint: Signed
}

const leafAt = statement('log.leaf', 'select hash from log_leaf where seq = $1::bigint')

/** Proof that the event in this place is in the record: in the first checkpoint that counts it. Undefined where there is none. */
export async function inclusionOf(db: Database, seq: number): Promise<Inclusion | undefined> {
  const [[leaf], [checkpoint]] = await Promise.all([
    db.query<{ hash: Hash }>(leafAt, [seq]),
    db.query<Signed>(covering, [seq]),
  ])
  if (!leaf || !checkpoint) return undefined
  return { seq, leaf: leaf.hash, path: await hashesOf(db, inclusionRanges(seq, checkpoint.size)), checkpoint }
}

/** Proof that the record of `size` begins with the record of `first`; 0 < first ≤ size, both reached. */
export const consistencyOf = (db: Database, first: number, size: number): Promise<readonly Hash[]> =>
  hashesOf(db, consistencyRanges(first, size))

interface Block {
  readonly level: number
  readonly index: number
}

/** A range as whole subtrees that are kept, from left to right. */
function blocksOf({ from, to }: Range): readonly Block[] {
  const blocks: Block[] = []
  for (let at = from; at < to; ) {
    const level = keptLevels.find((one) => at % 2 ** one === 0 && at + 2 ** one <= to) ?? 0
    blocks.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return blocks
}

const kept = statement(
  'log.kept',
  `
select 0 as level, seq as index, hash from log_leaf where seq = any ($1::bigint[])
union all
select n.level, n.index, n.hash from unnest($2::int[], $3::bigint[]) as w (level, index) join log_node n using (level, index)`,
)

async function hashesOf(db: Database, ranges: readonly Range[]): Promise<readonly Hash[]> {
  const wanted = ranges.map(blocksOf)
  const [leaves, nodes] = [true, false].map((leaf) => wanted.flat().filter(({ level }) => (level === 0) === leaf))
  const rows = await db.query<Block & { hash: Hash }>(kept, [
    leaves?.map(({ index }) => index),
    nodes?.map(({ level }) => level),
    nodes?.map(({ index }) => index),
  ])
  const found = new Map(rows.map(({ level, index, hash }) => [`${level}:${index}`, hash]))
  return wanted.map((blocks) =>
    rootOf(
      blocks.reduce((tree: Frontier, { level, index }) => {
        const hash = found.get(`${level}:${index}`)
        if (!hash) throw new Error(`the log has no subtree ${level}:${index}`)
        return grown(tree, { level, hash })
      }, noEntries),
    ),
  )
}
