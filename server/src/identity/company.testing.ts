/** For tests only: a company where agents sign in. Whoever it is, the same suite holds our side of it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { Provider as Kind } from './provider.ts'

export interface Person {
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
  /** Where nobody there has looked whether the address is theirs. */
  readonly unverified?: true
}

export interface Company {
  readonly provider: Kind
  readonly issuer: string
  /** The origin of the pages where people sign in and out. */
  readonly pages: string
  /** Ours there. */
  readonly client: { readonly id: string; readonly secret: string }
  /** Takes somebody on, or changes them; undefined: they have left. */
  put(id: string, person: Person | undefined): Promise<void>
  /** What the person types on a sign-in page; undefined where there is none. */
  typed(id: string): Readonly<Record<string, string>> | undefined
  /** Who sits in front of the browser. */
  sits(id: string): void
  close(): Promise<void>
}

export const client = { id: 'desk', secret: 'a secret of this test alone, long enough' }
export const signedOut = 'https://desk.acme.test/'

/** Any certified issuer: `oidc-provider`, with an interaction that signs in whoever sits there. */
export async function anyIssuer(back: string): Promise<Company> {
  const people = new Map<string, Person>()
  let who = ''
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [back],
        post_logout_redirect_uris: [signedOut],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name', 'locale', 'groups'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    findAccount: (_ctx, id) => {
      const person = people.get(id)
      if (!person) return undefined
      const { name, email, groups, unverified } = person
      const claims = { sub: id, name, email, groups: [...groups], ...(unverified ? { email_verified: false } : {}) }
      return { accountId: id, claims: async () => claims }
    },
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc
      const grant = new ctx.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    interactions: { url: (_ctx, interaction) => `/ask/${interaction.uid}` },
    cookies: { keys: ['only for this test'] },
  })
  const library = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/ask/')) return library(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: who } })
  })
  return {
    provider: 'openid',
    issuer,
    pages: issuer,
    client,
    put: async (id, person) => void (person ? people.set(id, person) : people.delete(id)),
    typed: () => undefined,
    sits(id) {
      who = id
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
