/** Whoever does not send through AWS has nothing of it: not installed, not loaded. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { staged } from '../../demo/journeys/stage.ts'
import { emptyDatabase } from '../../server/src/database/testing.ts'

const project = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const ofAws = /@aws-sdk|@smithy|aws-cdk|\/deploy\//

/** Every script that a process of Node has loaded, as its coverage names them once it has ended. */
async function loadedBy(work: (coverage: string) => Promise<unknown>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-loaded-'))
  await work(folder)
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
  await rm(folder, { recursive: true, force: true })
  return files.flatMap((text) => JSON.parse(text).result.map(({ url }: { url: string }) => url))
}

test('the default install holds no client of AWS and nothing of its stack', async () => {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'))
  expect(Object.keys(packages).length).toBeGreaterThan(100)
  expect(Object.keys(packages).filter((path) => /@aws-sdk|@smithy|aws-cdk|constructs|cdk-nag/.test(path))).toEqual([])
  const { workspaces } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))
  expect(workspaces).not.toContain('deploy')
})

test('a server that sends over SMTP has loaded no client of AWS; one that sends by a function has', async () => {
  const fresh = await emptyDatabase()
  const served = await loadedBy(async (coverage) => {
    const stage = await staged({ databaseUrl: fresh.url, env: { NODE_V8_COVERAGE: coverage } })
    await stage.stop()
    await stage.remove()
  })
  await fresh.close()
  expect(served.some((url) => url.endsWith('server/src/main.ts'))).toBe(true)
  expect(served.filter((url) => ofAws.test(url))).toEqual([])

  const aws = join(project, 'server/src/messages/aws.ts')
  const loading = `import(${JSON.stringify(aws)}).then(({ clientsOf }) => clientsOf('@aws-sdk/client-lambda'))`
  const loaded = await loadedBy((coverage) =>
    run(process.execPath, ['--import', 'tsx', '-e', loading], {
      cwd: project,
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
    }),
  )
  expect(loaded.some((url) => ofAws.test(url))).toBe(true)
}, 120_000)
