/** The frame around every page. Under assistance the banner is its first part, after the skip link. */
import { bannerHead, bannerHtml, bannerPlaces } from '@amparo/relying-party/banner-html'
import { html, raw } from 'hono/html'
import type { Visit } from './outside.ts'
import { type Language, type Text, words } from './words.ts'

export type Html = ReturnType<typeof html>

export interface Frame {
  readonly language: Language
  readonly title: string
  readonly visit?: Visit | undefined
  readonly consoleOrigin: string
  readonly company: string
  readonly here?: string
  /** For the banner's status line: why something was refused. */
  readonly said?: string
}

const pages: readonly (readonly [path: string, text: Text])[] = [
  ['/', 'home'],
  ['/members', 'members'],
  ['/invoices', 'invoices'],
  ['/profile', 'profile'],
]

export function csrfField(visit: Visit): Html {
  return html`<input type="hidden" name="csrf" value="${visit.csrf}" />`
}

function switcher(visit: Visit): Html | '' {
  if (visit.clinics.length < 2) return ''
  const say = words(visit.language)
  return html`<form class="switch" method="post" action="/switch">
    ${csrfField(visit)}
    <label for="clinic">${say('ecosystem')}</label>
    <select id="clinic" name="clinic">
      ${visit.clinics.map((clinic) => html`<option value="${clinic.id}"${clinic.id === visit.clinic?.id ? raw(' selected') : ''}>${clinic.name}</option>`)}
    </select>
    <button class="quiet">${say('switchTo')}</button>
  </form>`
}

function header(visit: Visit, here: string | undefined): Html {
  const say = words(visit.language)
  return html`<nav aria-label="${say('nav')}">
      <ul>${pages.map(([path, text]) => html`<li><a href="${path}"${path === here ? raw(' aria-current="page"') : ''}>${say(text)}</a></li>`)}</ul>
    </nav>
    <div class="me">
      <span class="name"><bdi>${visit.person.name}</bdi></span>
      ${visit.assisted ? '' : html`<form method="post" action="/sign-out">${csrfField(visit)}<button class="quiet">${say('signOut')}</button></form>`}
    </div>`
}

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 29C7 23 3 18 3 12a7 7 0 0 1 13-3.6A7 7 0 0 1 29 12c0 6-4 11-13 17z" fill="currentColor"/><path d="M16 12v9M11.5 16.5h9" stroke="var(--page)" stroke-width="2.6" stroke-linecap="round"/></svg>`

export function page(frame: Frame, content: Html): Html {
  const { visit, language, consoleOrigin, company, said } = frame
  const say = words(language)
  const places = bannerPlaces(consoleOrigin)
  const banner = visit?.assisted
    ? bannerHtml(visit.assisted, language, visit.csrf, { places, company, ...(said !== undefined && { said }) })
    : ''
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${frame.title} · ${say('product')}</title>
        <link rel="icon" href="/static/mark.svg" />
        <link rel="stylesheet" href="/static/web.css" />
        ${visit?.assisted ? raw(bannerHead(places)) : ''}
      </head>
      <body>
        <a class="skip" href="#content">${say('skip')}</a>
        ${raw(banner)}
        <header class="top">
          <a class="brand" href="/">${mark}<span>${say('product')}</span></a>
          ${visit ? header(visit, frame.here) : ''}
        </header>
        <main id="content" tabindex="-1">${visit ? switcher(visit) : ''}${content}</main>
      </body>
    </html>`
}
