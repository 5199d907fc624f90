/** How much one caller may ask for: a bucket that a burst may empty and that fills again by itself. */
export interface Limits {
  /** False when this caller must wait. `now` in milliseconds of a clock that only goes forward. */
  take(who: string, now: number): boolean
}

/** `burst` requests at once, `perSecond` after that. Callers who were quiet are forgotten. */
export function limits(burst: number, perSecond: number): Limits {
  const buckets = new Map<string, { left: number; at: number }>()
  const forget = (now: number) => {
    if (buckets.size < 10_000) return
    for (const [who, bucket] of buckets) if (now - bucket.at > (burst / perSecond) * 1000) buckets.delete(who)
  }
  return {
    take(who, now) {
      forget(now)
      const bucket = buckets.get(who) ?? { left: burst, at: now }
      const left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond)
      buckets.set(who, { left: left < 1 ? left : left - 1, at: now })
      return left >= 1
    },
  }
}
