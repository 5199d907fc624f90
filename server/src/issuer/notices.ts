/**
 * Telling surfaces of an ending: a back-channel logout token to each session that had a token, repeated until it is
 * acknowledged. A notice waits since its token was issued; whatever ends it makes it due, in its own transaction (triggers of
 * migrations 0028 and 0029), so no ending can forget it, and what lives is not looked at. It only informs: what it tells of has
 * ended already, whether or not anybody hears it.
 */
import type { Provider } from 'oidc-provider'
import type { Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, plain, recordedPlain } from '../desk/record.ts'
import { lives } from '../surfaces/surfaces.store.ts'
import { system } from '../words.ts'
import type { Client } from './asked.ts'

const atOnce = 50
const leaseSeconds = 10
const pausesInSeconds = [1, 2, 5, 10, 30, 60] as const
/** So often a phone is waited for before anybody is told that it has not asked. */
const patienceTries = 5
/** After this long nothing is left at the surface that could still be believed. */
const giveUpHours = 24

interface Due {
  session_id: string
  assistance_id: string
  surface: string
  subject: string
  sid: string
  tries: number
}

const due = statement(
  'notices.due',
  `
with t as materialized (select app_now() as now),
  due as (
    select n.surface_session_id as id, ended.*
      from notice n cross join lateral (
        select s.assistance_id, s.surface, s.subject, s.sid from surface_session s join assistance a on a.id = s.assistance_id
         where s.id = n.surface_session_id and (a.state = 'closed' or s.closed_alone_at is not null) limit 1) ended
     where n.acked_at is null and n.dead_at is null and n.next_at <= (select now from t)
       and (n.lease_until is null or n.lease_until <= (select now from t))
     order by n.next_at limit ${atOnce} for update of n skip locked)
update notice n
   set lease_until = t.now + interval '${leaseSeconds} seconds', tries = n.tries + 1, told_at = coalesce(n.told_at, t.now)
  from due, t where n.surface_session_id = due.id
returning n.surface_session_id as session_id, due.assistance_id, due.surface, due.subject, due.sid, n.tries`,
)

/** Writes what became of one notice, and its event in the same statement. No event where `$3` is empty. */
const settled = (name: string, change: string) =>
  statement(
    name,
    `
with t as materialized (select app_now() as now),
  told as (
    update notice n set lease_until = null, ${change} from t
     where n.surface_session_id = $1 and coalesce(n.acked_at, n.dead_at) is null returning $2::text as assistance_id),
  ${counted('told', 'jsonb_array_length($3::jsonb)')},
  ${recordedPlain('$3::jsonb')}
select from told`,
  )

const acknowledged = settled('notices.acknowledged', 'acked_at = t.now, error = null')
const failed = settled(
  'notices.failed',
  `error = $4, next_at = t.now + make_interval(secs => $5),
   dead_at = case when n.told_at <= t.now - interval '${giveUpHours} hours' then t.now end`,
)
const unconfirmed = settled('notices.unconfirmed', `error = $4, dead_at = t.now`)

const heard = statement(
  'notices.heard',
  `
with over as materialized (
    select s.id, s.assistance_id from surface_session s join assistance a on a.id = s.assistance_id
     where s.id = $1 and not (${lives}) for update of a),
  t as materialized (select app_now() as now from over),
  told as (
    update notice n set acked_at = t.now, told_at = coalesce(n.told_at, t.now), error = null, lease_until = null
      from t, over where n.surface_session_id = over.id and n.acked_at is null
    returning over.assistance_id),
  ${counted('told')},
  ${recordedPlain('$2::jsonb')}
select from told`,
)

/** A phone asked, and was told that help has ended: that is its acknowledgement. */
export async function heardOnPhone(db: Database, sessionId: string, surface: string): Promise<void> {
  const event = {
    type: 'surface.acknowledged',
    actor: { kind: 'surface', id: surface },
    data: { surface, session: sessionId },
  } as const
  await db.query(heard, [sessionId, plain(event)])
}

export interface NoticesOutside {
  readonly db: Database
  readonly provider: Provider
  readonly clientOfSurface: (surface: string) => Client | undefined
}

/** Tells every surface that is due; answers how many acknowledged. Any number of these may run beside one another. */
export async function notify(outside: NoticesOutside): Promise<number> {
  const notices = await outside.db.query<Due>(due)
  const heard = await Promise.all(notices.map((notice) => tell(outside, notice)))
  return heard.filter((acked) => acked).length
}

async function tell(outside: NoticesOutside, notice: Due): Promise<boolean> {
  const { db, provider, clientOfSurface } = outside
  const id = [notice.session_id, notice.assistance_id] as const
  const event = (type: 'surface.acknowledged' | 'surface.unreachable', actor: Happening['actor']) =>
    plain({ type, actor, data: { surface: notice.surface, session: notice.session_id } })

  const surface = clientOfSurface(notice.surface)
  if (surface?.client.clientAuth === 'none' && surface.client.backchannelLogoutUri === undefined) {
    // Nobody can call a phone. It asks by itself, and has covered everything for as long as it gets no answer.
    const late = notice.tries > patienceTries ? 'the phone has not asked since' : null
    await db.query(failed, [...id, '[]', late, 2])
    return false
  }
  const clientId = surface?.client.id
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId)
  if (!client?.backchannelLogoutUri) {
    const unreachable = event('surface.unreachable', system('notices'))
    await db.query(unconfirmed, [...id, unreachable, 'cannot be confirmed'])
    return false
  }
  try {
    await sendLogout(client, notice)
  } catch (error) {
    const pause = pausesInSeconds[Math.min(notice.tries, pausesInSeconds.length) - 1] ?? 60
    const first = notice.tries === 1 ? event('surface.unreachable', system('notices')) : '[]'
    await db.query(failed, [...id, first, shortly(error), pause])
    return false
  }
  await db.query(acknowledged, [...id, event('surface.acknowledged', { kind: 'surface', id: notice.surface })])
  return true
}

/** The library signs and sends it (OpenID Connect Back-Channel Logout 1.0); anything but 200 or 204 is thrown. */
async function sendLogout(client: object, to: Due): Promise<void> {
  if (!('backchannelLogout' in client) || typeof client.backchannelLogout !== 'function') {
    throw new Error('the library no longer sends logout tokens')
  }
  await client.backchannelLogout.call(client, to.subject, to.sid)
}

/** What went wrong, for the agent's screen: the status that came, or that nothing came. */
function shortly(error: unknown): string {
  const response = error instanceof Error && 'response' in error ? error.response : undefined
  return response instanceof Response ? `answered ${response.status}` : 'no answer'
}
