/** How each configured product has been doing: what is open in it now, and how it acknowledges endings. */
import type { SurfaceSetUp } from '@amparo/contract/surfaces'
import { type Database, statement } from '../database/database.ts'
import { opensIn, type Surface } from '../policy/policy.ts'
import { lives } from './surfaces.store.ts'

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
select w.surface,
       (select count(*)::int from assistance a join surface_session s on s.assistance_id = a.id
         where a.state = 'active' and s.surface = w.surface and ${lives}) as "openNow",
       (select count(*)::int from notice n join surface_session s on s.id = n.surface_session_id
         where s.surface = w.surface and n.acked_at is null and n.dead_at is null) as waiting,
       last.at as "ackedAt", last.after_ms as "afterMs"
  from unnest($1::text[]) as w (surface)
  left join lateral (
    select n.acked_at as at,
           greatest(0, round(1000 * extract(epoch from n.acked_at - coalesce(s.closed_alone_at, a.closed_at))))::int as after_ms
      from notice n join surface_session s on s.id = n.surface_session_id join assistance a on a.id = s.assistance_id
     where s.surface = w.surface and n.acked_at is not null
     order by n.acked_at desc limit 1) last on true`,
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
