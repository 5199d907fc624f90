/**
 * The part of Cognito's JSON API that an administrator of the account calls, by signed requests: pools with their domain,
 * app clients and groups, and people who are made, changed, put into groups, disabled and deleted.
 *
 * What it does not do: more than one pool (whoever makes one is given this one, and to delete it forgets its people and
 * clients), listing, describing and updating pools and clients, domains that come up late, rules of passwords, invitations,
 * roles and precedence of groups, signing everybody out, limits of calls; and whether a signature’s key is right.
 */
import { randomBytes } from 'node:crypto'
import type { PoolClient, PoolUser } from './pool.ts'
import { Refused } from './triggers.ts'

/** What the pool lends its administrator. */
export interface PoolOwned {
  readonly poolId: string
  readonly users: Map<string, PoolUser>
  readonly clients: PoolClient[]
}

type Input = Readonly<Record<string, unknown>>
interface Attribute {
  readonly Name: string
  readonly Value: string
}

const userSays = (word: 'not found' | 'exists') =>
  word === 'exists'
    ? new Refused('UsernameExistsException', 'User account already exists')
    : new Refused('UserNotFoundException', 'User does not exist.')
const attributesIn = (given: unknown): Record<string, string> =>
  Object.fromEntries(((given ?? []) as readonly Attribute[]).map(({ Name, Value }) => [Name, Value]))
const textsIn = (given: unknown): readonly string[] => (Array.isArray(given) ? given.map(String) : [])
const isPrefix = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** By the name of the operation. */
export type Operations = Readonly<Record<string, (input: Input) => object>>

export function adminApi({ poolId, users, clients }: PoolOwned): Operations {
  const groups = new Set<string>()
  const inPool = ({ UserPoolId }: Input): void => {
    if (UserPoolId !== poolId)
      throw new Refused('ResourceNotFoundException', `User pool ${String(UserPoolId)} does not exist.`)
  }
  const userIn = (input: Input): PoolUser => {
    inPool(input)
    const user = users.get(String(input.Username))
    if (!user) throw userSays('not found')
    return user
  }
  const groupIn = (input: Input): string => {
    inPool(input)
    const name = String(input.GroupName)
    if (!groups.has(name)) throw new Refused('ResourceNotFoundException', 'Group not found.')
    return name
  }
  const change = (input: Input, changes: (user: PoolUser) => Partial<PoolUser>): object => {
    const user = userIn(input)
    users.set(user.username, { ...user, ...changes(user) })
    return {}
  }

  return {
    CreateUserPool: ({ PoolName }) => {
      if (!PoolName) throw new Refused('InvalidParameterException', 'PoolName is required')
      return { UserPool: { Id: poolId, Name: PoolName } }
    },
    DeleteUserPool: (input) => {
      inPool(input)
      users.clear()
      groups.clear()
      clients.splice(0)
      return {}
    },
    CreateUserPoolDomain: (input) => {
      inPool(input)
      const domain = String(input.Domain)
      if (!isPrefix.test(domain) || /aws|amazon|cognito/.test(domain))
        throw new Refused('InvalidParameterException', 'Domain cannot contain this')
      return {}
    },
    DeleteUserPoolDomain: (input) => {
      inPool(input)
      return {}
    },
    CreateUserPoolClient: (input) => {
      inPool(input)
      const flows = textsIn(input.ExplicitAuthFlows)
      const client: PoolClient = {
        id: randomBytes(13).toString('hex'),
        secret: input.GenerateSecret === true ? randomBytes(25).toString('hex') : '',
        callbackUrls: textsIn(input.CallbackURLs),
        logoutUrls: textsIn(input.LogoutURLs),
        scopes: input.AllowedOAuthFlowsUserPoolClient === true ? textsIn(input.AllowedOAuthScopes) : [],
        ...(flows.length > 0 ? { explicitAuthFlows: flows } : {}),
      }
      clients.push(client)
      return { UserPoolClient: { ClientId: client.id, ClientSecret: client.secret, UserPoolId: poolId } }
    },
    DeleteUserPoolClient: (input) => {
      inPool(input)
      const at = clients.findIndex(({ id }) => id === input.ClientId)
      if (at < 0) throw new Refused('ResourceNotFoundException', 'User pool client does not exist.')
      clients.splice(at, 1)
      return {}
    },
    CreateGroup: (input) => {
      inPool(input)
      const name = String(input.GroupName)
      if (groups.has(name)) throw new Refused('GroupExistsException', 'A group with the name already exists.')
      groups.add(name)
      return { Group: { GroupName: name, UserPoolId: poolId } }
    },
    AdminCreateUser: (input) => {
      inPool(input)
      const username = String(input.Username)
      if (users.has(username)) throw userSays('exists')
      // Nobody knows the password of an invitation that was not sent.
      const password = randomBytes(20).toString('base64url')
      users.set(username, {
        username,
        password,
        attributes: attributesIn(input.UserAttributes),
        groups: [],
        enabled: true,
      })
      return { User: { Username: username, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' } }
    },
    AdminSetUserPassword: (input) => {
      if (input.Permanent !== true)
        throw new Refused('InvalidParameterException', 'This double knows permanent ones alone')
      return change(input, () => ({ password: String(input.Password) }))
    },
    AdminUpdateUserAttributes: (input) =>
      change(input, ({ attributes }) => ({ attributes: { ...attributes, ...attributesIn(input.UserAttributes) } })),
    AdminListGroupsForUser: (input) => ({ Groups: userIn(input).groups.map((GroupName) => ({ GroupName })) }),
    AdminAddUserToGroup: (input) => {
      const name = groupIn(input)
      return change(input, (user) => ({ groups: [...new Set([...user.groups, name])] }))
    },
    AdminRemoveUserFromGroup: (input) => {
      const name = groupIn(input)
      return change(input, (user) => ({ groups: user.groups.filter((one) => one !== name) }))
    },
    AdminDisableUser: (input) => change(input, () => ({ enabled: false })),
    AdminEnableUser: (input) => change(input, () => ({ enabled: true })),
    AdminDeleteUser: (input) => {
      users.delete(userIn(input).username)
      return {}
    },
  }
}
