/** The pages that only show. */
import type { Context, Hono } from 'hono'
import { refuse, show } from './answers.ts'
import type { Env, Outside, Visit } from './outside.ts'
import { editPage, homePage, invoicesPage, membersPage, planPage, profilePage } from './pages.ts'
import type { Clinic } from './vendor.ts'
import { type Text, words } from './words.ts'

/** A page for whoever is in a clinic; without one, the sentence of the home page is all there is. */
export function inClinic(c: Context<Env>): { visit: Visit; clinic: Clinic } | undefined {
  const visit = c.get('visit')
  return visit?.clinic ? { visit, clinic: visit.clinic } : undefined
}

const said = (c: Context<Env>, visit: Visit, known: readonly Text[]): string | undefined => {
  const text = known.find((each) => each === c.req.query('said'))
  return text === undefined ? undefined : words(visit.language)(text)
}

export function readingRoutes(app: Hono<Env>, outside: Outside): void {
  const { vendor, company } = outside
  app.get('/', async (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    const id = visit.clinic?.id ?? ''
    const [members, invoices, activity] = await Promise.all([
      vendor.membersOf(id),
      vendor.invoicesOf(id),
      vendor.activityOf(id),
    ])
    const content = homePage(visit, { members, invoices, activity, company }, said(c, visit, ['saved']))
    return show(c, outside, words(visit.language)('home'), content, '/')
  })
  app.get('/plan', (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    return show(c, outside, words(here.visit.language)('plan'), planPage(here.clinic, here.visit.language))
  })
  app.get('/ecosystem/edit', (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    return show(c, outside, words(here.visit.language)('edit'), editPage(here.visit, here.clinic))
  })
  app.get('/members', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const members = await vendor.membersOf(here.clinic.id)
    const content = membersPage(here.visit, members, said(c, here.visit, ['invited']))
    return show(c, outside, words(here.visit.language)('members'), content, '/members')
  })
  app.get('/invoices', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const content = invoicesPage(await vendor.invoicesOf(here.clinic.id), here.visit.language)
    return show(c, outside, words(here.visit.language)('invoices'), content, '/invoices')
  })
  app.get('/profile', (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    return show(c, outside, words(visit.language)('profile'), profilePage(visit, said(c, visit, ['saved'])), '/profile')
  })
  app.get('/me', (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    const { person, clinic, assisted } = visit
    return c.json({
      user: { id: person.id, name: person.name, email: person.email },
      ecosystem: clinic ? { id: clinic.id, name: clinic.name, role: clinic.isOwner ? 'owner' : 'member' } : null,
      assistedBy: assisted ? { ...assisted.agent, powers: assisted.powers } : null,
    })
  })
}
