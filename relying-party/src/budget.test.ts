/** What a back end takes in with the package, without its one library (jose): its check, its line, its reports. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const esbuild = join(import.meta.dirname, '../../node_modules/esbuild/bin/esbuild')

/** Bundled and minified, with what it imports of ours; in bytes, compressed. */
function weightOf(...files: readonly string[]): number {
  const code = files.map((file) => `export * from './${file}'`).join('\n')
  const args = ['--bundle', '--minify', '--format=esm', '--platform=node', '--packages=external']
  const { stdout, stderr, status } = spawnSync(esbuild, args, {
    cwd: import.meta.dirname,
    input: code,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  expect(stdout).toContain('/introspect')
  return gzipSync(stdout, { level: 9 }).byteLength
}

test('check, line, logout, reports and both ways to prove oneself weigh at most 5.5 kB', () => {
  expect(weightOf('index.ts', 'report.ts')).toBeLessThanOrEqual(5.5 * 1024)
})
