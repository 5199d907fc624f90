/** What is typed into the console: codes in every spelling, codes that are too old, addresses of nobody; and a browser too old for it. */
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Cast } from '../screens/cast.ts'
import { desk, phone } from './chromium.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { type Stage, until } from './stage.ts'

let stage: Stage
let browser: Browser
let cast: Cast
let play: Play
beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ stage, browser, cast, play } = own)
  return own.close
}, 90_000)

const patience = 120_000
const own = (page: Page) => page.getByRole('textbox', { name: 'Your code' })
const wrong = (page: Page) => page.locator('.mantine-InputWrapper-error')

/** Out of the clipboard, as people paste. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('ControlOrMeta+V')
}

test(
  'a code pasted in any spelling is taken as it is, leading zeros stay, and the field is one stop of Tab',
  async () => {
    const ben = play.scriptOf('ben')
    const page = await cast.atDesk('ben', '/assist')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const spellings = [
      (one: string, two: string) => `${one}${two}`,
      (one: string, two: string) => `${one} ${two}`,
      (one: string, two: string) => `${one}-${two}`,
      (one: string, two: string) => ` ${one} ${two}\n`,
      (one: string, two: string) => `Your code is ${one} ${two}.`,
    ]
    for (const [at, spelt] of spellings.entries()) {
      const id = await play.opened(ben, 'leo@clinica-sol.test')
      const code = await play.agentCode(ben, id)
      await page.goto(`${stage.console}/assist/${id}`)
      await own(page).focus()
      if (at === 0) {
        // Six digits, and not four that are too few: the code is another one, and nothing else is wrong with it.
        await paste(page, '004 201')
        expect(await own(page).inputValue()).toBe('004 201')
        await page.keyboard.press('Enter')
        await wrong(page)
          .getByText(/^That code is not right/)
          .waitFor()
        expect(await page.locator('.code-form').locator('input, [tabindex="0"]').count()).toBe(1)
        await own(page).focus()
        await page.keyboard.press('Tab')
        expect(await page.evaluate('document.activeElement.textContent')).toBe('Continue')
        await page.keyboard.press('Shift+Tab')
        expect(await page.evaluate('document.activeElement.getAttribute("autocomplete")')).toBe('one-time-code')
      }
      await own(page).fill('')
      await paste(page, spelt(code.slice(0, 3), code.slice(3)))
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'What will you ask Leo Martín for?' }).waitFor()
      await play.must(ben.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
    }
    await page.close()
  },
  patience,
)

test(
  'a code that is too old is told as that, and nothing is sent by itself',
  async () => {
    const cleo = play.scriptOf('dev01')
    const id = await play.opened(cleo, 'leo@clinica-sol.test')
    const first = await play.agentCode(cleo, id)
    await play.advance(10 * 60_000 + 1_000)
    const sent = (await play.lettersTo(cleo.email)).length
    const page = await cast.atDesk('dev01', `/assist/${id}`)
    await own(page).fill(first)
    await own(page).press('Enter')
    await wrong(page).getByText('That code is no longer valid. Ask for a new one.').waitFor()
    await play.advance(2_000)
    expect(await play.lettersTo(cleo.email)).toHaveLength(sent)
    await play.must(cleo.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
    await page.close()
  },
  patience,
)

test(
  'fifteen wrong codes of the user close the request, and their page says so with the number to call',
  async () => {
    const agent = play.scriptOf('dev02')
    const user = 'nuria@clinica-sol.test'
    const { id, link, code } = await play.asked(agent, user, 'cli_sol')
    const codes = [code]
    for (let each = 0; each < 15; each += 1) {
      if (each > 0 && each % 5 === 0) {
        const seen = (await play.lettersTo(user)).length
        await play.advance(61_000)
        await play.must(agent.call('POST', `/assistances/${id}/consent-code`, {}), 202)
        codes.push((await play.newLetter(user, seen)).codes[0] ?? '')
      }
      const other = String((Number(codes.at(-1)) + 1) % 1_000_000).padStart(6, '0')
      expect((await agent.call('PUT', `/assistances/${id}/consent`, { code: other })).body.code).toBe('code.wrong')
    }
    expect((await agent.call('GET', `/assistances/${id}`)).body).toMatchObject({
      state: 'closed',
      because: 'too_many_attempts',
    })
    const context = await browser.newContext({ ...phone, locale: 'en-GB', javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${link}?lang=en`)
    await page
      .getByText(/too many/i)
      .first()
      .waitFor()
    expect(await page.locator('a[href="tel:+12125550100"]').count()).toBe(1)
    await context.close()
  },
  patience,
)

/** Everything that is to be read, with what must differ put out: the address itself, and what time it is. */
async function readOn(page: Page, email: string): Promise<string> {
  const text = await page.locator('body').innerText()
  return `${await page.title()}\n${text}`.replaceAll(email, '…').replace(/\d+:\d\d(:\d\d)?/g, '…')
}

test(
  'a known and an unknown address lead to the same page with the same text, until the agent is proven',
  async () => {
    const page = await cast.atDesk('dev03', '/assist')
    const seen: { email: string; texts: string[] }[] = []
    for (const email of ['marta@clinica-sol.test', 'nobody@nowhere.test', 'pia@acme.test']) {
      await page.goto(`${stage.console}/assist`)
      await page.getByRole('main').getByLabel('User email').fill(email)
      await page.getByLabel('Reason', { exact: true }).selectOption('fault')
      await cast.letterAfter('dev03@acme.test', () =>
        page.getByRole('button', { name: 'Start Verification Process' }).click(),
      )
      await own(page).waitFor()
      await until(
        () => page.locator('.delivery').innerText(),
        (text) => /sent/i.test(text),
        'the code to be sent',
      )
      const before = await readOn(page, email)
      await own(page).fill('000000')
      await own(page).press('Enter')
      await wrong(page).waitFor()
      await until(
        () => page.title(),
        (title) => title.startsWith('Error: '),
        'the title',
      )
      seen.push({ email, texts: [before, await readOn(page, email)] })
      await page.getByRole('button', { name: 'End now' }).click()
      await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
    }
    for (const { email, texts } of seen) expect(texts, email).toEqual(seen[0]?.texts)
    await page.close()
  },
  patience,
)

test('a browser without scripts, or one that is too old for them, is told in both languages what works in it', async () => {
  const told = async (page: Page, at: string) => {
    const text = await page.locator(at).innerText()
    for (const part of ['Chrome or Edge 111', 'the page that users open from their message', 'Esta consola necesita'])
      expect(text).toContain(part)
  }
  const without = await browser.newContext({ ...desk, javaScriptEnabled: false })
  const bare = await without.newPage()
  await bare.goto(stage.console)
  await told(bare, 'body')
  await without.close()

  // One that knows no modules runs what is marked for it, and nothing of ours.
  const context = await browser.newContext(desk)
  const page = await context.newPage()
  await page.route(/\/assets\/.*\.js$/, (route) => route.abort())
  await page.goto(stage.console)
  const old = page.locator('#old-browser')
  expect(await old.isVisible()).toBe(false)
  const source = await page.locator('script[nomodule]').getAttribute('src')
  await page.addScriptTag({ url: source ?? '' })
  await told(page, '#old-browser')
  const script = await (await fetch(new URL(source ?? '', stage.console))).text()
  expect(script.replace(/^\/\/.*$/gm, '')).not.toMatch(/=>|\b(const|let|async|class|import)\b|`|\?\./)
  await context.close()
})
