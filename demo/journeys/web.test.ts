/** The main job in a real browser: agent at the desk, user with a phone in their hand, the user's own Web. With doubles of AWS too. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { chromiumHere, desk, phone, picture } from './chromium.ts'
import { type Stage, staged, until } from './stage.ts'
import { plain, worlds } from './worlds.ts'

interface Letter {
  to: string
  channel: string
  codes: string[]
  links: string[]
}
describe.each(worlds)('in $name', (world) => {
  let fresh: FreshDatabase
  let stage: Stage
  let browser: Browser

  beforeAll(async () => {
    fresh = await emptyDatabase()
    stage = await staged({ databaseUrl: fresh.url, ...world.staging })
    browser = await chromiumHere()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await stage.stop()
    await stage.remove()
    await fresh.close()
  })

  const letters = async (to: string): Promise<Letter[]> => {
    const answer = await fetch(`http://127.0.0.1:${stage.port}/dev/inbox.json?to=${encodeURIComponent(to)}`)
    const all: unknown = await answer.json()
    return Array.isArray(all) ? all : []
  }
  const nextLetter = async (to: string, seen: number): Promise<Letter> => {
    const [newest] = await until(
      // News of a help that ended may come in between: what was asked for has a code.
      async () => {
        const all = await letters(to)
        return all.slice(0, all.length - seen).filter(({ codes }) => codes.length > 0)
      },
      (all) => all.length > 0,
      `a letter to ${to}`,
    )
    if (!newest) throw new Error('no letter')
    return newest
  }

  async function signedIn(name: string): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ ...desk, locale: 'en-GB' })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    await world.atDesk(stage, page, name)
    return { context, page }
  }

  /** From the empty form to the user's message: what the agent clicks. */
  async function askedFor(page: Page, agent: string, user: string, ecosystem?: string): Promise<Letter> {
    const mine = (await letters(agent)).length
    await page.getByRole('textbox', { name: 'User email' }).fill(user)
    await page.getByLabel('Reason').selectOption('fault')
    await page.getByLabel('One line that the user will read').fill('Cannot see invoices')
    await page.getByRole('button', { name: 'Start Verification Process' }).click()
    const code = (await nextLetter(agent, mine)).codes[0] ?? ''
    await page.getByRole('textbox', { name: 'Your code' }).fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Send the message' }).waitFor()
    if (ecosystem) await page.getByRole('radio', { name: new RegExp(ecosystem) }).check()
    await picture(page, `console-user-${user}`)
    const theirs = (await letters(user)).length
    await page.getByRole('button', { name: 'Send the message' }).click()
    return nextLetter(user, theirs)
  }

  test('an agent helps a user inside their own Web, with both proven, and the user ends it with one tap', async () => {
    const { context, page } = await signedIn('ana')
    await page.getByRole('heading', { name: 'User Support' }).waitFor()
    const letter = await askedFor(page, 'ana@acme.test', 'marta@clinica-sol.test', 'Clínica Sol')

    const says = await page.locator('.say-first').innerText()
    const pocket = await browser.newContext({ ...phone, locale: 'en-GB', javaScriptEnabled: false })
    const hers = await pocket.newPage()
    await hers.goto(`${letter.links.find((link) => link.includes('/c/'))}?lang=en`)
    expect(await hers.locator('body').innerText()).toContain(says.replace(/\D/g, ''))
    const choices = await hers.getByRole('button').allInnerTexts()
    expect(choices.findIndex((one) => /refuse/i.test(one))).toBeLessThan(choices.findIndex((one) => /yes/i.test(one)))
    expect(await pocket.cookies()).toEqual([])
    await picture(hers, 'page-ask')
    await hers.getByRole('button', { name: /Yes, I asked for help/ }).click()
    const tell = await hers.getByRole('heading', { level: 1, name: /^Tell .* this number/ }).innerText()
    const digits = /Tell .*? this number:?\s*(\d\d)/s.exec(tell)?.[1] ?? ''
    expect(digits).toMatch(/^\d\d$/)
    await picture(hers, 'page-tell')

    await page.getByRole('textbox', { name: /Two digits from the user/ }).fill(digits)
    await page.getByRole('button', { name: 'Confirm the two digits' }).click()
    await page.getByRole('heading', { level: 1, name: /Help Marta Ruiz/ }).waitFor()
    expect(await page.getByRole('button', { name: /^Open / }).allInnerTexts()).toHaveLength(3)
    await picture(page, 'console-help')

    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('button', { name: 'Open Web' }).click(),
    ])
    await opened.waitForURL(`http://web.localhost:${stage.port + 11}/`)
    const home = await opened.locator('body').innerText()
    expect(home).toContain('Marta Ruiz')
    expect(home).toContain('Clínica Sol')
    expect(await opened.locator('amparo-banner').count()).toBe(1)
    await picture(opened, 'web-assisted')

    await picture(hers, 'page-on')
    const began = performance.now()
    await hers.getByRole('button', { name: /Stop now/ }).click()
    await opened
      .getByText(/Help has ended|La ayuda ha terminado/)
      .first()
      .waitFor()
    expect(performance.now() - began).toBeLessThan(4000)
    await picture(opened, 'web-ended')
    await picture(hers, 'page-ended')
    await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
    await picture(page, 'console-closed')
    expect(await page.locator('body').innerText()).not.toContain('password')
    await opened.reload()
    expect(await opened.locator('body').innerText()).not.toContain('INV-')
    await Promise.all([context.close(), pocket.close()])
  })

  if (world === plain)
    test("the agent's own sign-in and the user's own sign-in are untouched by ten rounds of assistance", async () => {
      const { context, page } = await signedIn('ben')
      const own = await context.newPage()
      const web = `http://web.localhost:${stage.port + 11}/`
      await own.goto(web)
      await own.getByRole('textbox', { name: /mail/i }).fill('leo@clinica-sol.test')
      await own.getByLabel(/password|contraseña/i).fill('user-demo-pass-1')
      await own.getByRole('button', { name: /sign in|entrar|iniciar/i }).click()
      await own.getByText('Leo Martín').first().waitFor()
      const [before] = await fresh.db.query<{ last_sign_in_at: Date | null }>(
        `select last_sign_in_at from vendor.person where email = 'nuria@clinica-sol.test'`,
      )

      for (let round = 0; round < 10; round += 1) {
        await page.bringToFront()
        const letter = await askedFor(page, 'ben@acme.test', 'nuria@clinica-sol.test')
        await page.getByRole('textbox', { name: /^The user.s code$/ }).fill(letter.codes[0] ?? '')
        await page.getByRole('button', { name: 'Confirm the code' }).click()
        const open = page.getByRole('button', { name: 'Open Web' })
        await open.waitFor()
        const [opened] = await Promise.all([context.waitForEvent('page'), open.click()])
        await opened.waitForURL(web)
        expect(await opened.locator('body').innerText()).toContain('Núria Puigdomènech')
        await page.bringToFront()
        await page.getByRole('button', { name: 'End now' }).click()
        await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
        await opened.close()
        await page.goto(`${stage.console}/assist`)
        await page.getByRole('button', { name: 'Start Verification Process' }).waitFor()
      }
      const [after] = await fresh.db.query<{ last_sign_in_at: Date | null }>(
        `select last_sign_in_at from vendor.person where email = 'nuria@clinica-sol.test'`,
      )
      expect(after).toEqual(before)
      const left = await context.cookies(web)
      await context.clearCookies({ name: '__Host-assisted' })
      await own.goto(web)
      expect(await own.locator('body').innerText()).toContain('Leo Martín')
      expect(left.map((cookie) => cookie.name)).toContain('__Host-web')
      await context.close()
    }, 300_000)
})
