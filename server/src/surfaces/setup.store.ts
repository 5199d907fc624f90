/** How each configured product has been doing: what is open in it now, and how it acknowledges endings. */
import type { SurfaceSetUp } from '@amparo/contract/surfaces'
import { isAllCutNow, isCutNow } from '../cutoff/cutoff.store.ts'
import { type Database, statement } from '../database/database.ts'
import { cutEcosystemsNow } from '../desk/endings.ts'
import { opensIn, type Surface } from '../policy/policy.ts'

interface Row {
  readonly surface: string
  readonly openNow: number
  readonly waiting: number
  readonly ackedAt: Date | null
  readonly afterMs: number | null
}

const doing = statement(
  'surfaces.doing',
  `
with t as materialized (select app_now() as now),
  open as materialized (
    select s.surface, count(*)::int as sessions from assistance a join surface_session s on s.assistance_id = a.id
     where a.state = 'active' and a.closed_at is null and ends_at(a) > (select now from t) and s.closed_alone_at is null
       and coalesce(a.ecosystem_id <> all (${cutEcosystemsNow}), true)
     group by s.surface),
  waiting as materialized (
    select s.surface, count(*)::int as endings from notice n join surface_session s on s.id = n.surface_session_id
     where n.told_at is not null and n.acked_at is null and n.dead_at is null group by s.surface),
  -- Ended, and not told of it yet.
  untold as materialized (
    select ended.surface, count(*)::int as endings from notice n cross join lateral (
      select s.surface from surface_session s join assistance a on a.id = s.assistance_id
       where s.id = n.surface_session_id and (a.state = 'closed' or s.closed_alone_at is not null) limit 1) ended
     where n.next_at <= (select now from t) and n.told_at is null and n.acked_at is null and n.dead_at is null group by ended.surface)
select w.surface, case when ${isCutNow('w.surface')} or ${isAllCutNow} then 0 else coalesce(open.sessions, 0) end as "openNow",
       coalesce(waiting.endings, 0) + coalesce(untold.endings, 0) as waiting, last.at as "ackedAt", last.after_ms as "afterMs"
  from unnest($1::text[]) as w (surface)
  left join open on open.surface = w.surface left join waiting on waiting.surface = w.surface
  left join untold on untold.surface = w.surface
  left join lateral (
    select n.acked_at as at,
           greatest(0, round(1000 * extract(epoch from n.acked_at - coalesce(s.closed_alone_at, a.closed_at))))::int as after_ms
      from event e join notice n on n.surface_session_id = (e.body::jsonb) #>> '{data,session}'
      join surface_session s on s.id = n.surface_session_id join assistance a on a.id = s.assistance_id
     where e.type = 'surface.acknowledged' and (e.body::jsonb) #>> '{data,surface}' = w.surface order by e.ord desc limit 1) last on true`,
)

/** The products in the order of their buttons. Neither addresses nor secrets leave the configuration. */
export async function surfacesSetUp(db: Database, surfaces: readonly Surface[]): Promise<SurfaceSetUp[]> {
  const rows = await db.query<Row>(doing, [surfaces.map(({ id }) => id)])
  return surfaces.map((surface) =>
    setUpOf(
      surface,
      rows.find((row) => row.surface === surface.id),
    ),
  )
}

function setUpOf({ id, name, offeredTo, whenSuspended, powers, client }: Surface, row: Row | undefined): SurfaceSetUp {
  const acknowledged = row && row.ackedAt !== null && row.afterMs !== null
  return {
    surface: id,
    name: { ...name },
    ready: client !== undefined,
    opens: opensIn({ ...(client ? { client } : {}) }),
    offeredTo: [...offeredTo],
    whenSuspended,
    powers: powers.filter((power) => power === 'look' || power === 'act'),
    sensitive: powers.filter((power) => power !== 'look' && power !== 'act'),
    told: { asks: client?.statusCheck ?? false, notified: client?.backchannelLogoutUri !== undefined },
    openNow: row?.openNow ?? 0,
    waiting: row?.waiting ?? 0,
    ...(acknowledged && { lastAcknowledged: { at: row.ackedAt.toISOString(), afterMs: row.afterMs } }),
  }
}
