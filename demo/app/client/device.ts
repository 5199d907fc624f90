/** What this phone is called, for the people who look at both screens. */

interface Hints {
  readonly userAgentData?: {
    getHighEntropyValues(wanted: readonly string[]): Promise<{ readonly model?: string; readonly platform?: string }>
  }
}

/** Its model where the browser tells it, else its kind; at most forty characters. */
export async function deviceName(browser: Navigator & Hints = navigator): Promise<string> {
  const told = await browser.userAgentData?.getHighEntropyValues(['model', 'platform']).catch(() => undefined)
  const [, kind] = /(iPhone|iPad|Android|Macintosh|Windows|Linux)/.exec(browser.userAgent) ?? []
  return (told?.model || told?.platform || kind || 'Browser').slice(0, 40)
}
