/**
 * An assisted surface in front of a Next application: `proxy.ts` (`middleware.ts` before Next 16) hands each request over,
 * and what Next then renders is told whose help it is part of. Next lets nobody change a page on its way out: the root
 * layout shows the banner that it is given here.
 */
import { createHmac } from 'node:crypto'
import type { Assistance } from './assistance.ts'
import { bannerHtml, bannerPlaces, dressed } from './banner-html.ts'
import { meansOf, ownSecret } from './client-proof.ts'
import { askedOf, whole } from './fetch.ts'
import { sameSecret } from './secrets.ts'
import { type Surface, type SurfaceOptions, surface, type Visit } from './surface.ts'

export type NextOptions = SurfaceOptions & {
  /** `NextResponse.next`: lets a request go on, with these headers in place of its own. */
  next(init: { readonly request: { readonly headers: Headers } }): Response
}

export interface AssistedNext {
  /** In front of everything, on Node's runtime. */
  proxy(request: Request): Promise<Response>
  /** What a request's headers say; undefined for whoever is not helped by anybody at the moment. */
  assistance(headers: ReadHeaders): Assistance | undefined
  /** The banner of this request's page, first in its body; empty where there is no help. */
  banner(headers: ReadHeaders): string
  /** Tells what waits to be told. */
  readonly flush: Surface['flush']
  /** Leaves the line to the issuer, where there is one. */
  readonly close: Surface['close']
}

/** `request.headers` of a route handler, `await headers()` of a page. */
export type ReadHeaders = Pick<Headers, 'get'>

/** From the proxy to what is behind it. Whoever sends one of their own has no seal for it. */
const helpHeader = 'amparo-help'
/** From the proxy to the page it takes milliseconds: what is older was copied from somewhere. */
const believedMs = 60_000

interface Help extends Pick<Visit, 'assistance' | 'refusals'> {
  readonly at: number
}

/** Files by their endings, and the pictures that Next makes smaller: its pages have neither. */
const isPartByAddress = (path: string): boolean =>
  /\/_next\/image$|\.(?:png|jpe?g|gif|webp|avif|svg|ico|css|m?js|woff2?|ttf|otf|mp[34]|webm|ogg|wav|webmanifest)$/i.test(
    path,
  )

export function assistedNext(options: NextOptions): AssistedNext {
  const { company } = options
  const places = bannerPlaces(options.console)
  // Pages load this module too, and need no surface: only the proxy does.
  let front: Surface | undefined
  const sealing = ownSecret(meansOf(options), helpHeader)
  const seal = (text: string) => createHmac('sha256', sealing).update(`${helpHeader}.${text}`).digest('base64url')

  function handedOver({ assistance, refusals }: Visit): string {
    const help: Help = { at: Date.now(), assistance, refusals }
    const text = Buffer.from(JSON.stringify(help)).toString('base64url')
    return `${text}.${seal(text)}`
  }

  function helpIn(headers: ReadHeaders): Help | undefined {
    const [text = '', sealed] = headers.get(helpHeader)?.split('.') ?? []
    if (!sameSecret(sealed, seal(text))) return undefined
    // Ours, as the seal says.
    const help: Help = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Math.abs(Date.now() - help.at) <= believedMs ? help : undefined
  }

  return {
    async proxy(request) {
      front ??= surface(options)
      const entered = await front.enter(askedOf(request))
      if (entered.kind === 'answered') return entered.response
      const headers = entered.kind === 'ordinary' ? new Headers(request.headers) : whole(request.headers)
      headers.delete(helpHeader)
      if (entered.kind === 'ordinary') return options.next({ request: { headers } })
      const { visit } = entered
      headers.set(helpHeader, handedOver(visit))
      // Nobody tells a proxy what became of a request: what was let through is told, and its address says what it is.
      visit.answered(200, isPartByAddress(new URL(request.url).pathname))
      const response = options.next({ request: { headers } })
      response.headers.set('Cache-Control', 'no-store')
      return response
    },
    assistance: (headers) => helpIn(headers)?.assistance,
    banner(headers) {
      const help = helpIn(headers)
      if (!help) return ''
      const { assistance, refusals } = help
      const more = { places, refusals, ...(company !== undefined && { company }) }
      return dressed('', bannerHtml(assistance, assistance.language, assistance.csrf, more), places)
    },
    flush: async () => front?.flush(),
    close: () => front?.close(),
  }
}
