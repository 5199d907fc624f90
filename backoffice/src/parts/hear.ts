/** The server's streams of events, which say when to look again. */

interface Hearing {
  readonly events: readonly string[]
  readonly againMs: number
  readonly onEvent: () => void
  readonly onOpen?: () => void
  readonly onLost?: () => void
}

/**
 * Hears a stream until the function that it returns is called. A browser comes back by itself where a line broke, but a refusal
 * closes a stream for good: it is opened anew after `againMs`, since somebody may have shown meanwhile that it is them.
 */
export function hear(address: string, { events, againMs, onEvent, onOpen, onLost }: Hearing): () => void {
  let again: ReturnType<typeof setTimeout> | undefined
  let stream = open()
  function open(): EventSource {
    const source = new EventSource(address)
    source.onopen = () => onOpen?.()
    source.onerror = () => {
      onLost?.()
      if (source.readyState === EventSource.CLOSED) again = setTimeout(reopen, againMs)
    }
    for (const event of events) source.addEventListener(event, onEvent)
    return source
  }
  function reopen() {
    stream = open()
  }
  return () => {
    clearTimeout(again)
    stream.close()
  }
}
