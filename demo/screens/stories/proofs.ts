/** The agent's own proofs: a passkey, an authenticator app, where both are set up, and what another place asks for. */

import type { Page } from 'playwright-core'
import { withAuthenticator } from '../../journeys/chromium.ts'
import { codeOf, wrongCodeOf } from '../../journeys/factors.ts'
import { agents } from '../../people.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

export const proofs: Story = {
  name: 'proofs',
  async tell(cast, camera) {
    await byApp(cast, camera)
    await byPasskey(cast, camera)
    await elsewhere(cast, camera)
  },
}

async function start(page: Page, email: string): Promise<void> {
  await page.locator('input[name=email]').fill(email)
  await page.locator('select[name=reason]').selectOption('fault')
  await page.locator('main button[type=submit]').click()
  await page.waitForURL(/\/assist\/as_/)
}

async function endNow(page: Page): Promise<void> {
  await page.locator('.end-now').click()
  await page.locator('.ending').waitFor()
}

async function byApp(cast: Cast, camera: Camera): Promise<void> {
  const secret = agents.find(({ email }) => email === 'cleo@acme.test')?.totpSecret ?? ''
  const page = await cast.atDesk('cleo', '/assist')
  await start(page, 'siobhan@northside.test')
  await page.locator('.code-field input').waitFor()
  await camera.take('console', '2-identity-app', page)
  await page.locator('.code-field input').fill(wrongCodeOf(secret))
  await page.locator('.code-form button[type=submit]').click()
  await page.locator('.mantine-InputWrapper-error').waitFor()
  await camera.take('console', '2-identity-app-wrong', page)
  await page.locator('.code-field input').fill(codeOf(secret))
  await page.locator('.code-form button[type=submit]').click()
  await page.locator('.cards').first().waitFor()
  await endNow(page)
  await page.close()
}

/** A passkey is offered and added; then a prompt is closed before it was answered. */
async function byPasskey(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.pageOf('dev04', `${cast.stage.console}/assist`)
  const { cdp: device, authenticatorId } = await withAuthenticator(page)
  await page.locator('input[name=email]').fill('dev04@acme.test')
  await page.locator('input[name=password]').fill('dev04-demo-pass-1')
  await page.locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Not now' }).waitFor()
  await camera.take('console', 'passkey-offer', page)
  const { codes } = await cast.letterAfter('dev04@acme.test', () =>
    page.getByRole('button', { name: 'Add a passkey' }).click(),
  )
  await page.locator('dialog .wait').waitFor()
  await camera.take('console', 'passkey-first', page)
  await page.locator('dialog .code-field input').fill('000000')
  await page.locator('dialog .code-form button').click()
  await page.locator('dialog .mantine-InputWrapper-error').waitFor()
  await camera.take('console', 'passkey-first-wrong', page)
  await page.locator('dialog .code-field input').fill(codes[0] ?? '')
  await page.locator('dialog .code-form button').click()
  await page.getByRole('heading', { name: 'Prove who you are with one touch' }).waitFor({ state: 'detached' })
  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await start(page, 'siobhan@northside.test')
  await page.locator('.wrong').waitFor()
  await camera.take('console', '2-identity-passkey', page)
  await endNow(page)
  await page.goto(`${cast.stage.console}/settings`)
  await page.locator('main h1').waitFor()
  await camera.take('console', 'settings-passkey', page)
  await page.close()
}

/** In another kind of browser than they signed in with: by each of the three ways. */
async function elsewhere(cast: Cast, camera: Camera): Promise<void> {
  for (const [name, way] of [
    ['dev06', 'code'],
    ['cleo', 'app'],
    ['dev04', 'passkey'],
  ] as const) {
    const page = await cast.atDesk(name, '/assist')
    await page.context().setExtraHTTPHeaders({ 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/141.0' })
    await page.reload()
    await page.locator('dialog.elsewhere h1').waitFor()
    await camera.take('console', `elsewhere-${way}`, page)
    if (way === 'code') {
      await page.locator('dialog.elsewhere .acts button').first().click()
      await page.locator('dialog.elsewhere .code-field input').fill('000000')
      await page.locator('dialog.elsewhere .code-form button').click()
      await page.locator('dialog.elsewhere .mantine-InputWrapper-error').waitFor()
      await camera.take('console', 'elsewhere-code-wrong', page)
    }
    await page.context().setExtraHTTPHeaders({})
    await page.close()
  }
}
