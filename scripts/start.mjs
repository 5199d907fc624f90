/** `npm start`: makes sure that everything is there, then becomes the demo. With `--aws`, beside doubles of AWS. */
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureAwsClients, ensureBackoffice, ensureDependencies, root } from './ground.mjs'

ensureDependencies()
ensureBackoffice()
const args = fromHere(process.argv.slice(2))
const aws = args.includes('--aws')
if (aws) ensureAwsClients()

// The same process, not a child: whoever signals or kills `npm start` signals or kills the server itself.
const program = join(root, 'demo/start.ts')
process.chdir(root)
// A newer Node takes the types away by itself, and leaves the rest as it is written.
if (!process.features.typescript) await import('tsx')
process.argv = [process.argv[0], program, ...(aws ? await withDoubles() : args)]
await import(pathToFileURL(program).href)

async function withDoubles() {
  const { startDoubles } = await import(pathToFileURL(join(root, 'deploy/doubles/start.ts')).href)
  return startDoubles(args)
}

/** `--data DIR` is meant from where the command was typed; npm itself has gone to the project's folder since. */
function fromHere(args) {
  const typedIn = process.env.INIT_CWD ?? process.cwd()
  return args.map((arg, index) => {
    if (args[index - 1] === '--data') return resolve(typedIn, arg)
    return arg.startsWith('--data=') ? `--data=${resolve(typedIn, arg.slice('--data='.length))}` : arg
  })
}
