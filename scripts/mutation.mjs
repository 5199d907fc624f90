/**
 * `npm run test:mutation`: changes the pure rules, one place at a time, and asks whether a test notices. Words after `--`
 * choose files; the table at the end has all that were done here before as well.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { reportOf, rules } from '../mutation/rules.mjs'
import { ensureDependencies, ensureMutation, root, run } from './ground.mjs'

const enough = 85
const words = process.argv.slice(2)
const files = Object.keys(rules)
const chosen = files.filter((file) => words.length === 0 || words.some((word) => file.includes(word)))

ensureDependencies()
ensureMutation()
const stryker = join(root, 'mutation/node_modules/@stryker-mutator/core/bin/stryker.js')
const broken = chosen.filter((file) => {
  console.log(`\n${file}`)
  rmSync(join(root, reportOf(file)), { force: true })
  return run(process.execPath, [stryker, 'run', 'mutation/stryker.config.mjs'], { AMPARO_MUTATE: file }) !== 0
})

const found = files.flatMap((file) => {
  const report = join(root, reportOf(file))
  return existsSync(report) ? [{ file, ...countIn(JSON.parse(readFileSync(report, 'utf8'))) }] : []
})
const all = found.reduce((sum, { noticed, never }) => ({ noticed: sum.noticed + noticed, never: sum.never + never }), {
  noticed: 0,
  never: 0,
})
console.log('\n| file | changes | noticed | not noticed | |\n| --- | ---: | ---: | ---: | ---: |')
for (const one of found) console.log(rowOf(`\`${one.file}\``, one))
console.log(rowOf('all of them', all))
for (const file of broken) console.log(`\n${file} was not gone through; the reason stands above.`)
process.exitCode = broken.length === 0 && chosen.length > 0 && scoreOf(all) >= enough ? 0 : 1

/** A change that never ends is noticed too; one that does not compile or cannot be tried is none. */
function countIn({ files: reported }) {
  const states = Object.values(reported).flatMap(({ mutants }) => mutants.map(({ status }) => status))
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length
  return { noticed: count('Killed', 'Timeout'), never: count('Survived', 'NoCoverage') }
}

function rowOf(name, counts) {
  const { noticed, never } = counts
  return `| ${name} | ${noticed + never} | ${noticed} | ${never} | ${scoreOf(counts).toFixed(1)} % |`
}

function scoreOf({ noticed, never }) {
  return noticed + never === 0 ? 0 : (100 * noticed) / (noticed + never)
}
