/** What somebody wants to smuggle in: markup in every free text, pages in frames, links that are followed by machines. */
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import type { Cast } from '../screens/cast.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { type Stage, until } from './stage.ts'

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

const patience = 120_000

/** Everything that any page of these people's browsers complains of: broken policies, errors, dialogs. */
async function complaints(...who: readonly string[]): Promise<string[]> {
  const heard: string[] = []
  for (const name of who) {
    const context = await cast.contextOf(name)
    await context.exposeBinding('policyBroken', (_source, what: string) => heard.push(what))
    await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
      policyBroken(event.violatedDirective + ' ' + event.blockedURI + ' on ' + location.pathname))`)
    context.on('dialog', (dialog) => {
      heard.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    context.on('weberror', (error) => heard.push(String(error.error())))
    context.on('console', (message) => {
      if (message.type() === 'error' && /policy|refused to/i.test(message.text())) heard.push(message.text())
    })
  }
  return heard
}

const markup = '<img src=x onerror=alert(1)>"\'><svg onload=alert(2)>'
const line = `${markup} {{7*7}} https://evil.test/`
/** Nothing of the text became an element, and all of it can be read. */
async function isText(page: Page, what: string = markup): Promise<void> {
  await page.getByText(what).first().waitFor()
  expect(await page.locator('img[src="x"], svg[onload], [onerror]').count()).toBe(0)
}

test(
  'markup in the line, the caller, the ticket, a note, the notice and the vendor’s own names is text on every face, no page breaks its own policy, and nothing asks a dialog',
  async () => {
    await fresh.db.query(`update vendor.clinic set name = $1 where id = 'cli_sol'`, [`Sol ${markup}`])
    await fresh.db.query(`update vendor.person set name = $1 where id = 'per_marta'`, [`Marta ${markup}`])
    for (const name of ['ana', 'sara', 'adam']) await (await cast.atDesk(name)).close()
    const heard = await complaints('ana', 'marta', 'developer', 'sara', 'adam')
    const sara = await cast.atDesk('sara', '/live')
    await play.must(play.scriptOf('sara').call('PUT', '/notice', { text: line }), 200)
    await sara.reload()
    await sara.locator('.notice-editor figure').waitFor()
    await isText(sara)

    const desk = await cast.atDesk('ana', '/assist')
    await isText(desk)
    await desk.getByRole('main').getByLabel('User email').fill('marta@clinica-sol.test')
    await desk.getByLabel('Reason', { exact: true }).selectOption('fault')
    await desk.getByLabel('One line that the user will read').fill(line)
    await desk.getByLabel('Ticket, if there is one').fill(markup.slice(0, 60))
    await desk.getByRole('radio', { name: 'Somebody for them' }).check()
    await desk.getByLabel('Name of the caller').fill(markup)
    const start = desk.getByRole('button', { name: 'Start Verification Process' })
    const own = await cast.letterAfter('ana@acme.test', () => start.click())
    await isText(desk)
    await desk.locator('.code-field input').fill(own.codes[0] ?? '')
    await desk.locator('.code-field input').press('Enter')
    const send = desk.getByRole('button', { name: 'Send the message' })
    await send.waitFor()
    await isText(desk, `Marta ${markup}`)
    const letter = await cast.letterAfter('marta@clinica-sol.test', () => send.click())
    expect(letter.subject).not.toMatch(/[\r\n]/)
    // The way to the page, and to whether this is ours: nothing that an agent wrote became a link.
    const ours = new Set(letter.links.map((one) => new URL(one).pathname.replace(/^\/c\/\w{13}$/, '/c/…')))
    expect([...ours].sort()).toEqual(['/c/…', '/ours'])
    expect(new Set(letter.links.map((one) => new URL(one).origin)).size).toBe(1)

    const hers = await cast.pageOf('marta', letter.links.find((one) => one.includes('/c/')) ?? '')
    await isText(hers)
    await hers.getByRole('button', { name: /Yes, I asked|Sí, yo pedí/ }).click()
    const digits = /\b(\d\d)\b/.exec(await hers.locator('h1 .digits').innerText())?.[1] ?? ''
    await desk.locator('.code-field.short input').fill(digits)
    await desk.locator('.code-field.short input').press('Enter')
    await desk.getByLabel('Add a note').fill(markup)
    await desk.getByRole('button', { name: 'Keep the note' }).click()
    await isText(desk)

    for (const name of ['Open User store', 'Open Web']) {
      const [product] = await Promise.all([desk.waitForEvent('popup'), desk.getByRole('button', { name }).click()])
      await product.locator('amparo-banner').waitFor()
      await isText(product, `Marta ${markup}`)
      await desk.bringToFront()
      await desk
        .getByText(/Open since/)
        .first()
        .waitFor()
    }
    const inbox = await cast.pageOf('developer', `${stage.console}/inbox?id=${encodeURIComponent(letter.id)}`)
    await isText(inbox, letter.subject)
    const mail = inbox.frames().find((frame) => frame.url().includes('/inbox/mail'))
    expect(await mail?.locator('img[src="x"], svg[onload], [onerror], script').count()).toBe(0)
    expect(await mail?.locator('body').innerText()).toContain('<img src=x onerror=alert(1)>')

    await desk.getByRole('button', { name: 'End now' }).click()
    await desk.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
    await isText(desk)
    await hers.reload()
    await isText(hers, 'Ana Robles')
    for (const [who, path] of [
      ['ana', '/mine'],
      ['sara', '/mine?when=all'],
      ['adam', '/audit'],
    ] as const) {
      const page = await cast.atDesk(who, path)
      await page.locator('main table').waitFor()
      expect(await page.locator('img[src="x"], svg[onload]').count()).toBe(0)
      await page.close()
    }
    expect(heard).toEqual([])
    await play.must(play.scriptOf('sara').call('PUT', '/notice', { text: '' }), 200)
    for (const page of [sara, desk, hers, inbox]) await page.close()
  },
  patience,
)

test('no page of any origin can be put into another’s frame, and none gives its address away', async () => {
  const { link } = await play.asked(play.scriptOf('ben'), 'tom+billing@northside.test', 'cli_northside')
  const port = stage.port
  for (const address of [
    `${stage.console}/`,
    `${stage.console}/assist`,
    `${stage.console}/inbox`,
    `http://127.0.0.1:${port + 1}/.well-known/openid-configuration`,
    link,
    `${new URL(link).origin}/c/BCDFGHJKMNPQR`,
  ]) {
    const { headers } = await fetch(address)
    expect(headers.get('content-security-policy'), address).toMatch(/frame-ancestors 'none'/)
    expect(headers.get('referrer-policy'), address).toMatch(/^(no-referrer|same-origin|strict-origin)$/)
    expect(headers.get('x-content-type-options'), address).toBe('nosniff')
  }
  const framing = await browser.newContext()
  const page = await framing.newPage()
  for (const origin of [cast.storeOrigin, cast.webOrigin, stage.console, new URL(link).origin]) {
    const target = origin === new URL(link).origin ? link : `${origin}/`
    await page.setContent(`<iframe src="${target}"></iframe>`)
    await expect.poll(() => page.frames().at(-1)?.url(), { timeout: 10_000 }).toMatch(/^chrome-error:/)
  }
  await framing.close()
})

test('a link that machines follow ten times changes nothing, and neither does a yes that another site’s form sends', async () => {
  const agent = play.scriptOf('cleo')
  const { id, link } = await play.asked(agent, 'priya@northside.test', 'cli_northside')
  const kept = async () => {
    const { state, page, userSeenAt } = (await agent.call('GET', `/assistances/${id}`)).body
    const [{ n } = { n: 0 }] = await fresh.db.query<{ n: number }>('select n from assistance where id = $1', [id])
    return { state, page, userSeenAt, n }
  }
  await until(
    async () => (await agent.call('GET', `/assistances/${id}`)).body.messages,
    (all) => all.every(({ status }: { status: string }) => status === 'sent'),
    'all messages',
  )
  const before = await kept()
  for (let time = 0; time < 10; time += 1) {
    for (const method of ['GET', 'HEAD'] as const)
      await fetch(time % 2 ? `${link}?lang=es` : link, {
        method,
        headers: { 'user-agent': 'Mozilla/5.0 (compatible; SafeLinks scanner)', purpose: 'prefetch' },
      })
  }
  expect(await kept()).toEqual(before)
  expect(before.page.openedAt).toBeUndefined()

  const elsewhere = await (await browser.newContext()).newPage()
  await elsewhere.route('https://evil.test/**', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${link}/yes"><button>Win</button></form>`,
    }),
  )
  await elsewhere.goto('https://evil.test/')
  await elsewhere.getByRole('button').click()
  await elsewhere.waitForLoadState()
  expect(await kept()).toEqual(before)
  await elsewhere.context().close()
})
