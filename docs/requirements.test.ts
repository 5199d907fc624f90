/** docs/requirements.md keeps its word: every requirement once, every file there, every named test really a test. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, testsNamed } from './held.ts'

const project = join(import.meta.dirname, '..')
const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
const ids = [...numbered('S', 44), ...numbered('P', 12), ...numbered('A', 24)]

interface Line {
  readonly id: string
  readonly what: string
  readonly where: readonly string[]
  readonly heldBy: string
}
const lines: readonly Line[] = [
  ...readFileSync(join(import.meta.dirname, 'requirements.md'), 'utf8').matchAll(
    /^\| ([SPA]\d+) \| (.+?) \| (.*?) \| (.+) \|$/gm,
  ),
].map(([, id = '', what = '', where = '', heldBy = '']) => ({
  id,
  what,
  where: [...where.matchAll(/`([^`]+)`/g)].map((path) => path[1] ?? ''),
  heldBy,
}))

test('every requirement has exactly one line', () => {
  expect(lines.map((line) => line.id)).toEqual(ids)
})

test('every line says what, and every file that it names is there', () => {
  expect(lines.filter((line) => line.what.length < 10)).toEqual([])
  const missing = lines.flatMap((line) =>
    line.where.filter((path) => !existsSync(join(project, path))).map((path) => `${line.id}: ${path}`),
  )
  expect(missing).toEqual([])
})

test('every line is held by tests that exist, or says what is still to come', () => {
  const unheld = lines.flatMap((line) => {
    const named = testsNamed(line.heldBy)
    if (named.length === 0 && !/^not yet: .{3,}$/.test(line.heldBy)) return [`${line.id}: held by nothing`]
    return named.filter((one) => !isTest(one)).map(({ file, name }) => `${line.id}: ${file} › ${name}`)
  })
  expect(unheld).toEqual([])
})

test('a line that is held names where it lives', () => {
  expect(
    lines.filter((line) => testsNamed(line.heldBy).length > 0 && line.where.length === 0).map((line) => line.id),
  ).toEqual([])
})

/** Numbered lines of a document: a number, what, and the tests that hold it. */
const numberedIn = (file: string) =>
  [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^\| [TF]?(\d+) \| (.+?) \| (.+) \|$/gm)].map(
    ([, point = '', , heldBy = '']) => ({ point: Number(point), heldBy, named: testsNamed(heldBy) }),
  )
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const absent = ({ point, named }: ReturnType<typeof numberedIn>[number]) =>
  named.filter((one) => !isTest(one)).map(({ file, name }) => `${point}: ${file} › ${name}`)

test('each of the forty points of acceptance is held by tests that exist, and so is all that can be wrong around a server', () => {
  const points = numberedIn('acceptance.md')
  expect(points.map(({ point }) => point)).toEqual(upTo(40))
  expect(points.flatMap((one) => (one.named.length === 0 ? [`${one.point}`] : absent(one)))).toEqual([])
  const [, wrong = ''] = readFileSync(join(import.meta.dirname, 'acceptance.md'), 'utf8').split(
    '## When something is wrong',
  )
  const rows = [...wrong.matchAll(/^\| ([a-z].+?) \| (.+) \|$/gm)].filter(([, what]) => what !== 'what happens')
  const held = rows.map(([, what = '', by = '']) => ({ what, named: testsNamed(by) }))
  expect(held).toHaveLength(14)
  expect(held.filter(({ named }) => named.length === 0 || !named.every(isTest))).toEqual([])
})

test('each of the sixty-six lines of the security checklist is held by tests that exist, or says why there is none', () => {
  const points = numberedIn('checklist.md')
  expect(points.map(({ point }) => point)).toEqual(upTo(66))
  const held = ({ named, heldBy }: (typeof points)[number]) => named.length > 0 || /^none: .{40,}$/.test(heldBy)
  expect(points.flatMap((one) => (held(one) ? absent(one) : [`${one.point}`]))).toEqual([])
})

test('each of the thirty threats is met by tests that exist', () => {
  const threats = numberedIn('threat-model.md')
  expect(threats.map(({ point }) => point)).toEqual(upTo(30))
  expect(threats.flatMap((one) => (one.named.length === 0 ? [`${one.point}`] : absent(one)))).toEqual([])
})

test('each of the thirty-six faults is held by tests that exist, or says why there is none', () => {
  const faults = numberedIn('faults.md')
  expect(faults.map(({ point }) => point)).toEqual(upTo(36))
  const held = ({ named, heldBy }: (typeof faults)[number]) => named.length > 0 || /^none: .{40,}$/.test(heldBy)
  expect(faults.flatMap((one) => (held(one) ? absent(one) : [`${one.point}`]))).toEqual([])
})
