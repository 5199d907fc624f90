/** Ecosystem Admin from its first stage to a release, and what it shows where nothing is to be released. */
import type { Page } from 'playwright-core'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

const regina = 'successor@rejected.test'

export const succession: Story = {
  name: 'succession',
  async tell(cast, camera) {
    const console = await cast.atDesk('ana', '/ecosystem')
    await console.locator('input[name=email]').waitFor()
    await camera.take('console', 'ecosystem-1-caller', console)
    const link = await helping(cast, console, regina, async () => camera.take('console', 'ecosystem-3-terms', console))
    await camera.take('console', 'ecosystem-4-timeline', console)
    await printed(camera, console)
    await rejection(cast, camera, console)
    const page = await cast.pageOf('regina', `${link}?lang=en`)
    await page.getByRole('heading', { name: 'Your succession' }).waitFor()
    await camera.take('companion', 'ecosystem-on', page)
    await page.close()
    await finished(console)
    await others(cast, camera, console)
    await console.close()
  },
}

/** The case on paper. */
async function printed(camera: Camera, console: Page): Promise<void> {
  await console.emulateMedia({ media: 'print' })
  await camera.take('console', 'ecosystem-4-print', console)
  await console.emulateMedia({ media: 'screen' })
}

async function rejection(cast: Cast, camera: Camera, console: Page): Promise<void> {
  const box = console.getByRole('dialog')
  await details(console, 'The validation process')
  await console.locator('.suc-checks').waitFor()
  await camera.take('console', 'ecosystem-5-rejection', console)
  await box.getByRole('button', { name: 'Leave a note' }).click()
  await camera.take('console', 'ecosystem-5-note', console)
  await console.keyboard.press('Escape')
  await details(console, 'The invitation was sent')
  await camera.take('console', 'ecosystem-5-messages', console)
  await console.keyboard.press('Escape')
  await details(console, 'Owner may object')
  await camera.take('console', 'ecosystem-5-to-come', console)
  await console.keyboard.press('Escape')
  await console.getByLabel('Problems only').check()
  await camera.take('console', 'ecosystem-4-problems', console)
  await console.getByLabel('Problems only').uncheck()
  await details(console, 'The validation process')
  await released(cast, camera, console)
}

const details = (console: Page, what: string) =>
  console.getByRole('button', { name: new RegExp(`^See details: ${what}`) }).click()

async function released(cast: Cast, camera: Camera, console: Page): Promise<void> {
  const box = console.getByRole('dialog')
  await box.getByRole('button', { name: 'Release request' }).click()
  await camera.take('console', 'ecosystem-6-why', console)
  await console.getByLabel('Why, in a sentence').fill('She paid today and signed in while we talked.')
  const letter = await cast.letterAfter(regina, () =>
    console.getByRole('button', { name: 'Send the code to the user' }).click(),
  )
  const code = console.getByLabel('The user’s code for this release')
  await code.waitFor()
  await camera.take('console', 'ecosystem-6-release', console)
  await code.fill(letter.codes[0] === '000000' ? '111111' : '000000')
  await console.getByRole('button', { name: 'Release', exact: true }).click()
  await box.locator('.code-field [aria-invalid=true]').waitFor()
  await camera.take('console', 'ecosystem-6-wrong', console)
  await code.fill(letter.codes[0] ?? '')
  await console.getByRole('button', { name: 'Release', exact: true }).click()
  await console.getByText('Done.').waitFor()
  await camera.take('console', 'ecosystem-7-released', console)
  await console.getByRole('button', { name: 'Close', exact: true }).click()
  await camera.take('console', 'ecosystem-8-next-attempt', console)
}

/** Cases where nothing is to be released, and people whom nobody can help here. */
async function others(cast: Cast, camera: Camera, console: Page): Promise<void> {
  for (const [name, email] of [
    ['hold', 'successor@hold.test'],
    ['thrice', 'successor@thrice.test'],
    ['suspected', 'successor@suspected.test'],
    ['done', 'owner@done.test'],
    ['empty', 'marta@clinica-sol.test'],
  ] as const) {
    await console.goto(`${cast.stage.console}/ecosystem`)
    const link = await helping(cast, console, email)
    await camera.take('console', `ecosystem-4-${name}`, console)
    if (name === 'hold') {
      const page = await cast.pageOf('regina', `${link}?lang=en`)
      await page.getByRole('heading', { name: 'Your succession' }).waitFor()
      await camera.take('companion', 'ecosystem-on-hold', page)
      await page.close()
    }
    await finished(console)
  }
  for (const [name, email] of [
    ['stranger', 'leo@clinica-sol.test'],
    ['no-user', 'nobody@bounced.test'],
  ] as const) {
    await console.goto(`${cast.stage.console}/ecosystem`)
    await proved(cast, console, email)
    await console.getByRole('heading', { level: 1 }).waitFor()
    await camera.take('console', `ecosystem-3-${name}`, console)
    await console.getByRole('button', { name: 'End now' }).first().click()
    await console.getByRole('heading', { level: 1, name: /closed/i }).waitFor()
  }
}

async function finished(console: Page): Promise<void> {
  await console.getByRole('radio', { name: 'Solved', exact: true }).check()
  await console.getByRole('button', { name: 'Finish' }).click()
  await console.getByRole('heading', { level: 1, name: /closed/ }).waitFor()
}

/** The agent's own proof, to the person that was found. */
async function proved(cast: Cast, console: Page, email: string): Promise<void> {
  await console.locator('input[name=email]').fill(email)
  await console.locator('select[name=reason]').selectOption('succession')
  const own = await cast.letterAfter('ana@acme.test', () => console.locator('main button[type=submit]').click())
  await console.locator('.code-field input').fill(own.codes[0] ?? '')
  await console.locator('.code-form button[type=submit]').click()
  await console.locator('.code-form').waitFor({ state: 'detached' })
}

/** Both proofs, to the timeline; answers the user's link. */
async function helping(cast: Cast, console: Page, email: string, onTerms?: () => Promise<void>): Promise<string> {
  await proved(cast, console, email)
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
