/** A product on a phone: the App by itself, the page with the QR code in each of its states, and the phone that scans it. */
import type { Page } from 'playwright-core'
import { playing } from '../../journeys/script.ts'
import { until } from '../../journeys/stage.ts'
import { userPassword } from '../../people.ts'
import type { Camera } from '../camera.ts'
import type { Cast } from '../cast.ts'
import type { Story } from '../story.ts'

export const app: Story = {
  name: 'app',
  async tell(cast, camera) {
    await byItself(cast, camera)
    await waysIn(cast, camera)
    const play = await playing(cast.stage)
    const { id } = await play.active(play.scriptOf('ana'), 'marta@clinica-sol.test', 'cli_sol')
    const console = await cast.atDesk('ana', `/assist/${id}`)
    const open = console.getByRole('button', { name: 'Open App' })
    const [code] = await Promise.all([console.waitForEvent('popup'), open.click()])
    await shown(cast, camera, code)
    await scanned(cast, camera, code)
    for (const page of [code, console]) await page.close()
  },
}

/** As its own people have it. */
async function byItself(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.pageOf('phone', `${cast.appOrigin}/`)
  await camera.take('app', 'app-start', page)
  await page.goto(`${cast.appOrigin}/my/offline`)
  await camera.take('app', 'app-offline', page)
  await page.goto(`${cast.appOrigin}/sign-in`)
  await camera.take('app', 'app-sign-in', page)
  await page.locator('#email').fill('grace@northside.test')
  await page.locator('#password').fill(userPassword(''))
  await page.locator('main form button').click()
  await page.waitForURL('**/my/')
  await camera.take('own', 'app-today', page)
  for (const name of ['team', 'invoices', 'me']) {
    await page.goto(`${cast.appOrigin}/my/${name}`)
    await camera.take('own', `app-${name}`, page)
  }
  await page.close()
}

/** A camera that shows a wall: enough for a picture of the finder. */
const wall = `navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
  const pen = canvas.getContext('2d')
  setInterval(() => { pen.fillStyle = '#6f7c70'; pen.fillRect(0, 0, 640, 480) }, 100)
  return canvas.captureStream()
}`

async function waysIn(cast: Cast, camera: Camera): Promise<void> {
  const page = await cast.pageOf('phone', `${cast.appOrigin}/help`)
  await camera.take('app', 'help-start', page)
  await page.getByRole('link', { name: 'Scan QR code' }).click()
  await page.getByText('No camera was found here.').waitFor()
  await camera.take('app', 'help-no-camera', page)
  await page.goto(`${cast.appOrigin}/q/7M3XABCDEFGHJKMN`)
  await camera.take('app', 'help-followed', page)
  await page.goto(`${cast.appOrigin}/q`)
  await page.getByLabel('Short code').waitFor()
  await camera.take('app', 'help-enter', page)
  await page.close()
  const seeing = await cast.pageOf('phone', `${cast.appOrigin}/help`)
  await seeing.addInitScript(wall)
  await seeing.goto(`${cast.appOrigin}/help#scan`)
  await seeing.reload()
  await until(
    () => seeing.evaluate<number>("document.querySelector('video').currentTime"),
    (seconds) => seconds > 0,
    'what the camera sees',
  )
  await camera.take('app', 'help-scan', seeing)
  await seeing.close()
}

/** Before anybody scans it. */
async function shown(cast: Cast, camera: Camera, code: Page): Promise<void> {
  await code.locator('.phone-picture > svg').waitFor()
  await camera.take('console', '4-app-code', code)
  await code.getByRole('button', { name: 'Send the link to my phone' }).click()
  await code.getByText(/On its way to you:/).waitFor()
  await camera.take('console', '4-app-code-sent', code)
  await code.context().setOffline(true)
  await code.locator('.strip').waitFor()
  await camera.take('console', '4-app-code-offline', code)
  await code.context().setOffline(false)
  await code.locator('.strip').waitFor({ state: 'detached' })
  await cast.advance(5 * 60_000 + 1_000)
  await code.getByText('This code has gone.').first().waitFor()
  await camera.take('console', '4-app-code-expired', code)
}

/** Two phones: one with wrong digits, one with the right ones. */
async function scanned(cast: Cast, camera: Camera, code: Page): Promise<void> {
  const wrong = await claimed(cast, code)
  await camera.take('app', 'help-digits', wrong)
  await code.bringToFront()
  await code.getByLabel('The two numbers on the phone').waitFor()
  await camera.take('console', '4-app-claimed', code)
  const right = await wrong.locator('.digits strong').innerText()
  await typed(code, right.trim() === '11' ? '12' : '11')
  await code.locator('.phone-result.refused').waitFor()
  await camera.take('console', '4-app-wrong-digits', code)
  await wrong.close()

  const phone = await claimed(cast, code)
  await typed(code, await phone.locator('.digits strong').innerText())
  await phone.locator('nav.tabs').waitFor()
  await camera.take('own', 'app-assisted', phone)
  await code.bringToFront()
  await code.locator('.phone-result.live').waitFor()
  await camera.take('console', '4-app-open', code)
  await code.getByRole('button', { name: 'Finish process' }).click()
  await code.locator('.phone-now.is-closed').waitFor()
  await camera.take('console', '4-app-ended', code)
  await phone.getByRole('heading', { name: 'La ayuda ha terminado' }).waitFor()
  await camera.take('own', 'app-ended', phone)
  await phone.close()
}

/** A phone that has typed the short code of a new QR code. */
async function claimed(cast: Cast, code: Page): Promise<Page> {
  await code.getByRole('button', { name: 'Show a new code' }).click()
  const short = await code.locator('.phone-short .code').innerText()
  const page = await cast.pageOf('phone', `${cast.appOrigin}/q`)
  await page.getByLabel('Short code').fill(short)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.locator('.digits').waitFor()
  return page
}

async function typed(code: Page, digits: string): Promise<void> {
  const field = code.getByLabel('The two numbers on the phone')
  await field.fill(digits.trim())
  await field.press('Enter')
}
