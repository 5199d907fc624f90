/** Looking with a real browser: what is in view on top of everything, what is pressed, and what is gone. */
import type { Chromium, Tab } from './chromium.ts'
import { fails, type Kit, passes, unchecked, type Verdict } from './point.ts'

const withoutBrowser = unchecked(
  'there was no browser to look with: --browser /usr/bin/chromium',
  'no había navegador con que mirar: --browser /usr/bin/chromium',
)

/** Looks in the browser of this check; each launch has a context of its own in it. */
export async function inBrowser(kit: Kit, look: (browser: Chromium) => Promise<Verdict>): Promise<Verdict> {
  const browser = kit.browser()
  if (browser === undefined) return withoutBrowser
  return browser
    .then(look)
    .catch((error: Error) =>
      unchecked(`the browser could not look: ${error.message}`, `el navegador no pudo mirar: ${error.message}`),
    )
}

/** Elements that hold this text, through open shadow roots; `seen`: one of them lies on top, in view. */
export const finding = `
  const within = (root) => [...root.querySelectorAll('*')].flatMap((one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])])
  const holders = (text) => within(document).filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.includes(text)))
  const onTop = (x, y) => { let hit = document.elementFromPoint(x, y); for (;;) { const inner = hit?.shadowRoot?.elementFromPoint(x, y); if (!inner || inner === hit) return hit; hit = inner } }
  const seen = (text) => holders(text).some((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    const hit = width > 0 && height > 0 ? onTop(x + width / 2, y + height / 2) : null
    return hit !== null && (one.contains(hit) || hit.contains(one)) && one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  })
  /** The child of the body that it is in, seen from the page. */
  const outermost = (text) => { let one = holders(text)[0]; while (one?.getRootNode() instanceof ShadowRoot) one = one.getRootNode().host; while (one && one.parentElement !== document.body && one.parentElement) one = one.parentElement; return one }`
export const asking = (expression: string): string => `(() => { ${finding}; return (${expression}) })()`
export const seen = (text: string): string => asking(`seen(${JSON.stringify(text)})`)

/** All of these texts are in view. A page that is just being changed shows nothing yet. */
export async function inView(tab: Tab, ...texts: readonly string[]): Promise<boolean> {
  return (await tab.tell<boolean>(asking(`${JSON.stringify(texts)}.every(seen)`)).catch(() => false)) === true
}

/** It is at this origin with all that it loads: what does something by itself does it from here on. */
export const isThere = (tab: Tab, origin: string): Promise<boolean> =>
  tab
    .tell<boolean>(`document.readyState === 'complete' && location.origin === ${JSON.stringify(origin)}`)
    .catch(() => false)

export const twoFrames = (tab: Tab) =>
  tab.tell('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))')

/** Nothing of the user's is in view any more. */
export async function isOver(kit: Kit, tab: Tab): Promise<Verdict> {
  const shown = () => tab.tell<boolean>(seen(kit.plan.sees)).catch(() => undefined)
  return (await kit.soon(async () => (await shown()) === false))
    ? passes
    : fails(
        `${kit.withinMs / 1000} s after the end the page was still in view`,
        `${kit.withinMs / 1000} s después del final la página seguía a la vista`,
      )
}

/** Where an element is pressed: its middle, where nothing lies over it. */
const pressing = `const middle = (found) => {
    if (!found) return null
    const { x, y, width, height } = found.getBoundingClientRect()
    const at = { x: x + width / 2, y: y + height / 2 }
    const hit = width > 0 && height > 0 ? onTop(at.x, at.y) : null
    return hit && (found.contains(hit) || hit.contains(found)) ? at : null
  }`

/** What this CSS selector finds in the page. */
export const pressable = (selector: string): string =>
  `(() => { ${finding}; ${pressing}; return middle(document.querySelector(${JSON.stringify(selector)})) })()`

/** What the banner calls so: the button that a person finds there. */
export const pressableInBanner = (agent: string, labels: readonly string[]): string =>
  `(() => {
    ${finding}; ${pressing}
    const home = outermost(${JSON.stringify(agent)})
    const all = home ? [...within(home), ...(home.shadowRoot ? within(home.shadowRoot) : [])] : []
    const named = (one) => ${JSON.stringify(labels)}.includes((one.innerText || one.value || one.getAttribute('aria-label') || '').trim())
    return middle(all.find((one) => one.matches('button, a[href], input[type=submit], [role=button]') && named(one)))
  })()`
