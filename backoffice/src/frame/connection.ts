/** Whether the server answers: looked at every two seconds while somebody looks at us, and at once when a call fails. */
import { useSyncExternalStore } from 'react'

const everyMs = 1_800
const patienceMs = 1_000

let reachable = true
const listeners = new Set<() => void>()

function set(now: boolean) {
  if (now === reachable) return
  reachable = now
  for (const listener of listeners) listener()
}

/** Any answer will do, but for those of a proxy that cannot reach the server either. */
export async function checkConnection(): Promise<void> {
  try {
    const answer = await fetch('/livez', { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) })
    set(answer.status !== 502 && answer.status !== 504)
  } catch {
    set(false)
  }
}

/** Starts looking. `regained` is called each time the server answers again. */
export function watchConnection(regained: () => void): void {
  const look = async () => {
    const before = reachable
    if (document.visibilityState === 'visible') await checkConnection()
    if (reachable && !before) regained()
    setTimeout(look, everyMs)
  }
  window.addEventListener('offline', () => set(false))
  window.addEventListener('online', () => void checkConnection().then(() => reachable && regained()))
  void look()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const isReachable = (): boolean => reachable
export const useReachable = (): boolean => useSyncExternalStore(subscribe, () => reachable)
