/** What documents say is held by tests: `file › exact test name`, in one backtick, or in two where the name has some. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..')

export interface NamedTest {
  readonly file: string
  readonly name: string
}

export const testsNamed = (text: string): readonly NamedTest[] =>
  [...text.matchAll(/(`{1,2}) ?([^`› ]+) › (.+?) ?\1(?!`)/g)].map(([, , file = '', name = '']) => ({ file, name }))

/** The name stands in the file as the name of a test: `test('…'`, `it('…'`, or the second call of an `each`. */
export function isTest({ file, name }: NamedTest): boolean {
  if (!/\.test\.tsx?$/.test(file) || !existsSync(join(project, file))) return false
  const source = readFileSync(join(project, file), 'utf8')
  return ["'", '"'].some((quote) => new RegExp(`\\(\\s*${literal(quote + name + quote)},`).test(source))
}
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
