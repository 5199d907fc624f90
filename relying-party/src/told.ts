/**
 * What is alive, remembered in this process, while the issuer tells of every ending on a line that stays open. What is
 * remembered counts only while the line beats, until the time at which it would end by itself, and only if nothing was
 * told of it since it was asked for, nor in the two seconds before: the issuer has several processes, and the one that was
 * asked may be a little behind the one that told. Everything else is asked, as without a line. What was told to have ended
 * is never alive again, whoever says so; nothing else is found dead here.
 */
import type { Assisted } from './check.ts'

/** An answer of the issuer's: who helps whom, and until when by the issuer's clock. */
export interface Confirmed {
  readonly assisted: Assisted
  readonly until: number
}

export interface Told {
  /** Who helps whom, if nobody has to be asked for it. */
  find(token: string): Assisted | undefined
  /** Asks, and remembers what comes if nothing was told of it meanwhile or a moment before. */
  ask<T>(token: string, asking: () => Promise<{ readonly answer: T; readonly confirmed?: Confirmed }>): Promise<T>
  /** Whether its ending was told: an answer that says otherwise comes from somebody who has not heard of it yet. */
  isOver(sid: string, token: string): boolean
  /** Something was told of it: nothing is believed of it any more; of anybody, where none is named. */
  forget(sid: string | undefined, ended: boolean): void
  forgetToken(token: string, ended: boolean): void
  close(): void
}

export interface Clocks {
  /** Only ever goes forward. */
  readonly monotonic?: () => number
  readonly wall?: () => number
}

export interface ToldOutside extends Clocks {
  /** Opens the line, from the last thing that was heard on it. */
  open(from: string | undefined, signal: AbortSignal): Promise<Response>
  /** Something has ended. It may be said twice. */
  readonly ended: (which: { readonly sid: string }) => void
  readonly trouble: (what: string) => void
}

/** After so long without a beat nothing is believed. */
const silentMs = 1500
/** A machine that was suspended: one of its clocks stood still. */
const driftMs = 1000
const pausesMs = [200, 500, 1000, 2000, 5000] as const
/** A line that holds back its beats, or whose clock has run away, is opened anew. */
const lateMs = 1000
const sweepEveryMs = 30_000
/** A process of the issuer that has heard nothing for 1.5 s believes nothing either. */
const behindMs = 2000
/** What was told is known for so long; an answer that took almost as long is not remembered. */
const latelyMs = 60_000

export function told(outside: ToldOutside): Told {
  const { monotonic = () => performance.now(), wall = Date.now } = outside
  const sessions = new Map<string, Confirmed>()
  const tokens = new Map<string, string>()
  /** What was told of a session lately, or of a token whose session is not known, the oldest first. */
  const lately = new Map<string, { readonly at: number; readonly ended: boolean }>()
  const over = new AbortController()
  let everythingAt = Number.NEGATIVE_INFINITY
  let running = false
  let beat: { readonly sentAt: number; readonly time: number; readonly drift: number } | undefined

  const drift = () => wall() - monotonic()
  const hears = (): boolean =>
    beat !== undefined && monotonic() - beat.sentAt <= silentMs && Math.abs(drift() - beat.drift) <= driftMs
  /** The issuer's time, never behind it. */
  const now = (): number => (beat === undefined ? Number.POSITIVE_INFINITY : beat.time + monotonic() - beat.sentAt)

  const drop = (sid: string): void => {
    const token = tokens.get(sid)
    tokens.delete(sid)
    if (token !== undefined) sessions.delete(token)
  }
  const isOver = (...names: readonly string[]): boolean => names.some((name) => lately.get(name)?.ended)
  const heardOf = (name: string, ended: boolean): void => {
    const at = monotonic()
    const news = { at, ended: ended || isOver(name) }
    lately.delete(name)
    lately.set(name, news)
    for (const [one, before] of lately) {
      if (at - before.at <= latelyMs) break
      lately.delete(one)
    }
  }
  const forget = (sid: string, ended: boolean): void => {
    heardOf(sid, ended)
    drop(sid)
  }
  const forgetAll = (): void => {
    everythingAt = monotonic()
    sessions.clear()
    tokens.clear()
  }
  function keep(token: string, confirmed: Confirmed, askedAt: number): void {
    const { sid } = confirmed.assisted
    const toldAt = [sid, token].map((name) => lately.get(name)?.at ?? everythingAt)
    if (isOver(sid, token) || askedAt < Math.max(everythingAt, ...toldAt) + behindMs) return
    if (monotonic() - askedAt > latelyMs - behindMs) return
    drop(sid)
    tokens.set(sid, token)
    sessions.set(token, confirmed)
  }

  let sweptAt = 0
  function sweep(time: number): void {
    sweptAt = time
    for (const { until, assisted } of [...sessions.values()]) if (until <= time) drop(assisted.sid)
  }

  // ── The line ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async function listening(): Promise<void> {
    let from: string | undefined
    for (let failures = 0; !over.signal.aborted; ) {
      const line = new AbortController()
      const signal = AbortSignal.any([over.signal, line.signal])
      const openedAt = monotonic()
      let first: number | undefined
      try {
        const response = await outside.open(from, signal)
        if (response.status !== 200 || response.body === null) throw new Error(`answered ${response.status}`)
        // From here on everything is told; what was asked before may have been missed.
        forgetAll()
        for await (const { event, id, data } of eventsOf(response.body)) {
          from = id ?? from
          if (event === 'ended' || event === 'changed') {
            const sid = String(data.sid)
            forget(sid, event === 'ended')
            if (event === 'ended') outside.ended({ sid })
          } else if (event === 'everything') forgetAll()
          else if (event === 'beat' && typeof data.now === 'number') {
            failures = 0
            const cameAt = monotonic()
            first ??= data.now
            // The first was sent after the line was opened, and each later one by so much later, by the issuer's clock.
            const sentAt = Math.min(cameAt, openedAt + data.now - first)
            if (cameAt - sentAt > lateMs) break
            beat = { sentAt, time: data.now, drift: drift() }
            if (data.now - sweptAt > sweepEveryMs) sweep(data.now)
          }
        }
      } catch (error) {
        if (!over.signal.aborted)
          outside.trouble(`the line of endings: ${error instanceof Error ? error.message : 'unknown'}`)
      }
      line.abort()
      beat = undefined
      const pause = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 5000
      failures += 1
      await later(pause * (0.5 + Math.random()), over.signal)
    }
  }

  return {
    find(token) {
      const kept = sessions.get(token)
      if (kept === undefined || !hears()) return undefined
      const left = kept.until - now()
      return left > 0 ? { ...kept.assisted, secondsLeft: Math.ceil(left / 1000) } : undefined
    },
    async ask(token, askIssuer) {
      const askedAt = monotonic()
      const { answer, confirmed } = await askIssuer()
      if (confirmed) keep(token, confirmed, askedAt)
      if (confirmed && !running) {
        running = true
        void listening()
      }
      return answer
    },
    isOver,
    forget: (sid, ended) => (sid === undefined ? forgetAll() : forget(sid, ended)),
    forgetToken(token, ended) {
      const sid = sessions.get(token)?.assisted.sid
      // Where its session is not known, it may be asked for at this very moment.
      heardOf(token, ended)
      if (sid !== undefined) forget(sid, ended)
    },
    close() {
      over.abort()
      beat = undefined
    },
  }
}

const later = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref?.()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

interface Event {
  readonly event: string | undefined
  readonly id: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

const longestEvent = 64 * 1024

/** Server-sent events, as far as this line uses them. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    if (text.length > longestEvent) throw new Error('an event without an end')
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      )
      const data: unknown = JSON.parse(fields.get('data') ?? '{}')
      if (typeof data === 'object' && data !== null)
        yield { event: fields.get('event'), id: fields.get('id'), data: { ...data } }
    }
  }
}
