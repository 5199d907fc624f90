/**
 * Patience for one call. The timer is held by itself: a signal that is made of other signals (`any` with
 * `timeout`) is forgotten by Node 20 when it clears its memory, and then nobody ever stops waiting.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (over: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const stop = () => over.abort()
  const timer = setTimeout(stop, ms)
  const letGo = outer && withIt(outer, stop)
  try {
    return await work(over.signal)
  } finally {
    clearTimeout(timer)
    letGo?.()
  }
}

/** Who waits for the end of one signal: it has one listener of ours, however many they are, and none when nobody waits. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Stops with the signal, at once where it has fired already; what comes back lets go of it. */
function withIt(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) stop()
  const known = waiting.get(signal)
  const all = known ?? new Set()
  all.add(stop)
  if (!known) {
    waiting.set(signal, all)
    signal.addEventListener('abort', stopAll, { once: true })
  }
  return () => {
    all.delete(stop)
    if (all.size > 0) return
    waiting.delete(signal)
    signal.removeEventListener('abort', stopAll)
  }
}

function stopAll(this: AbortSignal): void {
  for (const stop of waiting.get(this) ?? []) stop()
}
