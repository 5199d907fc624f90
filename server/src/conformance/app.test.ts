/** The conformance check against an app on a phone that is right, and against one that is wrong in each thing. */
import { expect, test } from 'vitest'
import { freePort } from '../http/port.testing.ts'
import { type AppFault, appCheats, appFaults, appOfTest, planOfApp, slow, unreadable } from './app.testing.ts'
import { type CheckConfig, check, exitOf, pointsOfApps } from './check.ts'

const chromium = process.env.AMPARO_CHROMIUM ?? '/usr/bin/chromium'

async function checked(fault?: AppFault, more: Partial<CheckConfig> = {}) {
  const port = await freePort()
  const issuer = { origin: `http://127.0.0.1:${port}`, listen: { host: '127.0.0.1', port } }
  const app = await appOfTest(issuer.origin, fault)
  const config = { client: app.client, plan: planOfApp, issuer, chromium, withinMs: 4000, ...more }
  return check(config).finally(app.close)
}
const results = (all: Awaited<ReturnType<typeof checked>>) =>
  Object.fromEntries(
    all.map(({ id, verdict }) => [
      id,
      verdict.result === 'pass' || verdict.result === 'none' ? verdict.result : verdict.says.en,
    ]),
  )

test('an app that is right passes every point', async () => {
  const all = await checked()
  const hasNot = { 'own.booked': 'none' }
  expect(results(all)).toEqual({ ...Object.fromEntries(pointsOfApps.map(({ id }) => [id, 'pass'])), ...hasNot })
  expect(exitOf(all)).toBe(0)
}, 120_000)

test.concurrent.each([...appFaults, ...appCheats])(
  'an app that is wrong is found: %s',
  async (fault) => {
    const [point = ''] = fault.split(':')
    // Found as soon as it is seen; a machine under load takes its time.
    const all = await checked(fault, { only: [point], withinMs: 15_000 })
    expect(all.find(({ id }) => id === point)?.verdict.result).toBe('fail')
    // What everything else stands on is right in them.
    const others = all.filter(({ id }) => id !== point && !point.endsWith('.opens'))
    expect(others.filter(({ verdict }) => verdict.result === 'fail')).toEqual([])
  },
  120_000,
)

test.concurrent('where a page breaks off what asks it, nobody saw that it is right: that is no pass', async () => {
  const all = await checked(unreadable, { only: ['app.key'] })
  expect(results(all)['app.key']).toBe(
    'the browser could not look: the page does not let itself be asked: Error: not today',
  )
  expect(exitOf(all)).toBe(1)
}, 120_000)

test.concurrent('a sign-in that begins by itself is found, however late its page comes', async () => {
  const all = await checked(slow, { only: ['app.waits'], withinMs: 4000 })
  expect(results(all)['app.waits']).toBe('the sign-in began before anybody pressed')
}, 120_000)

test('without a back end, or where no browser runs it, what is left is looked at, and the rest is said to be none', async () => {
  const port = await freePort()
  const issuer = { origin: `http://127.0.0.1:${port}`, listen: { host: '127.0.0.1', port } }
  const app = await appOfTest(issuer.origin)
  const { secret: _secret, ...open } = app.client
  const plan = { ...planOfApp, press: false as const }
  const all = await check({ client: open, plan, issuer, chromium: undefined }).finally(app.close)
  expect(new Set(all.map(({ verdict }) => verdict.result))).toEqual(new Set(['none']))
  // There was nothing to look at: nobody saw that anything is right.
  expect(exitOf(all)).toBe(1)
}, 60_000)
