/**
 * The assisted sessions of one surface, in memory: found by the digest of their cookie, ended by the issuer's `sid`.
 * A restart forgets them, and a forgotten session is an ended one.
 */
import { digestOf, freshSecret } from './secrets.ts'

export interface LiveSession {
  readonly state: 'live'
  readonly sid: string
  readonly userId: string
  /** The access token: what the issuer is asked about, and never shown. */
  readonly token: string
  /** Put into every form of this session. */
  readonly csrf: string
  readonly language: 'en' | 'es'
  /** What was refused under it so far: the banner of each of its pages says the latest. */
  readonly refusals: { count: number; latest: Readonly<Record<'en' | 'es', string>> | undefined }
}
/** Kept so that the next request is told that help has ended, in the right language. */
export interface EndedSession {
  readonly state: 'ended'
  readonly language: 'en' | 'es'
}
export type AssistedSession = LiveSession | EndedSession

export interface Opening {
  readonly sid: string
  readonly userId: string
  readonly token: string
  readonly language: 'en' | 'es'
}

const tombstoneMs = 60_000
const none = (): LiveSession['refusals'] => ({ count: 0, latest: undefined })
const keepMs = 24 * 3600_000

export interface AssistedSessions {
  /** `ended`: the ending of this very session was quicker than its beginning. */
  open(opening: Opening): { readonly cookie: string; readonly session: LiveSession } | 'ended'
  find(cookie: string | undefined): AssistedSession | undefined
  /** Ends what has this `sid`, or, where the issuer names none, all of this user. Twice is as good as once. */
  end(which: { readonly sid?: string | undefined; readonly sub?: string | undefined }): number
  forget(cookie: string): void
}

export function assistedSessions({ now = Date.now }: { readonly now?: () => number } = {}): AssistedSessions {
  const byCookie = new Map<string, { session: AssistedSession; readonly since: number }>()
  const bySid = new Map<string, Set<string>>()
  const endedSids = new Map<string, number>()

  function forgetKey(key: string): void {
    const entry = byCookie.get(key)
    byCookie.delete(key)
    if (entry?.session.state !== 'live') return
    const keys = bySid.get(entry.session.sid)
    keys?.delete(key)
    if (keys?.size === 0) bySid.delete(entry.session.sid)
  }

  function prune(): void {
    for (const [sid, until] of endedSids) if (until <= now()) endedSids.delete(sid)
    for (const [key, { since }] of byCookie) if (since + keepMs <= now()) forgetKey(key)
  }

  function endKey(key: string): number {
    const entry = byCookie.get(key)
    if (entry?.session.state !== 'live') return 0
    entry.session = { state: 'ended', language: entry.session.language }
    return 1
  }

  function endSid(sid: string): number {
    endedSids.set(sid, now() + tombstoneMs)
    const keys = [...(bySid.get(sid) ?? [])]
    bySid.delete(sid)
    return keys.reduce((ended, key) => ended + endKey(key), 0)
  }

  function sidsOf(sub: string): string[] {
    const live = [...byCookie.values()].map(({ session }) => session).filter((session) => session.state === 'live')
    return [...new Set(live.filter(({ userId }) => userId === sub).map(({ sid }) => sid))]
  }

  return {
    open({ sid, userId, token, language }) {
      prune()
      if (endedSids.has(sid)) return 'ended'
      const cookie = freshSecret()
      const key = digestOf(cookie)
      const session = { state: 'live', sid, userId, token, csrf: freshSecret(), language, refusals: none() } as const
      byCookie.set(key, { session, since: now() })
      bySid.set(sid, (bySid.get(sid) ?? new Set()).add(key))
      return { cookie, session }
    },
    find: (cookie) => (cookie === undefined ? undefined : byCookie.get(digestOf(cookie))?.session),
    end({ sid, sub }) {
      prune()
      const sids = sid !== undefined ? [sid] : sub !== undefined ? sidsOf(sub) : []
      return sids.reduce((ended, each) => ended + endSid(each), 0)
    },
    forget: (cookie) => forgetKey(digestOf(cookie)),
  }
}
