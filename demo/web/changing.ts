/** What can be changed. Under assistance `guard` has asked first, and what is written names the agent. */
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Hono } from 'hono'
import { deleteCookie, getCookie } from 'hono/cookie'
import { refuse } from './answers.ts'
import { form } from './arrival.ts'
import { emailIn, line } from './fields.ts'
import { cookieOptions, ordinaryCookie } from './ordinary.ts'
import type { Env, Outside } from './outside.ts'
import { inClinic } from './reading.ts'

/** Everyone who comes this far may do it: `guard` has asked. */
export function changingRoutes(app: Hono<Env>, outside: Outside): void {
  const { vendor, publicOrigin } = outside
  app.post('/ecosystem', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const fields = await form(c)
    const [name, city] = [line(fields.get('name')), line(fields.get('city'))]
    if (name === undefined || city === undefined) return refuse(c, outside, 'request.invalid')
    const doer = { personId: here.visit.person.id, agent: here.visit.assisted?.agent ?? null }
    const edited = await vendor.editClinic(here.clinic.id, doer, { name, city })
    return edited ? c.redirect(`${publicOrigin}/?said=saved`, 303) : refuse(c, outside, 'clinic.not_yours')
  })
  app.post('/members/invite', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    if (emailIn((await form(c)).get('email')) === undefined) return refuse(c, outside, 'request.invalid')
    await vendor.note(here.clinic.id, { personId: here.visit.person.id, agent: null }, 'member.invited')
    return c.redirect(`${publicOrigin}/members?said=invited`, 303)
  })
  app.post('/profile/email', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const fields = await form(c)
    const email = emailIn(fields.get('email'))
    if (email === undefined) return refuse(c, outside, 'request.invalid')
    const right = sameSecret(fields.get('password') ?? undefined, outside.userPassword(here.visit.person.email))
    if (!right) return refuse(c, outside, 'password.wrong')
    await vendor.changeEmail(here.clinic.id, here.visit.person.id, email)
    return c.redirect(`${publicOrigin}/profile?said=saved`, 303)
  })
  app.post('/profile/password', (c) => refuse(c, outside, 'password.fixed'))
  app.post('/switch', async (c) => {
    const visit = c.get('visit')
    const session = outside.ordinary.find(getCookie(c, ordinaryCookie))
    const wanted = (await form(c)).get('clinic')
    const chosen = visit?.clinics.find(({ id }) => id === wanted)
    if (!session || !chosen) return refuse(c, outside, 'clinic.unknown')
    session.clinicId = chosen.id
    return c.redirect(`${publicOrigin}/`, 303)
  })
  app.post('/sign-out', (c) => {
    outside.ordinary.close(getCookie(c, ordinaryCookie))
    deleteCookie(c, ordinaryCookie, cookieOptions)
    return c.redirect(`${publicOrigin}/sign-in`, 303)
  })
}
