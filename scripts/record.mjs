/** `npm run test:record`: the record's figures in full; `docs/test-results/record.md` has those of the last time. */
import { join } from 'node:path'
import { ensureDependencies, root, run, tool } from './ground.mjs'

ensureDependencies()
process.exitCode = run(tool('tsx'), [join(root, 'bench/record.ts'), ...process.argv.slice(2)])
