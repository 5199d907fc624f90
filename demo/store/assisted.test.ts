/** The Store under assistance: every act against every power, and what is told of it. */
import { neverUnderAssistance } from '@amparo/relying-party/guards'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Standing, standing } from '../vendor/testing.ts'
import { startStore, store } from './store.ts'

let here: Standing
beforeAll(async () => {
  here = await standing(startStore)
})
afterAll(() => here.close())
beforeEach(() => {
  Object.assign(here.issuer.told, { sub: 'per_marta', ecosystemId: 'cli_sol', powers: 'look' })
})

async function assisted(powers: 'look' | 'act') {
  here.issuer.told.powers = powers
  const ana = here.browser()
  const landed = await ana.launch()
  return { ana, landed, csrf: await ana.csrf('/billing') }
}
const kept = () =>
  here.rows(
    `select contact, delivery_note, card_last4, (select count(*) from vendor.purchase) as orders,
            (select count(*) from vendor.activity where what <> 'assisted.opened') as acts,
            (select support_access from vendor.clinic where id = 'cli_sol') as support from vendor.billing where clinic_id = 'cli_sol'`,
  )

test('a launch lands on the owner’s panel, with both people named, whatever the owner’s own session is', async () => {
  const { landed } = await assisted('look')
  const html = await landed.text()
  for (const part of ['Panel del titular', 'Clínica Sol', 'Ana Robles', 'Marta Ruiz', '<amparo-banner', 'solo lectura'])
    expect(html).toContain(part)
  expect(html).not.toContain('/sign-out')
})

const fields = {
  contact: 'Otra',
  support: 'off',
  note: 'Otra',
  email: 'x@evil.test',
  password: 'x',
  clinic: 'cli_northside',
}
const everyday = ['/billing/contact', '/billing/note', '/orders/A-10377/again'] as const
const never = [
  ['POST', '/billing/card', 'payment_method'],
  ['POST', '/plan/cancellation', 'deletion'],
  ['POST', '/members/invite', 'invitations'],
  ['POST', '/members/support', 'sharing'],
  ['GET', '/billing/export.csv', 'export'],
  ['GET', '/Billing/Export.csv/', 'export'],
  ['GET', '/billing/SOL-2026-005/document', 'document'],
  ['HEAD', '/billing/SOL-2026-005/document', 'document'],
  ['POST', '/sign-in', 'own_sign_in'],
  ['POST', '/switch', 'own_sign_in'],
  ['POST', '/sign-out', 'own_sign_in'],
  ['POST', '/billing', 'undeclared'],
  ['PATCH', '/billing/contact', 'undeclared'],
  ['DELETE', '/orders/A-10418', 'undeclared'],
] as const
const table = [
  ...everyday.map((path) => ['POST', path, 'look', 'change'] as const),
  ...everyday.map((path) => ['POST', path, 'act', 'done'] as const),
  ...never.flatMap(([method, path, act]) => [
    [method, path, 'look', act] as const,
    [method, path, 'act', act] as const,
  ]),
]
test.each(table)('%s %s with the power %s: %s', async (method, path, powers, expected) => {
  const { ana, csrf } = await assisted(powers)
  const before = await kept()
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: new URLSearchParams({ ...fields, csrf }) }
  const headers = { origin: here.origin, accept: 'application/json' }
  const answer = await ana.ask(path, { method, ...body, headers })
  if (expected === 'done') {
    expect(answer.status).toBe(303)
    return
  }
  expect([answer.status, answer.headers.get('amparo-refusal')]).toEqual([403, 'power.not_granted'])
  if (method !== 'HEAD') expect(await answer.json()).toMatchObject({ code: 'power.not_granted', act: expected })
  expect(await kept()).toEqual(before)
})

test('every page of the Store says in words what was opened, and every change what was done', () => {
  const wordless = Object.entries(store.acts).filter(
    ([, row]) => typeof row === 'string' && !neverUnderAssistance.some((act) => act === row),
  )
  expect(wordless).toEqual([])
})

test('what an agent changes carries the agent by name, and is no sign-in of the owner', async () => {
  Object.assign(here.issuer.told, { sub: 'per_ximena', ecosystemId: 'cli_nandu' })
  const seen = `select last_sign_in_at from vendor.person where id = 'per_ximena'`
  const before = await here.rows(seen)
  const { ana, csrf } = await assisted('act')
  expect((await ana.post('/billing/note', { csrf, note: 'Tocar dos veces' })).status).toBe(303)
  await ana.post('/assisted/end', { csrf })
  expect(
    await here.rows(
      `select acted_by, acted_by_name, what from vendor.activity where clinic_id = 'cli_nandu' order by id`,
    ),
  ).toEqual(
    ['assisted.opened', 'billing.note'].map((what) => ({ acted_by: 'ag_ana', acted_by_name: 'Ana Robles', what })),
  )
  expect(await here.rows(seen)).toEqual(before)
  const hers = here.issuer.reported.filter(({ token }) => token === `at-${here.issuer.sid()}`)
  const told = hers.flatMap(({ acts }) => acts.map(({ what }) => what.es))
  expect(told).toEqual(['abrió el panel del titular', 'abrió la facturación', 'cambió la nota de entrega'])
  expect(hers.at(-1)?.count).toBe(3)
})
