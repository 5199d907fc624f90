/**
 * The bridge of a user pool whose tokens products trust: what its four triggers do. A sign-in of the bridge's app client
 * answers one challenge with a one-time ticket of Amparo and nothing else, and its token says who acts. A sign-in of any
 * other client passes through as if these triggers were not there.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { BridgeClaims, BridgeRedeemed } from '@amparo/contract/bridge'

/** What every trigger is told. */
interface Trigger {
  readonly userName: string
  readonly callerContext: { readonly clientId: string }
}
type Attributes = Readonly<Record<string, string>>
type Metadata = Readonly<Record<string, string>> | undefined

interface Challenge {
  readonly challengeName: string
  readonly challengeResult: boolean
  readonly challengeMetadata?: string
}
export interface DefineEvent extends Trigger {
  readonly request: { readonly session: readonly Challenge[]; readonly userNotFound?: boolean }
  readonly response: object
}
export interface CreateEvent extends Trigger {
  readonly request: { readonly challengeName: string }
  readonly response: object
}
export interface VerifyEvent extends Trigger {
  readonly request: {
    readonly userAttributes: Attributes
    readonly privateChallengeParameters: { readonly attempt?: string }
    readonly challengeAnswer: unknown
    readonly clientMetadata?: Metadata
    readonly userNotFound?: boolean
  }
  readonly response: object
}
export interface TokensEvent extends Trigger {
  readonly version: string
  readonly triggerSource: string
  readonly request: { readonly userAttributes: Attributes; readonly clientMetadata?: Metadata }
  readonly response: object
}

/** By the id of the pool's app client: the product, as Amparo knows its client. */
export type Clients = ReadonlyMap<string, string>

/** What Amparo is asked, as one product, until it is `over`. Throws where it gives no answer. */
export interface Amparo {
  redeem(
    product: string,
    form: { ticket: string; sub: string; attempt: string },
    over: AbortSignal,
  ): Promise<BridgeRedeemed>
  claims(product: string, form: { reference: string; sub: string }, over: AbortSignal): Promise<BridgeClaims>
}

/** What Lambda tells of a call. */
export interface Context {
  getRemainingTimeInMillis(): number
}
/** Time that is left for the answer: a pool that gets none calls again. */
const reserveMs = 400
const overOf = (context: Context): AbortSignal =>
  AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - reserveMs))

export interface Bridge {
  readonly clients: Clients
  readonly amparo: Amparo
  /** The attribute of the pool that holds the id of the Core, or `username`. Nobody may be able to write it themself. */
  readonly subject: string
  /** One line of the function's log; never a ticket, a name or an address. */
  log(line: Readonly<Record<string, unknown>>): void
}

/** What the pool keeps of a challenge: which it was. Never what it was answered with. */
const challenge = 'AMPARO_TICKET'
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** One challenge, once; then tokens, or never. */
export const defining =
  (clients: Clients) =>
  async (event: DefineEvent): Promise<DefineEvent> => {
    const { session, userNotFound } = event.request
    const ours = clients.has(event.callerContext.clientId)
    const [first, ...more] = session
    const right = first?.challengeMetadata === challenge && first.challengeResult && more.length === 0
    const response =
      ours && !first
        ? { challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false }
        : ours && right && !userNotFound
          ? { issueTokens: true, failAuthentication: false }
          : { issueTokens: false, failAuthentication: true }
    return { ...event, response }
  }

/** Asks for a ticket. It sends and keeps nothing, so it may be called as often as the pool likes; what it draws names this sign-in. */
export const creating = async (event: CreateEvent): Promise<CreateEvent> => ({
  ...event,
  response: {
    publicChallengeParameters: { wants: challenge },
    privateChallengeParameters: { attempt: randomUUID() },
    challengeMetadata: challenge,
  },
})

/** Whether the answer is a ticket for this very user, redeemed by this very sign-in. Whatever goes wrong is a no. */
export const verifying =
  (bridge: Bridge) =>
  async (event: VerifyEvent, context: Context): Promise<VerifyEvent> => {
    const said = await judged(bridge, event, overOf(context)).catch((error: unknown) => {
      bridge.log({ did: 'not asked', why: error instanceof Error ? error.name : 'unknown' })
      return 'no_answer'
    })
    bridge.log({ did: 'judged an answer', said })
    return { ...event, response: { answerCorrect: said === 'redeemed' } }
  }

async function judged(bridge: Bridge, { request, ...event }: VerifyEvent, over: AbortSignal): Promise<string> {
  const product = bridge.clients.get(event.callerContext.clientId)
  const { challengeAnswer: ticket, privateChallengeParameters, clientMetadata, userNotFound } = request
  const { attempt } = privateChallengeParameters
  const sub = subjectIn(bridge, event.userName, request.userAttributes)
  if (!product || !sub || userNotFound || !attempt || typeof ticket !== 'string') return 'not_ours'
  // The token will be asked for by its reference: it has to be that of the ticket that is redeemed here.
  if (clientMetadata?.amparo !== digestOf(ticket)) return 'no_reference'
  const answer = await bridge.amparo.redeem(product, { ticket, sub, attempt }, over)
  return answer.redeemed ? 'redeemed' : answer.refusal
}

/** A sign-in of the bridge's client that says nothing of who acts gets no token: Cognito issues none when this throws. */
class NoToken extends Error {
  override readonly name = 'NoToken'
}

/** Gives AWS's own API into the hands of whoever has the token: other contacts, another password, the whole account gone. */
const ownApi = 'aws.cognito.signin.user.admin'

/** Says in the tokens of a bridged sign-in who acts, for what help, and what may be done. Other clients' pass untouched. */
export const tokening =
  (bridge: Bridge) =>
  async (event: TokensEvent, context: Context): Promise<TokensEvent> => {
    const product = bridge.clients.get(event.callerContext.clientId)
    if (product === undefined) return event
    const reference = event.request.clientMetadata?.amparo
    const sub = subjectIn(bridge, event.userName, event.request.userAttributes)
    // A refresh would make tokens of a session that may have ended, and the first version cannot change an access token.
    if (event.triggerSource !== 'TokenGeneration_Authentication' || event.version !== '2' || !reference || !sub)
      throw new NoToken(`not a sign-in by a ticket: ${event.triggerSource}`)
    const claims = await bridge.amparo.claims(product, { reference, sub }, overOf(context))
    bridge.log({ did: 'asked for claims', active: claims.active })
    if (!claims.active) throw new NoToken('help has ended')
    const { act, sid, acr, assistance_id, ecosystem_id, powers } = claims
    // `sid` and `acr` are words of the pool's own.
    const said = { act, assistance_id, ecosystem_id, powers, amparo_sid: sid, amparo_acr: acr }
    const response = {
      claimsAndScopeOverrideDetails: {
        idTokenGeneration: { claimsToAddOrOverride: said },
        accessTokenGeneration: {
          claimsToAddOrOverride: said,
          scopesToAdd: claims.scope.split(' '),
          scopesToSuppress: [ownApi],
        },
      },
    }
    return { ...event, response }
  }

const subjectIn = ({ subject }: Bridge, userName: string, attributes: Attributes): string | undefined =>
  subject === 'username' ? userName : attributes[subject]
