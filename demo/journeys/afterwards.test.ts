/** What comes after help, in real browsers: the user's own history behind a code, what was not right, and who looks at it. */
import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Cast } from '../screens/cast.ts'
import { picture } from './chromium.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'

let browser: Browser
let cast: Cast
let play: Play
beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ play, browser, cast } = own)
  return own.close
}, 90_000)

const patience = 120_000
const [leo, grace] = ['leo@clinica-sol.test', 'grace@northside.test']

test(
  'without scripts and without an account: a code to the mailbox on file, everything they had, a copy, and an objection that a supervisor answers',
  async () => {
    const agent = play.scriptOf('ana')
    const { id, link } = await play.active(agent, grace, 'cli_northside')
    await play.must(agent.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' }), 200)
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', acceptDownloads: true })
    const page = await context.newPage()
    await page.goto(link)
    await page.getByRole('link', { name: 'See all the help that you had' }).click()
    const seen = (await play.lettersTo(grace)).length
    await page.getByRole('button', { name: 'Send me a code' }).click()
    const { codes, text } = await play.newLetter(grace, seen, (letter) => letter.codes.length > 0)
    expect(text).toContain('read it to nobody')
    await page.getByLabel('The 6 numbers of the message').fill('12 34')
    await page.getByRole('button', { name: 'Show it' }).click()
    await page.getByText('Type the 6 numbers of the message.').waitFor()
    await page.getByLabel('The 6 numbers of the message').fill(` ${codes[0]?.slice(0, 3)}-${codes[0]?.slice(-3)} `)
    await page.getByRole('button', { name: 'Show it' }).click()
    await page.getByText('Ana Robles helped you').waitFor()
    await picture(page, 'history')

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'As a table (CSV)' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('history.csv')
    expect(await readFile(await file.path(), 'utf8')).toContain(',Ana Robles,')

    await page.getByText('Something was not right', { exact: true }).click()
    await page.getByLabel('What was not right?').fill('She looked at more than I asked for')
    await page.getByRole('button', { name: 'Tell Acme' }).click()
    await page.getByText('Thank you. We look at it.').waitFor()
    expect(await page.getByText('Something was not right', { exact: true }).count()).toBe(0)

    const sara = await cast.atDesk('sara', '/oversight')
    const review = sara.getByRole('article').filter({ hasText: 'Grace Hall (Northside Medical) says that something' })
    await review.getByText('She looked at more than I asked for').waitFor()
    const found = review.getByLabel('What you found, in one line')
    const findings = review.getByRole('button', { name: /^The help was/ })
    const looks =
      'new Set([...document.querySelectorAll(`article .acts button`)].map((one) => one.dataset.variant)).size'
    expect([await findings.count(), await sara.evaluate(looks)]).toEqual([2, 1])
    await findings.first().click()
    await review.getByText('Say in a few words what you found.').waitFor()
    expect(await sara.evaluate('document.activeElement.labels[0].textContent')).toBe('What you found, in one line')
    await found.fill('She opened what the question was about')
    await review.getByRole('button', { name: 'The help was in order' }).click()
    await review.getByText('Sara Molina reviewed it: The help was in order').waitFor()
    await page.reload()
    await page.getByText('It was looked at on').waitFor()
    await sara.close()
    await context.close()
  },
  patience,
)

test(
  '“I did not ask for this” ends it, keeps the two apart, and waits for a supervisor who reads who, what and what was done meanwhile',
  async () => {
    const agent = play.scriptOf('ben')
    const { id, link } = await play.active(agent, leo, 'cli_sol')
    const page = await cast.pageOf('leo', `${link}?lang=es`)
    await page.getByRole('button', { name: 'Yo no pedí esto' }).click()
    await page.getByRole('heading', { level: 1, name: 'Usted nos avisó' }).waitFor()
    const again = await agent.call('POST', '/assistances', {
      kind: 'technical',
      userEmail: leo,
      reason: { code: 'fault' },
    })
    expect(again.body.code).toBe('pair.locked')

    const sara = await cast.atDesk('sara', '/oversight')
    const review = sara
      .getByRole('article')
      .filter({ hasText: 'Leo Martín (Clínica Sol) says that they never asked Ben Ortiz' })
    await review.getByText('Nothing was opened meanwhile.').waitFor()
    await sara.getByRole('listitem').filter({ hasText: 'never asked Ben Ortiz for help' }).waitFor()
    await review.getByLabel('What you found, in one line').fill('Leo’s colleague had called, without telling him')
    await review.getByRole('button', { name: 'The help was not in order' }).click()
    await review.getByText('Sara Molina reviewed it: The help was not in order').waitFor()
    // What happened has its place in the record.
    await play.advance(0)
    const { items } = (await play.scriptOf('adam').call('GET', `/audit/events?assistance=${id}&limit=50`)).body
    const types = items.map(({ type }: { type: string }) => type)
    for (const type of ['review.opened', 'review.closed', 'alert.raised']) expect(types).toContain(type)
    await page.reload()
    await page.getByText('Se miró el').waitFor()
    for (const one of [page, sara]) await one.close()
  },
  patience,
)
