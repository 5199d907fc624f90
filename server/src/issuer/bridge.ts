/**
 * The bridge to a product's own identity provider: a living session's back end gets a ticket, the provider's trigger
 * redeems it for one sign-in of that user, and asks what the token has to say. Each asks with the product's own secret.
 */
import {
  type BridgeClaims,
  type BridgeRedeemed,
  type BridgeRefusal,
  type BridgeTicket,
  bridgeSeconds,
} from '@amparo/contract/bridge'
import { scopeOfPower } from '@amparo/contract/powers'
import type { Database } from '../database/database.ts'
import { settleOne } from '../desk/endings.ts'
import { note } from '../desk/note.ts'
import type { Surface } from '../policy/policy.ts'
import { newToken, tokenDigest } from '../secrets.ts'
import { type Live, liveByGrant } from '../surfaces/liveness.ts'
import { system } from '../words.ts'
import { keepTicket, redeemedGrant, redeemTicket, type Ticket, ticketBy } from './bridge.store.ts'
import type { Client } from './clients.ts'
import { claimsOf } from './provider.ts'

/** One ticket for this session of this product. Its reference is its digest: so a trigger can compare them by itself. */
export async function ticketFor(db: Database, owner: Client, live: Live | undefined): Promise<BridgeTicket> {
  const ticket = newToken()
  const digest = tokenDigest(ticket)
  if (!live || !(await keepTicket(db, digest, live.sessionId, owner.client.id))) return { active: false }
  return {
    active: true,
    ticket,
    reference: digest.toString('base64url'),
    sub: live.subject,
    expires_in: bridgeSeconds,
  }
}

/** What the trigger that checks an answer asks. `attempt` is its own name of this one sign-in. */
export interface Answered {
  readonly ticket: string
  readonly sub: string
  readonly attempt: string
}

/**
 * Redeems a ticket, once: product and user must be those of its session. The same sign-in may ask again, since its
 * provider repeats a call whose answer it did not get in time; another one finds the ticket spent.
 */
export async function redeem(db: Database, owner: Client, { ticket: text, sub, attempt }: Answered) {
  const digest = tokenDigest(text)
  const ticket = await ticketBy(db, digest)
  if (!ticket) return refused('launch.unknown')
  if (ticket.clientId !== owner.client.id) return refuse(db, ticket, 'launch.unknown', 'other_surface')
  if (ticket.subject !== sub) return refuse(db, ticket, 'launch.other_user')
  const own = tokenDigest(attempt).toString('base64url')
  const done = await redeemTicket(
    db,
    ticket.assistanceId,
    { digest, clientId: owner.client.id, subject: sub, attempt: own },
    {
      type: 'surface.bridged',
      actor: { kind: 'agent', id: ticket.agentId },
      data: { surface: ticket.surface, session: ticket.sessionId },
    },
  )
  if (done) return { redeemed: true } as const satisfies BridgeRedeemed

  const now = (await ticketBy(db, digest)) ?? ticket
  if (!now.alive) return refuse(db, now, 'assistance.closed')
  if (now.expired) return refuse(db, now, 'launch.expired')
  return now.attempt === own ? ({ redeemed: true } as const) : refuse(db, now, 'launch.spent')
}

const refused = (refusal: BridgeRefusal) => ({ redeemed: false, refusal }) as const satisfies BridgeRedeemed

/** Records why a ticket opened nothing, so that the agent can be told, and refuses it. A lapse is recorded before. */
async function refuse(db: Database, ticket: Ticket, refusal: BridgeRefusal, why: string = refusal) {
  if (!ticket.alive) await settleOne(db, ticket.assistanceId)
  const data = { surface: ticket.surface, session: ticket.sessionId, why }
  await note(db, ticket.assistanceId, { type: 'launch.refused', actor: system('issuer'), data })
  return refused(refusal)
}

/** The living session of a ticket that this user's sign-in has just redeemed; undefined where it has ended since. */
export async function bridgedSession(
  db: Database,
  owner: Client,
  { reference, sub }: { readonly reference: string; readonly sub: string },
): Promise<Live | undefined> {
  const grant = await redeemedGrant(db, Buffer.from(reference, 'base64url'), owner.client.id, sub)
  return grant && liveByGrant(db, grant)
}

/** What the token of that sign-in has to say. */
export function saidOf(surfaces: readonly Surface[], live: Live): BridgeClaims {
  const { act, sid, acr, assistance_id, ecosystem_id, powers } = claimsOf(surfaces, live)
  const scope = scopeOfPower[powers].replace('openid ', '')
  const ends_at = live.endsAt.toISOString()
  return { active: true, act, sid, acr, assistance_id, ecosystem_id, powers, scope, ends_at }
}
