/** What each page shows. */
import { html } from 'hono/html'
import { csrfField, type Html } from './layout.ts'
import type { Visit } from './outside.ts'
import type { Activity, Clinic, Invoice, Member } from './vendor.ts'
import { type Language, supportOf, wordOr, words } from './words.ts'

const money = (invoice: Invoice, language: Language): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency: invoice.currency }).format(Number(invoice.amount))

const day = (text: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`))

const moment = (at: Date, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at)

const notice = (sentence: string | undefined): Html | '' =>
  sentence === undefined ? '' : html`<p class="notice" role="status">${sentence}</p>`

export function signInPage(language: Language, problem?: string, email = ''): Html {
  const say = words(language)
  return html`<section class="card narrow">
    <h1>${say('signIn')}</h1>
    <p class="lead">${say('signInLead')}</p>
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

function clinicCard(clinic: Clinic, language: Language): Html {
  const say = words(language)
  return html`<section class="card clinic" aria-labelledby="clinic-name">
    <h2 id="clinic-name"><bdi>${clinic.name}</bdi></h2>
    <dl>
      <div><dt>${say('yourRole')}</dt><dd>${say(clinic.isOwner ? 'owner' : 'member')}${clinic.title ? html` · ${clinic.title}` : ''}</dd></div>
      <div><dt>${say('city')}</dt><dd>${clinic.city}</dd></div>
      <div><dt>${say('plan')}</dt><dd>${clinic.plan}</dd></div>
    </dl>
    ${clinic.suspended ? html`<p class="problem">${say('suspended')}</p>` : ''}
    <p class="actions"><a class="button" href="/plan">${say('seePlan')}</a>${clinic.isOwner && !clinic.suspended ? html` <a class="button second" href="/ecosystem/edit">${say('edit')}</a>` : ''}</p>
  </section>`
}

function invoiceRows(invoices: readonly Invoice[], language: Language): Html {
  const say = words(language)
  return html`<table>
    <thead><tr><th scope="col">${say('number')}</th><th scope="col" class="wide">${say('date')}</th><th scope="col" class="figure">${say('amount')}</th><th scope="col">${say('state')}</th></tr></thead>
    <tbody>${invoices.map(
      (invoice) => html`<tr>
        <th scope="row">${invoice.number}<span class="under soft">${day(invoice.issuedOn, language)}</span></th>
        <td class="wide">${day(invoice.issuedOn, language)}</td>
        <td class="figure">${money(invoice, language)}</td><td><span class="chip ${invoice.state}">${say(invoice.state)}</span></td>
      </tr>`,
    )}</tbody>
  </table>`
}

function memberRows(members: readonly Member[], language: Language): Html {
  const say = words(language)
  return html`<ul class="people">${members.map(
    (member) => html`<li>
      <span class="face" aria-hidden="true">${[...member.name].at(0)}</span>
      <span><b><bdi>${member.name}</bdi></b>${member.isOwner ? html` <span class="chip owner">${say('owner')}</span>` : ''}<br /><span class="soft">${member.title ?? ''}</span></span>
    </li>`,
  )}</ul>`
}

function activityRows(activity: readonly Activity[], language: Language, company: string): Html {
  const say = words(language)
  if (activity.length === 0) return html`<p class="soft">${say('noActivity')}</p>`
  return html`<ul class="log">${activity.map(
    (one) => html`<li>
      <span>${whoDidWhat(one, language, company)}</span>
      <time class="soft" datetime="${one.at.toISOString()}">${moment(one.at, language)}</time>
    </li>`,
  )}</ul>`
}

/** "Leo edited the ecosystem"; "Ana (Acme support) edited the ecosystem for Marta": the doer first, then for whom. */
function whoDidWhat({ name, agent, what }: Activity, language: Language, company: string): Html {
  const person = html`<bdi>${name}</bdi>`
  const did = wordOr(language, what)
  if (agent === null) return html`${person} ${did}`
  const support = supportOf(company, language)
  const doer =
    agent.name === undefined
      ? support[0]?.toUpperCase() + support.slice(1)
      : html`<bdi>${agent.name}</bdi> (${support})`
  // Help is opened *for* the person already; every other act says on whose behalf.
  return html`${doer} ${did} ${what === 'assisted.opened' ? '' : `${words(language)('onBehalf')} `}${person}`
}

export interface HomeParts {
  readonly members: readonly Member[]
  readonly invoices: readonly Invoice[]
  readonly activity: readonly Activity[]
  readonly company: string
}

export function homePage({ person, clinic, language }: Visit, parts: HomeParts, said?: string): Html {
  const say = words(language)
  const greeting = html`<h1>${say('hello')} <bdi>${person.name}</bdi></h1>${notice(said)}`
  if (!clinic) return html`${greeting}<section class="card"><p>${say('noClinic')}</p></section>`
  return html`${greeting}
    ${clinicCard(clinic, language)}
    <div class="columns">
      <section class="card"><h2>${say('members')}</h2>${memberRows(parts.members.slice(0, 4), language)}
        <p><a href="/members">${say('seeAll')}<span class="hidden">: ${say('members')}</span></a></p></section>
      <section class="card"><h2>${say('invoices')}</h2>
        ${parts.invoices.length ? invoiceRows(parts.invoices.slice(0, 3), language) : html`<p class="soft">${say('noInvoices')}</p>`}
        <p><a href="/invoices">${say('seeAll')}<span class="hidden">: ${say('invoices')}</span></a></p></section>
    </div>
    <section class="card"><h2>${say('activity')}</h2>${activityRows(parts.activity, language, parts.company)}</section>`
}

export function planPage(clinic: Clinic, language: Language): Html {
  const say = words(language)
  return html`<h1>${say('plan')}: ${clinic.plan}</h1>
    <section class="card"><h2>${say('planIncludes')}</h2>
      <ul>${clinic.features.map((feature) => html`<li>${wordOr(language, `feature_${feature}`)}</li>`)}</ul>
      <p><a href="/">${say('back')}</a></p></section>`
}

export function editPage(visit: Visit, clinic: Clinic): Html {
  const say = words(visit.language)
  if (!clinic.isOwner) return html`<h1>${say('edit')}</h1><section class="card"><p>${say('ownerEdits')}</p></section>`
  return html`<h1>${say('edit')}</h1>
    <section class="card narrow"><form method="post" action="/ecosystem">
      ${csrfField(visit)}
      <label for="name">${say('name')}</label><input id="name" name="name" required maxlength="80" value="${clinic.name}" />
      <label for="city">${say('city')}</label><input id="city" name="city" required maxlength="80" value="${clinic.city}" />
      <button>${say('save')}</button> <a href="/">${say('back')}</a>
    </form></section>`
}

export function membersPage(visit: Visit, members: readonly Member[], said?: string): Html {
  const say = words(visit.language)
  return html`<h1>${say('members')}</h1>${notice(said)}
    <section class="card">${memberRows(members, visit.language)}</section>
    <section class="card narrow"><h2>${say('invite')}</h2><p class="soft">${say('inviteLead')}</p>
      <form method="post" action="/members/invite">${csrfField(visit)}
        <label for="email">${say('email')}</label><input id="email" name="email" type="email" autocomplete="off" required />
        <button>${say('invite')}</button>
      </form></section>`
}

export function invoicesPage(invoices: readonly Invoice[], language: Language): Html {
  const say = words(language)
  return html`<h1>${say('invoices')}</h1><section class="card">
    ${invoices.length ? invoiceRows(invoices, language) : html`<p class="soft">${say('noInvoices')}</p>`}</section>`
}

export function profilePage(visit: Visit, said?: string): Html {
  const say = words(visit.language)
  const field = (name: string, label: string, type: string, autocomplete: string) =>
    html`<label for="${name}">${label}</label><input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required />`
  return html`<h1>${say('profile')}</h1>${notice(said)}
    <section class="card"><dl>
      <div><dt>${say('name')}</dt><dd><bdi>${visit.person.name}</bdi></dd></div>
      <div><dt>${say('email')}</dt><dd>${visit.person.email}</dd></div>
    </dl></section>
    <div class="columns">
      <section class="card"><h2>${say('changeEmail')}</h2><form method="post" action="/profile/email">${csrfField(visit)}
        ${field('email', say('newEmail'), 'email', 'email')}
        ${field('password', say('currentPassword'), 'password', 'current-password')}
        <button>${say('changeEmail')}</button></form></section>
      <section class="card"><h2>${say('changePassword')}</h2><form method="post" action="/profile/password">${csrfField(visit)}
        ${field('current', say('currentPassword'), 'password', 'current-password')}
        ${field('new', say('newPassword'), 'password', 'new-password')}
        <button>${say('changePassword')}</button></form></section>
    </div>`
}

export function refusalPage(language: Language, sentence: string, reference?: string): Html {
  const say = words(language)
  return html`<section class="card narrow"><h1>${say('sorry')}</h1><p role="alert">${sentence}</p>
    ${reference === undefined ? '' : html`<p class="soft">${say('reference')} ${reference}</p>`}
    <p><a class="button" href="/">${say('toHome')}</a></p></section>`
}
