/**
 * How often a product asked about each session, counted in memory: a check costs no statement. What was counted is handed
 * over now and then, and begins anew.
 */
export interface Checks {
  /** `often`: what could not be written down, and is counted once more. */
  add(sessionId: string, often?: number): void
  /** What was counted since the last time. */
  take(): ReadonlyMap<string, number>
}

export function checks(): Checks {
  let counted = new Map<string, number>()
  return {
    add: (sessionId, often = 1) => void counted.set(sessionId, (counted.get(sessionId) ?? 0) + often),
    take() {
      const taken = counted
      counted = new Map()
      return taken
    },
  }
}
