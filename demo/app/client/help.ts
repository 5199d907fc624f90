/** The page of help: a code is scanned, typed or followed, the issuer is asked, and somebody's pages are shown as long as they are helped. */
import { linkIn, shortCodeIn } from './codes.ts'
import { begin, finish, type Issuer, Told } from './flow.ts'
import { showHelped } from './helped.ts'
import { type Scanner, scan } from './scanner.ts'

function one<E extends Element>(selector: string, kind: new () => E): E {
  const found = document.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`this page has no ${selector}`)
  return found
}

const main = one('main', HTMLElement)
const issuer: Issuer = { address: main.dataset.issuer ?? '', clientId: main.dataset.client ?? '' }

/** The server wrote every sentence, in the language of this phone. */
const said = (word: string): string =>
  one('#sentences', HTMLTemplateElement).content.querySelector(`[data-is="${word}"]`)?.textContent ?? ''

type Part = 'start' | 'scan' | 'enter' | 'followed' | 'busy' | 'failed'
let scanner: Scanner | undefined

function show(part: Part): void {
  scanner?.stop()
  scanner = undefined
  for (const each of document.querySelectorAll<HTMLElement>('.part')) each.hidden = each.id !== `part-${part}`
  const place = one(`#part-${part}`, HTMLElement)
  document.title = `${place.querySelector('h1')?.textContent ?? place.textContent?.trim() ?? ''} · Acme`
  const first = place.querySelector<HTMLElement>('h1')
  first?.setAttribute('tabindex', '-1')
  first?.focus({ preventScroll: true })
}

function fail(error: unknown): void {
  show('failed')
  one('#why', HTMLElement).textContent = said(error instanceof Told ? error.word : 'silent')
}

function go(link: string): void {
  show('busy')
  begin(issuer, link).catch(fail)
}

function startScanning(): void {
  show('scan')
  const tell = (word?: string) => {
    one('#camera', HTMLElement).textContent = word === undefined ? '' : said(word)
  }
  const finder = one('#finder', HTMLElement)
  finder.hidden = false
  tell('cameraStarts')
  scanner = scan(one('#finder video', HTMLVideoElement), {
    started: () => tell(),
    failed(why) {
      finder.hidden = true
      tell(why)
    },
    read(text) {
      const link = linkIn(text, location.origin)
      if (link === undefined) tell('notOurs')
      else go(link)
      return link !== undefined
    },
  })
}

function startTyping(): void {
  show('enter')
  one('#short', HTMLInputElement).focus()
}

function typed(): void {
  const field = one('#short', HTMLInputElement)
  const code = shortCodeIn(field.value)
  const wrong = one('#short-wrong', HTMLElement)
  wrong.hidden = code !== undefined
  wrong.textContent = code === undefined ? said('shortCodeWrong') : ''
  field.setAttribute('aria-invalid', String(code === undefined))
  if (code === undefined) field.focus()
  else go(code)
}

/** Where the page begins, by its address. A link that was followed does nothing before somebody goes on. */
function route(): void {
  const link = linkIn(location.href, location.origin)
  if (link !== undefined) show('followed')
  else if (location.pathname === '/q' || location.hash === '#enter') startTyping()
  else if (location.hash === '#scan') startScanning()
  else show('start')
}

one('#enter-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  typed()
})
one('#follow', HTMLButtonElement).addEventListener('click', () => go(linkIn(location.href, location.origin) ?? ''))
const parts = { '#scan': startScanning, '#enter': startTyping } as const
const pressed = (event: MouseEvent) => {
  const hash = event.target instanceof Element ? event.target.closest('a')?.getAttribute('href') : undefined
  if (hash !== '#scan' && hash !== '#enter') return
  event.preventDefault()
  history.replaceState(null, '', `/help${hash}`)
  parts[hash]()
}
document.addEventListener('click', pressed)
addEventListener('pagehide', () => scanner?.stop())

if (location.pathname === '/assisted/callback') {
  show('busy')
  finish(issuer, new URL(location.href))
    .then((through) => {
      document.removeEventListener('click', pressed)
      return showHelped(through)
    })
    .catch(fail)
} else {
  addEventListener('hashchange', route)
  route()
}
