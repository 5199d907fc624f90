import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Standing, standing } from '../vendor/testing.ts'
import { startWeb } from './web.ts'

let here: Standing
beforeAll(async () => {
  here = await standing(startWeb)
})
afterAll(() => here.close())

test('a person signs in with their own password and sees their own clinic, role and invoices, in their language', async () => {
  const marta = here.browser()
  const answer = await marta.signIn('Marta@clinica-sol.test')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${here.origin}/`])
  const home = await (await marta.ask('/')).text()
  for (const part of ['lang="es"', 'Marta Ruiz', 'Titular', 'Clínica Sol', 'SOL-2026-005']) expect(home).toContain(part)
  for (const [address, text, leadsTo] of [
    ['/plan', 'Ver detalles del plan', 'Su plan incluye'],
    ['/ecosystem/edit', 'Editar ecosistema', 'value="Clínica Sol"'],
  ] as const) {
    expect(home).toMatch(new RegExp(`href="${address}">${text}<`))
    expect(await (await marta.ask(address)).text()).toContain(leadsTo)
  }
  expect(home).not.toContain('NSM-1044')
  expect(home).not.toContain('amparo-banner')
  const cookie = answer.headers.getSetCookie().join()
  for (const part of ['__Host-web=', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(part)
})

test('an ordinary sign-in is recorded as the last one', async () => {
  await here.browser().signIn('leo@clinica-sol.test')
  expect(
    await here.rows(`select now() - last_sign_in_at < '1 minute' as fresh from vendor.person where id = 'per_leo'`),
  ).toEqual([{ fresh: true }])
})

test.each([
  ['a wrong password', 'marta@clinica-sol.test', 'no', 401],
  ['an unknown e-mail', 'nobody@clinica-sol.test', undefined, 401],
  ['no e-mail', '', undefined, 401],
  ['an e-mail with a NUL', 'marta\0@clinica-sol.test', undefined, 401],
  ['an account that is not active', 'arthur@harbour-quay.test', undefined, 403],
] as const)('%s signs nobody in', async (_name, email, password, status) => {
  const someone = here.browser()
  expect((await someone.signIn(email, password)).status).toBe(status)
  expect(someone.jar.size).toBe(0)
})

test('two people on one e-mail are not told apart by a guess', async () => {
  await here.rows(
    `update vendor.person set email = 'frontdesk@harbour-quay.test' where id in ('per_dora', 'per_edith')`,
  )
  expect((await here.browser().signIn('frontdesk@harbour-quay.test')).status).toBe(409)
})

test('without a session every page asks for the sign-in, and programs get a problem', async () => {
  for (const path of ['/', '/plan', '/members', '/invoices', '/profile', '/ecosystem/edit', '/me', '/no-such-page']) {
    const answer = await here.browser().ask(path)
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, `${here.origin}/sign-in`])
  }
  const problem = await here.browser().ask('/me', { headers: { accept: 'application/json' } })
  expect(problem.status).toBe(401)
  expect(problem.headers.get('content-type')).toBe('application/problem+json')
  expect(await problem.json()).toMatchObject({ code: 'sign_in.first', status: 401 })
})

test('someone in two clinics can change between them, and into no other', async () => {
  const grace = here.browser()
  await grace.signIn('grace@northside.test')
  const csrf = await grace.csrf()
  expect(await (await grace.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_northside', role: 'owner' } })
  expect((await grace.post('/switch', { csrf, clinic: 'cli_sol' })).status).toBe(303)
  expect(await (await grace.ask('/me')).json()).toMatchObject({ ecosystem: { id: 'cli_sol', role: 'member' } })
  expect((await grace.post('/switch', { csrf, clinic: 'cli_nandu' })).status).toBe(404)
  expect((await grace.post('/ecosystem', { csrf, name: 'Mine', city: 'Now' })).status).toBe(403)
})

test('an owner edits the clinic, and it is recorded as their own act', async () => {
  const ximena = here.browser()
  await ximena.signIn('ximena@nandu.test')
  const answer = await ximena.post('/ecosystem', { csrf: await ximena.csrf(), name: 'Ñandú Sur', city: 'Puebla' })
  expect(answer.status).toBe(303)
  expect(await here.rows(`select name, city from vendor.clinic where id = 'cli_nandu'`)).toEqual([
    { name: 'Ñandú Sur', city: 'Puebla' },
  ])
  expect(
    await here.rows(`select person_id, acted_by, what from vendor.activity where clinic_id = 'cli_nandu'`),
  ).toEqual([{ person_id: 'per_ximena', acted_by: null, what: 'clinic.edited' }])
})

test('a form is taken only from a page of the same session and from our own origin', async () => {
  const marta = here.browser()
  await marta.signIn('marta@clinica-sol.test')
  const csrf = await marta.csrf()
  const fields = { name: 'Otra', city: 'Otra' }
  const leo = here.browser()
  await leo.signIn('leo@clinica-sol.test')
  const refused = [
    await marta.post('/ecosystem', fields),
    await marta.post('/ecosystem', { ...fields, csrf: 'guess' }),
    await marta.post('/ecosystem', { ...fields, csrf: await leo.csrf() }),
    await marta.post('/ecosystem', { ...fields, csrf }, { origin: 'http://evil.test' }),
    await marta.post('/ecosystem', { ...fields, csrf }, { origin: 'null' }),
    await marta.post('/sign-in', { email: 'leo@clinica-sol.test', password: 'x' }, { origin: 'http://evil.test' }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403])
  expect(await here.rows(`select name from vendor.clinic where id = 'cli_sol'`)).toEqual([{ name: 'Clínica Sol' }])
})

test.each([
  ['too long', { name: 'x'.repeat(81), city: 'Madrid' }, 400],
  ['a control character', { name: 'a\0b', city: 'Madrid' }, 400],
  ['nothing', { name: '  ', city: '' }, 400],
  ['ten times what fits', { name: 'x'.repeat(320_000), city: 'Madrid' }, 413],
])('an edit with %s is refused in words', async (_name, fields, status) => {
  const marta = here.browser()
  await marta.signIn('marta@clinica-sol.test')
  const answer = await marta.post('/ecosystem', { csrf: await marta.csrf(), ...fields })
  expect(answer.status).toBe(status)
})

test('a foreign host name is not served', async () => {
  const status = await new Promise((resolve) =>
    request(`${here.origin}/sign-in`, { headers: { host: 'evil.test' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end(),
  )
  expect(status).toBe(421)
})
