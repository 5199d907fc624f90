/** Time as the server counts it. The browser's own clock is never asked what time it is, only how much has passed. */
import { useEffect, useState } from 'react'

/** The server's time when an answer came in, and our stopwatch at that moment. */
export interface ServerClock {
  readonly server: number
  readonly mark: number
}

export const clockAt = (now: string): ServerClock => ({ server: Date.parse(now), mark: performance.now() })
export const nowOn = (clock: ServerClock): number => clock.server + performance.now() - clock.mark

/** The server's time, looked at four times a second while somebody counts with it. */
export function useNow(clock: ServerClock, counting = true): number {
  const [, tick] = useState(0)
  useEffect(() => {
    if (!counting) return
    const timer = setInterval(() => tick((count) => count + 1), 250)
    return () => clearInterval(timer)
  }, [counting])
  return nowOn(clock)
}

/** Milliseconds until an instant; never below nothing. */
export function useLeft(clock: ServerClock, until: string | undefined): number | undefined {
  const now = useNow(clock, until !== undefined)
  return until === undefined ? undefined : Math.max(0, Date.parse(until) - now)
}

export function clockText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
