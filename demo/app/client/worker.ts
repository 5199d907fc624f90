/**
 * Keeps the shell of the App: one page that says that there is no connection, and its style. Nothing of anybody's is ever
 * kept. It reaches the pages under `/my/` that a browser opens, and none of help.
 */
interface Installing extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Event {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

const cache = 'shell-1'
const offline = '/my/offline'
const shell: readonly string[] = [offline, '/static/style.css', '/static/mark.svg']

addEventListener('install', (event) => {
  const installing = event as Installing
  installing.waitUntil(caches.open(cache).then((kept) => kept.addAll([...shell])))
})

addEventListener('fetch', (event) => {
  const fetching = event as Fetching
  const { request } = fetching
  const { pathname, origin } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  const instead = request.mode === 'navigate' ? offline : pathname
  if (shell.includes(instead)) fetching.respondWith(fetch(request).catch(() => keptOf(instead)))
})

const keptOf = async (path: string): Promise<Response> => (await caches.match(path)) ?? Response.error()
