/**
 * What identity providers do each in their own way, all of it: which claim holds the groups, how they spell what was
 * verified, and how one signs out there. Everything else is the standard's, for every one of them.
 */

export const providers = ['openid', 'cognito'] as const
export type Provider = (typeof providers)[number]

export type Claims = { readonly sub: string; readonly [claim: string]: unknown }

export interface Manners {
  /** What agents know it by, on the button that leads there. */
  called(issuer: string, company: string): string
  /** The claim that holds the groups, where the operator names no other. */
  readonly claim: string
  readonly scope: string
  /** Whether what stands in this claim was verified there; undefined where the provider does not say. */
  verified(claim: unknown): boolean | undefined
  /** What has to be told to the address where one signs out, so that the browser comes back. */
  signOut(clientId: string, back: string): Readonly<Record<string, string>>
}

const openid: Manners = {
  called: (issuer) => new URL(issuer).hostname,
  claim: 'groups',
  scope: 'openid profile email',
  verified: (claim) => (typeof claim === 'boolean' ? claim : undefined),
  signOut: (clientId, back) => ({ client_id: clientId, post_logout_redirect_uri: back }),
}

/**
 * Amazon Cognito: groups stand in the ID token alone, `email_verified` of its userinfo is a text, a refresh gives no new
 * refresh token, and its address for signing out knows nothing of RP-initiated logout.
 */
const cognito: Manners = {
  called: (_issuer, company) => company, // Its own host name says nothing to anybody.
  claim: 'cognito:groups',
  scope: 'openid profile email phone',
  verified: (claim) => claim === true || claim === 'true',
  signOut: (clientId, back) => ({ client_id: clientId, logout_uri: back }),
}

export const mannersOf = (provider: Provider): Manners => ({ openid, cognito })[provider]
