/**
 * For tests and figures only: a whole record in memory, eight ways of tampering with it at a place of one's choice, and
 * whether the examiner names that place. Whoever tampers has the database; in the last way the server's key as well.
 */
import { type Entry, examiner, type Fault, type Verdict } from './examine.ts'
import { noteFor, type Signer } from './testing.ts'
import { type Frontier, grown, leafHash, noEntries } from './tree.ts'

export interface Whole {
  readonly entries: readonly Entry[]
  /** Its own checkpoints, each after the entries that it counts. */
  readonly notes: readonly { readonly size: number; readonly note: string }[]
  readonly every: number
  readonly by: Signer
}

const bodyOf = (seq: number): string =>
  JSON.stringify({ v: 1, id: `ev_${seq}`, type: 'record.read', actor: { kind: 'agent', id: `ag_${seq % 97}` }, n: seq })
const entryOf = (seq: number, body: string): Entry => ({ seq, id: `ev_${seq}`, body, hash: leafHash(body) })

/** A record of so many entries with a checkpoint every so often, the last at its end. */
export function whole(by: Signer, count: number, every: number): Whole {
  const entries = Array.from({ length: count }, (_, seq) => entryOf(seq, bodyOf(seq)))
  return { entries, notes: notesOf(by, entries, every), every, by }
}

function notesOf(by: Signer, entries: readonly Entry[], every: number) {
  const notes: { size: number; note: string }[] = []
  let tree: Frontier = noEntries
  for (const { hash } of entries) {
    tree = grown(tree, { level: 0, hash })
    if (tree.size % every === 0 || tree.size === entries.length)
      notes.push({ size: tree.size, note: noteFor(by, tree) })
  }
  return notes
}

/** A record as somebody left it. */
interface Left {
  readonly entries: Iterable<Entry>
  readonly notes: Whole['notes']
  /** What others kept; the last of its own checkpoints where nothing is said. */
  readonly kept?: readonly string[]
}

/** `names`: the fault that tells this place, and no other one before it. */
export interface Kind {
  readonly name: string
  tampered(of: Whole, at: number): Left
  names(fault: Fault, at: number, every: number): boolean
}

const within = (fault: Fault, at: number, every: number): boolean =>
  fault.fault === 'rewritten' && fault.from <= at && at < fault.to && fault.to - fault.from <= every
const isAt = (kind: Fault['fault']) => (fault: Fault, at: number) =>
  fault.fault === kind && 'seq' in fault && fault.seq === at

function* replaced(entries: readonly Entry[], at: number, ...by: readonly Entry[]): Generator<Entry> {
  for (let index = 0; index < at; index += 1) yield entries[index] as Entry
  yield* by
  for (let index = at + by.length; index < entries.length; index += 1) yield entries[index] as Entry
}
/** Everything from `at` on, one place further up or down. */
function* shifted(entries: readonly Entry[], at: number, step: 1 | -1, ...first: readonly Entry[]): Generator<Entry> {
  for (let index = 0; index < at; index += 1) yield entries[index] as Entry
  yield* first
  for (let index = step === 1 ? at : at + 1; index < entries.length; index += 1) {
    const entry = entries[index] as Entry
    yield { ...entry, seq: entry.seq + step }
  }
}
const made: Entry[] = []
/** A false one; it is the same each time, and a hundred thousand of them are not hashed for each place anew. */
const other = (seq: number): Entry => {
  made[seq] ??= entryOf(seq, JSON.stringify({ v: 1, id: `ev_false_${seq}`, type: 'consent.given' }))
  return made[seq]
}

export const kinds: readonly Kind[] = [
  {
    name: 'a text changed by a letter',
    tampered: ({ entries, notes }, at) => {
      const entry = entries[at] as Entry
      return { notes, entries: replaced(entries, at, { ...entry, body: entry.body?.replace('read', 'real') }) }
    },
    names: isAt('changed'),
  },
  {
    name: 'an event taken out',
    tampered: ({ entries, notes }, at) => ({ notes, entries: entries.filter(({ seq }) => seq !== at) }),
    names: isAt('deleted'),
  },
  {
    name: 'an event taken out, and all later ones moved up',
    tampered: ({ entries, notes }, at) => ({ notes, entries: shifted(entries, at, -1) }),
    // Behind its last checkpoint but one the record is also shorter than what was signed of it.
    names: (fault, at, every) =>
      within(fault, at, every) || (fault.fault === 'cut' && fault.had - every <= at && at < fault.had),
  },
  {
    name: 'an event put in, and all later ones moved down',
    tampered: ({ entries, notes }, at) => ({ notes, entries: shifted(entries, at, 1, other(at)) }),
    names: within,
  },
  {
    name: 'two events that changed places, with their hashes left',
    tampered: ({ entries, notes }, at) => {
      const [one, two] = [entries[at] as Entry, entries[at + 1] as Entry]
      return {
        notes,
        entries: replaced(entries, at, { ...one, id: two.id, body: two.body }, { ...two, id: one.id, body: one.body }),
      }
    },
    names: isAt('moved'),
  },
  {
    name: 'an event rewritten together with its hash',
    tampered: ({ entries, notes }, at) => ({ notes, entries: replaced(entries, at, other(at)) }),
    names: within,
  },
  {
    name: 'the tail cut off, as an older copy that is brought back has it',
    tampered: ({ entries, notes }, at) => ({
      entries: entries.slice(0, at),
      notes: notes.filter(({ size }) => size <= at),
    }),
    names: (fault, at) => fault.fault === 'cut' && fault.has === at && fault.witness,
  },
  {
    name: 'another record from there on, signed anew with the server’s own key',
    tampered: ({ entries, notes, by, every }, at) => {
      const forked = entries.map((entry, seq) => (seq < at ? entry : other(seq)))
      // Every receipt holds a checkpoint: others have one for each stretch, and the newest alone would tell the end of it.
      return { entries: forked, notes: notesOf(by, forked, every), kept: notes.map(({ note }) => note) }
    },
    names: (fault, at, every) => within(fault, at, every) && 'witness' in fault && fault.witness,
  },
]

/** What the examiner finds in it, with the checkpoint that somebody else kept last. */
export function examined({ by, notes, entries: honest }: Whole, left: Left): Verdict {
  const places = new Map<string, number>()
  const examine = examiner({
    keys: [by.key],
    witnesses: left.kept ?? [notes.at(-1)?.note ?? ''],
    placeOf: (hash) => {
      if (places.size === 0) for (const entry of honest) places.set(entry.hash.toString('latin1'), entry.seq)
      return places.get(hash.toString('latin1'))
    },
  })
  let next = 0
  let seen = 0
  for (const entry of left.entries) {
    examine.entry(entry)
    seen = entry.seq + 1
    for (let note = left.notes[next]; note && note.size <= seen; note = left.notes[next]) {
      examine.checkpoint(note.note)
      next += 1
    }
  }
  return examine.end()
}

/** Places all over a record, its first and its last among them, drawn the same way every time. */
export function placesIn(count: number, many: number): readonly number[] {
  let state = 0x9e3779b9
  const draw = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) | 0
    return (state >>> 0) / 2 ** 32
  }
  return [1, count - 2, ...Array.from({ length: many - 2 }, () => 1 + Math.floor(draw() * (count - 3)))]
}
