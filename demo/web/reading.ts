/** The pages that only show. */
import type { Hono } from 'hono'
import { inClinic, meAsJson, refuse, saidIn, show } from '../vendor/answers.ts'
import type { Env, Outside } from '../vendor/outside.ts'
import { editPage, homePage, invoicesPage, membersPage, planPage, profilePage } from './pages.ts'
import { words } from './words.ts'

export function readingRoutes(app: Hono<Env>, outside: Outside): void {
  const { records, company } = outside
  app.get('/', async (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    const id = visit.clinic?.id ?? ''
    const [members, invoices, activity] = await Promise.all([
      records.membersOf(id),
      records.invoicesOf(id),
      records.activityOf(id),
    ])
    const content = homePage(visit, { members, invoices, activity, company }, saidIn(c, visit.language, ['saved']))
    return show(c, outside, { title: words(visit.language)('home'), here: '/' }, content)
  })
  app.get('/plan', (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    return show(c, outside, { title: words(here.visit.language)('plan') }, planPage(here.clinic, here.visit.language))
  })
  app.get('/ecosystem/edit', (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    return show(c, outside, { title: words(here.visit.language)('edit') }, editPage(here.visit, here.clinic))
  })
  app.get('/members', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const members = await records.membersOf(here.clinic.id)
    const content = membersPage(here.visit, members, saidIn(c, here.visit.language, ['invited']))
    return show(c, outside, { title: words(here.visit.language)('members'), here: '/members' }, content)
  })
  app.get('/invoices', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const content = invoicesPage(await records.invoicesOf(here.clinic.id), here.visit.language)
    return show(c, outside, { title: words(here.visit.language)('invoices'), here: '/invoices' }, content)
  })
  app.get('/profile', (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    const title = words(visit.language)('profile')
    return show(c, outside, { title, here: '/profile' }, profilePage(visit, saidIn(c, visit.language, ['saved'])))
  })
  app.get('/me', (c) => meAsJson(c, outside))
}
