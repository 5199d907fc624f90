/**
 * What every double of a service of AWS stands on: an HTTP server that wants a signed request as AWS does, and faults
 * that a test plans. A signature's form, its service and its age are looked at.
 *
 * What it does not do: TLS, other regions, looking whether a signature is right for its key and its request, whether its
 * holder may (no policy is read), and limits that nobody planned.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What goes wrong with a call. `cut`: it counts, and its answer is lost. */
export type Fault =
  | { readonly kind: 'throttled' | 'broken' | 'cut' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'says'; readonly reply: Reply }

export interface Faults {
  /** The next calls meet this fault, as often as said. */
  plan(fault: Fault, times?: number): void
  clear(): void
  /** How many calls are still to meet the fault that was planned for them. */
  left(): number
}

export interface Service extends Faults {
  readonly url: string
  close(): Promise<void>
}

export interface Manners {
  readonly service: string
  answer(request: Request): Reply | Promise<Reply>
  /** How this service says no. */
  says(status: number, word: string, message: string): Reply
  readonly throttled: string
  /** Calls that meet no fault: those that only ask. */
  spared?(request: Request): boolean
}

export async function startService(port: number, manners: Manners): Promise<Service> {
  const planned: { fault: Fault; left: number }[] = []
  const next = (): Fault | undefined => {
    const one = planned.find(({ left }) => left > 0)
    if (one) one.left -= 1
    return one?.fault
  }
  const server = createServer((incoming, response) => {
    void meet(incoming, response).catch(() => response.destroy())
  })
  async function meet(incoming: IncomingMessage, response: ServerResponse) {
    const request = await read(incoming)
    const unsigned = unsignedFor(manners.service, request)
    if (unsigned) return reply(response, manners.says(403, ...unsigned))
    const fault = manners.spared?.(request) ? undefined : next()
    if (fault?.kind === 'throttled') return reply(response, manners.says(429, manners.throttled, 'Rate exceeded'))
    if (fault?.kind === 'broken')
      return reply(response, manners.says(500, 'InternalFailure', 'An internal error occurred'))
    if (fault?.kind === 'says') return reply(response, fault.reply)
    const answered = await manners.answer(request)
    if (fault?.kind === 'cut') return response.destroy()
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms).unref())
    return reply(response, answered)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: (fault, times = 1) => void planned.push({ fault, left: times }),
    clear: () => void planned.splice(0),
    left: () => planned.reduce((sum, { left }) => sum + left, 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const skewMs = 5 * 60_000

/** Signature Version 4, as far as its form goes: why this request is none, or undefined. */
export function unsignedFor(service: string, { headers }: Pick<Request, 'headers'>): [string, string] | undefined {
  const scope =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}$/.exec(
      headers.authorization ?? '',
    )
  if (!scope) return ['MissingAuthenticationTokenException', 'Missing Authentication Token']
  if (scope[1] !== service)
    return ['InvalidSignatureException', `Credential should be scoped to correct service: '${service}'.`]
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? []
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  if (!(Math.abs(Date.now() - at) < skewMs)) return ['InvalidSignatureException', 'Signature expired']
  return undefined
}

export async function read(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  const { method = 'GET', url = '/', headers } = incoming
  return { method, path: url, headers, body: Buffer.concat(parts) }
}

export const reply = (response: ServerResponse, { status, headers, body }: Reply): void =>
  void response.writeHead(status, headers).end(body)

/** How the services that speak JSON say no. */
export const jsonError = (status: number, word: string, message: string): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': word },
  body: JSON.stringify({ __type: word, message }),
})
export const json = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
