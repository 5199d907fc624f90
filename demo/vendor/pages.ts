/** What the vendor's products show alike: their looks differ by style alone. */
import type { WordsForPeople } from '@amparo/relying-party/banner-html'
import { html, raw } from 'hono/html'
import type { Html, Product, Visit } from './outside.ts'
import type { Activity, Invoice, Member } from './records.ts'
import { type Language, supportOf, wordOr, words } from './words.ts'

export const money = (amount: number, currency: string, language: Language): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency }).format(Number(amount))

export const day = (text: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`))

export const moment = (at: Date, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at)

export const notice = (sentence: string | undefined): Html | '' =>
  sentence === undefined ? '' : html`<p class="notice" role="status">${sentence}</p>`

export const csrfField = (visit: Visit): Html => html`<input type="hidden" name="csrf" value="${visit.csrf}" />`

export const chip = (state: string, text: string): Html => html`<span class="chip ${state}">${text}</span>`

export function signInPage({ lead }: Product, language: Language, problem?: string, email = ''): Html {
  const say = words(language)
  return html`<section class="card narrow">
    <h1>${say('signIn')}</h1>
    <p class="lead">${lead[language]}</p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    <form method="post" action="/sign-in">
      <label for="email">${say('email')}</label>
      <input id="email" name="email" type="email" autocomplete="username" required value="${email}" />
      <label for="password">${say('password')}</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button>${say('signIn')}</button>
    </form>
  </section>`
}

export function refusalPage(what: WordsForPeople, reference?: string): Html {
  const say = words(what.language)
  return html`<section class="card narrow"><h1>${what.title}</h1><p role="alert">${what.sentence}</p>
    ${reference === undefined ? '' : html`<p class="soft">${say('reference')} ${reference}</p>`}
    <p><a class="button" href="${what.back.href}">${what.back.text}</a></p></section>`
}

export function switcher(visit: Visit | undefined): Html | '' {
  if (!visit || visit.clinics.length < 2) return ''
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

export function navigation(
  language: Language,
  here: string | undefined,
  pages: readonly (readonly [path: string, text: string])[],
): Html {
  return html`<nav aria-label="${words(language)('nav')}">
      <ul>${pages.map(([path, text]) => html`<li><a href="${path}"${path === here ? raw(' aria-current="page"') : ''}>${text}</a></li>`)}</ul>
    </nav>`
}

/** Whose account it is, and leaving it; under assistance there is nothing of theirs to leave. */
export function me(visit: Visit): Html {
  const out = html`<form method="post" action="/sign-out">${csrfField(visit)}<button class="quiet">${words(visit.language)('signOut')}</button></form>`
  return html`<div class="me">
      <span class="name"><bdi>${visit.person.name}</bdi></span>
      ${visit.assistance ? '' : out}
    </div>`
}

export function invoiceTable(invoices: readonly Invoice[], language: Language, heads: InvoiceHeads): Html {
  const say = words(language)
  if (invoices.length === 0) return html`<p class="soft">${say('noInvoices')}</p>`
  const { more } = heads
  return html`<table>
    <thead><tr><th scope="col">${heads.number}</th><th scope="col" class="wide">${heads.date}</th><th scope="col" class="figure">${heads.amount}</th><th scope="col">${heads.state}</th>${more ? html`<th scope="col"><span class="hidden">${more.head}</span></th>` : ''}</tr></thead>
    <tbody>${invoices.map(
      (invoice) => html`<tr>
        <th scope="row">${invoice.number}<span class="under soft">${day(invoice.issuedOn, language)}</span></th>
        <td class="wide">${day(invoice.issuedOn, language)}</td>
        <td class="figure">${money(invoice.amount, invoice.currency, language)}</td><td>${chip(invoice.state, say(invoice.state))}</td>${more ? html`<td class="figure">${more.cell(invoice)}</td>` : ''}
      </tr>`,
    )}</tbody>
  </table>`
}
export interface InvoiceHeads {
  readonly number: string
  readonly date: string
  readonly amount: string
  readonly state: string
  readonly more?: { readonly head: string; cell(invoice: Invoice): Html }
}

export function activityList(activity: readonly Activity[], language: Language, company: string): Html {
  if (activity.length === 0) return html`<p class="soft">${words(language)('noActivity')}</p>`
  return html`<ul class="log">${activity.map(
    (one) => html`<li>
      <span>${whoDidWhat(one, language, company)}</span>
      <time class="soft" datetime="${one.at.toISOString()}">${moment(one.at, language)}</time>
    </li>`,
  )}</ul>`
}

/** "Leo edited the ecosystem"; "Ana (Acme support) edited the ecosystem for Marta": the doer first, then for whom. */
function whoDidWhat({ name, agentName, what }: Activity, language: Language, company: string): Html {
  const person = html`<bdi>${name}</bdi>`
  const did = wordOr(language, what)
  if (agentName === null) return html`${person} ${did}`
  // Help is opened *for* the person already; every other act says on whose behalf.
  const behalf = what === 'assisted.opened' ? '' : `${words(language)('onBehalf')} `
  return html`<bdi>${agentName}</bdi> (${supportOf(company, language)}) ${did} ${behalf}${person}`
}

export function memberRows(members: readonly Member[], language: Language): Html {
  return html`<ul class="people">${members.map(
    (member) => html`<li>
      <span class="face" aria-hidden="true">${[...member.name].at(0)}</span>
      <span><b><bdi>${member.name}</bdi></b>${member.isOwner ? html` <span class="chip owner">${words(language)('owner')}</span>` : ''}<br /><span class="soft">${member.title ?? ''}</span></span>
    </li>`,
  )}</ul>`
}

export function inviteForm(visit: Visit): Html {
  const say = words(visit.language)
  return html`<section class="card narrow"><h2>${say('invite')}</h2><p class="soft">${say('inviteLead')}</p>
      <form method="post" action="/members/invite">${csrfField(visit)}
        <label for="email">${say('email')}</label><input id="email" name="email" type="email" autocomplete="off" required />
        <button>${say('invite')}</button>
      </form></section>`
}

/** The document around every page: its head, to which a product may add, the skip link, the place of the banner. */
export function sheet(
  product: string,
  { language, title, assisted }: { language: Language; title: string; assisted: boolean },
  body: Html,
  head: Html | '' = '',
): Html {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${product}</title>
        <link rel="icon" href="/static/mark.svg" />
        <link rel="stylesheet" href="/static/style.css" />
        ${head}
      </head>
      <body>
        <a class="skip" href="#content">${words(language)('skip')}</a>
        ${assisted ? raw('<amparo-banner></amparo-banner>') : ''}
        ${body}
      </body>
    </html>`
}
