/** Somebody's own pages. The same ones are shown to an agent's phone, whose token is asked about at each of them. */
import type { Context, Hono } from 'hono'
import { doerOf, inClinic, meAsJson, refuse, saidIn, show } from '../vendor/answers.ts'
import { form } from '../vendor/arrival.ts'
import { line } from '../vendor/fields.ts'
import type { Env, Html, Outside } from '../vendor/outside.ts'
import { doing } from '../vendor/records.ts'
import { invoicesPage, mePage, type pages, teamPage, todayPage } from './pages.ts'
import { ownPolicy } from './policy.ts'
import { words } from './words.ts'

const changeTitle = `
  with changed as (
    update vendor.seat set title = $5 where clinic_id = $1 and person_id = $2 and active returning clinic_id
  )
  insert into vendor.activity (clinic_id, person_id, acted_by, acted_by_name, what)
  select clinic_id, $2, $3, $4, 'title.changed' from changed`

export function myRoutes(app: Hono<Env>, outside: Outside): void {
  const { records, company } = outside
  const shown = (
    c: Context<Env>,
    here: (typeof pages)[number],
    title: Parameters<ReturnType<typeof words>>[0],
    content: Html,
  ) => {
    c.header('Content-Security-Policy', ownPolicy)
    return show(c, outside, { title: words(c.get('language'))(title), here }, content)
  }

  app.get('/my/', async (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    const id = visit.clinic?.id ?? ''
    const [members, invoices, activity] = await Promise.all([
      records.membersOf(id),
      records.invoicesOf(id),
      records.activityOf(id),
    ])
    return shown(c, '/my/', 'today', todayPage(visit, { members, invoices, activity, company }))
  })
  app.get('/my/team', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const said = saidIn(c, here.visit.language, ['invited'])
    return shown(c, '/my/team', 'team', teamPage(here.visit, await records.membersOf(here.clinic.id), said))
  })
  app.get('/my/invoices', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const invoices = await records.invoicesOf(here.clinic.id)
    return shown(c, '/my/invoices', 'invoices', invoicesPage(invoices, here.visit.language))
  })
  app.get('/my/me', (c) => {
    const visit = c.get('visit')
    if (!visit) return refuse(c, outside, 'sign_in.first')
    return shown(c, '/my/me', 'me', mePage(visit, saidIn(c, visit.language, ['saved'])))
  })
  app.post('/my/title', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const title = line((await form(c)).get('title'))
    if (title === undefined) return refuse(c, outside, 'request.invalid')
    const changed = await records.happened(changeTitle, ...doing(here.clinic.id, doerOf(here.visit)), title)
    return changed ? goTo(c, '/my/me?said=saved') : refuse(c, outside, 'clinic.unknown')
  })
  app.post('/my/phone', (c) => refuse(c, outside, 'phone.fixed'))
  app.get('/me', (c) => meAsJson(c, outside))
}

/** A browser goes there by itself; a phone's script, whose proof is good for one address, is told where. */
function goTo(c: Context<Env>, to: string) {
  if (!c.get('assistance')) return c.redirect(to, 303)
  return c.body(null, 204, { Location: to })
}
