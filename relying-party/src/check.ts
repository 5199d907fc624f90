/** What the assisted issuer answers about a token, parsed: nothing that is missing or of another shape counts as alive. */

export type Powers = 'look' | 'act'

/** An assisted session that is alive: who helps whom, why, and how far. */
export interface Assisted {
  readonly user: { readonly id: string; readonly name: string }
  readonly agent: { readonly id: string; readonly name: string }
  readonly assistanceId: string
  readonly ecosystem: { readonly id: string; readonly name: string }
  /** One sentence, as the user read it when they agreed. */
  readonly reason: string
  readonly powers: Powers
  /** Sensitive acts that the user granted one by one, in the middle of this help; as of this very check. */
  readonly granted: readonly string[]
  readonly sid: string
  readonly acr: string | undefined
  /** The thumbprint of the key that the token is bound to (RFC 9449), if it is. */
  readonly boundTo: string | undefined
  readonly locale: string | undefined
  /** Until the clock that ends first, counted by the issuer's clock where it tells it. */
  readonly secondsLeft: number
}

type Parsed =
  /** `until`: by the issuer's clock. */
  | { readonly alive: true; readonly assisted: Assisted; readonly until: number }
  | { readonly alive: false }
  | { readonly broken: string }

class Missing extends Error {}

function text(from: unknown, name: string): string {
  const value = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined
  if (typeof value !== 'string' || value === '') throw new Missing(name)
  return value
}

function optionalText(from: unknown, name: string): string | undefined {
  const value = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function instant(from: unknown, name: string): number {
  const at = Date.parse(text(from, name))
  if (Number.isNaN(at)) throw new Missing(name)
  return at
}

/** Both must say so: the terms the user agreed to, and the scope the token was issued with. */
function powersOf(from: unknown): Powers {
  const asked = text(from, 'powers')
  const scope = optionalText(from, 'scope')?.split(' ') ?? []
  return asked === 'act' && scope.includes('support:act') ? 'act' : 'look'
}

function boundTo(from: unknown): string | undefined {
  const cnf: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, 'cnf') : undefined
  return optionalText(cnf, 'jkt')
}

/** Both must say so here too: the list, and the scope of each. */
function grantedOf(from: unknown): readonly string[] {
  const list: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, 'sensitive_powers') : undefined
  const scope = optionalText(from, 'scope')?.split(' ') ?? []
  return Array.isArray(list)
    ? list.filter((one): one is string => typeof one === 'string' && scope.includes(`support:${one}`))
    : []
}

function assistedOf(from: unknown, until: number, localNow: number): Assisted {
  const act: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, 'act') : undefined
  const now = optionalText(from, 'now') === undefined ? localNow : instant(from, 'now')
  return {
    user: { id: text(from, 'sub'), name: optionalText(from, 'user_name') ?? text(from, 'sub') },
    agent: { id: text(act, 'sub'), name: text(act, 'name') },
    assistanceId: text(from, 'assistance_id'),
    ecosystem: { id: text(from, 'ecosystem_id'), name: optionalText(from, 'ecosystem_name') ?? '' },
    reason: text(from, 'reason'),
    powers: powersOf(from),
    granted: grantedOf(from),
    sid: text(from, 'sid'),
    acr: optionalText(from, 'acr'),
    boundTo: boundTo(from),
    locale: optionalText(from, 'locale'),
    secondsLeft: Math.max(0, Math.ceil((until - now) / 1000)),
  }
}

export function parseIntrospection(
  answer: unknown,
  expected: { readonly issuer: string; readonly clientId: string; readonly now: number },
): Parsed {
  const active: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'active') : undefined
  if (active === false) return { alive: false }
  if (active !== true) return { broken: 'active' }
  try {
    if (text(answer, 'iss') !== expected.issuer) return { broken: 'iss' }
    if (text(answer, 'client_id') !== expected.clientId) return { broken: 'client_id' }
    const until = Math.min(instant(answer, 'ends_at'), instant(answer, 'idle_at'))
    return { alive: true, assisted: assistedOf(answer, until, expected.now), until }
  } catch (error) {
    if (error instanceof Missing) return { broken: error.message }
    throw error
  }
}
