/** A double that does not flatter says what it does not do, where it stands and in the guide. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onlyDoubles } from '../contract/place.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/aws.md'), 'utf8')
/** They start the doubles, or say what is in one, and are none. */
const others = ['pool.ts', 'run.ts', 'start.ts']
const doubles = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !others.includes(name),
)

/** What stands behind *What it does not do* in the comment that a file opens with. */
function undoneBy(file: string): string {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8')
  const [, comment = ''] = /^\/\*\*\n(.*?)\*\//s.exec(source) ?? []
  const [, list = ''] =
    /What it does not do: (.*?)\.\s*$/s.exec(comment.replace(/\n \* ?/g, ' ').replace(/^ \* /, '')) ?? []
  return list.replace(/\s+/g, ' ').trim()
}
/** The rows of the table under this heading. */
function rowsUnder(heading: string): Readonly<Record<string, string>> {
  const section = guide.split(`# ${heading}\n`)[1]?.split(/\n#/)[0] ?? ''
  const rows = [...section.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].map(([, one = '', other = '']) => [one, other])
  return Object.fromEntries(rows.slice(2))
}

test('every double has a list of what it does not do, and the guide shows it', () => {
  expect(doubles.length).toBeGreaterThan(8)
  const undone = Object.fromEntries(doubles.map((file) => [`\`${file}\``, undoneBy(file)]))
  for (const [file, list] of Object.entries(undone)) expect([file, list.length > 60]).toEqual([file, true])
  expect(rowsUnder('What the doubles do not do')).toEqual(undone)
})

test('what an account cannot do in a suite stands in the guide, each with its reason', () => {
  const reasons = Object.fromEntries(Object.entries(onlyDoubles).map(([name, why]) => [`\`${name}\``, why]))
  expect(rowsUnder('What is skipped in an account')).toEqual(reasons)
})
