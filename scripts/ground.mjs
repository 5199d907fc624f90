/** What has to be there before anything of ours can run. No dependencies: this is what installs them. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a program in the project's folder, its output shown, and tells its exit code. */
export function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error) console.error(`${program}: ${error.message}`)
  return status ?? 1
}

/** Where the programs of our dependencies are. */
export const tool = (name) => join(root, 'node_modules/.bin', name)

/** Ends this process with a sentence that says what to do. */
function giveUp(sentence) {
  console.error(sentence)
  process.exit(2)
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  giveUp(
    `Amparo needs Node 20.19 or newer; this is ${process.versions.node}. Install Node 24 from https://nodejs.org and try again.`,
  )
}

/** What npm says besides errors is about packages of packages: nobody who begins here can do anything about it. */
const quietly = ['--no-audit', '--no-fund', '--loglevel=error']

/** Installs the dependencies where they are missing or are not those of the lock file. */
export function ensureDependencies() {
  ensureNode()
  if (installedAsLocked()) return
  console.log('Installing the dependencies (once, about half a minute) …')
  const code = run('npm', ['ci', ...quietly])
  if (code !== 0) giveUp('The dependencies could not be installed; npm says why above. Then try again.')
}

/** Installs the clients of AWS, which nothing of the default needs: 28 MB, a few seconds. */
export const ensureAwsClients = () => ensureApart('deploy/clients', 'the clients of AWS')

/** Installs what the stack of AWS is made with, for its tests: 190 MB, half a minute. */
export const ensureAwsStack = () => ensureApart('deploy/stack', 'what the stack of AWS is made with')

/** Installs what changes the rules to see whether a test notices: 60 MB, ten seconds. */
export const ensureMutation = () => ensureApart('mutation', 'what changes the rules')

/** A package of its own, outside the workspaces. */
function ensureApart(folder, what) {
  if (installedAsLocked(folder)) return
  console.log(`Installing ${what} (once) …`)
  const code = run('npm', ['ci', '--prefix', folder, ...quietly])
  if (code !== 0) giveUp(`${what} could not be installed; npm says why above. Then try again.`)
}

/** npm notes what it has installed when it has finished; other machines' optional packages are rightly missing there. */
function installedAsLocked(folder = '.') {
  const installed = packagesOf(join(folder, 'node_modules/.package-lock.json'))
  const locked = packagesOf(join(folder, 'package-lock.json'))
  return Object.entries(locked).every(([place, { version, integrity, optional }]) => {
    const there = installed[place]
    if (!there) return place === '' || optional === true
    return there.version === version && there.integrity === integrity
  })
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

/** Builds the console where it is missing or older than what it is made of. */
export function ensureBackoffice() {
  if (!existsSync(join(root, 'backoffice/src'))) return
  const built = join(root, 'backoffice/dist/index.html')
  const sources = [...filesIn('backoffice/src'), ...filesIn('contract/src'), ...settingsIn('backoffice')]
  if (existsSync(built) && sources.every((file) => statSync(file).mtimeMs <= statSync(built).mtimeMs)) return
  console.log('Building the console …')
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) giveUp(`${stdout}${stderr}\nThe console could not be built; the reason stands above.`)
}

const filesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

const settingsIn = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => /\.(ts|json|html)$/.test(name))
    .map((name) => join(root, folder, name))

const browsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

/** Finds a Chromium for the journeys, installs Debian's where it may, and tells its path. */
export function ensureChromium() {
  const found = () => [process.env.AMPARO_CHROMIUM, ...browsers].find((path) => path && existsSync(path))
  if (!found() && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    console.log('Installing Chromium for the tests in a browser (once) …')
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    run('apt-get', ['update', '-qq'], quiet)
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
  }
  return found() ?? giveUp(`The tests in a browser need Chromium. ${howToGetChromium()}`)
}

const howToGetChromium = () =>
  existsSync('/usr/bin/apt-get')
    ? 'Type: sudo apt-get install chromium'
    : 'Install it and name it: AMPARO_CHROMIUM=/path/to/chromium npm test'
