/** What each page of the Web shows, and the frame around it. */
import { html } from 'hono/html'
import type { Frame, Html, Visit } from '../vendor/outside.ts'
import {
  activityList,
  csrfField,
  inviteForm,
  invoiceTable,
  me,
  memberRows,
  navigation,
  notice,
  sheet,
  switcher,
} from '../vendor/pages.ts'
import type { Activity, Clinic, Invoice, Member } from '../vendor/records.ts'
import { words as common, type Language, wordOr } from '../vendor/words.ts'
import { words } from './words.ts'

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 29C7 23 3 18 3 12a7 7 0 0 1 13-3.6A7 7 0 0 1 29 12c0 6-4 11-13 17z" fill="currentColor"/><path d="M16 12v9M11.5 16.5h9" stroke="var(--page)" stroke-width="2.6" stroke-linecap="round"/></svg>`

export function page(frame: Frame, content: Html): Html {
  const { visit, language, here } = frame
  const say = words(language)
  const pages = [
    ['/', say('home')],
    ['/members', say('members')],
    ['/invoices', say('invoices')],
    ['/profile', say('profile')],
  ] as const
  const body = html`<header class="top">
          <a class="brand" href="/">${mark}<span>${say('product')}</span></a>
          ${visit ? html`${navigation(language, here, pages)}${me(visit)}` : ''}
        </header>
        <main id="content" tabindex="-1">${switcher(visit)}${content}</main>`
  return sheet(say('product'), frame, body)
}

function clinicCard(clinic: Clinic, language: Language): Html {
  const say = words(language)
  return html`<section class="card clinic" aria-labelledby="clinic-name">
    <h2 id="clinic-name"><bdi>${clinic.name}</bdi></h2>
    <dl>
      <div><dt>${say('yourRole')}</dt><dd>${common(language)(clinic.isOwner ? 'owner' : 'member')}${clinic.title ? html` · ${clinic.title}` : ''}</dd></div>
      <div><dt>${say('city')}</dt><dd>${clinic.city}</dd></div>
      <div><dt>${say('plan')}</dt><dd>${clinic.plan}</dd></div>
    </dl>
    ${clinic.suspended ? html`<p class="problem">${say('suspended')}</p>` : ''}
    <p class="actions"><a class="button" href="/plan">${say('seePlan')}</a>${clinic.isOwner && !clinic.suspended ? html` <a class="button second" href="/ecosystem/edit">${say('edit')}</a>` : ''}</p>
  </section>`
}

const headsOf = (language: Language) => {
  const say = words(language)
  return { number: say('number'), date: say('date'), amount: say('amount'), state: say('state') }
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
  if (!clinic) return html`${greeting}<section class="card"><p>${common(language)('noClinic')}</p></section>`
  return html`${greeting}
    ${clinicCard(clinic, language)}
    <div class="columns">
      <section class="card"><h2>${say('members')}</h2>${memberRows(parts.members.slice(0, 4), language)}
        <p><a href="/members">${say('seeAll')}<span class="hidden">: ${say('members')}</span></a></p></section>
      <section class="card"><h2>${say('invoices')}</h2>
        ${invoiceTable(parts.invoices.slice(0, 3), language, headsOf(language))}
        <p><a href="/invoices">${say('seeAll')}<span class="hidden">: ${say('invoices')}</span></a></p></section>
    </div>
    <section class="card"><h2>${say('activity')}</h2>${activityList(parts.activity, language, parts.company)}</section>`
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
      <button>${common(visit.language)('save')}</button> <a href="/">${say('back')}</a>
    </form></section>`
}

export function membersPage(visit: Visit, members: readonly Member[], said?: string): Html {
  return html`<h1>${words(visit.language)('members')}</h1>${notice(said)}
    <section class="card">${memberRows(members, visit.language)}</section>
    ${inviteForm(visit)}`
}

export function invoicesPage(invoices: readonly Invoice[], language: Language): Html {
  const say = words(language)
  return html`<h1>${say('invoices')}</h1><section class="card">
    ${invoiceTable(invoices, language, headsOf(language))}</section>`
}

export function profilePage(visit: Visit, said?: string): Html {
  const say = words(visit.language)
  const field = (name: string, label: string, type: string, autocomplete: string) =>
    html`<label for="${name}">${label}</label><input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required />`
  return html`<h1>${say('profile')}</h1>${notice(said)}
    <section class="card"><dl>
      <div><dt>${say('name')}</dt><dd><bdi>${visit.person.name}</bdi></dd></div>
      <div><dt>${common(visit.language)('email')}</dt><dd>${visit.person.email}</dd></div>
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
