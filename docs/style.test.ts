/** What the documents show as TypeScript compiles, under the project's own settings: one process for all of them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '..')
const guides = readdirSync(join(project, 'docs/guide'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/guide/${name}`)
const documents = ['STYLE.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'relying-party/README.md', ...guides]

/** A document's ```ts blocks in their order, as one module. Blocks marked `ts avoid` show what is turned away. */
const blocksOf = (document: string): readonly string[] =>
  [...readFileSync(join(project, document), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '')

/** Compiles these modules in a folder of the project, so that its packages are found, and tells what was said. */
function compiled(modules: ReadonlyMap<string, string>): { status: number | null; said: string } {
  const place = join(project, 'docs/test-results')
  mkdirSync(place, { recursive: true })
  const folder = mkdtempSync(join(place, 'style-'))
  try {
    for (const [name, text] of modules) writeFileSync(join(folder, name), text)
    const settings = { extends: '../../../tsconfig.base.json', files: [...modules.keys()] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const { status, stdout, stderr } = spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    return { status, said: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const moduleName = (document: string) => `${document.replace(/\W/g, '_')}.ts`

test('every block of TypeScript in the documents compiles under our own settings', () => {
  const modules = new Map(
    documents.map((document) => [moduleName(document), `${blocksOf(document).join('\n')}\nexport {}\n`] as const),
  )
  expect(compiled(modules)).toEqual({ status: 0, said: '' })
  expect(blocksOf('STYLE.md').length).toBeGreaterThan(8)
})

test('a block that does not compile is found', () => {
  expect(compiled(new Map([['wrong.ts', 'export const digits: string = 482913\n']])).said).toContain('TS2322')
})
