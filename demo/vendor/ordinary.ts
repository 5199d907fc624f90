/** A product's own sign-ins: people with their own password. Assisted sessions are kept elsewhere and never meet these. */
import { digestOf, freshSecret } from '@amparo/relying-party/secrets'

export const ordinaryCookie = ({ id }: { readonly id: string }) => `__Host-${id}`
export const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

export interface OrdinarySession {
  readonly personId: string
  readonly csrf: string
  readonly since: number
  /** The clinic that was chosen last, where the person is in several. */
  clinicId: string | undefined
}

const keepMs = 12 * 3600_000

export type OrdinarySessions = ReturnType<typeof ordinarySessions>

export function ordinarySessions(now: () => number = Date.now) {
  const sessions = new Map<string, OrdinarySession>()

  function find(cookie: string | undefined): OrdinarySession | undefined {
    if (cookie === undefined) return undefined
    const session = sessions.get(digestOf(cookie))
    return session !== undefined && now() < session.since + keepMs ? session : undefined
  }

  return {
    find,
    open(personId: string): string {
      for (const [key, { since }] of sessions) if (since + keepMs <= now()) sessions.delete(key)
      const cookie = freshSecret()
      sessions.set(digestOf(cookie), { personId, csrf: freshSecret(), since: now(), clinicId: undefined })
      return cookie
    },
    close(cookie: string | undefined): void {
      if (cookie !== undefined) sessions.delete(digestOf(cookie))
    },
  }
}
