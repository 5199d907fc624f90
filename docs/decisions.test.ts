/** The records of decisions: one for every direct dependency, and each in the same short form. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'decisions')
const text = (path: string) => readFileSync(path, 'utf8')
const records = readdirSync(folder).sort()

interface Packages {
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const packagesOf = (workspace: string): Packages => JSON.parse(text(join(project, workspace, 'package.json')))

test('every direct dependency has a line', () => {
  const wanted = ['.', ...(packagesOf('.').workspaces ?? [])].flatMap((workspace) => {
    const { dependencies, devDependencies, optionalDependencies } = packagesOf(workspace)
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([name]) => !name.startsWith('@amparo/'))
      .map(([name, version]) => `${name} ${version}`)
  })
  const record = records.find((name) => name.endsWith('-dependencies.md')) ?? ''
  const listed = [...text(join(folder, record)).matchAll(/^\| `([^`]+)` \| ([^ |]+) \| (.{10,}) \|$/gm)].map(
    (match) => `${match[1]} ${match[2]}`,
  )
  expect([...listed].sort()).toEqual([...new Set(wanted)].sort())
})

test('records are numbered without a gap and say what, why and what we would regret', () => {
  expect(records.map((name) => name.slice(0, 4))).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')))
  for (const name of records) {
    const record = text(join(folder, name))
    expect(record, name).toMatch(new RegExp(`^# ${name.slice(0, 4)} `))
    for (const part of ['What', 'Why', 'What we would regret']) expect(record, name).toContain(`\n**${part}.** `)
  }
})
