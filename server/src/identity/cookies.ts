/** What a browser keeps of a sign-in: the session, and its own mark, so that a new browser can be told from a known one. */

export const sessionCookie = '__Host-amparo'
export const browserCookie = '__Host-amparo-browser'
/** On the way to the company's provider and back. Lax: a strict one would not come back from another site. */
export const underwayCookie = '__Host-amparo-underway'

const yearSeconds = 365 * 24 * 3600
const sessionSeconds = 12 * 3600

export const cookieOf = (name: string, value: string, maxAge: number, sameSite: 'Strict' | 'Lax' = 'Strict'): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAge}`

/** The cookies of a session that was opened, or of one that is over. */
export const cookiesOf = (session: { readonly token: string; readonly device?: string } | 'none'): readonly string[] =>
  session === 'none'
    ? [cookieOf(sessionCookie, '', 0)]
    : [
        cookieOf(sessionCookie, session.token, sessionSeconds),
        ...(session.device === undefined ? [] : [cookieOf(browserCookie, session.device, yearSeconds)]),
      ]

/** The browser's own mark as it is kept, if it can be one of ours. */
export const markOf = (kept: string | undefined): string | undefined =>
  kept !== undefined && /^[A-Za-z0-9_-]{43}$/.test(kept) ? kept : undefined
