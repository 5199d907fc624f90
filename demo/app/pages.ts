/** What each page of the App shows, and the frame around it: a bar, one column, and the pages at the thumb. */
import { html, raw } from 'hono/html'
import type { Frame, Html, Visit } from '../vendor/outside.ts'
import {
  activityList,
  csrfField,
  inviteForm,
  invoiceTable,
  me,
  memberRows,
  notice,
  sheet,
  switcher,
} from '../vendor/pages.ts'
import type { Activity, Invoice, Member } from '../vendor/records.ts'
import { words as common, type Language } from '../vendor/words.ts'
import { words } from './words.ts'

const icon = (path: string): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${path}" /></svg>`
const icons = {
  today: 'M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5',
  team: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.800 3.500 5.500',
  invoices: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9.500 8h5M9.500 12h5',
  me: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c.600-4.500 3.700-7 8-7s7.400 2.500 8 7',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8h3v3H8zM13.500 8H16v3M8 13.500V16h3M13.500 13.500H16V16',
  keys: 'M3 7h18v10H3zM7 11h.010M11 11h.010M15 11h.010M8 14.500h8',
} as const

export const pages = ['/my/', '/my/team', '/my/invoices', '/my/me'] as const
const tabs = { '/my/': 'today', '/my/team': 'team', '/my/invoices': 'invoices', '/my/me': 'me' } as const

export function page(frame: Frame, content: Html): Html {
  const { visit, language, here } = frame
  const say = words(language)
  const home = visit ? '/my/' : '/'
  const body = html`<div class="app">
      <header class="top"><a class="brand" href="${home}"><img src="/static/mark.svg" alt="" width="28" height="28" /><span>${say('product')}</span></a>${visit ? me(visit) : ''}</header>
      <main id="content" tabindex="-1">${switcher(visit)}${content}</main>
      ${visit ? tabBar(language, here) : ''}
    </div>`
  return sheet(say('product'), frame, body, head(visit && !visit.assistance ? '/static/my.js' : undefined))
}

const head = (script?: string): Html => html`<link rel="manifest" href="/manifest.webmanifest" />
        <link rel="apple-touch-icon" href="/static/icon.svg" />
        <meta name="theme-color" content="#1f5c22" />
        ${script === undefined ? '' : html`<script type="module" src="${script}"></script>`}`

const tabBar = (language: Language, here: string | undefined): Html =>
  html`<nav class="tabs" aria-label="${common(language)('nav')}"><ul>${pages.map(
    (path) =>
      html`<li><a href="${path}"${path === here ? raw(' aria-current="page"') : ''}>${icon(icons[tabs[path]])}<span>${words(language)(tabs[path])}</span></a></li>`,
  )}</ul></nav>`

/** Both ways in for an agent with this phone in their hand. */
function waysIn(language: Language): Html {
  const say = words(language)
  return html`<section class="card support" aria-labelledby="for-support"><h2 id="for-support">${say('forSupport')}</h2>
      <p class="soft">${say('forSupportLead')}</p>
      <p class="actions"><a class="button" href="/help#scan">${icon(icons.scan)} ${say('scan')}</a>
      <a class="button second" href="/help#enter">${icon(icons.keys)} ${say('enter')}</a></p></section>`
}

export function startPage(language: Language): Html {
  const say = words(language)
  return html`<section class="hero"><h1>${say('start')}</h1><p>${say('startLead')}</p>
      <p><a class="button" href="/sign-in">${common(language)('signIn')}</a></p></section>
    ${waysIn(language)}`
}

export interface TodayParts {
  readonly members: readonly Member[]
  readonly invoices: readonly Invoice[]
  readonly activity: readonly Activity[]
  readonly company: string
}

export function todayPage({ person, clinic, language }: Visit, parts: TodayParts): Html {
  const say = words(language)
  const greeting = html`<h1>${say('hello')} <bdi>${person.name}</bdi></h1>`
  if (!clinic) return html`${greeting}<section class="card"><p>${common(language)('noClinic')}</p></section>`
  const toPay = parts.invoices.filter(({ state }) => state !== 'paid')
  return html`${greeting}
    <section class="card clinic" aria-labelledby="clinic"><h2 id="clinic"><bdi>${clinic.name}</bdi></h2>
      <p>${common(language)(clinic.isOwner ? 'owner' : 'member')} · ${clinic.city} · ${clinic.plan}</p>
      ${clinic.suspended ? html`<p class="problem">${say('suspended')}</p>` : ''}</section>
    <ul class="tiles">
      ${tile('/my/team', parts.members.length, say('people'))}
      ${tile('/my/invoices', toPay.length, say('toPay'))}
    </ul>
    <section class="card"><h2>${say('activity')}</h2>${activityList(parts.activity, language, parts.company)}</section>`
}

const tile = (href: string, count: number, text: string): Html =>
  html`<li><a class="card tile" href="${href}"><b>${count}</b> <span>${text}</span></a></li>`

export const teamPage = (visit: Visit, members: readonly Member[], said?: string): Html =>
  html`<h1>${words(visit.language)('team')}</h1>${notice(said)}
    <section class="card">${memberRows(members, visit.language)}</section>${inviteForm(visit)}`

export function invoicesPage(invoices: readonly Invoice[], language: Language): Html {
  const say = words(language)
  const heads = { number: say('number'), date: say('date'), amount: say('amount'), state: say('state') }
  return html`<h1>${say('invoices')}</h1><section class="card">${invoiceTable(invoices, language, heads)}</section>`
}

export function mePage(visit: Visit, said?: string): Html {
  const { person, clinic, language, assistance } = visit
  const say = words(language)
  return html`<h1>${say('me')}</h1>${notice(said)}
    <section class="card"><dl>
      <div><dt>${say('name')}</dt><dd><bdi>${person.name}</bdi></dd></div>
      <div><dt>${common(language)('email')}</dt><dd>${person.email}</dd></div>
    </dl></section>
    ${
      clinic
        ? html`<section class="card"><form method="post" action="/my/title">${csrfField(visit)}
      <label for="title">${say('title')}</label><input id="title" name="title" required maxlength="80" autocomplete="organization-title" value="${clinic.title ?? ''}" />
      <button>${common(language)('save')}</button></form></section>`
        : ''
    }
    <section class="card"><form method="post" action="/my/phone">${csrfField(visit)}
      <label for="phone">${say('phone')}</label><input id="phone" name="phone" type="tel" autocomplete="tel" required />
      <button class="second">${say('changePhone')}</button></form></section>
    ${assistance ? '' : waysIn(language)}`
}

/** Cached on the phone, so nothing of anybody's is in it. */
export function offlinePage(language: Language): Html {
  const say = words(language)
  return html`<section class="card"><h1>${say('offline')}</h1><p>${say('offlineLead')}</p>
    <p><a class="button" href="/my/">${say('again')}</a></p></section>`
}

// ── The page of help ────────────────────────────────────────────────────────────────────────────────────────────────

/** What the page of help asks the issuer as, and which link brought it here. */
export interface HelpOptions {
  readonly issuer: string
  readonly clientId: string
  readonly language: Language
}

const sentences = [
  'cameraStarts',
  'cameraRefused',
  'cameraAbsent',
  'cameraBroken',
  'notOurs',
  'shortCodeWrong',
  'declined',
  'silent',
  'spent',
  'noKeys',
  'going',
] as const

/** One page, whose script shows one of its parts at a time and keeps the token in its memory alone. */
export function helpPage({ issuer, clientId, language }: HelpOptions): Html {
  const say = words(language)
  const part = (name: string, content: Html): Html =>
    html`<section class="part" id="part-${name}" hidden>${content}</section>`
  const toScan = html`<a class="button" href="#scan">${icon(icons.scan)} ${say('scan')}</a>`
  const toEnter = html`<a class="button second" href="#enter">${icon(icons.keys)} ${say('enter')}</a>`
  const body = html`<div class="app" id="app">
      <header class="top"><a class="brand" href="/"><img src="/static/mark.svg" alt="" width="28" height="28" /><span>${say('product')}</span></a>
        <div class="me"><a class="quiet button" href="/">${say('close')}</a></div></header>
      <main id="content" tabindex="-1" data-issuer="${issuer}" data-client="${clientId}">
        <noscript><p class="problem">${say('noScript')}</p></noscript>
        ${part('start', html`<div class="card"><h1>${say('helpTitle')}</h1><p class="soft">${say('forSupportLead')}</p><p class="actions">${toScan} ${toEnter}</p></div>`)}
        ${part(
          'scan',
          html`<h1>${say('scan')}</h1><p>${say('pointAt')}</p>
          <div class="finder" id="finder"><video muted playsinline aria-hidden="true"></video></div>
          <p role="status" class="soft" id="camera"></p><p class="actions">${toEnter}</p>`,
        )}
        ${part(
          'enter',
          html`<form class="card" id="enter-form" novalidate><h1>${say('enter')}</h1>
          <label for="short">${say('shortCode')}</label><p class="soft" id="short-hint">${say('shortCodeHint')}</p>
          <p class="problem" role="alert" id="short-wrong" hidden></p>
          <input id="short" name="short" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="24" aria-describedby="short-hint short-wrong" />
          <button>${say('goOn')}</button></form><p class="actions">${toScan}</p>`,
        )}
        ${part(
          'followed',
          html`<div class="card"><h1>${say('followed')}</h1><p>${say('followedLead')}</p>
          <p class="actions pair"><a class="button second" href="/">${say('notMe')}</a> <button type="button" id="follow">${say('goOn')}</button></p></div>`,
        )}
        ${part('busy', html`<p role="status" class="card">${say('going')}</p>`)}
        ${part('failed', html`<div class="card"><h1>${say('failed')}</h1><p role="alert" id="why"></p><p class="actions">${toScan} ${toEnter}</p></div>`)}
      </main>
      <template id="sentences">${sentences.map((one) => html`<p data-is="${one}">${say(one)}</p>`)}</template>
    </div>`
  const frame = { language, title: say('helpTitle'), assisted: false }
  const scripts = html`<script type="module" src="/assisted/banner.js"></script>${head('/static/help.js')}`
  return sheet(say('product'), frame, body, scripts)
}
