/**
 * What is alive, in memory: no question to the database for a session that was asked about before and that nothing has
 * changed since. What is remembered is believed only while every change is heard (`ear.ts`), only until the time by which
 * it would end by itself, and only if nothing was heard about it since it was read. Everything else is asked as ever: a
 * session is never found dead by memory, and never alive by anything but a reading that nothing contradicts.
 */
import type { Database } from '../database/database.ts'
import { type Clocks, type Ear, ear } from './ear.ts'
import { heard } from './heard.ts'
import {
  type Follower,
  type Found,
  find,
  foundAfter,
  type Liveness,
  type LiveToken,
  livingAmong,
  type Telling,
} from './liveness.ts'
import { packing, readInOf, untilOf } from './packed.ts'
import { digestLength, shelf } from './shelf.ts'

export interface Remembered extends Liveness, Telling {
  /** Something has ended here a moment ago: until it was heard, everybody is asked about. */
  doubt(): void
  /** Hears everything that was committed before this was asked. False: it could not, and nothing is believed. */
  caughtUp(): Promise<boolean>
  /** How it stands: for the operator, and for tests. */
  standing(): {
    readonly hears: boolean
    readonly sessions: number
    readonly asked: number
    readonly remembered: number
  }
  /** Drops what has ended, and compares some of the rest with the database. It goes by itself, each second. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export interface RememberedOutside {
  readonly db: Database
  /** For the ear: its beat must not wait for a free connection. */
  readonly ears: Database
  /** Something that should have been heard was not. */
  readonly log: (message: string, about: object) => void
  readonly clocks?: Clocks
}

const tidyEveryMs = 1000
const sweptAtOnce = 10_000
const comparedAtOnce = 250

/** Rejects where the database cannot be listened to. */
export async function remembered({ db, ears, log, clocks }: RememberedOutside): Promise<Remembered> {
  const sessions = shelf()
  const changes = heard()
  /** Readings under way, by the moment in which each began. */
  const readings = new Set<{ readonly readIn: number }>()
  const count = { asked: 0, remembered: 0 }
  let doubts = 0
  let closed = false

  async function reading<T>(read: (readIn: number) => Promise<T>): Promise<T> {
    const mine = { readIn: changes.moment() }
    readings.add(mine)
    try {
      return await read(mine.readIn)
    } finally {
      readings.delete(mine)
    }
  }

  const { pack, unpack, clientId: clientIdOf, subjects: subjectsOf } = packing()
  /** Of what stands at a place. */
  const readIn = (place: number): number => readInOf(sessions.page(place), sessions.from(place))
  const until = (place: number): number => untilOf(sessions.page(place), sessions.from(place))
  const isOf = (place: number, clientId: string): boolean =>
    place !== 0 && clientIdOf(sessions.page(place), sessions.from(place)) === clientId
  const isRight = (place: number): boolean =>
    !changes.changedSince(readIn(place), () => subjectsOf(sessions.page(place), sessions.from(place)))

  function keep(found: Found, askedIn: number): void {
    if (changes.changedSince(askedIn, () => found.subjects)) return
    const record = pack(found, askedIn)
    if (record) sessions.put(record)
  }

  const ask = (tokenDigest: Buffer, clientId: string): Promise<LiveToken | undefined> =>
    reading(async (askedIn) => {
      count.asked += 1
      const found = await find(db, tokenDigest, clientId)
      const before = sessions.find(tokenDigest)
      if (found) keep(found, askedIn)
      else if (isOf(before, clientId)) sessions.remove(before)
      return found?.live
    })

  let loads = 0

  /** Reads all that lives, once: at the start, and whenever something may have been missed. */
  async function load(): Promise<void> {
    const begun = loads
    let after: string | undefined = ''
    while (after !== undefined && begun === loads && !closed) {
      const from: string = after
      after = await reading(async (readIn) => {
        const { last, found } = await foundAfter(db, from)
        for (const each of found) keep(each, readIn)
        return last
      })
    }
  }
  const reload = () => {
    loads += 1
    // Whatever is not read now is read when it is asked about.
    load().catch(() => undefined)
  }

  const followers: Follower[] = []
  const hearing: Ear = await ear(
    ears,
    {
      heard(what) {
        changes.hear(what)
        if (what === '*') reload()
        for (const follower of followers) follower.heard(what)
      },
      beat(time) {
        for (const follower of followers) follower.beat(time)
      },
    },
    clocks,
  )

  // ── Tidying: memory holds what may still be right, and is compared now and then although nothing was heard ───────────

  const isAlive = (place: number): boolean => isRight(place) && (!hearing.hears() || hearing.now() < until(place))
  const sweeping = walking(sessions.places)
  let sweepBegan = changes.moment()

  /** Drops what has ended, and then forgets the changes that nobody is left to be told of. */
  function sweep(): void {
    const { some, isRound } = sweeping(sweptAtOnce)
    for (const place of some) if (!isAlive(place)) sessions.remove(place)
    if (!isRound) return
    changes.forget(Math.min(sweepBegan, ...[...readings].map(({ readIn }) => readIn)))
    sweepBegan = changes.moment()
  }

  const comparing = walking(sessions.places)
  const digestAt = (place: number): Buffer => {
    const [page, from] = [sessions.page(place), sessions.from(place)]
    return Buffer.from(page.subarray(from, from + digestLength))
  }

  /** Asks about some of what nothing was heard of. What has ended unheard is a fault, and ends belief in everything. */
  async function compare(): Promise<void> {
    const some = comparing(comparedAtOnce)
      .some.filter(isAlive)
      .map((place) => ({ digest: digestAt(place), readIn: readIn(place) }))
    if (some.length === 0) return
    const living = await livingAmong(
      db,
      some.map(({ digest }) => digest),
    )
    const alive = new Set(living.map(nameOf))
    const dead = some.filter(({ digest }) => !alive.has(nameOf(digest)))
    if (dead.length === 0 || !(await hearing.caughtUp())) return
    const unheard = dead.filter((one) => {
      const place = sessions.find(one.digest)
      return place !== 0 && readIn(place) === one.readIn && isAlive(place)
    })
    if (unheard.length === 0) return
    log('liveness.unheard', { sessions: unheard.length })
    changes.hear('*')
  }
  const tidy = async (): Promise<void> => {
    sweep()
    await compare()
  }
  const tidying = setInterval(() => void tidy().catch(() => undefined), tidyEveryMs)
  tidying.unref()

  return {
    async check(tokenDigest, clientId) {
      const place = sessions.find(tokenDigest)
      if (!isOf(place, clientId) || doubts > 0 || !hearing.hears()) return ask(tokenDigest, clientId)
      const now = hearing.now()
      if (now >= until(place) || !isRight(place)) return ask(tokenDigest, clientId)
      count.remembered += 1
      return unpack(sessions.page(place), sessions.from(place), now)
    },
    doubt() {
      if (sessions.size() === 0) return
      doubts += 1
      void hearing.caughtUp().finally(() => {
        doubts -= 1
      })
    },
    caughtUp: hearing.caughtUp,
    follow: (follower) => void followers.push(follower),
    standing: () => ({ hears: hearing.hears(), sessions: sessions.size(), ...count }),
    tidy,
    async close() {
      closed = true
      clearInterval(tidying)
      await hearing.close()
    },
  }
}

/** Goes through all there is a piece at a time, and around again; `isRound`: the piece is the last of a round. */
function walking(all: () => Iterator<number>) {
  let walk = all()
  return (atMost: number): { readonly some: readonly number[]; readonly isRound: boolean } => {
    const some: number[] = []
    while (some.length < atMost) {
      const step = walk.next()
      if (step.done) {
        walk = all()
        return { some, isRound: true }
      }
      some.push(step.value)
    }
    return { some, isRound: false }
  }
}

/** To be compared as text: as many letters as bytes. */
const nameOf = (digest: Buffer): string => digest.toString('latin1')
