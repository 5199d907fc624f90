/** Companies whose agents sign in at Cognito, by its double or in an account. The sign-ins go through the pool's own page. */
import { randomBytes } from 'node:crypto'
import { type Company, client, type Person, signedOut } from '../../server/src/identity/company.testing.ts'
import { startCognito } from '../doubles/cognito.ts'
import { type CognitoAdmin, CognitoSaid, cognitoAdmin } from './admin.ts'
import { cleared, ofDoubles } from './place.ts'

/** Drawn for each run: in a real pool whoever reads this could sign in by a word that stands here. */
const password = `Right-7-${randomBytes(18).toString('base64url')}`

/** The double of Amazon Cognito, with the page that people type into. */
export async function companyAtTheDouble(back: string): Promise<Company> {
  const pool = await startCognito({
    users: [],
    clients: [
      {
        ...client,
        callbackUrls: [back],
        logoutUrls: [signedOut],
        scopes: ['openid', 'profile', 'email', 'phone'],
      },
    ],
  })
  return {
    provider: 'cognito',
    issuer: pool.issuer,
    pages: pool.endpoint,
    client,
    async put(id, person) {
      const known = pool.users.get(id)
      if (person) {
        const { name, email, groups, unverified } = person
        const attributes = { name, email, email_verified: unverified ? 'false' : 'true' }
        pool.users.set(id, { username: id, password, attributes, groups, enabled: true })
      } else if (known) pool.users.set(id, { ...known, enabled: false })
    },
    typed: (id) => ({ username: id, password }),
    sits: () => undefined,
    close: pool.close,
  }
}

/** In an account: a pool of its own, made for one suite and cleared away after it. An administrator's calls make its people. */
export async function companyInAnAccount(back: string): Promise<Company> {
  const admin = await cognitoAdmin()
  const name = `amparo-contract-${randomBytes(6).toString('hex')}`
  const { UserPool } = await admin.call<{ UserPool: { Id: string } }>('CreateUserPool', {
    PoolName: name,
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    UserPoolTags: { amparo: 'contract' },
  })
  const pool = { UserPoolId: UserPool.Id }
  const clear = () =>
    cleared(
      () => admin.call('DeleteUserPoolDomain', { ...pool, Domain: name }).catch(() => undefined), // It may not be there yet.
      () => admin.call('DeleteUserPool', pool),
      admin.close,
    )
  try {
    await admin.call('CreateUserPoolDomain', { ...pool, Domain: name })
    const { UserPoolClient } = await admin.call<{ UserPoolClient: { ClientId: string; ClientSecret: string } }>(
      'CreateUserPoolClient',
      {
        ...pool,
        ClientName: name,
        GenerateSecret: true,
        // As the stack makes the desk's own.
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthScopes: ['openid', 'profile', 'email', 'phone'],
        CallbackURLs: [back],
        LogoutURLs: [signedOut],
        SupportedIdentityProviders: ['COGNITO'],
        PreventUserExistenceErrors: 'ENABLED',
        EnableTokenRevocation: true,
      },
    )
    const issuer = `${admin.endpoint}/${UserPool.Id}`
    return {
      provider: 'cognito',
      issuer,
      pages: await pagesOf(issuer),
      client: { id: UserPoolClient.ClientId, secret: UserPoolClient.ClientSecret },
      put: putting(admin, pool),
      typed: (id) => ({ username: id, password }),
      sits: () => undefined,
      close: clear,
    }
  } catch (error) {
    await clear()
    throw error
  }
}

/** The host of its sign-in pages, once they answer: a new domain takes its time. */
async function pagesOf(issuer: string): Promise<string> {
  const found = await fetch(`${issuer}/.well-known/openid-configuration`)
  const { authorization_endpoint } = (await found.json()) as { readonly authorization_endpoint: string }
  const { origin } = new URL(authorization_endpoint)
  for (let left = 60; left > 0; left -= 1) {
    const answers = await fetch(origin, { redirect: 'manual' }).then(
      () => true,
      () => false,
    )
    if (answers) return origin
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
  throw new Error(`${origin} did not come up in two minutes`)
}

type Pool = { readonly UserPoolId: string }
const except =
  (word: string) =>
  (error: unknown): void => {
    if (!(error instanceof CognitoSaid) || error.word !== word) throw error
  }

/** Takes somebody on, changes them, or disables them who have left; in whatever groups, which are made as they are needed. */
const putting =
  (admin: CognitoAdmin, pool: Pool): Company['put'] =>
  async (id, person) => {
    const user = { ...pool, Username: id }
    if (!person) return admin.call<void>('AdminDisableUser', user).catch(except('UserNotFoundException'))
    const UserAttributes = attributesOf(person)
    const made = await admin
      .call('AdminCreateUser', { ...user, MessageAction: 'SUPPRESS', UserAttributes })
      .then(() => true, except('UsernameExistsException'))
    if (made) await admin.call('AdminSetUserPassword', { ...user, Password: password, Permanent: true })
    else await admin.call('AdminUpdateUserAttributes', { ...user, UserAttributes })
    const { Groups } = await admin.call<{ Groups: readonly { GroupName: string }[] }>('AdminListGroupsForUser', user)
    for (const { GroupName } of Groups)
      if (!person.groups.includes(GroupName)) await admin.call('AdminRemoveUserFromGroup', { ...user, GroupName })
    for (const GroupName of person.groups) {
      if (Groups.some((one) => one.GroupName === GroupName)) continue
      await admin.call('CreateGroup', { ...pool, GroupName }).catch(except('GroupExistsException'))
      await admin.call('AdminAddUserToGroup', { ...user, GroupName })
    }
  }

const attributesOf = ({ name, email, unverified }: Person) =>
  Object.entries({ name, email, email_verified: unverified ? 'false' : 'true' }).map(([Name, Value]) => ({
    Name,
    Value,
  }))

/** An account that the double of Cognito plays: nothing is in it but what an administrator makes. */
export async function playedCognito() {
  const { endpoint, close } = await startCognito({ users: [], clients: [] })
  return { env: { ...ofDoubles, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoint }, close }
}
