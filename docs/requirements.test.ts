/** docs/requirements.md keeps its word: every requirement once, every file there, every named test really a test. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

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

/** The tests that a line names: `file › exact test name`, in one backtick, or in two where the name has some. */
const testsOf = ({ heldBy }: Pick<Line, 'heldBy'>) =>
  [...heldBy.matchAll(/(`{1,2}) ?([^`› ]+) › (.+?) ?\1(?!`)/g)].map(([, , file = '', name = '']) => ({ file, name }))

/** The name stands in the file as the name of a test: `test('…'`, `it('…'`, or the second call of an `each`. */
function isTest(file: string, name: string): boolean {
  if (!/\.test\.tsx?$/.test(file) || !existsSync(join(project, file))) return false
  const source = readFileSync(join(project, file), 'utf8')
  return ["'", '"'].some((quote) => new RegExp(`\\(\\s*${literal(quote + name + quote)},`).test(source))
}
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

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
    const named = testsOf(line)
    if (named.length === 0 && !/^not yet: .{3,}$/.test(line.heldBy)) return [`${line.id}: held by nothing`]
    return named
      .filter(({ file, name }) => !isTest(file, name))
      .map(({ file, name }) => `${line.id}: ${file} › ${name}`)
  })
  expect(unheld).toEqual([])
})

test('a line that is held names where it lives', () => {
  expect(lines.filter((line) => testsOf(line).length > 0 && line.where.length === 0).map((line) => line.id)).toEqual([])
})

/** The points of docs/acceptance.md: a number, what, and the tests that hold it. */
const points = [
  ...readFileSync(join(import.meta.dirname, 'acceptance.md'), 'utf8').matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm),
].map(([, point = '', , heldBy = '']) => ({ point, named: testsOf({ heldBy }) }))

test('each of the twenty-eight points of the screens is held by tests that exist', () => {
  expect(points.map(({ point }) => Number(point))).toEqual(Array.from({ length: 28 }, (_, index) => index + 1))
  const unheld = points.flatMap(({ point, named }) =>
    named.length === 0
      ? [point]
      : named.filter(({ file, name }) => !isTest(file, name)).map(({ file, name }) => `${point}: ${file} › ${name}`),
  )
  expect(unheld).toEqual([])
})
