/** Ecosystem Admin from its first stage to a release: the rejection that a successor is stuck at. */
import type { Page } from 'playwright-core'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../stories.ts'

const regina = 'successor@rejected.test'

export const succession: Story = {
  name: 'succession',
  async tell(cast, camera) {
    const console = await cast.atDesk('ana', '/ecosystem')
    await console.locator('input[name=email]').waitFor()
    await camera.take('console', 'ecosystem-1-caller', console)
    const link = await helping(cast, console, regina, async () => camera.take('console', 'ecosystem-3-terms', console))
    await camera.take('console', 'ecosystem-4-timeline', console)
    await console.getByRole('button', { name: /^See details: The validation process/ }).click()
    await console.locator('.suc-checks').waitFor()
    await camera.take('console', 'ecosystem-5-rejection', console)
    await released(cast, camera, console)
    const page = await cast.pageOf('regina', `${link}?lang=en`)
    await page.getByRole('heading', { name: 'Your succession' }).waitFor()
    await camera.take('companion', 'ecosystem-on', page)
    await page.close()
    await console.getByRole('radio', { name: 'Solved', exact: true }).check()
    await console.getByRole('button', { name: 'Finish' }).click()
    await console.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
    await console.goto(`${cast.stage.console}/ecosystem`)
    await helping(cast, console, 'marta@clinica-sol.test')
    await camera.take('console', 'ecosystem-4-empty', console)
    await console.getByRole('radio', { name: 'Solved', exact: true }).check()
    await console.getByRole('button', { name: 'Finish' }).click()
    await console.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
    await console.close()
  },
}

/** Both proofs, to the timeline; answers the user's link. */
async function helping(cast: Cast, console: Page, email: string, onTerms?: () => Promise<void>): Promise<string> {
  await console.locator('input[name=email]').fill(email)
  await console.locator('select[name=reason]').selectOption('succession')
  const own = await cast.letterAfter('ana@acme.test', () => console.locator('main button[type=submit]').click())
  await console.locator('.code-field input').fill(own.codes[0] ?? '')
  await console.locator('.code-form button[type=submit]').click()
  await console.locator('.cards').first().waitFor()
  await onTerms?.()
  const letter = await cast.letterAfter(email, () => console.getByRole('button', { name: 'Send the message' }).click())
  const link = letter.links.find((one) => one.includes('/c/')) ?? ''
  const page = await cast.pageOf('regina', `${link}?lang=en`)
  await page.getByRole('button', { name: /Yes, I asked/ }).click()
  const digits = /\b(\d\d)\b/.exec(await page.locator('h1 .digits').innerText())?.[1] ?? ''
  await page.close()
  await console.locator('.code-field.short input').fill(digits)
  await console.locator('.code-field.short input').press('Enter')
  await console.locator('.suc-stands').waitFor()
  return link
}

async function released(cast: Cast, camera: Camera, console: Page): Promise<void> {
  await console.getByRole('dialog').getByRole('button', { name: 'Release request' }).click()
  await console.getByLabel('Why, in a sentence').fill('She paid today and signed in while we talked.')
  const letter = await cast.letterAfter(regina, () =>
    console.getByRole('button', { name: 'Send the code to the user' }).click(),
  )
  await console.getByLabel('The user’s code for this release').waitFor()
  await camera.take('console', 'ecosystem-6-release', console)
  await console.getByLabel('The user’s code for this release').fill(letter.codes[0] ?? '')
  await console.getByRole('button', { name: 'Release', exact: true }).click()
  await console.getByText('Done.').waitFor()
  await camera.take('console', 'ecosystem-7-released', console)
  await console.getByRole('button', { name: 'Close', exact: true }).click()
  await camera.take('console', 'ecosystem-8-next-attempt', console)
}
