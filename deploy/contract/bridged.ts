/**
 * Where products trust the tokens of a user pool: the issuer as it is, on this machine, and in front of it the pool with
 * its triggers, doubles or those of an account.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freeBlock } from '../../demo/journeys/stage.ts'
import { aWorld, type World } from '../../server/src/issuer/testing.ts'
import { clientsOf } from '../../server/src/messages/aws.ts'
import { type Pool, startCognito } from '../doubles/cognito.ts'
import { type Host, startLambda } from '../doubles/lambda.ts'
import type { PoolClient, PoolUser } from '../doubles/pool.ts'
import { type SecretsManager, startSecrets } from '../doubles/secrets.ts'
import type { TriggerName } from '../doubles/triggers.ts'
import { bundle, functionNames } from '../functions/bundle.ts'
import { cognitoAdmin } from './admin.ts'
import { ableToAll, cleared, lacking, named, ofDoubles, type Place } from './place.ts'

export const product = 'client-web'
/** A busy machine is no fault of a trigger. */
export const patienceMs = 60_000
export const challenges = {
  DefineAuthChallenge: 'bridge-define',
  CreateAuthChallenge: 'bridge-create',
  VerifyAuthChallengeResponse: 'bridge-verify',
} as const satisfies Partial<Record<TriggerName, string>>

export type Client = Pick<PoolClient, 'id' | 'secret'>
/** Somebody whom the Core knows as `person`, and the pool by a name of its own. */
export interface Somebody extends Pick<PoolUser, 'username' | 'password'> {
  readonly person: string
  readonly email: string
  readonly totp?: string
}

export interface BridgePlace extends Place {
  readonly world: World
  readonly pool: { readonly endpoint: string; readonly issuer: string }
  /** The app client of the bridge, and one with which users sign in as ever. */
  readonly bridge: Client
  readonly ordinary: Client
  /** One of the bridge as somebody may have set it up who did not read the guide. */
  careless(): Client
  put(user: Somebody): Promise<void>
  enable(username: string, enabled: boolean): Promise<void>
  /** What is ours alone. */
  double(): Pool
  host(): Host
  secrets(): SecretsManager
  /** The sign-ins of this user that were not revoked. */
  signIns(username: string): readonly string[]
  close(): Promise<void>
}

const secretOf = (world: World): string => world.surfaces.find(({ id }) => id === 'web')?.client?.secret ?? ''
const withPassword = ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH']
const ofClient = (id: string, explicitAuthFlows: readonly string[]): PoolClient => ({
  id,
  secret: `the secret of ${id}`,
  callbackUrls: ['https://web.test/back'],
  logoutUrls: [],
  scopes: ['openid', 'email'],
  explicitAuthFlows,
  accessTokenSeconds: 300,
})
export const bridgeClient = ofClient('bridge', ['ALLOW_CUSTOM_AUTH'])
const carelessClient = ofClient('careless', withPassword)
const ordinaryClient = ofClient('ordinary', withPassword)
const secretName = 'amparo-bridge'

/** The pool, its triggers in the host of functions, and the secret that they read; the issuer is at this address. */
async function cloudFor(issuerUrl: string) {
  const names = functionNames.filter((name) => name.startsWith('bridge-'))
  const [folder, secrets] = await Promise.all([
    mkdtemp(join(tmpdir(), 'amparo-bundle-')).then((to) => bundle(names, to)),
    startSecrets(),
  ])
  secrets.secrets.set(secretName, '{}')
  const env = {
    AMPARO_ISSUER_URL: issuerUrl,
    AMPARO_BRIDGE_CLIENTS: `${bridgeClient.id}=${product}, ${carelessClient.id}=${product}`,
    AMPARO_BRIDGE_SECRET: secretName,
    AMPARO_BRIDGE_SUBJECT: 'custom:person',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  }
  const settings = { handler: 'index.handler', timeoutSeconds: 60, concurrency: 4, env }
  const host = await startLambda({
    functions: Object.fromEntries(names.map((name) => [name, { ...settings, root: join(folder, name) }])),
  })
  const pool = await startCognito({
    users: [],
    clients: [bridgeClient, carelessClient, ordinaryClient],
    triggers: {
      lambdaUrl: host.url,
      patienceMs,
      functions: { ...challenges, PreTokenGeneration: 'bridge-tokens' },
    },
  })
  return {
    pool,
    host,
    secrets,
    close: () => cleared(pool.close, host.close, secrets.close, () => rm(folder, { recursive: true, force: true })),
  }
}

export async function bridgeOfDoubles(): Promise<BridgePlace> {
  const world = await aWorld()
  const cloud = await cloudFor(world.origin)
  const { pool, host, secrets } = cloud
  secrets.secrets.set(secretName, JSON.stringify({ [product]: secretOf(world) }))
  return {
    cannot: ableToAll,
    world,
    pool,
    bridge: bridgeClient,
    ordinary: ordinaryClient,
    careless: () => carelessClient,
    async put({ person, email, ...user }) {
      const attributes = { 'custom:person': person, email, email_verified: 'true' }
      pool.users.set(user.username, { ...user, attributes, groups: ['owners'], enabled: true })
    },
    async enable(username, enabled) {
      const known = pool.users.get(username)
      if (known) pool.users.set(username, { ...known, enabled })
    },
    double: () => pool,
    host: () => host,
    secrets: () => secrets,
    signIns: pool.signIns,
    close: () => cleared(cloud.close, world.close),
  }
}

/** What names the bridge of an account. */
export const bridgeSettings = [
  'AMPARO_BRIDGE_POOL',
  'AMPARO_BRIDGE_CLIENT_ID',
  'AMPARO_BRIDGE_CLIENT_SECRET',
  'AMPARO_BRIDGE_SECRET',
  'AMPARO_BRIDGE_PORT',
] as const

/**
 * The bridge of the stack, deployed for this: its functions reach the issuer of this machine at the port that is named. Its
 * product's secret, people and an ordinary app client are made by an administrator's calls, and cleared away but for the secret.
 */
export async function bridgeOfAnAccount(): Promise<BridgePlace> {
  const [UserPoolId, id, secret, SecretId, port] = bridgeSettings.map(named) as [string, string, string, string, string]
  const world = await aWorld(Number(port))
  const admin = await cognitoAdmin()
  await newSecret(SecretId, JSON.stringify({ [product]: secretOf(world) }))
  const made: string[] = []
  const { UserPoolClient: ordinary } = await admin.call<{ UserPoolClient: { ClientId: string; ClientSecret: string } }>(
    'CreateUserPoolClient',
    {
      UserPoolId,
      ClientName: 'amparo-contract-ordinary',
      GenerateSecret: true,
      ExplicitAuthFlows: withPassword,
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    },
  )
  return {
    cannot: new Set(['faults', 'log', 'triggers', 'signIns', 'secondFactor', 'careless', 'halfAPool']),
    world,
    pool: { endpoint: admin.endpoint, issuer: `${admin.endpoint}/${UserPoolId}` },
    bridge: { id, secret },
    ordinary: { id: ordinary.ClientId, secret: ordinary.ClientSecret },
    careless: lacking('careless'),
    async put({ username: Username, password: Password, person, email }) {
      const attributes = { 'custom:person': person, email, email_verified: 'true' }
      const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
      await admin.call('AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes })
      made.push(Username)
      await admin.call('AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true })
    },
    enable: (Username, enabled) =>
      admin.call(enabled ? 'AdminEnableUser' : 'AdminDisableUser', { UserPoolId, Username }),
    double: lacking('triggers'),
    host: lacking('faults'),
    secrets: lacking('faults'),
    signIns: lacking('signIns'),
    close: () =>
      cleared(
        ...made.map((Username) => () => admin.call('AdminDeleteUser', { UserPoolId, Username })),
        () => admin.call('DeleteUserPoolClient', { UserPoolId, ClientId: ordinary.ClientId }),
        admin.close,
        world.close,
      ),
  }
}

interface Secrets {
  readonly SecretsManagerClient: new (settings: object) => { send(command: object): Promise<unknown>; destroy(): void }
  readonly PutSecretValueCommand: new (input: { readonly SecretId: string; readonly SecretString: string }) => object
}
async function newSecret(SecretId: string, SecretString: string): Promise<void> {
  const { SecretsManagerClient, PutSecretValueCommand } = clientsOf<Secrets>('@aws-sdk/client-secrets-manager')
  const client = new SecretsManagerClient({})
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }))
  client.destroy()
}

/** An account that the doubles play: the same functions, which know the issuer by an address that was there before it. */
export async function playedBridge() {
  const port = await freeBlock()
  const { pool, secrets, close } = await cloudFor(`http://127.0.0.1:${port}`)
  return {
    env: {
      ...ofDoubles,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: pool.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AMPARO_BRIDGE_POOL: pool.issuer.split('/').at(-1) ?? '',
      AMPARO_BRIDGE_CLIENT_ID: bridgeClient.id,
      AMPARO_BRIDGE_CLIENT_SECRET: bridgeClient.secret,
      AMPARO_BRIDGE_SECRET: secretName,
      AMPARO_BRIDGE_PORT: String(port),
    },
    close,
  }
}
