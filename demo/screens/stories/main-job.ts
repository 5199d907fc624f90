/** One assistance from the empty console to its end: the agent's screens, the user's page, their Web. */
import type { Page } from 'playwright-core'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

const marta = 'marta@clinica-sol.test'

export const mainJob: Story = {
  name: 'main-job',
  async tell(cast, camera) {
    const console = await cast.atDesk('ana', '/assist')
    await console.locator('input[name=email]').waitFor()
    await camera.take('console', '1-caller', console)
    await console.locator('main button[type=submit]').click()
    await camera.take('console', '1-caller-error', console)
    const link = await askFor(cast, camera, console)
    await helpAndEnd(cast, camera, console, link)
  },
}

/** From the first stage to the user's message. */
async function askFor(cast: Cast, camera: Camera, console: Page): Promise<string> {
  await console.locator('input[name=email]').fill(marta)
  await console.locator('select[name=reason]').selectOption('fault')
  await console.locator('input[name=line]').fill('Cannot see invoices')
  const own = await cast.letterAfter('ana@acme.test', () => console.locator('main button[type=submit]').click())
  await console.locator('.code-field input').waitFor()
  await camera.take('console', '2-identity', console)
  await console.locator('.code-field input').fill('000 000')
  await console.locator('.code-form button[type=submit]').click()
  await console.locator('[role=alert], .mantine-InputWrapper-error').first().waitFor()
  await camera.take('console', '2-identity-wrong', console)
  await console.locator('.code-field input').fill(own.codes[0] ?? '')
  await console.locator('.code-form button[type=submit]').click()
  await console.locator('.cards').first().waitFor()
  await camera.take('console', '3-terms', console)
  const letter = await cast.letterAfter(marta, () => console.getByRole('button', { name: 'Send the message' }).click())
  await console.locator('.say-first').waitFor()
  await camera.take('console', '3-consent', console)
  return letter.links.find((one) => one.includes('/c/')) ?? ''
}

async function helpAndEnd(cast: Cast, camera: Camera, console: Page, link: string): Promise<void> {
  const page = await cast.pageOf('marta', `${link}?lang=en`)
  await camera.take('companion', '1-ask', page)
  await page.getByRole('button', { name: /Yes, I asked/ }).click()
  const digits = (await page.locator('h1 .digits').innerText()).trim()
  await camera.take('companion', '2-tell', page)
  await console.locator('.code-field.short input').fill(digits)
  await camera.take('console', '3-consent-yes', console)
  await console.locator('.code-field.short input').press('Enter')
  const open = console.getByRole('button', { name: 'Open Web' })
  await open.waitFor()
  await camera.take('console', '4-help', console)
  const [web] = await Promise.all([console.waitForEvent('popup'), open.click()])
  await web.waitForURL(`${cast.webOrigin}/`)
  await camera.take('product', 'web-assisted', web)
  await console.bringToFront()
  await camera.take('console', '4-help-open', console)
  await page.reload()
  await camera.take('companion', '3-on', page)
  await cast.advance(13 * 60_000 + 10_000)
  await page.reload()
  await camera.take('companion', '4-warning', page)
  await camera.take('console', '4-help-warned', console)
  await page.getByRole('button', { name: /Stop now/ }).click()
  await camera.take('companion', '5-ended', page)
  await web
    .getByText(/Help has ended|La ayuda ha terminado/)
    .first()
    .waitFor()
  await camera.take('product', 'web-cover', web)
  await console.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
  await camera.take('console', '5-closed', console)
  for (const one of [console, page, web]) await one.close()
}
