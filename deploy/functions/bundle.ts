/** The functions as they are deployed: each a file of its own with everything in it. */
import { join } from 'node:path'
import { build } from 'esbuild'

export const functionNames = ['deliver', 'bridge-define', 'bridge-create', 'bridge-verify', 'bridge-tokens'] as const
export type FunctionName = (typeof functionNames)[number]

/** Where the bundles stand, a folder for each; the stack deploys these folders and the doubles run them. */
export const bundles = join(import.meta.dirname, '../dist')

export async function bundle(names: readonly FunctionName[] = functionNames, folder = bundles): Promise<string> {
  await Promise.all(
    names.map((name) =>
      build({
        entryPoints: [join(import.meta.dirname, `${name}.ts`)],
        outfile: join(folder, name, 'index.mjs'),
        bundle: true,
        platform: 'node',
        target: 'node20',
        format: 'esm',
        minify: true,
        legalComments: 'none',
        // The clients are installed beside the stack, not beside the sources.
        nodePaths: [join(import.meta.dirname, '../clients/node_modules')],
        // Some packages inside still ask for `require`.
        banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      }),
    ),
  )
  return folder
}
