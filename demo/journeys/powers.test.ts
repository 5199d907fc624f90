/** One sensitive power, through the whole: asked and refused, asked and granted, in the Store and in the Web. */
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import { ownStage } from './own.ts'
import type { Play, Script } from './script.ts'
import { type Answer, Browser, until } from './stage.ts'

const marta = 'marta@clinica-sol.test'

let fresh: FreshDatabase
let play: Play
let ana: Script
beforeAll(async () => {
  const own = await ownStage()
  ;({ fresh, play } = own)
  ana = play.scriptOf('ana')
  return own.close
}, 120_000)

const csrfOf = (page: Answer) => /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
/** A form of a product, sent as its own page sends it. */
async function press(browser: Browser, home: string, from: string, to: string, fields: Record<string, string>) {
  const page = await browser.ask(new URL(from, home).href)
  const { origin } = new URL(home)
  return browser.form(new URL(to, home).href, { csrf: csrfOf(page), ...fields }, { origin })
}
const card = (browser: Browser) => press(browser, play.storeHome, '/billing', '/billing/card', { card: '4444' })
const invite = (browser: Browser) =>
  press(browser, play.webHome, '/members', '/members/invite', { email: 'nueva@clinica-sol.test' })

async function askedFor(id: string, power: string) {
  const seen = (await play.lettersTo(marta)).length
  await play.must(ana.call('POST', `/assistances/${id}/powers`, { power }), 202)
  return play.newLetter(marta, seen)
}
const sensitive = async (id: string) => (await ana.call('GET', `/assistances/${id}`)).body.sensitive
const names = (rows: readonly { power: string }[]) => rows.map(({ power }) => power)

test('a power is asked for and refused on the page: the product goes on refusing it, and the rest is as it was', async () => {
  const { id, link } = await play.active(ana, marta, 'cli_sol')
  const browser = new Browser()
  expect((await play.launched(ana, id, browser, 'store')).status).toBe(200)
  expect(names((await sensitive(id)).offered).sort()).toEqual(['document', 'export', 'invitations', 'payment_method'])
  expect([(await card(browser)).status, (await browser.ask(`${play.storeHome}billing/export.csv`)).status]).toEqual([
    403, 403,
  ])
  const letter = await askedFor(id, 'payment_method')
  expect(letter.text).toContain('cambiar la forma de pago')
  const phone = new Browser()
  expect((await phone.ask(link)).text).toContain('Ana Robles pide una cosa más')
  expect(await play.tapped(phone, link, 'power-no')).toMatchObject({ status: 200 })
  expect(
    (await ana.call('PUT', `/assistances/${id}/powers/payment_method`, { code: letter.codes[0] })).body,
  ).toMatchObject({ code: 'code.not_sent' })
  expect((await card(browser)).status).toBe(403)
  expect((await browser.ask(`${play.storeHome}billing`)).status).toBe(200)
  expect(names((await sensitive(id)).refused)).toEqual(['payment_method'])
  await play.must(ana.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
})

test('a power is asked for and granted: it holds at once in the open product, for that alone, until it is taken back or help ends', async () => {
  const { id, link } = await play.active(ana, marta, 'cli_sol')
  const browser = new Browser()
  await play.launched(ana, id, browser, 'store')
  const letter = await askedFor(id, 'payment_method')
  await play.must(ana.call('PUT', `/assistances/${id}/powers/payment_method`, { code: letter.codes[0] }), 200)
  expect([(await card(browser)).status, (await browser.ask(`${play.storeHome}billing`)).text]).toEqual([
    303,
    expect.stringContaining('4444'),
  ])
  expect((await browser.ask(`${play.storeHome}billing/export.csv`)).status).toBe(403)
  expect((await browser.ask(`${play.storeHome}billing`)).text).toContain('forma de pago')
  await until(
    async () => (await ana.call('GET', `/assistances/${id}`)).body.acts,
    (acts) => acts.some((act: { what: { en: string } }) => act.what.en === 'changed how is paid'),
  )

  const second = await askedFor(id, 'export')
  await play.must(ana.call('PUT', `/assistances/${id}/powers/export`, { code: second.codes[0] }), 200)
  expect((await browser.ask(`${play.storeHome}billing/export.csv`)).status).toBe(200)
  const phone = new Browser()
  expect((await phone.ask(link)).text).toContain('Usted también permitió')
  expect(await play.tapped(phone, link, 'power-back')).toMatchObject({ status: 200, body: { power: 'export' } })
  expect((await browser.ask(`${play.storeHome}billing/export.csv`)).status).toBe(403)
  expect((await card(browser)).status).toBe(303)
  expect(await play.tapped(phone, link, 'stop')).toMatchObject({ status: 200 })
  expect((await card(browser)).status).toBe(401)
})

test('on the page: two digits in the browser of the yes, typed by the agent, and the Web invites with both names', async () => {
  const ready = await play.asked(ana, marta, 'cli_sol')
  const phone = new Browser()
  const yes = await play.tapped(phone, ready.link, 'yes')
  await play.must(ana.call('PUT', `/assistances/${ready.id}/consent`, { match: yes.body.digits }), 200)
  const browser = new Browser()
  await play.launched(ana, ready.id, browser)
  expect((await invite(browser)).status).toBe(403)
  await askedFor(ready.id, 'invitations')
  expect((await play.tapped(new Browser(), ready.link, 'power-yes')).body).toMatchObject({ code: 'link.elsewhere' })
  const before = (await phone.ask(ready.link)).text
  expect(before.indexOf('pide una cosa más')).toBeLessThan(before.indexOf('Se cierra en'))
  const { body } = await play.tapped(phone, ready.link, 'power-yes')
  // One number is large: the one to read.
  const digits = [...(await phone.ask(ready.link)).text.matchAll(/class="digits">(\d\d)</g)].map(([, two]) => two)
  expect(digits).toEqual([body.digits])
  await play.must(ana.call('PUT', `/assistances/${ready.id}/powers/invitations`, { match: body.digits }), 200)
  expect((await invite(browser)).status).toBe(303)
  const [row] = await fresh.db.query<{ acted_by: string }>(
    `select acted_by_name as acted_by from vendor.activity where what = 'member.invited' order by id desc limit 1`,
  )
  expect(row?.acted_by).toBe('Ana Robles')
})
