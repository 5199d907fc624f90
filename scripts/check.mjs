/** `npm run check`: form, lint and types of everything. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root, run, tool } from './ground.mjs'

ensureDependencies()

const projects = [
  ['tsconfig.json', 'tsconfig.json'],
  ['backoffice/tsconfig.json', 'backoffice/src'],
  ['relying-party/tsconfig.browser.json', 'relying-party/src'],
  ['demo/app/tsconfig.json', 'demo/app/client'],
  // What stands outside the default install is looked at where it was installed.
  ['deploy/stack/tsconfig.json', 'deploy/stack/node_modules'],
].filter((needed) => needed.every((path) => existsSync(join(root, path))))

const checks = [['biome', 'check', '--error-on-warnings', '.'], ...projects.map(([project]) => ['tsc', '-p', project])]

const failed = checks.filter(([name, ...args]) => {
  const passed = run(tool(name), args) === 0
  console.log(`${passed ? '✓' : '✗'} ${[name, ...args].join(' ')}`)
  return !passed
})
process.exit(failed.length === 0 ? 0 : 1)
