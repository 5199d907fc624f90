/**
 * A session as it lies in memory: a million of them have to fit. What many share is kept once, the rest is one text; it is
 * taken apart when somebody asks.
 */
import type { Found, Grant, LiveToken } from './liveness.ts'

export interface Packed {
  readonly shared: Shared
  readonly text: string
  readonly until: number
}

/** What the sessions of one product, language and way of consent have in common. */
type Shared = Pick<LiveToken, 'surface' | 'holder' | 'locale' | 'powers' | 'acr' | 'amr' | 'scope'> & {
  readonly clientId: string
  readonly code: LiveToken['reason']['code']
  readonly name: LiveToken['reason']['name']
}

export interface Packing {
  pack(found: Found): Packed
}

/** `atMost` kinds are shared; what comes after that has its own. */
export function packing(atMost = 10_000): Packing {
  const kinds = new Map<string, Shared>()
  return {
    pack({ live, clientId, until, subjects }) {
      const { surface, holder, locale, powers, acr, amr, scope, reason } = live
      const kind = { surface, holder, locale, powers, acr, amr, scope, clientId, code: reason.code, name: reason.name }
      const name = JSON.stringify(kind)
      const shared = kinds.get(name) ?? kind
      if (kinds.size < atMost) kinds.set(name, shared)
      return { shared, text: textOf(live, subjects[2] ?? ''), until }
    },
  }
}

const textOf = (live: LiveToken, agentSessionId: string): string =>
  JSON.stringify([
    live.sessionId,
    live.sid,
    live.subject,
    live.agent.id,
    live.agent.name,
    live.assistanceId,
    live.ecosystemId,
    live.ecosystemName,
    live.userName,
    live.reason.line ?? 0,
    live.keyThumbprint ?? 0,
    live.grants.map(({ termsDigest, mac, ...grant }) => ({
      ...grant,
      termsDigest: Buffer.from(termsDigest).toString('base64'),
      mac: mac.toString('base64'),
    })),
    live.endsAt.getTime(),
    live.idleAt.getTime(),
    live.iat,
    live.exp,
    agentSessionId,
  ])

/** What was packed, as of this time. */
export function unpacked(
  { shared, text }: Packed,
  now: number,
): { readonly live: LiveToken; readonly subjects: readonly string[] } {
  const { surface, holder, locale, powers, acr, amr, scope, code, name } = shared
  const [
    sessionId,
    sid,
    subject,
    agentId,
    agentName,
    assistanceId,
    ecosystemId,
    ecosystemName,
    userName,
    line,
    key,
    grants,
    endsAt,
    idleAt,
    iat,
    exp,
    agentSessionId,
  ] = JSON.parse(text)
  return {
    live: {
      sessionId,
      sid,
      surface,
      holder,
      keyThumbprint: key === 0 ? undefined : key,
      subject,
      agent: { id: agentId, name: agentName },
      assistanceId,
      ecosystemId,
      ecosystemName,
      userName,
      locale,
      reason: { code, name, line: line === 0 ? undefined : line },
      powers,
      grants: grants.map((grant: Grant & { termsDigest: string; mac: string }) => ({
        ...grant,
        termsDigest: Buffer.from(grant.termsDigest, 'base64'),
        mac: Buffer.from(grant.mac, 'base64'),
      })),
      acr,
      amr,
      endsAt: new Date(endsAt),
      idleAt: new Date(idleAt),
      now: new Date(now),
      scope,
      iat,
      exp,
    },
    subjects: [assistanceId, agentId, agentSessionId, `surface:${surface}`, `ecosystem:${ecosystemId}`],
  }
}
