/**
 * An assisted surface in front of an Express application: `app.use(assistedExpress({ … }))`, before its routes and its
 * static files, after compression. It needs nothing of Express, so it fits whatever takes `(request, response, next)`.
 */
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type ApiOptions, api } from './api.ts'
import type { Asked } from './asked.ts'
import type { Assistance } from './assistance.ts'
import { isPart, type Surface, type SurfaceOptions, surface, type Visit } from './surface.ts'

export interface AssistedExpress {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** Tells what waits to be told; for a graceful stop. */
  readonly flush: Surface['flush']
  /** Leaves the line to the issuer, where there is one. */
  readonly close: Surface['close']
}

interface UnderWay {
  readonly assistance: Assistance
  readonly begins: (said: Said) => void
}
/** What an answer says of itself. */
export interface Said {
  readonly status: number
  readonly type: string
}
const underWay = new WeakMap<IncomingMessage, UnderWay>()

/** The help that this request is part of; undefined for whoever is not helped by anybody at the moment. */
export const assistanceOf = (request: IncomingMessage): Assistance | undefined => underWay.get(request)?.assistance

/** For frameworks that hold an answer of which Node has seen nothing yet: the application has begun it, and says this of it. */
export const answerBegins = (request: IncomingMessage, said: Said): void => underWay.get(request)?.begins(said)

/** For a product in a browser. */
export const assistedExpress = (options: SurfaceOptions): AssistedExpress =>
  inFront(surface(options), options.onTrouble ?? (() => {}))

/** For the back end of an app, whose requests bring their own token. */
export const assistedApiExpress = (options: ApiOptions): AssistedExpress =>
  inFront(api(options), options.onTrouble ?? (() => {}))

function inFront({ enter, flush, close }: Surface, trouble: (what: string) => void): AssistedExpress {
  async function middleware(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    const entered = await enter(askedOf(request))
    if (entered.kind === 'answered') return answer(response, entered.response)
    if (entered.kind === 'ordinary') return next()
    const { visit } = entered
    // A page that the browser has already would come without its banner.
    delete request.headers['if-none-match']
    delete request.headers['if-modified-since']
    // Nor could it be put into one that the application has compressed.
    delete request.headers['accept-encoding']
    const answered = answeredOnce(response, visit)
    const begins = whenBegun(response, answered)
    underWay.set(request, { assistance: visit.assistance, begins })
    dress(response, visit, trouble, { begins, answered })
    next()
  }
  const handler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void => {
    middleware(request, response, next).catch(next)
  }
  return Object.assign(handler, { flush, close })
}

/** Tells once that the application has answered, and how: what Node knows of it, where nothing else is said. */
function answeredOnce(response: ServerResponse, visit: Visit): (said?: Said) => void {
  let told = false
  return ({ status, type } = { status: response.statusCode, type: typeOf(response) }) => {
    if (!told) visit.answered(status, isPart(type))
    told = true
  }
}

/**
 * An application has answered with the first sign of its answer, whether or not that arrives: who hangs up early has changed what they
 * changed, and read as far as it came. To whoever has gone already nothing is written any more, and no end may come.
 */
function whenBegun(response: ServerResponse, answered: (said?: Said) => void): (said?: Said) => void {
  let [begun, gone] = [false, response.destroyed]
  let says: Said | undefined
  const begins = (said?: Said): void => {
    begun = true
    says = said
    if (gone) answered(said)
  }
  response.on('pipe', () => begins())
  response.once('close', () => {
    gone = true
    if (begun || response.headersSent) answered(says)
  })
  return begins
}

function askedOf(request: IncomingMessage): Asked {
  // Express takes the mount's path off `url`, and keeps the whole beside it.
  const whole: unknown = Reflect.get(request, 'originalUrl')
  return {
    method: request.method ?? 'GET',
    url: typeof whole === 'string' ? whole : (request.url ?? '/'),
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    form: () => formOf(request),
  }
}

const formAtMost = 32 * 1024

/** Read by us, or by a parser that stands before us. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const parsed: unknown = Reflect.get(request, 'body')
  if (typeof parsed === 'object' && parsed !== null) {
    const texts = Object.entries(parsed).filter((field): field is [string, string] => typeof field[1] === 'string')
    return new URLSearchParams(texts)
  }
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams()
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > formAtMost) return new URLSearchParams()
    chunks.push(bytes)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

async function answer(response: ServerResponse, ours: Response): Promise<void> {
  response.statusCode = ours.status
  for (const [name, value] of ours.headers) if (name !== 'set-cookie') response.setHeader(name, value)
  const cookies = ours.headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.end(await ours.text())
}

// ── The banner, into whatever page the application sends ────────────────────────────────────────────────────────────

/** Pages are held back until they are whole; everything else goes through as it is written. */
function dress(
  response: ServerResponse,
  visit: Visit,
  trouble: (what: string) => void,
  { begins, answered }: { readonly begins: () => void; readonly answered: () => void },
): void {
  const original = {
    write: response.write.bind(response) as (...written: unknown[]) => boolean,
    end: response.end.bind(response) as (...written: unknown[]) => ServerResponse,
    writeHead: response.writeHead.bind(response),
  }
  const chunks: Buffer[] = []
  let sending = false
  const isPage = (): boolean => !sending && !response.headersSent && typeOf(response).startsWith('text/html')

  response.writeHead = (status: number, ...rest: readonly unknown[]) => {
    response.statusCode = status
    keepHeaders(response, rest)
    response.setHeader('Cache-Control', 'no-store')
    begins()
    return isPage() ? response : original.writeHead(status)
  }
  response.write = (...written: unknown[]) => {
    begins()
    if (!isPage()) return original.write(...written)
    chunks.push(bytesOf(written))
    called(written)
    return true
  }
  response.end = (...written: unknown[]) => {
    if (!isPage()) {
      original.end(...written)
      answered()
      return response
    }
    chunks.push(bytesOf(written))
    sending = true
    const encoded = response.getHeader('content-encoding') !== undefined
    if (encoded) trouble('a page was compressed before the banner could be put in: put compression before us')
    const html = encoded ? 'This page cannot be shown during help.' : visit.dressed(Buffer.concat(chunks).toString())
    if (encoded) response.statusCode = 500
    for (const name of ['content-length', 'content-encoding', 'etag', 'last-modified']) response.removeHeader(name)
    original.end(html)
    answered()
    called(written)
    return response
  }
}

const typeOf = (response: ServerResponse): string => String(response.getHeader('content-type') ?? '')

/** `writeHead(status, message?, headers?)`, where headers are an object or a flat list. */
function keepHeaders(response: ServerResponse, rest: readonly unknown[]): void {
  const given = rest.find((each): each is OutgoingHttpHeaders | OutgoingHttpHeader[] => typeof each === 'object')
  if (given === undefined || given === null) return
  const pairs: readonly (readonly [string, unknown])[] = Array.isArray(given)
    ? given.flatMap((name, at) => (at % 2 === 0 ? [[String(name), given[at + 1]] as const] : []))
    : Object.entries(given)
  for (const [name, value] of pairs)
    if (value !== undefined) response.setHeader(name, value as string | number | readonly string[])
}

function bytesOf([chunk, encoding]: readonly unknown[]): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8')
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.alloc(0)
}

const called = (written: readonly unknown[]): void => {
  const callback = written.find((each) => typeof each === 'function')
  if (typeof callback === 'function') callback()
}
