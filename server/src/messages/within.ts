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
  outer?.addEventListener('abort', stop, { once: true })
  if (outer?.aborted) stop()
  try {
    return await work(over.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', stop)
  }
}
