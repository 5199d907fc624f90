import { test } from 'vitest'
import { chromium } from 'playwright-core'
import { freshDatabase } from '../../server/src/database/testing.ts'
import { userPassword } from '../people.ts'
import { clientId, clientSecret, issuerStandIn } from './issuer.testing.ts'
import { startWeb } from './web.ts'
test('shots', async () => {
  const database = await freshDatabase()
  const port = 4711
  const origin = `http://web.localhost:${port}`
  const issuer = await issuerStandIn(origin)
  const web = await startWeb({ port, issuer: issuer.issuer, clientId, clientSecret, core: database.url, publicOrigin: origin, consoleOrigin: 'http://localhost:4000', company: 'Acme', userPassword })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] })
  for (const [who, lang] of [['marta@clinica-sol.test', 'es'], ['grace@northside.test', 'en']] as const)
    for (const width of [360, 1280]) for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width, height: width === 360 ? 740 : 860 }, colorScheme, locale: lang })
      const page = await context.newPage()
      page.on('console', (m) => m.type() === 'error' && console.log(lang, width, m.text()))
      await page.goto(`${origin}/sign-in`)
      await page.screenshot({ path: `/tmp/shots/signin-${lang}-${width}-${colorScheme}.png` })
      await page.fill('#email', who); await page.fill('#password', userPassword(who)); await page.click('form button')
      await page.waitForURL(`${origin}/`)
      await page.screenshot({ path: `/tmp/shots/home-${lang}-${width}-${colorScheme}.png`, fullPage: true })
      const over = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      if (over) console.log('overflow', lang, width)
      for (const p of ['profile', 'members', 'invoices', 'plan', 'ecosystem/edit']) { await page.goto(`${origin}/${p}`); if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) console.log('overflow', p, lang, width)
        if (colorScheme === 'light') await page.screenshot({ path: `/tmp/shots/${p.replace('/', '-')}-${lang}-${width}.png`, fullPage: true }) }
      await context.close()
    }
  for (const width of [360, 1280]) {
    const context = await browser.newContext({ viewport: { width, height: 740 } })
    const page = await context.newPage()
    page.on('console', (m) => m.type() === 'error' && console.log('assisted', width, m.text()))
    issuer.told.introspection = 'alive'
    await page.goto(issuer.loginUrl())
    console.log(page.url(), await page.evaluate('document.querySelector("amparo-banner").matches(":popover-open")'))
    await page.waitForTimeout(500)
    await page.screenshot({ path: `/tmp/shots/assisted-${width}.png` })
    await page.goto(`${origin}/ecosystem/edit`); await page.click('main form button'); await page.waitForTimeout(500)
    await page.screenshot({ path: `/tmp/shots/refused-${width}.png` })
    issuer.told.introspection = 'ended'
    const t = Date.now(); await page.locator('#cover h1').waitFor(); console.log('cover after', Date.now() - t)
    await page.waitForTimeout(500)
    await page.screenshot({ path: `/tmp/shots/covered-${width}.png` })
    await page.reload(); await page.screenshot({ path: `/tmp/shots/cover-${width}.png` })
    await context.close()
  }
  await browser.close(); await web.close(); await issuer.close(); await database.close()
}, 120000)
