/** What every page of the user's side shares: the frame with its two languages, the buttons, the way words are said. */
import type { Bilingual, Language } from '@amparo/contract/words'
import { html } from 'hono/html'
import type { Act } from './companion.ts'
import { fill, hour, type Word, words, zone } from './words.ts'

export type Html = ReturnType<typeof html>
export const nothing = ''

/** For whom and where a page is made. */
export interface Sheet {
  readonly language: Language
  readonly vendor: { readonly name: string; readonly phone: string; readonly timeZone?: string | undefined }
  /** Where the style sheet is, with its version. */
  readonly style: string
  /** The page's own path (`/c/K7…`), where it has one. */
  readonly path?: string | undefined
  /** What the person chose in the address: kept in every link and form. */
  readonly chosen?: { readonly lang?: Language | undefined; readonly still?: boolean | undefined }
}

export interface Page {
  readonly html: Html
  /** After how many seconds the browser asks again, where something may have changed meanwhile. */
  readonly refresh?: number | undefined
}

/** One state of the page, before it is framed. */
export interface Parts {
  readonly title: string
  readonly main: Html
  readonly state: string
  readonly refresh?: number | undefined
}

const icons = {
  no: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12"/></svg>`,
  yes: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M20 6 9 17l-5-5"/></svg>`,
} as const

/** A form of one button: it works without scripts, and each act is its own address. */
export function button(act: Act, word: Word, sheet: Sheet, look: string, more: Html | '' = nothing): Html {
  const { t } = speaker(sheet, '')
  const icon = look === 'no' || look === 'yes' ? icons[look] : nothing
  return html`<form method="post" action="${sheet.path ?? ''}/${act}${query(sheet)}">${more}<button class="${look}">${icon}<span>${t(word)}</span></button></form>`
}

export function calm(sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const still = sheet.chosen?.still === true
  return html`<p><a href="${here(sheet, { still: !still })}">${t(still ? 'page.live' : 'page.calm')}</a></p>`
}

export function frame(sheet: Sheet, { title, main, state }: Parts, foot: Html | ''): Html {
  const { t } = speaker(sheet, '')
  const { language, vendor } = sheet
  const inWords = { en: 'English', es: 'Español' } as const
  const other = language === 'en' ? 'es' : 'en'
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
<title>${title} · ${vendor.name}</title>
<link rel="stylesheet" href="${sheet.style}">
</head>
<body class="${state}">
<header>
<p class="brand">${vendor.name}</p>
<nav aria-label="${t('page.language')}"><span lang="${language}" aria-current="true">${inWords[language]}</span> <a lang="${other}" hreflang="${other}" href="${here(sheet, { lang: other })}">${inWords[other]}</a></nav>
</header>
<main>${main}</main>
<footer>
${state === 'plain' || state === 'ended' ? nothing : html`<p>${call('page.call', sheet)}</p>`}
${foot}
${state === 'plain' ? nothing : html`<p class="quiet">${t('page.zone', { z: zone(new Date(), language, zoneOf(sheet)) })}</p>`}
</footer>
</body>
</html>
`
}

export function call(word: Word, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`<a href="tel:${sheet.vendor.phone.replace(/[^+\d]/g, '')}">${t(word)}</a>`
}

/** Says words in the page's language with the names that every page knows. */
export function speaker({ language, vendor }: Sheet, agent: string) {
  const always = { a: agent, v: vendor.name, p: vendor.phone.replaceAll(' ', '\u00a0') }
  const say = (text: Bilingual, names: Readonly<Record<string, string>> = {}) =>
    fill(text, language, { ...always, ...names })
  return { say, t: (word: Word, names?: Readonly<Record<string, string>>) => say(words[word], names) }
}

export const zoneOf = (sheet: Sheet): string => sheet.vendor.timeZone ?? 'UTC'
export const time = (at: Date, sheet: Sheet): string => hour(at, sheet.language, zoneOf(sheet))

/** What was chosen in the address, and what a link changes of it. */
function query({ chosen }: Sheet, change: Sheet['chosen'] = {}): string {
  const { lang, still } = { ...chosen, ...change }
  const parts = [lang ? `lang=${lang}` : '', still ? 'still=1' : ''].filter((part) => part !== '')
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** This page, with what the link changes; relative where the page has no address of its own. */
export const here = (sheet: Sheet, change: Sheet['chosen'] = {}): string => `${sheet.path ?? ''}${query(sheet, change)}`
