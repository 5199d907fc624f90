/**
 * What was heard of changes, in its order. Something read before a change of it was heard may be wrong; something read
 * after it is right. The order in which reading and hearing end does not matter: a reading counts from when it was asked.
 */
export interface Heard {
  /** The moment that a reading begins in. */
  readonly moment: () => number
  /** Something changed: an assistance, an agent, a product; `*` is everything. */
  hear(what: string): void
  /** Whether any of these changed after that moment, as far as anybody still needs to know. */
  changedSince(moment: number, subjects: () => readonly string[]): boolean
  /** Forgets what was heard up to that moment: nothing that was read before it is kept by anybody. */
  forget(upTo: number): void
  /** How many changes are remembered. */
  readonly size: () => number
}

export function heard(): Heard {
  let moment = 0
  let everything = 0
  const last = new Map<string, number>()
  return {
    moment: () => moment,
    hear(what) {
      moment += 1
      if (what === '*') {
        everything = moment
        last.clear()
        return
      }
      // Taken out first, so that they stand in the order in which they were heard last.
      last.delete(what)
      last.set(what, moment)
    },
    changedSince: (since, subjects) =>
      everything > since || (last.size > 0 && subjects().some((subject) => (last.get(subject) ?? 0) > since)),
    forget(upTo) {
      for (const [subject, at] of last) {
        if (at > upTo) return
        last.delete(subject)
      }
    },
    size: () => last.size,
  }
}
