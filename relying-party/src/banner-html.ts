/** The banner and the cover page as HTML from the server: complete without JavaScript; `banner.js` makes them live. */
import type { Assisted } from './check.ts'
import { type Language, supportOf, words } from './words.ts'

/** Where the surface serves what the banner needs. */
export interface BannerPlaces {
  readonly end: string
  /** Answers `{secondsLeft, assistanceId}` while the session of this browser lives, and 401 when it has ended. */
  readonly status: string
  readonly style: string
  readonly script: string
  /** Answers the cover page with the headers of the end, once the status says so. */
  readonly cover: string
  readonly console: string
}

export const bannerPlaces = (consoleUrl: string): BannerPlaces => ({
  end: '/assisted/end',
  status: '/assisted/status',
  style: '/assisted/banner.css',
  script: '/assisted/banner.js',
  cover: '/assisted/ended',
  console: consoleUrl,
})

export interface BannerOptions {
  readonly places: BannerPlaces
  /** The vendor's name, put before "support". */
  readonly company?: string
  /** Said by the banner's status line: why what was just tried was refused. */
  readonly said?: string
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)

export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function endForm(language: Language, csrf: string, action: string): string {
  return `<form class="end" method="post" action="${escaped(action)}">
<input type="hidden" name="csrf" value="${escaped(csrf)}"><button>${words(language)('endNow')}</button></form>`
}

function hiddenCovers(language: Language, consoleUrl: string): string {
  const say = words(language)
  return `<div class="cover" part="paused" id="paused" hidden><div><p class="h" role="alert">${say('paused')}</p>
<p>${say('pausedWhat')}</p></div></div>
<div class="cover" id="cover" hidden>${coverBody(language, consoleUrl)}</div>`
}

function coverBody(language: Language, consoleUrl: string, extra = ''): string {
  const say = words(language)
  return `<div><h1 class="h" tabindex="-1">${say('ended')}</h1><p>${say('endedWhat')}</p>${extra}
<p><a class="back" href="${escaped(consoleUrl)}" rel="noreferrer">${say('back')}</a></p></div>`
}

/**
 * Goes first into `<body>`, after the skip link; the page's `<head>` takes `bannerHead`.
 * The shadow root comes with the HTML, so the page's own CSS cannot reach inside, with or without JavaScript.
 */
export function bannerHtml(assisted: Assisted, language: Language, csrf: string, options: BannerOptions): string {
  const say = words(language)
  const { places, company, said = '' } = options
  const support = escaped(supportOf(company, language))
  const reason = `<bdi>${escaped(assisted.reason)}</bdi>`
  return `<amparo-banner lang="${language}" data-status="${escaped(places.status)}" data-cover="${escaped(places.cover)}"
 data-assistance="${escaped(assisted.assistanceId)}" data-seconds-left="${assisted.secondsLeft}" data-ended-title="${say('ended')}"><template shadowrootmode="open">
<link rel="stylesheet" href="${escaped(places.style)}">
<div class="bar" role="region" aria-label="${say('label')}">
<p class="who"><span class="flag" aria-hidden="true">⚑</span> <b><bdi>${escaped(assisted.agent.name)}</bdi></b> (${support})
 ${say('isIn')} <b><bdi>${escaped(assisted.user.name)}</bdi></b>
 <span class="powers">${say(assisted.powers)}</span></p>
<p class="reason">“${reason}”</p>
<details class="why"><summary>${say('why')}</summary><p>${reason}</p></details>
<p class="left"><span role="timer" aria-live="off" id="left">${clock(assisted.secondsLeft)}</span> <span class="word">${say('left')}</span></p>
${endForm(language, csrf, places.end)}
<p class="said" role="status" id="said">${escaped(said)}</p>
</div>
${hiddenCovers(language, places.console)}</template></amparo-banner>`
}

export function bannerHead(places: BannerPlaces): string {
  return `<script type="module" src="${escaped(places.script)}"></script>`
}

export interface CoverOptions {
  readonly places: BannerPlaces
  /** The issuer did not confirm the end that was asked for here. */
  readonly unconfirmed?: boolean
  /** HTML of the surface's own, below the link; not escaped. */
  readonly more?: string
}

/** A whole page, to be sent with `endedHeaders`. It names nobody. */
export function coverHtml(language: Language, { places, unconfirmed = false, more = '' }: CoverOptions): string {
  const say = words(language)
  const extra = unconfirmed ? `<p role="alert">${say('notConfirmed')}</p>` : ''
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say('ended')}</title><link rel="stylesheet" href="${escaped(places.style)}"></head>
<body class="covered"><main class="cover">${coverBody(language, places.console, extra)}${more}</main></body></html>`
}
