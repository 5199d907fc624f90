/** The banner: there without a script, and in a real browser on top of whatever the page does to hide it. */
import { type Chromium, chromiumAt, type Tab } from './chromium.ts'
import { cast } from './issuer.ts'
import { truth } from './launch.ts'
import { fails, type Kit, type Point, passes, unchecked, type Verdict } from './point.ts'

const there: Point = {
  id: 'banner.there',
  holds: { en: 'the banner is in the page', es: 'la banda está en la página' },
  look: {
    en: 'the banner comes with the HTML of every page: dressed() of the package, or one of your own with all of it',
    es: 'la banda viene en el HTML de cada página: dressed() del paquete, o una propia con todo ello',
  },
  async check(kit) {
    const { text } = await kit.page((await kit.launch()).visitor)
    const { agent, userName, reason } = cast
    const missing = [
      ['who helps', 'quién ayuda', agent.name],
      ['whose account it is', 'de quién es la cuenta', userName],
      ['why', 'por qué', reason],
    ].filter(([, , words = '']) => !text.includes(words))
    if (missing.length === 0) return passes
    return fails(
      `it does not say ${missing.map(([en]) => en).join(', ')}`,
      `no dice ${missing.map(([, es]) => es).join(', ')}`,
    )
  },
}

const withoutBrowser = unchecked(
  'there was no browser to look with: --browser /usr/bin/chromium',
  'no había navegador con que mirar: --browser /usr/bin/chromium',
)

/** Looks in a browser, which is gone afterwards however it went. */
async function inBrowser(kit: Kit, look: (browser: Chromium) => Promise<Verdict>): Promise<Verdict> {
  if (kit.chromium === undefined) return withoutBrowser
  const browser = await chromiumAt(kit.chromium)
  return look(browser)
    .catch((error: Error) =>
      unchecked(`the browser could not look: ${error.message}`, `el navegador no pudo mirar: ${error.message}`),
    )
    .finally(browser.close)
}

/** Elements that hold this text, through open shadow roots; `seen`: one of them lies on top, in view. */
const finding = `
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
const asking = (expression: string): string => `(() => { ${finding}; return (${expression}) })()`
const seen = (text: string): string => asking(`seen(${JSON.stringify(text)})`)

/** What a page could do, by its own fault or somebody's script. */
const attacks = (agent: string) =>
  [
    [
      'a style sheet',
      'una hoja de estilo',
      `const one = outermost(${agent}); one.setAttribute('data-check', ''); const sheet = new CSSStyleSheet(); sheet.replaceSync('[data-check], [data-check] * { display: none !important; visibility: hidden !important; opacity: 0 !important }'); document.adoptedStyleSheets = [sheet]`,
    ],
    ['removing it', 'quitarla', `outermost(${agent}).remove()`],
    [
      'a layer over everything',
      'una capa encima de todo',
      `const over = document.createElement('div'); over.style.cssText = 'position:fixed;inset:0;z-index:2147483647;background:green'; document.body.append(over)`,
    ],
    [
      'a modal dialog',
      'un diálogo modal',
      `const modal = document.createElement('dialog'); modal.style.cssText = 'inset:0;width:100vw;height:100vh;max-width:none;max-height:none'; document.body.append(modal); modal.showModal()`,
    ],
    [
      'a change of page without loading',
      'un cambio de página sin cargarla',
      `history.pushState(null, '', '/?check'); document.body.replaceChildren(document.createElement('p'))`,
    ],
  ] as const

const holds: Point = {
  id: 'banner.holds',
  holds: { en: 'the page cannot hide the banner', es: 'la página no puede tapar la banda' },
  look: {
    en: 'banner.js and banner.css of the package, loaded on every page: a banner of plain HTML does not hold',
    es: 'banner.js y banner.css del paquete, en cada página: una banda de HTML a secas no aguanta',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const agent = JSON.stringify(cast.agent.name)
      for (const [en, es, attack] of attacks(agent)) {
        const tab = await launchedIn(kit, browser)
        if (!(await kit.soon(() => tab.tell<boolean>(seen(cast.agent.name)))))
          return (await tab.tell<number>(asking(`holders(${agent}).length`))) > 0
            ? fails('it was not in view at all', 'no estaba a la vista')
            : unchecked('there was none to hide', 'no había ninguna que tapar')
        await tab.tell(`(() => { ${finding}; ${attack} })()`)
        await twoFrames(tab)
        if (!(await kit.soon(() => tab.tell<boolean>(seen(cast.agent.name)))))
          return fails(`${en} hid it`, `se tapó con ${es}`)
      }
      return passes
    }),
}

const twoFrames = (tab: Tab) =>
  tab.tell('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))')

/** A launch in the browser itself, in a context of its own. */
async function launchedIn(kit: Kit, browser: Chromium, launch = kit.issuer.launch(truth(kit.plan.user))): Promise<Tab> {
  const tab = await browser.tab()
  const url = new URL(kit.client.initiateLoginUri)
  const target = new URL(kit.plan.page, kit.origin).href
  url.search = new URLSearchParams({
    iss: kit.issuer.origin,
    login_hint: launch.hint,
    target_link_uri: target,
  }).toString()
  await tab.open(url.href)
  await kit.soon(() =>
    tab.tell<boolean>(`document.readyState === 'complete' && location.origin === ${JSON.stringify(kit.origin)}`),
  )
  return tab
}

const covers: Point = {
  id: 'banner.covers',
  holds: { en: 'an open page is covered when help ends', es: 'una página abierta se cubre cuando acaba la ayuda' },
  look: {
    en: 'banner.js asks the status each second: does /assisted/status answer 401 after the end, and is the script let in?',
    es: 'banner.js pregunta cada segundo: ¿responde /assisted/status 401 tras el final, y entra el script?',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const launch = kit.issuer.launch(truth(kit.plan.user))
      const tab = await launchedIn(kit, browser, launch)
      const user = () => tab.tell<boolean>(seen(kit.plan.sees))
      if (!(await kit.soon(user))) return fails(`"${kit.plan.sees}" was not in view`, `«${kit.plan.sees}» no se veía`)
      launch.telling = { ...launch.telling, introspection: () => 'ended' }
      if (kit.client.backchannelLogoutUri !== undefined)
        await kit
          .visitor()
          .form(kit.client.backchannelLogoutUri, 'POST', { logout_token: await kit.issuer.logoutToken(launch) })
      return (await kit.soon(async () => !(await user())))
        ? passes
        : fails(
            `${kit.withinMs / 1000} s after the end the page was still in view`,
            `${kit.withinMs / 1000} s después del final la página seguía a la vista`,
          )
    }),
}

export const banner: readonly Point[] = [there, holds, covers]
