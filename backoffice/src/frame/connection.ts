/**
 * Whether the server answers: looked at every two seconds while somebody looks at us, and at once when a call fails. Whether
 * its clock is ours, as that answer says. And whether it can do anything, as its last answer to a call said.
 */
import { useSyncExternalStore } from 'react'

const everyMs = 1_800
/**
 * An answer may take half as long again as one lately took here: a line that is slow is not one that is gone. So a silence is
 * said after a look and this patience: 2.8 s where answers come quickly, 6.8 s at most.
 */
const patience = { leastMs: 1_000, mostMs: 5_000, room: 1.5 } as const
/** How much of what a slow answer took is still expected at the next. */
const remembered = 0.8

let reachable = true
let lastAnswerAt = Number.NEGATIVE_INFINITY
/** As long as little is known of this line, an answer may take its time. */
let usualMs = Math.max(loadMs(), 2_000)
let tellRegained = (): void => undefined
const listeners = new Set<() => void>()

/** What the server took to answer for this very page. */
function loadMs(): number {
  const [page] = performance.getEntriesByType('navigation')
  return page && page instanceof PerformanceNavigationTiming ? page.responseStart - page.requestStart : 0
}

function set(now: boolean) {
  if (now === reachable) return
  reachable = now
  for (const listener of listeners) listener()
  if (now) tellRegained()
}

/** Any answer will do, but for those of a proxy that cannot reach the server either; a late one too, when it comes. */
export async function checkConnection(): Promise<void> {
  const askedAt = performance.now()
  const asked = Date.now()
  const isAnswered = () => lastAnswerAt > askedAt
  const silent = () => {
    if (!isAnswered()) set(false)
  }
  const waitMs = Math.min(Math.max(usualMs * patience.room, patience.leastMs), patience.mostMs)
  const late = setTimeout(silent, waitMs)
  try {
    const { status, headers } = await fetch('/livez', {
      cache: 'no-store',
      signal: AbortSignal.timeout(patience.mostMs),
    })
    if (status === 502 || status === 504) return silent()
    compareClocks(headers.get('date'), asked)
    lastAnswerAt = performance.now()
    usualMs = Math.max(lastAnswerAt - askedAt, usualMs * remembered)
    set(true)
  } catch {
    silent()
  } finally {
    clearTimeout(late)
  }
}

/** Starts looking. `regained` is called each time the server answers again, or can do something again. */
export function watchConnection(regained: () => void): void {
  tellRegained = regained
  const look = () => {
    if (document.visibilityState === 'visible') void checkConnection()
    setTimeout(look, everyMs)
  }
  window.addEventListener('offline', () => set(false))
  window.addEventListener('online', () => void checkConnection())
  look()
}

/** Further apart than this, an app's codes are refused here or there, and the times on the screen are other ones. */
const mostApartMs = 30_000
let apart = false

/** The server wrote its time between our asking and now, which may be hours where this computer slept meanwhile. */
function compareClocks(date: string | null, asked: number): void {
  const theirs = Date.parse(date ?? '')
  const now = Number.isNaN(theirs) ? apart : theirs < asked - mostApartMs || theirs > Date.now() + mostApartMs
  if (now === apart) return
  apart = now
  for (const listener of listeners) listener()
}

/** Whether the server, which answers, said last that it can do nothing: its database is away. */
let halted = false

/** What each call was refused with, if it was: any other answer shows that the server is whole. */
export function heard(refusal: string | undefined): void {
  const now = refusal === 'system.unavailable'
  if (now === halted) return
  halted = now
  for (const listener of listeners) listener()
  if (!now) tellRegained()
}

export const whenItChanges = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const isReachable = (): boolean => reachable
export const useReachable = (): boolean => useSyncExternalStore(whenItChanges, () => reachable)
export const areClocksApart = (): boolean => apart
export const useClocksApart = (): boolean => useSyncExternalStore(whenItChanges, areClocksApart)
export const isHalted = (): boolean => halted
export const useHalted = (): boolean => useSyncExternalStore(whenItChanges, isHalted)
