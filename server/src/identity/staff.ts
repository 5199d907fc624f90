/**
 * The port to a company's own identity provider: OpenID Connect, authorization code with PKCE, state and nonce. It says
 * who came and in which groups they are, and is asked again while they sit at the desk: whoever was disabled or moved
 * there is noticed here.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  tokenRevocation,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { isNoText, keepable } from '../words.ts'
import { type Claims, type Manners, mannersOf, type Provider } from './provider.ts'

export interface StaffSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  /** Where the browser comes back to from signing out there. */
  readonly signedOutUri: string
  readonly provider: Provider
  /** The claim that holds the groups. */
  readonly claim: string
  readonly scope: string
  /** Only in tests and in the demo: an issuer on this machine, without TLS. */
  readonly insecure?: boolean
}

export interface StaffSeen {
  readonly subject: string
  readonly name: string
  readonly email: string | undefined
  readonly phone: string | undefined
  readonly locale: 'en' | 'es'
  readonly groups: readonly string[]
}

/** What the browser keeps, sealed, between going there and coming back. */
export interface Underway {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}
/** What the provider gave, to be asked about again. */
export interface StaffGrant {
  readonly subject: string
  readonly access: string
  readonly refresh: string | undefined
}
export interface Came {
  readonly seen: StaffSeen
  readonly grant: StaffGrant
}

/** So long one request to the provider may take. */
const patienceSeconds = 10
/** Whoever is asked about may cost three of them: what the provider is, the refresh, and who they are. */
export const longestAskingSeconds = 3 * patienceSeconds

/** The adapter: what differs between providers stays behind it. */
export interface Staff {
  /** Where to send the browser. Throws where the provider does not answer. */
  begin(): Promise<{ readonly to: string; readonly underway: Underway }>
  /** Who came back to this address; undefined where that is no answer to what was begun. */
  finish(url: URL, underway: Underway): Promise<Came | undefined>
  /** Who they are by now; `gone` where the provider will not speak for them any more, `silent` where it is away. */
  again(grant: StaffGrant): Promise<Came | 'gone' | 'silent'>
  /** They have left: what was given is given back, as far as the provider cares. */
  leave(grant: StaffGrant): Promise<void>
  /** Where the browser signs out there, and comes back from; undefined where the provider has no such address. */
  signOutAt(): Promise<string | undefined>
}

export function staffAt(settings: StaffSettings): Staff {
  const { issuer, clientId, clientSecret, redirectUri, scope } = settings
  const manners = mannersOf(settings.provider)
  let known: Promise<Configuration> | undefined
  const reach = () => {
    known ??= discovery(new URL(issuer), clientId, undefined, ClientSecretBasic(clientSecret), {
      execute: settings.insecure ? [allowInsecureRequests] : [],
      timeout: patienceSeconds,
    }).catch((error: unknown) => {
      known = undefined // Away now; the next sign-in asks again.
      throw error
    })
    return known
  }
  /** What the ID token says holds until the provider says otherwise of the same person; some name groups there alone. */
  const came = async (config: Configuration, { subject, access, refresh }: StaffGrant, told: object = {}) => {
    const claims = { ...told, ...(await fetchUserInfo(config, access, subject)) }
    return { seen: seenIn(claims, settings.claim, manners), grant: { subject, access, refresh } }
  }
  return {
    async begin() {
      const config = await reach()
      const underway = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const to = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        state: underway.state,
        nonce: underway.nonce,
        code_challenge: await calculatePKCECodeChallenge(underway.verifier),
        code_challenge_method: 'S256',
      })
      return { to: to.href, underway }
    },
    async finish(url, { state, nonce, verifier }) {
      const config = await reach()
      try {
        const tokens = await authorizationCodeGrant(config, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const told = tokens.claims()
        const grant = { access: tokens.access_token, refresh: tokens.refresh_token }
        return told && (await came(config, { ...grant, subject: told.sub }, told))
      } catch {
        return undefined // Another state, nonce or code than ours, or the provider said no: nobody came.
      }
    },
    async again(grant) {
      const { subject, refresh } = grant
      try {
        const config = await reach()
        if (refresh === undefined) return await came(config, grant)
        const tokens = await refreshTokenGrant(config, refresh)
        const next = { subject, access: tokens.access_token, refresh: tokens.refresh_token ?? refresh }
        return await came(config, next, tokens.claims())
      } catch (error) {
        return saysNo(error) ? 'gone' : 'silent'
      }
    },
    async leave({ access, refresh }) {
      const config = await reach().catch(() => undefined)
      if (config?.serverMetadata().revocation_endpoint === undefined) return
      await tokenRevocation(config, refresh ?? access).catch(() => undefined) // Theirs to end; ours has ended already.
    },
    async signOutAt() {
      const config = await reach().catch(() => undefined)
      const at = config?.serverMetadata().end_session_endpoint
      if (at === undefined) return undefined
      const url = new URL(at)
      for (const [name, value] of Object.entries(manners.signOut(clientId, settings.signedOutUri)))
        url.searchParams.set(name, value)
      return url.href
    },
  }
}

/** The provider answered, and the answer is no: a grant that was withdrawn, or a token of somebody who left. */
const saysNo = (error: unknown): boolean =>
  error instanceof WWWAuthenticateChallengeError ||
  (error instanceof ResponseBodyError && ['invalid_grant', 'invalid_token', 'access_denied'].includes(error.error))

function seenIn(claims: Claims, groupsClaim: string, { verified }: Manners): StaffSeen {
  if (!isName(claims.sub, longestSubject)) throw new Error('a subject that is none')
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined)
  /** People write their own name there, and what cannot be kept of it is left out. */
  const called = (name: string) => keepable(text(name) ?? '', longestName) || undefined
  /** Not what somebody may have typed there themselves. */
  const proved = (name: string) => (verified(claims[`${name}_verified`]) === false ? undefined : address(text(name)))
  const groups = claims[groupsClaim]
  const email = proved('email')
  return {
    subject: claims.sub,
    name: called('name') ?? called('preferred_username') ?? email ?? claims.sub,
    email,
    phone: proved('phone_number'),
    locale: text('locale')?.toLowerCase().startsWith('es') ? 'es' : 'en',
    groups: Array.isArray(groups) ? groups.filter((one) => typeof one === 'string') : [],
  }
}

/** OpenID Connect Core 1.0, §2. */
const longestSubject = 255
const longestAddress = 254
const longestName = 200
/** Whole or not at all: less of it would be somebody else's. */
const isName = (text: string, longest: number): boolean => text.length <= longest && !isNoText(text)
const address = (text: string | undefined) => (text !== undefined && isName(text, longestAddress) ? text : undefined)
