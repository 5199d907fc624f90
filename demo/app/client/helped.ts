/** Somebody's pages on this phone, while they are helped: fetched with the token, shown under the banner, gone with the help. */
import type { Through } from './flow.ts'

interface Banner extends HTMLElement {
  through: Through
  say(sentence: string): void
}

/** Puts the banner up first: nothing of the user's is shown before it. */
export async function showHelped(through: Through): Promise<void> {
  const banner = await bannerFrom(through)
  let ended = false
  document.addEventListener('amparo:ended', () => {
    ended = true
  })
  document.body.querySelector('.skip')?.after(banner)
  const show = async (path: string) => {
    const page = await through(path, { headers: { accept: 'text/html' } })
    if (!ended) await put(page, banner)
  }
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.origin !== location.origin || !link.pathname.startsWith('/my/')) return
    event.preventDefault()
    void show(link.pathname).catch(() => undefined)
  })
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement)) return
    event.preventDefault()
    void send(event.target, through, banner)
      .then((to) => (to === undefined ? undefined : show(to)))
      .catch(() => undefined)
  })
  await show('/my/')
}

async function bannerFrom(through: Through): Promise<Banner> {
  const answer = await through('/assisted/banner')
  if (!answer.ok) throw new Error(`the banner was refused: ${answer.status}`)
  const { html, language }: { html: string; language: string } = await answer.json()
  await customElements.whenDefined('amparo-banner')
  document.documentElement.lang = language
  const place = document.createElement('div')
  place.innerHTML = html
  customElements.upgrade(place)
  const banner = place.querySelector<Banner>('amparo-banner')
  if (!banner) throw new Error('no banner came')
  banner.through = through
  return banner
}

/** The page as the server made it, in place of the one that is shown; what it says of itself goes into the title. */
async function put(answer: Response, banner: Banner): Promise<void> {
  if (!answer.ok) return banner.say(await sentenceOf(answer))
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = page.querySelector('.app')
  if (!next) return
  document.querySelector('.app')?.replaceWith(next)
  document.title = page.title
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
  scrollTo(0, 0)
}

/** A form of theirs: where to go afterwards, or the banner says why not. */
async function send(form: HTMLFormElement, through: Through, banner: Banner): Promise<string | undefined> {
  const fields = [...new FormData(form)].filter((one): one is [string, string] => typeof one[1] === 'string')
  const answer = await through(new URL(form.action).pathname, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
  if (answer.ok) return answer.headers.get('location') ?? undefined
  banner.say(await sentenceOf(answer))
  return undefined
}

async function sentenceOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => undefined)
  const detail = typeof problem === 'object' && problem !== null ? Reflect.get(problem, 'detail') : undefined
  return typeof detail === 'string' ? detail : String(answer.status)
}
