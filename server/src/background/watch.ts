/**
 * The Core does not push: every 15 s the people and ecosystems of all that is live are read in one query. Whoever was
 * deactivated, suspended or lost their place loses the access that rested on it.
 */
import type { Kind } from '@amparo/contract/words'
import type { Outside } from '../assistance/outside.ts'
import { CoreSilent, type Standing } from '../core/core.ts'
import { SuccessionsUnread } from '../core/successions.ts'
import { type Database, statement } from '../database/database.ts'
import { close } from '../desk/endings.ts'
import { offered, type Surface } from '../policy/policy.ts'
import { known, system } from '../words.ts'

interface LiveRow {
  id: string
  kind: Kind
  user_id: string
  ecosystem_id: string
  state: 'consent' | 'active'
  surfaces: string[]
  was_suspended: boolean
}

const live = statement(
  'watch.live',
  `
select a.id, a.kind, a.user_id, a.ecosystem_id, a.state, coalesce(a.surfaces, '{}') as surfaces,
       exists (select from jsonb_array_elements(a.seen -> 'ecosystems') e
                where e ->> 'id' = a.ecosystem_id and e ->> 'status' = 'suspended') as was_suspended
  from assistance a where a.state in ('consent', 'active') and a.ecosystem_id is not null`,
)

export interface Watch {
  /** One reading; the number of assistances and surfaces that ended because of it. */
  run(): Promise<number>
}

/** How long the Core may be silent before what is live is closed. */
const patienceMs = 60_000

export function watchCore(
  outside: Outside,
  closeSurface: (assistanceId: string, surface: string, why: string) => Promise<boolean>,
  elapsed: () => number,
): Watch {
  let silentSince: number | undefined
  return {
    async run() {
      const rows = await outside.db.query<LiveRow>(live)
      if (rows.length === 0) {
        silentSince = undefined
        return 0
      }
      try {
        const standings = await outside.core.standings(
          rows.map((row) => ({ userId: row.user_id, ecosystemId: row.ecosystem_id })),
        )
        silentSince = undefined
        return await judge(outside, rows, standings, closeSurface)
      } catch (error) {
        if (!(error instanceof CoreSilent)) throw error
        silentSince ??= elapsed()
        return elapsed() - silentSince < patienceMs ? 0 : closeAll(outside.db, rows)
      }
    },
  }
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
  closeSurface: (assistanceId: string, surface: string, why: string) => Promise<boolean>,
): Promise<number> {
  let changes = 0
  const pair = (userId: string, ecosystemId: string) => JSON.stringify([userId, ecosystemId])
  const standingOf = new Map(standings.map((one) => [pair(one.userId, one.ecosystemId), one]))
  for (const row of rows) {
    const now = standingOf.get(pair(row.user_id, row.ecosystem_id))
    const because = row.kind === 'technical' ? endingOf(row, now) : await endingOfSuccession(outside, row, now)
    if (because) {
      if (await close(outside.db, known.assistance(row.id), { because, actor: system('core') })) changes += 1
    } else if (now && row.kind === 'technical' && row.state === 'active') {
      for (const surface of lost(outside.surfaces, row, now))
        if (await closeSurface(row.id, surface, 'no_longer_offered')) changes += 1
    }
  }
  return changes
}

function endingOf(row: LiveRow, now: Standing | undefined) {
  if (!now?.userActive) return 'user_deactivated'
  if (now.support === 'off') return 'access_withdrawn'
  return !now.ecosystemActive && !row.was_suspended ? 'ecosystem_suspended' : undefined
}

/** In a succession the person has to be owner or named successor still; a view that cannot be read ends nothing. */
async function endingOfSuccession(outside: Outside, row: LiveRow, now: Standing | undefined) {
  if (!now?.userActive) return 'user_deactivated'
  if (now.support === 'off') return 'access_withdrawn'
  try {
    const places = await outside.successions.places(row.user_id)
    return places.some(({ ecosystemId }) => ecosystemId === row.ecosystem_id) ? undefined : 'access_withdrawn'
  } catch (error) {
    if (error instanceof SuccessionsUnread) return undefined
    throw error
  }
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
        support: now.support,
      }).map((surface) => surface.id)
    : []
  return row.surfaces.filter((surface) => !still.includes(surface))
}
