import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Standing, standing } from '../vendor/testing.ts'
import { startStore } from './store.ts'

let here: Standing
beforeAll(async () => {
  here = await standing(startStore)
})
afterAll(() => here.close())

async function signedIn(email: string) {
  const someone = here.browser()
  await someone.signIn(email)
  return someone
}
const textOf = async (answer: Response) => (await answer.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('an owner lands on the owner’s panel: plan, what is to pay, the last order, seats, what was done', async () => {
  const panel = await textOf(await (await signedIn('marta@clinica-sol.test')).ask('/'))
  for (const part of ['Marta Ruiz', 'Titular', 'Clínica Sol', 'Plus', '189,00', 'A-10418', 'En camino', '4 libres'])
    expect(panel).toContain(part)
})

test.each([
  ['/plan', ['Plan: Plus', 'Video visits', 'Cancel the plan']],
  ['/orders', ['A-10409', 'Being prepared', '3 × Camera kit for video visits']],
  ['/orders/A-10409', ['Order A-10409', '$447.00', 'Suite 410', 'Order again']],
  ['/billing', ['NSM-1044', '$312.50', 'To pay', 'Mastercard ending in 4444']],
  ['/members', ['4 of 12 seats used', 'Priya Nair', 'Owner']],
])('%s shows the owner what it is for', async (path, parts) => {
  const text = await textOf(await (await signedIn('grace@northside.test')).ask(path))
  for (const part of parts) expect(text).toContain(part)
})

test('whoever does not own it is told who does, and sees no bill, order or card', async () => {
  const leo = await signedIn('leo@clinica-sol.test')
  for (const path of ['/', '/plan', '/orders', '/orders/A-10418', '/billing', '/members']) {
    const text = await textOf(await leo.ask(path))
    expect(text).toContain('Marta Ruiz se ocupa del plan')
    expect(text).not.toMatch(/SOL-2026|A-10418|4242/)
  }
  for (const path of ['/billing/export.csv', '/billing/SOL-2026-005/document'])
    expect((await leo.ask(path)).status).toBe(403)
  const csrf = (await leo.csrf('/')) || 'none'
  expect((await leo.post('/billing/contact', { csrf, contact: 'Leo' })).status).toBe(403)
})

test('a suspended ecosystem is told what is overdue first, and orders nothing', async () => {
  const pilar = await signedIn('pilar@lumbre.test')
  const panel = await textOf(await pilar.ask('/'))
  expect(panel).toMatch(/5697,00\sMXN vencidos|5,697\.00\sMXN vencidos|5697,00.MXN vencidos/)
  expect(panel).toContain('El ecosistema está suspendido')
  expect(await textOf(await pilar.ask('/orders/A-10088'))).not.toContain('Repetir pedido')
  const again = await pilar.post('/orders/A-10088/again', { csrf: await pilar.csrf('/billing') })
  expect(again.status).toBe(403)
})

test('an owner’s changes are theirs: contact, note, an order again', async () => {
  const lukasz = await signedIn('lukasz@wisniewski.test')
  const csrf = await lukasz.csrf('/billing')
  expect((await lukasz.post('/billing/contact', { csrf, contact: 'Zofia Żak' })).status).toBe(303)
  expect((await lukasz.post('/billing/note', { csrf, note: '' })).status).toBe(303)
  expect((await lukasz.post('/billing/contact', { csrf, contact: ' ' })).status).toBe(400)
  expect((await lukasz.post('/orders/A-10402/again', { csrf })).headers.get('location')).toContain('said=ordered')
  expect((await lukasz.post('/orders/A-10418/again', { csrf })).status).toBe(403)
  expect(
    await here.rows(`select acted_by, what from vendor.activity where clinic_id = 'cli_wisniewski' order by id`),
  ).toEqual(['billing.contact', 'billing.note', 'order.again'].map((what) => ({ acted_by: null, what })))
  expect(await textOf(await lukasz.ask('/orders'))).toContain('Being prepared')
})

test('an owner decides who may help in their practice, and nobody else does', async () => {
  const access = async () =>
    (await here.rows(`select support_access from amparo_core.ecosystems where ecosystem_id = 'cli_sol'`))[0]
  const marta = await signedIn('marta@clinica-sol.test')
  const csrf = await marta.csrf('/members')
  for (const support of ['off', 'approve', 'told']) {
    expect((await marta.post('/members/support', { csrf, support })).headers.get('location')).toMatch(/said=saved/)
    expect(await access()).toEqual({ support_access: support })
    expect(await (await marta.ask('/members')).text()).toMatch(new RegExp(`value="${support}" selected`))
  }
  for (const support of ['', 'everybody'])
    expect((await marta.post('/members/support', { csrf, support })).status).toBe(400)
  const leo = await signedIn('leo@clinica-sol.test')
  const his = (await leo.csrf('/')) || (await leo.csrf())
  expect((await leo.post('/members/support', { csrf: his, support: 'allowed' })).status).toBe(403)
  expect(await access()).toEqual({ support_access: 'told' })
  await marta.post('/members/support', { csrf, support: 'allowed' })
  expect(await access()).toEqual({ support_access: null })
})

test('an owner downloads, exports and pays with another of the sample cards; no other card is taken, and no plan ends', async () => {
  const marta = await signedIn('marta@clinica-sol.test')
  const table = await marta.ask('/billing/export.csv')
  expect(await table.text()).toContain('SOL-2026-005,2026-09-01,189.00,EUR,open')
  expect(table.headers.get('content-disposition')).toContain('attachment')
  expect(await (await marta.ask('/billing/SOL-2026-005/document')).text()).toContain('Clínica Sol')
  expect((await marta.ask('/billing/NSM-1044/document')).status).toBe(404)
  const csrf = await marta.csrf('/billing')
  for (const card of [{}, { card: '4111111111111111' }])
    expect((await marta.post('/billing/card', { csrf, ...card })).headers.get('amparo-refusal')).toBe('request.invalid')
  expect((await marta.post('/billing/card', { csrf, card: '4444' })).status).toBeLessThan(400)
  expect(await textOf(await marta.ask('/billing'))).toContain('Mastercard terminada en 4444')
  expect((await marta.post('/plan/cancellation', { csrf })).headers.get('amparo-refusal')).toBe('demo.no_money')
})

test('nobody in an ecosystem of nobody gets a page that fails', async () => {
  const sam = await signedIn('sam@nowhere.test')
  expect(await textOf(await sam.ask('/'))).toContain('You are not in an ecosystem yet')
})
