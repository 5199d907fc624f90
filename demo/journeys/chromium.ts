/** A real browser for journeys, and what it sees. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** `more`: flags of its own, for what a browser otherwise has not, such as a camera. */
export async function chromiumHere(more: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.AMPARO_CHROMIUM ?? places.find((place) => existsSync(place))
  if (!executablePath) throw new Error('Chromium is missing. Install it with: apt-get install chromium')
  return chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

export interface Authenticator {
  readonly cdp: CDPSession
  readonly authenticatorId: string
}

/** An authenticator in this page's machine, which shows at once that its user is there; Chromium's own. */
export async function withAuthenticator(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { cdp, authenticatorId }
}

export interface Held {
  /** The server has answered once. */
  readonly answered: Promise<void>
  letThrough(): void
}

/**
 * A slow line for these addresses: what the server answers to these methods waits until it is let through. Or the line is cut:
 * then it is not asked at all.
 */
export async function heldBack(
  page: Page,
  addresses: RegExp,
  methods: readonly string[] = ['GET'],
  line: 'slow' | 'cut' = 'slow',
): Promise<Held> {
  let [answer, letThrough] = [() => {}, () => {}]
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const through = new Promise<void>((resolve) => {
    letThrough = resolve
  })
  await page.route(addresses, async (route) => {
    if (!methods.includes(route.request().method())) return route.fallback()
    const response = line === 'slow' ? await route.fetch() : undefined
    answer()
    await through
    // Nobody may wait for it any more.
    await (response ? route.fulfill({ response }) : route.abort()).catch(() => undefined)
  })
  return { answered, letThrough }
}

export const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true }
export const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 } }

/** Keeps a picture where `AMPARO_PICTURES` names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.AMPARO_PICTURES
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
