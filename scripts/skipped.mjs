/** What a run of the tests skipped, and why: a test says it in its `meta.skipped`, or the name of its outermost suite does. */
import { relative } from 'node:path'

/** By file and reason, out of the results of Vitest's JSON reporter. */
export function skippedIn(testResults) {
  const found = new Map()
  for (const { name, assertionResults } of testResults) {
    const file = relative('.', name)
    for (const { status, title, ancestorTitles, meta } of assertionResults) {
      if (status !== 'skipped' && status !== 'pending') continue
      const why = meta?.skipped ?? ancestorTitles.find((one) => one !== '') ?? title
      const key = `${file}\n${why}`
      found.set(key, { file, why, count: (found.get(key)?.count ?? 0) + 1 })
    }
  }
  return [...found.values()]
}
