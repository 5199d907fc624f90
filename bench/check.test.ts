/**
 * What is held of the benchmarks each time: what can be counted exactly, and ratios of CPU in one run so wide that no machine and no
 * neighbour can miss them, the best of a few rounds. How fast it is on which machine, `npm run bench` says. Its peer that has to be installed does not take part.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allRead, anywhere, bare, type Checker, checkCost, exampleAnswer, oidcProvider, shortOf, us } from './check.ts'
import { type Ground, startGround } from './ground.ts'

const [sessions, requests, rounds] = [1000, 1500, 3]
let folder: string
let ground: Ground
let checkers: readonly Checker[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amparo-bench-'))
  ground = await startGround()
  checkers = [
    await us(await ground.database('ours'), folder, sessions, (count) => allRead(ground, count)),
    await bare(exampleAnswer),
    await oidcProvider(await ground.database('oidc'), 100),
  ]
})
afterAll(async () => {
  for (const one of checkers ?? []) await one.stop()
  await ground?.close()
  await rm(folder, { recursive: true, force: true })
})

test('a check asks the database nothing, and is not dearer than a stock introspection anywhere', async () => {
  expect(shortOf(await checkCost(ground, checkers, requests, rounds, 0), anywhere)).toEqual([])
}, 120_000)
