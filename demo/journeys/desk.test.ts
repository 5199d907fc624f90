/** The console around the case, in a real browser: keys, palette, what is live, the notice, the record, a silent server. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page, Route } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import type { Cast } from '../screens/cast.ts'
import { heldBack, picture } from './chromium.ts'
import { ownStageInChromium } from './own.ts'
import { playing } from './script.ts'
import { atBest, type Stage } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let browser: Browser
let cast: Cast

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ fresh, stage, browser, cast } = own)
  return own.close
}, 90_000)

const pathOf = (page: Page) => new URL(page.url()).pathname
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

test('plain keys do nothing in fields or behind a modal, can be switched off, and are all in the sheet', async () => {
  const page = await cast.atDesk('sara', '/mine')
  await heading(page, 'Assistances of everybody').waitFor()
  await page.keyboard.press('/')
  const email = page.getByRole('textbox', { name: 'User email' })
  await email.waitFor()
  await page.keyboard.type('g l?')
  expect(await email.inputValue()).toBe('g l?')
  expect(pathOf(page)).toBe('/assist')
  expect(await page.locator('dialog[open]').count()).toBe(0)

  await page.goto(`${stage.console}/settings`)
  await heading(page, 'Settings').waitFor()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await sheet.waitFor()
  for (const name of ['Type the user’s email', 'Find a command', 'Live', 'Open the third product', 'End now'])
    expect(await sheet.getByText(name, { exact: true }).count()).toBe(1)
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  expect(pathOf(page)).toBe('/settings')
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })

  await page.getByRole('checkbox', { name: /Single keys/ }).uncheck()
  await heading(page, 'Settings').click()
  await page.keyboard.press('?')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').waitFor()
  expect(await page.locator('dialog[open]').count()).toBe(1)
  await page.keyboard.press('Escape')
  await page.getByRole('checkbox', { name: /Single keys/ }).check()
  await page.close()
})

test('what is typed before a slow line has brought the palette presses no key of the page', async () => {
  const page = await cast.atDesk('cleo', '/surfaces')
  const palette = await heldBack(page, /\/assets\/Palette-/)
  await page.reload()
  await heading(page, 'Surfaces').waitFor()
  await page.keyboard.press('Control+k')
  await page.locator('dialog.palette').waitFor()
  await page.keyboard.type('gs')
  expect(pathOf(page)).toBe('/surfaces')
  palette.letThrough()
  await page.getByRole('combobox').waitFor()
  expect(pathOf(page)).toBe('/surfaces')
  await page.getByRole('combobox').fill('sett')
  await page.keyboard.press('Enter')
  await heading(page, 'Settings').waitFor()
  await page.close()
})

test('the palette finds a place by its name and says its key, and an e-mail only fills the form in', async () => {
  const page = await cast.atDesk('ben', '/surfaces')
  await heading(page, 'Surfaces').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('sett')
  expect(await page.getByRole('option').allInnerTexts()).toEqual([expect.stringMatching(/Settings\s+g\s+then\s+s/)])
  // Said inside of it: what lies behind a modal dialog is not heard.
  await page.getByRole('dialog').getByRole('status').filter({ hasText: '1 command' }).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await heading(page, 'Settings').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('nuria@clinica-sol.test')
  await page.getByRole('option', { name: /Help nuria/ }).waitFor()
  await page.keyboard.press('Enter')
  const email = page.getByRole('textbox', { name: 'User email' })
  await email.waitFor()
  expect(await email.inputValue()).toBe('nuria@clinica-sol.test')
  const { body } = await (await playing(stage)).scriptOf('ben').call('GET', '/assistances')
  expect(body.items).toEqual([])
  await page.close()
})

test('each place that is offered is reached by the key that it names, and is in the palette', async () => {
  const page = await cast.atDesk('sara', '/settings')
  await heading(page, 'Settings').waitFor()
  const places = await page
    .locator('.frame > .rail a:not([target])')
    .evaluateAll((all) =>
      all.map((one) => [one.getAttribute('href') ?? '', one.getAttribute('aria-keyshortcuts') ?? '']),
    )
  expect(places.map(([address]) => address)).toEqual(
    ['assist', 'mine', 'live', 'oversight', 'surfaces', 'settings'].map((place) => `/${place}`),
  )
  for (const [address = '', keys = ''] of places) {
    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click()
    await heading(page, 'Settings').waitFor()
    for (const key of keys.split(' ')) await page.keyboard.press(key)
    await page.waitForURL(`**${address}`)
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'Oversight' }).waitFor()
  await page.close()
})

test('a supervisor sees within seconds what is live, closes it after a question, and says a notice to everybody', async () => {
  const page = await cast.atDesk('sara', '/live')
  await page.getByText('Nobody is being helped right now.').waitFor()
  const play = await playing(stage)
  const ben = play.scriptOf('ben')
  const { id } = await play.active(ben, 'nuria@clinica-sol.test', 'cli_sol')
  const row = page.getByRole('row', { name: /Ben Ortiz.*Núria.*Clínica Sol/ })
  await row.waitFor()
  expect(await row.innerText()).toMatch(/1[45]:\d\d/)
  await row.getByRole('button', { name: /Close the assistance of Ben/ }).click()
  await page.getByRole('alertdialog').waitFor()
  await page.keyboard.press('Escape')
  expect((await ben.call('GET', `/assistances/${id}`)).body.state).toBe('active')
  await row.getByRole('button').click()
  await page.getByRole('button', { name: 'Close it' }).click()
  await page.getByText('Nobody is being helped right now.').waitFor()
  expect((await ben.call('GET', `/assistances/${id}`)).body.because).toBe('closed_by_supervisor')

  await page.getByRole('textbox', { name: 'One sentence' }).fill('Web down since 02:10')
  await page.getByRole('button', { name: 'Publish the notice' }).click()
  await page.getByText(/Shown since .* by Sara Molina/).waitFor()
  expect((await ben.call('GET', '/notice')).body.notice.text).toBe('Web down since 02:10')
  await page.getByRole('button', { name: 'Take it down' }).click()
  await page.getByText('No notice is shown.').waitFor()
  await page.close()
})

test('the record is searched in the address, each filter can be taken away, and an event shows its exact body', async () => {
  const page = await cast.atDesk('adam', '/audit')
  await page.getByRole('combobox', { name: 'Search the record' }).fill('agent:ben type:consent.asked')
  await page.keyboard.press('Enter')
  const sentence = page.getByRole('button', { name: /Ben Ortiz asked .* for consent/ })
  await sentence.waitFor()
  const row = page.locator('.record tbody tr').filter({ has: sentence })
  const cell = async (name: string) =>
    row.locator('td').nth((await page.locator('.record thead th').allInnerTexts()).indexOf(name))
  expect(await (await cell('Result')).innerText()).toBe('Asked')
  expect(await (await cell('Ecosystem')).innerText()).toMatch(/^Cl\u00ednica /)
  await sentence.click()
  const { items } = (
    await (await playing(stage)).scriptOf('adam').call('GET', '/audit/events?q=agent%3Aben%20type%3Aconsent.asked')
  ).body
  expect(await page.locator('.exact pre').innerText()).toBe(items[0].body)
  await page.locator('.panel .facts div', { hasText: 'Request' }).getByText(items[0].request, { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  expect(new URL(page.url()).searchParams.get('q')).toBe('agent:ben type:consent.asked')
  await page.getByRole('link', { name: /Remove agent ben/ }).click()
  await page.waitForURL(/q=type/)
  await page.goto(`${stage.console}/audit?q=${encodeURIComponent('agent:nobody type:consent.asked')}`)
  await page.getByText('No records match.').waitFor()
  await page.getByRole('link', { name: 'Clear filter agent?' }).click()
  await page.getByRole('button', { name: /Ben Ortiz asked .* for consent/ }).waitFor()
  await page.goto(`${stage.console}/audit?q=invoice`)
  await page.getByText(/"invoice" stands alone/).waitFor()
  await expect.poll(() => page.title()).toMatch(/^Error: /)
  await page.close()
})

test('the record is taken away as it is searched, verified on the screen, and one altered byte is named there', async () => {
  const page = await cast.atDesk('adam', '/audit?q=type%3Aconsent.asked')
  const rows = page.getByRole('button', { name: /asked .* for consent/ })
  await rows.first().waitFor()
  const shown = await rows.count()
  const dialog = page.getByRole('alertdialog', { name: 'Take the record away' })
  const took = async (form: RegExp) => {
    await page.getByRole('button', { name: 'Take away' }).click()
    await dialog.getByText(shown === 1 ? '1 event' : `${shown} events`, { exact: true }).waitFor()
    await dialog.getByRole('radio', { name: form }).check()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'Take away' }).click(),
    ])
    await page.keyboard.press('Escape')
    return file.path()
  }
  const pdf = await readFile(await took(/PDF/))
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  const table = await took(/CSV/)
  const lines = (await readFile(table, 'utf8')).trim().split('\n')
  expect([lines.length - 1, lines.every((line, at) => at === 0 || line.includes(',consent.asked,'))]).toEqual([
    shown,
    true,
  ])

  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(/records, unbroken.*newest checkpoint is of \d\d:\d\d and signs/).waitFor()
  await picture(page, 'record-whole')
  const [row] = await fresh.db.query<{ event_id: string }>('select event_id from log_leaf where seq = 7')
  await fresh.db.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(`update event set body = replace(body, '"v": 1', '"v": 2') where id = $1`, [row?.event_id])
  })
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(`Record 7 (${row?.event_id}) does not match: its text was changed.`).waitFor()
  await picture(page, 'record-broken')
  // What does not verify is taken away by whoever insists, and by nobody else.
  await page.getByRole('button', { name: 'Take away' }).click()
  await dialog.getByText(/The record does not verify/).waitFor()
  expect(await dialog.getByRole('link').count()).toBe(0)
  await dialog.getByRole('checkbox', { name: /as evidence/ }).check()
  await dialog.getByRole('link', { name: 'Take away' }).waitFor()
  await page.close()
})

test('what is in the record is suggested as one types, taken by the keyboard alone, and that people were named is recorded', async () => {
  const page = await cast.atDesk('adam', '/audit')
  const field = page.getByRole('combobox', { name: 'Search the record' })
  const chosen = () =>
    page.evaluate<string | undefined>(
      "document.getElementById(document.activeElement.getAttribute('aria-activedescendant') ?? '')?.textContent.trim()",
    )
  const suggestions = page.getByRole('listbox', { name: 'Suggestions' })
  await field.focus()
  expect(await suggestions.count()).toBe(0)
  await page.keyboard.type('ag')
  await suggestions.getByRole('option', { name: /^agent: who did it/ }).waitFor()
  expect(await field.getAttribute('aria-expanded')).toBe('true')
  await page.keyboard.press('ArrowDown')
  await expect.poll(chosen).toMatch(/^agent:/)
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('agent:')
  await page.keyboard.type('be')
  await suggestions.getByRole('option', { name: 'agent:"Ben Ortiz"' }).waitFor()
  await expect.poll(() => suggestions.getByRole('option').count()).toBe(1)
  // What was suggested before the letters is gone by now: the first is one of those that begin so.
  await page.keyboard.press('ArrowDown')
  await expect.poll(chosen).toBe('agent:"Ben Ortiz"')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('agent:"Ben Ortiz" ')
  await page.keyboard.type('type:consent')
  await suggestions.getByRole('option', { name: 'type:consent.asked' }).waitFor()
  await picture(page, 'record-suggestions')
  // Escape leaves what was typed, and Enter without a choice searches for exactly that.
  await page.keyboard.press('Escape')
  await suggestions.waitFor({ state: 'detached' })
  await page.keyboard.type('.asked')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=/)
  expect(new URL(page.url()).searchParams.get('q')).toBe('agent:"Ben Ortiz" type:consent.asked')
  await page.getByRole('button', { name: /Ben Ortiz asked .* for consent/ }).waitFor()
  // Whoever searches goes on searching: the focus is still in the field, which says what a chip leaves of it.
  expect(await page.evaluate<string>('document.activeElement.role || document.activeElement.tagName')).toBe('combobox')
  await page.getByRole('link', { name: /Remove agent Ben Ortiz/ }).click()
  await expect.poll(() => field.inputValue()).toBe('type:consent.asked')
  const read = await fresh.db.query<{ of: string }>(
    `select distinct (body::jsonb) #>> '{data,of}' as of from event where type = 'record.read' and body like '%suggestions%'`,
  )
  expect(read.map(({ of }) => of)).toEqual(['agent'])
  await page.close()
})

test('the record in figures says in words and in a table what it draws, and each day leads to what was counted', async () => {
  const play = await playing(stage)
  const agent = play.scriptOf('dev06')
  const { id } = await play.asked(agent, 'leo@clinica-sol.test', 'cli_sol')
  await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  const adam = play.scriptOf('adam')
  const figures = (await adam.call('GET', '/audit/figures')).body
  const today = figures.days.at(-1)
  const all = Object.values<number>(today.ended).reduce((sum, count) => sum + count, 0)
  expect(today.ended.cancelled).toBeGreaterThan(0)

  const page = await cast.atDesk('adam', '/audit')
  // Nothing is read, and no reading recorded, before somebody opens it.
  const asked = () => fresh.db.query(`select 1 from event where type = 'record.read' and body like '%figures%'`)
  const before = (await asked()).length
  const section = page.locator('details.figures')
  await section.locator('summary').first().focus()
  await page.keyboard.press('Enter')
  const ended = section.locator('figure').first()
  await ended.getByRole('img', { name: new RegExp(`A column for each day\\. ${all} assistance`) }).waitFor()
  expect(await asked()).toHaveLength(before + 1)
  await ended.getByText('Show as table').focus()
  await page.keyboard.press('Enter')
  const columns = await ended.locator('thead th').allInnerTexts()
  const row = ended.locator('tbody tr').nth(1)
  const cells = await row.locator('th, td').allInnerTexts()
  expect(Number(cells[1])).toBe(all)
  expect(Number(cells[columns.indexOf('ended by the agent')])).toBe(today.ended.cancelled)
  await picture(page, 'record-figures')
  await row.getByRole('link').click()
  await page.waitForURL(/q=type/)
  await expect.poll(() => page.locator('main .sentence').count()).toBe(all)
  await page.close()
})

/** How long it takes until the page says so when all that it asks fares like this; then it recovers by itself. */
async function untilSaid(page: Page, fares: (route: Route) => unknown): Promise<number> {
  const began = performance.now()
  await page.route('**/*', fares)
  await page.locator('.strip').waitFor()
  const ms = performance.now() - began
  await page.unroute('**/*')
  await page.locator('.strip').waitFor({ state: 'detached' })
  return ms
}

test('a silent server is said within three seconds, and everything goes on by itself when it answers', async () => {
  const page = await cast.atDesk('ben', '/surfaces')
  await heading(page, 'Surfaces').waitFor()
  const silenced = () => untilSaid(page, (route) => route.abort())
  expect(await atBest(3_300, silenced)).toBeLessThan(3_300)
  await page.close()
})

test('a line that swallows everything is said within seven seconds, however slow it was, and everything goes on by itself', async () => {
  const page = await cast.atDesk('ben', '/surfaces')
  await heading(page, 'Surfaces').waitFor()
  const swallowed = () => untilSaid(page, () => new Promise<void>(() => undefined))
  expect(await atBest(7_300, swallowed)).toBeLessThan(7_300)
  await page.close()
})

test('on a slow line nothing is said before it is known: neither that nothing waits, nor how one signs in', async () => {
  const page = await cast.atDesk('tess', '/settings')
  const lists = await heldBack(page, /\/api\/v1\/(approvals|reviews|alerts)$/)
  await page.goto(`${stage.console}/oversight`)
  await Promise.all([heading(page, 'Oversight').waitFor(), lists.answered])
  const nothing = page.getByText(/^(Nobody is waiting for you|Nothing to review|Nothing unusual)/)
  expect([await page.locator('.skeleton').count(), await nothing.count()]).toEqual([3, 0])
  lists.letThrough()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.getByText('Nobody is waiting for you.').waitFor()
  await page.close()

  const stranger = await (await browser.newContext()).newPage()
  const ways = await heldBack(stranger, /\/session\/ways$/)
  await Promise.all([ways.answered, stranger.goto(stage.console)])
  expect(await stranger.locator('input[name=password]').count()).toBe(0)
  ways.letThrough()
  await stranger.locator('input[name=password]').waitFor()
  await stranger.context().close()
})

test('the module User Support has Technical Assistance and Ecosystem Admin, and nothing else', async () => {
  const page = await cast.atDesk('ana', '/settings')
  const support = page.getByRole('navigation').getByRole('region', { name: 'User Support' })
  await support.waitFor()
  expect(await support.getByRole('link').allInnerTexts()).toEqual(['Technical Assistance', 'Ecosystem Admin'])
  await page.close()
})

test('what a role does not include is a page that says whom to ask, not an empty list', async () => {
  const page = await cast.atDesk('ben', '/audit')
  await heading(page, 'Your role does not include this page').waitFor()
  await page.getByText('Ask your administrator for the role “auditor”.').waitFor()
  await page.getByRole('link', { name: 'Go to where your work is' }).click()
  await heading(page, 'Who needs help?').waitFor()
  await page.close()
})
