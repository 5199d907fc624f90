/** The last lines of `npm test` say what nobody tried, and why. */
import { expect, test } from 'vitest'

const { skippedIn } = await import(new URL('../scripts/skipped.mjs', import.meta.url).href)

test('what was skipped is told by file and reason, with how many; what ran is not among it', () => {
  const one = (status: string, title: string, suite: string, meta: object = {}) => ({
    status,
    title,
    ancestorTitles: ['', suite].filter((name) => name !== ''),
    meta,
  })
  const account = 'mail: an account of AWS (skipped; to ask it, set AMPARO_AWS_CONTRACT=1)'
  const results = [
    {
      name: `${process.cwd()}/deploy/contract/delivery.test.ts`,
      assertionResults: [
        one('skipped', 'arrives', account),
        one('skipped', 'arrives once', account),
        one('passed', 'arrives', 'mail: doubles'),
        one('skipped', 'is slow', 'mail: played', { skipped: 'nobody can make AWS slow' }),
      ],
    },
    {
      name: `${process.cwd()}/a.test.ts`,
      assertionResults: [one('skipped', 'alone', ''), one('failed', 'broken', '')],
    },
  ]
  expect(skippedIn(results)).toEqual([
    { file: 'deploy/contract/delivery.test.ts', why: account, count: 2 },
    { file: 'deploy/contract/delivery.test.ts', why: 'nobody can make AWS slow', count: 1 },
    { file: 'a.test.ts', why: 'alone', count: 1 },
  ])
})
