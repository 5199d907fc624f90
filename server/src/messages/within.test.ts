/** Patience that ends. */
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { within } from './within.ts'

const untilOver = (over: AbortSignal) =>
  new Promise<'over'>((resolve) => over.addEventListener('abort', () => resolve('over'), { once: true }))

test('a wait ends although memory is cleared meanwhile', async () => {
  setFlagsFromString('--expose-gc')
  const clear: () => void = runInNewContext('gc')
  const outer = new AbortController().signal
  const waits = Promise.all(Array.from({ length: 20 }, () => within(200, outer, untilOver)))
  clear()
  expect(new Set(await waits)).toEqual(new Set(['over']))
})

test('a wait ends with whoever asked for it, at once where they have gone already', async () => {
  const outer = new AbortController()
  const wait = within(60_000, outer.signal, untilOver)
  outer.abort()
  expect(await wait).toBe('over')
  expect(await within(60_000, outer.signal, async (over) => over.aborted)).toBe(true)
})

test('many who wait for the same hang on it once, each ends by its own time or with it, and nothing of them stays there', async () => {
  const outer = new AbortController()
  const hanging = () => getEventListeners(outer.signal, 'abort').length
  const goOn: (() => void)[] = []
  const short = Array.from({ length: 20 }, () =>
    within(60_000, outer.signal, () => new Promise<void>((resolve) => goOn.push(resolve))),
  )
  const late = within(1, outer.signal, untilOver)
  expect(hanging()).toBe(1)
  expect(await late).toBe('over')
  for (const one of goOn) one()
  await Promise.all(short)
  expect(hanging()).toBe(0)
  const waits = Array.from({ length: 20 }, () => within(60_000, outer.signal, untilOver))
  const broken = within(60_000, outer.signal, () => Promise.reject(new Error('broken')))
  await expect(broken).rejects.toThrow('broken')
  expect(hanging()).toBe(1)
  outer.abort()
  expect(new Set(await Promise.all(waits))).toEqual(new Set(['over']))
  expect(hanging()).toBe(0)
})
