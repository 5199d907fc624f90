/**
 * Telling surfaces of an ending: a back-channel logout token to each session that had a token, repeated until it is
 * acknowledged. A notice waits since its token was issued; whatever ends it makes it due, in its own transaction (triggers of
 * migrations 0028 and 0029), so no ending can forget it, and what lives is not looked at. It only informs: what it tells of has
 * ended already, whether or not anybody hears it.
 */
import type { Provider } from 'oidc-provider'
import type { Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { fates, settling } from '../desk/fates.ts'
import { counted, heldEach, plain, recordedEach, recordedPlain, wordless } from '../desk/record.ts'
import { lives } from '../surfaces/surfaces.store.ts'
import { system } from '../words.ts'
import type { Client } from './clients.ts'

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

/**
 * Writes what became of notices, each with its event: one statement and one commit for all of them. Whoever let go of one already
 * and did not hear so (a lost connection) says a failure once.
 */
const settled = fates(
  'notices.settled',
  (isTogether) => `
with ${heldEach('$1', isTogether)},
  told as (
    update notice n
       set lease_until = null, error = f.error, acked_at = case f.fate when 'acknowledged' then t.now end,
           next_at = case f.fate when 'later' then t.now + f.pause_seconds * interval '1 second' else n.next_at end,
           dead_at = case when f.fate = 'never' or f.fate = 'later' and n.told_at <= t.now - interval '${giveUpHours} hours' then t.now end
      from t, jsonb_to_recordset($3::jsonb) as f (id text, assistance_id text, fate text, error text, pause_seconds int, ord int, event jsonb)
     where n.surface_session_id = any($2::text[]) and n.surface_session_id = f.id and coalesce(n.acked_at, n.dead_at) is null
       and (f.fate = 'acknowledged' or n.lease_until is not null) and f.assistance_id = any (array(select id from held))
    returning f.assistance_id, f.ord, f.event as draft),
  said as materialized (select assistance_id, ord, draft from told where draft is not null),
  ${recordedEach('said')}
select ord from told`,
)

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

export interface Notified {
  readonly acknowledged: number
  readonly isMore: boolean
}

export interface NoticesOutside {
  readonly db: Database
  readonly provider: Provider
  readonly clientOfSurface: (surface: string) => Client | undefined
}

/** What became of a notice; nothing is said of one that was not the first to fail. */
interface Fate {
  readonly fate: 'acknowledged' | 'later' | 'never'
  readonly error?: string | undefined
  readonly pauseSeconds?: number
  readonly says?: { readonly type: 'surface.acknowledged' | 'surface.unreachable'; readonly actor: Happening['actor'] }
}
interface Told {
  readonly notice: Due
  readonly fate: Fate
}

/**
 * Tells surfaces that are due, at most so many; how many acknowledged, and whether there may be more. Any number of these may run
 * beside one another.
 */
export async function notify(outside: NoticesOutside): Promise<Notified> {
  const { db } = outside
  const settle = settling<Told, { ord: number }>(db, settled, rowOf)
  const telling = async (notice: Due) => {
    const fate = await tell(outside, notice)
    await settle({ notice, fate })
    return fate.fate === 'acknowledged'
  }
  const heard = await Promise.allSettled((await db.query<Due>(due)).map(telling))
  const broken = heard.find((one) => one.status === 'rejected')
  if (broken) throw broken.reason
  const acknowledged = heard.filter((one) => one.status === 'fulfilled' && one.value).length
  return { acknowledged, isMore: heard.length === atOnce }
}

function rowOf({ notice, fate: { fate, error, pauseSeconds, says } }: Told, ord: number) {
  const data = { surface: notice.surface, session: notice.session_id }
  const event = says && wordless({ ...says, data })
  return {
    id: notice.session_id,
    assistance_id: notice.assistance_id,
    fate,
    error,
    pause_seconds: pauseSeconds,
    ord,
    event,
  }
}

async function tell({ provider, clientOfSurface }: NoticesOutside, notice: Due): Promise<Fate> {
  const unreachable = { type: 'surface.unreachable', actor: system('notices') } as const
  const surface = clientOfSurface(notice.surface)
  if (surface?.client.clientAuth === 'none' && surface.client.backchannelLogoutUri === undefined) {
    // Nobody can call a phone. It asks by itself, and has covered everything for as long as it gets no answer.
    const error = notice.tries > patienceTries ? 'the phone has not asked since' : undefined
    return { fate: 'later', error, pauseSeconds: 2 }
  }
  const clientId = surface?.client.id
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId)
  if (!client?.backchannelLogoutUri) return { fate: 'never', error: 'cannot be confirmed', says: unreachable }
  try {
    await sendLogout(client, notice)
  } catch (error) {
    const pauseSeconds = pausesInSeconds[Math.min(notice.tries, pausesInSeconds.length) - 1] ?? 60
    return { fate: 'later', error: shortly(error), pauseSeconds, ...(notice.tries === 1 ? { says: unreachable } : {}) }
  }
  return {
    fate: 'acknowledged',
    says: { type: 'surface.acknowledged', actor: { kind: 'surface', id: notice.surface } },
  }
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
