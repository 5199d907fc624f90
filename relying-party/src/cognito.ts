/**
 * For products that trust the tokens of a user pool of Amazon Cognito: the pool signs the user of an assisted session in,
 * by one ticket of ours and nothing else, on an app client that is there for this alone. Its refresh token never leaves
 * this file, is used for nothing, and is revoked when help ends. The pool's tokens outlive that by minutes: check too.
 */
import { createHmac } from 'node:crypto'
import type { AmparoIssuer } from './index.ts'

export interface CognitoConfig {
  readonly issuer: Pick<AmparoIssuer, 'bridgeTicket' | 'check'>
  /** `https://cognito-idp.REGION.amazonaws.com`. */
  readonly endpoint: string
  /** The app client of the bridge, with its secret. */
  readonly clientId: string
  readonly clientSecret: string
  /** The name that the pool has for a user of your Core; the same id unless given. */
  username?(userId: string): Promise<string | undefined> | string | undefined
  readonly fetch?: typeof fetch
  readonly timeoutMs?: number
  /** After which pauses what could not be revoked is tried again: 1, 5, 30 s and two minutes, unless said. */
  readonly pausesMs?: readonly number[]
  readonly now?: () => number
  /** Told why something could not be done; never told a token. */
  readonly onTrouble?: (what: string) => void
}

/** What the pool issued. Whoever checks its signature alone believes it until `expiresAt`, whatever ended before. */
export interface PoolTokens {
  readonly accessToken: string
  readonly idToken: string
  readonly expiresAt: Date
}

export interface CognitoBridge {
  /**
   * A sign-in of the pool for this session, as often as it is asked for; the last one counts until shortly before it ends,
   * and the issuer is asked each time whether help goes on: whichever of your processes heard of the end, none hands out a
   * token after it. `ended`: help has ended. `refused`: the pool or its triggers said no. `unknown`: nobody could say.
   */
  tokens(session: {
    readonly token: string
    readonly sid: string
  }): Promise<PoolTokens | 'ended' | 'refused' | 'unknown'>
  /** Help has ended: revokes what was opened for it, and what is still being opened. `unknown`: it is tried again by itself. */
  revoke(sid: string): Promise<'revoked' | 'unknown'>
}

/** Of one session: what was issued last or is being issued, and every refresh token that has to be revoked. */
interface Kept {
  last?: PoolTokens
  coming?: ReturnType<CognitoBridge['tokens']> | undefined
  readonly refresh: Set<string>
  /** What is being revoked: one after the other, each of them once. */
  giving?: Promise<void>
}

/** So long before its end a token is not handed out any more. */
const spareMs = 30_000
const usualPausesMs = [1000, 5000, 30_000, 120_000]
/** Longer than any help; after it a sid that has ended need not be remembered. */
const endedKeptMs = 2 * 3600_000

export function cognitoBridge(config: CognitoConfig): CognitoBridge {
  const now = config.now ?? Date.now
  const trouble = config.onTrouble ?? (() => {})
  const username = config.username ?? ((userId: string) => userId)
  const kept = new Map<string, Kept>()
  const ended = new Map<string, number>()
  const pauses = config.pausesMs ?? usualPausesMs
  /** At the last of them no help goes on that the token could be of. */
  const untilForgotten = [...pauses, endedKeptMs]

  async function signIn(session: { readonly token: string; readonly sid: string }) {
    const ticket = await config.issuer.bridgeTicket(session.token)
    if (typeof ticket === 'string') return ticket
    const name = await username(ticket.userId)
    if (name === undefined) return 'refused'
    const asked = await call(config, 'InitiateAuth', {
      AuthFlow: 'CUSTOM_AUTH',
      ClientId: config.clientId,
      AuthParameters: { USERNAME: name, SECRET_HASH: secretHash(config, name) },
    })
    const known = asked.ChallengeParameters?.USERNAME ?? name
    const answered = await call(config, 'RespondToAuthChallenge', {
      ChallengeName: 'CUSTOM_CHALLENGE',
      ClientId: config.clientId,
      Session: asked.Session,
      ChallengeResponses: { USERNAME: known, ANSWER: ticket.ticket, SECRET_HASH: secretHash(config, known) },
      // Reaches the trigger that checks the answer and the one that makes the token; it opens nothing.
      ClientMetadata: { amparo: ticket.reference },
    })
    return answered.AuthenticationResult ?? 'refused'
  }

  async function issue(session: { readonly token: string; readonly sid: string }, one: Kept) {
    try {
      const issued = await signIn(session)
      if (typeof issued === 'string') return issued
      const before = [...one.refresh]
      one.refresh.add(issued.RefreshToken)
      if (![issued.AccessToken, issued.IdToken].every((token) => namesAgent(token, session.sid))) {
        await revokeAll(one)
        trouble('Cognito: its tokens do not name the agent. Is *Pre token generation* of this pool ours, as V2_0?')
        return 'refused'
      }
      const tokens: PoolTokens = {
        accessToken: issued.AccessToken,
        idToken: issued.IdToken,
        expiresAt: new Date(now() + issued.ExpiresIn * 1000),
      }
      one.last = tokens
      if (ended.has(session.sid)) {
        await revokeAll(one) // It ended while the pool was answering.
        return 'ended'
      }
      void revokeAll(one, before) // Nothing is asked with those any more.
      setTimeout(() => void leave(session.sid, tokens, untilForgotten), issued.ExpiresIn * 1000).unref()
      return tokens
    } catch (error) {
      trouble(`Cognito: ${error instanceof Error ? error.message : 'unknown'}`)
      return error instanceof Refused ? 'refused' : 'unknown'
    }
  }

  /**
   * Nobody has asked since this token: they may have gone without a word, or another process of ours heard of the end. What
   * cannot be revoked is tried again, and forgotten after the last time.
   */
  async function leave(sid: string, tokens: PoolTokens, [pause, ...later]: readonly number[]): Promise<void> {
    const one = kept.get(sid)
    const isLeft = () => one?.last === tokens && !one.coming
    if (!one || !isLeft()) return
    await revokeAll(one)
    if (!isLeft()) return
    if (one.refresh.size === 0 || pause === undefined) kept.delete(sid)
    else setTimeout(() => void leave(sid, tokens, later), pause).unref()
  }

  function revokeAll(mine: Kept, these: Iterable<string> = mine.refresh): Promise<void> {
    const { refresh, giving } = mine
    const { clientId: ClientId, clientSecret: ClientSecret } = config
    const one = async (Token: string) => {
      try {
        await call(config, 'RevokeToken', { ClientId, ClientSecret, Token })
        refresh.delete(Token)
      } catch (error) {
        trouble(`Cognito: not revoked: ${error instanceof Error ? error.message : 'unknown'}`)
      }
    }
    const rest = async () => void (await Promise.all([...these].filter((token) => refresh.has(token)).map(one)))
    mine.giving = giving ? giving.then(rest) : rest()
    return mine.giving
  }

  async function revoke(sid: string, [pause, ...later]: readonly number[]): Promise<'revoked' | 'unknown'> {
    for (const [known, at] of ended) if (at + endedKeptMs < now()) ended.delete(known)
    ended.set(sid, now())
    const one = kept.get(sid)
    await one?.coming
    if (one) await revokeAll(one)
    if (!one || one.refresh.size === 0) {
      kept.delete(sid)
      return 'revoked'
    }
    if (pause !== undefined) setTimeout(() => void revoke(sid, later), pause).unref()
    return 'unknown'
  }

  return {
    async tokens(session) {
      const { sid } = session
      if (ended.has(sid)) return 'ended'
      const one: Kept = kept.get(sid) ?? { refresh: new Set() }
      kept.set(sid, one)
      const { last } = one
      if (last && last.expiresAt.getTime() - spareMs > now()) {
        const alive = await config.issuer.check(session.token)
        if (alive === 'ended') void revoke(sid, pauses)
        if (ended.has(sid)) return 'ended' // Also where another heard of the end while the issuer was asked.
        return typeof alive === 'string' ? alive : last
      }
      one.coming ??= issue(session, one).finally(() => {
        one.coming = undefined
        if (one.refresh.size === 0) kept.delete(sid)
      })
      return one.coming
    },
    revoke: (sid) => revoke(sid, pauses),
  }
}

/**
 * Whether this token of the pool says who acts, for this very session. A pool without our trigger would sign the user in as
 * ever: a token that may do all that they may, and names nobody else. Who signed it is known: we asked the pool itself.
 */
function namesAgent(token: string, sid: string): boolean {
  try {
    const { act, amparo_sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof act?.sub === 'string' && act.sub !== '' && amparo_sid === sid
  } catch {
    return false
  }
}

/** Proves the app client, for one name. */
const secretHash = ({ clientId, clientSecret }: CognitoConfig, name: string): string =>
  createHmac('sha256', clientSecret).update(`${name}${clientId}`).digest('base64')

/** The pool said no, and will say it again. */
class Refused extends Error {}

interface Said {
  readonly Session?: string
  readonly ChallengeParameters?: { readonly USERNAME?: string }
  readonly AuthenticationResult?: {
    readonly AccessToken: string
    readonly IdToken: string
    readonly RefreshToken: string
    readonly ExpiresIn: number
  }
}

/** One call that an app client may make; none of them is signed, so no client of AWS is needed. */
async function call(config: CognitoConfig, name: string, input: object): Promise<Said> {
  const response = await (config.fetch ?? fetch)(config.endpoint, {
    method: 'POST',
    redirect: 'error',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${name}`,
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(config.timeoutMs ?? 10_000),
  })
  const text = await response.text()
  if (response.ok) return text === '' ? {} : (JSON.parse(text) as Said)
  const [, word = `answered ${response.status}`] = /"__type" *: *"(?:[^"#]*#)?(\w+)"/.exec(text) ?? []
  const passing = response.status >= 500 || /TooManyRequests|LimitExceeded|InternalError/.test(word)
  throw passing ? new Error(`${name}: ${word}`) : new Refused(`${name}: ${word}`)
}
