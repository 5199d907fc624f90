/** Who acts on the screens: people with a browser each, in one demo of their own. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { hasCode } from '../journeys/script.ts'
import type { Stage } from '../journeys/stage.ts'
import { until } from '../journeys/stage.ts'

export interface Letter {
  readonly id: string
  readonly to: string
  readonly channel: string
  readonly subject: string
  readonly codes: readonly string[]
  readonly links: readonly string[]
}

export type Cast = ReturnType<typeof castOn>

/** Nothing is offered there. */
const isInACase = (path: string): boolean => /^\/(assist|ecosystem)\/|^\/settings/.test(path)
/** Whether the server says that a passkey is to be offered to whoever is signed in here. */
const isOffered = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(
    "fetch('/api/v1/session').then((answer) => answer.json()).then(({ offerPasskey }) => offerPasskey === true)",
  )

export function castOn(stage: Stage, browser: Browser) {
  const contexts = new Map<string, BrowserContext>()
  const desk = `http://127.0.0.1:${stage.port}`

  /** Somebody's browser: the same person, the same cookies. */
  async function contextOf(who: string): Promise<BrowserContext> {
    const known = contexts.get(who)
    if (known) return known
    const made = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      // A browser with a language of its own takes no other for the pages that go by it.
      ...(who !== 'developer' && who !== 'phone' && { locale: 'en-GB' }),
    })
    made.setDefaultTimeout(30_000)
    contexts.set(who, made)
    return made
  }

  async function pageOf(who: string, address: string): Promise<Page> {
    const page = await (await contextOf(who)).newPage()
    await page.goto(address)
    return page
  }

  /** An agent at the console, signed in. */
  async function atDesk(name: string, path = '/'): Promise<Page> {
    const signedIn = contexts.has(name)
    const page = await pageOf(name, `${stage.console}${path}`)
    if (signedIn) return page
    await page.locator('input[name=email]').fill(`${name}@acme.test`)
    await page.locator('input[name=password]').fill(`${name}-demo-pass-1`)
    await page.locator('button[type=submit]').click()
    await page.locator('.frame').waitFor()
    if (!isInACase(path) && (await isOffered(page))) {
      const offer = page.getByRole('button', { name: 'Not now' })
      await offer.click()
      await offer.waitFor({ state: 'detached' })
    }
    return page
  }

  const letters = async (to: string): Promise<readonly Letter[]> => {
    const answer = await fetch(`${desk}/dev/inbox.json?to=${encodeURIComponent(to)}`)
    const all: unknown = await answer.json()
    return Array.isArray(all) ? all : []
  }

  /** The message to somebody that this act sends: with a code, unless another is `wanted`. News may come in between. */
  async function letterAfter(
    to: string,
    act: () => Promise<unknown>,
    wanted: (letter: Letter) => boolean = hasCode,
  ): Promise<Letter> {
    const seen = (await letters(to)).length
    await act()
    const [newest] = await until(
      async () => {
        const all = await letters(to)
        return all.slice(0, all.length - seen).filter(wanted)
      },
      (all) => all.length > 0,
      `a letter to ${to}`,
    )
    if (!newest) throw new Error('no letter')
    return newest
  }

  async function advance(ms: number): Promise<void> {
    const answer = await fetch(`${desk}/dev/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: ms }) })
    if (!answer.ok) throw new Error(`the clock answered ${answer.status}`)
  }

  return {
    stage,
    atDesk,
    pageOf,
    contextOf,
    letters,
    letterAfter,
    advance,
    webOrigin: `http://web.localhost:${stage.port + 11}`,
    appOrigin: `http://app.localhost:${stage.port + 12}`,
    storeOrigin: `http://store.localhost:${stage.port + 10}`,
    close: async () => {
      for (const context of contexts.values()) await context.close()
    },
  }
}
