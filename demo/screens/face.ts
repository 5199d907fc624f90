/** The faces that people see, and how each is brought into a language without losing where it is. */
import type { Page } from 'playwright-core'

export type Language = 'en' | 'es'
export type Theme = 'light' | 'dark'

/** One way of looking at a screen. */
export interface Look {
  readonly language: Language
  readonly theme: Theme
  readonly width: 390 | 1280
}

export interface Face {
  /** Afterwards the page shows the same in this language. */
  speak(page: Page, language: Language): Promise<void>
  /** Languages, themes and widths in which it exists. */
  readonly languages: readonly Language[]
  readonly themes: readonly Theme[]
  readonly widths: readonly (390 | 1280)[]
}

const everywhere = { languages: ['en', 'es'], themes: ['light', 'dark'], widths: [1280, 390] } as const

/** The console keeps its language in the browser and hears of a change from other tabs: nothing is loaded again. */
const agentsConsole: Face = {
  ...everywhere,
  async speak(page, language) {
    await page.evaluate(
      `localStorage.setItem('amparo.language', '${language}'); window.dispatchEvent(new StorageEvent('storage'))`,
    )
    await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
  },
}

/** The user's page takes its language from its address; what answers something that was typed is asked again by a button. */
const companion: Face = {
  ...everywhere,
  async speak(page, language) {
    const address = new URL(page.url())
    if (address.searchParams.get('lang') === language) return
    const again = page.locator(`nav button[lang="${language}"]`)
    if ((await again.count()) > 0) {
      await again.click()
      return page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
    }
    address.searchParams.set('lang', language)
    await page.goto(address.href)
  },
}

/** What is in the language of the person whom it is for, whoever looks: messages, and a product opened as somebody. */
const asItIs: Face = { ...everywhere, languages: ['en'], speak: async () => undefined }

/** What speaks the browser's language: the inbox, and the App as long as it is nobody's. */
const asBrowser: Face = {
  ...everywhere,
  async speak(page, language) {
    await page.context().setExtraHTTPHeaders({ 'accept-language': language })
    if ((await page.locator('html').getAttribute('lang')) !== language) await page.reload()
  },
}

export const faces = {
  console: agentsConsole,
  companion,
  product: asItIs,
  inbox: asBrowser,
  app: asBrowser,
  /** The App as somebody's: in both themes, in their language. */
  own: asItIs,
} as const satisfies Record<string, Face>
export type FaceName = keyof typeof faces
