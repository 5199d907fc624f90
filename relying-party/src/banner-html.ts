/** The banner and the cover page as HTML from the server: complete without JavaScript; `banner.js` makes them live. */
import type { Assisted } from './check.ts'
import { grantedIn, type Language, supportOf, words } from './words.ts'

/** Where the surface serves what the banner needs. */
export interface BannerPlaces {
  readonly end: string
  /** Answers `{secondsLeft, assistanceId}` while the session of this browser lives, and 401 when it has ended. */
  readonly status: string
  readonly style: string
  readonly script: string
  /** Answers the cover page with the headers of the end, once the status says so; none where the browser keeps nothing. */
  readonly cover: string | undefined
  /** Where the cover leads back to. */
  readonly after: AfterHelp
}
/** Back to the console, or forget the assisted session of this browser; on a phone, back to the app's own beginning. */
export type AfterHelp =
  | { readonly in: 'browser'; readonly console: string; readonly leave: string }
  | { readonly in: 'app'; readonly home: string }

const everywhere = {
  end: '/assisted/end',
  status: '/assisted/status',
  style: '/assisted/banner.css',
  script: '/assisted/banner.js',
} as const

/** For a product that the console opens in the agent's browser. */
export const bannerPlaces = (consoleUrl: string): BannerPlaces => ({
  ...everywhere,
  cover: '/assisted/ended',
  after: { in: 'browser', console: consoleUrl, leave: '/assisted/leave' },
})

/** For an app, which holds its token itself and in memory alone. */
export const appPlaces = (home: string): BannerPlaces => ({
  ...everywhere,
  cover: undefined,
  after: { in: 'app', home },
})

export interface WordsForPeople {
  readonly language: Language
  readonly title: string
  readonly sentence: string
  /** A path of the product. */
  readonly back: { readonly href: string; readonly text: string }
}

export interface BannerOptions {
  readonly places: BannerPlaces
  /** The vendor's name, put before "support". */
  readonly company?: string
  /** Said by the banner's status line: why what was just tried was refused. */
  readonly said?: string
  /** How many refusals there were so far; the status tells the page of later ones. */
  readonly refusals?: number
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

function hiddenCovers(language: Language, places: BannerPlaces): string {
  const say = words(language)
  return `<div class="cover" part="paused" id="paused" hidden><div><p class="h" role="alert">${say('paused')}</p>
<p>${say('pausedWhat')}</p></div></div>
<div class="cover" role="main" id="cover" hidden>${coverBody(language, places, notConfirmed(language))}</div>`
}

/** Shown by an app's banner, whose *End now* covers at once and hears afterwards whether the issuer confirmed it. */
const notConfirmed = (language: Language): string =>
  `<p role="alert" id="unconfirmed" hidden>${words(language)('notConfirmed')}</p>`

function coverBody(language: Language, { after }: BannerPlaces, extra = ''): string {
  const say = words(language)
  return `<div><h1 class="h" tabindex="-1">${say('ended')}</h1><p>${say('endedWhat')}</p>${extra}
${after.in === 'app' ? backToApp(language, after.home) : backToConsole(language, after)}</div>`
}

const backToApp = (language: Language, home: string): string =>
  `<p><a class="back" href="${escaped(home)}">${words(language)('backToApp')}</a></p>`

const backToConsole = (language: Language, { console, leave }: AfterHelp & { readonly in: 'browser' }): string =>
  `<p><a class="back" href="${escaped(console)}" rel="noreferrer">${words(language)('back')}</a></p>
<form class="plain" method="post" action="${escaped(leave)}"><button>${words(language)('asYourself')}</button></form>`

/** What is said aloud of the time left, and nothing else of it. */
function milestones(language: Language): string {
  const say = words(language)
  const spoken = { 120: say('minutes2'), 60: say('minute1'), 20: say('seconds20'), 0: say('closed') }
  return escaped(JSON.stringify(spoken))
}

function timeLeft(language: Language, secondsLeft: number): string {
  const timer = `<span role="timer" aria-live="off" id="left">${clock(secondsLeft)}</span>`
  return words(language)('left').replace('{time}', timer)
}

/**
 * Goes first into `<body>`, after the skip link. The shadow root comes with the HTML, so the page's own CSS cannot reach
 * inside, with or without JavaScript.
 */
export function bannerHtml(assisted: Assisted, language: Language, csrf: string, options: BannerOptions): string {
  const say = words(language)
  const { places, company, said = '', refusals = 0 } = options
  const support = escaped(supportOf(company, language))
  const reason = `<bdi>${escaped(assisted.reason)}</bdi>`
  const may = [say(assisted.powers), ...(assisted.granted ?? []).map((act) => grantedIn(language, act))]
    .map(escaped)
    .join(' · ')
  return `<amparo-banner lang="${language}" data-status="${escaped(places.status)}" data-cover="${escaped(places.cover ?? '')}"
 data-assistance="${escaped(assisted.assistanceId)}" data-seconds-left="${assisted.secondsLeft}" data-refusals="${refusals}"
 data-milestones="${milestones(language)}" data-ended-title="${say('ended')}"><template shadowrootmode="open">
<link rel="stylesheet" href="${escaped(places.style)}">
<div class="bar" role="region" aria-label="${say('label')}" id="bar">
<div class="text"><p class="who"><span class="flag" aria-hidden="true">⚑</span> <b><bdi>${escaped(assisted.agent.name)}</bdi></b> <span class="support">(${support})</span>
 <span class="is-in">${say('isIn')}</span> <span class="to" aria-hidden="true">→</span> <b><bdi>${escaped(assisted.user.name)}</bdi></b></p>
<p class="reason">“${reason}” <span class="powers">${may}</span></p></div>
<details class="why"><summary>${say('why')}</summary><p>“${reason}” · ${support} · ${may}</p></details>
<p class="left">${timeLeft(language, assisted.secondsLeft)}</p>
${endForm(language, csrf, places.end)}
<p class="said" role="status" id="said">${escaped(said)}</p>
</div>
<p class="spoken" role="status" id="spoken"></p>
${hiddenCovers(language, places)}</template></amparo-banner>`
}

export function bannerHead(places: BannerPlaces): string {
  return `<script type="module" src="${escaped(places.script)}"></script>`
}

/**
 * A page with the banner and its script in it: in place of `<amparo-banner></amparo-banner>` where the page says so (after
 * its skip link), else first in its body.
 */
export function dressed(html: string, banner: string, places: BannerPlaces): string {
  const parts = `${banner}${bannerHead(places)}`
  for (const place of [/<amparo-banner><\/amparo-banner>/, /<body\b[^>]*>/i, /^\s*<!doctype[^>]*>/i]) {
    const found = place.exec(html)
    if (!found) continue
    const kept = found[0].startsWith('<amparo') ? '' : found[0]
    return `${html.slice(0, found.index)}${kept}${parts}${html.slice(found.index + found[0].length)}`
  }
  return parts + html
}

function whole(language: Language, title: string, body: string, places: BannerPlaces): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="stylesheet" href="${escaped(places.style)}"></head>
<body class="covered">${body}</body></html>`
}

export interface CoverOptions {
  readonly places: BannerPlaces
  /** The issuer did not confirm the end that was asked for here. */
  readonly unconfirmed?: boolean
}

/** A whole page, to be sent with `endedHeaders`. It names nobody. */
export function coverHtml(language: Language, { places, unconfirmed = false }: CoverOptions): string {
  const say = words(language)
  const extra = unconfirmed ? `<p role="alert">${say('notConfirmed')}</p>` : ''
  return whole(language, say('ended'), `<main class="cover">${coverBody(language, places, extra)}</main>`, places)
}

/** For products without a page of their own for it: what cannot be shown or done, and a way back. */
export function plainPage(what: WordsForPeople, places: BannerPlaces): string {
  const body = `<main class="cover plain-page"><div><h1 class="h">${escaped(what.title)}</h1><p>${escaped(what.sentence)}</p>
<p><a class="back" href="${escaped(what.back.href)}">${escaped(what.back.text)}</a></p></div></main>`
  return whole(what.language, what.title, body, places)
}
