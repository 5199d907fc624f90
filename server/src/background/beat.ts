/**
 * The beat: proof, every second, that the database can be written to, and every few seconds that the record can. While it
 * cannot, every check refuses; half a minute of that ends what was open as of its beginning, because nothing of it could
 * be recorded. So does another cluster, or another timeline of it, than the one that was there before: endings may be
 * lost there.
 */
import { type Database, isConnectionTrouble, statement } from '../database/database.ts'
import { closeLiving } from '../desk/endings.ts'
import { probeRecord } from '../desk/note.ts'
import { system } from '../words.ts'

export const outageMs = 30_000
const everySeconds = 1
/** How often an event is written and taken back: a grant that was revoked, or a disk that is full, is found by nothing else. */
const probeEvery = 5

const epochOf = statement(
  'beat.epoch',
  `select s.system_identifier || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8) as epoch from pg_control_system() s`,
)
const before = statement(
  'beat.before',
  `select extract(epoch from clock_timestamp() - at)::float8 as silent, epoch from beat for update`,
)
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

  const once = async (): Promise<number> => {
    const [due] = await db.query<{ due: boolean }>(isDue)
    if (!due?.due && !missed && !first) return 0
    const current = await epoch()
    return db.transaction(async (tx) => {
      const [was] = await tx.query<{ silent: number; epoch: string | null }>(before)
      if (!was) return 0
      if (missed || turn % probeEvery === 0) await probeRecord(tx, full)
      turn += 1
      await tx.query(beaten, [current ?? null])
      const moved = current !== undefined && was.epoch !== null && was.epoch !== current
      const silent = missed && now() - lastGood > outageMs && was.silent * 1000 > outageMs
      if (moved) return (await closeLiving(tx, 'restored', system('beat'))).length
      return silent ? (await closeLiving(tx, 'audit_unavailable', system('beat'), was.silent)).length : 0
    })
  }
  return {
    async run() {
      try {
        const ended = await once()
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
