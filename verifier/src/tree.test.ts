import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../vectors/tree.json' with { type: 'json' }
import {
  consistencyRanges,
  emptyRoot,
  frontierOf,
  grown,
  type Hash,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  noEntries,
  type Range,
  rootOf,
} from './tree.ts'

/** The definition of RFC 9162 2.1.1, word for word and slow: what ours is held against. */
function defined(entries: readonly string[]): Hash {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  if (entries.length === 0) return sha()
  if (entries.length === 1) return sha(Buffer.from([0]), Buffer.from(entries[0] ?? ''))
  const split = 2 ** (Math.ceil(Math.log2(entries.length)) - 1)
  return sha(Buffer.from([1]), defined(entries.slice(0, split)), defined(entries.slice(split)))
}

const entries = Array.from({ length: 70 }, (_, index) => `entry ${index}`)
const treeOf = (all: readonly string[]) =>
  all.reduce((tree, entry) => grown(tree, { level: 0, hash: leafHash(entry) }), noEntries)
const hashOf = ({ from, to }: Range): Hash => defined(entries.slice(from, to))
const flipped = (hash: Hash): Hash => {
  const other = Buffer.from(hash)
  other[7] = (other[7] ?? 0) ^ 1
  return other
}

test('known trees have their known roots', () => {
  expect(emptyRoot.toString('hex')).toBe(vectors.empty)
  const known = vectors.entries.map((hex) => Buffer.from(hex, 'hex'))
  const roots = known.map((_, index) =>
    rootOf(
      known.slice(0, index + 1).reduce((tree, entry) => grown(tree, { level: 0, hash: leafHash(entry) }), noEntries),
    ).toString('hex'),
  )
  expect(roots).toEqual(vectors.roots)
})

test('a tree that grows entry by entry has the root that the definition gives, at every size', () => {
  for (let size = 0; size <= entries.length; size += 1)
    expect(rootOf(treeOf(entries.slice(0, size)))).toEqual(defined(entries.slice(0, size)))
})

test('a tree kept as its peaks goes on as if it had never been put away', () => {
  const before = treeOf(entries.slice(0, 43))
  const kept = frontierOf(
    before.size,
    before.peaks.map((peak) => peak.hash),
  )
  expect(kept).toEqual(before)
  expect(() =>
    frontierOf(
      44,
      kept.peaks.map((peak) => peak.hash),
    ),
  ).toThrow()
})

test('subtrees are told of once each, when they become whole', () => {
  const told: string[] = []
  let tree = noEntries
  for (const entry of entries.slice(0, 20))
    tree = grown(tree, { level: 0, hash: leafHash(entry) }, (level, index, hash) => {
      const span = 2 ** level
      expect(hash).toEqual(defined(entries.slice(index * span, (index + 1) * span)))
      told.push(`${level}:${index}`)
    })
  expect(told.length).toBe(new Set(told).size)
  expect(told.length).toBe(20 + 10 + 5 + 2 + 1)
})

test('every entry is proved to be in every tree that has it, and in no other', () => {
  for (let size = 1; size <= 33; size += 1)
    for (let index = 0; index < size; index += 1) {
      const root = defined(entries.slice(0, size))
      const path = inclusionRanges(index, size).map(hashOf)
      const leaf = leafHash(entries[index] ?? '')
      expect(isIncluded(leaf, index, size, path, root)).toBe(true)
      expect(isIncluded(leafHash('another'), index, size, path, root)).toBe(false)
      expect(isIncluded(leaf, (index + 1) % (size + 1), size, path, root)).toBe(false)
      expect(isIncluded(leaf, index, size, path, flipped(root))).toBe(false)
      expect(isIncluded(leaf, index, size, [...path, leaf], root)).toBe(false)
      if (path.length > 0) expect(isIncluded(leaf, index, size, path.slice(1), root)).toBe(false)
    }
})

test('a larger tree is proved to begin with every smaller one, and with nothing else', () => {
  for (let size = 1; size <= 33; size += 1)
    for (let first = 1; first <= size; first += 1) {
      const [one, two] = [first, size].map((count) => ({ size: count, root: defined(entries.slice(0, count)) }))
      if (!one || !two) throw new Error('two trees')
      const path = consistencyRanges(first, size).map(hashOf)
      expect(isConsistent(one, two, path)).toBe(true)
      expect(isConsistent({ ...one, root: flipped(one.root) }, two, path)).toBe(false)
      expect(isConsistent(one, { ...two, root: flipped(two.root) }, path)).toBe(false)
      expect(isConsistent(one, two, [...path, one.root])).toBe(false)
      if (path.length > 0) expect(isConsistent(one, two, path.slice(1))).toBe(false)
      if (first < size) expect(isConsistent(two, one, path)).toBe(false)
    }
})

test('a subtree begins only where one of its size can begin', () => {
  const tree = treeOf(entries.slice(0, 6))
  const two = defined(entries.slice(6, 8))
  const told: string[] = []
  const made = (level: number, index: number) => void told.push(`${level}:${index}`)
  expect(grown(tree, { level: 1, hash: two }, made)).toEqual(treeOf(entries.slice(0, 8)))
  expect(told).toEqual(['1:3', '2:1', '3:0'])
  expect(() => grown(tree, { level: 2, hash: two })).toThrow('no subtree of level 2 begins at 6')
  expect(() => frontierOf(6, [two])).toThrow('a tree of 6 has 2 peaks')
})

test('no place outside of a tree is in it, whatever the proof', () => {
  const root = defined(entries.slice(0, 1))
  const leaf = leafHash(entries[0] ?? '')
  expect(isIncluded(leaf, 0, 1, [], root)).toBe(true)
  for (const [index, size] of [
    [-1, 1],
    [0.5, 1],
    [1, 1],
    [0, 0],
    [Number.NaN, 1],
  ] as const)
    expect(isIncluded(leaf, index, size, [], root), `${index} of ${size}`).toBe(false)
})

test('a proof that stops early or goes on too long proves nothing, also where somebody chose hashes that fit', () => {
  const [one, three, four] = [1, 3, 4].map((size) => ({ size, root: defined(entries.slice(0, size)) }))
  if (!one || !three || !four) throw new Error('three trees')
  const more = leafHash('more')
  // An inner node is no entry, and a tree of one has nothing beside it.
  expect(isIncluded(four.root, 0, 4, [], four.root)).toBe(false)
  expect(isIncluded(one.root, 0, 1, [more], nodeHash(more, one.root))).toBe(false)
  // No tree begins with a larger one, nor with one of less than nothing.
  expect(isConsistent({ size: 4, root: one.root }, { size: 2, root: one.root }, [])).toBe(false)
  expect(isConsistent({ size: -1, root: one.root }, one, [one.root])).toBe(false)
  const path = consistencyRanges(3, 4).map(hashOf)
  expect(isConsistent(three, four, path)).toBe(true)
  expect(isConsistent(three, { size: 8, root: four.root }, path)).toBe(false)
  const under = (tree: typeof three) => ({ ...tree, root: nodeHash(more, tree.root) })
  expect(isConsistent(under(three), under(four), [...path, more])).toBe(false)
})

test('every tree begins with the empty one, and that needs no proof; of nothing else is that believed', () => {
  const [none, one, three] = [0, 1, 3].map((size) => ({ size, root: defined(entries.slice(0, size)) }))
  if (!none || !one || !three) throw new Error('three trees')
  expect(isConsistent(none, three, [])).toBe(true)
  expect(isConsistent(none, none, [])).toBe(true)
  expect(isConsistent(three, three, [])).toBe(true)
  expect(isConsistent(none, three, [one.root])).toBe(false)
  expect(isConsistent(none, none, [one.root])).toBe(false)
  expect(isConsistent(three, three, [one.root])).toBe(false)
  expect(isConsistent({ size: 0, root: one.root }, three, [])).toBe(false)
  expect(isConsistent({ size: 0, root: one.root }, none, [])).toBe(false)
  expect(isConsistent({ size: -1, root: none.root }, three, [])).toBe(false)
  expect(isConsistent(three, { size: 5, root: three.root }, [])).toBe(false)
})

test('one changed byte in a proof of inclusion makes it worthless', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 64 }), fc.nat(), fc.nat(), (size, at, which) => {
      const index = at % size
      const path = inclusionRanges(index, size).map(hashOf)
      const broken = path.map((hash, place) => (place === which % path.length ? flipped(hash) : hash))
      return !isIncluded(leafHash(entries[index] ?? ''), index, size, broken, defined(entries.slice(0, size)))
    }),
  )
})
