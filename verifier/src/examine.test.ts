import { describe, expect, test } from 'vitest'
import { type Asked, examiner, type Verdict } from './examine.ts'
import { readExport, Unreadable } from './export.ts'
import { bodiesOf, exported, linesOf, noteFor, signer } from './testing.ts'
import { grown, leafHash, noEntries, rootOf } from './tree.ts'

const ours = signer()
const many = 300
const bodies = bodiesOf(many)
const every = 7
const whole = exported(ours, bodies, every)
const treeOf = (all: readonly string[]) =>
  all.reduce((tree, body) => grown(tree, { level: 0, hash: leafHash(body) }), noEntries)
const last = noteFor(ours, treeOf(bodies))

async function examined(lines: readonly string[], asked: Partial<Asked> = {}): Promise<Verdict> {
  const examine = examiner({ keys: [ours.key], ...asked })
  await readExport(linesOf(lines), examine)
  return examine.end()
}
/** Places spread over the record, the first and the last among them. */
const places = Array.from({ length: 40 }, (_, index) => Math.floor((index * (many - 1)) / 39))
const notesAt = new Map(
  whole
    .filter((line) => line.startsWith('{"checkpoint"'))
    .map((line) => [Number(JSON.parse(line).checkpoint.split('\n')[1]), line]),
)
const lineOf = (seq: number) => whole.findIndex((line) => line.startsWith(`{"seq":${seq},`))
const entryAt = (seq: number) => JSON.parse(whole[lineOf(seq)] ?? '{}')
const withLine = (seq: number, change: (entry: Record<string, unknown>) => object | undefined) =>
  whole.flatMap((line, index) => {
    if (index !== lineOf(seq)) return [line]
    const changed = change(JSON.parse(line))
    return changed ? [JSON.stringify(changed)] : []
  })
/** Whether the first thing that was found points at this place: by name, or as one of the few between two checkpoints. */
function pointsAt({ faults: [first], count }: Verdict, seq: number): boolean {
  if (!first || count === 0) return false
  if (first.fault === 'rewritten') return first.from <= seq && seq < first.to && first.to - first.from <= every
  if (first.fault === 'cut') return first.had - seq <= every
  return 'seq' in first && first.seq === seq
}
/** What an insider would write who rewrites the record and cannot sign: their own hashes, the old checkpoints. */
const rewritten = (changed: readonly string[]) => {
  const lines = exported(ours, changed, Number.POSITIVE_INFINITY).filter((line) => !line.startsWith('{"checkpoint"'))
  const left = [...notesAt].filter(([size]) => size >= lines.length).map(([, note]) => note)
  return [...lines.flatMap((line, index) => [line, notesAt.get(index) ?? []].flat()), ...left]
}

describe('by itself', () => {
  const entryOf = (seq: number) => ({ seq, id: `ev_${seq}`, body: bodies[seq], hash: leafHash(bodies[seq] ?? '') })
  const fed = (asked: Partial<Asked>, ...seqs: readonly number[]) => {
    const examine = examiner({ keys: [ours.key], ...asked })
    for (const seq of seqs) examine.entry(entryOf(seq))
    return examine
  }
  const noteAt = (size: number) => noteFor(ours, treeOf(bodies.slice(0, size)))
  const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq)

  test('of many faults the first hundred are shown, and all are counted', () => {
    const { faults, count, entries } = fed({}, 150).end()
    expect(faults).toEqual(upTo(100).map((seq) => ({ fault: 'deleted', seq })))
    expect([count, entries]).toEqual([150, 151])
  })

  test('faults are told in the order of the record, and what has no place in it last', () => {
    const examine = fed({ witnesses: [noteAt(30), 'nonsense'] })
    examine.found({ fault: 'inserted', id: 'ev_nowhere' })
    examine.found({ fault: 'wrong_node', from: 4, to: 8 })
    for (const seq of upTo(10)) examine.entry(seq === 5 ? { ...entryOf(5), body: 'other' } : entryOf(seq))
    examine.found({ fault: 'deleted', seq: 2 })
    expect(examine.end().faults).toEqual([
      { fault: 'deleted', seq: 2 },
      { fault: 'wrong_node', from: 4, to: 8 },
      { fault: 'changed', seq: 5, id: 'ev_5' },
      { fault: 'cut', has: 10, had: 30, witness: true },
      { fault: 'not_ours', witness: true },
      { fault: 'inserted', id: 'ev_nowhere' },
    ])
  })

  test('an entry that comes again, or after its place, was put in; it goes by its id, and by its place where it has none', () => {
    const examine = fed({}, 0, 1, 2, 3, 1)
    examine.entry({ ...entryOf(3), id: undefined })
    examine.checkpoint(noteAt(4))
    expect(examine.end()).toMatchObject({
      entries: 4,
      count: 2,
      // No longer than up to the place that two claim.
      sound: 1,
      faults: [
        { fault: 'inserted', seq: 1, id: 'ev_1' },
        { fault: 'inserted', seq: 3, id: '3' },
      ],
    })
  })

  test('after a gap the missing are named, and nothing more is made of what the tree would be', () => {
    const examine = fed({ witnesses: [noteAt(5), noteAt(30)] }, 0, 1, 3, 4, 5)
    examine.checkpoint(noteAt(6))
    expect(examine.end()).toMatchObject({ faults: [{ fault: 'deleted', seq: 2 }], count: 1, sound: 0, entries: 6 })
  })

  test('checkpoints are held against the tree in the order of their sizes, however they came', () => {
    const examine = fed({ witnesses: [noteAt(20), noteAt(5), noteAt(11)] })
    for (const size of [18, 9, 25, 3]) examine.checkpoint(noteAt(size))
    for (const seq of upTo(30)) examine.entry(entryOf(seq))
    examine.checkpoint(noteAt(30))
    expect(examine.end()).toMatchObject({ count: 0, sound: 30, witnesses: 3, checkpoints: 5 })
  })

  test('the stretch that was rewritten begins at the last checkpoint that fits, and none after it is told of', () => {
    const other = noteFor(ours, treeOf([...bodies.slice(0, 12), 'other']))
    const examine = fed({ witnesses: [noteAt(10), other, noteAt(20)] }, ...upTo(25))
    examine.entry({ ...entryOf(25), body: 'other' })
    examine.checkpoint(noteAt(26))
    expect(examine.end()).toMatchObject({
      faults: [
        { fault: 'rewritten', from: 10, to: 13, witness: true },
        { fault: 'changed', seq: 25 },
      ],
      count: 2,
      sound: 10,
    })
  })

  test('a checkpoint behind entries that it does not count is not in its place', () => {
    const examine = fed({}, ...upTo(5))
    examine.checkpoint(noteAt(3))
    expect(examine.end()).toMatchObject({ faults: [{ fault: 'rewritten', from: 0, to: 3, witness: false }], sound: 0 })
  })

  test('an entry without its text is one that was deleted; it keeps its id, and the tree goes on over its hash', () => {
    const examine = fed({}, 0, 1)
    examine.entry({ ...entryOf(2), body: undefined })
    examine.checkpoint(noteAt(3))
    expect(examine.end()).toMatchObject({ faults: [{ fault: 'deleted', seq: 2, id: 'ev_2' }], count: 1, sound: 2 })
  })

  test('whoever stores subtrees hears of each that became whole', () => {
    const heard: string[] = []
    const root = fed({ made: (level, index) => heard.push(`${level}:${index}`) }, 0, 1, 2, 3).end().root
    expect(heard).toEqual(['0:0', '0:1', '1:0', '0:2', '0:3', '1:1', '2:0'])
    expect(root).toEqual(rootOf(treeOf(bodies.slice(0, 4))))
  })

  test('of a checkpoint that is not believed, the size is told where it names one', () => {
    const examine = fed({})
    for (const no of ['a\n7\nb', 'a\n7.5\nb', 'a\nmany\nb', '']) examine.checkpoint(no)
    expect(examine.end().faults.map((fault) => 'size' in fault && fault.size)).toEqual([
      7,
      undefined,
      undefined,
      undefined,
    ])
  })
})

test('a whole record is whole, to its last entry', async () => {
  const verdict = await examined(whole, { witnesses: [last, noteFor(ours, treeOf(bodies.slice(0, 100)))] })
  expect(verdict).toMatchObject({ entries: many, sound: many, count: 0, faults: [], witnesses: 2 })
  expect(await examined(exported(ours, [], every))).toMatchObject({ entries: 0, count: 0 })
})

test('a changed text is found and named, wherever it is', async () => {
  for (const seq of places)
    expect(
      pointsAt(await examined(withLine(seq, (entry) => ({ ...entry, body: `${entry.body} ` }))), seq),
      `${seq}`,
    ).toBe(true)
})

test('a text that was changed together with its hash is found between two checkpoints', async () => {
  for (const seq of places) {
    const body = `${bodies[seq]} `
    const lines = withLine(seq, (entry) => ({ ...entry, body, hash: leafHash(body).toString('base64') }))
    expect(pointsAt(await examined(lines), seq), `${seq}`).toBe(true)
  }
})

test('an entry that was taken out is named', async () => {
  for (const seq of places.slice(0, -1)) {
    const verdict = await examined(withLine(seq, () => undefined))
    expect(verdict.faults[0]).toMatchObject({ fault: 'deleted', seq })
  }
})

test('an entry that was taken out, with all later ones moved up, is found between two checkpoints', async () => {
  for (const seq of places.slice(0, -1))
    expect(pointsAt(await examined(rewritten(bodies.toSpliced(seq, 1))), seq), `${seq}`).toBe(true)
})

test('an entry that was put in is found between two checkpoints', async () => {
  for (const seq of places)
    expect(pointsAt(await examined(rewritten(bodies.toSpliced(seq, 0, '{"id":"ev_new"}'))), seq), `${seq}`).toBe(true)
})

test('two entries that changed places are found, and it is said where they belong', async () => {
  const seqOf = new Map(bodies.map((body, seq) => [leafHash(body).toString('hex'), seq]))
  for (const seq of places.slice(0, -1)) {
    const [one, two] = [entryAt(seq), entryAt(seq + 1)]
    const lines = whole
      .with(lineOf(seq), JSON.stringify({ ...one, body: two.body }))
      .with(lineOf(seq + 1), JSON.stringify({ ...two, body: one.body }))
    const verdict = await examined(lines, { placeOf: (hash) => seqOf.get(hash.toString('hex')) })
    expect(verdict.faults[0]).toMatchObject({ fault: 'moved', seq, belongs: seq + 1 })
    expect(verdict.count).toBe(2)
    const swapped = rewritten(bodies.with(seq, bodies[seq + 1] ?? '').with(seq + 1, bodies[seq] ?? ''))
    // Both stand in front of one checkpoint, or the later of them right behind it.
    expect(pointsAt(await examined(swapped), seq), `${seq}`).toBe(true)
  }
})

test('a tail that was cut off is found by a checkpoint that was kept outside, and by nothing else', async () => {
  for (const seq of places.slice(1, -1)) {
    const cut = exported(ours, bodies.slice(0, seq), every)
    expect((await examined(cut)).count).toBe(0)
    expect((await examined(cut, { witnesses: [last] })).faults).toEqual([
      { fault: 'cut', has: seq, had: many, witness: true },
    ])
  }
})

test('a record that went on differently from an older copy is found by a checkpoint from before', async () => {
  for (const seq of places.slice(1, -1)) {
    const other = exported(
      ours,
      [...bodies.slice(0, seq), ...bodiesOf(many - seq + 3).map((body) => `${body}\n`)],
      every,
    )
    expect((await examined(other)).count).toBe(0)
    const kept = noteFor(ours, treeOf(bodies.slice(0, seq + 1)))
    const { faults } = await examined(other, { witnesses: [kept] })
    expect(faults).toEqual([{ fault: 'rewritten', from: expect.any(Number), to: seq + 1, witness: true }])
  }
})

test('a checkpoint that somebody else signed is not believed, inside or outside', async () => {
  const theirs = signer()
  const forged = exported(theirs, bodies.slice(0, 20), every)
  expect((await examined(forged)).faults).toMatchObject([
    { fault: 'not_ours', size: 7 },
    { fault: 'not_ours', size: 14 },
    { fault: 'not_ours', size: 20 },
  ])
  expect((await examined(whole, { witnesses: [noteFor(theirs, treeOf(bodies))] })).faults).toMatchObject([
    { fault: 'not_ours', size: many, witness: true },
  ])
  expect((await examined(whole, { witnesses: [last.replace('\nat 2026', '\nat 2027')] })).count).toBe(1)
})

test('what is no export is refused at its line, whatever it holds', async () => {
  for (const [line, lines] of [
    [1, []],
    [1, ['']],
    [1, ['{"seq":0}']],
    [1, ['{"record":"a","format":2}']],
    [2, [whole[0], 'null']],
    [2, [whole[0], '{"seq":-1,"hash":""}']],
    [2, [whole[0], '{"seq":0,"hash":"AAAA","body":""}']],
    [3, [whole[0], whole[1], '{']],
  ] as const)
    await expect(examined(lines.map(String))).rejects.toEqual(new Unreadable(line))
})
