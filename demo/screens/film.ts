/**
 * `npm run screens -- --film`: the twelve seconds and the three pictures of the README, made anew in `docs/pictures/`.
 * Console on the left, the user's phone on the right: asked, yes, two digits, inside with the banner, stopped, shut.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Cast } from './cast.ts'
import { animation, darkroom, type Frame } from './webp.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
const siobhan = 'siobhan@northside.test'
const [width, height] = [960, 540]

export async function film(cast: Cast, browser: Browser): Promise<void> {
  await mkdir(folder, { recursive: true })
  const room = await darkroom(browser)
  const stage = await (await browser.newContext({ viewport: { width, height } })).newPage()
  const frames: Frame[] = []
  const still = async (name: string, page: Page, wide: number) => {
    await page.evaluate('window.scrollTo(0, 0)')
    const webp = await room.develop(await page.screenshot({ animations: 'disabled', caret: 'hide' }), wide, 0.86)
    await writeFile(join(folder, `${name}.webp`), Buffer.from(webp, 'base64'))
  }
  /** Both screens side by side, with one sentence of what happens. */
  const shoot = async (left: Page, right: Page | undefined, says: string, ms: number) => {
    const [desk, phone] = await Promise.all(
      [left, right].map(async (page) => {
        await page?.evaluate('window.scrollTo(0, 0)')
        return page ? (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64') : ''
      }),
    )
    await stage.setContent(scene(desk ?? '', phone ?? '', says))
    const png = await stage.screenshot()
    frames.push({ webp: await room.develop(png, width, 0.8), ms })
  }
  await play(cast, shoot, still)
  await writeFile(join(folder, 'help.webp'), animation(frames, width, height))
  await stage.context().close()
  await room.close()
}

type Shoot = (left: Page, right: Page | undefined, says: string, ms: number) => Promise<void>

async function play(
  cast: Cast,
  shoot: Shoot,
  still: (name: string, page: Page, wide: number) => Promise<void>,
): Promise<void> {
  const desk = await cast.atDesk('ben', '/assist')
  await desk.setViewportSize({ width: 1080, height: 760 })
  await desk.locator('input[name=email]').fill(siobhan)
  await desk.locator('select[name=reason]').selectOption('fault')
  await desk.locator('input[name=line]').fill('Cannot see invoices')
  await shoot(desk, undefined, 'Siobhán calls. The agent types who needs help, and why.', 1_600)
  const own = await cast.letterAfter('ben@acme.test', () => desk.locator('main button[type=submit]').click())
  await desk.locator('.code-field input').waitFor()
  await shoot(desk, undefined, 'First the agent proves who they are.', 1_200)
  await desk.locator('.code-field input').fill(own.codes[0] ?? '')
  await desk.locator('.code-form button[type=submit]').click()
  const send = desk.getByRole('button', { name: 'Send the message' })
  await send.waitFor()
  const letter = await cast.letterAfter(siobhan, () => send.click())
  await desk.locator('.say-first').waitFor()
  const phone = await cast.pageOf('siobhan', `${letter.links.find((one) => one.includes('/c/')) ?? ''}?lang=en`)
  await phone.setViewportSize({ width: 390, height: 760 })
  await shoot(desk, phone, 'Then Siobhán is asked, on her own phone. She can refuse.', 1_900)
  await still('console', desk, 1_080)
  await still('page', phone, 390)
  await phone.getByRole('button', { name: /Yes, I asked/ }).click()
  const digits = /\b(\d\d)\b(?!.*:\d\d)/.exec(await phone.locator('h1').innerText())?.[1] ?? ''
  await desk.locator('.code-field.short input').fill(digits)
  await shoot(desk, phone, 'She says yes, and reads two digits aloud.', 1_600)
  await desk.locator('.code-field.short input').press('Enter')
  const open = desk.getByRole('button', { name: 'Open Web' })
  await open.waitFor()
  const [web] = await Promise.all([desk.waitForEvent('popup'), open.click()])
  await web.waitForURL(`${cast.webOrigin}/`)
  await web.setViewportSize({ width: 1080, height: 760 })
  await phone.reload()
  await shoot(web, phone, 'The agent sees the product as Siobhán does. Both names are on everything.', 2_200)
  await still('web', web, 1_080)
  await phone.getByRole('button', { name: /Stop now/ }).click()
  await web
    .getByText(/Help has ended/)
    .first()
    .waitFor()
  await phone.getByText(/We are closing what/).waitFor({ state: 'detached' })
  await shoot(web, phone, 'She taps Stop now. It is over everywhere.', 3_000)
  for (const page of [desk, phone, web]) await page.close()
}

const scene = (desk: string, phone: string, says: string) => `<!doctype html><html lang="en"><style>
  body { margin: 0; width: ${width}px; height: ${height}px; background: #0b6e6e; font: 600 20px/28px system-ui, sans-serif; color: #ffffff; overflow: hidden }
  img { position: absolute; border-radius: 10px }
  .desk { left: 24px; top: 24px; width: 610px }
  .phone { right: 32px; top: 24px; width: 224px; height: 436px; box-sizing: border-box; border: 6px solid #10202e; border-radius: 24px; background: #ffffff; object-fit: cover; object-position: top }
  p { position: absolute; left: 24px; right: 24px; bottom: 20px; margin: 0 }
  i { position: absolute; right: 32px; top: 24px; width: 212px; height: 424px; border: 6px dashed #ffffff55; border-radius: 24px }
</style><img class="desk" alt="" src="data:image/png;base64,${desk}">
${phone === '' ? '<i></i>' : `<img class="phone" alt="" src="data:image/png;base64,${phone}">`}<p>${says}</p></html>`
