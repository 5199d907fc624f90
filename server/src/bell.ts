/**
 * A bell: whoever waits goes on when it rings for them, or when their time is up. Rings while nobody waits are remembered.
 * A ring says what it left behind, so that only those who have to do with it look; one that says nothing is for everybody.
 */
export type News = 'message' | 'ending'

export interface Bell {
  /** An empty list: there is something to see, and nothing that a loop has to do. */
  ring(news?: readonly News[]): void
  /**
   * Resolves at the next ring since the last wait of this waiter began, or after `ms`. With `about`, rings that told of
   * something else are not for them.
   */
  waiter(about?: readonly News[]): { wait(ms: number): Promise<void>; close(): void }
}

export function bell(): Bell {
  const listeners = new Set<(news?: readonly News[]) => void>()
  return {
    ring: (news) => {
      for (const listener of [...listeners]) listener(news)
    },
    waiter(about) {
      let rung = false
      let go: (() => void) | undefined
      const listener = (news?: readonly News[]) => {
        if (about && news && !news.some((one) => about.includes(one))) return
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
