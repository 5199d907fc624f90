/**
 * An assisted surface in front of a Fastify application: `app.register(assistedFastify({ … }))`, before its routes. Fastify
 * hands Node's own requests and answers on, and `express.ts` needs no more: whatever way an answer takes, hooks, streams or
 * `reply.raw`, it passes there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiOptions } from './api.ts'
import type { Assistance } from './assistance.ts'
import {
  type AssistedExpress,
  answerBegins,
  assistanceOf as assistanceOfRaw,
  assistedApiExpress,
  assistedExpress,
  type Said,
} from './express.ts'
import type { Surface, SurfaceOptions } from './surface.ts'

interface Reply {
  readonly raw: ServerResponse
  getHeader(name: string): unknown
}

/** What we need of Fastify. */
interface Application {
  addHook(
    when: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse },
      next: (error?: Error) => void,
    ) => void,
  ): unknown
  addHook(
    when: 'onSend',
    hook: (request: { readonly raw: IncomingMessage }, reply: Reply, payload: unknown, next: () => void) => void,
  ): unknown
  addHook(when: 'onClose', hook: () => Promise<void>): unknown
}

/** A plugin. When the application closes, what waits is told and the line is left. */
export interface AssistedFastify {
  (app: Application, options: object, done: () => void): void
  /** Tells what waits to be told. */
  readonly flush: Surface['flush']
  /** Leaves the line to the issuer, where there is one. */
  readonly close: Surface['close']
}

/** The help that this request is part of; undefined for whoever is not helped by anybody at the moment. */
export const assistanceOf = ({ raw }: { readonly raw: IncomingMessage }): Assistance | undefined => assistanceOfRaw(raw)

/** For a product in a browser. */
export const assistedFastify = (options: SurfaceOptions): AssistedFastify => inFront(assistedExpress(options))

/** For the back end of an app, whose requests bring their own token. */
export const assistedApiFastify = (options: ApiOptions): AssistedFastify => inFront(assistedApiExpress(options))

function inFront(middleware: AssistedExpress): AssistedFastify {
  const { flush, close } = middleware
  const plugin = (app: Application, _options: object, done: () => void): void => {
    app.addHook('onRequest', (request, reply, next) =>
      middleware(request.raw, reply.raw, (error) => next(error as Error | undefined)),
    )
    // A stream of the web for whoever has hung up is dropped before it writes anything, and other hooks may still take their time.
    app.addHook('onSend', (request, reply, payload, next) => {
      const said = saidOf(reply, payload)
      if (said) answerBegins(request.raw, said)
      next()
    })
    app.addHook('onClose', async () => {
      await flush()
      close()
    })
    done()
  }
  // Stands in front of the whole application, and not of what is registered inside the plugin alone.
  return Object.assign(plugin, { flush, close, [Symbol.for('skip-override')]: true })
}

/** Of everything else Node itself hears when it begins, with all that is said of it. */
function saidOf(reply: Reply, payload: unknown): Said | undefined {
  if (payload instanceof Response) return { status: payload.status, type: payload.headers.get('content-type') ?? '' }
  if (!(payload instanceof ReadableStream)) return undefined
  return { status: reply.raw.statusCode, type: String(reply.getHeader('content-type') ?? '') }
}
