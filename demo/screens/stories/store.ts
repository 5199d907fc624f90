/** The Store: as its owner sees it, opened for them by an agent, with what may be done and what may not. */
import type { Page } from 'playwright-core'
import { playing } from '../../journeys/script.ts'
import { userPassword } from '../../people.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

export const store: Story = {
  name: 'store',
  async tell(cast, camera) {
    await ownDoor(cast, camera)
    await assisted(cast, camera)
    await suspended(cast, camera)
  },
}

/** Without anybody's help: the Store's own sign-in, and what it says to whoever does not own the ecosystem. */
async function ownDoor(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.pageOf('leo', `${cast.storeOrigin}/`)
  await camera.take('product', 'store-sign-in', page)
  await page.locator('input[name=email]').fill('leo@clinica-sol.test')
  await page.locator('input[type=password]').fill(userPassword(''))
  await page.locator('main form button').click()
  await page.locator('main h1').waitFor()
  await camera.take('product', 'store-not-owner', page)
  await page.close()
}

/** Opens the Store from the console, for somebody who agreed to these powers. */
async function opened(cast: Cast, email: string, ecosystem: string, powers: 'look' | 'act'): Promise<[Page, Page]> {
  const play = await playing(cast.stage)
  const ben = play.scriptOf('ben')
  const id = await play.proved(ben, email)
  await play.must(ben.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId: ecosystem }), 200)
  const seen = (await play.lettersTo(email)).length
  await play.must(ben.call('POST', `/assistances/${id}/consent-code`, { powers }), 202)
  const [code] = (await play.newLetter(email, seen)).codes
  await play.must(ben.call('PUT', `/assistances/${id}/consent`, { code }), 200)
  const desk = await cast.atDesk('ben', `/assist/${id}`)
  const open = desk.locator('.surface .opens').first()
  const [page] = await Promise.all([desk.waitForEvent('popup'), open.click()])
  await page.waitForURL(`${cast.storeOrigin}/`)
  return [desk, page]
}

async function assisted(cast: Cast, camera: Camera): Promise<void> {
  const [desk, page] = await opened(cast, 'marta@clinica-sol.test', 'cli_sol', 'act')
  await camera.take('product', 'store-panel', page)
  for (const path of ['plan', 'orders', 'billing', 'members']) {
    await page.goto(`${cast.storeOrigin}/${path}`)
    await camera.take('product', `store-${path}`, page)
  }
  await page.goto(`${cast.storeOrigin}/orders`)
  await page.locator('.orders a').first().click()
  await camera.take('product', 'store-order', page)
  await page.goto(`${cast.storeOrigin}/billing`)
  await page.locator('form[action="/billing/card"] button').click()
  await page.locator('main h1').waitFor()
  await camera.take('product', 'store-refused', page)
  await desk.bringToFront()
  await desk.locator('.acts-list li').nth(2).waitFor()
  await camera.take('console', '4-help-store', desk)
  await ended(desk, page)
}

async function suspended(cast: Cast, camera: Camera): Promise<void> {
  const [desk, page] = await opened(cast, 'pilar@lumbre.test', 'cli_lumbre', 'look')
  await camera.take('product', 'store-suspended', page)
  await ended(desk, page)
}

async function ended(desk: Page, page: Page): Promise<void> {
  await desk.bringToFront()
  await desk.locator('.end-now').click()
  await desk.locator('.ending').waitFor()
  for (const one of [desk, page]) await one.close()
}
