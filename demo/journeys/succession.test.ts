/** Ecosystem Admin in a real browser: a rejection read in both languages, released with the user's third code. */
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { FreshDatabase } from '../../server/src/database/testing.ts'
import type { Cast } from '../screens/cast.ts'
import { ownStageInChromium } from './own.ts'
import type { Play } from './script.ts'
import { type Stage, until, Browser as Visitor } from './stage.ts'

let fresh: FreshDatabase
let stage: Stage
let play: Play
let cast: Cast

beforeAll(async () => {
  const own = await ownStageInChromium()
  ;({ fresh, stage, play, cast } = own)
  return own.close
}, 90_000)

const regina = 'successor@rejected.test'

const words = {
  en: {
    asks: 'Ana Robles is asking to see the steps of your succession',
    opens: /No product of yours is opened/,
    yes: /Yes, I asked/,
  },
  es: {
    asks: 'Ana Robles pide permiso para ver los pasos de su sucesión',
    opens: /No se abre ningún producto suyo/,
    yes: /Sí, yo pedí/,
  },
} as const

/** The two proofs, with what the two people get by mail; answers the link to the user's page. */
async function proved(page: Page, email: string, language: 'en' | 'es' = 'es'): Promise<string> {
  await page.locator('input[name=email]').fill(email)
  await page.locator('select[name=reason]').selectOption('succession')
  const own = await cast.letterAfter('ana@acme.test', () => page.locator('main button[type=submit]').click())
  await page.locator('.code-field input').fill(own.codes[0] ?? '')
  await page.locator('.code-form button[type=submit]').click()
  const letter = await cast.letterAfter(email, () => page.getByRole('button', { name: 'Send the message' }).click())
  const link = letter.links.find((one) => one.includes('/c/')) ?? ''
  const theirs = await cast.pageOf('regina', link)
  const { asks, opens, yes } = words[language]
  expect(await theirs.locator('h1').innerText()).toBe(asks)
  expect(await theirs.locator('main').innerText()).toMatch(opens)
  await theirs.getByRole('button', { name: yes }).click()
  await page.locator('.code-field.short input').fill((await theirs.locator('h1 .digits').innerText()).trim())
  await page.locator('.code-field.short input').press('Enter')
  await page.locator('.suc-stands').waitFor()
  await theirs.close()
  return link
}
const rows = (page: Page) => page.locator('.suc-checks tbody tr').allInnerTexts()
const speak = async (page: Page, language: 'en' | 'es') => {
  await page.evaluate(
    `localStorage.setItem('amparo.language', '${language}'); window.dispatchEvent(new StorageEvent('storage'))`,
  )
  await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
}

test('inside a case nothing is offered that is for the agent alone: not before it is over', async () => {
  const ana = play.scriptOf('ana')
  const asked = { kind: 'succession', userEmail: regina, reason: { code: 'succession' } }
  const { id } = await play.must(ana.call('POST', '/assistances', asked), 201)
  const page = await cast.atDesk('ana', `/ecosystem/${id}`)
  await page.getByRole('heading', { level: 1, name: 'Prove that it is you' }).waitFor()
  const offer = page.getByRole('button', { name: 'Add a passkey' })
  expect(await offer.count()).toBe(0)
  await play.must(ana.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  await page.getByRole('navigation').getByRole('link', { name: 'Ecosystem Admin' }).click()
  await offer.waitFor()
  await page.getByRole('button', { name: 'Not now' }).click()
  await offer.waitFor({ state: 'detached' })
  await page.close()
})

test('what is started again is of the same kind, from whichever list', async () => {
  const ana = play.scriptOf('ana')
  const asked = { kind: 'succession', userEmail: regina, reason: { code: 'succession' } }
  const { id } = await play.must(ana.call('POST', '/assistances', asked), 201)
  await play.must(ana.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' }), 200)
  const page = await cast.atDesk('ana', '/mine')
  const filledIn = async () => {
    await page.waitForURL('**/ecosystem')
    await expect.poll(() => page.locator('input[name=email]').inputValue()).toBe(regina)
  }
  await page
    .getByRole('button', { name: `Start again for ${regina}` })
    .first()
    .click()
  await filledIn()
  await page.getByRole('navigation').getByRole('link', { name: 'Technical Assistance' }).click()
  await page.waitForURL('**/assist')
  await page.getByLabel('User email').last().fill('')
  await page.locator('.last-day').getByRole('button', { name: regina }).first().click()
  await filledIn()
  await page.close()
})

test('the rejection’s modal shows both failed rules first with then, now and needed, in English and in Spanish; the third code releases it and the new entry names the agent', async () => {
  const page = await cast.atDesk('ana', '/ecosystem')
  const link = await proved(page, regina)
  expect(await page.locator('.suc-who').innerText()).toMatch(
    /Regina Luna[\s\S]*successor@rejected\.test[\s\S]*Clínica Luna[\s\S]*Successor/,
  )
  expect(await page.locator('.rail [aria-current=page]').innerText()).toContain('Ecosystem Admin')
  expect(await page.locator('.suc-entries li').count()).toBe(15)
  expect(await page.locator('.suc-entries').first().innerText()).toMatch(
    /invitation was sent to the successor[\s\S]*The successor accepted[\s\S]*validation process for the successor was rejected by Acme/,
  )

  // By keyboard: to an entry, into its details, and back to where one was.
  await page.getByRole('heading', { level: 1 }).focus()
  for (const key of ['j', 'j', 'd']) await page.keyboard.press(key)
  const second = await page.locator('.suc-entries li').nth(1).locator('strong').innerText()
  await page.getByRole('dialog', { name: second }).waitFor()
  await page.keyboard.press('Escape')
  await expect
    .poll(() => page.evaluate('document.activeElement.closest("li")?.querySelector("strong").textContent'))
    .toBe(second)

  await page.getByRole('button', { name: /^See details: The validation process/ }).click()
  await page.locator('.suc-checks').waitFor()
  const english = (await rows(page)).map((row) => row.replace(/\s+/g, ' '))
  expect(english[0]).toMatch(
    /✗ Recent activity.*47 days without activity.*5\d days without activity ✗.*at most 30 days/,
  )
  expect(english[1]).toMatch(/✗ The membership is paid.*overdue overdue ✗ up to date/)
  expect(english.slice(2).every((row) => row.includes('✓'))).toBe(true)
  expect(english).toHaveLength(5)
  const helps = page.getByRole('dialog').locator('section', { hasText: 'What the user can do' }).locator('li')
  expect(await helps.allInnerTexts()).toEqual([
    'The successor signs in once to their own account; the check runs again.',
    'Settle the membership; the check runs again.',
    'Mend what failed below, then ask support to release the process.',
  ])
  await speak(page, 'es')
  await page.getByRole('heading', { name: 'El proceso de validación del sucesor fue rechazado por Acme' }).waitFor()
  await page.locator('.suc-checks').waitFor()
  const spanish = (await rows(page)).map((row) => row.replace(/\s+/g, ' '))
  expect(spanish[0]).toMatch(
    /✗ Actividad reciente.*47 días sin actividad.*5\d días sin actividad ✗.*como máximo 30 días/,
  )
  expect(spanish[1]).toMatch(/✗ La membresía está al día.*en mora en mora ✗ al día/)
  await speak(page, 'en')

  const theirs = await cast.pageOf('regina', link)
  const told = (await theirs.locator('main').innerText()).replace(/\s+/g, ' ')
  expect(told).toMatch(/Su proceso de validación fue rechazado por Acme\. Continúa cuando se desbloquee/)
  expect(told).toMatch(
    /✗ Actividad reciente\. Entonces: 47 días sin actividad\. Ahora: 5\d días sin actividad\. Se necesita: como máximo 30 días/,
  )
  expect(told).toMatch(/Usted activó su designación/)
  const stranger = await cast.pageOf('somebody', link)
  expect(await stranger.locator('main').innerText()).not.toMatch(/rechazad|Actividad|días/i)
  for (const one of [theirs, stranger]) await one.close()

  await page.keyboard.press('ArrowLeft')
  await page.getByRole('heading', { name: 'The identity of the successor was verified' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('dialog').getByRole('button', { name: 'Release request' }).click()
  await page.getByText('Still fails, and may be rejected again').waitFor()
  await page.getByRole('button', { name: 'Send the code to the user' }).click()
  await page.getByText('Write at least 10 characters.').waitFor()
  await page.getByLabel('Why, in a sentence').fill('She paid today and signed in while we talked.')
  const letter = await cast.letterAfter(regina, () =>
    page.getByRole('button', { name: 'Send the code to the user' }).click(),
  )
  await page.getByLabel('The user’s code for this release').fill(letter.codes[0] ?? '')
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByText('Done.').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('heading', { name: /^Attempt 2, since/ }).waitFor()
  const entry = page.locator('.suc-entries li', { hasText: 'Support released the process' })
  expect(await entry.innerText()).toMatch(/Released[\s\S]*Ana Robles/)
  await page.getByRole('button', { name: /^See details: The validation process/ }).click()
  await page.locator('.suc-checks').waitFor()
  expect(await rows(page)).toHaveLength(5)
  await until(
    () => cast.letters('owner@rejected.test'),
    (all) => all.some(({ subject }) => subject === 'Se pidió que continúe la sucesión de Clínica Luna'),
    'the news to the owner',
  )
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('radio', { name: 'Solved', exact: true }).check()
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
  await page.close()
}, 90_000)

const finished = async (page: Page) => {
  await page.getByRole('radio', { name: 'Solved', exact: true }).check()
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
}

test('every entry and every step to come opens its details with one press; the arrows walk them all, Escape goes back, and the focus returns to where it was', async () => {
  const page = await cast.atDesk('ana', '/ecosystem')
  await proved(page, 'successor@twice.test', 'en')
  const buttons = page.getByRole('button', { name: /^See details: / })
  const all = await buttons.count()
  expect(all).toBeGreaterThan(15)
  const titles: string[] = []
  for (let at = 0; at < all; at += 1) {
    await buttons.nth(at).click()
    const box = page.getByRole('dialog')
    await box.locator('.suc-facts').waitFor()
    const text = (await box.innerText()).replace(/\s+/g, ' ')
    expect(text).toMatch(/What it means .+ What comes next .+ Reference SUC-TWICE/)
    titles.push(await box.getByRole('heading', { level: 2 }).innerText())
    await page.keyboard.press('Escape')
    await box.waitFor({ state: 'detached' })
    const focused = await page.evaluate('document.activeElement?.getAttribute("aria-label")')
    expect(focused).toBe(await buttons.nth(at).getAttribute('aria-label'))
  }
  await buttons.first().click()
  for (const title of titles) {
    await page.getByRole('dialog').getByRole('heading', { level: 2, name: title, exact: true }).waitFor()
    await page.keyboard.press('ArrowRight')
  }
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^See details: The invitation was sent/ }).click()
  expect(await page.getByRole('dialog').locator('.suc-fates').innerText()).toMatch(
    /link used\s+E-mail · s•••@twice\.test · /,
  )
  await page.keyboard.press('Escape')
  await page.getByLabel('Problems only').check()
  const shown = await page.locator('.suc-entries .tone').allInnerTexts()
  expect(new Set(shown.map((word) => word.trim()))).toEqual(new Set(['Rejected']))
  await finished(page)
  await page.close()
}, 120_000)

test('markup, orders to a terminal and letters that turn the reading round in the vendor’s rows are text, at the desk, on the user’s page and in the mail', async () => {
  const hostile = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202e\u001b[2J`
  await fresh.db.query(
    `update vendor.succession_log set note = $1, words = $1 where ref = 'SUC-WINDOW' and seq in (3, 10)`,
    [hostile],
  )
  await fresh.db.query(
    `insert into vendor.succession_log (ref, seq, at, type, actor, note, words) values ('SUC-WINDOW', 11, now(), 'note', 'system', $1, $1)`,
    [hostile],
  )
  await fresh.db.query(`update vendor.succession_message set sent_to = $1, channel = $1 where ref = 'SUC-WINDOW'`, [
    hostile,
  ])
  await fresh.db.query(`update vendor.clinic set name = $1 where id = 'cli_window'`, [hostile])
  await fresh.db.query(`update vendor.person set name = $1 where id = 'per_owner_window'`, [hostile])
  const page = await cast.atDesk('ana', '/ecosystem')
  const link = await proved(page, 'successor@window.test', 'en')
  for (const at of [2, 9, 10]) {
    await page
      .getByRole('button', { name: /^See details: / })
      .nth(at)
      .click()
    await page.getByRole('dialog').locator('.suc-facts').waitFor()
    await page.keyboard.press('Escape')
  }
  const theirs = await cast.pageOf('regina', link)
  await theirs.getByRole('heading', { name: 'Your succession' }).waitFor()
  for (const one of [page, theirs]) {
    expect(await one.evaluate('[window.hacked, document.querySelectorAll("img[src=x]").length]')).toEqual([
      undefined,
      0,
    ])
    expect(await one.locator('main').innerText()).toContain('<img src=x')
  }
  const [letter] = await cast.letters('successor@window.test')
  const mail = await (await fetch(`http://127.0.0.1:${stage.port}/dev/inbox.json?to=successor@window.test`)).text()
  expect(letter).toBeDefined()
  expect(mail).not.toMatch(/\\u202e|\\u001b/)
  await theirs.close()
  await finished(page)
  await page.close()
}, 90_000)

test('over HTTP: what support never does is 403 with a word, no product opens, and Technical Assistance reads no succession', async () => {
  const ana = play.scriptOf('ana')
  const opened = await ana.call('POST', '/assistances', {
    kind: 'succession',
    userEmail: 'successor@review.test',
    reason: { code: 'succession' },
  })
  expect(opened.status).toBe(201)
  const { id } = opened.body
  const own = await cast.letterAfter('ana@acme.test', () => ana.call('POST', `/assistances/${id}/agent-code`, {}))
  await ana.call('PUT', `/assistances/${id}/agent-proof`, { method: 'code', code: own.codes[0] })
  const letter = await cast.letterAfter('successor@review.test', () =>
    ana.call('POST', `/assistances/${id}/consent-code`, {}),
  )
  expect((await ana.call('GET', `/assistances/${id}/succession`)).status).toBe(409)
  expect(await ana.call('PUT', `/assistances/${id}/consent`, { code: letter.codes[0] })).toMatchObject({ status: 200 })
  expect((await ana.call('GET', `/assistances/${id}/succession?lang=es`)).body.standing.sentence).toBe(
    'Se está revisando la solicitud.',
  )
  for (const act of ['approve', 'reject', 'upload_evidence', 'shorten_window', 'apply_transfer', 'read_document'])
    expect(
      await ana.call('POST', `/assistances/${id}/succession/acts`, { act, note: 'Because they asked me to' }),
    ).toMatchObject({
      status: 403,
      body: { code: 'succession.never' },
    })
  expect(await ana.call('POST', `/assistances/${id}/launches`, { surface: 'web' })).toMatchObject({
    status: 403,
    body: { code: 'surface.not_here' },
  })
  await ana.call('PUT', `/assistances/${id}/closure`, { because: 'finished', outcome: 'solved' })
  const technical = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  for (const path of ['succession', 'succession/steps/e1'])
    expect(await ana.call('GET', `/assistances/${technical.id}/${path}`)).toMatchObject({
      status: 403,
      body: { code: 'succession.not_here' },
    })
  await ana.call('PUT', `/assistances/${technical.id}/closure`, { because: 'finished', outcome: 'solved' })
}, 120_000)

test('over HTTP: a release is refused on the user’s page and nothing of it opens any more; asked for again, the page’s yes and its two digits release it', async () => {
  const ana = play.scriptOf('ana')
  const documents = 'successor@documents.test'
  const { id } = await play.must(
    ana.call('POST', '/assistances', { kind: 'succession', userEmail: documents, reason: { code: 'succession' } }),
    201,
  )
  const path = `/assistances/${id}`
  const own = await cast.letterAfter('ana@acme.test', () => ana.call('POST', `${path}/agent-code`, {}))
  await play.must(ana.call('PUT', `${path}/agent-proof`, { method: 'code', code: own.codes[0] }), 200)
  const letter = await cast.letterAfter(documents, () => ana.call('POST', `${path}/consent-code`, {}))
  const link = letter.links.find((one) => one.includes('/c/')) ?? ''
  await play.must(ana.call('PUT', `${path}/consent`, { code: letter.codes[0] }), 200)
  const asked = () => cast.letterAfter(documents, () => ana.call('POST', `${path}/succession/release-code`, {}))
  const released = (given: object) =>
    ana.call('PUT', `${path}/succession/release`, {
      ...given,
      reason: 'support.user_asked',
      note: 'They sent a new scan.',
    })
  const phone = new Visitor()
  const first = await asked()
  expect((await phone.ask(link)).text).toMatch(/Ana Robles (pide desbloquear|asks to release)/)
  expect(await play.tapped(phone, link, 'release-no')).toMatchObject({ status: 200 })
  expect((await released({ code: first.codes[0] })).body.code).toBe('code.earlier')
  expect((await ana.call('GET', path)).body).toMatchObject({ state: 'active', release: { refused: true } })
  await asked()
  const { body } = await play.tapped(phone, link, 'release-yes')
  expect((await phone.ask(link)).text).toContain(`<strong class="digits">${body.digits}</strong>`)
  expect((await ana.call('GET', path)).body.release).toMatchObject({ refused: false, saidYesAt: expect.any(String) })
  expect(await released({ match: body.digits })).toMatchObject({ status: 200, body: { result: 'done' } })
  expect((await released({ match: body.digits })).body.code).toBe('match.not_asked')
  await play.must(ana.call('PUT', `${path}/closure`, { because: 'finished', outcome: 'solved' }), 200)
}, 60_000)
