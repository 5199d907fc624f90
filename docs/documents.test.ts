/** What the documents say of the code is what the code says: links, settings, and the arrows between rooms. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { meanings, policyFrom } from '../server/src/config.ts'
import { policyRows } from '../server/src/policy/table.ts'

const project = join(import.meta.dirname, '..')
const text = (path: string) => readFileSync(join(project, path), 'utf8')
const documents = ['.', 'docs', 'docs/decisions', 'docs/guide'].flatMap((folder) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

/** What GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
const anchorsOf = (path: string): readonly string[] =>
  [...text(path).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''))

test('no link between the documents leads nowhere', () => {
  const broken = documents.flatMap((document) =>
    [...text(document).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]+))?\)/g)]
      .filter(([, path = '', anchor]) => {
        const target = path === '' ? document : join(dirname(document), path)
        return !existsSync(join(project, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
      })
      .map((match) => `${document}: ${match[0]}`),
  )
  expect(broken).toEqual([])
})

/** The lines `key: ['a', 'b'],` of one object in the architecture test. */
function tableIn(name: string): Readonly<Record<string, readonly string[]>> {
  const source = text('server/src/architecture.test.ts')
  const body = new RegExp(`${name}[^=]*= \\{(.*?)\\n *\\}`, 's').exec(source)?.[1] ?? ''
  return Object.fromEntries(
    [...body.matchAll(/^\s+'?([a-z_-]+)'?: \[([^\]]*)\]/gm)].map((match) => [
      match[1] ?? '',
      [...(match[2] ?? '').matchAll(/'([^']+)'/g)].map((word) => word[1] ?? ''),
    ]),
  )
}
/** The rows of the table under one heading of ARCHITECTURE.md; a dash is nothing. */
function rowsUnder(heading: string): Readonly<Record<string, readonly string[]>> {
  const section = text('ARCHITECTURE.md').split(`### ${heading}\n`)[1]?.split(/\n#/)[0] ?? ''
  return Object.fromEntries(
    [...section.matchAll(/^\| `([^`]+)` \| ([^|]*) \|/gm)].map((match) => [
      match[1] ?? '',
      [...(match[2] ?? '').matchAll(/`([^`]+)`/g)].map((word) => word[1] ?? ''),
    ]),
  )
}

test.each([
  ['Between workspaces', 'arrows'],
  ['Between rooms', 'mayUse'],
  ['Who writes which table', 'writers'],
])('the table "%s" of ARCHITECTURE.md is the one that the architecture test holds', (heading, name) => {
  expect(Object.keys(tableIn(name)).length).toBeGreaterThan(4)
  expect(rowsUnder(heading)).toEqual(tableIn(name))
})

test('every setting stands in the guide with its meaning', () => {
  const rows = [...text('docs/guide/run.md').matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map((match) => [
    match[1],
    match[2],
  ])
  expect(Object.fromEntries(rows)).toEqual(meanings)
})

test('the guide to the policy has every row of it, as the presets say it, and its example is a policy', () => {
  const guide = text('docs/guide/policy.md')
  const rows = policyRows.map(
    ({ path, field }) =>
      `| \`${path}\` | ${field.means.en} | ${field.wanted.en} | \`${JSON.stringify(field.standard)}\` | \`${JSON.stringify(field.strict)}\` |`,
  )
  expect(guide.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows)
  const [, example = ''] = /```json\n(.*?)```/s.exec(guide) ?? []
  expect(policyFrom(JSON.parse(example))).toMatchObject({
    breakGlass: { minutes: 15 },
    secondPerson: { sameUserFrom: 3 },
  })
})
