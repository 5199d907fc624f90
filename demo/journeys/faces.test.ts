/** People on the screens: who has which buttons, landlines, refusing and reporting, stops, and what the header always says. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import type { Cast } from '../screens/cast.ts'
import { faces } from '../screens/face.ts'
import { phone } from './chromium.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { atBest, Browser as Phone, type Stage, until } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let browser: Browser
let cast: Cast
let play: Play

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ fresh, stage, browser, cast, play } = own)
  return own.close
}, 90_000)

const patience = 90_000
const grace = 'grace@northside.test'
const header = (page: Page) => page.getByRole('region', { name: 'This assistance' })
const closed = (page: Page) => page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()

/** The user's own phone; without JavaScript where that is what they have. */
async function handset(link: string, javaScriptEnabled = true): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({ ...phone, locale: 'en-GB', javaScriptEnabled })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  await page.goto(`${link}?lang=en`)
  return [context, page]
}

/** What the agent does up to what they ask for, each click counted; typing and keys in a field are none. */
async function begun(page: Page, agent: string, user: string, click: (what: string) => Promise<void>): Promise<void> {
  await page.getByRole('main').getByLabel('User email').fill(user)
  await page.getByLabel('Reason', { exact: true }).selectOption('fault')
  const own = await cast.letterAfter(`${agent}@acme.test`, () => click('Start Verification Process'))
  await page.getByRole('textbox', { name: 'Your code' }).fill(own.codes[0] ?? '')
  await click('Continue')
  await page.getByRole('button', { name: 'Send the message' }).waitFor()
}

test(
  'an owner of one ecosystem who is a member of another: three buttons here, two there, by choosing; and from Start to inside in at most 13 clicks',
  async () => {
    const page = await cast.atDesk('ben', '/assist')
    let clicks = 0
    const click = async (name: string) => {
      clicks += 1
      await page.getByRole('button', { name, exact: true }).click()
    }
    await begun(page, 'ben', grace, click)
    const opens = () => page.locator('.choices').first().getByRole('checkbox').count()
    for (const [ecosystem, buttons] of [
      ['Northside Medical', 3],
      ['Clínica Sol', 2],
    ] as const) {
      clicks += 1
      await page.getByRole('radio', { name: new RegExp(ecosystem) }).check()
      await until(opens, (count) => count === buttons, `${buttons} products`)
    }
    const letter = await cast.letterAfter(grace, () => click('Send the message'))
    await page.getByRole('textbox', { name: /^The user.s code$/ }).fill(letter.codes[0] ?? '')
    await click('Confirm the code')
    const open = page.getByRole('button', { name: /^Open / })
    await open.first().waitFor()
    expect((await open.allInnerTexts()).map((text) => text.split('\n')[0])).toEqual(['Open Web', 'Open App'])
    const [web] = await Promise.all([page.waitForEvent('popup'), click('Open Web')])
    await web.waitForURL(play.webHome)
    expect(clicks).toBeLessThanOrEqual(13)
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const third = await play.scriptOf('ben').call('POST', `/assistances/${id}/launches`, { surface: 'store' })
    expect([third.status, third.body.code]).toEqual([403, 'surface.not_offered'])
    await page.getByRole('button', { name: 'End now' }).click()
    await closed(page)
    for (const one of [web, page]) await one.close()
  },
  patience,
)

test(
  'a user on a landline: consent and more time by codes read aloud, the page never opened',
  async () => {
    const page = await cast.atDesk('ben', '/assist')
    const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
    const ramon = 'ramon@clinica-sol.test'
    await begun(page, 'ben', ramon, click)
    await page.getByText('••• 0005, calls only').waitFor()
    await page.getByText('Their phone takes calls only').waitFor()
    const letter = await cast.letterAfter(ramon, () => click('Send the message'))
    expect(letter.channel).toBe('email')
    await page.getByRole('textbox', { name: /^The user.s code$/ }).fill(letter.codes[0] ?? '')
    await click('Confirm the code')
    await page.getByRole('heading', { level: 1, name: 'Help Ramón Casas' }).waitFor()

    await cast.advance(13 * 60_000 + 5_000)
    await page.reload()
    await page.getByText(/Ramón Casas has been quiet for 13 minutes. Press “Ask if still there”/).waitFor()
    const asking = await cast.letterAfter(ramon, () => click('Ask if still there'))
    await page.getByRole('textbox', { name: 'Presence code' }).fill(asking.codes[0] ?? '')
    await click('Confirm presence')
    await page.getByText('The user is there. The 15 minutes have started again.').waitFor()
    await until(
      () => header(page).getByRole('timer').innerText(),
      (text) => /1[45]:\d\d/.test(text),
      'fifteen minutes',
    )
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const { body } = await play.scriptOf('ben').call('GET', `/assistances/${id}`)
    expect(body).toMatchObject({ consentedBy: 'read_aloud', state: 'active' })
    expect(body.page?.openedAt).toBeUndefined()
    await click('End now')
    await closed(page)
    await page.close()
  },
  patience,
)

test(
  'without JavaScript a user reports what they did not ask for: the agent is out, is told so, and cannot ask this person again for a while',
  async () => {
    const leo = 'leo@clinica-sol.test'
    const { id, link } = await play.active(play.scriptOf('dev01'), leo, 'cli_sol')
    const page = await cast.atDesk('dev01', `/assist/${id}`)
    await page.getByRole('heading', { level: 1, name: 'Help Leo Martín' }).waitFor()
    const [context, hers] = await handset(link, false)
    await hers.getByRole('button', { name: 'I did not ask for this' }).click()
    await hers.getByText(/can no longer see your account/).waitFor()
    await closed(page)
    await page.getByText(/did not ask for this/).waitFor()
    expect(await page.getByRole('button', { name: 'Start again' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Help somebody else' }).click()
    await page.getByRole('link', { name: 'Leo Martín' }).waitFor()
    expect(await page.getByRole('button', { name: /^Start again/ }).count()).toBe(0)
    await page.getByRole('main').getByLabel('User email').fill(leo)
    await page.getByLabel('Reason', { exact: true }).selectOption('fault')
    await page.getByRole('button', { name: 'Start Verification Process' }).click()
    await page.getByText(/cannot help this person until/i).waitFor()
    await context.close()
    await page.close()
  },
  patience,
)

test(
  'the user stops while the agent is inside the Store: covered within two seconds, and the user is told once it is so',
  async () => {
    const stopped = async () => {
      const { id, link } = await play.active(play.scriptOf('dev02'), 'marta@clinica-sol.test', 'cli_sol')
      const page = await cast.atDesk('dev02', `/assist/${id}`)
      const open = page.getByRole('button', { name: 'Open User store' })
      const [store] = await Promise.all([page.waitForEvent('popup'), open.click()])
      await store.waitForURL(play.storeHome)
      await store.getByRole('link', { name: 'Pedidos' }).first().click()
      await page.getByText('opened the orders').waitFor()
      const [context, hers] = await handset(link)
      await hers.getByText(/orders/).waitFor()
      await hers.getByRole('button', { name: 'Stop now' }).click()
      const began = performance.now()
      await store.getByText('La ayuda ha terminado').first().waitFor()
      const ms = performance.now() - began
      await hers.locator('.truth.done').getByText('Dev Two can no longer see your account.').waitFor()
      await closed(page)
      expect(await store.locator('body').innerText()).not.toContain('A-10418')
      await store.reload()
      expect(await store.locator('body').innerText()).not.toContain('A-10418')
      await context.close()
      for (const one of [store, page]) await one.close()
      return ms
    }
    expect(await atBest(2_000, stopped)).toBeLessThan(2_000)
  },
  patience,
)

test(
  'nobody leaves by accident: Esc and the first button go on helping; End now closes first and asks why afterwards',
  async () => {
    const agent = play.scriptOf('dev03')
    const { id } = await play.active(agent, 'nuria@clinica-sol.test', 'cli_sol')
    const state = async () => (await agent.call('GET', `/assistances/${id}`)).body
    const page = await cast.atDesk('dev03', `/assist/${id}`)
    const question = page.getByRole('alertdialog', { name: 'Cancel this help?' })
    for (const back of ['Escape', 'button']) {
      await page.getByRole('button', { name: 'Cancel process' }).click()
      await question.waitFor()
      await question.getByRole('button', { name: 'Cancel help' }).click()
      await question.getByText('Choose a reason.').waitFor()
      if (back === 'Escape') await page.keyboard.press(back)
      else await question.getByRole('button', { name: 'Keep helping' }).click()
      await question.waitFor({ state: 'detached' })
      expect((await state()).state).toBe('active')
    }
    await page.getByRole('button', { name: 'End now' }).click()
    await closed(page)
    expect(await state()).toMatchObject({ state: 'closed', because: 'cancelled' })
    expect((await state()).closureReason).toBeUndefined()
    await page.getByRole('radio', { name: 'The user hung up' }).check()
    await page.getByRole('button', { name: 'Save the reason' }).click()
    await page.getByText('Reason given: The user hung up.').waitFor()
    expect((await state()).closureReason).toBe('user_hung_up')
    await page.close()
  },
  patience,
)

test(
  'the number to say first is the same in mail, SMS, page and console, another one the next time, and in no log and no record',
  async () => {
    const numbers = []
    for (const round of [1, 2, 3]) {
      const agent = play.scriptOf('dev04')
      const { id, link, letter, sayFirst } = await play.asked(agent, 'marta@clinica-sol.test', 'cli_sol')
      numbers.push(sayFirst)
      const page = await cast.atDesk('dev04', `/assist/${id}`)
      expect(await page.locator('.say-first').innerText(), `round ${round}`).toBe(sayFirst)
      const [context, hers] = await handset(link)
      expect(await hers.locator('.digits').first().innerText()).toBe(sayFirst)
      const sms = await until(
        () => play.lettersTo('+34600000001'),
        (all) => all[0]?.text.includes(`: ${sayFirst}.`) === true,
        'the SMS',
      )
      expect(letter.text).toMatch(new RegExp(`\\b${sayFirst}\\b`))
      expect(sms[0]?.text).toContain(sayFirst)
      const { body } = await play.scriptOf('adam').call('GET', `/audit/events?q=assistance%3A${id}`)
      // How long it may last is a number of its own, and may be the same by chance.
      for (const { data } of body.items)
        for (const [name, value] of Object.entries(data))
          if (name !== 'lengthMinutes') expect(String(value), name).not.toBe(sayFirst)
      expect(stage.said()).not.toMatch(/"(sayFirst|number)"/)
      await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
      await context.close()
      await page.close()
    }
    // Of three, all the same by chance is one in eight thousand.
    expect(new Set(numbers).size).toBeGreaterThan(1)
  },
  patience,
)

test(
  'on every page of a case the header names agent, user, ecosystem, reason and time; the two codes are never on one screen',
  async () => {
    const page = await cast.atDesk('ana', '/assist')
    const fields = async () =>
      Promise.all(['Your code', 'The user’s code'].map((name) => page.getByRole('textbox', { name }).count()))
    const one = page.locator('.code-field input')
    const asked = () =>
      one.evaluateAll((all) =>
        all.map((field) => [
          field.getAttribute('autocomplete'),
          field.getAttribute('inputmode'),
          field.getAttribute('type') ?? 'text',
          field.hasAttribute('maxlength'),
        ]),
      )
    await page.getByRole('main').getByLabel('User email').fill('siobhan@northside.test')
    await page.getByLabel('Reason', { exact: true }).selectOption('fault')
    await page.getByLabel('One line that the user will read').fill('Cannot see invoices')
    const start = page.getByRole('button', { name: 'Start Verification Process' })
    const own = await cast.letterAfter('ana@acme.test', () => start.click())
    await one.first().waitFor()
    expect(await fields()).toEqual([1, 0])
    expect(await asked()).toEqual([['one-time-code', 'numeric', 'text', false]])
    const says = async (...what: string[]) => {
      const text = await header(page).innerText()
      for (const part of ['You', 'Something does not work', 'Cannot see invoices', 'left', ...what])
        expect(text).toContain(part)
    }
    await says('siobhan@northside.test')
    await one.fill(own.codes[0] ?? '')
    await one.press('Enter')
    const send = page.getByRole('button', { name: 'Send the message' })
    await send.waitFor()
    await says("Siobhán O'Neill", 'Northside Medical', 'Member')
    const letter = await cast.letterAfter('siobhan@northside.test', () => send.click())
    await page.locator('.say-first').waitFor()
    expect(await fields()).toEqual([0, 1])
    expect(new Set((await asked()).map(String))).toEqual(new Set(['one-time-code,numeric,text,false']))
    await says("Siobhán O'Neill", 'Northside Medical')

    const theirs = page.getByRole('textbox', { name: 'The user’s code' })
    await theirs.fill(own.codes[0] ?? '')
    await theirs.press('Enter')
    await page.getByText('That is your own code. Type the one that the user reads to you.').waitFor()
    await theirs.fill(`Your code is ${letter.codes[0]?.slice(0, 3)} ${letter.codes[0]?.slice(3)}.`)
    await theirs.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^Help Siobhán/ }).waitFor()
    await says("Siobhán O'Neill", 'Northside Medical')
    await page.getByRole('button', { name: 'End now' }).click()
    await closed(page)
    expect(await header(page).innerText()).toContain("Siobhán O'Neill")
    await page.close()
  },
  patience,
)

test('after fifteen minutes with every browser shut, the page says that it closed by itself and whom to call', async () => {
  const { link } = await play.active(play.scriptOf('dev06'), 'priya@northside.test', 'cli_northside')
  await cast.advance(15 * 60_000 + 1_000)
  const [context, page] = await handset(link)
  await page.getByText('We closed it because you did nothing for 15 minutes.').waitFor()
  expect(await page.locator('a[href^="tel:"]').count()).toBeGreaterThan(0)
  expect((await page.locator('main').innerText()).toLowerCase()).toContain('call')
  await context.close()
})

/** What has the focus, from the last to the first, and stands under the header all the same. */
const underHeader = `[...document.querySelectorAll('.stage :is(button, input, select, textarea, summary, a)')]
  .filter((one) => one.checkVisibility()).reverse().filter((one) => {
    one.focus()
    return one.getBoundingClientRect().top < document.querySelector('.case-header').getBoundingClientRect().bottom
  }).map(({ textContent, name }) => textContent || name)`

test(
  'on a phone the header of a case takes a third of the screen at most while the user is quiet, and says what that user can do',
  async () => {
    const agent = play.scriptOf('dev06')
    const page = await cast.atDesk('dev06', '/assist')
    await page.setViewportSize({ width: 360, height: 740 })
    const quiet = async (user: string, ecosystem: string, by: 'page' | 'aloud', says: Record<'en' | 'es', string>) => {
      const { id, link, code } = await play.asked(agent, user, ecosystem)
      const proof = by === 'aloud' ? { code } : { match: (await play.tapped(new Phone(), link, 'yes')).body.digits }
      await play.must(agent.call('PUT', `/assistances/${id}/consent`, proof), 200)
      await cast.advance(13 * 60_000 + 5_000)
      await page.goto(`${stage.console}/assist/${id}`)
      const top = page.locator('.case-header')
      for (const language of ['en', 'es'] as const) {
        await faces.console.speak(page, language)
        await top.getByText(says[language]).waitFor()
        expect((await top.boundingBox())?.height, `${by}, ${language}`).toBeLessThanOrEqual(740 / 3)
        expect(await page.evaluate(underHeader), `${by}, ${language}`).toEqual([])
      }
      await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
    }
    await quiet('nuria@clinica-sol.test', 'cli_sol', 'page', {
      en: 'Ask them to tap “I’m still here”',
      es: 'Pídele que toque «Sigo aquí»',
    })
    // Their page has no such button: they agreed by reading a code, and read another one.
    await quiet('priya@northside.test', 'cli_northside', 'aloud', {
      en: 'Press “Ask if still there”',
      es: 'Pulsa «Preguntar si sigue ahí»',
    })
    await page.close()
  },
  patience,
)

/** What stands in the header of a case and is wider than its place there. */
const cutInHeader = `[...document.querySelectorAll('.case-header > *')]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).map(({ className }) => className)`

test(
  'names and reasons as long as directories hold them stick out of no screen, from 320 px to a desk',
  async () => {
    const [who, whose, where] = [
      'María de los Ángeles Wolfeschlegelsteinhausenbergerdorff Gutiérrez',
      'Maximiliano Fernández-Villaverde de la Torre',
      'Instituto Oftalmológico y Centro de Rehabilitación Integral Hermanas Hospitalarias',
    ]
    await fresh.db.query("update vendor.person set name = $1 where email = 'siobhan@northside.test'", [who])
    await fresh.db.query("update vendor.clinic set name = $1 where id = 'cli_northside'", [where])
    await fresh.db.query("update agent set name = $1 where email = 'dev05@acme.test'", [whose])
    const agent = play.scriptOf('dev05')
    const id = await play
      .must(
        agent.call('POST', '/assistances', {
          kind: 'technical',
          userEmail: 'siobhan@northside.test',
          reason: { code: 'fault', line: `Desde el martes no aparecen las facturas: ${'x'.repeat(60)}` },
          ticket: `HELPDESK-${'0'.repeat(50)}`,
        }),
        201,
      )
      .then((made) => String(made.id))
    const page = await cast.atDesk('dev05', `/assist/${id}`)
    const fits = async (one: Page, what: string) => {
      for (const language of one === page ? (['es', 'en'] as const) : (['en'] as const)) {
        if (one === page) await faces.console.speak(page, language)
        for (const width of [320, 360, 390, 900, 1280]) {
          await one.setViewportSize({ width, height: 800 })
          expect(await one.evaluate('document.documentElement.scrollWidth'), `${what} at ${width}`).toBe(width)
          expect(await one.evaluate(cutInHeader), `${what} at ${width}, ${language}`).toEqual([])
        }
      }
    }
    const code = await play.agentCode(agent, id)
    await play.must(agent.call('PUT', `/assistances/${id}/agent-proof`, { method: 'code', code }), 200)
    await page.locator('.cards').first().waitFor()
    await fits(page, 'what to ask for')
    await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_northside' }), 200)
    const letter = await cast.letterAfter('siobhan@northside.test', () =>
      agent.call('POST', `/assistances/${id}/consent-code`, {}),
    )
    await page.locator('.say-first').waitFor()
    await fits(page, 'consent')
    const [context, hers] = await handset(letter.links.find((link) => link.includes('/c/')) ?? '')
    await fits(hers, 'the request')
    await play.must(agent.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] }), 200)
    const open = page.getByRole('button', { name: 'Open Web' })
    const [web] = await Promise.all([page.waitForEvent('popup'), open.click()])
    await web.waitForURL(play.webHome)
    await fits(web, 'the product')
    await hers.getByRole('button', { name: 'Stop now' }).waitFor()
    await fits(hers, 'the help')
    await page.getByText(/Open since/).waitFor()
    await fits(page, 'helping')
    await page.getByRole('button', { name: 'End now' }).click()
    await closed(page)
    await fits(page, 'the end')
    await page.goto(`${stage.console}/mine`)
    await page.getByText(where).waitFor()
    await fits(page, 'my assistances')
    await context.close()
    for (const one of [web, page]) await one.close()
  },
  patience,
)
