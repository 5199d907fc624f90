import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestLength, longestRecord, type Shelf, shelf } from './shelf.ts'

/** A record of this digest with something behind it. */
const record = (digest: Buffer, length: number): Buffer => Buffer.concat([digest, randomBytes(length)])
const digestOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest()
function at(one: Shelf, place: number, length: number): Buffer {
  const from = one.from(place)
  return Buffer.from(one.page(place).subarray(from, from + length))
}

function dice(seed: number) {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test.each([1, 2, 3, 4])(
  'whatever is put down and taken away, what is there is found, and nothing else (history %i)',
  (seed) => {
    const roll = dice(seed)
    const one = shelf()
    const model = new Map<number, Buffer>()
    for (let step = 0; step < 6000; step += 1) {
      const n = roll(1500)
      const digest = digestOf(n)
      if (roll(3) > 0) {
        const put = record(digest, roll(roll(40) === 0 ? 9000 : 300))
        expect(one.put(put)).toBe(true)
        model.set(n, put)
      } else if (model.delete(n)) one.remove(one.find(digest))
      const found = one.find(digest)
      const expected = model.get(n)
      expect(found !== 0).toBe(expected !== undefined)
      if (expected) expect(at(one, found, expected.length).equals(expected)).toBe(true)
    }
    expect(one.size()).toBe(model.size)
    for (let n = 0; n < 1500; n += 1) {
      const place = one.find(digestOf(n))
      expect([n, place === 0]).toEqual([n, !model.has(n)])
    }
    const walked = [...one.places()].map((place) => at(one, place, digestLength).toString('hex'))
    expect(walked.sort()).toEqual([...model.keys()].map((n) => digestOf(n).toString('hex')).sort())
  },
)

test('whoever walks meets each record that was there from the beginning, whatever comes and goes meanwhile', () => {
  const roll = dice(7)
  const one = shelf()
  const stay = Array.from({ length: 2000 }, (_, n) => n)
  for (const n of stay) one.put(record(digestOf(n), roll(400)))
  const met = new Set<string>()
  let others = 10_000
  for (const place of one.places()) {
    met.add(at(one, place, digestLength).toString('hex'))
    // What is met may go; others come into its place, or grow the index.
    for (let more = 0; more < 3 && others < 16_000; more += 1) {
      one.put(record(digestOf(others), roll(400)))
      others += 1
    }
    const gone = one.find(digestOf(10_000 + roll(6000)))
    if (gone !== 0) one.remove(gone)
  }
  expect(stay.filter((n) => !met.has(digestOf(n).toString('hex')))).toEqual([])
})

test('digests that begin alike are told apart, and one that leaves hides none of the others', () => {
  const one = shelf()
  const alike = Array.from({ length: 60 }, () => Buffer.concat([Buffer.from([1, 0, 0, 0]), randomBytes(28)]))
  for (const digest of alike) one.put(record(digest, 10))
  for (const gone of alike.splice(0, 30)) {
    one.remove(one.find(gone))
    expect(one.find(gone)).toBe(0)
    for (const digest of alike) expect(at(one, one.find(digest), digestLength).equals(digest)).toBe(true)
  }
})

test('what is taken away leaves nothing of itself in memory, and its place to the next', () => {
  const one = shelf()
  const digest = digestOf(1)
  one.put(Buffer.concat([digest, Buffer.from('Marta Ruiz')]))
  const [page, place] = [one.page(one.find(digest)), one.find(digest)]
  one.remove(place)
  expect(page.includes('Marta')).toBe(false)
  one.put(record(digestOf(2), 10))
  expect(one.find(digestOf(2))).toBe(place)
})

test('a record that is longer than any is not kept, nor the shorter one that it would replace', () => {
  const one = shelf()
  const digest = digestOf(1)
  expect(one.put(record(digest, longestRecord - digestLength))).toBe(true)
  expect(one.put(record(digest, longestRecord - digestLength + 1))).toBe(false)
  expect([one.find(digest), one.size()]).toEqual([0, 0])
})
