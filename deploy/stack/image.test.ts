/**
 * The image without Docker: that its recipe finds everything that it copies, and that what it keeps is everything the
 * server loads. The recipe itself was gone through by hand (docs/guide/aws.md).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(project, path), 'utf8')
const packageOf = (folder: string) => JSON.parse(text(join(folder, 'package.json')))

/** The lines of the recipe, those that go on on the next one in one. */
const lines = text('deploy/Dockerfile')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
interface Copy {
  readonly from: string | undefined
  readonly what: readonly string[]
}
const copies: readonly Copy[] = lines
  .filter((line) => line.startsWith('COPY '))
  .map((line) => {
    const words = line.split(/\s+/).slice(1)
    const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
    return { from, what: words.filter((word) => !word.startsWith('--')).slice(0, -1) }
  })
/** What the last stage takes of what was built, from the project's folder. */
const kept = copies
  .filter(({ from }) => from === 'built')
  .flatMap(({ what }) => what.map((path) => path.replace('/amparo/', '')))

test('everything that the recipe copies is there, and every workspace is known before its packages are installed', () => {
  const sources = copies.filter(({ from }) => from === undefined).flatMap(({ what }) => what)
  expect(sources.filter((path) => !existsSync(join(project, path)))).toEqual([])
  const { workspaces } = packageOf('.') as { workspaces: readonly string[] }
  expect(workspaces.map((folder) => `${folder}/package.json`).filter((path) => !sources.includes(path))).toEqual([])
  const madeThere = ['node_modules', 'backoffice/dist', 'rds.pem']
  expect(kept.filter((path) => !madeThere.includes(path) && !existsSync(join(project, path)))).toEqual([])
})

test('every file and every package that the server loads is in the image', async () => {
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: ['server/bin/amparo.mjs', 'server/src/cli.ts'],
    bundle: true,
    write: false,
    outdir: 'nowhere',
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    packages: 'external',
  })
  const files = Object.keys(metafile.inputs)
  expect(files.length).toBeGreaterThan(150)
  const inImage = (file: string) => kept.some((path) => file === path || file.startsWith(`${path}/`))
  expect(files.filter((file) => !inImage(file))).toEqual([])

  const named = (specifier: string) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
  const loaded = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path))
    .filter((path) => !path.startsWith('node:') && !path.startsWith('.'))
  const ours = Object.keys(packageOf('server').dependencies)
  expect(loaded.length).toBeGreaterThan(30)
  expect([...new Set(loaded.map(named))].filter((name) => !ours.includes(name) && name !== '@amparo/verifier')).toEqual(
    [],
  )
})

test('the image runs on a Node that the project takes, as nobody of weight', () => {
  const bases = lines.filter((line) => line.startsWith('FROM ')).map((line) => /node:(\d+)/.exec(line)?.[1])
  expect(new Set(bases)).toEqual(new Set(['24']))
  expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER 1000'])
})

test('the command of the image begins where nothing can be written', async () => {
  const own = Object.fromEntries(
    lines
      .filter((line) => line.startsWith('ENV '))
      .flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])),
  )
  expect(own).toMatchObject({ NODE_ENV: 'production', NODE_EXTRA_CA_CERTS: '/amparo/rds.pem' })
  // No folder of anybody can be made there, whoever asks.
  const env = {
    ...own,
    NODE_EXTRA_CA_CERTS: '',
    TMPDIR: '/proc/nowhere',
    HOME: '/proc/nowhere',
    PATH: process.env.PATH,
  }
  const child = spawn(process.execPath, ['server/bin/amparo.mjs', '--help'], { cwd: project, env, timeout: 50_000 })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += String(part)))
  expect([(await once(child, 'close'))[0], said]).toEqual([0, expect.stringContaining('Usage: amparo')])
})
