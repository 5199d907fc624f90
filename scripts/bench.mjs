/**
 * `npm run bench`: installs the peers on first use, then measures. A word chooses what, and what follows is for that; without one
 * it is everything, with `--long` also what takes long.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBackoffice, ensureDependencies, root, run, tool } from './ground.mjs'

/** Each a program of its own; the others stand in `bench/run.ts`. */
const alone = ['audit', 'beyond', 'endings', 'growth', 'inside', 'lapses', 'memory', 'revoke', 'succession', 'unseen']
const words = process.argv.slice(2)
const [first, ...rest] = words
const isAll = words.every((word) => word === '--long')
const measured = alone.includes(first) ? [[first, ...rest]] : [['run', ...words.filter((word) => word !== '--long')]]
const all = isAll ? [...measured, ...alone.map((name) => (name === 'growth' ? [name, ...words] : [name]))] : measured

ensureDependencies()
ensureBackoffice()
for (const peer of ['better-auth', 'connect-pg-simple'])
  if (!existsSync(join(root, 'bench/node_modules', peer))) {
    console.log('Installing the peers (once) …')
    const code = run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'])
    if (code !== 0) process.exit(2)
  }
const codes = all.map(([name, ...args]) => run(tool('tsx'), [join(root, 'bench', `${name}.ts`), ...args]))
process.exitCode = Math.max(...codes)
