/**
 * Tickets of the bridge in SQL. They stand beside the codes and tokens of the issuer, by digest, and are found through a
 * living surface session or not at all. Which sign-in gets one is one conditional statement.
 */
import { bridgeRepeatSeconds, bridgeSeconds } from '@amparo/contract/bridge'
import type { Happening } from '../audit/event.ts'
import { type Database, statement } from '../database/database.ts'
import { counted, plain, recordedPlain } from '../desk/record.ts'
import { alive, lives } from '../surfaces/surfaces.store.ts'
import type { AssistanceId } from '../words.ts'

const kept = statement(
  'bridge.keep',
  `
insert into artifact (kind, id_digest, grant_digest, payload, expires_at)
select 'BridgeTicket', $1, s.grant_digest, jsonb_build_object('clientId', $3::text),
       app_now() + interval '${bridgeSeconds} seconds'
  from surface_session s join assistance a on a.id = s.assistance_id
 where s.id = $2 and s.key_thumbprint is null and ${lives}
returning kind`,
)

/** Keeps a ticket for this session. False: it has ended, or is bound to a phone. */
export const keepTicket = async (db: Database, digest: Uint8Array, sessionId: string, clientId: string) =>
  (await db.query(kept, [digest, sessionId, clientId])).length === 1

/** A ticket as it stands now. What may be done with it is decided by the statement below, never from this. */
export interface Ticket {
  readonly assistanceId: AssistanceId
  readonly agentId: string
  readonly sessionId: string
  readonly surface: string
  readonly clientId: string
  readonly subject: string
  readonly attempt: string | null
  readonly expired: boolean
  readonly alive: boolean
}

const found = statement(
  'bridge.find',
  `
select a.id as "assistanceId", a.agent_id as "agentId", s.id as "sessionId", s.surface, s.subject,
       r.payload ->> 'clientId' as "clientId", r.payload ->> 'attempt' as attempt, r.expires_at <= app_now() as expired, ${lives} as alive
  from artifact r join surface_session s on s.grant_digest = r.grant_digest join assistance a on a.id = s.assistance_id
 where r.kind = 'BridgeTicket' and r.id_digest = $1`,
)

export const ticketBy = async (db: Database, digest: Uint8Array): Promise<Ticket | undefined> =>
  (await db.query<Ticket>(found, [digest]))[0]

const redeemed = statement(
  'bridge.redeem',
  `
with ${alive},
  spent as (
    update artifact r
       set consumed_at = alive.now, payload = r.payload || jsonb_build_object('attempt', $5::text)
      from alive, surface_session s
     where r.kind = 'BridgeTicket' and r.id_digest = $2 and r.consumed_at is null and r.expires_at > alive.now
       and r.payload ->> 'clientId' = $3 and s.grant_digest = r.grant_digest and s.assistance_id = alive.id
       and s.subject = $4 and s.closed_alone_at is null and not surface_is_cut(s.surface)
    returning s.assistance_id),
  ${counted('spent')},
  ${recordedPlain('$6::jsonb')}
select from spent`,
)

export interface Redeeming {
  readonly digest: Uint8Array
  readonly clientId: string
  readonly subject: string
  /** Names the one sign-in that gets it. */
  readonly attempt: string
}

/** Gives the ticket to one sign-in of its user, once. False: it goes to nobody (any more). */
export async function redeemTicket(db: Database, id: AssistanceId, r: Redeeming, event: Happening): Promise<boolean> {
  const values = [id, r.digest, r.clientId, r.subject, r.attempt, plain(event)]
  return (await db.query(redeemed, values)).length === 1
}

const grantOf = statement(
  'bridge.grant_of',
  `
update artifact r set payload = r.payload || jsonb_build_object('told', coalesce(r.payload ->> 'told', app_now()::text))
  from surface_session s
 where s.grant_digest = r.grant_digest
   and r.kind = 'BridgeTicket' and r.id_digest = $1 and r.payload ->> 'clientId' = $2 and s.subject = $3
   and r.consumed_at > app_now() - interval '${bridgeSeconds} seconds'
   and (r.payload ->> 'told' is null
        or (r.payload ->> 'told')::timestamptz > app_now() - interval '${bridgeRepeatSeconds} seconds')
returning r.grant_digest as "grantDigest"`,
)

/**
 * The grant behind a ticket that this user's sign-in has just redeemed. It is told to one making of tokens: the same call,
 * repeated for want of an answer, is told it again, and another one that comes later is not.
 */
export const redeemedGrant = async (db: Database, digest: Uint8Array, clientId: string, subject: string) =>
  (await db.query<{ grantDigest: Buffer }>(grantOf, [digest, clientId, subject]))[0]?.grantDigest
