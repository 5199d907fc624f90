/** An assisted surface in front of a Hono application: `app.use(assistedHono({ … }))`, before its routes. */
import type { Context, MiddlewareHandler } from 'hono'
import { type ApiOptions, api } from './api.ts'
import type { Asked } from './asked.ts'
import type { Assistance } from './assistance.ts'
import { isPart, type Surface, type SurfaceOptions, surface } from './surface.ts'

export interface AssistedEnv {
  /** Undefined for whoever is not helped by anybody at the moment. */
  Variables: { assistance: Assistance | undefined }
}

export interface AssistedHono extends MiddlewareHandler<AssistedEnv> {
  /** Tells what waits to be told; for a graceful stop. */
  readonly flush: Surface['flush']
  /** Leaves the line to the issuer, where there is one. */
  readonly close: Surface['close']
}

/** For a product in a browser. */
export const assistedHono = (options: SurfaceOptions): AssistedHono => inFront(surface(options))

/** For the back end of an app, whose requests bring their own token. */
export const assistedApiHono = (options: ApiOptions): AssistedHono => inFront(api(options))

function inFront({ enter, flush, close }: Surface): AssistedHono {
  const middleware: MiddlewareHandler<AssistedEnv> = async (c, next) => {
    const entered = await enter(askedOf(c))
    if (entered.kind === 'answered') return entered.response
    c.set('assistance', entered.kind === 'assisted' ? entered.visit.assistance : undefined)
    await next()
    if (entered.kind === 'ordinary') return
    const { visit } = entered
    visit.answered(c.res.status, isPart(c.res.headers.get('content-type')))
    c.res.headers.set('Cache-Control', 'no-store')
    if (!c.res.headers.get('content-type')?.startsWith('text/html') || c.res.body === null) return
    const headers = new Headers(c.res.headers)
    headers.delete('content-length')
    const { status } = c.res
    const html = visit.dressed(await c.res.text())
    c.res = undefined
    c.res = new Response(html, { status, headers })
  }
  return Object.assign(middleware, { flush, close })
}

function askedOf(c: Context): Asked {
  const { pathname, search } = new URL(c.req.url)
  return {
    method: c.req.method,
    url: pathname + search,
    header: (name) => c.req.header(name),
    async form() {
      const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')
      return new URLSearchParams(isForm ? await c.req.text() : '')
    },
  }
}
