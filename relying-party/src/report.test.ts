import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Batch, reporter, type Told } from './report.ts'

let sent: Batch[]
let answer: () => Promise<Told>
beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  answer = async () => 'taken'
})
afterEach(() => {
  vi.useRealTimers()
})
const telling = (keepAtMost = 1000) => {
  const troubles: string[] = []
  const reports = reporter({
    keepAtMost,
    onTrouble: (what) => troubles.push(what),
    async send(batch) {
      const told = await answer()
      if (told === 'taken') sent.push(batch)
      return told
    },
  })
  const report = (token: string, en: string) => reports.report(token, { en, es: en })
  return { ...reports, report, troubles }
}
const acts = () => sent.map(({ token, acts, count }) => [token, acts.map(({ what }) => what.en).join(' '), count])

test('a second after the first act at the latest they are told together, each token by itself, with its running count', async () => {
  const { report, waiting } = telling()
  for (const what of ['a', 'b']) report('t1', what)
  report('t2', 'x')
  await vi.advanceTimersByTimeAsync(999)
  expect(acts()).toEqual([
    ['t1', 'a b', 2],
    ['t2', 'x', 1],
  ])
  report('t1', 'c')
  await vi.advanceTimersByTimeAsync(999)
  expect([acts().at(-1), waiting()]).toEqual([['t1', 'c', 3], 0])
})

test('what nobody takes is told again, in order, and nothing of it twice', async () => {
  const { report, troubles } = telling()
  answer = async () => 'later'
  report('t1', 'a')
  await vi.advanceTimersByTimeAsync(5000)
  report('t1', 'b')
  answer = async () => 'taken'
  await vi.advanceTimersByTimeAsync(40_000)
  expect(acts()).toEqual([['t1', 'a b', 2]])
  expect(troubles.length).toBeGreaterThan(0)
})

test('an issuer that never answers, or throws, holds up no request and loses nothing', async () => {
  const { report, flush, waiting } = telling()
  answer = async () => {
    throw new Error('no network')
  }
  report('t1', 'a')
  await flush()
  expect(waiting()).toBe(1)
  answer = async () => 'taken'
  await flush()
  expect([acts(), waiting()]).toEqual([[['t1', 'a', 1]], 0])
})

test('the queue is bounded: the oldest go, and the count says that something is missing', async () => {
  const { report, flush, waiting } = telling(3)
  answer = async () => 'later'
  for (const what of ['a', 'b', 'c', 'd', 'e']) report('t1', what)
  expect(waiting()).toBe(3)
  answer = async () => 'taken'
  await flush()
  expect(acts()).toEqual([['t1', 'c d e', 5]])
})

test('more than fits into one batch is told in several, and their counts follow one another', async () => {
  const { report, flush } = telling()
  for (let each = 0; each < 120; each += 1) report('t1', `${each}`)
  await flush()
  expect(sent.map(({ acts, count }) => [acts.length, count])).toEqual([
    [50, 50],
    [50, 100],
    [20, 120],
  ])
})

test('what the issuer will never take is let go', async () => {
  const { report, flush, waiting } = telling()
  answer = async () => 'refused'
  report('t1', 'a')
  await flush()
  expect([waiting(), sent]).toEqual([0, []])
})
