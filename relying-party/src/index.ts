/**
 * Accept assisted sessions in a product: one value per surface, which asks the assisted issuer.
 * Whatever goes wrong on the way there, a session that nobody confirms is not alive.
 */
import { createRemoteJWKSet, customFetch } from 'jose'
import { type Assisted, parseIntrospection } from './check.ts'
import { type ClientProof, meansOf, notTaken, shownBy } from './client-proof.ts'
import { type LogoutVerdict, verifyLogoutToken } from './logout-token.ts'
import type { Batch, Told } from './report.ts'
import { type Clocks, type Confirmed, told } from './told.ts'

export type { Assisted, Powers } from './check.ts'
export type { ClientProof } from './client-proof.ts'
export type { Logout, LogoutVerdict } from './logout-token.ts'

export type AssistedConfig = AssistedSettings & ClientProof

interface AssistedSettings {
  readonly issuer: string
  readonly clientId: string
  readonly fetch?: typeof fetch
  readonly checkTimeoutMs?: number
  readonly now?: () => number
  /** Told why a check could not be made; never told a token. */
  readonly onTrouble?: (what: string) => void
  /**
   * Stays on the line and hears of endings as they happen: a check then asks nobody while nothing is told of its session.
   * Without it, and whenever the line is silent, each check asks the issuer.
   */
  readonly line?: boolean
  /** Told on the line that a session has ended; it may be told twice. */
  readonly onEnded?: (which: { readonly sid: string }) => void
  /** What the silence of the line is measured by; the machine's own unless given. */
  readonly clocks?: Clocks
}

export interface AmparoIssuer {
  readonly issuer: string
  readonly clientId: string
  isOurIssuer(iss: string | undefined): boolean
  /**
   * To be asked on each request. `ended`: the issuer says so. `unknown`: nobody could say; show nothing of the user's.
   * A token that is bound to a key is checked together with what showed that key.
   */
  check(token: string, shown?: KeyShown): Promise<Assisted | 'ended' | 'unknown'>
  /** The banner's *End now*. `unknown`: the issuer did not confirm it, so the agent must end it in the console. */
  end(token: string): Promise<'ended' | 'unknown'>
  /** This product shows nothing after all: its part is closed, and the help goes on. */
  leave(token: string): Promise<'ended' | 'unknown'>
  /** What was done as the user; `reporter` of `report.ts` makes the batches. */
  activity(batch: Batch): Promise<Told>
  /** For a pool of Cognito that is to sign this session's user in once; `cognito.ts` uses it up. */
  bridgeTicket(token: string): Promise<BridgeTicket | 'ended' | 'unknown'>
  verifyLogoutToken(jwt: string): Promise<LogoutVerdict>
  /** Leaves the line; for a graceful stop. */
  close(): void
}

export interface BridgeTicket {
  readonly ticket: string
  /** Names the ticket and opens nothing. */
  readonly reference: string
  /** The user as your Core knows them. */
  readonly userId: string
}

/** The proof that came with a token (RFC 9449), and the request that it has to be made for. */
export interface KeyShown {
  readonly proof: string
  readonly method: string
  readonly address: string
}

interface Answered {
  readonly answer: Assisted | 'ended' | 'unknown'
  readonly confirmed?: Confirmed
}

const proofFields = ({ proof, method, address }: KeyShown) => ({
  dpop_proof: proof,
  dpop_htm: method,
  dpop_htu: address,
})

export function assisted(config: AssistedConfig): AmparoIssuer {
  const { issuer, clientId, checkTimeoutMs = 1000 } = config
  const doFetch = config.fetch ?? fetch
  const now = config.now ?? Date.now
  const trouble = config.onTrouble ?? (() => {})
  const means = meansOf(config)
  const shown = shownBy(means, { issuer, clientId, now })
  const base = issuer.replace(/\/$/, '')
  const keys = createRemoteJWKSet(new URL(`${base}/jwks`), {
    [customFetch]: (url, options) => doFetch(url, options),
  })

  /** Shows who asks; once more with what is newly made, where the issuer did not take it. */
  async function reach(path: string, how: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const ask = (authorization: string) =>
      doFetch(`${base}${path}`, { ...how, redirect: 'error', headers: { ...how.headers, authorization } })
    const first = shown.header()
    const answer = await ask(first)
    const another = answer.status === 401 ? shown.instead(first) : undefined
    if (another !== undefined) await answer.body?.cancel()
    const response = another === undefined ? answer : await ask(another)
    if (response.status === 401) trouble(notTaken(means.by, response, now()))
    return response
  }
  const send = (path: string, type: string, body: string): Promise<Response> =>
    reach(path, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': type },
      body,
      signal: AbortSignal.timeout(checkTimeoutMs),
    })
  const post = (path: string, token: string, more: Readonly<Record<string, string>> = {}): Promise<Response> =>
    send(path, 'application/x-www-form-urlencoded', new URLSearchParams({ token, ...more }).toString())

  /** What the issuer says, and until when it holds if nothing is told of it. */
  async function ask(token: string, shown?: KeyShown): Promise<Answered> {
    try {
      const response = await post('/introspect', token, shown && proofFields(shown))
      if (response.status !== 200) {
        await response.body?.cancel()
        trouble(`introspection answered ${response.status}`)
        return { answer: 'unknown' }
      }
      const parsed = parseIntrospection(await response.json(), { issuer, clientId, now: now() })
      if ('broken' in parsed) {
        trouble(`introspection without a usable ${parsed.broken}`)
        return { answer: 'unknown' }
      }
      return parsed.alive ? { answer: parsed.assisted, confirmed: parsed } : { answer: 'ended' }
    } catch (error) {
      trouble(`introspection failed: ${error instanceof Error ? error.name : 'unknown'}`)
      return { answer: 'unknown' }
    }
  }
  /** Ends the whole help, or this product's part of it alone. */
  async function close(what: 'end' | 'revoke', token: string): Promise<'ended' | 'unknown'> {
    line?.forgetToken(token, false)
    try {
      const response = await post(`/${what}`, token)
      await response.body?.cancel()
      if (response.ok) {
        line?.forgetToken(token, true)
        return 'ended'
      }
      trouble(`${what} answered ${response.status}`)
      return 'unknown'
    } catch (error) {
      trouble(`${what} failed: ${error instanceof Error ? error.name : 'unknown'}`)
      return 'unknown'
    }
  }
  const line = config.line
    ? told({
        open: (from, signal) =>
          reach('/endings', {
            headers: { accept: 'text/event-stream', ...(from !== undefined && { 'last-event-id': from }) },
            signal,
          }),
        ended: config.onEnded ?? (() => {}),
        trouble,
        ...config.clocks,
      })
    : undefined

  return {
    issuer,
    clientId,
    isOurIssuer: (iss) => iss === issuer,
    async check(token, shown) {
      // A key is shown anew with each request, and only the issuer knows whether it was shown before.
      const said =
        line === undefined || shown !== undefined
          ? (await ask(token, shown)).answer
          : (line.find(token) ?? (await line.ask(token, async () => ask(token))))
      return typeof said === 'object' && line?.isOver(said.sid, token) ? 'ended' : said
    },
    close: () => line?.close(),
    end: (token) => close('end', token),
    leave: (token) => close('revoke', token),
    async activity(batch) {
      try {
        const response = await send('/activity', 'application/json', JSON.stringify(batch))
        await response.body?.cancel()
        if (response.ok) return 'taken'
        trouble(`activity answered ${response.status}`)
        return response.status === 429 || response.status >= 500 ? 'later' : 'refused'
      } catch (error) {
        trouble(`activity failed: ${error instanceof Error ? error.name : 'unknown'}`)
        return 'later'
      }
    },
    async bridgeTicket(token) {
      try {
        const response = await post('/bridge/ticket', token)
        const said: unknown = response.ok ? await response.json() : await response.body?.cancel()
        if (!response.ok) trouble(`bridge answered ${response.status}`)
        return response.ok ? ticketIn(said) : 'unknown'
      } catch (error) {
        trouble(`bridge failed: ${error instanceof Error ? error.name : 'unknown'}`)
        return 'unknown'
      }
    },
    async verifyLogoutToken(jwt) {
      const verdict = await verifyLogoutToken(jwt, { issuer, clientId, keys, now: now() })
      if (verdict.ok) line?.forget(verdict.logout.sid, true)
      return verdict
    },
  }
}

function ticketIn(said: unknown): BridgeTicket | 'ended' | 'unknown' {
  const { active, ticket, reference, sub: userId } = Object(said) as Readonly<Record<string, unknown>>
  if (active === false) return 'ended'
  const whole = typeof ticket === 'string' && typeof reference === 'string' && typeof userId === 'string'
  return active === true && whole ? { ticket, reference, userId } : 'unknown'
}
