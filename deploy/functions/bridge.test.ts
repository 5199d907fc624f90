/** Which sign-ins of a pool are said to be assisted: those of the bridge's client that a ticket has just made, and no others. */
import type { BridgeClaims } from '@amparo/contract/bridge'
import { beforeEach, expect, test } from 'vitest'
import { type Amparo, type Bridge, type TokensEvent, tokening } from './bridge.ts'

const alive: BridgeClaims = {
  active: true,
  act: { sub: 'ag_ana', name: 'Ana Robles' },
  sid: 'ss_1',
  acr: 'urn:amparo:code',
  assistance_id: 'as_1',
  ecosystem_id: 'eco_sol',
  powers: 'look',
  scope: 'support:read',
  ends_at: '2026-11-29T10:00:00.000Z',
}
const asked: unknown[] = []
let claims: BridgeClaims
beforeEach(() => {
  asked.length = 0
  claims = alive
})
const amparo: Amparo = {
  redeem: async () => ({ redeemed: true }),
  async claims(product, form) {
    asked.push({ product, ...form })
    return claims
  },
}
const bridge = (subject = 'custom:person'): Bridge => ({
  clients: new Map([['bridge', 'web']]),
  amparo,
  subject,
  log: () => undefined,
})
const context = { getRemainingTimeInMillis: () => 5000 }

/** What the pool says of a sign-in by a ticket; `more` is what is another. */
const signIn = (more: Partial<TokensEvent> = {}): TokensEvent => ({
  version: '2',
  triggerSource: 'TokenGeneration_Authentication',
  userName: 'marta',
  callerContext: { clientId: 'bridge' },
  request: { userAttributes: { 'custom:person': 'per_marta' }, clientMetadata: { amparo: 'the reference' } },
  response: {},
  ...more,
})
const made = (more?: Partial<TokensEvent>, subject?: string) => tokening(bridge(subject))(signIn(more), context)

test('a sign-in by a ticket says in both tokens who acts, and loses the pool’s own scope', async () => {
  const { response } = await made()
  expect(asked).toEqual([{ product: 'web', reference: 'the reference', sub: 'per_marta' }])
  const says = { act: { sub: 'ag_ana', name: 'Ana Robles' }, amparo_sid: 'ss_1', powers: 'look' }
  expect(response).toMatchObject({
    claimsAndScopeOverrideDetails: {
      idTokenGeneration: { claimsToAddOrOverride: says },
      accessTokenGeneration: {
        claimsToAddOrOverride: says,
        scopesToAdd: ['support:read'],
        scopesToSuppress: ['aws.cognito.signin.user.admin'],
      },
    },
  })
})

test.each(['HostedAuth', 'RefreshTokens', 'NewPasswordChallenge', 'AuthenticateDevice', 'ClientCredentials', ''])(
  'tokens of the bridge’s client that come of %s are none, and nobody is asked what they would say',
  async (occasion) => {
    await expect(made({ triggerSource: `TokenGeneration_${occasion}` })).rejects.toThrow('not a sign-in by a ticket')
    expect(asked).toEqual([])
  },
)

test.each([
  ['the first version of the trigger, which leaves access tokens as they are', { version: '1' }],
  ['no reference', { request: { userAttributes: { 'custom:person': 'per_marta' } } }],
  ['an empty one', { request: { userAttributes: { 'custom:person': 'per_marta' }, clientMetadata: { amparo: '' } } }],
  ['a user whom the Core does not know', { request: { userAttributes: {}, clientMetadata: { amparo: 'x' } } }],
] as const)('with %s there is no token, and nobody is asked', async (_what, more) => {
  await expect(made(more)).rejects.toThrow('not a sign-in by a ticket')
  expect(asked).toEqual([])
})

test('once help has ended there is no token', async () => {
  claims = { active: false }
  await expect(made()).rejects.toThrow('help has ended')
})

test('whatever a sign-in of another client says, brings or calls itself, it passes untouched and nobody is asked', async () => {
  for (const clientId of ['shop', '', 'bridge ', 'constructor', '__proto__']) {
    const event = signIn({ callerContext: { clientId } })
    expect(await tokening(bridge())(event, context)).toBe(event)
  }
  expect(asked).toEqual([])
})

test('where the pool’s own name is the user’s id, that is whose it is, and no attribute of that name', async () => {
  await made({ request: { userAttributes: { username: 'per_leo' }, clientMetadata: { amparo: 'x' } } }, 'username')
  expect(asked).toEqual([{ product: 'web', reference: 'x', sub: 'marta' }])
})
