/** The statement on RFC 10027: every item says what we do, and the tests that it names are tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, testsNamed } from './held.ts'

const statement = readFileSync(join(import.meta.dirname, 'rfc10027.md'), 'utf8')
const rows = [...statement.matchAll(/^\| ([A-Z][^|]+) \| ([^|]+) \| ([^|]+) \| (.+) \|$/gm)].map(
  ([, item = '', does = '', open = '', heldBy = '']) => ({ item, does, open, heldBy }),
)

test('every item that is done is held by tests that exist', () => {
  expect(rows.length).toBeGreaterThanOrEqual(17)
  const unheld = rows
    .filter(({ does }) => !does.startsWith('Nothing'))
    .flatMap(({ item, heldBy }) => {
      const named = testsNamed(heldBy)
      return named.length === 0 ? [`${item}: by nothing`] : named.filter((one) => !isTest(one)).map((one) => one.name)
    })
  expect(unheld).toEqual([])
})

test('what is assumed is said: that agent and phone are side by side', () => {
  expect(rows.find(({ item }) => item === 'Establish proximity')?.open).toContain('Assumed')
})
