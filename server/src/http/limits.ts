/** Token buckets in memory: generous to people, tiresome for machines. A restart forgets them, and that is fine. */

/** One was there; or after how many milliseconds there will be one again. */
export type Taken = { readonly ok: true } | { readonly ok: false; readonly waitMs: number }

export interface Buckets {
  take(key: string): Taken
  /** What was taken was not what it is counted for. */
  giveBack(key: string): void
  /** Keys that are remembered now. */
  readonly size: number
}

const mostKeys = 20_000

export function buckets(burst: number, aSecond: number, now: () => number = () => performance.now()): Buckets {
  const levels = new Map<string, { left: number; at: number }>()
  const level = (key: string) => {
    const had = levels.get(key)
    return had ? Math.min(burst, had.left + ((now() - had.at) / 1000) * aSecond) : burst
  }
  const forgetTheFull = () => {
    for (const key of levels.keys()) if (level(key) >= burst) levels.delete(key)
    // Still too many: the oldest go. Whoever floods us with keys only loses their own memory of it.
    for (const key of levels.keys()) {
      if (levels.size <= mostKeys / 2) return
      levels.delete(key)
    }
  }
  return {
    take(key) {
      const left = level(key)
      if (left < 1) return { ok: false, waitMs: Math.ceil(((1 - left) / aSecond) * 1000) }
      if (levels.size >= mostKeys) forgetTheFull()
      levels.set(key, { left: left - 1, at: now() })
      return { ok: true }
    },
    giveBack(key) {
      if (levels.has(key)) levels.set(key, { left: Math.min(burst, level(key) + 1), at: now() })
    },
    get size() {
      return levels.size
    },
  }
}

export interface Lately {
  add(key: string): void
  has(key: string): boolean
}

/** Keys that were there lately, in memory too; of too many the oldest are forgotten. */
export function lately(forMs: number, now: () => number = () => performance.now()): Lately {
  const addedAt = new Map<string, number>()
  return {
    add(key) {
      addedAt.delete(key)
      addedAt.set(key, now())
      const [oldest] = addedAt.keys()
      if (addedAt.size > mostKeys && oldest !== undefined) addedAt.delete(oldest)
    },
    has: (key) => now() - (addedAt.get(key) ?? Number.NEGATIVE_INFINITY) < forMs,
  }
}
