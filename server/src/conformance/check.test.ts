/** The conformance check against a surface that is right, and against one that is wrong in each thing. */
import { expect, test } from 'vitest'
import { freePort } from '../http/port.testing.ts'
import { type CheckConfig, type Checked, check, exitOf, points } from './check.ts'
import { type Cheat, cheats, type Fault, faults, planOfTest, surfaceOfTest } from './surface.testing.ts'

const chromium = process.env.AMPARO_CHROMIUM ?? '/usr/bin/chromium'

async function checked(
  fault?: Fault | Cheat,
  more: Partial<CheckConfig> = {},
  live?: (one: Checked) => void,
  launchesAtMost?: number,
) {
  const port = await freePort()
  const issuer = { origin: `http://127.0.0.1:${port}`, listen: { host: '127.0.0.1', port } }
  const surface = await surfaceOfTest(issuer.origin, fault, launchesAtMost)
  const { client } = surface
  // A machine under load takes its time; a surface that never ends is told of after this.
  const config = { client, plan: planOfTest, issuer, chromium, withinMs: 4000, ...more }
  return check(config, live).finally(surface.close)
}
const others = (all: readonly Checked[]) =>
  all.filter(({ verdict }) => verdict.result !== 'pass').map(({ id, verdict }) => [id, verdict])

test('a surface that is right passes every point, each told when it is known', async () => {
  const live: string[] = []
  const all = await checked(undefined, {}, ({ id }) => live.push(id))
  expect(others(all)).toEqual([])
  expect([exitOf(all), live]).toEqual([0, points.map(({ id }) => id)])
}, 240_000)

test('every point has a surface that is wrong in it', () => {
  expect([...faults].sort()).toEqual(points.map(({ id }) => id).sort())
})

/** What takes a browser to see. */
const looked = /^banner\.(holds|covers)|^end\.now/

test.concurrent.each(faults)(
  'what is wrong with %s is named by that point, and by no other',
  async (fault) => {
    const all = await checked(fault, looked.test(fault) ? {} : { chromium: undefined })
    const failed = all.filter(({ verdict }) => verdict.result === 'fail')
    expect(failed.map(({ id }) => id)).toEqual([fault])
    expect(exitOf(all)).toBe(1)
  },
  120_000,
)

test.concurrent.each(cheats)(
  'what only seems to be right is found: %s',
  async (cheat) => {
    const [point = ''] = cheat.split(':')
    const all = await checked(cheat, { only: [point] })
    expect(all.map(({ id, verdict }) => [id, verdict.result])).toEqual([
      ['entry.opens', 'pass'],
      [point, 'fail'],
    ])
  },
  60_000,
)

test('a surface that stops opening anything passes nothing by that', async () => {
  const all = await checked(undefined, { chromium: undefined }, undefined, 14)
  const from = all.findIndex(({ verdict }) => verdict.result === 'fail')
  expect(from).toBeGreaterThan(0)
  expect(all.slice(from).filter(({ verdict }) => verdict.result === 'pass')).toEqual([])
}, 240_000)
