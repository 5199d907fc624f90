/** Patience that ends. */
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
