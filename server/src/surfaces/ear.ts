/**
 * An ear at the database for whatever changes a session, and the database's time between two questions. Twice a second it
 * says something on another connection and waits to hear it: that proves the channel, that the database can be written to,
 * and that everything committed before it was heard. Nobody may believe what they remember while it does not hear.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Database, statement } from '../database/database.ts'

export interface Ear {
  /** Whether everything was heard that was committed up to a moment ago. */
  hears(): boolean
  /** The time by which sessions are judged, never behind the database's. Only to be asked while it hears. */
  now(): number
  /** Hears everything that was committed before this was asked. False: it could not, and nothing may be believed. */
  caughtUp(): Promise<boolean>
  close(): Promise<void>
}

export interface Listener {
  /** The id of what changed; `*` is everything: also after a silence, in which whatever was said was missed. */
  heard(what: string): void
  /** Everything that was committed up to this time was heard. */
  beat(time: number): void
}

const channel = 'amparo_live'
const beatEveryMs = 500
/** After so long without a beat nothing is believed that is remembered. */
export const silentMs = 1500
/** A machine that was suspended: its monotonic clock stood still and the wall clock did not. */
const driftMs = 1000

const said = statement('liveness.beat', `select pg_notify('${channel}', $1), app_now() as now`)

interface Beat {
  /** When it was asked for, by the monotonic clock: the database read its time after that. */
  readonly askedAt: number
  readonly time: number
  readonly drift: number
}

export interface Clocks {
  monotonic(): number
  wall(): number
}
const ours: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() }

/** Listens; rejects where the first connection fails. `db` should be of its own: a beat must not wait for a free connection. */
export async function ear(db: Database, listener: Listener, clocks: Clocks = ours): Promise<Ear> {
  const over = new AbortController()
  const me = randomUUID()
  const awaited = new Map<string, (came: boolean) => void>()
  let last: Beat | undefined
  /** Grows whenever what is under way may no longer be believed. */
  let age = 0
  let count = 0

  const distrust = () => {
    age += 1
    last = undefined
    for (const answer of awaited.values()) answer(false)
    awaited.clear()
  }
  const onPayload = (what: string) => {
    if (what.startsWith('beat:')) {
      awaited.get(what)?.(true)
      awaited.delete(what)
    } else if (what === 'clock') {
      distrust()
      listener.heard('*')
      void caughtUp()
    } else listener.heard(what)
  }
  const onBack = () => {
    distrust()
    listener.heard('*')
    void caughtUp()
  }

  const beat = async (): Promise<boolean> => {
    const [name, begun, askedAt] = [`beat:${me}:${++count}`, age, clocks.monotonic()]
    const comes = new Promise<boolean>((resolve) => awaited.set(name, resolve))
    try {
      const [row] = await db.query<{ now: Date }>(said, [name])
      const came = await Promise.race([comes, pause(silentMs, false, { ref: false })])
      if (!row || !came || begun !== age) return false
      // The driver cuts off what is less than a millisecond.
      last = { askedAt, time: row.now.getTime() + 1, drift: clocks.wall() - clocks.monotonic() }
      listener.beat(last.time)
      return true
    } catch {
      return false
    } finally {
      awaited.delete(name)
    }
  }

  let underWay: Promise<boolean> = Promise.resolve(true)
  let next: Promise<boolean> | undefined
  /** One at a time: whoever asks while one is under way shares the one after it. */
  const soon = (): Promise<boolean> => {
    next ??= underWay.then(() => {
      next = undefined
      underWay = beat()
      return underWay
    })
    return next
  }
  const caughtUp = async (): Promise<boolean> => {
    const well = await soon()
    if (!well) last = undefined
    return well
  }

  const listening = await db.listen(channel, onPayload, onBack, distrust)
  const beating = (async () => {
    while (!over.signal.aborted) {
      await pause(beatEveryMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined)
      if (!over.signal.aborted) await soon()
    }
  })()

  return {
    hears() {
      if (last === undefined) return false
      const monotonic = clocks.monotonic()
      return monotonic - last.askedAt <= silentMs && Math.abs(clocks.wall() - monotonic - last.drift) <= driftMs
    },
    now: () => (last === undefined ? Number.POSITIVE_INFINITY : last.time + clocks.monotonic() - last.askedAt),
    caughtUp,
    async close() {
      over.abort()
      distrust()
      await beating
      await listening.close()
    },
  }
}
