/**
 * The demo in one file of plain JavaScript: the very same code, and packages, translated and put together once and not at
 * each of a thousand starts. What it reads beside itself stays where it is.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** Makes the program of a spare server in this folder; its address. */
export async function compiled(folder: string): Promise<string> {
  const entry = join(import.meta.dirname, 'spare.ts')
  const outfile = join(folder, 'spare.mjs')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // What older packages find around them.
    banner: { js: `import { createRequire as from } from 'node:module'; const require = from(${urlOf(entry)})` },
    plugins: [asInItsPlace, programsInTheirPlace],
  })
  return outfile
}

const urlOf = (path: string): string => JSON.stringify(pathToFileURL(path).href)

/** What a file says of its own place is its place in the project. */
const asInItsPlace: Plugin = {
  name: 'as in its place',
  setup: (one) =>
    one.onLoad({ filter: /\.(ts|js|mjs|cjs)$/ }, async ({ path }) => ({
      loader: path.endsWith('.ts') ? 'ts' : 'js',
      contents: (await readFile(path, 'utf8'))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path))
        .replaceAll('import.meta.url', urlOf(path))
        .replaceAll('__dirname', JSON.stringify(dirname(path))),
    })),
}

/** These bring programs of the machine with them. */
const programsInTheirPlace: Plugin = {
  name: 'programs in their place',
  setup: (one) =>
    one.onResolve({ filter: /^(esbuild|@node-rs\/argon2)$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined
      const found = await one.resolve(path, { kind, resolveDir, pluginData: 'asked' })
      return { path: pathToFileURL(found.path).href, external: true }
    }),
}
