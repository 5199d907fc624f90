/** What each page of the Store shows, and the frame around it. */
import { html, raw } from 'hono/html'
import type { Frame, Html, Visit } from '../vendor/outside.ts'
import {
  activityList,
  chip,
  csrfField,
  inviteForm,
  invoiceTable,
  me,
  moment,
  money,
  navigation,
  notice,
  sheet,
  switcher,
} from '../vendor/pages.ts'
import type { Activity, Clinic, Invoice, Member } from '../vendor/records.ts'
import { words as common, type Language, wordOr } from '../vendor/words.ts'
import { type Billing, type Purchase, sampleCards } from './records.ts'
import { filled, type StoreText, words } from './words.ts'

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 12h24l-2.6 16H6.6z" fill="currentColor"/><path d="M11 12V9a5 5 0 0 1 10 0v3" fill="none" stroke="currentColor" stroke-width="2.6"/></svg>`

export function page(frame: Frame, content: Html): Html {
  const { visit, language, here } = frame
  const say = words(language)
  const pages = [
    ['/', say('panelShort')],
    ['/plan', say('plan')],
    ['/orders', say('orders')],
    ['/billing', say('billingShort')],
    ['/members', say('seats')],
  ] as const
  const body = html`<div class="shell${visit ? '' : ' alone'}">
        <header class="side">
          <a class="brand" href="/">${mark}<span>${say('product')}</span></a>
          ${visit ? html`${visit.clinic?.isOwner ? navigation(language, here, pages) : ''}${me(visit)}` : ''}
        </header>
        <main id="content" tabindex="-1">${switcher(visit)}${content}</main>
      </div>`
  return sheet(say('product'), frame, body)
}

const sum = (invoices: readonly Invoice[]): number => invoices.reduce((all, { amount }) => all + Number(amount), 0)
const amountOf = (invoices: readonly Invoice[], language: Language): string =>
  money(sum(invoices), invoices[0]?.currency ?? 'USD', language)

/** What keeps an ecosystem from working, first on every page where it can be done something about. */
function overdueBox(clinic: Clinic, invoices: readonly Invoice[], language: Language): Html | '' {
  const overdue = invoices.filter(({ state }) => state === 'overdue')
  if (overdue.length === 0) return ''
  const say = words(language)
  return html`<section class="alarm" aria-labelledby="overdue">
    <h2 id="overdue">${filled(say('overdueTitle'), { amount: amountOf(overdue, language) })}</h2>
    <p>${say(clinic.suspended ? 'suspendedText' : 'overdueText')}</p>
    <p class="soft">${overdue.map(({ number }) => number).join(' · ')}</p></section>`
}

export interface PanelParts {
  readonly invoices: readonly Invoice[]
  readonly purchases: readonly Purchase[]
  readonly members: readonly Member[]
  readonly activity: readonly Activity[]
  readonly company: string
}

function tile(
  heading: string,
  main: Html | string,
  under: Html | string,
  link: readonly [href: string, text: string],
): Html {
  const [href, text] = link
  return html`<section class="card tile"><h2>${heading}</h2><p class="big">${main}</p><p class="soft">${under}</p>
    <p class="more"><a href="${href}">${text}</a></p></section>`
}

export function panelPage({ person, language }: Visit, clinic: Clinic, parts: PanelParts): Html {
  const say = words(language)
  const { invoices, purchases, members, activity, company } = parts
  const unpaid = invoices.filter(({ state }) => state !== 'paid')
  const [last] = purchases
  const free = filled(say('seatsFree'), { free: `${Math.max(0, clinic.seats - members.length)}` })
  return html`<p class="over"><bdi>${person.name}</bdi> · ${common(language)('owner')}</p>
    <h1><bdi>${clinic.name}</bdi></h1>
    ${overdueBox(clinic, invoices, language)}
    <div class="tiles">
      ${tile(say('plan'), clinic.plan, clinic.features.map((one) => wordOr(language, `feature_${one}`)).join(' · '), ['/plan', say('seePlan')])}
      ${tile(
        say('toPay'),
        unpaid.length ? amountOf(unpaid, language) : say('nothingToPay'),
        unpaid.map(({ number }) => number).join(' · '),
        ['/billing', say('seeBilling')],
      )}
      ${tile(
        say('lastOrder'),
        last ? html`${last.number} ${chip(last.state, say(last.state))}` : say('noOrders'),
        last ? itemsOf(last, language) : '',
        ['/orders', say('seeOrders')],
      )}
      ${tile(say('seats'), `${members.length} / ${clinic.seats}`, free, ['/members', say('seeSeats')])}
    </div>
    <section class="card"><h2>${say('activity')}</h2>${activityList(activity, language, company)}</section>`
}

const itemName = (item: string, language: Language): string => words(language)(`item_${item}` as StoreText)
const itemsOf = ({ lines }: Purchase, language: Language): string =>
  lines.map(({ item, quantity }) => `${quantity} × ${itemName(item, language)}`).join(', ')

const everything = ['agenda', 'billing', 'telehealth', 'app'] as const

export function planPage(visit: Visit, clinic: Clinic): Html {
  const { language } = visit
  const say = words(language)
  const missing = everything.filter((one) => !clinic.features.includes(one))
  const list = (features: readonly string[], sign: string) =>
    html`<ul class="signs ${sign}">${features.map((one) => html`<li>${wordOr(language, `feature_${one}`)}</li>`)}</ul>`
  return html`<h1>${say('plan')}: ${clinic.plan}</h1>
    <div class="columns">
      <section class="card"><h2>${say('included')}</h2>${list(clinic.features, 'yes')}</section>
      ${missing.length ? html`<section class="card"><h2>${say('notIncluded')}</h2>${list(missing, 'no')}</section>` : ''}
    </div>
    <section class="card narrow danger"><h2>${say('cancelPlan')}</h2><p>${say('cancelLead')}</p>
      <form method="post" action="/plan/cancellation">${csrfField(visit)}<button class="second">${say('cancelButton')}</button></form></section>`
}

export function ordersPage(purchases: readonly Purchase[], language: Language, said?: string): Html {
  const say = words(language)
  if (purchases.length === 0)
    return html`<h1>${say('orders')}</h1><section class="card empty"><h2>${say('noOrders')}</h2><p>${say('noOrdersLead')}</p></section>`
  return html`<h1>${say('orders')}</h1>${notice(said)}
    <ul class="orders">${purchases.map(
      (purchase) => html`<li class="card">
        <p class="row"><a class="big" href="/orders/${purchase.number}">${purchase.number}</a> ${chip(purchase.state, say(purchase.state))}</p>
        <p>${itemsOf(purchase, language)}</p>
        <p class="row soft"><time datetime="${purchase.orderedAt.toISOString()}">${moment(purchase.orderedAt, language)}</time>
          <span class="figure">${money(purchase.amount, purchase.currency, language)}</span></p>
      </li>`,
    )}</ul>`
}

export function orderPage(visit: Visit, clinic: Clinic, purchase: Purchase, billing: Billing): Html {
  const { language } = visit
  const say = words(language)
  const cost = (amount: number) => money(amount, purchase.currency, language)
  return html`<p class="over"><a href="/orders">${say('backToOrders')}</a></p>
    <h1>${say('order')} ${purchase.number}</h1>
    <p class="row lead">${chip(purchase.state, say(purchase.state))} <time datetime="${purchase.orderedAt.toISOString()}">${moment(purchase.orderedAt, language)}</time></p>
    <section class="card"><table>
      <thead><tr><th scope="col">${say('item')}</th><th scope="col" class="figure">${say('quantity')}</th><th scope="col" class="figure">${say('amount')}</th></tr></thead>
      <tbody>${purchase.lines.map(
        ({ item, quantity, unit }) => html`<tr><th scope="row">${itemName(item, language)}</th>
          <td class="figure">${quantity}</td><td class="figure">${cost(quantity * unit)}</td></tr>`,
      )}</tbody>
      <tfoot><tr><th scope="row" colspan="2">${say('total')}</th><td class="figure">${cost(purchase.amount)}</td></tr></tfoot>
    </table></section>
    ${billing.deliveryNote ? html`<section class="card narrow"><h2>${say('note')}</h2><p>${billing.deliveryNote}</p></section>` : ''}
    ${clinic.suspended ? '' : html`<form method="post" action="/orders/${purchase.number}/again">${csrfField(visit)}<button>${say('again')}</button></form>`}`
}

export function billingPage(visit: Visit, invoices: readonly Invoice[], billing: Billing, said?: string): Html {
  const { language } = visit
  const say = words(language)
  const heads = {
    number: say('number'),
    date: say('date'),
    amount: say('amount'),
    state: say('state'),
    more: {
      head: say('download'),
      cell: ({ number }: Invoice) =>
        html`<a href="/billing/${encodeURIComponent(number)}/document" aria-label="${say('download')} ${number}"><span aria-hidden="true">↓</span><span class="wide">${say('download')}</span></a>`,
    },
  }
  const { card } = billing
  const paidWith = card
    ? filled(say('card'), { brand: card.brand, last4: card.last4, until: card.expires })
    : say('noCard')
  const field = (action: string, name: string, label: string, value: string, hint: string) =>
    html`<form method="post" action="${action}">${csrfField(visit)}<label class="hidden" for="${name}">${label}</label>
      <p class="soft hint" id="${name}-hint">${hint}</p>
      <input id="${name}" name="${name}" maxlength="80" autocomplete="off" value="${value}" aria-describedby="${name}-hint"${name === 'contact' ? raw(' required') : ''} />
      <button class="second">${common(language)('save')}</button></form>`
  return html`<h1>${say('billing')}</h1>${notice(said)}
    ${visit.clinic ? overdueBox(visit.clinic, invoices, language) : ''}
    <section class="card"><h2>${say('invoices')}</h2>${invoiceTable(invoices, language, heads)}
      <p><a href="/billing/export.csv">${say('exportAll')}</a></p></section>
    <div class="columns">
      <section class="card"><h2>${say('payment')}</h2><p>${paidWith}</p>
        <form method="post" action="/billing/card">${csrfField(visit)}<label for="card">${say('otherCard')}</label>
          <select id="card" name="card">${sampleCards.map((one) => html`<option value="${one.last4}"${one.last4 === card?.last4 ? raw(' selected') : ''}>${one.brand} ···· ${one.last4}</option>`)}</select>
          <button class="second">${say('changeCard')}</button></form></section>
      <section class="card"><h2>${say('contact')}</h2>${field('/billing/contact', 'contact', say('contact'), billing.contact, say('contactHint'))}</section>
      <section class="card"><h2>${say('note')}</h2>${field('/billing/note', 'note', say('note'), billing.deliveryNote, say('noteHint'))}</section>
    </div>`
}

export const supportChoices = ['allowed', 'told', 'approve', 'off'] as const

/** The owner's own say over Acme's support: kept here, with everything else that is theirs to decide. */
function supportForm(visit: Visit, support: string): Html {
  const say = words(visit.language)
  return html`<section class="card" id="support"><h2>${say('support')}</h2><p>${say('supportLead')}</p>
    <form method="post" action="/members/support">${csrfField(visit)}
      <label for="support-choice">${say('supportChoice')}</label>
      <select id="support-choice" name="support">${supportChoices.map(
        (one) =>
          html`<option value="${one}"${one === support ? html` selected` : ''}>${say(`support_${one}`)}</option>`,
      )}</select>
      <button class="second">${say('supportSave')}</button></form></section>`
}

export function seatsPage(
  visit: Visit,
  clinic: Clinic,
  members: readonly Member[],
  support: string,
  said?: string,
): Html {
  const { language } = visit
  const say = words(language)
  const used = { used: `${members.length}`, all: `${clinic.seats}` }
  return html`<h1>${say('seats')}</h1>${notice(said)}
    <p class="lead">${filled(say('seatsUsed'), used)}</p>
    <progress max="${clinic.seats}" value="${members.length}" aria-label="${filled(say('seatsUsed'), used)}"></progress>
    <section class="card"><ul class="people">${members.map(
      (
        member,
      ) => html`<li><span><b><bdi>${member.name}</bdi></b><br /><span class="soft">${member.title ?? ''}</span></span>
        ${member.isOwner ? chip('owner', common(language)('owner')) : ''}</li>`,
    )}</ul></section>
    ${supportForm(visit, support)}
    ${inviteForm(visit)}`
}

export function notOwnerPage(clinic: Clinic, owner: Member | undefined, language: Language): Html {
  const say = words(language)
  const names = { clinic: clinic.name, owner: owner?.name ?? common(language)('owner') }
  return html`<section class="card narrow"><h1>${say('notOwner')}</h1><p>${filled(say('notOwnerLead'), names)}</p></section>`
}

export const nowherePage = (language: Language): Html =>
  html`<section class="card narrow"><h1>${words(language)('panel')}</h1><p>${common(language)('noClinic')}</p></section>`
