/** `npm run test:faults`: what breaks, on purpose. As in every run of the tests; with `-- --full` as often as the figures say. */
import { ensureDependencies, run, tool } from './ground.mjs'

const given = process.argv.slice(2)
const full = given.includes('--full')
const words = given.filter((one) => one !== '--full')

ensureDependencies()
process.exitCode = run(
  tool('vitest'),
  [
    'run',
    '--reporter=tree',
    '--maxWorkers=1',
    ...(words.length > 0 ? words.map((one) => `demo/faults/${one}`) : ['demo/faults/']),
  ],
  full ? { AMPARO_FAULTS: 'full', AMPARO_FUZZ_MINUTES: process.env.AMPARO_FUZZ_MINUTES ?? '60' } : {},
)
