/**
 * The Merkle tree of RFC 9162 section 2.1 over SHA-256: hashes, roots, and proofs that an entry is in it and that a
 * larger tree holds a smaller one. Entries are counted from 0; a range `[from, to)` is those entries in their order.
 */
import { hash } from 'node:crypto'

export type Hash = Buffer

export const hashBytes = 32
const leafPrefix = Buffer.from([0])
const nodePrefix = Buffer.from([1])

/** The hash of an entry: SHA-256(0x00 ‖ entry). Text is taken as UTF-8. */
export const leafHash = (entry: string | Uint8Array): Hash =>
  hash('sha256', Buffer.concat([leafPrefix, typeof entry === 'string' ? Buffer.from(entry) : entry]), 'buffer')

/** The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')

/** The root of a tree without entries. */
export const emptyRoot: Hash = hash('sha256', Buffer.alloc(0), 'buffer')

/** A perfect subtree: 2^level entries, the first of which is a multiple of that. */
export interface Subtree {
  readonly level: number
  readonly hash: Hash
}

/** A tree that only grows, known by its peaks: the perfect subtrees that it is made of, the largest first. */
export interface Frontier {
  readonly size: number
  readonly peaks: readonly Subtree[]
}

export const noEntries: Frontier = { size: 0, peaks: [] }

/** The frontier of a tree of `size` whose peaks have these hashes, the largest first. Throws where they do not fit. */
export function frontierOf(size: number, hashes: readonly Hash[]): Frontier {
  const levels = levelsOf(size)
  if (levels.length !== hashes.length) throw new Error(`a tree of ${size} has ${levels.length} peaks`)
  return { size, peaks: levels.map((level, index) => ({ level, hash: hashes[index] as Hash })) }
}

/** Levels of the peaks of a tree of this size, the largest first: the ones of its binary number. */
function levelsOf(size: number): readonly number[] {
  const levels: number[] = []
  for (let left = size, level = 0; left > 0; left = Math.floor(left / 2), level += 1)
    if (left % 2 === 1) levels.unshift(level)
  return levels
}

/** Adds a perfect subtree at the end. `made` hears of each subtree that becomes whole by it, itself included. */
export function grown(
  { size, peaks }: Frontier,
  added: Subtree,
  made: (level: number, index: number, hash: Hash) => void = () => undefined,
): Frontier {
  const span = 2 ** added.level
  if (size % span !== 0) throw new Error(`no subtree of level ${added.level} begins at ${size}`)
  const next = [...peaks]
  const end = size + span
  let last = added
  made(last.level, end / span - 1, last.hash)
  for (let left = next.at(-1); left?.level === last.level; left = next.at(-1)) {
    next.pop()
    last = { level: last.level + 1, hash: nodeHash(left.hash, last.hash) }
    made(last.level, end / 2 ** last.level - 1, last.hash)
  }
  next.push(last)
  return { size: end, peaks: next }
}

/** The root: the peaks taken together from the smallest to the largest. */
export const rootOf = ({ peaks }: Frontier): Hash =>
  peaks.length === 0 ? emptyRoot : peaks.map((peak) => peak.hash).reduceRight((right, left) => nodeHash(left, right))

export interface Range {
  readonly from: number
  readonly to: number
}

/** The largest power of two smaller than `count`, where RFC 9162 splits a tree of `count` entries. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

/** Whose hashes prove that entry `index` is in the tree of `size`, in the order of the proof (RFC 9162 2.1.3.1). */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  const path = (from: number, to: number): Range[] => {
    if (to - from === 1) return []
    const middle = from + splitOf(to - from)
    return index < middle ? [...path(from, middle), { from: middle, to }] : [...path(middle, to), { from, to: middle }]
  }
  return path(0, size)
}

/** Whose hashes prove that the tree of `size` begins with the tree of `first` (RFC 9162 2.1.4.1); 0 < first ≤ size. */
export function consistencyRanges(first: number, size: number): readonly Range[] {
  const proof = (from: number, to: number, whole: boolean): Range[] => {
    if (first === to) return whole ? [] : [{ from, to }]
    const middle = from + splitOf(to - from)
    return first <= middle
      ? [...proof(from, middle, whole), { from: middle, to }]
      : [...proof(middle, to, false), { from, to: middle }]
  }
  return proof(0, size, true)
}

/** Whether this path proves that `leaf` is entry `index` of the tree of `size` with this root (RFC 9162 2.1.3.2). */
export function isIncluded(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let [at, last, seen] = [index, size - 1, leaf]
  for (const hash of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      seen = nodeHash(hash, seen)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else seen = nodeHash(seen, hash)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && seen.equals(root)
}

/** Whether this path proves that the tree of `size` begins with the tree of `first` (RFC 9162 2.1.4.2). */
export function isConsistent(
  first: { readonly size: number; readonly root: Hash },
  second: { readonly size: number; readonly root: Hash },
  path: readonly Hash[],
): boolean {
  if (first.size > second.size || first.size < 0) return false
  if (first.size === second.size) return path.length === 0 && first.root.equals(second.root)
  if (first.size === 0) return path.length === 0 && first.root.equals(emptyRoot)
  const whole = Number.isInteger(Math.log2(first.size)) ? [first.root, ...path] : path
  const [begin, ...rest] = whole
  if (!begin) return false
  let [at, last] = [first.size - 1, second.size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  let [one, two] = [begin, begin]
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      ;[one, two] = [nodeHash(hash, one), nodeHash(hash, two)]
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else two = nodeHash(two, hash)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && one.equals(first.root) && two.equals(second.root)
}
