/** What can be changed. Under assistance the table of acts has been asked first, and what is written names the agent. */
import { sameSecret } from '@amparo/relying-party/secrets'
import type { Hono } from 'hono'
import { doerOf, inClinic, refuse } from '../vendor/answers.ts'
import { form } from '../vendor/arrival.ts'
import { emailIn, line } from '../vendor/fields.ts'
import type { Env, Outside } from '../vendor/outside.ts'
import { doing } from '../vendor/records.ts'

const editClinic = `
  with edited as (
    update vendor.clinic set name = $5, city = $6
     where id = $1 and owner_id = $2 and suspended_at is null returning id
  )
  insert into vendor.activity (clinic_id, person_id, acted_by, acted_by_name, what)
  select id, $2, $3, $4, 'clinic.edited' from edited`

/** Never under assistance, so it is always the person's own act. */
const changeEmail = `
  with changed as (
    update vendor.person set email = $3, email_changed_at = now() where id = $2 returning id
  )
  insert into vendor.activity (clinic_id, person_id, what) select $1, id, 'email.changed' from changed`

export function changingRoutes(app: Hono<Env>, outside: Outside): void {
  const { records, publicOrigin } = outside
  app.post('/ecosystem', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const fields = await form(c)
    const [name, city] = [line(fields.get('name')), line(fields.get('city'))]
    if (name === undefined || city === undefined) return refuse(c, outside, 'request.invalid')
    const edited = await records.happened(editClinic, ...doing(here.clinic.id, doerOf(here.visit)), name, city)
    return edited ? c.redirect(`${publicOrigin}/?said=saved`, 303) : refuse(c, outside, 'clinic.not_yours')
  })
  app.post('/profile/email', async (c) => {
    const here = inClinic(c)
    if (!here) return refuse(c, outside, 'clinic.unknown')
    const fields = await form(c)
    const email = emailIn(fields.get('email'))
    if (email === undefined) return refuse(c, outside, 'request.invalid')
    const right = sameSecret(fields.get('password') ?? undefined, outside.userPassword(here.visit.person.email))
    if (!right) return refuse(c, outside, 'password.wrong')
    await records.happened(changeEmail, here.clinic.id, here.visit.person.id, email)
    return c.redirect(`${publicOrigin}/profile?said=saved`, 303)
  })
  app.post('/profile/password', (c) => refuse(c, outside, 'password.fixed'))
}
