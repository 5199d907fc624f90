/** Requests that the issuer answers itself: parsed once here, trusted behind. */
import type { IncomingMessage } from 'node:http'
import type { Surface, SurfaceClient } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { isNoText } from '../words.ts'
import { secretShown } from './client-secrets.ts'

/** A request that is refused before anybody looks into it. `status` is the answer's. */
export class Unreadable extends Error {
  readonly status: 400 | 413 | 415
  constructor(status: 400 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

const bodyLimit = 64 * 1024
/** A hundred acts of 140 characters in two languages, in whatever writing. */
const jsonLimit = 256 * 1024

/** The form of a POST. Throws Unreadable for anything else, for a parameter given twice, and beyond 64 kB. */
export async function formOf(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const text = await textOf(request, 'application/x-www-form-urlencoded', bodyLimit)
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) throw new Unreadable(400, 'a parameter is given twice')
    if (isNoText(value)) throw new Unreadable(400, 'a parameter holds characters that are none')
    form.set(name, value)
  }
  return form
}

/** The JSON of a POST. Throws Unreadable for anything else, and beyond 256 kB. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const text = await textOf(request, 'application/json', jsonLimit)
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreadable(400, 'this is not JSON')
  }
}

async function textOf(request: IncomingMessage, wanted: string, limit: number): Promise<string> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== wanted) throw new Unreadable(415, `send ${wanted}`)
  return (await bytesOf(request, limit)).toString('utf8')
}

/** The whole body, read as it comes: an iterator over it costs more than everything else that a check does. */
const bytesOf = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = (act: () => void): void => {
      request.off('data', take).off('end', whole).off('error', broken).off('close', broken)
      act()
    }
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
      length += chunk.length
      if (length <= limit) return
      request.pause()
      settle(() => reject(new Unreadable(413, `the body is larger than ${limit / 1024} kB`)))
    }
    const whole = (): void =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    const broken = (): void => settle(() => reject(new Unreadable(400, 'unreadable body')))
    request.on('data', take).on('end', whole).on('error', broken).on('close', broken)
  })

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

const waysAtMost = 100

/**
 * Who asks, remembered by the digest of what proved it once: the secret is taken apart and compared no more. What is
 * remembered are the ways in which known clients spelt a right secret, a few for each. A former secret is not remembered:
 * it is asked each time whether it still counts.
 */
export function backEndsOf(
  clients: ReadonlyMap<string, Client>,
  formerCounts: (client: Client) => Promise<boolean>,
): (request: IncomingMessage) => Client | undefined | Promise<Client | undefined> {
  const proved = new Map<string, Client>()
  return (request) => {
    const { authorization } = request.headers
    if (authorization === undefined) return undefined
    const name = tokenDigest(authorization).toString('latin1')
    const known = proved.get(name)
    if (known) return known
    const { client, by } = clientOf(clients, authorization)
    if (!client || by === undefined) return undefined
    if (by === 'former') return formerCounts(client).then((counts) => (counts ? client : undefined))
    if (proved.size >= waysAtMost) proved.clear()
    proved.set(name, client)
    return client
  }
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
