/** A bell: whoever waits goes on when it rings or when their time is up. Rings while nobody waits are remembered. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring since the last wait of this waiter began, or after `ms`. */
  waiter(): { wait(ms: number): Promise<void>; close(): void }
}

export function bell(): Bell {
  const listeners = new Set<() => void>()
  return {
    ring: () => {
      for (const listener of [...listeners]) listener()
    },
    waiter() {
      let rung = false
      let go: (() => void) | undefined
      const listener = () => {
        if (go) go()
        else rung = true
      }
      listeners.add(listener)
      return {
        wait: (ms) =>
          new Promise((resolve) => {
            if (rung) {
              rung = false
              resolve()
              return
            }
            const timer = setTimeout(() => go?.(), ms)
            go = () => {
              clearTimeout(timer)
              go = undefined
              resolve()
            }
          }),
        close: () => {
          listeners.delete(listener)
          go?.()
        },
      }
    },
  }
}
