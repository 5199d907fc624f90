/** The console as an agent uses it all day: by keyboard, with codes that go wrong, with a network that goes away. */
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { desk, heldBack, picture } from './chromium.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { atBest, Browser as Phone, type Stage, until } from './stage.ts'

let stage: Stage
let play: Play
let browser: Browser

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ stage, play, browser } = own)
  return own.close
}, 90_000)

/** Signs in by keyboard, and stands on the first stage. */
async function at(name: string, path = '/assist', locale = 'en-GB'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ ...desk, locale, permissions: ['clipboard-read', 'clipboard-write'] })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  await signIn(page, name, path)
  return { context, page }
}

async function signIn(page: Page, name: string, path: string): Promise<void> {
  await page.goto(`${stage.console}${path}`)
  await page.locator('input[name=email]').focus()
  await page.keyboard.type(`${name}@acme.test`)
  await page.keyboard.press('Tab')
  await page.keyboard.type(`${name}-demo-pass-1`)
  await page.keyboard.press('Enter')
  await page.locator('input[name=password]').waitFor({ state: 'detached' })
}

/** What has the focus: its tag, and its label or text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(({ tagName, labels, textContent }) => tagName.toLowerCase() + ' ' + (labels?.[0]?.textContent ?? textContent))(document.activeElement)`,
  )
const focusOn = async (page: Page, what: RegExp) => {
  await until(
    () => focused(page),
    (text) => what.test(text),
    String(what),
  )
  // A heading that takes the focus is read, not operated; what is operated shows where one is.
  if (!/^h1/.test(await focused(page))) expect(await page.evaluate<number>(ringWidth)).toBeGreaterThanOrEqual(3)
}
const ringWidth = `(() => {
  const { activeElement: here } = document
  return Math.max(...[here, here.closest('.card')].filter(Boolean).map((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle === 'none' ? 0 : parseFloat(outlineWidth)
  }))
})()`

const typed = (page: Page, label: string) => page.getByLabel(label)
const errors = (page: Page) => page.locator('.mantine-InputWrapper-error, .wrong')
const said = (page: Page, what: RegExp) =>
  until(
    async () => (await errors(page).allInnerTexts()).join(' '),
    (text) => what.test(text),
    String(what),
  )

/** The last code to somebody, once there is one that was not there before. */
const codeAfter = async (to: string, seen: number) => (await play.newLetter(to, seen)).codes[0] ?? ''
const other = (code: string, by: number) => String((Number(code) + by) % 1_000_000).padStart(6, '0')

test('from the empty console to an open Web by keyboard only, in at most 25 key presses besides typed text', async () => {
  const { context, page } = await at('ana')
  let presses = 0
  const press = async (key: string) => {
    presses += 1
    await page.keyboard.press(key)
  }
  await focusOn(page, /^input User email/)
  const mine = (await play.lettersTo('ana@acme.test')).length
  await page.keyboard.type('marta@clinica-sol.test')
  await press('Tab')
  await press('ArrowDown')
  await press('ArrowDown')
  await press('Tab')
  await page.keyboard.type('T-1042')
  await press('Tab')
  await page.keyboard.type('Cannot see invoices')
  await press('Enter')

  await focusOn(page, /^input Your code/)
  await page.keyboard.type(await codeAfter('ana@acme.test', mine))
  await press('Enter')

  await focusOn(page, /^input Clínica Sol/)
  expect(await page.getByRole('region', { name: 'This assistance' }).innerText()).toContain('Marta Ruiz')
  const hers = (await play.lettersTo('marta@clinica-sol.test')).length
  await press('Enter')

  await focusOn(page, /^input The user’s code/)
  const letter = await play.newLetter('marta@clinica-sol.test', hers)
  expect(letter.text).toContain(await page.locator('.say-first').innerText())
  await page.keyboard.type(letter.codes[0] ?? '')
  await press('Enter')

  await focusOn(page, /^h1 Help Marta Ruiz/)
  const [opened] = await Promise.all([context.waitForEvent('page'), press('2')])
  await opened.waitForURL(play.webHome)
  expect(presses).toBeLessThanOrEqual(25)
  await page.bringToFront()
  await page.getByText(/Open since/).waitFor()
  await picture(page, 'console-opened')
  await page.keyboard.press('Alt+Shift+E')
  await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
  await page.getByRole('radio', { name: 'The user hung up' }).waitFor()
  await context.close()
})

test('while the database is away every screen says that help is on hold, and takes it back by itself', async () => {
  const { context, page } = await at('ana')
  const strip = page.getByText('Nothing new can start; open help is on hold and closes after 30 seconds.').first()
  await focusOn(page, /^input User email/)
  expect(await strip.count()).toBe(0)
  const away = { code: 'system.unavailable', title: 'On hold', detail: 'En pausa', status: 503, requestId: 'rq_1' }
  await page.route('**/api/v1/**', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: `urn:amparo:refusal:${away.code}`, ...away }),
    }),
  )
  await page.getByRole('link', { name: 'My assistances' }).click()
  await strip.waitFor()
  await page.unroute('**/api/v1/**')
  await strip.waitFor({ state: 'detached' })
  await context.close()
})

test('where this computer’s clock and the server’s are apart a strip says so, and goes by itself once they are not', async () => {
  const { context, page } = await at('ana')
  const strip = page.getByText('This computer’s clock and the server’s are more than 30 seconds apart.')
  await focusOn(page, /^input User email/)
  expect(await strip.count()).toBe(0)
  await page.route('**/livez', (route) =>
    route.fulfill({ body: 'ok', headers: { date: new Date(Date.now() - 120_000).toUTCString() } }),
  )
  await strip.waitFor()
  await picture(page, 'console-clocks-apart')
  await page.unroute('**/livez')
  await strip.waitFor({ state: 'detached' })
  await context.close()
})

test('the first form is not there before its reasons are, so that quick fingers choose among all of them', async () => {
  const context = await browser.newContext({ ...desk, locale: 'en-GB' })
  const page = await context.newPage()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const asked = page.waitForRequest('**/api/v1/reasons')
  await page.route('**/api/v1/reasons', async (route) => {
    await held
    await route.continue()
  })
  await signIn(page, 'ana', '/assist')
  await asked
  await page.locator('.sheet').getByRole('status', { name: 'Loading.' }).waitFor()
  expect(await page.getByLabel('User email').count()).toBe(0)
  release()
  await focusOn(page, /^input User email/)
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  expect(await page.getByLabel('Reason').inputValue()).not.toBe('')
  await context.close()
})

/** Keeps a request from the server until it is let go: of what was only answered late the page would hear by its stream. */
async function unasked(page: Page, address: RegExp, method: string): Promise<() => void> {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(address, async (route) => {
    if (route.request().method() === method) await held
    await route.fallback()
  })
  return release
}

test('while a request is opened and its user looked up the screen says so; one’s own address and their number are masked, their e-mail is shown and fixed', async () => {
  const { context, page } = await at('ana')
  await typed(page, 'User email').fill('tom+billing@northside.test')
  await typed(page, 'Reason').selectOption('fault')
  const letOpen = await unasked(page, /\/assistances$/, 'POST')
  const mine = (await play.lettersTo('ana@acme.test')).length
  await page.getByRole('button', { name: 'Start Verification Process' }).click()
  await page.getByRole('status').getByText('Starting. Your proof comes next.').waitFor()
  letOpen()
  const field = page.getByRole('textbox', { name: 'Your code' })
  await field.waitFor()
  await page.locator('.delivery').getByText('a•••@a•••.test').waitFor()
  const code = await codeAfter('ana@acme.test', mine)

  const letLook = await unasked(page, /\/agent-proof$/, 'PUT')
  await field.fill(code)
  await field.press('Enter')
  await page.getByText('Checking your code and looking up the user.').waitFor()
  letLook()
  const person = page.locator('.person')
  await person.getByText('tom+billing@northside.test', { exact: true }).waitFor()
  await person.getByText('••• 0102', { exact: true }).waitFor()
  expect(await person.locator('input').count()).toBe(0)
  expect(await page.locator('main').innerText()).not.toContain('2125550102')
  await page.getByRole('button', { name: 'Cancel process' }).click()
  await context.close()
})

test('a wrong, an earlier and a spent code are each told apart in words, and a pasted sentence is taken', async () => {
  const ben = play.scriptOf('ben')
  const id = await play.opened(ben, 'leo@clinica-sol.test')
  const first = await play.agentCode(ben, id)
  const { context, page } = await at('ben', `/assist/${id}`)
  const field = page.getByRole('textbox', { name: 'Your code' })
  const answer = async (text: string) => {
    await field.fill(text)
    await field.press('Enter')
  }
  await answer('12345')
  await said(page, /You typed 5 numbers\. The code has 6\./)
  await answer(other(first, 1))
  await said(page, /That code is not right\. You can try 4 more times\./)
  await expect.poll(() => page.title()).toMatch(/^Error: /)

  await play.advance(61_000)
  const seen = (await play.lettersTo('ben@acme.test')).length
  // The page counts by the clock of its last reading: it has to read once more to know that a minute went by.
  await page.reload()
  await page.getByRole('button', { name: 'Send again' }).waitFor()
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('r')
  const second = await codeAfter('ben@acme.test', seen)
  await answer(first)
  await said(page, /That is an earlier code\. Use the newest one, sent at \d\d:\d\d\./)
  for (const by of [1, 2, 3, 4, 5]) {
    await answer(other(second, by))
    await said(page, by < 5 ? new RegExp(`You can try ${5 - by} more time`) : /Ask for a new one/)
  }
  await answer(second)
  await said(page, /can no longer be used\. Ask for a new one\./)

  const before = (await play.lettersTo('ben@acme.test')).length
  await page.getByRole('button', { name: 'Send again' }).click()
  const third = await codeAfter('ben@acme.test', before)
  await answer(`Your code is ${third.slice(0, 3)} ${third.slice(3)}.`)
  await page.getByRole('heading', { level: 1, name: 'What will you ask Leo Martín for?' }).waitFor()
  await context.close()
})

test('in the middle of help what was wrong stands where it was typed, also once the user has said yes on their page', async () => {
  const agent = play.scriptOf('dev05')
  const { id, link } = await play.asked(agent, 'marta@clinica-sol.test', 'cli_sol')
  const phone = new Phone()
  const yes = await play.tapped(phone, link, 'yes')
  await play.must(agent.call('PUT', `/assistances/${id}/consent`, { match: yes.body.digits }), 200)
  await play.launched(agent, id, new Phone())
  const seen = (await play.lettersTo('marta@clinica-sol.test')).length
  await play.must(agent.call('POST', `/assistances/${id}/powers`, { power: 'invitations' }), 202)
  const code = await codeAfter('marta@clinica-sol.test', seen)

  const { context, page } = await at('dev05', `/assist/${id}`)
  const waiting = page.locator('.waiting-power')
  const [two, six] = [waiting.locator('form').first(), waiting.locator('form').last()]
  const wrongIn = (form: typeof two) => form.locator('.mantine-InputWrapper-error').allInnerTexts()
  const six4 = ['That code is not right. You can try 4 more times.']
  await six.getByRole('textbox').fill(other(code, 1))
  await six.getByRole('textbox').press('Enter')
  await expect.poll(() => wrongIn(six)).toEqual(six4)
  const { body } = await play.tapped(phone, link, 'power-yes')
  await waiting.locator('.live').waitFor()
  expect([await wrongIn(two), await wrongIn(six)]).toEqual([[], six4])
  // Its digits are void with that, and the user has not said yes again: it is told at the two digits all the same.
  await two.getByRole('textbox').fill(String((Number(body.digits) + 1) % 100).padStart(2, '0'))
  await two.getByRole('textbox').press('Enter')
  await waiting.locator('.live').waitFor({ state: 'detached' })
  await expect.poll(() => wrongIn(two)).toEqual([expect.stringMatching(/^Those are not the two digits/)])
  expect(await wrongIn(six)).toEqual([])
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  await context.close()
})

test('a refusal reaches the agent within two seconds as the end, and starting again fills in the same', async () => {
  const cleo = play.scriptOf('cleo')
  const { context, page } = await at('cleo')
  const refused = async () => {
    const { id, link } = await play.asked(cleo, 'nuria@clinica-sol.test', 'cli_sol')
    await page.goto(`${stage.console}/assist/${id}`)
    await page.getByText('Waiting for their yes.').waitFor()
    const began = performance.now()
    await play.tapped(new Phone(), link, 'decline')
    await page.getByText(/Núria Puigdomènech refused\. This request is closed\./).waitFor()
    return performance.now() - began
  }
  expect(await atBest(2_000, refused)).toBeLessThan(2_000)
  await page.getByText('You did not enter this person’s account.').waitFor()
  await page.getByRole('button', { name: 'Start again' }).click()
  expect(await typed(page, 'User email').inputValue()).toBe('nuria@clinica-sol.test')
  expect(await typed(page, 'One line that the user will read').inputValue()).toBe('Cannot see invoices')
  await page.getByRole('link', { name: 'Núria Puigdomènech' }).first().waitFor()
  await context.close()
})

test('a link of the ticket system fills in and does nothing else; what is missing is said; typed text outlives a reload', async () => {
  const { context, page } = await at('dev01', '/assist#email=tom%40northside.test&ticket=T-7')
  await page.getByText('Filled in from your ticket.').waitFor()
  expect(await typed(page, 'User email').inputValue()).toBe('tom@northside.test')
  expect(page.url()).toBe(`${stage.console}/assist`)
  await page.getByRole('button', { name: 'Start Verification Process' }).click()
  await said(page, /Choose a reason\./)
  await focusOn(page, /^select Reason/)
  await typed(page, 'One line that the user will read').fill('Slow since Monday')
  await page.getByRole('radio', { name: 'Somebody for them' }).check()
  await typed(page, 'Name of the caller').fill('Walter')
  await page.reload()
  expect(await typed(page, 'One line that the user will read').inputValue()).toBe('Slow since Monday')
  expect(await typed(page, 'Name of the caller').inputValue()).toBe('Walter')
  expect((await play.scriptOf('dev01').call('GET', '/assistances')).body.items).toEqual([])
  await context.close()
})

test('without a network a strip says so within three seconds, actions say why they rest, and all goes on by itself', async () => {
  const { context, page } = await at('dev02')
  const strip = page.locator('.strip')
  const start = page.getByRole('button', { name: 'Start Verification Process' })
  await typed(page, 'User email').fill('tom@northside.test')
  const cutOff = async () => {
    await context.setOffline(false)
    await strip.waitFor({ state: 'detached' })
    const began = performance.now()
    await context.setOffline(true)
    await strip.waitFor()
    return performance.now() - began
  }
  expect(await atBest(3_000, cutOff)).toBeLessThan(3_000)
  expect(await start.getAttribute('aria-disabled')).toBe('true')
  expect(await start.getAttribute('title')).toContain('as soon as the server answers')
  await picture(page, 'console-offline')
  await context.setOffline(false)
  await strip.waitFor({ state: 'detached' })
  expect(await start.getAttribute('aria-disabled')).toBeNull()
  expect(await typed(page, 'User email').inputValue()).toBe('tom@northside.test')
  await typed(page, 'Reason').selectOption('fault')
  await start.click()
  await page.getByRole('heading', { level: 1, name: 'Prove that it is you' }).waitFor()
  await context.close()
})

test('notes, the outcome and a summary in both languages, copied with one key', async () => {
  const agent = play.scriptOf('dev03')
  const { id } = await play.active(agent, 'siobhan@northside.test', 'cli_northside')
  const { context, page } = await at('dev03', `/assist/${id}`)
  await typed(page, 'Add a note').fill('Asked billing to look')
  await page.reload()
  expect(await typed(page, 'Add a note').inputValue()).toBe('Asked billing to look')
  await page.getByRole('button', { name: 'Keep the note' }).click()
  await page.locator('.notes').getByText('Asked billing to look').waitFor()
  await expect.poll(() => typed(page, 'Add a note').inputValue()).toBe('')
  // The title says that something is wrong from the first fault to the last.
  const title = (wrong: boolean) =>
    expect.poll(() => page.title()).toBe(`${wrong ? 'Error: ' : ''}Help Siobhán O'Neill · Amparo`)
  await title(false)
  await page.getByRole('button', { name: 'Keep the note' }).click()
  await page.getByText('Write a note of 1 to 500 characters.').waitFor()
  await title(true)
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByText('Choose how it went.').waitFor()
  await typed(page, 'Add a note').fill('And to call back')
  await page.getByText('Write a note of 1 to 500 characters.').waitFor({ state: 'detached' })
  await title(true)
  await page.getByRole('radio', { name: 'Solved', exact: true }).check()
  await title(false)
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByRole('heading', { level: 1, name: 'This assistance is closed' }).waitFor()
  await page.getByText(/Outcome: Solved/).waitFor()
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('c')
  await page.getByText('Copied.', { exact: true }).first().waitFor()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied).toMatch(/Dev Three helped/)
  expect(copied).toMatch(/Dev Three ayudó/)
  // Who listens hears that it was copied each time, and not the first time alone.
  await page.evaluate(`new MutationObserver((changes) => {
    window.heard = changes.flatMap(({ addedNodes }) => [...addedNodes]).map((node) => node.textContent).join()
  }).observe(document.querySelector('.heard-only[aria-live]'), { childList: true, subtree: true })`)
  await page.keyboard.press('c')
  await expect.poll(() => page.evaluate('window.heard')).toBe('Copied.')
  await context.close()
})

test('who presses Send before the answer to their choice asks about that choice once, and about nothing where it never came', async () => {
  const agent = play.scriptOf('cleo')
  const id = await play.proved(agent, 'grace@northside.test')
  await play.must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: 'cli_sol' }), 200)
  const { context, page } = await at('cleo', `/assist/${id}`)
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/consent-code')) asked.push(request.url())
  })
  const other = page.getByRole('radio', { name: /Northside Medical/ })
  const send = page.getByRole('button', { name: 'Send the message' })
  const chosen = async () => (await agent.call('GET', `/assistances/${id}`)).body.ecosystemId

  const choice = /\/ecosystem$/
  const fallsSilent = await heldBack(page, choice, ['PUT'], 'cut')
  await other.check()
  await send.click()
  fallsSilent.letThrough()
  await page.getByText('No answer from the server.').first().waitFor()
  await send.and(page.locator(':not([aria-busy])')).waitFor()
  expect([asked.length, await chosen()]).toEqual([0, 'cli_sol'])

  await page.unroute(choice)
  const held = await heldBack(page, choice, ['PUT'])
  await other.check()
  const hers = (await play.lettersTo('grace@northside.test')).length
  await send.click()
  await held.answered
  expect(asked).toEqual([])
  held.letThrough()
  await play.newLetter('grace@northside.test', hers)
  expect([asked.length, await chosen()]).toEqual([1, 'cli_northside'])
  await context.close()
})

test('on a slow line what is typed or chosen while an answer is on its way is neither lost nor asked too early', async () => {
  const agent = play.scriptOf('dev06')
  const id = await play.proved(agent, 'grace@northside.test')
  const { context, page } = await at('dev06', `/assist/${id}`)
  const order: string[] = []
  const noted = (event: string) => (request: Request) => {
    const [, what] = /(ecosystem|consent-code)$/.exec(request.url()) ?? []
    if (what) order.push(`${what} ${event}`)
  }
  page.on('request', noted('asked'))
  page.on('requestfinished', noted('answered'))

  const chosen = await heldBack(page, /\/ecosystem$/, ['PUT'])
  await page.getByRole('radio', { name: /Northside Medical/ }).check()
  await page.getByRole('radio', { name: /Clínica Sol/ }).check()
  const hers = (await play.lettersTo('grace@northside.test')).length
  await page.getByRole('button', { name: 'Send the message' }).click()
  await chosen.answered
  chosen.letThrough()
  const letter = await play.newLetter('grace@northside.test', hers)
  expect(order.slice(0, 5)).toEqual([
    ...['ecosystem asked', 'ecosystem answered', 'ecosystem asked', 'ecosystem answered'],
    'consent-code asked',
  ])
  expect((await agent.call('GET', `/assistances/${id}`)).body.ecosystemId).toBe('cli_sol')
  await play.must(agent.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] }), 200)

  const kept = await heldBack(page, /\/notes$/, ['POST'])
  const note = typed(page, 'Add a note')
  await note.fill('Asked billing to look')
  await page.getByRole('button', { name: 'Keep the note' }).click()
  // By its stream the page hears of it before the answer comes.
  await page.locator('.notes').getByText('Asked billing to look').waitFor()
  await note.fill('They call back at noon')
  kept.letThrough()
  await page.getByRole('button', { name: 'Keep the note' }).and(page.locator(':not([aria-busy])')).waitFor()
  expect(await note.inputValue()).toBe('They call back at noon')
  await context.close()
})

test.each([
  {
    locale: 'en-GB',
    name: 'dev04',
    missing: /a newer version was installed/,
    title: 'There is a newer console',
    reload: 'Load the page again',
    note: 'Add a note',
    mine: 'My assistances',
  },
  {
    locale: 'es-ES',
    name: 'dev05',
    missing: /se instaló una versión más nueva/,
    title: 'Hay una consola más nueva',
    reload: 'Volver a cargar la página',
    note: 'Añadir una nota',
    mine: 'Mis asistencias',
  },
])(
  'after a newer console was installed, an open one says where a part does not come, and loses neither the case nor what was typed ($locale)',
  async (its) => {
    const { id } = await play.active(play.scriptOf(its.name), 'siobhan@northside.test', 'cli_northside')
    const { context, page } = await at(its.name, `/assist/${id}`, its.locale)
    // The server's own answer for a file that it does not have any more.
    await context.route(/\/assets\/(Palette|MinePage)-/, (route) =>
      route.continue({ url: `${stage.console}/assets/gone.js` }),
    )
    await page.reload()
    await typed(page, its.note).fill('Asked billing to look')
    await page.keyboard.press('Control+k')
    await page.locator('dialog').getByText(its.missing).waitFor()
    await pictures(page, `console-outdated-part-${its.locale}`)
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await typed(page, its.note).inputValue()).toBe('Asked billing to look')

    await page.getByRole('link', { name: its.mine }).first().click()
    await page.getByRole('heading', { level: 1, name: its.title }).waitFor()
    await pictures(page, `console-outdated-page-${its.locale}`)
    await context.unrouteAll()
    await page.getByRole('button', { name: its.reload }).click()
    await page.getByRole('heading', { level: 1, name: its.mine }).waitFor()
    expect(page.url()).toBe(`${stage.console}/mine`)
    await page.goto(`${stage.console}/assist/${id}`)
    expect(await typed(page, its.note).inputValue()).toBe('Asked billing to look')
    expect((await play.scriptOf(its.name).call('GET', `/assistances/${id}`)).body.state).toBe('active')
    await play.scriptOf(its.name).call('PUT', `/assistances/${id}/closure`, { because: 'finished' })
    await context.close()
  },
)

/** Of a desk and a phone, in light and in dark. */
async function pictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await picture(page, `${name}-${colorScheme}-${width}`)
    }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 900 })
}

test('a page asks for the words of its own language alone; where they do not come the other stands in until they do', async () => {
  const context = await browser.newContext({ ...desk, locale: 'es-ES' })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const [asked, faults]: [string[], string[]] = [[], []]
  page.on('request', (one) => one.url().includes('/assets/words-e') && asked.push(one.url()))
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
  const released = new Set<string>()
  await context.route(/\/assets\/words-e[ns]-/, (route) =>
    [...released].some((name) => route.request().url().includes(name))
      ? route.continue()
      : route.fulfill({ status: 503 }),
  )
  const comes = (name: string) => page.waitForResponse((answer) => answer.url().includes(name) && answer.ok())
  await page.goto(stage.console)
  await page.locator('.outline').waitFor()
  await page.getByText('Los textos de esta página aún no han llegado.').waitFor()
  await pictures(page, 'console-no-words-yet')
  expect(await page.getByText(/Sign in|Iniciar sesión/).count()).toBe(0)
  released.add('words-en')
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await page.locator('.strip').getByText('The words in Español have not come yet.').waitFor()
  await pictures(page, 'console-other-words')
  const fetched = comes('words-es')
  released.add('words-es')
  const words = await fetched
  await page.getByRole('heading', { level: 1, name: 'Iniciar sesión' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('es')
  expect(await page.locator('.strip').count()).toBe(0)
  expect(words.headers()).toMatchObject({
    'cache-control': expect.stringContaining('immutable'),
    'content-type': expect.stringContaining('application/json'),
    'content-encoding': 'gzip',
  })
  asked.length = 0
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Iniciar sesión' }).waitFor()
  expect(new Set(asked)).toEqual(new Set([words.url()]))
  expect(faults.filter((text) => /Content.Security|Uncaught/i.test(text))).toEqual([])
  await context.close()
})

test('a language chosen without a network takes over once its words are here; until then all stays, also what was typed', async () => {
  const { id } = await play.active(play.scriptOf('sara'), 'siobhan@northside.test', 'cli_northside')
  const { context, page } = await at('sara', `/assist/${id}`)
  await typed(page, 'Add a note').fill('Asked billing to look')
  // Without a network from before one points at it.
  await context.route(/\/assets\/words-e[ns]-/, (route) => route.abort())
  await page.getByRole('button', { name: 'Español' }).click()
  await page.getByText('The words in Español have not come yet.').waitFor()
  await pictures(page, 'console-language-awaited')
  expect(await typed(page, 'Add a note').inputValue()).toBe('Asked billing to look')
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  await context.unrouteAll()
  await page.getByLabel('Añadir una nota').waitFor()
  expect(await typed(page, 'Añadir una nota').inputValue()).toBe('Asked billing to look')
  expect(await page.locator('html').getAttribute('lang')).toBe('es')
  expect(await page.getByText('have not come yet').count()).toBe(0)

  // The language stays over a reload, and one whose file a newer console has replaced is told with the way out.
  await context.route(/\/assets\/words-en/, (route) => route.continue({ url: `${stage.console}/assets/gone.json` }))
  await page.reload()
  await page.getByLabel('Añadir una nota').waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page
    .locator('.strip')
    .getByText(/se instaló una versión más nueva/)
    .waitFor()
  await pictures(page, 'console-language-gone')
  await page.locator('.strip').getByRole('button', { name: 'Volver a cargar la página' }).click()
  // Nothing of it comes after the reload either: the other language stands in, and says the same.
  await page.getByLabel('Añadir una nota').waitFor()
  await page
    .locator('.strip')
    .getByText(/se instaló una versión más nueva/)
    .waitFor()
  await context.unrouteAll()
  await page.getByLabel('Add a note').waitFor()
  expect(await typed(page, 'Add a note').inputValue()).toBe('Asked billing to look')
  await play.scriptOf('sara').call('PUT', `/assistances/${id}/closure`, { because: 'finished' })
  await context.close()
})
