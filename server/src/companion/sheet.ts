/** What every page of the user's side shares: the frame with its two languages, the buttons, the way words are said. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { html } from 'hono/html'
import { inLanguage } from '../words.ts'
import type { Act, HistoryAct } from './companion.ts'
import { hour, zone } from './telling.ts'
import { type Word, words } from './words.ts'

export type Html = ReturnType<typeof html>
export const nothing = ''

/** For whom and where a page is made. */
export interface Sheet {
  readonly language: Language
  readonly vendor: { readonly name: string; readonly phone: string; readonly timeZone?: string | undefined }
  /** What the agent does in a product keeps it open as well. */
  readonly actsCount?: boolean | undefined
  /** Where the style sheet and the script are, with their versions. */
  readonly style: string
  readonly script: string
  /** The page's own path (`/c/K7…`), where it has one. */
  readonly path?: string | undefined
  /** Where under it this page is, if it is not the page itself. */
  readonly at?: string | undefined
  /** What the person chose in the address, or was reading (`was`): kept in every link and form. */
  readonly chosen?: {
    readonly lang?: Language | undefined
    readonly still?: boolean | undefined
    readonly was?: string | undefined
  }
}

export interface Page {
  readonly html: Html
  /** The database's clock as the page was made: the script counts down from it. */
  readonly now?: Date | undefined
}

/** One state of the page, before it is framed. */
export interface Parts {
  readonly title: string
  readonly main: Html
  readonly state: string
  /** What somebody typed, where this page answers it: the other language answers it again. */
  readonly typed?: string | undefined
  /** Something may change without the person: the script asks again every so many seconds. */
  readonly live?: number | undefined
  /** The same without scripts, where the browser reloads the page. */
  readonly refresh?: number | undefined
  /** The terms that are shown. */
  readonly terms?: string | undefined
  /** The end that is counted down to in the last two minutes. */
  readonly endsAt?: Date | undefined
  readonly now?: Date | undefined
  /** By itself, at the end of a clock: then the script says so. */
  readonly closedByClock?: boolean | undefined
}

const icons = {
  no: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12"/></svg>`,
  yes: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M20 6 9 17l-5-5"/></svg>`,
  stop: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z"/></svg>`,
  phone: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 3h4l2 5-2.5 2a12 12 0 0 0 5.5 5.5L16 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2z"/></svg>`,
} as const
const isIcon = (look: string): look is keyof typeof icons => Object.hasOwn(icons, look)
export const icon = (name: keyof typeof icons): Html => icons[name]

/** A form of one button: it works without scripts, and each act is its own address. */
export function button(act: Act | HistoryAct, word: Word, sheet: Sheet, look: string, more: Html | '' = nothing): Html {
  const { t } = speaker(sheet, '')
  return html`<form method="post" action="${under(sheet, act)}">${more}<button class="${look}">${isIcon(look) ? icons[look] : nothing}<span>${t(word)}</span></button></form>`
}

/** Lets the person choose that the page stands still. */
function calm(sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const still = sheet.chosen?.still === true
  return html`<p><a href="${here(sheet, { still: !still })}">${t(still ? 'page.live' : 'page.calm')}</a></p>`
}

const inWords = { en: 'English', es: 'Español' } as const

export function frame(sheet: Sheet, parts: Parts): Page {
  const { t } = speaker(sheet, '')
  const { language, vendor } = sheet
  const { title, main, state, now } = parts
  const other = language === 'en' ? 'es' : 'en'
  const still = sheet.chosen?.still === true
  const told = state === 'plain' || state === 'ended'
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
<title>${title} · ${vendor.name}</title>
<link rel="stylesheet" href="${sheet.style}">
${parts.refresh !== undefined && !still ? html`<noscript><meta http-equiv="refresh" content="${parts.refresh}"></noscript>` : nothing}
${sheet.path === undefined || state === 'history' ? nothing : html`<script src="${sheet.script}" defer></script>`}
</head>
<body class="${state}">
<header>
<p class="brand">${vendor.name}</p>
<nav aria-label="${t('page.language')}"><span lang="${language}" aria-current="true">${inWords[language]}</span> ${toOther(sheet, other, parts.typed)}</nav>
</header>
<p id="strip" class="strip" role="alert"></p>
<p id="said" class="said" role="status"></p>
<main${attributesOf(sheet, parts, still)}>${main}</main>
${
  state === 'plain' && parts.live === undefined
    ? nothing
    : html`<footer>
${told ? nothing : html`<p>${call('page.call', sheet)}</p>`}
${parts.live === undefined ? nothing : calm(sheet)}
${state === 'plain' ? nothing : html`<p class="quiet">${t('page.zone', { z: zone(new Date(), language, zoneOf(sheet)) })}</p>`}
</footer>
`
}</body>
</html>
`
  return { html: page, now }
}

/** A link; where something was typed a form that types it again, since no address may hold it. */
function toOther(sheet: Sheet, other: Language, typed: string | undefined): Html {
  const to = here(sheet, { lang: other })
  return typed === undefined
    ? html`<a lang="${other}" hreflang="${other}" href="${to}">${inWords[other]}</a>`
    : html`<form method="post" action="${to}"><input type="hidden" name="text" value="${typed}"><button lang="${other}">${inWords[other]}</button></form>`
}

/** What the script needs to know of the page: when to ask again, what is counted down to, and its words. */
function attributesOf(sheet: Sheet, { state, live, terms, endsAt, closedByClock }: Parts, still: boolean): Html[] {
  const { t } = speaker(sheet, '')
  const begun = state === 'on' || state === 'warning' || state === 'ended'
  const known: Readonly<Record<string, string | undefined>> = {
    state,
    live: live === undefined || still ? undefined : String(live),
    terms,
    ends: endsAt && String(endsAt.getTime()),
    said: endsAt && [t('said.minutes'), t('said.minute'), t('said.seconds')].join('|'),
    closed: closedByClock ? t('said.closed') : undefined,
    offline: live === undefined ? undefined : t(begun ? 'offline.on' : 'offline.ask'),
    broken: live === undefined ? undefined : t('offline.broken', { r: '%' }),
    held: t('offline.held'),
  }
  return Object.entries(known).flatMap(([name, text]) => (text === undefined ? [] : [html` data-${name}="${text}"`]))
}

export function call(word: Word, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`<a class="call" href="tel:${sheet.vendor.phone.replace(/[^+\d]/g, '')}">${icons.phone}<span>${t(word)}</span></a>`
}

/** Says words in the page's language with the names that every page knows. */
export function speaker({ language, vendor }: Sheet, agent: string) {
  const always = { a: agent, v: vendor.name, p: vendor.phone.replaceAll(' ', '\u00a0') }
  const say = (text: Bilingual, names: Readonly<Record<string, string>> = {}) =>
    inLanguage(text, language, { ...always, ...names })
  return { say, t: (word: Word, names?: Readonly<Record<string, string>>) => say(words[word], names) }
}

export const zoneOf = (sheet: Sheet): string => sheet.vendor.timeZone ?? 'UTC'
export const time = (at: Date, sheet: Sheet): string => hour(at, sheet.language, zoneOf(sheet))

/** What was chosen in the address, and what a link changes of it. */
function query({ chosen }: Sheet, change: Sheet['chosen'] = {}): string {
  const { lang, still, was } = { ...chosen, ...change }
  const parts = [lang ? `lang=${lang}` : '', still ? 'still=1' : '', was ? `was=${was}` : ''].filter(Boolean)
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** This page, with what the link changes; relative where the page has no address of its own. */
export const here = (sheet: Sheet, change: Sheet['chosen'] = {}): string =>
  `${sheet.path ?? ''}${sheet.at === undefined ? '' : `/${sheet.at}`}${query(sheet, change)}`

/** What lies under this page, with what was chosen in the address, and what else a link says. */
export function under(sheet: Sheet, what: string, more: Readonly<Record<string, string>> = {}): string {
  const chosen = query(sheet)
  const said = Object.entries(more).map(([name, value]) => `${name}=${value}`)
  return `${sheet.path ?? ''}/${what}${[chosen, ...said]
    .filter(Boolean)
    .join('&')
    .replace(/^(?!\?)(?=.)/, '?')}`
}
