/** `npm test`: every test, then those that rest on the database again on PostgreSQL 15. Words after `--` choose files. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import {
  ensureAwsClients,
  ensureAwsStack,
  ensureBackoffice,
  ensureChromium,
  ensureDependencies,
  run,
  tool,
} from './ground.mjs'
import { skippedIn } from './skipped.mjs'

const chosen = process.argv.slice(2)
const postgres15 = '/usr/lib/postgresql/15/bin'
const onTheDatabase = ['server/src/database/', '.flow.test.ts', '.race.test.ts', 'main-job']

ensureDependencies()
const chromium = ensureChromium()
ensureBackoffice()
ensureAwsClients()
ensureAwsStack()

const runs = [tested(chosen)]
if (chosen.length === 0 && existsSync(join(postgres15, 'postgres'))) {
  console.log('\nAgain on PostgreSQL 15:')
  runs.push(tested(onTheDatabase, { AMPARO_TEST_POSTGRES: postgres15 }))
} else if (chosen.length === 0) {
  console.log(`\nNot tried on PostgreSQL 15: ${postgres15} is not there.`)
}

// What nobody tried is told with why, so that a green end is not taken for more than it is.
for (const line of new Set(runs.flatMap((one) => one.skipped))) console.log(line)
const passed = runs.reduce((sum, one) => sum + one.passed, 0)
const failed = runs.reduce((sum, one) => sum + one.failed, 0)
if (passed + failed === 0) console.log('No test was run.')
// Once more at the end, where whoever sees only the last lines of a long output finds what to mend.
for (const { file, name, why } of runs.flatMap((one) => one.failures)) console.log(`\nFAILED ${file} > ${name}\n${why}`)
// Not process.exit: what was printed has to arrive, also through a pipe.
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed`)

/** Runs the tests whose path holds one of these words and counts; a run that broke counts as a failure. */
function tested(words, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'amparo-tests-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=tree', '--reporter=json', `--outputFile.json=${report}`]
  const code = run(tool('vitest'), ['run', ...reporters, ...words], { AMPARO_CHROMIUM: chromium, ...env })
  const { passed, failed, failures, skipped } = countIn(report)
  rmSync(folder, { recursive: true, force: true })
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, failures, skipped }
}

function countIn(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1, failures: [], skipped: [] }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // A file that could not be read, or not be prepared, has failed without a failed test of its own.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  const failures = testResults.flatMap((file) => {
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed')
    const where = relative('.', file.name)
    return broken.includes(file)
      ? [{ file: where, name: 'the whole file', why: firstLines(file.message) }]
      : failedTests.map((test) => ({ file: where, name: test.fullName, why: firstLines(test.failureMessages[0]) }))
  })
  const skipped = skippedIn(testResults).map(({ file, why, count }) => `skipped ${count} of ${file}: ${why}`)
  return { passed: numPassedTests, failed: numFailedTests + broken.length, failures, skipped }
}

/** What was expected, what came, and the first places it came through. */
function firstLines(message = '') {
  return message.split('\n').slice(0, 12).join('\n')
}
