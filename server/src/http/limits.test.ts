import { describe, expect, it } from 'vitest'
import { buckets, lately } from './limits.ts'

describe('limits', () => {
  it('lets a burst pass, then one for each second that went by', () => {
    let now = 0
    const bucket = buckets(3, 1, () => now)
    expect([1, 2, 3, 4].map(() => bucket.take('a').ok)).toEqual([true, true, true, false])
    expect(bucket.take('a')).toEqual({ ok: false, waitMs: 1000 })
    now = 1000
    expect([1, 2].map(() => bucket.take('a').ok)).toEqual([true, false])
    expect(bucket.take('b').ok).toBe(true)
  })

  it('gives back what was taken, and never more than there was', () => {
    const bucket = buckets(2, 1, () => 0)
    const taken = () => [1, 2, 3].map(() => bucket.take('a').ok)
    expect(taken()).toEqual([true, true, false])
    for (let i = 0; i < 5; i += 1) bucket.giveBack('a')
    expect(taken()).toEqual([true, true, false])
  })

  it('never remembers more than it can hold, however many keys come', () => {
    const bucket = buckets(60, 1, () => 0)
    for (let i = 0; i < 50_000; i += 1) bucket.take(`key ${i}`)
    expect(bucket.size).toBeLessThanOrEqual(20_000)
  })

  it('looks through what it remembers now and then, and not for each who comes', () => {
    let looks = 0
    const bucket = buckets(60, 1, () => {
      looks += 1
      return 0
    })
    for (let i = 0; i < 50_000; i += 1) bucket.take(`key ${i}`)
    expect(looks).toBeLessThan(4 * 50_000)
  })

  it('knows who was there lately, and of too many the latest', () => {
    let now = 0
    const known = lately(1000, () => now)
    expect(known.has('a')).toBe(false)
    known.add('a')
    now = 999
    expect(known.has('a')).toBe(true)
    now = 1000
    expect(known.has('a')).toBe(false)
    for (let i = 0; i < 20_001; i += 1) known.add(`key ${i}`)
    expect([known.has('key 0'), known.has('key 1'), known.has('key 20000')]).toEqual([false, true, true])
  })
})
