/**
 * Products that trust the tokens of a user pool: the bundled triggers in the host of functions, the pool's double in front
 * of them, and behind them the issuer as it is. What has to hold is said of tokens: who gets one, and what stands in it.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { codeOf } from '../../demo/journeys/factors.ts'
import { cognitoBridge } from '../../relying-party/src/cognito.ts'
import { assisted } from '../../relying-party/src/index.ts'
import { close } from '../../server/src/desk/endings.ts'
import type { Caller } from '../../server/src/door.ts'
import { aBrowser } from '../../server/src/issuer/testing.ts'
import { newToken } from '../../server/src/secrets.ts'
import { anAgent, anAssistance, eventsOf } from '../../server/src/surfaces/testing.ts'
import type { AssistanceId } from '../../server/src/words.ts'
import { startCognito } from '../doubles/cognito.ts'
import { cognitoAdmin } from './admin.ts'
import {
  type BridgePlace,
  bridgeClient,
  bridgeOfAnAccount,
  bridgeOfDoubles,
  bridgeSettings,
  type Client,
  challenges,
  patienceMs,
  playedBridge,
  product,
} from './bridged.ts'
import { environment, heldIn, needs } from './place.ts'

vi.setConfig({ testTimeout: 120_000 })

const totp = 'JBSWY3DPEHPK3PXP'
const password = `Right-7-${randomBytes(18).toString('base64url')}`

function contract(start: () => Promise<BridgePlace>): void {
  let place: BridgePlace
  let world: BridgePlace['world']
  let bridge: Client
  let ordinary: Client
  let agent: Caller
  let id: AssistanceId
  /** Of the session at our issuer, as the product's back end has it. */
  let session: { readonly token: string; readonly sid: string }
  let user: string

  beforeAll(async () => {
    place = await start()
    ;({ world, bridge, ordinary } = place)
  }, 240_000)
  afterAll(() => place?.close())
  beforeEach(async () => {
    user = await somebody()
    agent = await anAgent(world.fresh.db)
    id = await anAssistance(world.fresh.db, world.secrets, agent, { user })
    const page = await aBrowser().post(`${world.origin}/launch`, { ticket: await world.ticket(id, 'web', agent) })
    const { accessToken, claims } = JSON.parse(page.body)
    session = { token: accessToken, sid: claims.sid }
  })
  afterEach(() => {
    if (!place.cannot.has('faults')) place.host().clear()
  })

  /** A user of the Core, who is in the pool under a name of its own. */
  async function somebody(more: { readonly totp?: string } = {}): Promise<string> {
    // A pool compares names without regard to capitals.
    const person = `per_${newToken().slice(0, 12).toLowerCase()}`
    await place.put({ person, username: nameOf(person), password, email: `${person}@clinic.test`, ...more })
    return person
  }
  const nameOf = (person: string) => `pool-${person}`
  /** How many sign-ins of theirs the pool knows, where somebody can look. */
  const expectSignIns = (count: number) => {
    if (!place.cannot.has('signIns')) expect(place.signIns(nameOf(user))).toHaveLength(count)
  }

  /** The product's back end. */
  const issuer = () =>
    assisted({
      issuer: world.origin,
      clientId: product,
      clientSecret: world.surfaces.find(({ id: surface }) => surface === 'web')?.client?.secret ?? '',
      checkTimeoutMs: patienceMs,
    })
  const trouble: string[] = []
  const backEnd = (client: Client = bridge, from = issuer()) =>
    cognitoBridge({
      issuer: from,
      endpoint: place.pool.endpoint,
      clientId: client.id,
      clientSecret: client.secret,
      username: nameOf,
      timeoutMs: patienceMs,
      onTrouble: (what) => trouble.push(what),
    })
  async function aTicket() {
    const ticket = await issuer().bridgeTicket(session.token)
    if (typeof ticket === 'string') throw new Error(ticket)
    return ticket
  }

  interface Said {
    readonly Session?: string
    readonly ChallengeName?: string
    readonly AuthenticationResult?: Readonly<Record<'AccessToken' | 'IdToken' | 'RefreshToken', string>>
    readonly __type?: string
    readonly message?: string
  }
  /** The pool's API as anybody may call it. */
  async function call(operation: string, input: object): Promise<Said> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    }
    const answered = await fetch(place.pool.endpoint, { method: 'POST', headers, body: JSON.stringify(input) })
    return (await answered.json()) as Said
  }
  const hash = (client: Client, name: string) =>
    createHmac('sha256', client.secret).update(`${name}${client.id}`).digest('base64')
  const begin = (person = user, client = bridge) =>
    call('InitiateAuth', {
      AuthFlow: 'CUSTOM_AUTH',
      ClientId: client.id,
      AuthParameters: { USERNAME: nameOf(person), SECRET_HASH: hash(client, nameOf(person)) },
      ClientMetadata: { amparo: 'this reaches no trigger' },
    })
  const answer = (begun: Said, ticket: string, { person = user, client = bridge, reference = digestOf(ticket) } = {}) =>
    call('RespondToAuthChallenge', {
      ChallengeName: 'CUSTOM_CHALLENGE',
      ClientId: client.id,
      Session: begun.Session,
      ChallengeResponses: { USERNAME: nameOf(person), ANSWER: ticket, SECRET_HASH: hash(client, nameOf(person)) },
      ClientMetadata: { amparo: reference },
    })
  const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')
  const byPassword = (person: string) =>
    call('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: ordinary.id,
      AuthParameters: { USERNAME: nameOf(person), PASSWORD: password, SECRET_HASH: hash(ordinary, nameOf(person)) },
      ClientMetadata: { amparo: 'somebody has read the guide' },
    })
  const refresh = (token: string, client: Client, name = nameOf(user)) =>
    call('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: client.id,
      AuthParameters: { REFRESH_TOKEN: token, SECRET_HASH: hash(client, name) },
    })
  async function claimsOf(token: string): Promise<JWTPayload & Readonly<Record<string, unknown>>> {
    const keys = createRemoteJWKSet(new URL(`${place.pool.issuer}/.well-known/jwks.json`))
    return (await jwtVerify(token, keys, { issuer: place.pool.issuer })).payload
  }
  const refused = { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' }
  const stop = () => close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: user } })
  const why = async () =>
    (await eventsOf(world.fresh.db, id)).flatMap(({ type, data }) =>
      type === 'launch.refused' ? [(data as { why: string }).why] : [],
    )

  test('a ticket signs its user in at the pool: the tokens name the agent and the help, may look, and live five minutes', async () => {
    const tokens = await backEnd().tokens(session)
    if (typeof tokens === 'string') throw new Error(tokens)
    const says = {
      act: { sub: agent.agentId, name: agent.name },
      assistance_id: id,
      ecosystem_id: 'eco_sol',
      powers: 'look',
      amparo_sid: session.sid,
    }
    const access = await claimsOf(tokens.accessToken)
    // Nothing that gives AWS's own API into their hands: other contacts, another password, the account gone.
    expect(access).toMatchObject({ ...says, scope: 'support:read', username: nameOf(user), client_id: bridge.id })
    expect((access.exp ?? 0) - (access.iat ?? 0)).toBe(300)
    expect(await call('GetUser', { AccessToken: tokens.accessToken })).toMatchObject({
      message: 'Access Token does not have required scopes',
    })
    expect(await claimsOf(tokens.idToken)).toMatchObject({ ...says, 'cognito:username': nameOf(user) })
    expect(Object.keys(tokens).sort()).toEqual(['accessToken', 'expiresAt', 'idToken'])
    const types = (await eventsOf(world.fresh.db, id)).map(({ type }) => type)
    expect(types.filter((type) => type === 'surface.bridged')).toHaveLength(1)
  })

  test('ten requests that need a token of the pool at once share one sign-in', async () => {
    const one = backEnd()
    const tokens = await Promise.all(Array.from({ length: 10 }, () => one.tokens(session)))
    expect(new Set(tokens).size).toBe(1)
    expectSignIns(1)
  })

  describe('no token for', () => {
    afterEach(() => {
      if (!place.cannot.has('signIns')) expect(place.signIns(nameOf(user)).length).toBeLessThanOrEqual(1)
    })

    test('a ticket that was used', async () => {
      const { ticket } = await aTicket()
      expect(await answer(await begin(), ticket)).toHaveProperty('AuthenticationResult')
      expect(await answer(await begin(), ticket)).toMatchObject(refused)
      expect(await why()).toEqual(['launch.spent'])
    })
    test('a ticket for somebody else', async () => {
      const { ticket } = await aTicket()
      const other = await somebody()
      expect(await answer(await begin(other), ticket, { person: other })).toMatchObject(refused)
      expect(await why()).toEqual(['launch.other_user'])
    })
    test('a ticket older than a minute', async () => {
      const { ticket } = await aTicket()
      await world.fresh.advance(61_000)
      expect(await answer(await begin(), ticket)).toMatchObject(refused)
      expect(await why()).toEqual(['launch.expired'])
    })
    test('a ticket of help that has ended', async () => {
      const { ticket } = await aTicket()
      await stop()
      expect(await answer(await begin(), ticket)).toMatchObject(refused)
      expect(await backEnd().tokens(session)).toBe('ended')
    })
    test('what is no ticket: made up, a password, the launch’s own, the access token, nothing', async () => {
      for (const text of [newToken(), password, await world.ticket(id, 'web', agent), session.token, ''])
        expect(await answer(await begin(), text)).toMatchObject(refused)
    })
    test('a ticket whose reference did not come with it, so that nobody could say whose token it will be', async () => {
      const [mine, other] = [await aTicket(), await aTicket()]
      expect(await answer(await begin(), mine.ticket, { reference: other.reference })).toMatchObject(refused)
      expect(await answer(await begin(), mine.ticket, { reference: '' })).toMatchObject(refused)
      // It was never shown to us: it is whole.
      expect(await answer(await begin(), mine.ticket)).toHaveProperty('AuthenticationResult')
    })
    test('a user who is disabled at the pool, before or in between', async () => {
      const { ticket } = await aTicket()
      const begun = await begin()
      await place.enable(nameOf(user), false)
      expect(await answer(begun, ticket)).toMatchObject({ message: 'User is disabled.' })
      expect(await begin()).toMatchObject({ message: 'User is disabled.' })
      expect(await backEnd().tokens(session)).toBe('refused')
    })
    test('a user whom the pool does not know', async () => {
      const { ticket } = await aTicket()
      expect(await answer(await begin('nobody'), ticket, { person: 'nobody' })).toMatchObject(refused)
    })
    test('whoever has the ticket and not the secret of the bridge’s client', async () => {
      const { ticket } = await aTicket()
      const stranger = { ...bridge, secret: 'guessed' }
      expect((await begin(user, stranger)).Session).toBeUndefined()
      expect(await answer(await begin(), ticket, { client: stranger })).toMatchObject({
        message: expect.stringContaining('secret hash'),
      })
    })
    test('an answer after the first: one challenge, one try', async () => {
      const begun = await begin()
      expect(await answer(begun, newToken())).toMatchObject(refused)
      expect(await answer(begun, (await aTicket()).ticket)).toMatchObject({ message: 'Invalid session for the user.' })
    })
  })

  test('twenty answers at once with one ticket, each in a sign-in of its own: one gets tokens', async () => {
    const { ticket } = await aTicket()
    const begun: Said[] = []
    for (let count = 0; count < 20; count += 1) begun.push(await begin())
    const said = await Promise.all(begun.map((one) => answer(one, ticket)))
    expect(said.filter(({ AuthenticationResult }) => AuthenticationResult)).toHaveLength(1)
    expectSignIns(1)
  })

  test('twenty answers at once in one sign-in: the pool takes one', async () => {
    const [begun, { ticket }] = [await begin(), await aTicket()]
    const said = await Promise.all(Array.from({ length: 20 }, () => answer(begun, ticket)))
    expect(said.filter(({ AuthenticationResult }) => AuthenticationResult)).toHaveLength(1)
  })

  test('triggers that are called three times at once, or again because no answer came, sign in once all the same', async (it) => {
    needs(it, place, 'triggers', 'faults')
    const { ticket } = await aTicket()
    const before = place.double().triggered.length
    const calls = (name: string) =>
      place
        .double()
        .triggered.slice(before)
        .filter((one) => one.name === name).length
    place.double().restless.add('CreateAuthChallenge').add('VerifyAuthChallengeResponse').add('PreTokenGeneration')
    try {
      place.host().plan({ kind: 'cut' }, 2)
      const begun = await begin()
      place.host().plan({ kind: 'cut' }, 2)
      expect(await answer(begun, ticket)).toHaveProperty('AuthenticationResult')
    } finally {
      place.double().restless.clear()
    }
    // Define was answered at the third call; of the three that check the answer, two lost theirs and were called again.
    expect(
      ['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse', 'PreTokenGeneration'].map(calls),
    ).toEqual([4, 3, 5, 3])
    const bridged = (await eventsOf(world.fresh.db, id)).filter(({ type }) => type === 'surface.bridged')
    expect([bridged.length, await why(), place.double().signIns(nameOf(user)).length]).toEqual([1, [], 1])
  })

  test('the ticket is told to the one trigger that redeems it, and stands in no log', async (it) => {
    needs(it, place, 'triggers', 'log')
    const { ticket, reference } = await aTicket()
    const before = place.double().triggered.length
    expect(await answer(await begin(), ticket)).toHaveProperty('AuthenticationResult')
    const events = place
      .double()
      .triggered.slice(before)
      .map(({ name, event }) => ({ name, text: JSON.stringify(event) }))
    expect(events.map(({ name }) => name)).toEqual([
      'DefineAuthChallenge',
      'CreateAuthChallenge',
      'VerifyAuthChallengeResponse',
      'DefineAuthChallenge',
      'PreTokenGeneration',
    ])
    expect(events.filter(({ text }) => text.includes(ticket)).map(({ name }) => name)).toEqual([
      'VerifyAuthChallengeResponse',
    ])
    const log = () =>
      place
        .host()
        .lines.map(({ line }) => line)
        .join('\n')
    await expect.poll(log).toContain('"said":"redeemed"')
    for (const text of [ticket, reference, user, session.token]) expect(log()).not.toContain(text)
  })

  describe('whoever signs in at the pool as ever', () => {
    const untouched = { act: undefined, assistance_id: undefined, powers: undefined, amparo_sid: undefined }
    const tokensIn = (said: Said) => said.AuthenticationResult ?? { AccessToken: '', IdToken: '', RefreshToken: '' }

    test('gets tokens without a word of us, by password and by refresh, whatever they send along', async () => {
      const said = tokensIn(await byPassword(user))
      const again = tokensIn(await refresh(said.RefreshToken, ordinary))
      for (const { AccessToken, IdToken } of [said, again]) {
        const access = await claimsOf(AccessToken)
        expect({ ...untouched, ...access }).toMatchObject({ ...untouched, scope: 'aws.cognito.signin.user.admin' })
        const id = await claimsOf(IdToken)
        expect({ ...untouched, ...id }).toMatchObject({
          ...untouched,
          email: `${user}@clinic.test`,
          email_verified: true,
        })
      }
      expect(await call('GetUser', { AccessToken: said.AccessToken })).toMatchObject({ Username: nameOf(user) })
    })
    test('is asked for their second factor as ever, and a ticket is none', async (it) => {
      needs(it, place, 'secondFactor')
      const person = await somebody({ totp })
      const asked = await byPassword(person)
      expect(asked).toMatchObject({ ChallengeName: 'SOFTWARE_TOKEN_MFA' })
      const { ticket } = await aTicket()
      const byTicket = await call('RespondToAuthChallenge', {
        ChallengeName: 'SOFTWARE_TOKEN_MFA',
        ClientId: ordinary.id,
        Session: asked.Session,
        ChallengeResponses: {
          USERNAME: nameOf(person),
          SOFTWARE_TOKEN_MFA_CODE: ticket,
          SECRET_HASH: hash(ordinary, nameOf(person)),
        },
      })
      expect(byTicket).toMatchObject({ __type: 'CodeMismatchException' })
    })
    test('comes in by no ticket: a challenge is for the bridge’s client alone', async () => {
      expect(await begin(user, ordinary)).toMatchObject(refused)
    })
  })

  test('the end of help revokes its sign-ins and leaves the user’s own; introspection says so at once', async () => {
    const own = (await byPassword(user)).AuthenticationResult
    const mine = place.cannot.has('signIns') ? undefined : place.signIns(nameOf(user))
    const one = backEnd()
    const tokens = await one.tokens(session)
    if (typeof tokens === 'string') throw new Error(tokens)
    expectSignIns(2)

    await stop()
    expect(await issuer().check(session.token)).toBe('ended')
    expect(await one.revoke(session.sid)).toBe('revoked')
    if (mine) expect(place.signIns(nameOf(user))).toEqual(mine)
    expect(await one.tokens(session)).toBe('ended')
    expect(await refresh(own?.RefreshToken ?? '', ordinary)).toHaveProperty('AuthenticationResult')
    expect(await call('GetUser', { AccessToken: own?.AccessToken })).toMatchObject({ Username: nameOf(user) })
    // What cannot be helped: whoever looks at the signature alone believes it until its five minutes are over.
    expect(await claimsOf(tokens.accessToken)).toMatchObject({ assistance_id: id })
  })

  test('what the pool issues while help is ending is revoked as it comes', async () => {
    const one = backEnd()
    const coming = one.tokens(session)
    expect(await one.revoke(session.sid)).toBe('revoked')
    expect(await coming).toBe('ended')
    expectSignIns(0)
  })

  test('a refresh token of the bridge makes no token', async () => {
    const { AuthenticationResult } = await answer(await begin(), (await aTicket()).ticket)
    const answered = await refresh(AuthenticationResult?.RefreshToken ?? '', bridge)
    expect(answered).toMatchObject({ __type: expect.stringMatching(/^(InvalidParameter|NotAuthorized)Exception$/) })
  })

  test('a refresh token of the bridge makes none in a pool that would allow it either', async (it) => {
    needs(it, place, 'careless')
    const careless = place.careless()
    const tokenIn = ({ AuthenticationResult }: Said) => AuthenticationResult?.RefreshToken ?? ''
    const { ticket } = await aTicket()
    const second = tokenIn(await answer(await begin(user, careless), ticket, { client: careless }))
    expect(await refresh(second, careless)).toMatchObject({ __type: 'UserLambdaValidationException' })
    expect(
      await call('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: careless.id,
        AuthParameters: { USERNAME: nameOf(user), PASSWORD: password, SECRET_HASH: hash(careless, nameOf(user)) },
      }),
    ).toMatchObject({ __type: 'UserLambdaValidationException' })
  })

  test('a password and a second factor on a client that allows them have nothing of a ticket whose tokens were made', async (it) => {
    needs(it, place, 'careless', 'secondFactor')
    const careless = place.careless()
    const known = place.double().users.get(nameOf(user))
    if (known) place.double().users.set(nameOf(user), { ...known, totp })
    const { ticket, reference } = await aTicket()
    expect(await answer(await begin(user, careless), ticket, { client: careless })).toHaveProperty(
      'AuthenticationResult',
    )
    await world.fresh.advance(20_000)
    const asked = await call('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: careless.id,
      AuthParameters: { USERNAME: nameOf(user), PASSWORD: password, SECRET_HASH: hash(careless, nameOf(user)) },
    })
    const said = await call('RespondToAuthChallenge', {
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      ClientId: careless.id,
      Session: asked.Session,
      ChallengeResponses: {
        USERNAME: nameOf(user),
        SOFTWARE_TOKEN_MFA_CODE: codeOf(totp),
        SECRET_HASH: hash(careless, nameOf(user)),
      },
      ClientMetadata: { amparo: reference },
    })
    expect(said).toMatchObject({ __type: 'UserLambdaValidationException' })
  })

  test('a pool whose tokens nobody changes gives an agent nothing: they would name the user alone', async (it) => {
    needs(it, place, 'halfAPool')
    const half = await startCognito({
      users: [...place.double().users.values()],
      clients: [bridgeClient],
      triggers: { lambdaUrl: place.host().url, patienceMs, functions: challenges },
    })
    const one = cognitoBridge({
      issuer: issuer(),
      endpoint: half.endpoint,
      clientId: bridge.id,
      clientSecret: bridge.secret,
      username: nameOf,
      timeoutMs: patienceMs,
    })
    expect(await one.tokens(session)).toBe('refused')
    expect(half.signIns(nameOf(user))).toEqual([])
    await half.close()
  })

  test('while nobody can say, the bridge is shut and ordinary sign-ins go on', async () => {
    world.record.isWell = false
    try {
      expect(await backEnd().tokens(session)).toBe('unknown')
      expect(await byPassword(user)).toHaveProperty('AuthenticationResult')
    } finally {
      world.record.isWell = true
    }
    const { ticket } = await aTicket()
    const begun = await begin()
    world.record.isWell = false
    try {
      expect(await answer(begun, ticket)).toMatchObject(refused)
    } finally {
      world.record.isWell = true
    }
  })

  test('a secret that was exchanged is found at the next sign-in', async (it) => {
    needs(it, place, 'faults')
    const [right = ''] = [place.secrets().secrets.get('amparo-bridge')]
    place.secrets().secrets.set('amparo-bridge', JSON.stringify({ [product]: 'of yesterday' }))
    place.host().crash('bridge-verify')
    place.host().crash('bridge-tokens')
    expect(await backEnd().tokens(session)).toBe('refused')
    place.secrets().secrets.set('amparo-bridge', right)
    expect(await backEnd().tokens(session)).toMatchObject({ accessToken: expect.any(String) })
  })
}

heldIn(
  'the bridge',
  { doubles: bridgeOfDoubles, account: bridgeOfAnAccount, played: playedBridge, settings: bridgeSettings },
  contract,
)

test('of what a suite made in an account all is cleared away, also where one of it is gone already, and that is told', async () => {
  const stage = await playedBridge()
  const restore = environment(stage.env)
  try {
    const place = await bridgeOfAnAccount()
    const put = (username: string) =>
      place.put({ username, password, person: username, email: `${username}@acme.test` })
    for (const username of ['first', 'second']) await put(username)
    const admin = await cognitoAdmin()
    const pool = { UserPoolId: stage.env.AMPARO_BRIDGE_POOL }
    await admin.call('AdminDeleteUser', { ...pool, Username: 'first' })
    await expect(place.close()).rejects.toThrow('UserNotFoundException')
    await expect(admin.call('AdminDisableUser', { ...pool, Username: 'second' })).rejects.toThrow('UserNotFound')
    const client = { ...pool, ClientId: place.ordinary.id }
    await expect(admin.call('DeleteUserPoolClient', client)).rejects.toThrow('ResourceNotFoundException')
    admin.close()
  } finally {
    restore()
    await stage.close()
  }
})
