/** The tests of the one file that is changed: no database, no browser, so that hundreds of runs are affordable. */
import { defineConfig } from 'vitest/config'
import { rules } from './rules.mjs'

const tests: Readonly<Record<string, readonly string[]>> = rules

export default defineConfig({
  test: { include: [...(tests[process.env.AMPARO_MUTATE ?? ''] ?? [])], testTimeout: 60_000 },
})
