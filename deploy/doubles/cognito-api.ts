/**
 * The part of Cognito's JSON API that an app client calls without a signature: signing in by password (with a second
 * factor where the user has one), by custom challenges, by a refresh token; revoking one; and `GetUser`, the least of what
 * the scope `aws.cognito.signin.user.admin` gives. A session answers one challenge of one user and is then gone.
 *
 * What it does not do: SRP, `USER_AUTH` and passkeys, SMS and mail as a second factor, forced new passwords, devices,
 * signing up, rotating refresh tokens, what a pool that requires a second factor does
 * with a sign-in by custom challenges, limits, and the claims that groups with roles bring.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { PoolClient, PoolUser } from './pool.ts'
import { Refused, type Triggers } from './triggers.ts'

/** What the pool lends its API. */
export interface PoolInside {
  readonly clients: readonly PoolClient[]
  readonly triggers: Triggers
  /** By username or e-mail. */
  user(name: string): PoolUser | undefined
  attributes(user: PoolUser): Readonly<Record<string, string>>
  same(one: string, other: string): boolean
  showsNow(secret: string, given: string): boolean
  /** A new sign-in, with its refresh token. */
  signedIn(user: PoolUser, client: PoolClient, metadata: Metadata): Promise<object>
  refreshed(token: string, client: PoolClient): Promise<object | undefined>
  /** Whose refresh token of this client it is. */
  owner(token: string, client: PoolClient): string | undefined
  /** False for what is no refresh token of this client. */
  revoked(token: string, client: PoolClient): boolean
  /** Who has this access token, as long as it is not revoked. */
  bearer(token: string): { readonly user: PoolUser; readonly scope: string } | undefined
}
export type Metadata = Readonly<Record<string, string>> | undefined

interface Challenge {
  readonly challengeName: string
  readonly challengeResult: boolean
  readonly challengeMetadata?: unknown
}
interface Session {
  readonly client: PoolClient
  /** As it was given; nobody may have it. */
  readonly username: string
  readonly user: PoolUser | undefined
  readonly waitsFor: 'CUSTOM_CHALLENGE' | 'SOFTWARE_TOKEN_MFA'
  readonly until: number
  readonly passed: readonly Challenge[]
  readonly privateParameters: unknown
  readonly metadata: unknown
}

type Input = Readonly<Record<string, unknown>>
const sessionMs = 3 * 60_000
export const adminScope = 'aws.cognito.signin.user.admin'
const no = (message: string) => new Refused('NotAuthorizedException', message)
const texts = (value: unknown): Readonly<Record<string, string | undefined>> => Object(value)

export function cognitoApi(pool: PoolInside): (operation: string, input: Input) => Promise<object> {
  const sessions = new Map<string, Session>()

  function clientOf(input: Input): PoolClient {
    const client = pool.clients.find(({ id }) => id === input.ClientId)
    if (client) return client
    throw new Refused('ResourceNotFoundException', `User pool client ${input.ClientId} does not exist.`)
  }
  function proved(client: PoolClient, username: string, hash: string | undefined): void {
    const right = createHmac('sha256', client.secret).update(`${username}${client.id}`).digest('base64')
    if (!pool.same(right, hash ?? '')) throw no(`Unable to verify secret hash for client ${client.id}`)
  }
  function enabled(user: PoolUser | undefined): void {
    if (user && !user.enabled) throw no('User is disabled.')
  }
  const kept = (session: Omit<Session, 'until'>): string => {
    const name = randomBytes(48).toString('base64url')
    sessions.set(name, { ...session, until: Date.now() + sessionMs })
    return name
  }

  async function initiateAuth(input: Input): Promise<object> {
    const client = clientOf(input)
    const flow = String(input.AuthFlow)
    const parameters = texts(input.AuthParameters)
    const named = flow === 'REFRESH_TOKEN' ? 'REFRESH_TOKEN_AUTH' : flow
    if (!client.explicitAuthFlows?.includes(`ALLOW_${named}`))
      throw new Refused('InvalidParameterException', `${flow} flow not enabled for this client`)
    if (named === 'REFRESH_TOKEN_AUTH') {
      const token = parameters.REFRESH_TOKEN ?? ''
      const owner = pool.owner(token, client)
      if (owner === undefined) throw no('Invalid Refresh Token')
      // Of whoever the token is of: no name comes with it.
      proved(client, owner, parameters.SECRET_HASH)
      const result = await pool.refreshed(token, client)
      if (!result) throw no('Invalid Refresh Token')
      return { AuthenticationResult: result, ChallengeParameters: {} }
    }
    const username = parameters.USERNAME ?? ''
    proved(client, username, parameters.SECRET_HASH)
    const user = pool.user(username)
    if (named === 'USER_PASSWORD_AUTH') return byPassword(client, user, parameters.PASSWORD ?? '', input.ClientMetadata)
    if (named !== 'CUSTOM_AUTH') throw new Refused('InvalidParameterException', 'This double does not know this flow')
    enabled(user)
    // Metadata of this call reaches none of the three triggers, nor the one that makes the tokens.
    return goOn({ client, username: user?.username ?? username, user, passed: [] }, undefined)
  }

  async function byPassword(client: PoolClient, user: PoolUser | undefined, password: string, metadata: unknown) {
    if (!user || !pool.same(user.password, password)) throw no('Incorrect username or password.')
    enabled(user)
    if (user.totp === undefined)
      return { AuthenticationResult: await pool.signedIn(user, client, undefined), ChallengeParameters: {} }
    const { username } = user
    const waits = { waitsFor: 'SOFTWARE_TOKEN_MFA', passed: [], privateParameters: undefined, metadata } as const
    return {
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      ChallengeParameters: { USER_ID_FOR_SRP: username },
      Session: kept({ client, username, user, ...waits }),
    }
  }

  /** Asks the pool's own triggers what comes next: a challenge, tokens, or nothing. */
  async function goOn(
    at: Pick<Session, 'client' | 'username' | 'user' | 'passed'>,
    metadata: Metadata,
  ): Promise<object> {
    const { client, username, user, passed } = at
    const about = { version: '1', userName: username, clientId: client.id } as const
    const common = {
      userAttributes: user ? pool.attributes(user) : {},
      session: passed,
      ...(metadata ? { clientMetadata: metadata } : {}),
      ...(user ? {} : { userNotFound: true }),
    }
    const next = await pool.triggers.call('DefineAuthChallenge', {
      ...about,
      source: 'DefineAuthChallenge_Authentication',
      request: common,
    })
    if (next.failAuthentication !== false) throw no('Incorrect username or password.')
    if (next.issueTokens === true) {
      if (!user) throw no('Incorrect username or password.')
      enabled(pool.user(username))
      return { AuthenticationResult: await pool.signedIn(user, client, metadata), ChallengeParameters: {} }
    }
    if (next.challengeName !== 'CUSTOM_CHALLENGE')
      throw new Refused('InvalidLambdaResponseException', 'This double knows custom challenges alone')
    const made = await pool.triggers.call('CreateAuthChallenge', {
      ...about,
      source: 'CreateAuthChallenge_Authentication',
      request: { ...common, challengeName: next.challengeName },
    })
    return {
      ChallengeName: 'CUSTOM_CHALLENGE',
      ChallengeParameters: { USERNAME: username, ...texts(made.publicChallengeParameters) },
      Session: kept({
        ...at,
        waitsFor: 'CUSTOM_CHALLENGE',
        privateParameters: made.privateChallengeParameters,
        metadata: made.challengeMetadata,
      }),
    }
  }

  async function respond(input: Input): Promise<object> {
    const client = clientOf(input)
    const answers = texts(input.ChallengeResponses)
    const username = answers.USERNAME ?? ''
    proved(client, username, answers.SECRET_HASH)
    // Taken before anything is asked: of twenty that bring the same one, one has it.
    const name = String(input.Session)
    const session = sessions.get(name)
    sessions.delete(name)
    const fits = session?.client === client && session.username === username && session.waitsFor === input.ChallengeName
    if (!session || !fits) throw no('Invalid session for the user.')
    if (session.until < Date.now()) throw no('Invalid session for the user, session is expired.')
    enabled(pool.user(username))
    const metadata = input.ClientMetadata as Metadata
    return session.waitsFor === 'SOFTWARE_TOKEN_MFA'
      ? byApp(session, answers.SOFTWARE_TOKEN_MFA_CODE ?? '', metadata)
      : byAnswer(session, answers.ANSWER, metadata)
  }

  async function byApp({ user, client }: Session, code: string, metadata: Metadata) {
    if (!user?.totp || !pool.showsNow(user.totp, code))
      throw new Refused('CodeMismatchException', 'Invalid code received for user')
    return { AuthenticationResult: await pool.signedIn(user, client, metadata), ChallengeParameters: {} }
  }

  async function byAnswer(session: Session, answer: string | undefined, metadata: Metadata) {
    const { client, username, user } = session
    if (answer === undefined) throw new Refused('InvalidParameterException', 'Missing required parameter ANSWER')
    const { answerCorrect } = await pool.triggers.call('VerifyAuthChallengeResponse', {
      version: '1',
      userName: username,
      clientId: client.id,
      source: 'VerifyAuthChallengeResponse_Authentication',
      request: {
        userAttributes: user ? pool.attributes(user) : {},
        privateChallengeParameters: session.privateParameters,
        challengeAnswer: answer,
        ...(metadata ? { clientMetadata: metadata } : {}),
        ...(user ? {} : { userNotFound: true }),
      },
    })
    const passed: Challenge = {
      challengeName: 'CUSTOM_CHALLENGE',
      challengeResult: answerCorrect === true,
      ...(session.metadata === undefined ? {} : { challengeMetadata: session.metadata }),
    }
    return goOn({ ...session, passed: [...session.passed, passed] }, metadata)
  }

  function revoke(input: Input): object {
    const client = clientOf(input)
    if (!pool.same(client.secret, String(input.ClientSecret))) throw no('Unable to verify client secret')
    if (!pool.revoked(String(input.Token), client))
      throw new Refused('UnsupportedTokenTypeException', 'The token is not a refresh token of this client')
    return {}
  }

  function getUser(input: Input): object {
    const bearer = pool.bearer(String(input.AccessToken))
    if (!bearer?.user.enabled) throw no('Access Token has been revoked')
    if (!bearer.scope.split(' ').includes(adminScope)) throw no('Access Token does not have required scopes')
    const UserAttributes = Object.entries(pool.attributes(bearer.user)).map(([Name, Value]) => ({ Name, Value }))
    return { Username: bearer.user.username, UserAttributes }
  }

  return async (operation, input) => {
    switch (operation) {
      case 'InitiateAuth':
        return initiateAuth(input)
      case 'RespondToAuthChallenge':
        return respond(input)
      case 'RevokeToken':
        return revoke(input)
      case 'GetUser':
        return getUser(input)
      default:
        throw new Refused('UnknownOperationException', 'This double does not know it')
    }
  }
}
