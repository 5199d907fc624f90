/** A line that is slow is told from a server that is silent. The time is a test's own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const never = Number.POSITIVE_INFINITY
let takesMs = 0
/** What the server says that the time is. */
let date: string | undefined
let looks: typeof import('./connection.ts')

beforeEach(async () => {
  date = undefined
  vi.useFakeTimers()
  vi.stubGlobal('document', { visibilityState: 'visible' })
  vi.stubGlobal('window', { addEventListener: () => undefined })
  vi.stubGlobal('fetch', () => {
    const ms = takesMs
    const answer = () => new Response(null, date === undefined ? {} : { headers: { date } })
    return new Promise((answered) => ms < never && setTimeout(() => answered(answer()), ms))
  })
  vi.resetModules()
  looks = await import('./connection.ts')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
/** Whether the server was thought to answer, looked at twenty times a second. */
async function seenFor(ms: number): Promise<ReadonlySet<boolean>> {
  const seen = new Set<boolean>()
  for (let passed = 0; passed < ms; passed += 50) {
    await pass(50)
    seen.add(looks.isReachable())
  }
  return seen
}

test('a line on which each answer takes longer than a second is no silent server', async () => {
  takesMs = 1_400
  looks.watchConnection(() => undefined)
  expect(await seenFor(30_000)).toEqual(new Set([true]))
})

test('a server that falls silent is said within three seconds, and its first answer ends that, told once', async () => {
  let regained = 0
  takesMs = 20
  looks.watchConnection(() => {
    regained += 1
  })
  await pass(10_000)
  takesMs = never
  await pass(3_000)
  expect([looks.isReachable(), regained]).toEqual([false, 0])
  takesMs = 20
  await pass(2_000)
  expect([looks.isReachable(), regained]).toEqual([true, 1])
})

test('an answer that comes late is an answer, and silence is said on a slow line too', async () => {
  takesMs = 4_000
  looks.watchConnection(() => undefined)
  await pass(3_500)
  expect(looks.isReachable()).toBe(false)
  await pass(600)
  expect(looks.isReachable()).toBe(true)
  await pass(10_000)
  takesMs = never
  await pass(10_000)
  expect(looks.isReachable()).toBe(false)
})

test('that the server can do nothing is so from its saying so to its next other answer', () => {
  const seen: boolean[] = []
  const stop = looks.whenItChanges(() => seen.push(looks.isHalted()))
  for (const refusal of [undefined, 'system.unavailable', 'system.unavailable', 'code.wrong', undefined])
    looks.heard(refusal)
  expect(seen).toEqual([true, false])
  stop()
})

test('a clock that is more than half a minute from the server’s is told, until it is not; and a server that says no time changes nothing', async () => {
  takesMs = 20
  looks.watchConnection(() => undefined)
  const by = async (seconds: number | undefined) => {
    date = seconds === undefined ? undefined : new Date(Date.now() + seconds * 1000).toUTCString()
    await pass(2_000)
    return looks.areClocksApart()
  }
  expect([await by(undefined), await by(25), await by(-25)]).toEqual([false, false, false])
  expect([await by(40), await by(undefined), await by(-40)]).toEqual([true, true, true])
  expect(await by(1)).toBe(false)
})

test('a computer that slept while the server answered is not told that its clock is another one', async () => {
  date = new Date().toUTCString()
  takesMs = 20
  looks.watchConnection(() => undefined)
  vi.setSystemTime(Date.now() + 3_600_000)
  await pass(100)
  expect(looks.areClocksApart()).toBe(false)
})
