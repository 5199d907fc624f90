/** The pages of the Store and what can be changed there. Under assistance the table of acts has been asked first. */
import type { Context, Hono } from 'hono'
import { doerOf, inClinic, meAsJson, refuse, saidIn, show } from '../vendor/answers.ts'
import { form } from '../vendor/arrival.ts'
import { line } from '../vendor/fields.ts'
import type { Env, Html, Outside, Visit } from '../vendor/outside.ts'
import type { Clinic, Invoice } from '../vendor/records.ts'
import { words as common } from '../vendor/words.ts'
import {
  billingPage,
  notOwnerPage,
  nowherePage,
  orderPage,
  ordersPage,
  panelPage,
  planPage,
  seatsPage,
  supportChoices,
} from './pages.ts'
import { sampleCards, storeRecords } from './records.ts'
import { words } from './words.ts'

interface Owner {
  readonly visit: Visit
  readonly clinic: Clinic
}
interface Shown {
  readonly title: string
  readonly content: Html
  readonly here: string
}

export function storeRoutes(app: Hono<Env>, outside: Outside): void {
  const { records, publicOrigin } = outside
  const store = storeRecords(records)

  /** A page for the owner; everybody else is told whose it is. */
  const ownersPage = (path: string, draw: (c: Context<Env>, owner: Owner) => Promise<Shown | undefined>) =>
    app.get(path, async (c) => {
      const visit = c.get('visit')
      if (!visit) return refuse(c, outside, 'sign_in.first')
      const { clinic, language } = visit
      if (!clinic) return show(c, outside, { title: words(language)('panel') }, nowherePage(language))
      if (!clinic.isOwner) {
        const [owner] = await records.membersOf(clinic.id)
        return show(c, outside, { title: words(language)('notOwner') }, notOwnerPage(clinic, owner, language))
      }
      const shown = await draw(c, { visit, clinic })
      if (!shown) return refuse(c, outside, 'order.unknown')
      return show(c, outside, { title: shown.title, here: shown.here }, shown.content)
    })

  ownersPage('/', async (_c, { visit, clinic }) => {
    const [invoices, purchases, members, activity] = await Promise.all([
      records.invoicesOf(clinic.id),
      store.purchasesOf(clinic),
      records.membersOf(clinic.id),
      records.activityOf(clinic.id),
    ])
    const parts = { invoices, purchases, members, activity, company: outside.company }
    return { title: words(visit.language)('panel'), content: panelPage(visit, clinic, parts), here: '/' }
  })
  ownersPage('/plan', async (_c, { visit, clinic }) => ({
    title: words(visit.language)('plan'),
    content: planPage(visit, clinic),
    here: '/plan',
  }))
  ownersPage('/orders', async (c, { visit, clinic }) => {
    const said = saidIn(c, visit.language, ['ordered'])
    const content = ordersPage(await store.purchasesOf(clinic), visit.language, said)
    return { title: words(visit.language)('orders'), content, here: '/orders' }
  })
  ownersPage('/orders/:number', async (c, { visit, clinic }) => {
    const purchase = (await store.purchasesOf(clinic)).find(({ number }) => number === c.req.param('number'))
    if (!purchase) return undefined
    const title = `${words(visit.language)('order')} ${purchase.number}`
    return { title, content: orderPage(visit, clinic, purchase, await store.billingOf(clinic)), here: '/orders' }
  })
  ownersPage('/billing', async (c, { visit, clinic }) => {
    const [invoices, billing] = await Promise.all([records.invoicesOf(clinic.id), store.billingOf(clinic)])
    const content = billingPage(visit, invoices, billing, saidIn(c, visit.language, ['saved']))
    return { title: words(visit.language)('billing'), content, here: '/billing' }
  })
  ownersPage('/members', async (c, { visit, clinic }) => {
    const said = saidIn(c, visit.language, ['invited', 'saved'])
    const support = await store.supportOf(clinic)
    const content = seatsPage(visit, clinic, await records.membersOf(clinic.id), support, said)
    return { title: words(visit.language)('seats'), content, here: '/members' }
  })
  app.get('/me', (c) => meAsJson(c, outside))

  // ── Everyday changes ──────────────────────────────────────────────────────────────────────────────────────────────

  const saving = (path: string, field: string, save: typeof store.setContact, empty: '' | undefined) =>
    app.post(path, async (c) => {
      const here = inClinic(c)
      if (!here) return refuse(c, outside, 'clinic.unknown')
      const given = (await form(c)).get(field)
      const value = given?.trim() === '' ? empty : line(given)
      if (value === undefined) return refuse(c, outside, 'request.invalid')
      const saved = await save(here.clinic, doerOf(here.visit), value)
      return saved ? c.redirect(`${publicOrigin}/billing?said=saved`, 303) : refuse(c, outside, 'clinic.not_yours')
    })
  saving('/billing/contact', 'contact', store.setContact, undefined)
  saving('/billing/note', 'note', store.setNote, '')
  app.post('/orders/:number/again', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const ordered = await store.orderAgain(here.clinic, doerOf(here.visit), c.req.param('number'))
    return ordered ? c.redirect(`${publicOrigin}/orders?said=ordered`, 303) : refuse(c, outside, 'clinic.not_yours')
  })

  // ── What only the owner does, and no agent without their yes to this very thing ───────────────────────────────────────────────────────────────────

  app.post('/billing/card', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const wanted = (await form(c)).get('card')
    const chosen = sampleCards.find(({ last4 }) => last4 === wanted)
    if (!chosen) return refuse(c, outside, 'request.invalid')
    const saved = await store.setCard(here.clinic, doerOf(here.visit), JSON.stringify(chosen))
    return saved ? c.redirect(`${publicOrigin}/billing?said=saved`, 303) : refuse(c, outside, 'clinic.not_yours')
  })
  app.post('/members/support', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const wanted = (await form(c)).get('support')
    const chosen = supportChoices.find((one) => one === wanted)
    if (!chosen) return refuse(c, outside, 'request.invalid')
    const saved = await store.setSupport(here.clinic, doerOf(here.visit), chosen)
    return saved ? c.redirect(`${publicOrigin}/members?said=saved`, 303) : refuse(c, outside, 'clinic.not_yours')
  })
  app.post('/plan/cancellation', (c) => refuse(c, outside, 'demo.no_money'))
  app.get('/billing/export.csv', async (c) => {
    const here = inClinic(c)
    if (!here?.clinic.isOwner) return refuse(c, outside, 'clinic.not_yours')
    return download(c, 'invoices.csv', (await records.invoicesOf(here.clinic.id)).map(asRow).join('\r\n'))
  })
  app.get('/billing/:number/document', async (c) => {
    const here = inClinic(c)
    if (!here?.clinic.isOwner) return refuse(c, outside, 'clinic.not_yours')
    const invoice = (await records.invoicesOf(here.clinic.id)).find(({ number }) => number === c.req.param('number'))
    if (!invoice) return refuse(c, outside, 'order.unknown')
    const lines = [common(here.visit.language)(invoice.state), here.clinic.name, asRow(invoice)]
    return download(c, 'invoice.txt', lines.join('\n'))
  })
}

const asRow = ({ number, issuedOn, amount, currency, state }: Invoice): string =>
  [number, issuedOn, amount.toFixed(2), currency, state].join(',')

const download = (c: Context<Env>, name: string, text: string) =>
  c.body(text, 200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  })
