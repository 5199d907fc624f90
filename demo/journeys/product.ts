/** For journeys: a vendor's product that nobody here wrote. A stock OpenID client, and not a line of ours in it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import * as openid from 'openid-client'

export interface Client {
  readonly id: string
  readonly secret: string
}
type Tokens = Awaited<ReturnType<typeof openid.authorizationCodeGrant>>
export interface SignedIn {
  readonly tokens: Tokens
  readonly metadata: openid.Configuration
}
/** A product with a stock OpenID client, that knows of Amparo what its configuration says. */
export interface Product {
  readonly origin: string
  readonly server: Server
  readonly logouts: string[]
  /** From now on a logout is taken and never answered; or answered again. */
  hang(now: boolean): void
  /** The latest; of one assistance where one is named. */
  signedIn(assistanceId?: string): SignedIn
  count(): number
}

/**
 * Listens on a free port; `client` is how it is known at the issuer, whose address may change, and `reach` the way there, where
 * it needs one.
 */
export async function startProduct(
  issuer: string | (() => string),
  client: Client,
  reach?: typeof fetch,
): Promise<Product> {
  const flows = new Map<string, { verifier: string; nonce: string }>()
  const signedIn: SignedIn[] = []
  const logouts: string[] = []
  let hangs = false
  const found = () => {
    const at = new URL(typeof issuer === 'string' ? issuer : issuer())
    return openid.discovery(at, client.id, undefined, openid.ClientSecretBasic(client.secret), {
      execute: [openid.allowInsecureRequests],
      ...(reach && { [openid.customFetch]: (url: string, options: object) => reach(url, options) }),
    })
  }

  async function login(url: URL, response: ServerResponse): Promise<void> {
    const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()]
    flows.set(state, { verifier, nonce })
    const to = openid.buildAuthorizationUrl(await found(), {
      redirect_uri: `${origin}/callback`,
      scope: 'openid',
      state,
      nonce,
      login_hint: url.searchParams.get('login_hint') ?? '',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    response.writeHead(302, { location: to.href }).end()
  }

  async function callback(url: URL, response: ServerResponse): Promise<void> {
    const metadata = await found()
    const flow = flows.get(url.searchParams.get('state') ?? '')
    const tokens = await openid.authorizationCodeGrant(metadata, url, {
      expectedState: url.searchParams.get('state') ?? '',
      expectedNonce: flow?.nonce ?? '',
      pkceCodeVerifier: flow?.verifier ?? '',
      idTokenExpected: true,
    })
    signedIn.push({ tokens, metadata })
    response.end('Signed in')
  }

  async function logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += chunk
    if (hangs) return
    logouts.push(new URLSearchParams(body).get('logout_token') ?? '')
    response.end()
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const answer = { '/login': login, '/callback': callback }[url.pathname]
    const work = answer ? answer(url, response) : logout(request, response)
    work.catch((error: unknown) => response.writeHead(400).end(String(error)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    origin,
    server,
    logouts,
    hang: (now) => {
      hangs = now
    },
    count: () => signedIn.length,
    signedIn(assistanceId) {
      const latest = signedIn.findLast(
        ({ tokens }) => assistanceId === undefined || tokens.claims()?.assistance_id === assistanceId,
      )
      if (!latest) throw new Error('nobody signed in')
      return latest
    },
  }
}

/** Its row in the file of surfaces. */
export const registrationOf = (product: Product, client: Client) => ({
  id: 'portal',
  name: { en: 'Portal', es: 'Portal' },
  offeredTo: ['owner', 'member'],
  clientId: client.id,
  clientAuth: 'client_secret_basic',
  secret: client.secret,
  redirectUris: [`${product.origin}/callback`],
  initiateLoginUri: `${product.origin}/login`,
  backchannelLogoutUri: `${product.origin}/logout`,
  powers: ['look', 'act'],
})
