/**
 * Going through a record from its first entry to its last, in constant memory: each entry against the hash that was
 * taken of it, and the tree of all of them against every checkpoint, ours and those that others kept.
 */
import { type NamedKey, openNote } from './checkpoint.ts'
import { type Frontier, grown, type Hash, leafHash, noEntries, rootOf } from './tree.ts'

/** An entry in its place. `body` is missing where the record has a hash but no text to it. */
export interface Entry {
  readonly seq: number
  readonly id?: string | undefined
  readonly body: string | undefined
  readonly hash: Hash
}

export type Fault =
  /** The text is not the one whose hash was taken. */
  | { readonly fault: 'changed'; readonly seq: number; readonly id?: string | undefined }
  /** The place is empty, or has a hash and no text. */
  | { readonly fault: 'deleted'; readonly seq: number; readonly id?: string | undefined }
  /** The entry belongs in another place. */
  | { readonly fault: 'moved'; readonly seq: number; readonly id?: string | undefined; readonly belongs: number }
  /** An entry that was never taken up, or stands where none belongs. */
  | { readonly fault: 'inserted'; readonly id: string; readonly seq?: number }
  /** The tree is not the one that was signed; what differs lies from `from` (with it) to `to` (without it). */
  | { readonly fault: 'rewritten'; readonly from: number; readonly to: number; readonly witness: boolean }
  /** A checkpoint that none of the given keys signed. */
  | { readonly fault: 'not_ours'; readonly size: number | undefined; readonly witness: boolean }
  /** What is kept of a whole subtree, for proofs, is not what its entries give. */
  | { readonly fault: 'wrong_node'; readonly from: number; readonly to: number }
  /** An assistance counts other events than there are of it. */
  | { readonly fault: 'miscounted'; readonly id: string; readonly counts: number; readonly has: number }
  /** A checkpoint counts more entries than there are: the end was cut off, or an older copy was brought back. */
  | { readonly fault: 'cut'; readonly has: number; readonly had: number; readonly witness: boolean }

export interface Verdict {
  readonly entries: number
  readonly checkpoints: number
  readonly witnesses: number
  /** So many entries from the first are as they were signed. */
  readonly sound: number
  readonly root: Hash
  /** What is wrong, in the order of the record; the first hundred. */
  readonly faults: readonly Fault[]
  /** How many faults there are in all. */
  readonly count: number
}

export interface Examiner {
  /** The next entry. A gap before it is told as deleted entries. */
  entry(entry: Entry): void
  /** A checkpoint of the record's own, after the entries that it counts. */
  checkpoint(note: string): void
  /** Something that whoever feeds it found out for themselves. */
  found(fault: Fault): void
  end(): Verdict
}

export interface Asked {
  readonly keys: readonly NamedKey[]
  /** Notes that somebody else kept. */
  readonly witnesses?: readonly string[]
  /** Where an entry with this hash stands, if anywhere: tells an entry that was moved from one that was changed. */
  placeOf?(hash: Hash): number | undefined
  /** Hears of each subtree that becomes whole, to compare it with what is stored. */
  made?(level: number, index: number, hash: Hash): void
}

const shown = 100

/** A note that is believed, and what it was worth: a checkpoint of the record's own, or one that others kept. */
interface Signed {
  readonly size: number
  readonly root: Hash
  readonly witness: boolean
}

export function examiner({ keys, witnesses = [], placeOf, made }: Asked): Examiner {
  const faults: Fault[] = []
  let count = 0
  let tree: Frontier = noEntries
  let expected = 0
  /** Once the tree is known to be another one, no later checkpoint can say anything new. */
  let lost = false
  let sound = 0
  let checkpoints = 0
  /** The first place at which an entry is not the one that was taken up. */
  let firstWrong = Number.POSITIVE_INFINITY
  const found = (fault: Fault) => {
    count += 1
    if ('seq' in fault && fault.seq !== undefined) firstWrong = Math.min(firstWrong, fault.seq)
    if (faults.length < shown) faults.push(fault)
  }
  const believed = (note: string, witness: boolean): Signed | undefined => {
    const opened = openNote(note, keys)
    if (opened.ok) return { size: opened.checkpoint.size, root: opened.checkpoint.root, witness }
    found({ fault: 'not_ours', size: sizeIn(note), witness })
    return undefined
  }
  /** What the tree has still to reach, the smallest first. */
  const waiting = witnesses.flatMap((note) => believed(note, true) ?? []).sort((one, other) => one.size - other.size)
  const compare = ({ size, root, witness }: Signed) => {
    if (size === tree.size && root.equals(rootOf(tree))) sound = size
    else {
      found({ fault: 'rewritten', from: sound, to: size, witness })
      lost = true
    }
  }
  const compareDue = () => {
    for (let next = waiting[0]; next && next.size <= tree.size && !lost; next = waiting[0]) {
      waiting.shift()
      compare(next)
    }
  }
  const judge = ({ seq, id, body, hash }: Entry) => {
    if (body === undefined) return found({ fault: 'deleted', seq, id })
    const real = leafHash(body)
    if (real.equals(hash)) return undefined
    const belongs = placeOf?.(real)
    return found(belongs === undefined ? { fault: 'changed', seq, id } : { fault: 'moved', seq, id, belongs })
  }
  return {
    entry(entry) {
      if (entry.seq < expected) return found({ fault: 'inserted', seq: entry.seq, id: entry.id ?? String(entry.seq) })
      for (; expected < entry.seq; expected += 1) {
        found({ fault: 'deleted', seq: expected })
        lost = true
      }
      judge(entry)
      expected += 1
      if (!lost) tree = grown(tree, { level: 0, hash: entry.hash }, made)
      compareDue()
    },
    checkpoint(note) {
      checkpoints += 1
      const signed = believed(note, false)
      if (!signed) return
      const later = waiting.findIndex(({ size }) => size > signed.size)
      waiting.splice(later === -1 ? waiting.length : later, 0, signed)
      compareDue()
    },
    found,
    end() {
      if (!lost) for (const { size, witness } of waiting) found({ fault: 'cut', has: tree.size, had: size, witness })
      return {
        entries: expected,
        checkpoints,
        witnesses: witnesses.length,
        sound: Math.min(sound, firstWrong),
        root: rootOf(tree),
        faults: [...faults].sort((one, other) => placeIn(one) - placeIn(other)),
        count,
      }
    },
  }
}

const sizeIn = (note: string): number | undefined => {
  const size = Number(note.split('\n')[1])
  return Number.isSafeInteger(size) ? size : undefined
}

const placeIn = (fault: Fault): number => {
  if ('seq' in fault && fault.seq !== undefined) return fault.seq
  if (fault.fault === 'rewritten' || fault.fault === 'wrong_node') return fault.from
  return fault.fault === 'cut' ? fault.has : Number.POSITIVE_INFINITY
}
