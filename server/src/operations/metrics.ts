/**
 * The metrics of one process, for Prometheus. Counters and histograms follow the record since this process started and
 * count the whole installation: of several processes take the greatest, not the sum. Gauges are read from the database.
 * No name, address or code is ever a label; every label is one of a closed list.
 */
import { states } from '@amparo/contract/words'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Database, Statement } from '../database/database.ts'
import type { Readiness } from './readiness.ts'
import { type Counted, eventsAbove, gaugesNow, keepsMs, newestOrd } from './tally.store.ts'

export interface Metrics {
  /** Reads what the record says since the last time. To be called often: a loop. */
  follow(): Promise<number>
  /** How long a statement of the desk took: those write the record. */
  statementTook(name: string, seconds: number): void
  /** What a round through the record found: that it is whole, or not. */
  recordIs(whole: boolean): void
  /** In Prometheus' text format. Never throws: a database that is away is a fact that it tells. */
  text(): Promise<string>
}

const seconds = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 900]
const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const gaugesFreshMs = 5000
/** A loop is woken by every bell; the record need not be read as often. */
const followEveryMs = 1000

export function metrics(db: Database, ready: () => Promise<Readiness>, now: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const open = new Gauge({
    name: 'amparo_assistances_open',
    help: 'Assistances that have not ended, by state.',
    labelNames: ['state'],
    registers,
  })
  const waiting = new Gauge({ name: 'amparo_messages_waiting', help: 'Messages that have not left yet.', registers })
  const unacknowledged = new Gauge({
    name: 'amparo_surfaces_unacknowledged',
    help: 'Surfaces of ended help that have not acknowledged the ending.',
    registers,
  })
  const dependency = new Gauge({
    name: 'amparo_dependency_up',
    help: '1 where this process reaches it.',
    labelNames: ['dependency'],
    registers,
  })
  const ended = new Counter({
    name: 'amparo_assistance_ended_total',
    help: 'Assistances that ended, by why.',
    labelNames: ['because'],
    registers,
  })
  const consent = new Histogram({
    name: 'amparo_consent_seconds',
    help: 'From the asking of a consent to its giving.',
    buckets: seconds,
    registers,
  })
  const attempts = new Counter({
    name: 'amparo_code_attempts_total',
    help: 'Codes and digits that were typed.',
    labelNames: ['who', 'result'],
    registers,
  })
  const messages = new Counter({
    name: 'amparo_message_total',
    help: 'What became of messages.',
    labelNames: ['channel', 'result'],
    registers,
  })
  const queue = new Histogram({
    name: 'amparo_message_queue_seconds',
    help: 'From the writing of a message to its handing over.',
    buckets: seconds,
    registers,
  })
  const close = new Histogram({
    name: 'amparo_surface_close_seconds',
    help: "From an ending to a surface's acknowledgement.",
    labelNames: ['surface'],
    buckets: seconds,
    registers,
  })
  const append = new Histogram({
    name: 'amparo_audit_append_seconds',
    help: 'How long a statement takes that writes to the record.',
    buckets: quick,
    registers,
  })
  const whole = new Gauge({
    name: 'amparo_audit_chain_ok',
    help: '1 where this process found the record whole in its last round, 0 where it did not, NaN before the first is over.',
    registers,
  })
  whole.set(Number.NaN)
  const warned = new Counter({
    name: 'amparo_idle_warned_total',
    help: 'Warnings of silence, by whether the user answered before the end.',
    labelNames: ['answered'],
    registers,
  })

  const mismatched = new Counter({
    name: 'amparo_activity_mismatch_total',
    help: 'What a product told of its acts and what we saw differ: gap, silent, unasked or after_end.',
    labelNames: ['surface', 'why'],
    registers,
  })

  const count = (event: Counted): void => {
    const took = Math.max(0, event.seconds ?? 0)
    const who = event.purpose === 'agent' ? 'agent' : 'user'
    switch (event.type) {
      case 'assistance.closed':
        ended.inc({ because: event.because ?? 'unknown' })
        if (event.after_warning && event.because === 'expired_idle') warned.inc({ answered: 'no' })
        return
      case 'consent.given':
        attempts.inc({ who: 'user', result: 'right' })
        if (event.seconds !== null) consent.observe(took)
        return
      case 'agent.proved':
        attempts.inc({ who: 'agent', result: 'right' })
        return
      case 'presence.given':
      case 'user.still_here':
        if (event.type === 'presence.given') attempts.inc({ who: 'user', result: 'right' })
        if (event.after_warning) warned.inc({ answered: 'yes' })
        return
      case 'code.wrong':
      case 'code.earlier':
        attempts.inc({ who, result: event.type.slice('code.'.length) })
        return
      case 'message.sent':
      case 'message.failed':
      case 'message.delayed':
        messages.inc({ channel: event.channel ?? 'unknown', result: event.type.slice('message.'.length) })
        if (event.type === 'message.sent' && event.seconds !== null) queue.observe(took)
        return
      case 'surface.acknowledged':
        close.observe({ surface: event.surface ?? 'unknown' }, took)
        return
      case 'activity.mismatch':
        mismatched.inc({ surface: event.surface ?? 'unknown', why: event.why ?? 'unknown' })
        return
    }
  }

  /** Above the floor, what was counted already is known by its place: one that commits late is not missed. */
  let floor: number | undefined
  const counted = new Map<number, number>()
  let lookedAt = Number.NEGATIVE_INFINITY
  const follow = async (): Promise<number> => {
    if (now() - lookedAt < followEveryMs) return 0
    lookedAt = now()
    if (floor === undefined) {
      floor = await newestOrd(db)
      return 0
    }
    for (const event of await eventsAbove(db, floor, [...counted.keys()])) {
      count(event)
      counted.set(event.ord, now())
    }
    for (const [ord, at] of counted) {
      if (now() - at < keepsMs) break
      floor = Math.max(floor, ord)
      counted.delete(ord)
    }
    return 0
  }

  let freshUntil = Number.NEGATIVE_INFINITY
  const look = async (): Promise<void> => {
    if (now() < freshUntil) return
    freshUntil = now() + gaugesFreshMs
    const found = await gaugesNow(db)
    for (const state of states) if (state !== 'closed') open.set({ state }, 0)
    for (const { state, count } of found.open) open.set({ state }, count)
    waiting.set(found.waiting)
    unacknowledged.set(found.unacknowledged)
  }

  return {
    follow,
    statementTook: (name, took) => {
      if (name.startsWith('desk.')) append.observe(took)
    },
    recordIs: (is) => whole.set(is ? 1 : 0),
    async text() {
      const state = await ready()
      for (const [name, up] of Object.entries(state.dependencies)) dependency.set({ dependency: name }, up ? 1 : 0)
      if (state.dependencies.database) await look().catch(() => undefined)
      return registry.metrics()
    },
  }
}

/** The same database, timed: each statement by its name. */
export function timed(db: Database, took: (name: string, seconds: number) => void): Database {
  return {
    ...db,
    async query<Row extends object>(what: Statement | string, values?: readonly unknown[]): Promise<Row[]> {
      const began = performance.now()
      const rows = await db.query<Row>(what, values)
      if (typeof what !== 'string') took(what.name, (performance.now() - began) / 1000)
      return rows
    },
    transaction: (work, limitMs) => db.transaction((tx) => work(timed(tx, took)), limitMs),
  }
}
