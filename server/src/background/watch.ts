/**
 * The Core does not push: every 15 s the people and ecosystems of all that is live are read, a page at a time. Whoever was
 * deactivated, suspended or lost their place loses the access that rested on it.
 */
import { randomUUID } from 'node:crypto'
import type { Kind } from '@amparo/contract/words'
import type { Outside } from '../assistance/outside.ts'
import { endingOf, type Helped } from '../assistance/standing.flow.ts'
import { CoreSilent, type Standing } from '../core/core.ts'
import { type Database, statement } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { offered, type Surface } from '../policy/policy.ts'
import { known, system } from '../words.ts'

interface LiveRow {
  id: string
  agent_id: string
  kind: Kind
  user_id: string
  ecosystem_id: string
  state: 'consent' | 'active'
  surfaces: string[]
  was_suspended: boolean
}

/** So many are asked about at once. All at once would be one long question, and one that takes too long ends everything. */
const pageLength = 500

/** In the order of agents, each of whom has one at a time. */
const live = statement(
  'watch.live',
  `
select a.id, a.agent_id, a.kind, a.user_id, a.ecosystem_id, a.state, coalesce(a.surfaces, '{}') as surfaces,
       exists (select from jsonb_array_elements(a.seen -> 'ecosystems') e
                where e ->> 'id' = a.ecosystem_id and e ->> 'status' = 'suspended') as was_suspended
  from assistance a
 where a.closed_at is null and a.state in ('consent', 'active') and a.ecosystem_id is not null and a.agent_id > $1
 order by a.agent_id limit $2`,
)
/** That all of it was read is told the others: one that cannot reach the Core itself ends nothing that another watches. */
const wholeRead = statement('watch.read', 'update beat set core_read_at = clock_timestamp(), core_read_by = $1')
const readElsewhere = statement(
  'watch.read_elsewhere',
  `select from beat where core_read_by <> $1 and core_read_at > clock_timestamp() - make_interval(secs => $2)`,
)
const liveAfter = (db: Database, agentId: string, atMost: number) => db.query<LiveRow>(live, [agentId, atMost])
const lastOf = (rows: readonly LiveRow[]): string => rows.at(-1)?.agent_id ?? ''

export interface Watch {
  /**
   * One reading; the number of assistances and surfaces that ended because of it. What could not be ended does not keep the
   * rest from it: the first trouble is thrown when all was read.
   */
  run(): Promise<number>
}

/** How long the Core may be silent, to every process, before what is live is closed. */
const patienceMs = 60_000

type CloseSurface = (assistanceId: string, surface: string, why: string) => Promise<boolean>

export function watchCore(
  outside: Outside,
  closeSurface: CloseSurface,
  elapsed: () => number,
  atOnce = pageLength,
): Watch {
  const { db } = outside
  const me = randomUUID()
  let silentSince: number | undefined
  return {
    async run() {
      const troubles: unknown[] = []
      let changes = 0
      let after = ''
      for (let rows = await liveAfter(db, after, atOnce); rows.length > 0; rows = await liveAfter(db, after, atOnce)) {
        try {
          changes += await judge(outside, rows, await standingsOf(outside, rows), closeSurface, troubles)
        } catch (error) {
          if (!(error instanceof CoreSilent)) throw error
          silentSince ??= elapsed()
          if (elapsed() - silentSince < patienceMs) return changes
          const watched = await db.query(readElsewhere, [me, patienceMs / 1000])
          return watched.length > 0 ? changes : changes + (await closeAfter(db, after))
        }
        after = lastOf(rows)
      }
      // Whatever is live was read.
      silentSince = undefined
      await db.query(wholeRead, [me]).catch((error: unknown) => troubles.push(error))
      if (troubles.length > 0) throw troubles[0]
      return changes
    },
  }
}

const standingsOf = ({ core }: Outside, rows: readonly LiveRow[]) =>
  core.standings(rows.map((row) => ({ userId: row.user_id, ecosystemId: row.ecosystem_id })))

/** Closes what the Core said nothing about: all that comes after this agent's. */
async function closeAfter(db: Database, agentId: string): Promise<number> {
  let ended = 0
  let after = agentId
  for (
    let rows = await liveAfter(db, after, pageLength);
    rows.length > 0;
    rows = await liveAfter(db, after, pageLength)
  ) {
    ended += await closeAll(db, rows)
    after = lastOf(rows)
  }
  return ended
}

/** So many at once: all at once they would keep one another from getting a connection. */
const closedAtOnce = 20

async function closeAll(db: Database, rows: readonly LiveRow[]): Promise<number> {
  let ended = 0
  for (let from = 0; from < rows.length; from += closedAtOnce) {
    const some = rows.slice(from, from + closedAtOnce)
    const closed = await Promise.all(
      some.map((row) => close(db, known.assistance(row.id), { because: 'core_unavailable', actor: system('core') })),
    )
    ended += closed.filter((one) => one !== undefined).length
  }
  return ended
}

async function judge(
  outside: Outside,
  rows: readonly LiveRow[],
  standings: readonly Standing[],
  closeSurface: CloseSurface,
  troubles: unknown[],
): Promise<number> {
  let changes = 0
  const pair = (userId: string, ecosystemId: string) => JSON.stringify([userId, ecosystemId])
  const standingOf = new Map(standings.map((one) => [pair(one.userId, one.ecosystemId), one]))
  for (const row of rows) {
    const now = standingOf.get(pair(row.user_id, row.ecosystem_id))
    changes += await judgeOne(outside, row, now, closeSurface).catch((error: unknown) => {
      if (error instanceof CoreSilent) throw error
      troubles.push(error)
      return 0
    })
  }
  return changes
}

const helpedIn = (row: LiveRow): Helped => ({
  kind: row.kind,
  userId: known.user(row.user_id),
  ecosystemId: known.ecosystem(row.ecosystem_id),
  wasSuspended: row.was_suspended,
})

async function judgeOne(outside: Outside, row: LiveRow, now: Standing | undefined, closeSurface: CloseSurface) {
  const because = await endingOf(outside, helpedIn(row), now)
  if (because) return (await close(outside.db, known.assistance(row.id), { because, actor: system('core') })) ? 1 : 0
  let changes = 0
  if (now && row.kind === 'technical' && row.state === 'active')
    for (const surface of lost(outside.surfaces, row, now))
      if (await closeSurface(row.id, surface, 'no_longer_offered')) changes += 1
  return changes
}

/** Consented surfaces that this standing no longer offers. */
function lost(surfaces: readonly Surface[], row: LiveRow, now: Standing): readonly string[] {
  const { role } = now
  const still = role
    ? offered(surfaces, {
        ecosystemId: now.ecosystemId,
        name: '',
        role,
        status: now.ecosystemActive ? 'active' : 'suspended',
        features: now.features,
        ...(now.seats ? { seats: now.seats } : {}),
        support: now.support,
      }).map((surface) => surface.id)
    : []
  return row.surfaces.filter((surface) => !still.includes(surface))
}
