/** `npm run bench`: installs the peers on first use, then measures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBackoffice, ensureDependencies, root, run, tool } from './ground.mjs'

ensureDependencies()
ensureBackoffice()
if (!existsSync(join(root, 'bench/node_modules/better-auth'))) {
  console.log('Installing the peers (once) …')
  const code = run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'])
  if (code !== 0) process.exit(2)
}
process.exitCode = run(tool('tsx'), [join(root, 'bench/run.ts'), ...process.argv.slice(2)])
