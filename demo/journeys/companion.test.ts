/** The user's page in a real browser: on a phone, in both themes and languages, with scripts and without. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  askForMore,
  type Put,
  put,
  putActs,
  recordAsked,
  type Served,
  type Situation,
  served,
} from '../../server/src/companion/companion.testing.ts'
import { type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { chromiumHere, picture } from './chromium.ts'

let fresh: FreshDatabase
let site: Served
let browser: Browser
const contexts: BrowserContext[] = []
beforeAll(async () => {
  fresh = await freshDatabase()
  browser = await chromiumHere()
})
afterAll(async () => {
  await browser.close()
  await fresh.close()
})
beforeEach(async () => {
  site = await served(fresh.db)
  return async () => {
    for (const context of contexts.splice(0)) await context.close()
    await site.close()
  }
})

const small: BrowserContextOptions = { viewport: { width: 360, height: 640 }, hasTouch: true, locale: 'en-GB' }

/** A new browser; where an assistance is given, the one in which its user said yes. */
async function phone(options: BrowserContextOptions = small, its?: Put): Promise<Page> {
  const context = await browser.newContext(options)
  contexts.push(context)
  context.setDefaultTimeout(30_000)
  if (its) await context.setExtraHTTPHeaders({ cookie: its.cookie })
  return context.newPage()
}
const at = ({ token }: Put, query = '') => `${site.origin}/c/${token}${query}`
const endedBecause = async ({ id }: Put) =>
  (await fresh.db.query<{ because: string | null }>('select because from assistance where id = $1', [id]))[0]?.because

/** Moves the clock to where this help has so many seconds left. */
async function untilLeft({ id }: Put, seconds: number): Promise<void> {
  const [row] = await fresh.db.query<{ ms: number }>(
    `select ceil(extract(epoch from user_seen_at + interval '15 minutes' - app_now()) * 1000)::int as ms from assistance where id = $1`,
    [id],
  )
  await fresh.advance(Math.max(0, (row?.ms ?? 0) - seconds * 1000))
}

const acts = (many = 4) => {
  const done = [
    ['Opened your invoices', 'Abrió sus facturas', 1],
    ['Looked at the invoice of October', 'Miró la factura de octubre', 3],
    ['Opened your members', 'Abrió sus miembros', 1],
    ['Opened the home page', 'Abrió la página de inicio', 1],
  ] as const
  return done.slice(0, many).map(([en, es, count], i) => ({
    at: new Date(Date.now() - i * 70_000),
    surface: 'web',
    what: { en, es },
    count,
  }))
}

/** What a screen reader is told without asking: every text that the live regions ever held, in order. */
async function listenTo(page: Page): Promise<() => Promise<unknown>> {
  await page.addInitScript(`
    window.heard = []
    const near = (node) => (node.closest ? node : node.parentElement)?.closest('[role=status],[role=alert],[aria-live]')
    const listen = (changes) => {
      for (const region of new Set(changes.map(({ target }) => near(target))))
        if (region?.textContent) heard.push(region.textContent)
    }
    new MutationObserver(listen).observe(document, { childList: true, characterData: true, subtree: true })`)
  return () => page.evaluate('heard')
}

/** The next answer to the page's own question whether anything changed. */
const asked = (page: Page) => page.waitForResponse((answer) => answer.request().resourceType() === 'fetch')

describe('on a slow telephone', () => {
  test('the first paint comes within 1.5 s, with at most 30 kB, from nobody else, without a cookie', async () => {
    const its = await put(fresh.db, { line: 'I cannot see my invoices since yesterday' })
    const bytes: number[] = []
    const paints: number[] = []
    // The line is slow in every try; what the machine does besides is not the page's. So the best of five counts.
    while (paints.length < 5 && Math.min(...paints) > 1500) {
      const seen = await onSlowLine(at(its))
      bytes.push(seen.bytes)
      paints.push(seen.paint)
      expect(seen.hosts).toEqual([site.origin])
      expect(seen.cookies).toEqual([])
    }
    console.log(`the companion page: first paint ${paints.map(Math.round).join(', ')} ms, ${Math.max(...bytes)} bytes`)
    expect(Math.min(...paints)).toBeLessThanOrEqual(1500)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(30_000)
  }, 60_000)

  /** A new browser on slow 4G, as the browser's own tools have it, up to the page's first question of its own. */
  async function onSlowLine(address: string) {
    const page = await phone()
    const line = await page.context().newCDPSession(page)
    await line.send('Network.enable')
    const bytesASecond = (1.6 * 1024 * 1024 * 0.9) / 8
    await line.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 562.5,
      downloadThroughput: bytesASecond,
      uploadThroughput: (750 * 1024 * 0.9) / 8,
    })
    let bytes = 0
    line.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).origin))
    await page.goto(address)
    await asked(page)
    const paint = Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`))
    return { bytes, paint, hosts: [...hosts], cookies: await page.context().cookies() }
  }

  test('refusing is first, as large as yes, and one tap', async () => {
    const its = await put(fresh.db)
    const page = await phone()
    await page.goto(at(its))
    const no = page.getByRole('button', { name: 'No, refuse' })
    const yes = page.getByRole('button', { name: 'Yes, I asked for help' })
    const [first, second] = [await no.boundingBox(), await yes.boundingBox()]
    expect(first?.width).toBeCloseTo(second?.width ?? 0, 0)
    expect(first?.height).toBeCloseTo(second?.height ?? 0, 0)
    expect((first?.y ?? 999) + (first?.height ?? 999)).toBeLessThanOrEqual(640)
    const look = `(({ color, backgroundColor, borderColor, fontSize, fontWeight }) =>
      [color, backgroundColor, borderColor, fontSize, fontWeight].join())`
    const [refusing, agreeing] = ['.no', '.yes'].map((one) =>
      page.evaluate(`${look}(getComputedStyle(document.querySelector('${one}')))`),
    )
    expect(await refusing).toBe(await agreeing)
    expect(await page.locator('.answer button').allInnerTexts()).toEqual(['No, refuse', 'Yes, I asked for help'])
    await no.click()
    await page.getByRole('heading', { name: 'You refused' }).waitFor()
    expect(await endedBecause(its)).toBe('declined_by_user')
  })

  test('without scripts the page reads, says yes, watches and stops', async () => {
    const refusing = await put(fresh.db)
    const other = await phone({ ...small, javaScriptEnabled: false })
    await other.goto(at(refusing))
    await other.getByRole('button', { name: 'No, refuse' }).click()
    await other.getByRole('heading', { name: 'You refused' }).waitFor()
    expect(await endedBecause(refusing)).toBe('declined_by_user')

    const its = await put(fresh.db)
    const page = await phone({ ...small, javaScriptEnabled: false })
    await page.goto(at(its))
    await page.getByRole('button', { name: 'Yes, I asked for help' }).click()
    await page.getByRole('heading', { level: 1, name: /Tell Ana Robles this number:\s*\d\d/ }).waitFor()
    await page.getByRole('button', { name: 'No, refuse' }).click()
    await page.getByRole('heading', { name: 'You refused' }).waitFor()

    const under = await put(fresh.db, { state: 'active' })
    const watching = await phone({ ...small, javaScriptEnabled: false }, under)
    await watching.goto(at(under))
    await putActs(fresh.db, under.id, acts(1))
    await watching.getByText('Opened your invoices').waitFor()
    await watching.getByRole('button', { name: "I'm still here" }).click()
    await watching.getByRole('button', { name: 'Stop now' }).click()
    await watching.getByText('Done. Ana Robles can no longer see your account.').waitFor()
    expect(await endedBecause(under)).toBe('stopped_by_user')
  })
})

describe('live', () => {
  test('the agent learns that the page was opened by somebody, not that a link was followed', async () => {
    const its = await put(fresh.db)
    const opened = () => fresh.db.query('select at from page_opening where assistance_id = $1', [its.id])
    await fetch(at(its))
    expect(await opened()).toEqual([])
    await (await phone()).goto(at(its))
    await expect.poll(opened).toHaveLength(1)
  })

  test('a request that changes under the page says so first, with what is new, before yes counts', async () => {
    const its = await put(fresh.db)
    await recordAsked(fresh.db, its.id)
    const page = await phone()
    await page.goto(at(its))
    // A finger that was on its way: down in the very moment in which the page changes, however slow the machine is.
    await page.evaluate(`
      addEventListener('submit', ({ defaultPrevented }) => { window.counted = !defaultPrevented })
      new MutationObserver((_, finger) => {
        if (!document.title.startsWith('This request has changed')) return
        finger.disconnect()
        document.querySelector('button.yes').click()
      }).observe(document.querySelector('main'), { childList: true, subtree: true, attributes: true })`)
    await askForMore(fresh.db, its.id)
    await page.getByRole('heading', { name: 'This request has changed' }).waitFor()
    expect(await page.evaluate('window.counted')).toBe(false)
    expect(await page.evaluate('document.activeElement.textContent')).toContain(
      'They can: Look, and fix everyday things with you.',
    )
    const yes = page.getByRole('button', { name: 'Yes, I asked for help' })
    expect(await page.title()).toBe('This request has changed · Acme')
    await picture(page, 'page-changed')
    const tapped = async () => {
      if (await yes.isVisible()) await yes.click()
      return page.title()
    }
    await expect.poll(tapped, { interval: 300 }).toMatch(/^Tell Ana Robles this number/)
  })

  test('yes to a request that changed a moment before brings the new one, which says that it changed', async () => {
    const its = await put(fresh.db)
    await recordAsked(fresh.db, its.id)
    const page = await phone({ ...small, javaScriptEnabled: false })
    await page.goto(at(its))
    await askForMore(fresh.db, its.id)
    await page.getByRole('button', { name: 'Yes, I asked for help' }).click()
    await page.getByRole('heading', { name: 'This request has changed' }).waitFor()
    await page.getByRole('link', { name: 'Español' }).click()
    await page.getByRole('heading', { name: 'Esta solicitud ha cambiado' }).waitFor()
    await page.getByRole('button', { name: 'Sí, yo pedí ayuda' }).click()
    await page.getByRole('heading', { name: 'Dígale a Ana Robles este número' }).waitFor()
  })

  test('what the agent does appears by itself, and whatever has the focus keeps it', async () => {
    const its = await put(fresh.db, { state: 'active' })
    const page = await phone(small, its)
    await page.goto(at(its))
    const stop = page.getByRole('button', { name: 'Stop now' })
    await stop.focus()
    await putActs(fresh.db, its.id, acts(2))
    await page.getByText('Looked at the invoice of October (3 times)').waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Stop now')
    expect(await page.locator('.acts li').allInnerTexts()).toEqual([
      expect.stringContaining('Opened your invoices'),
      expect.stringContaining('Looked at the invoice of October (3 times)'),
    ])
  })

  test('the last two minutes are said once each, the warning has the focus and the title, and one tap goes on', async () => {
    const its = await put(fresh.db, { state: 'active', seenMinutesAgo: 12 })
    const page = await phone(small, its)
    const heard = await listenTo(page)
    await page.goto(at(its))
    await page.getByRole('button', { name: "I'm still here" }).waitFor()
    await asked(page)
    expect(await heard()).toEqual([])

    // Time goes on between the steps: each begins early enough for a slow machine.
    await untilLeft(its, 115)
    await page.locator('.alarm').waitFor()
    expect(await page.title()).toBe('2 minutes left · Acme')
    expect(await page.evaluate('document.activeElement.className')).toBe('alarm')
    await untilLeft(its, 55)
    await expect.poll(() => page.title()).toBe('1 minute left · Acme')
    // An answer that was slow on its way makes it a little more again: nobody is told twice.
    await page.route(/\/c\//, async (route) => {
      if (route.request().method() !== 'GET') return route.fallback()
      const response = await route.fetch()
      const headers = response.headers()
      await route.fulfill({ response, headers: { ...headers, 'x-now': String(Number(headers['x-now']) - 20_000) } })
    })
    await asked(page)
    await asked(page)
    await page.unrouteAll({ behavior: 'wait' })
    await asked(page)
    await untilLeft(its, 18)
    await expect.poll(() => page.title()).toMatch(/^[12]0 seconds left/)
    await untilLeft(its, 0)
    await page.getByRole('heading', { name: 'The help has ended' }).waitFor()
    expect(await heard()).toEqual(['2 minutes left', '1 minute left', '20 seconds left', 'Your help is closed'])

    const other = await put(fresh.db, { state: 'active', seenMinutesAgo: 13 })
    const tapping = await phone(small, other)
    await tapping.goto(at(other))
    await tapping.getByRole('button', { name: "I'm still here" }).click()
    await tapping.getByText('It closes in 15 minutes if you do nothing.').waitFor()
    expect(await tapping.title()).toBe('Ana Robles is helping you now · Acme')
  })

  test('where time was given the moments that pass again are said again', async () => {
    const its = await put(fresh.db, { state: 'active', seenMinutesAgo: 13 })
    // Agreed to be over soon after the quiet time would end it: so little is given by being there again.
    const [row] = await fresh.db.query<{ ends: number }>(
      `update assistance set max_until = user_seen_at + interval '16 minutes 30 seconds' where id = $1
       returning (extract(epoch from date_trunc('milliseconds', max_until)) * 1000)::float8 as ends`,
      [its.id],
    )
    const page = await phone(small, its)
    const heard = await listenTo(page)
    await page.goto(at(its))
    await page.locator('.alarm').waitFor()
    await untilLeft(its, 18)
    await expect.poll(heard).toContain('20 seconds left')
    await fresh.db.query('update assistance set user_seen_at = app_now() where id = $1', [its.id])
    await page.locator(`main[data-ends="${row?.ends}"]`).waitFor()
    expect(await heard()).not.toContain('1 minute left')
    await fresh.advance(50_000)
    await expect.poll(heard).toContain('1 minute left')
  })

  test('who was given time without touching the page hears of the last two minutes again', async () => {
    const its = await put(fresh.db, { state: 'active', seenMinutesAgo: 12 })
    const page = await phone(small, its)
    const heard = await listenTo(page)
    await page.goto(at(its))
    const said = async () => ((await heard()) as string[]).filter((one) => one === '2 minutes left').length
    for (const times of [1, 2]) {
      await untilLeft(its, 115)
      await expect.poll(said).toBe(times)
      // As the agent does, with a code that the user reads to them: nothing is pressed here.
      await fresh.db.query('update assistance set user_seen_at = app_now() where id = $1', [its.id])
      await page.getByText('It closes in 15 minutes if you do nothing.').waitFor()
    }
  })

  test('twelve times in a row the page warns at thirteen minutes, and one tap begins the fifteen again', async () => {
    const its = await put(fresh.db, { state: 'active' })
    // Longer than anybody may agree to, so that only the quiet time can end it.
    await fresh.db.query(`update assistance set max_until = max_until + interval '1 day' where id = $1`, [its.id])
    const page = await phone(small, its)
    await page.goto(at(its))
    /** A page that changed under the finger is not answered, so somebody who was too quick taps again. */
    const tapped = async () => {
      await page.getByRole('button', { name: "I'm still here" }).click()
      return page.title()
    }
    for (let round = 1; round <= 12; round += 1) {
      await page.getByText('It closes in 15 minutes if you do nothing.').waitFor()
      expect(await page.title(), `round ${round}`).toBe('Ana Robles is helping you now · Acme')
      expect(await page.locator('.alarm').count(), `round ${round}`).toBe(0)
      await fresh.advance(13 * 60_000)
      await page.locator('.alarm').waitFor()
      expect(await page.title(), `round ${round}`).toBe('2 minutes left · Acme')
      expect(await page.evaluate('document.activeElement.className'), `round ${round}`).toBe('alarm')
      await expect.poll(tapped, { interval: 400 }).toBe('Ana Robles is helping you now · Acme')
    }
    await page.getByText('It closes in 15 minutes if you do nothing.').waitFor()
    expect(await endedBecause(its)).toBeNull()
    await fresh.advance(15 * 60_000 + 1_000)
    await page.getByText('We closed it because you did nothing for 15 minutes.').waitFor()
  }, 180_000)

  test('stop says that the agent is out only once every product has confirmed it', async () => {
    const its = await put(fresh.db, { state: 'active' })
    const openedAt = new Date()
    site.surfaces([{ surface: 'web', openedAt }])
    const page = await phone(small, its)
    const heard = await listenTo(page)
    await page.goto(at(its))
    await page.getByRole('button', { name: 'Stop now' }).click()
    await page.getByText('We are closing what Ana Robles had open.').waitFor()
    expect(await page.getByText('can no longer see').count()).toBe(0)
    site.surfaces([{ surface: 'web', openedAt, closedAt: openedAt, acknowledgedAt: openedAt }])
    await page.locator('.truth.done').waitFor()
    expect(await heard()).toEqual(['Done. Ana Robles can no longer see your account.'])
  })

  test('without a connection it says so, goes on by itself, and a stop that was pressed is sent as soon as there is one', async () => {
    const its = await put(fresh.db, { state: 'active' })
    const page = await phone(small, its)
    await page.goto(at(its))
    await page.context().setOffline(true)
    await page.getByText('No connection. Your help is safe; the clock keeps running.').waitFor()
    await page.context().setOffline(false)
    await expect.poll(() => page.locator('#strip').innerText()).toBe('')

    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Stop now' }).click()
    await page.getByText('We will send your answer as soon as there is one.').waitFor()
    expect(await endedBecause(its)).toBeNull()
    await page.context().setOffline(false)
    await page.getByText('You stopped the help').first().waitFor()
    expect(await endedBecause(its)).toBe('stopped_by_user')
  })

  test('a link that never was and one that ended a day ago look the same', async () => {
    const old = await put(fresh.db, { state: 'closed' })
    await fresh.db.query(`update assistance set closed_at = closed_at - interval '25 hours' where id = $1`, [old.id])
    const page = await phone()
    const texts = []
    for (const token of [old.token, 'BCDFGHJKMNPQR']) {
      await page.goto(`${site.origin}/c/${token}`)
      texts.push(await page.locator('body').innerText())
    }
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]).toContain('This link no longer works')
  })
})

const everyState: Readonly<Record<string, Situation>> = {
  ask: { powers: 'act' },
  old: { message: 'expired' },
  on: { state: 'active', openMinutes: 6, seenMinutesAgo: 2 },
  warning: { state: 'active', openMinutes: 20, seenMinutesAgo: 13 },
  refused: { state: 'closed', because: 'declined_by_user', closedIn: 'consent' },
  stopped: { state: 'closed', because: 'stopped_by_user' },
  idle: { state: 'closed', because: 'expired_idle' },
}
async function shown(situation: Situation): Promise<Put> {
  const openedAt = new Date()
  const after = situation.state === 'closed' ? { closedAt: openedAt, acknowledgedAt: openedAt } : {}
  site.surfaces(situation.state ? [{ surface: 'web', openedAt, ...after }] : [])
  const its = await put(fresh.db, situation)
  if (situation.state) await putActs(fresh.db, its.id, acts())
  return its
}

/** What WCAG 1.4.12 lets a reader set. */
const wide = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }`

const require = createRequire(import.meta.url)
/** Every rule that a machine can check, contrast at the strictest level among them. */
const axe = `${readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')}
axe.run({ rules: { 'color-contrast-enhanced': { enabled: true } } }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`

describe('for every eye and hand', () => {
  test.each(['light', 'dark'] as const)(
    'axe finds nothing in any state, at AAA contrast, in %s',
    async (colorScheme) => {
      for (const situation of Object.values(everyState)) {
        const its = await shown(situation)
        const page = await phone({ ...small, colorScheme, bypassCSP: true }, its)
        for (const lang of ['en', 'es']) {
          await page.goto(at(its, `?lang=${lang}&still=1`))
          expect(await page.evaluate(axe), `${JSON.stringify(situation)} ${lang}`).toEqual([])
        }
        await page.context().close()
      }
    },
  )

  test.each(Object.entries(everyState))(
    '%s: nothing is lost at 320 px, at four times the size and with wide text, and every target is 44 px',
    async (_, situation) => {
      const its = await shown(situation)
      const page = await phone({ ...small, viewport: { width: 320, height: 568 }, bypassCSP: true }, its)
      for (const lang of ['en', 'es']) {
        for (const [size, style] of [
          [{ width: 320, height: 568 }, ''],
          [{ width: 320, height: 225 }, ''],
          [{ width: 320, height: 568 }, wide],
        ] as const) {
          await page.setViewportSize(size)
          await page.goto(at(its, `?lang=${lang}&still=1`))
          if (style) await page.addStyleTag({ content: style })
          expect(await page.evaluate(faults), `${lang} ${size.height} ${style}`).toEqual([])
        }
      }
    },
  )

  test('with letters twice as large nothing sticks out in any state, and no text is squeezed into a strip', async () => {
    const large = await chromiumHere(['--blink-settings=defaultFontSize=32'])
    try {
      for (const [state, situation] of Object.entries(everyState)) {
        const its = await shown(situation)
        const context = await large.newContext({ ...small, extraHTTPHeaders: { cookie: its.cookie } })
        const page = await context.newPage()
        for (const width of [320, 390])
          for (const lang of ['en', 'es']) {
            await page.setViewportSize({ width, height: 844 })
            await page.goto(at(its, `?lang=${lang}&still=1`))
            expect([await page.evaluate(faults), await page.evaluate(strips)], `${state} ${width} ${lang}`).toEqual([
              [],
              [],
            ])
          }
        await context.close()
      }
    } finally {
      await large.close()
    }
  })

  test.runIf(process.env.AMPARO_PICTURES)(
    'pictures of every state',
    async () => {
      for (const [name, situation] of Object.entries(everyState)) {
        const its = await shown(situation)
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await phone({ colorScheme }, its)
          for (const [width, height] of [
            [320, 568],
            [390, 844],
            [1280, 900],
          ] as const)
            for (const lang of ['en', 'es']) {
              await page.setViewportSize({ width, height })
              await page.goto(at(its, `?lang=${lang}&still=1`))
              await picture(page, `${name}-${width}-${colorScheme}-${lang}`)
            }
        }
      }
    },
    300_000,
  )
})

/** What a reader would lose: text that sticks out or is cut, targets too small for a finger. */
const faults = `(() => {
  const found = []
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) found.push('scrolls sideways: ' + root.scrollWidth)
  for (const one of document.querySelectorAll('main *, header *, footer *'))
    if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'visible')
      found.push('cut: ' + one.outerHTML)
  for (const target of document.querySelectorAll('a, button, summary')) {
    const { width, height } = target.getBoundingClientRect()
    if (width < 44 || height < 44) found.push(width + ' × ' + height + ': ' + target.outerHTML)
  }
  return found
})()`

/** What is so narrow that it breaks within its words: less than eight letters wide. */
const strips = `[...document.querySelectorAll('main dd, main li > span, main button, main p')]
  .filter((one) => one.textContent.trim() !== '')
  .filter((one) => one.getBoundingClientRect().width < 4 * parseFloat(getComputedStyle(one).fontSize))
  .map((one) => one.outerHTML)`
