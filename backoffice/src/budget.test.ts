/** What an agent's browser loads before the first page can be used, as the build puts it out. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { en } from './words/en.ts'
import { es } from './words/es.ts'

const most = 260 * 1024

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

test('the console’s first load is at most 260 kB of JavaScript and CSS, compressed, with the words of one language', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amparo-build-'))
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../node_modules/vite/bin/vite.js'), 'build', '--manifest', '--outDir', folder],
      { cwd: join(import.meta.dirname, '..'), encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
    )
    expect(status, stderr).toBe(0)
    const chunks: Readonly<Record<string, Chunk>> = JSON.parse(
      readFileSync(join(folder, '.vite/manifest.json'), 'utf8'),
    )
    const files = firstLoad(chunks)
    const sizeOf = (file: string) => gzipSync(readFileSync(join(folder, file))).byteLength
    const languages = readdirSync(join(folder, 'assets')).filter((name) => /^words-(en|es)-/.test(name))
    expect(languages).toHaveLength(2)
    const words = Math.max(...languages.map((name) => sizeOf(join('assets', name))))
    const weight = files.reduce((sum, file) => sum + sizeOf(file), words)
    expect(files.some((file) => file.endsWith('.css'))).toBe(true)
    expect(weight).toBeGreaterThan(100 * 1024)
    expect(weight, files.join(' ')).toBeLessThanOrEqual(most)
    const code = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
    for (const table of [en, es]) expect(code).not.toContain(table['app.stillLoading'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)

/** What the page names, and what that imports without being asked. */
function firstLoad(chunks: Readonly<Record<string, Chunk>>): readonly string[] {
  const wanted = new Set<string>()
  const want = (name: string) => {
    const chunk = chunks[name]
    if (!chunk || wanted.has(chunk.file)) return
    wanted.add(chunk.file)
    for (const style of chunk.css ?? []) wanted.add(style)
    for (const next of chunk.imports ?? []) want(next)
  }
  for (const [name, chunk] of Object.entries(chunks)) if (chunk.isEntry) want(name)
  return [...wanted]
}
