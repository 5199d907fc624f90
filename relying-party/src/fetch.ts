/**
 * An assisted surface in front of whatever answers a `Request` with a `Response`: a route handler, a worker, a server of
 * one's own. `const answer = assistedFetch({ … })`, then `answer(request, (request, assistance) => …)` for each request.
 */
import type { Asked } from './asked.ts'
import type { Assistance } from './assistance.ts'
import { isPart, type Surface, type SurfaceOptions, surface, type Visit } from './surface.ts'

/** The application. `assistance` is undefined for whoever is not helped by anybody at the moment. */
export type Application = (request: Request, assistance: Assistance | undefined) => Promise<Response> | Response

export interface AssistedFetch {
  (request: Request, application: Application): Promise<Response>
  /** Tells what waits to be told; for a graceful stop. */
  readonly flush: Surface['flush']
  /** Leaves the line to the issuer, where there is one. */
  readonly close: Surface['close']
}

/** For a product in a browser. */
export function assistedFetch(options: SurfaceOptions): AssistedFetch {
  const { enter, flush, close } = surface(options)
  const answer = async (request: Request, application: Application): Promise<Response> => {
    const entered = await enter(askedOf(request))
    if (entered.kind === 'answered') return entered.response
    if (entered.kind === 'ordinary') return application(request, undefined)
    const { visit } = entered
    const response = await application(new Request(request, { headers: whole(request.headers) }), visit.assistance)
    visit.answered(response.status, isPart(response.headers.get('content-type')))
    return dressed(response, visit)
  }
  return Object.assign(answer, { flush, close })
}

/** A page that the browser has already would come without its banner. */
export function whole(asked: Headers): Headers {
  const headers = new Headers(asked)
  for (const name of ['if-none-match', 'if-modified-since']) headers.delete(name)
  return headers
}

async function dressed(response: Response, visit: Visit): Promise<Response> {
  const headers = new Headers(response.headers)
  headers.set('Cache-Control', 'no-store')
  const { status, statusText } = response
  if (!headers.get('content-type')?.startsWith('text/html') || response.body === null)
    return new Response(response.body, { status, statusText, headers })
  for (const name of ['content-length', 'etag', 'last-modified']) headers.delete(name)
  return new Response(visit.dressed(await response.text()), { status, statusText, headers })
}

export function askedOf(request: Request): Asked {
  const { pathname, search } = new URL(request.url)
  return {
    method: request.method,
    url: pathname + search,
    header: (name) => request.headers.get(name) ?? undefined,
    async form() {
      const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')
      return new URLSearchParams(isForm ? await request.text() : '')
    },
  }
}
