/**
 * A product's back end that stays on the line hears of each ending as it happens: server-sent events, its own sessions
 * only. A beat twice a second says that nothing was missed up to then; without one nobody may believe what they remember.
 * It tells what has ended already. Who cannot be told loses the line, and asks again when they are back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Database } from '../database/database.ts'
import { type Changed, changedBy, endedSinceThen } from '../surfaces/endings.store.ts'
import type { Telling } from '../surfaces/liveness.ts'

export interface EndingsOutside {
  readonly db: Database
  readonly telling: Telling
  /** Whether this product may be told that all is well: nothing is switched off by hand, and the record can be written. */
  isWell(surface: string): boolean
}

export interface Endings {
  /** Keeps the line open. The asker is who they say. */
  open(request: IncomingMessage, response: ServerResponse, surface: string): Promise<void>
}

const linesAtMost = 64
/** A line that takes nothing any more is cut: its product asks from then on. */
const unreadAtMost = 256 * 1024
const comeBackMs = 500

interface Line {
  readonly surface: string
  readonly response: ServerResponse
  /** A beat may have been under way when it was opened: what is told counts from the next one. */
  isNew: boolean
}

export function endings({ db, telling, isWell }: EndingsOutside): Endings {
  const lines = new Set<Line>()
  let heard = new Set<string>()
  let told = Promise.resolve()

  const say = ({ response }: Line, event: string, data: object, id?: number): void => {
    if (response.writableLength > unreadAtMost) response.destroy()
    else
      response.write(
        `${id === undefined ? '' : `id: ${Math.floor(id)}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
      )
  }
  const tellOf = (line: Line, { sid, subject, alive }: Changed): void =>
    say(line, alive ? 'changed' : 'ended', alive ? { sid } : { sid, sub: subject })
  const toAll = (event: string, data: object): void => {
    for (const line of lines) say(line, event, data)
  }

  /** Tells what was heard, in one reading however much it was. Who could not be told has no line any more. */
  async function tell(): Promise<void> {
    const subjects = [...heard]
    heard = new Set()
    if (subjects.length === 0 || lines.size === 0) return
    try {
      for (const change of await changedBy(db, subjects, [...new Set([...lines].map(({ surface }) => surface))]))
        for (const line of lines) if (line.surface === change.surface) tellOf(line, change)
    } catch {
      for (const { response } of lines) response.destroy()
    }
  }
  const soon = (): Promise<void> => {
    told = told.then(tell)
    return told
  }

  telling.follow({
    heard(what) {
      if (lines.size === 0) return
      if (what === '*' || what.includes(':')) return toAll('everything', {})
      if (heard.add(what).size === 1) void soon()
    },
    beat(time) {
      if (lines.size === 0) return
      void soon().then(() => {
        for (const line of lines) {
          if (!line.isNew && isWell(line.surface)) say(line, 'beat', { now: time }, time)
          line.isNew = false
        }
      })
    },
  })

  return {
    async open(request, response, surface) {
      if ([...lines].filter((line) => line.surface === surface).length >= linesAtMost) {
        response.writeHead(503, { 'retry-after': '1', 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: 'temporarily_unavailable' }))
        return
      }
      const line = { surface, response, isNew: true }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      response.write(`retry: ${comeBackMs}\n\n`)
      // On the line first, and what was missed afterwards: told twice is as good as once.
      lines.add(line)
      response.once('close', () => lines.delete(line))
      const since = Number(request.headers['last-event-id'] ?? Number.NaN)
      if (!Number.isSafeInteger(since) || since <= 0 || since > 8.64e15) return
      try {
        for (const change of await endedSinceThen(db, surface, new Date(since))) tellOf(line, change)
      } catch {
        response.destroy()
      }
    },
  }
}
