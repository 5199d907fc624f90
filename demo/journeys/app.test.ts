/** The App on the agent's phone: the code of the running console, the real page of help, and what both show until the end. */
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { emptyDatabase, type FreshDatabase } from '../../server/src/database/testing.ts'
import { chromiumHere, desk, heldBack, phone, picture } from './chromium.ts'
import { browserWithCamera, film, pixelsOf, readTwice } from './optics.ts'
import { type Letter, type Play, playing, type Script } from './script.ts'
import { atBest, type Stage, staged, until } from './stage.ts'

// Two browsers and their people take longer than a call.
vi.setConfig({ testTimeout: 120_000 })

let fresh: FreshDatabase
let stage: Stage
let play: Play
let browser: Browser
let camera: Browser
let filmAt: string
let console: Page
let app: string
const open: BrowserContext[] = []

beforeAll(async () => {
  fresh = await emptyDatabase()
  stage = await staged({ databaseUrl: fresh.url })
  play = await playing(stage)
  browser = await chromiumHere()
  filmAt = join(stage.folder, 'screen.y4m')
  camera = await browserWithCamera(filmAt)
  app = `http://app.localhost:${stage.port + 12}`
  console = await signedIn()
}, 120_000)
afterAll(async () => {
  await camera.close()
  await browser.close()
  await stage.stop()
  await stage.remove()
  await fresh.close()
})
afterEach(async () => {
  for (const context of open.splice(0)) await context.close()
  for (const page of console.context().pages()) if (page !== console) await page.close()
  const ana = play.scriptOf('ana')
  const { items } = (await ana.call('GET', '/assistances?state=live')).body
  for (const { id } of items) await ana.call('PUT', `/assistances/${id}/closure`, { because: 'cancelled' })
})

/** Ana's console, in a browser of its own. */
async function signedIn(how: BrowserContextOptions = desk): Promise<Page> {
  const context = await browser.newContext({ ...how, locale: 'en-GB' })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  await page.goto(`${stage.console}/assist`)
  await page.locator('input[name=email]').fill('ana@acme.test')
  await page.locator('input[name=password]').fill('ana-demo-pass-1')
  await page.locator('button[type=submit]').click()
  await page.locator('.frame').waitFor()
  return page
}

/** A phone of its own, with a name and, if it is to have one, a camera that it may use. */
async function phoneOf(of: Browser = browser, more: { readonly camera?: true } = {}): Promise<Page> {
  const context = await of.newContext({ ...phone, locale: 'en-GB' })
  if (more.camera) await context.grantPermissions(['camera'], { origin: app })
  context.setDefaultTimeout(30_000)
  open.push(context)
  const page = await context.newPage()
  page.on('request', (request) => asked.add(new URL(request.url()).origin))
  return page
}
const asked = new Set<string>()

interface Shown {
  readonly id: string
  /** What Marta was asked by. */
  readonly letter: Letter
  readonly link: string
  readonly ana: Script
  /** The page with the QR code. */
  readonly code: Page
}

/** Help for Marta, and the page that the App's button opens. */
async function shown(): Promise<Shown> {
  const ana = play.scriptOf('ana')
  const { id, letter, link } = await play.active(ana, 'marta@clinica-sol.test', 'cli_sol')
  await console.goto(`${stage.console}/assist/${id}`)
  const [code] = await Promise.all([
    console.waitForEvent('popup'),
    console.getByRole('button', { name: 'Open App' }).click(),
  ])
  await code.locator('.phone-picture svg').waitFor()
  return { id, letter, link, ana, code }
}

const digitsOn = async (page: Page): Promise<string> => (await page.locator('.digits strong').innerText()).trim()
const shortCodeOn = async (code: Page): Promise<string> => (await code.locator('.phone-short .code').innerText()).trim()

async function typeShortCode(page: Page, typed: string): Promise<void> {
  await page.goto(`${app}/`)
  await page.getByRole('link', { name: 'Enter code' }).click()
  await page.getByLabel('Short code').fill(typed)
  await page.getByRole('button', { name: 'Go on' }).click()
}

/**
 * What a phone's own camera does with the picture: it opens its link. How often codes may be typed from one address has a
 * limit, which a fast machine reaches: who does not try the typing scans.
 */
async function scan(page: Page, code: Page): Promise<void> {
  const [link] = await readTwice(await pixelsOf(console, await code.locator('.phone-picture svg').screenshot()))
  await page.goto(link ?? '')
  await page.getByRole('button', { name: 'Go on' }).click()
}

/** Types the digits that the phone shows, and waits until the phone shows whose account it is. */
async function matched({ code }: Shown, page: Page): Promise<void> {
  const field = code.getByLabel('The two numbers on the phone')
  await field.fill(await digitsOn(page))
  await field.press('Enter')
  await page.locator('amparo-banner').waitFor()
  await page.locator('nav.tabs').waitFor()
}

/** The phone shows Marta's account under the banner with both names, and the console says on which phone. */
async function isOpen({ code, id, ana }: Shown, page: Page): Promise<void> {
  await page.locator('h1', { hasText: 'Marta Ruiz' }).waitFor()
  const banner = await page.locator('amparo-banner .who').innerText()
  expect(banner).toContain('Ana Robles')
  expect(banner).toContain('Marta Ruiz')
  await code
    .locator('.phone-result')
    .getByText(/Opened on/)
    .waitFor()
  const seen = (await ana.call('GET', `/assistances/${id}`)).body
  expect(seen.surfaces.find(({ surface }: { surface: string }) => surface === 'app')).toMatchObject({ open: true })
}

test('a phone’s camera sees the real code of the console; two digits later it is signed in as the user with both names, and Stop covers it within two seconds', async () => {
  const here = await shown()
  await here.code.getByRole('heading', { level: 1, name: /Marta Ruiz/ }).waitFor()
  expect(await here.code.locator('ol li').count()).toBe(3)
  const page = await phoneOf(camera, { camera: true })
  await film(filmAt, await pixelsOf(console, await here.code.locator('.phone-picture').screenshot()))
  asked.clear()
  await page.goto(`${app}/`)
  await page.getByRole('link', { name: 'Scan QR code' }).click()
  await page.locator('.digits').waitFor()
  await picture(page, 'app-digits')
  expect(await page.locator('h1').innerText()).toBe('Ana Robles is opening Marta Ruiz’s account on this phone')
  await here.code.locator('.phone-cover').waitFor()
  await picture(here.code, 'code-claimed')
  await matched(here, page)
  await isOpen(here, page)
  await picture(page, 'app-open')
  expect([...asked].sort()).toEqual([`http://127.0.0.1:${stage.port + 1}`, app])

  expect(await atBest(2_000, (time) => (time === 0 ? stopped(here, page) : openedAndStopped()))).toBeLessThan(2_000)
  await here.code.getByText('The help has ended.').first().waitFor()
  await page.getByRole('link', { name: 'Volver a la app' }).click()
  await page.getByRole('link', { name: 'Scan QR code' }).waitFor()
})

/** Marta stops it while her invoices are open on this phone; how long it took until they were covered. */
async function stopped({ link }: Shown, page: Page): Promise<number> {
  await page.getByRole('link', { name: 'Facturas' }).click()
  await page.getByText('SOL-2026-005').waitFor()
  const marta = await phoneOf()
  await marta.goto(link)
  const stop = marta.getByRole('button', { name: /Stop now|Terminar ahora/ })
  await stop.waitFor()
  const began = performance.now()
  await Promise.all([page.getByText('La ayuda ha terminado').first().waitFor(), stop.click()])
  const ms = performance.now() - began
  expect(await page.locator('body').innerText()).not.toContain('SOL-2026-005')
  expect(await page.content()).not.toContain('SOL-2026-005')
  return ms
}

async function openedAndStopped(): Promise<number> {
  const here = await shown()
  const page = await phoneOf()
  await scan(page, here.code)
  await matched(here, page)
  return stopped(here, page)
}

describe('whatever brings the code to the phone, the end is the same', () => {
  test('the short code, typed', async () => {
    const here = await shown()
    const page = await phoneOf()
    await typeShortCode(page, (await shortCodeOn(here.code)).toLowerCase().replace('-', ' '))
    await matched(here, page)
    await isOpen(here, page)
  })

  test('the link, sent to the agent’s own number and mail and read there', async () => {
    const here = await shown()
    const seen = (await play.lettersTo('ana@acme.test')).length
    await here.code.getByRole('button', { name: 'Send the link to my phone' }).click()
    await here.code.getByText(/On its way to you:/).waitFor()
    const letter = await play.newLetter('ana@acme.test', seen, ({ links }) => links.length > 0)
    const link = letter.links.find((one) => one.startsWith(`${app}/q/`)) ?? ''
    const page = await phoneOf()
    await page.goto(link)
    await page.getByRole('button', { name: 'Go on' }).click()
    await matched(here, page)
    await isOpen(here, page)
  })

  test('the page itself on the phone: no picture to scan, one link to press', async () => {
    const here = await shown()
    const userAgent = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36'
    const code = await signedIn({ ...phone, isMobile: true, userAgent })
    open.push(code.context())
    await code.goto(here.code.url())
    const link = code.getByRole('link', { name: 'Open in the app' })
    await link.waitFor()
    expect(await code.locator('.phone-picture').count()).toBe(0)
    const [page] = await Promise.all([code.waitForEvent('popup'), link.click()])
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('.digits').waitFor()
    await matched({ ...here, code }, page)
    await isOpen({ ...here, code }, page)
  })
})

test('on a slow line an answer from before the digits does not bring their field back', async () => {
  const here = await shown()
  const page = await phoneOf()
  await scan(page, here.code)
  const digits = await digitsOn(page)
  const field = here.code.getByLabel('The two numbers on the phone')
  await field.waitFor()
  const before = await heldBack(here.code, /\/launches\/[^/]+$/)
  await before.answered
  await field.fill(digits)
  await field.press('Enter')
  await field.waitFor({ state: 'detached' })
  await here.code.evaluate(`window.back = 0
    new MutationObserver(() => { if (document.querySelector('.code-field.short')) window.back += 1 })
      .observe(document.body, { childList: true, subtree: true })`)
  before.letThrough()
  await isOpen(here, page)
  expect(await here.code.evaluate('window.back')).toBe(0)
})

describe('what does not fit closes both sides', () => {
  test('wrong digits: the phone is told, the console says it and shows no digits’ field any more', async () => {
    const here = await shown()
    const page = await phoneOf()
    await typeShortCode(page, await shortCodeOn(here.code))
    const right = await digitsOn(page)
    const field = here.code.getByLabel('The two numbers on the phone')
    await field.fill(right === '11' ? '12' : '11')
    await field.press('Enter')
    await here.code.getByText('Those numbers are different. We closed both sides.').first().waitFor()
    expect(await field.count()).toBe(0)
    expect(await here.code.getByText('2 more tries').count()).toBe(1)
    await page.getByText('Other numbers were typed on the support screen.').waitFor()
    const events = (await here.ana.call('GET', `/assistances/${here.id}`)).body
    expect(events.state).toBe('active')
    await here.code.getByRole('button', { name: 'Show a new code' }).click()
    await here.code.locator('.phone-picture svg').waitFor()
    const another = await phoneOf()
    await scan(another, here.code)
    await matched(here, another)
    await isOpen(here, another)
  })

  test('Not me on the phone: nothing opens, and the console says so', async () => {
    const here = await shown()
    const page = await phoneOf()
    await scan(page, here.code)
    await page.getByRole('button', { name: 'Not me' }).click()
    await page.getByText('Support was told. Nothing was opened on this phone.').waitFor()
    await here.code.getByText('Whoever scanned it said that it was not them.').first().waitFor()
  })

  test('a phone that comes second is told that the code is taken', async () => {
    const here = await shown()
    const short = await shortCodeOn(here.code)
    const first = await phoneOf()
    await typeShortCode(first, short)
    await first.locator('.digits').waitFor()
    const second = await phoneOf()
    await typeShortCode(second, short)
    await second.getByText('A phone has scanned this code already.').waitFor()
    await matched(here, first)
  })

  test('Close this code closes the phone and leaves the help', async () => {
    const here = await shown()
    const page = await phoneOf()
    await scan(page, here.code)
    await matched(here, page)
    await here.code.getByRole('button', { name: 'Close the app' }).click()
    await page.getByText('La ayuda ha terminado').first().waitFor()
    await here.code.getByText('You closed this code.').first().waitFor()
    expect((await here.ana.call('GET', `/assistances/${here.id}`)).body.state).toBe('active')
  })

  test('Finish process ends the help, and End now on the phone too', async () => {
    const first = await shown()
    await first.code.getByRole('button', { name: 'Finish process' }).click()
    await first.code.getByText('The help has ended.').first().waitFor()
    expect((await first.ana.call('GET', `/assistances/${first.id}`)).body).toMatchObject({
      state: 'closed',
      because: 'finished',
    })
    const second = await shown()
    const page = await phoneOf()
    await scan(page, second.code)
    await matched(second, page)
    await page.getByRole('button', { name: 'Terminar ahora' }).click()
    await page.getByText('La ayuda ha terminado').first().waitFor()
    await until(
      async () => (await second.ana.call('GET', `/assistances/${second.id}`)).body.state,
      (state) => state === 'closed',
      'the end',
    )
  })
})

test('after five minutes the code is gone, and a new one is shown by hand; a reload shows the same', async () => {
  const here = await shown()
  const before = here.code.url()
  await here.code.reload()
  await here.code.locator('.phone-picture svg').waitFor()
  expect(here.code.url()).toBe(before)
  await play.advance(5 * 60_000 + 1_000)
  await here.code.getByText('This code has gone. Show a new one.').first().waitFor()
  await here.code.getByRole('button', { name: 'Show a new code' }).click()
  await here.code.locator('.phone-picture svg').waitFor()
  expect(here.code.url()).not.toBe(before)
})

test('nothing of the help stays on the phone: no token in any storage, a key that cannot be read, no cache, no worker, and a reload asks anew', async () => {
  const here = await shown()
  const page = await phoneOf()
  await scan(page, here.code)
  await matched(here, page)
  await isOpen(here, page)
  const kept = await page.evaluate<{
    storage: number
    caches: string[]
    worker: boolean
    extractable: boolean
    url: string
  }>(
    `(async () => {
      const database = await new Promise((done) => { const r = indexedDB.open('acme'); r.onsuccess = () => done(r.result) })
      const key = await new Promise((done) => {
        const r = database.transaction('keys').objectStore('keys').get('device'); r.onsuccess = () => done(r.result)
      })
      database.close()
      return {
        storage: localStorage.length + sessionStorage.length,
        caches: await caches.keys(),
        worker: navigator.serviceWorker.controller !== null,
        extractable: key.privateKey.extractable,
        url: location.href,
      }
    })()`,
  )
  expect(kept).toEqual({ storage: 0, caches: [], worker: false, extractable: false, url: `${app}/help` })
  await page.reload()
  await page.getByRole('link', { name: 'Scan QR code' }).waitFor()
  expect(await page.content()).not.toContain('Marta Ruiz')
})

test('what support may never do is refused on the phone too, and the banner says why', async () => {
  const here = await shown()
  const page = await phoneOf()
  await scan(page, here.code)
  await matched(here, page)
  await page.getByRole('link', { name: 'Yo' }).click()
  await page.getByLabel('Teléfono nuevo').fill('+34600111222')
  await page.getByRole('button', { name: 'Cambiar teléfono' }).click()
  await page.locator('amparo-banner #said', { hasText: 'Soporte no puede hacer esto' }).waitFor()
  const seen = await until(
    async () => (await here.ana.call('GET', `/assistances/${here.id}`)).body,
    ({ acts }) => acts?.some(({ what }: { what: { en: string } }) => what.en === 'opened the profile'),
    'what was done on the phone',
  )
  expect(seen.acts.every(({ surface }: { surface: string }) => surface === 'app')).toBe(true)
})

test('it can be installed, and without a connection it shows its shell and nothing of anybody’s', async () => {
  const page = await phoneOf()
  await page.goto(`${app}/sign-in`)
  await page.locator('#email').fill('leo@clinica-sol.test')
  await page.locator('#password').fill('user-demo-pass-1')
  await page.locator('main form button').click()
  await page.getByText('Leo Martín').first().waitFor()
  const scope = await page.evaluate('navigator.serviceWorker.ready.then(({ scope }) => scope)')
  expect(scope).toBe(`${app}/my/`)
  const devtools = await page.context().newCDPSession(page)
  const { errors, data } = await devtools.send('Page.getAppManifest')
  expect([errors, JSON.parse(data ?? '{}')]).toMatchObject([
    [],
    { name: 'Acme', start_url: '/my/', display: 'standalone' },
  ])
  await page.reload()
  const kept = await page.evaluate<string[]>(
    `caches.open('shell-1').then((all) => all.keys()).then((all) => all.map(({ url }) => new URL(url).pathname).sort())`,
  )
  expect(kept).toEqual(['/my/offline', '/static/mark.svg', '/static/style.css'])
  await page.context().setOffline(true)
  await page.goto(`${app}/my/invoices`)
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  expect(await page.content()).not.toContain('SOL-2026')
})

describe('a camera that cannot be used', () => {
  test('is said in words, refused or missing, and the short code is offered', async () => {
    const refused = await phoneOf(camera)
    await refused.goto(`${app}/help#scan`)
    await refused.getByText('This app may not use the camera.').waitFor()
    const missing = await phoneOf()
    await missing.goto(`${app}/help#scan`)
    await missing.getByText('No camera was found here.').waitFor()
    await missing.getByRole('link', { name: 'Enter code' }).click()
    await expect.poll(() => missing.evaluate('document.activeElement.id')).toBe('short')
    await missing.goto(`${app}/help#scan`)
    await missing.goto(`${app}/help#enter`)
    await missing.getByLabel('Short code').waitFor()
  })
})

describe('the picture', () => {
  test.each(['light', 'dark'] as const)(
    'in the %s theme it is black and white alone, with four modules of margin, and two readers read it at a third of its size',
    async (theme) => {
      const here = await shown()
      await here.code.emulateMedia({ colorScheme: theme })
      const box = here.code.locator('.phone-picture svg')
      const [file, text] = [await box.screenshot(), await here.code.locator('.phone-short .code').innerText()]
      expect(text).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
      const whole = await pixelsOf(console, file)
      const colours = new Set<string>()
      for (let at = 0; at < whole.data.length; at += 4) colours.add(whole.data.slice(at, at + 3).join())
      expect([...colours].sort()).toEqual(['0,0,0', '255,255,255'])
      expect(whole.width).toBe(328)
      const margin = 4 * 8
      const dark = (x: number, y: number) => whole.data[(y * whole.width + x) * 4] === 0
      for (let along = 0; along < whole.width; along += 1)
        for (let in_ = 0; in_ < margin; in_ += 1)
          expect([dark(along, in_), dark(in_, along), dark(along, whole.height - 1 - in_)]).toEqual([
            false,
            false,
            false,
          ])
      expect(dark(margin, margin)).toBe(true)
      for (const scale of [1, 1 / 3]) {
        const [one, other] = await readTwice(await pixelsOf(console, file, scale))
        expect(one).toMatch(new RegExp(`^${app}/q/[0-9A-Za-z]{16}$`))
        expect(other).toBe(one)
      }
    },
  )

  test('in the mails, the user’s and the agent’s own, it travels inside and says what the link beside it says', async () => {
    const here = await shown()
    const seen = (await play.lettersTo('ana@acme.test')).length
    await here.code.getByRole('button', { name: 'Send the link to my phone' }).click()
    const mails = [await play.newLetter('ana@acme.test', seen, ({ links }) => links.length > 0), here.letter]
    for (const mail of mails) {
      const html = await (await fetch(`http://127.0.0.1:${stage.port}/inbox/mail?id=${mail.id}`)).text()
      const [, file = ''] = /src="data:image\/png;base64,([^"]+)"/.exec(html) ?? []
      expect(html).not.toMatch(/src="http/)
      const read = await readTwice(await pixelsOf(console, Buffer.from(file, 'base64')))
      expect(mail.links).toContain(read[0])
      expect(read[1]).toBe(read[0])
    }
  })

  test('every thirty seconds it changes in its place, and nobody is told so aloud', async () => {
    const here = await shown()
    await here.code.evaluate("document.querySelector('.phone-picture svg').dataset.same = 'yes'")
    const path = () => here.code.locator('.phone-picture path').getAttribute('d')
    const said = () => here.code.locator('[aria-live=polite]').innerText()
    const [before, saidBefore] = [await path(), await said()]
    await play.advance(31_000)
    await until(path, (now) => now !== before, 'the next code')
    expect(await here.code.locator('.phone-picture svg[data-same=yes]').count()).toBe(1)
    expect(await said()).toBe(saidBefore)
    await play.advance(220_000)
    await until(said, (now) => now.startsWith('One minute left'), 'that a minute is left')
  })
})

test('by keyboard and ear alone: the code is named, a claim is said and takes the focus to the digits', async () => {
  const here = await shown()
  const short = await shortCodeOn(here.code)
  expect(await here.code.locator('.phone-picture svg').getAttribute('aria-label')).toBe(
    `QR code to open the app. Instead of scanning, type the code ${short}.`,
  )
  const page = await phoneOf()
  await typeShortCode(page, short)
  const digits = await digitsOn(page)
  await until(
    () => here.code.evaluate<string>('document.activeElement.labels?.[0]?.textContent ?? ""'),
    (label) => label === 'The two numbers on the phone',
    'the focus on the digits',
  )
  await until(
    () => here.code.locator('[aria-live=polite]').innerText(),
    (said) => said.startsWith('A phone has scanned this code.'),
    'the claim, said',
  )
  await here.code.keyboard.type(digits)
  await here.code.keyboard.press('Enter')
  await until(
    () => here.code.locator('[aria-live=polite]').innerText(),
    (said) => said.startsWith('Opened on'),
    'the opening, said',
  )
  await page.locator('amparo-banner').waitFor()
})
