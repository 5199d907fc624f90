/** Changes one file of the rules, the one that `AMPARO_MUTATE` names, a place at a time. */
import { reportOf } from './rules.mjs'

const file = process.env.AMPARO_MUTATE ?? ''

// biome-ignore lint/style/noDefaultExport: it is read this way.
export default {
  mutate: [file],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'mutation/vitest.config.ts', related: false },
  // None of ours is rewritten: paths in them lead out of the copy that is changed.
  tsconfigFile: 'mutation/no-tsconfig.json',
  ignorePatterns: ['screens', 'backoffice', 'demo', 'bench', 'docs', 'mutation/reports', '.amparo'],
  tempDirName: 'mutation/.work',
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
  jsonReporter: { fileName: reportOf(file) },
  thresholds: { high: 90, low: 85, break: null },
}
