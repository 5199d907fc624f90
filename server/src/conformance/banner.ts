/** The banner: there without a script, and in a real browser on top of whatever the page does to hide it. */
import { truth } from './launch.ts'
import { asking, finding, inBrowser, inView, isOver, twoFrames } from './looking.ts'
import { fails, type Point, passes, unchecked } from './point.ts'

const there: Point = {
  id: 'banner.there',
  holds: { en: 'the banner is in the page', es: 'la banda está en la página' },
  look: {
    en: 'the banner comes with the HTML of every page: dressed() of the package, or one of your own with all of it',
    es: 'la banda viene en el HTML de cada página: dressed() del paquete, o una propia con todo ello',
  },
  async check(kit) {
    const text = readIn((await kit.page((await kit.launch()).visitor)).text)
    const { agent, userName, reason } = kit.cast
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

/** What a reader could come to see of this page: no comments, no scripts, no attributes, and entities as what they are. */
function readIn(html: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  const text = html.replace(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<[a-z/!][^>]*>/gi, '')
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
    name ? (named[name] ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  )
}

const text: Point = {
  id: 'banner.text',
  holds: { en: 'names and reason are text, never markup', es: 'los nombres y el motivo son texto, nunca código' },
  look: {
    en: 'escape what introspection says wherever it goes into a page: an agent types the reason, a user their name',
    es: 'escapa lo que dice la consulta allí donde va a una página: el motivo lo escribe un agente, el nombre un usuario',
  },
  async check(kit) {
    const mark = `<u id="check-${kit.cast.agent.sub}">`
    const act = { ...kit.cast.agent, name: `${mark}agent</u>` }
    const told = { act, user_name: `${mark}name</u>`, reason: `${mark}reason</u>` }
    const { visitor } = await kit.helped({
      idToken: (claims) => ({ ...claims, act }),
      introspection: (claims) => ({ ...claims, ...told }),
    })
    const page = await kit.page(visitor)
    // Inside a script it is data, and what becomes of it is not known here.
    const [, what] = new RegExp(`${mark}(\\w+)`).exec(page.text.replace(/<script\b[\s\S]*?<\/script\s*>/gi, '')) ?? []
    return what === undefined
      ? passes
      : fails(`the ${what} came into the page as markup`, `lo escrito en «${what}» llegó a la página como código`)
  },
}

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
      const names = [kit.cast.agent.name, kit.cast.userName, kit.cast.reason]
      const agent = JSON.stringify(kit.cast.agent.name)
      for (const [en, es, attack] of attacks(agent)) {
        const tab = await kit.open(browser, kit.issuer.launch(truth(kit.plan.user)))
        if (!(await kit.ready(() => inView(tab, ...names))))
          return (await tab.tell<number>(asking(`holders(${agent}).length`))) > 0
            ? fails('it was not in view at all', 'no estaba a la vista')
            : unchecked('there was none to hide', 'no había ninguna que tapar')
        await tab.tell(`(() => { ${finding}; ${attack} })()`)
        await twoFrames(tab)
        if (!(await kit.soon(() => inView(tab, ...names)))) return fails(`${en} hid it`, `se tapó con ${es}`)
      }
      return passes
    }),
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
      const tab = await kit.open(browser, launch)
      if (!(await kit.ready(() => inView(tab, kit.plan.sees))))
        return fails(`"${kit.plan.sees}" was not in view`, `«${kit.plan.sees}» no se veía`)
      launch.telling = { ...launch.telling, introspection: () => 'ended' }
      if (kit.client.backchannelLogoutUri !== undefined)
        await kit
          .visitor()
          .form(kit.client.backchannelLogoutUri, 'POST', { logout_token: await kit.issuer.logoutToken(launch) })
      return isOver(kit, tab)
    }),
}

export const banner: readonly Point[] = [there, text, holds, covers]
