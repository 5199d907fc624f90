/**
 * The beat: proof, every second, that the database can be written to, and every few seconds that the record can. While it
 * cannot, every check refuses; half a minute of that ends what was open as of its beginning, because nothing of it could
 * be recorded. So does another cluster, or another timeline of it, than the one that was there before: endings may be
 * lost there.
 */
import { type Database, isConnectionTrouble, statement } from '../database/database.ts'
import { closeSomeLiving } from '../desk/endings.ts'
import { probeRecord } from '../desk/note.ts'
import { system } from '../words.ts'

const outageMs = 30_000
const everySeconds = 1
/** How often an event is written and taken back: a grant that was revoked, or a disk that is full, is found by nothing else. */
const probeEvery = 5

const epochOf = statement(
  'beat.epoch',
  `select s.system_identifier || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8) as epoch from pg_control_system() s`,
)
/** Reckoned from the row itself: whoever had to wait for it sees what another has written there. */
const before = statement(
  'beat.before',
  `select extract(epoch from clock_timestamp() - at)::float8 as silent, epoch,
          app_now() as now, app_now() - (clock_timestamp() - at) as "silentSince"
     from beat for update`,
)
interface Before {
  readonly silent: number
  readonly epoch: string | null
  readonly now: Date
  readonly silentSince: Date
}
const beaten = statement('beat.beaten', `update beat set at = clock_timestamp(), epoch = coalesce($1, epoch)`)
const isDue = statement(
  'beat.is_due',
  `select at < clock_timestamp() - interval '${everySeconds} seconds' or epoch is null as due from beat`,
)

export interface Beat {
  /** Beats once; how many assistances it had to end. Throws while the database cannot be written to. */
  run(): Promise<number>
  /** Whether the last beat could be written. */
  isWell(): boolean
  /** Somebody's question found no room on the disk: nothing is well until there is some for the record. */
  noRoom(): void
}

/** `now` is monotonic: how long *we* were without the database is ours to measure. */
export function beat(db: Database, now: () => number): Beat {
  let lastGood = now()
  let missed = false
  let full = false
  let first = true
  let turn = 0
  /** Undefined where this role may not ask: then only an outage is judged. */
  const epoch = () =>
    db
      .query<{ epoch: string }>(epochOf)
      .then(([row]) => row?.epoch)
      .catch((error) => (isConnectionTrouble(error) ? Promise.reject(error) : undefined))

  const beatNow = async (): Promise<number> => {
    const [due] = await db.query<{ due: boolean }>(isDue)
    if (!due?.due && !missed && !first) return 0
    const current = await epoch()
    let ended = 0
    let at: Date | undefined
    for (let isMore = true; isMore; ) {
      const some = await db.transaction((tx) => once(tx, current, at))
      ended += some.ended
      at = some.at
      isMore = some.isMore
    }
    return ended
  }

  /**
   * One beat; or, where everything has to end, a part of that. It is in turns, so that no statement grows with what is alive, and
   * what a turn has ended stays ended. Only the last one beats: until then nothing is well, and whoever comes goes on with it.
   */
  const once = async (tx: Database, current: string | undefined, began: Date | undefined) => {
    const [was] = await tx.query<Before>(before)
    if (!was) return { ended: 0, at: began, isMore: false }
    if (missed || turn % probeEvery === 0) await probeRecord(tx, full)
    turn += 1
    const over = overBy(was, current)
    const at = began ?? over?.at
    const some = over && at ? await closeSomeLiving(tx, over.because, system('beat'), at) : { ended: [], isMore: false }
    missed ||= some.isMore
    if (!some.isMore) await tx.query(beaten, [current ?? null])
    return { ended: some.ended.length, at, isMore: some.isMore }
  }

  /** What ends everything that is alive, and as of when. */
  function overBy({ silent, epoch, now: sinceNow, silentSince }: Before, current: string | undefined) {
    if (current !== undefined && epoch !== null && epoch !== current)
      return { because: 'restored', at: sinceNow } as const
    const isOut = missed && now() - lastGood > outageMs && silent * 1000 > outageMs
    return isOut ? ({ because: 'audit_unavailable', at: silentSince } as const) : undefined
  }
  return {
    async run() {
      try {
        const ended = await beatNow()
        lastGood = now()
        missed = false
        full = false
        first = false
        return ended
      } catch (error) {
        missed = true
        throw error
      }
    },
    isWell: () => !missed,
    noRoom() {
      missed = true
      full = true
    },
  }
}
