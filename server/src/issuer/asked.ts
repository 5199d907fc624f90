/** Requests that the issuer answers itself: parsed once here, trusted behind. */
import type { IncomingMessage } from 'node:http'
import type { Surface, SurfaceClient } from '../policy/policy.ts'
import { newToken, same, tokenDigest } from '../secrets.ts'

/** A request that is refused before anybody looks into it. `status` is the answer's. */
export class Unreadable extends Error {
  readonly status: 400 | 413 | 415
  constructor(status: 400 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

const bodyLimit = 64 * 1024

/** The form of a POST. Throws Unreadable for anything else, for a parameter given twice, and beyond 64 kB. */
export async function formOf(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new Unreadable(415, 'send a form: application/x-www-form-urlencoded')
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new Unreadable(400, 'unreadable body')
    length += chunk.length
    if (length > bodyLimit) throw new Unreadable(413, 'the body is larger than 64 kB')
    chunks.push(chunk)
  }
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString('utf8'))) {
    if (form.has(name)) throw new Unreadable(400, 'a parameter is given twice')
    form.set(name, value)
  }
  return form
}

/** One cookie of a request; a name that is there twice counts as none. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined
}

export interface Client {
  readonly surface: Surface
  readonly client: SurfaceClient
}

/** Who asks, by client_secret_basic (RFC 6749 §2.3.1); undefined for anybody else. Unknown and wrong take the same time. */
export function clientOf(clients: ReadonlyMap<string, Client>, request: IncomingMessage): Client | undefined {
  const [scheme = '', credentials = '', ...rest] = (request.headers.authorization ?? '').split(' ')
  if (scheme.toLowerCase() !== 'basic' || rest.length > 0) return undefined
  const [id, secret] = pairOf(Buffer.from(credentials, 'base64').toString('utf8'))
  const known = clients.get(id)
  const right = same(tokenDigest(secret), tokenDigest(known?.client.secret ?? newToken()))
  return right ? known : undefined
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
