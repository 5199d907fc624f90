/** Against AWS itself, where somebody has an account and says so: AMPARO_AWS_CONTRACT=1. Skipped otherwise. */
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { mannersOf } from '../../server/src/identity/provider.ts'
import { staffAt } from '../../server/src/identity/staff.ts'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type LambdaClients, lambda } from '../../server/src/messages/lambda.ts'
import type { Letter } from '../../server/src/messages/outbox.ts'
import { type SesClients, ses } from '../../server/src/messages/ses.ts'
import { letterBy } from './ways.ts'

vi.setConfig({ testTimeout: 60_000 })

const there = process.env.AMPARO_AWS_CONTRACT === '1'
const named = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}
const patience = () => AbortSignal.timeout(20_000)
/** SES's own mailboxes, which take everything or send it back. */
const simulated = (box: 'success'): Letter => ({
  ...letterBy('email', `${box}@simulator.amazonses.com`),
  id: `ob_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
})
const mail = () =>
  ses(clientsOf<SesClients>('@aws-sdk/client-sesv2'), { from: named('AMPARO_MAIL_FROM'), timeoutMs: 10_000 })
const deliver = () =>
  lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), {
    functionName: named('AMPARO_DELIVER_FUNCTION'),
    timeoutMs: 10_000,
  })

describe(there ? 'AWS itself' : 'skipped: AMPARO_AWS_CONTRACT is not 1, so nothing is asked of AWS itself', () => {
  test.skipIf(!there)('SES takes a mail with its picture inside it, and would take the next', async () => {
    const carrier = mail()
    expect(await carrier.greets?.(patience())).toBeUndefined()
    expect(await carrier.deliver(simulated('success'), patience())).toMatchObject({
      fate: 'sent',
      ref: expect.stringMatching(/^[0-9a-f-]{40,}$/),
    })
  })

  test.skipIf(!there)(
    'the deployed function delivers a letter, and answers the second call with what the first did',
    async () => {
      const carrier = deliver()
      expect(await carrier.greets?.(patience())).toBeUndefined()
      const letter = simulated('success')
      const first = await carrier.deliver(letter, patience())
      expect(first).toMatchObject({ fate: 'sent' })
      expect(await carrier.deliver(letter, patience())).toEqual(first)
    },
  )

  test.skipIf(!there)('a function that is not there is told as that', async () => {
    const carrier = lambda(clientsOf<LambdaClients>('@aws-sdk/client-lambda'), {
      functionName: `amparo-gone-${randomUUID().slice(0, 8)}`,
      timeoutMs: 10_000,
    })
    expect(await carrier.deliver(simulated('success'), patience())).toMatchObject({
      fate: 'later',
      error: expect.stringMatching(/^(function_failed|not_signed_in)$/),
    })
  })

  test.skipIf(!there)('the pool says where agents sign in and out, and takes our client', async () => {
    const origin = named('AMPARO_CONSOLE_URL').replace(/\/$/, '')
    const { claim, scope } = mannersOf('cognito')
    const staff = staffAt({
      provider: 'cognito',
      issuer: named('AMPARO_AGENTS_ISSUER'),
      clientId: named('AMPARO_AGENTS_CLIENT_ID'),
      clientSecret: named('AMPARO_AGENTS_CLIENT_SECRET'),
      redirectUri: `${origin}/sign-in/back`,
      signedOutUri: `${origin}/`,
      claim,
      scope,
    })
    const { to } = await staff.begin()
    const page = await fetch(to, { redirect: 'manual' })
    expect([page.status, page.headers.get('location') ?? '']).toEqual([302, expect.stringMatching(/\/login\?/)])
    const out = await staff.signOutAt()
    expect((await fetch(out ?? '', { redirect: 'manual' })).headers.get('location')).toBe(`${origin}/`)
  })

  test.skipIf(!there)('a pool with the bridge asks for a ticket, and a made-up one opens nothing', async () => {
    const [clientId, name] = [named('AMPARO_BRIDGE_CLIENT_ID'), named('AMPARO_BRIDGE_USER')]
    const SECRET_HASH = createHmac('sha256', named('AMPARO_BRIDGE_CLIENT_SECRET'))
      .update(`${name}${clientId}`)
      .digest('base64')
    const call = async (operation: string, input: object) => {
      const response = await fetch(`https://cognito-idp.${named('AWS_REGION')}.amazonaws.com`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: JSON.stringify({ ClientId: clientId, ...input }),
        signal: patience(),
      })
      return (await response.json()) as Record<string, unknown>
    }
    const begun = await call('InitiateAuth', {
      AuthFlow: 'CUSTOM_AUTH',
      AuthParameters: { USERNAME: name, SECRET_HASH },
    })
    expect(begun).toMatchObject({
      ChallengeName: 'CUSTOM_CHALLENGE',
      ChallengeParameters: { USERNAME: name, wants: 'AMPARO_TICKET' },
    })
    const made = randomBytes(32).toString('base64url')
    const answered = await call('RespondToAuthChallenge', {
      ChallengeName: 'CUSTOM_CHALLENGE',
      Session: begun.Session,
      ChallengeResponses: { USERNAME: name, ANSWER: made, SECRET_HASH },
      // Without its reference the trigger would say no by itself, and never ask Amparo.
      ClientMetadata: { amparo: createHash('sha256').update(made).digest('base64url') },
    })
    expect(answered).toMatchObject({ __type: expect.stringContaining('NotAuthorizedException') })
  })
})
