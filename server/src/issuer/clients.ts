/** The back ends of products, and what they prove themselves with: a key of their own, or a secret, and for a while the one before it. */
import type { IncomingMessage } from 'node:http'
import { type Database, statement } from '../database/database.ts'
import { assertionIn, assertionType, type ByAssertion } from '../http/assertions.ts'
import type { Surface, SurfaceClient } from '../policy/policy.ts'
import { newToken, same, tokenDigest } from '../secrets.ts'
import { aForm, formKept, typeOf } from './asked.ts'

export interface Client {
  readonly surface: Surface
  readonly client: SurfaceClient
}

const waysAtMost = 100

/**
 * Who asks, remembered by the digest of what proved it once: the secret is taken apart and compared no more, and an assertion
 * verified no more while it lives. What is remembered are the ways in which known clients spelt what was right, a few for
 * each. A former secret is not remembered: it is asked each time whether it still counts.
 */
export function backEndsOf(
  clients: ReadonlyMap<string, Client>,
  formerCounts: (client: Client) => Promise<boolean>,
  byAssertion: ByAssertion<Client>,
): (request: IncomingMessage) => Client | undefined | Promise<Client | undefined> {
  const proved = new Map<string, { readonly client: Client; readonly until: number }>()
  const remember = (name: string, client: Client, until: number): Client => {
    if (proved.size >= waysAtMost) proved.clear()
    proved.set(name, { client, until })
    return client
  }
  const shown = (how: string): Client | undefined | Promise<Client | undefined> => {
    const name = tokenDigest(how).toString('latin1')
    const known = proved.get(name)
    if (known && known.until > Date.now()) return known.client
    const assertion = assertionIn(how)
    if (assertion !== undefined)
      return byAssertion(assertion).then((found) => found && remember(name, found.client, found.until))
    const { client, by } = clientOf(clients, how)
    if (!client || by === undefined) return undefined
    if (by === 'former') return formerCounts(client).then((counts) => (counts ? client : undefined))
    return remember(name, client, Number.POSITIVE_INFINITY)
  }
  return (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) return shown(authorization)
    return typeOf(request) === aForm
      ? assertedIn(request).then((how) => (how === undefined ? undefined : shown(how)))
      : undefined
  }
}

/** The assertion of a form, as the standard has it (RFC 7521 §4.2), spelt as it would be in the header. */
async function assertedIn(request: IncomingMessage): Promise<string | undefined> {
  const form = await formKept(request)
  const assertion = form.get('client_assertion')
  return assertion !== undefined && form.get('client_assertion_type') === assertionType
    ? `Bearer ${assertion}`
    : undefined
}

/** Who asks by client_secret_basic (RFC 6749 §2.3.1), and which of their secrets they showed. */
function clientOf(clients: ReadonlyMap<string, Client>, authorization: string) {
  const [scheme = '', credentials = '', ...rest] = authorization.split(' ')
  const basic = scheme.toLowerCase() === 'basic' && rest.length === 0
  const [id, secret] = pairOf(Buffer.from(basic ? credentials : '', 'base64').toString('utf8'))
  const client = clients.get(id)
  return { client, by: secretShown(client?.client, secret) }
}

function pairOf(text: string): readonly [string, string] {
  const colon = text.indexOf(':')
  if (colon < 0) return ['', '']
  try {
    const decoded = (part: string) => decodeURIComponent(part.replaceAll('+', ' '))
    return [decoded(text.slice(0, colon)), decoded(text.slice(colon + 1))]
  } catch {
    return ['', '']
  }
}

/** Which of a client's secrets this is; undefined where it is none. Unknown, wrong and right take the same time. */
export function secretShown(client: SurfaceClient | undefined, shown: string): 'now' | 'former' | undefined {
  const is = (known: string | undefined) => same(tokenDigest(shown), tokenDigest(known ?? newToken()))
  const [now, former] = [is(client?.secret), is(client?.former?.secret)]
  if (now) return 'now'
  return former ? 'former' : undefined
}

const early = statement('issuer.former_secret', 'select where app_now() < $1')

/**
 * Whether a client's former secret still counts, by the database's clock. That it was shown is told once in each process:
 * that product does not know its new one yet.
 */
export function formerSecrets(db: Database, tell: (about: { readonly surface: string }) => void) {
  const told = new Set<string>()
  return async ({ surface, client }: Client): Promise<boolean> => {
    if (!client.former || (await db.query(early, [client.former.until])).length === 0) return false
    if (!told.has(client.id)) tell({ surface: surface.id })
    told.add(client.id)
    return true
  }
}
