/** For tests only: a phone with an app of a vendor's on it, made of a *stock* OpenID client, its key, and a browser. */
import * as oidc from 'openid-client'
import { aBrowser, type Browser, type Page, type World } from './testing.ts'

export interface PhoneApp {
  readonly config: oidc.Configuration
  readonly key: oidc.DPoPHandle
  readonly browser: Browser
  /** Opens a scanned link or a typed code: the issuer's page, or its refusal. */
  scan(handle: string, more?: Record<string, string>): Promise<Page>
  /** The two digits on that page. */
  digits(page: Page): string
  /** Looks at that page again: it, or the address that the app gets its code at. */
  again(page: Page): Promise<Page>
  exchange(page: Page, key?: oidc.DPoPHandle): ReturnType<typeof oidc.authorizationCodeGrant>
  /** A request with the token, signed by the key. */
  ask(token: string, path: string, form?: Record<string, string>, key?: oidc.DPoPHandle): Promise<Response>
}

export const newKey = async (config: oidc.Configuration) =>
  oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))

export async function aPhone(
  world: World,
  keys?: Awaited<ReturnType<typeof oidc.randomDPoPKeyPair>>,
): Promise<PhoneApp> {
  const config = await oidc.discovery(new URL(world.origin), 'client-app', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  const key = keys ? oidc.getDPoPHandle(config, keys) : await newKey(config)
  const browser = aBrowser()
  const flow = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() }
  const ask: PhoneApp['ask'] = (token, path, form, DPoP = key) => {
    const body = form && new URLSearchParams({ token, ...form }).toString()
    const headers = new Headers(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {})
    const url = new URL(path, world.origin)
    return oidc.fetchProtectedResource(config, token, url, form ? 'POST' : 'GET', body, headers, { DPoP })
  }
  return {
    config,
    key,
    browser,
    async scan(handle, more = {}) {
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: `${world.products.origin}/cb/app`,
        scope: 'openid',
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        login_hint: handle.slice(handle.lastIndexOf('/') + 1),
        dpop_jkt: await key.calculateThumbprint(),
        device_name: 'Pixel 8',
        ...more,
      })
      for (const [name, value] of Object.entries(more)) if (value === '') url.searchParams.delete(name)
      return browser.visit(url.href, '/cb/')
    },
    digits: ({ body }) => /<strong>(\d\d)<\/strong>/.exec(body)?.[1] ?? '',
    again: ({ url }) => browser.visit(url, '/cb/'),
    exchange: (page, DPoP = key) =>
      oidc.authorizationCodeGrant(
        config,
        new URL(page.url),
        { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce },
        undefined,
        { DPoP },
      ),
    ask,
  }
}
