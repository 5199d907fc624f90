/**
 * The bridge to a product's own identity provider, for products that trust the tokens of a user pool of Amazon Cognito.
 * Forms go in, with the product's own client id and secret; each answer is 200, for what is alive and for what is not.
 */
import { z } from 'zod'
import type { Refusal } from './refusals.ts'
import { instant, powers } from './words.ts'

/** How long a ticket lies between the product's question and the trigger that redeems it, and then until its token is made. */
export const bridgeSeconds = 60
/** How long its claims can be asked for again: a provider that got no answer repeats its call, three times of five seconds. */
export const bridgeRepeatSeconds = 15

/** Why a ticket opens nothing, in the words of the table of refusals. */
export const bridgeRefusals = [
  'launch.unknown',
  'launch.spent',
  'launch.expired',
  'launch.other_user',
  'assistance.closed',
  'access.switched_off',
] as const satisfies readonly Refusal[]
export type BridgeRefusal = (typeof bridgeRefusals)[number]

/** `POST /bridge/ticket` with `token`: for a session that lives, one ticket for one sign-in of its user. */
export const bridgeTicket = z.union([
  z.strictObject({
    active: z.literal(true),
    /** Opens once; in no address, no log, and no field that goes on to another trigger. */
    ticket: z.string(),
    /** Names the ticket and opens nothing: the one thing of it that may go on. */
    reference: z.string(),
    /** The user as the Core knows them. */
    sub: z.string(),
    expires_in: z.int(),
  }),
  z.strictObject({ active: z.literal(false) }),
])
export type BridgeTicket = z.infer<typeof bridgeTicket>

/** `POST /bridge/redeem` with `ticket`, `sub` and `attempt`: whether this one sign-in is that of the ticket. */
export const bridgeRedeemed = z.union([
  z.strictObject({ redeemed: z.literal(true) }),
  z.strictObject({ redeemed: z.literal(false), refusal: z.enum(bridgeRefusals) }),
])
export type BridgeRedeemed = z.infer<typeof bridgeRedeemed>

/** `POST /bridge/claims` with `reference` and `sub`: what the token of a ticket that was just redeemed has to say. */
export const bridgeClaims = z.union([
  z.strictObject({
    active: z.literal(true),
    act: z.strictObject({ sub: z.string(), name: z.string() }),
    sid: z.string(),
    acr: z.string(),
    assistance_id: z.string(),
    ecosystem_id: z.string(),
    powers: z.enum(powers),
    /** With spaces between them; never `openid`. */
    scope: z.string(),
    ends_at: instant,
  }),
  z.strictObject({ active: z.literal(false) }),
])
export type BridgeClaims = z.infer<typeof bridgeClaims>
