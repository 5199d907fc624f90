import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import note from '../vectors/checkpoint.json' with { type: 'json' }
import { keyFrom, keyText, openNote } from './checkpoint.ts'
import { type Asked, examiner, type Verdict } from './examine.ts'
import { readExport, Unreadable } from './export.ts'
import { bodiesOf, exported, linesOf, noteFor, signer } from './testing.ts'
import { grown, leafHash, noEntries } from './tree.ts'

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

test('the published checkpoint opens with its key, and with one changed letter it does not', () => {
  const key = keyFrom(note.key)
  if (!key) throw new Error('a key')
  expect(keyText(key)).toBe(note.key)
  expect(openNote(note.note, [key])).toMatchObject({ ok: true, checkpoint: { size: note.size, at: note.at } })
  for (let at = 0; at < note.note.length - 1; at += 1) {
    const letter = note.note[at] === 'A' ? 'B' : 'A'
    expect(openNote(note.note.slice(0, at) + letter + note.note.slice(at + 1), [key]).ok, `letter ${at}`).toBe(false)
  }
})

test('the program says in words and by its exit code whether a file is whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-verify-'))
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '../bin/amparo-verify.mjs'), ...args], {
      env: { ...process.env, LANG: 'en', LC_ALL: 'C' },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    )
  const kept = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const good = await kept('good.jsonl', `${whole.join('\n')}\n`)
  const bad = await kept('bad.jsonl', withLine(40, (entry) => ({ ...entry, body: '{}' })).join('\n'))
  const checkpoint = await kept('checkpoint.txt', last)
  const key = ['--key', keyText(ours.key)]
  expect(await run(good, ...key, '--checkpoint', checkpoint)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^300 records, unbroken, 1 checkpoints kept outside agree, [\d.]+ s\.\n$/),
  })
  expect(await run(bad, ...key)).toMatchObject({
    code: 4,
    said: 'Record 40 (ev_40) does not match: its text was changed.\nThe first 40 records are as they were signed. Do not rely on what follows them.\n',
  })
  expect(JSON.parse((await run(bad, ...key, '--json')).said)).toMatchObject({ count: 1, entries: many })
  for (const wrong of [[], [good], [good, '--key', 'nonsense'], [join(folder, 'none'), ...key], [checkpoint, ...key]])
    expect(await run(...wrong)).toMatchObject({ code: 2, said: expect.not.stringContaining('    at ') })
  await rm(folder, { recursive: true })
})
