/** The surface came back: its session is opened, recorded and read in one statement. */
import type { Happening } from '../audit/event.ts'
import { isCutNow } from '../cutoff/cutoff.store.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, plain, recordedPlain } from '../desk/record.ts'
import { facts, joinsOf, type Live, type LiveRow, liveOf } from './liveness.ts'
import { alive, hintSeconds, type Launch } from './surfaces.store.ts'

const redeemed = statement(
  'surfaces.redeem',
  `
with ${alive},
  spent as (
    update launch l set redeemed_at = alive.now from alive
     where l.id = $2 and l.assistance_id = alive.id and l.surface = $3 and l.hint_digest = $4 and l.browser_digest = $5
       and l.redeemed_at is null and l.void_at is null
       and l.taken_at > alive.now - interval '${hintSeconds} seconds' and not ${isCutNow('l.surface')}
    returning l.id, l.assistance_id, l.surface),
  opened as (
    insert into surface_session (id, launch_id, assistance_id, surface, holder, subject, sid, grant_digest, opened_at)
    select $6, spent.id, spent.assistance_id, spent.surface, 'browser', alive.user_id, $7, $8, alive.now from spent, alive
    returning id, assistance_id, surface, holder, key_thumbprint, subject, sid, opened_at),
  ${counted('opened')},
  ${recordedPlain('$9::jsonb')}
${facts} from opened s ${joinsOf('held')}`,
)

export interface Redemption {
  readonly surface: string
  readonly hintDigest: Uint8Array
  readonly browserDigest: Uint8Array
  readonly sessionId: string
  readonly sid: string
  readonly grantDigest: Uint8Array
}

/** The surface came back with the hint, in that browser: opens its session, once. Undefined: nothing was opened. */
export async function redeemLaunch(
  db: Database,
  launch: Launch,
  r: Redemption,
  event: Happening,
): Promise<Live | undefined> {
  const rows = await db.query<LiveRow>(redeemed, [
    launch.assistanceId,
    launch.id,
    r.surface,
    r.hintDigest,
    r.browserDigest,
    r.sessionId,
    r.sid,
    r.grantDigest,
    plain(event),
  ])
  return rows.map(liveOf)[0]
}
