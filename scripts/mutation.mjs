/**
 * `npm run test:mutation`: changes the pure rules, one place at a time, and asks whether a test notices. What does the changing
 * (Stryker) is installed on first use, apart from everything else.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root, run } from './ground.mjs'

ensureDependencies()
const program = join(root, 'mutation/node_modules/@stryker-mutator/core/bin/stryker.js')
if (!existsSync(program)) {
  console.log('Installing what changes the rules (once) …')
  const code = run('npm', [
    'ci',
    '--prefix',
    'mutation',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
  ])
  if (code !== 0) process.exit(2)
}
process.exitCode = run(process.execPath, [
  program,
  'run',
  join(root, 'mutation/stryker.config.json'),
  ...process.argv.slice(2),
])
