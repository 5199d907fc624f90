/** What a phone loads besides pages: the scripts, made of `client/` at the start, the decoder, and what makes the App installable. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Context, Hono } from 'hono'
import type { Env } from '../vendor/outside.ts'

const require = createRequire(import.meta.url)
const scripts = ['help', 'my', 'worker'] as const
type Script = (typeof scripts)[number]

export interface Files {
  readonly scripts: Readonly<Record<Script, string>>
  readonly decoder: Uint8Array<ArrayBuffer>
}

export async function filesOfApp(): Promise<Files> {
  const folder = join(import.meta.dirname, 'client')
  const { outputFiles } = await build({
    entryPoints: scripts.map((name) => join(folder, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  const textOf = (name: Script): string => {
    const file = outputFiles.find(({ path }) => path.endsWith(`${name}.js`))
    if (!file) throw new Error(`the App's ${name}.js was not made`)
    return file.text
  }
  return {
    scripts: { help: textOf('help'), my: textOf('my'), worker: textOf('worker') },
    decoder: new Uint8Array(await readFile(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))),
  }
}

const icon = readFileSync(new URL('icon.svg', import.meta.url), 'utf8')

const manifest = {
  id: '/',
  name: 'Acme',
  short_name: 'Acme',
  start_url: '/my/',
  scope: '/',
  display: 'standalone',
  background_color: '#f3f7ec',
  theme_color: '#1f5c22',
  icons: [
    { src: '/static/icon.svg', type: 'image/svg+xml', sizes: 'any', purpose: 'any' },
    { src: '/static/icon.svg', type: 'image/svg+xml', sizes: 'any', purpose: 'maskable' },
  ],
}

export function fileRoutes(app: Hono<Env>, { scripts, decoder }: Files): void {
  const script = (text: string) => (c: Context<Env>) =>
    c.body(text, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
  app.get('/static/help.js', script(scripts.help))
  app.get('/static/my.js', script(scripts.my))
  // Its folder is its reach: it never meets a request of the page of help.
  app.get('/my/worker.js', script(scripts.worker))
  app.get('/static/zxing_reader.wasm', (c) => {
    // A megabyte that is the same for everybody.
    const headers = { 'Content-Type': 'application/wasm', 'Cache-Control': 'public, max-age=86400' }
    return c.body(decoder, 200, headers)
  })
  app.get('/static/icon.svg', (c) => c.body(icon, 200, { 'Content-Type': 'image/svg+xml' }))
  app.get('/manifest.webmanifest', (c) =>
    c.body(JSON.stringify(manifest), 200, { 'Content-Type': 'application/manifest+json' }),
  )
}
