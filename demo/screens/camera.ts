/** Takes a screen in every look that its face has, and asks axe about each. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type Face, type FaceName, faces, type Look } from './face.ts'

export interface Taken {
  readonly face: FaceName
  readonly name: string
  readonly look: Look
  /** Beside the contact sheet; missing where no pictures were wanted. */
  readonly file?: string
  readonly violations: readonly string[]
}

export interface Camera {
  /** The screen as it stands in this page, under a name of its own. */
  take(face: FaceName, name: string, page: Page): Promise<void>
  readonly taken: readonly Taken[]
}

interface Wanted {
  /** Where the pictures go; none where it is missing. */
  readonly folder?: string
  /** `all` looks, or as few as show each language, theme and width with each other once. */
  readonly looks: 'all' | 'pairs'
  /** Only screens whose name holds this. */
  readonly only?: string | undefined
  readonly tell?: (line: string) => void
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export function cameraFor({ folder, looks, only, tell }: Wanted): Camera {
  const taken: Taken[] = []
  return {
    taken,
    async take(face, name, page) {
      if (only !== undefined && !`${face}/${name}`.includes(only)) return
      const all = looksOf(faces[face], looks)
      // A page behind another one may be given no frame, and two are waited for.
      await page.bringToFront()
      for (const look of all) {
        await lookAt(page, faces[face], look)
        const file = folder && (await shot(page, folder, face, name, look))
        const violations = [...(await violationsOn(page)), ...(look.width === 390 ? await onPhones(page) : [])]
        taken.push({ face, name, look, ...(file && { file }), violations })
      }
      const faults = taken.filter((one) => one.face === face && one.name === name).flatMap((one) => one.violations)
      tell?.(`${faults.length === 0 ? '✓' : '✗'} ${face}/${name} ${[...new Set(faults)].join('; ')}`)
      await lookAt(page, faces[face], { language: 'en', theme: 'light', width: 1280 })
    },
  }
}

function looksOf(face: Face, which: 'all' | 'pairs'): readonly Look[] {
  const all = face.languages.flatMap((language) =>
    face.themes.flatMap((theme) => face.widths.map((width): Look => ({ language, theme, width }))),
  )
  if (which === 'all' || all.length <= 2) return all
  return all.filter(({ language, theme, width }) => {
    const odd = [language === 'es' && face.languages.length > 1, theme === 'dark', width === 390]
    return odd.filter(Boolean).length % 2 === 0
  })
}

async function lookAt(page: Page, face: Face, { language, theme, width }: Look): Promise<void> {
  await page.setViewportSize(width === 390 ? { width, height: 844 } : { width, height: 900 })
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  if (face.languages.length > 1) await face.speak(page, language)
  await page.waitForLoadState('load')
  await page.locator('.waiting, .skeleton').first().waitFor({ state: 'detached' })
  // Where no frame comes there is none to wait for.
  await page.evaluate(
    'new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); setTimeout(done, 2000) })',
  )
}

/** A long list is as well seen by its beginning. */
const tallest = 2_400
const heightOf = (page: Page) => page.evaluate<number>('document.documentElement.scrollHeight')

async function shot(page: Page, folder: string, face: FaceName, name: string, look: Look): Promise<string> {
  const file = `${face}/${name}.${look.language}.${look.width}.${look.theme}.png`
  await mkdir(join(folder, face), { recursive: true })
  await page.evaluate('window.scrollTo(0, 0)')
  const overPage = await page.locator('dialog:modal').count()
  const height = Math.min(tallest, await heightOf(page))
  // What stays at the lower edge of what is seen (the user's buttons, the App's tabs) is at the lower edge of the whole.
  if (face === 'companion' || face === 'own') await page.setViewportSize({ width: look.width, height })
  const clip = { x: 0, y: 0, width: look.width, height }
  const how = overPage === 0 ? { fullPage: true, clip } : {}
  await page.screenshot({ path: join(folder, file), animations: 'disabled', caret: 'hide', ...how })
  return file
}

interface Violation {
  readonly id: string
  readonly target: unknown
  readonly count: number
}

/**
 * In the browser: axe's own answer, as little of it as we need. It knows a skip link by its standing before every other
 * link, but cannot tell where a link inside the banner's shadow stands, so it is told. It would read every style sheet anew each
 * time, which is half of its time and which none of the rules that it runs asks for.
 */
const run = `axe.configure({ checks: [{ id: 'region', options: {
    regionMatcher: 'dialog, [role=dialog], [role=alertdialog], svg, a.skip[href="#content"]' } }] });
  axe.run({ resultTypes: ['violations'], preload: { assets: ['media'] } }).then(({ violations }) =>
  violations.map(({ id, nodes }) => ({ id, target: nodes[0]?.target, count: nodes.length })))`

/** What axe finds, each with the place of its first case. */
async function violationsOn(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe)
  const found = await page.evaluate<readonly Violation[]>(run)
  return found.map(({ id, target, count }) => `${id} at ${JSON.stringify(target)} (${count})`)
}

async function onPhones(page: Page): Promise<readonly string[]> {
  return [...(await page.evaluate<readonly string[]>(tooSmall)), ...(await lostWhenNarrow(page))]
}

/** What a finger would miss: buttons, fields and what opens are 44 pixels high at least. Links in sentences are text. */
const tooSmall = `[...document.querySelectorAll('button, select, textarea, summary, input:not([type=hidden], [type=checkbox], [type=radio])')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && getComputedStyle(one).clipPath === 'none')
  .filter((one) => one.getBoundingClientRect().height < 43.5)
  .map((one) => 'too small for a finger: ' + one.outerHTML.slice(0, 120))`

/** What WCAG 1.4.12 lets a reader set; as a sheet of its own, which no policy of a page forbids. */
const wideText = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`

/** At 320 px, as 1280 px at 400 %, and with wide text nobody has to scroll sideways. */
async function lostWhenNarrow(page: Page): Promise<readonly string[]> {
  const lost: string[] = []
  const look = async (how: string, height: number) => {
    await page.setViewportSize({ width: 320, height })
    const wide = await page.evaluate<string | null>(sticksOut)
    if (wide !== null) lost.push(`scrolls sideways ${how}: ${wide}`)
  }
  await look('at 320 px', 640)
  await look('at 400 %', 256)
  await page.evaluate(`window.wideText ??= new CSSStyleSheet(); wideText.replaceSync(${JSON.stringify(wideText)});
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, wideText]; undefined`)
  await look('with wide text', 640)
  await page.evaluate(
    'document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== wideText); undefined',
  )
  return lost
}

/** The first element that makes the page wider than what is seen; nothing where there is none. */
const sticksOut = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return null
  const wide = [...document.body.querySelectorAll('*')].find((one) => one.getBoundingClientRect().right > clientWidth + 1)
  return scrollWidth + ' ' + (wide?.outerHTML.slice(0, 120) ?? '')
})()`
