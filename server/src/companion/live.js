/**
 * Keeps the page true while somebody looks at it. Everything works without this file: it asks for the page again, shows
 * what changed, counts the last two minutes aloud, and says when there is no connection. It presses nothing, keeps
 * nothing in the browser, and talks to nobody but the page's own address.
 */
;(() => {
  const main = document.querySelector('main')
  const strip = document.getElementById('strip')
  const said = document.getElementById('said')
  const { pathname, search } = location
  const was = new URLSearchParams(search).get('was') ?? main.dataset.terms
  const address = () => {
    const query = new URLSearchParams(search)
    if (was) query.set('was', was)
    return `${pathname}?${query}`
  }
  const restMs = 1500

  let tag = ''
  let misses = 0
  let nextLookAt = performance.now() + 1000
  let looking = false
  /** The server's clock minus ours, in milliseconds. */
  let skew
  let spoken = -1
  /** Until when it lasts, as the server said when a moment was last counted. */
  let lasts = 0
  let restUntil = 0
  let held

  // ── Asking again ──────────────────────────────────────────────────────────────────────────────────────────────────

  async function look() {
    looking = true
    try {
      const answer = await fetch(address(), {
        headers: { Accept: 'text/html', ...(tag ? { 'If-None-Match': tag } : {}) },
        cache: 'no-store',
        signal: AbortSignal.timeout?.(8000),
      })
      await arrived(answer)
    } catch {
      missed(main.dataset.offline)
    }
    looking = false
    nextLookAt = performance.now() + Math.min(15, Number(main.dataset.live ?? 2) * 2 ** Math.min(misses, 3)) * 1000
  }

  async function arrived(answer) {
    if (answer.status === 429) return
    const now = Number(answer.headers.get('X-Now'))
    if (now) skew = now - performance.now()
    if (answer.status >= 500) {
      const reference = /rq_\w+/.exec(await answer.text())?.[0] ?? ''
      missed(main.dataset.broken?.replace('%', reference))
      return
    }
    misses = 0
    if (!held) tell(strip, '')
    if (answer.status === 304) return
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    tag = answer.headers.get('ETag') ?? ''
    show(page)
  }

  function missed(words) {
    misses += 1
    if (words && !held) tell(strip, words)
  }

  /** Each writing is spoken: what only stays as it is is not written again. */
  function tell(region, words) {
    if (region.textContent !== words) region.textContent = words
  }
  /** What comes about again, such as the last two minutes, is spoken again. */
  function speak(words) {
    said.textContent = words
  }

  // ── Showing what changed ──────────────────────────────────────────────────────────────────────────────────────────

  function show(page) {
    const next = page.querySelector('main')
    if (!next) return
    const another = next.dataset.state !== main.dataset.state
    const called = !main.querySelector('[autofocus]') && next.querySelector('[autofocus]')
    const truth = main.querySelector('#truth')?.textContent
    if (document.title !== page.title) document.title = page.title
    document.body.className = page.body.className
    become(document.querySelector('footer'), page.querySelector('footer'))
    if (another) main.replaceChildren(...next.childNodes)
    else becomeChildren(main, next)
    sameAttributes(main, next)
    if (another || called) {
      restUntil = performance.now() + restMs
      goTo(main.querySelector('[autofocus]') ?? main.querySelector('h1'))
    }
    const now = main.querySelector('#truth')?.textContent
    if (!another && now && now !== truth) speak(now)
    if (another && main.dataset.closed) speak(main.dataset.closed)
    count()
  }

  function goTo(place) {
    place.tabIndex = -1
    place.focus({ preventScroll: true })
    scrollTo(0, 0)
  }

  /** Turns one element into another and leaves alone what is the same, so that focus and reading stay where they are. */
  function become(old, next) {
    if (old.isEqualNode(next)) return
    if (old.nodeName !== next.nodeName) old.replaceWith(next)
    else if (old.nodeType !== 1) old.nodeValue = next.nodeValue
    else {
      sameAttributes(old, next)
      becomeChildren(old, next)
    }
  }

  function becomeChildren(old, next) {
    const [olds, nexts] = [[...old.childNodes], [...next.childNodes]]
    nexts.forEach((node, at) => {
      if (olds[at]) become(olds[at], node)
      else old.append(node)
    })
    for (const node of olds.slice(nexts.length)) node.remove()
  }

  function sameAttributes(old, next) {
    for (const { name } of [...old.attributes])
      if (!next.hasAttribute(name) && name !== 'open' && name !== 'tabindex') old.removeAttribute(name)
    for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }

  // ── The last two minutes, spoken once each ────────────────────────────────────────────────────────────────────────

  function count() {
    const ends = Number(main.dataset.ends)
    if (!ends) {
      spoken = -1
      return
    }
    if (skew === undefined) return
    const left = ends - performance.now() - skew
    const edge = left > 120_500 ? -1 : left > 60_000 ? 0 : left > 20_000 ? 1 : left > 0 ? 2 : 3
    if (edge === 3) nextLookAt = Math.min(nextLookAt, performance.now() + 500)
    // What passes again is said again where time was given; an answer that was slow on its way gives none.
    if (ends > lasts) spoken = Math.min(spoken, edge)
    lasts = ends
    if (edge > 2 || edge <= spoken) return
    spoken = edge
    speak(main.dataset.said.split('|')[edge])
  }

  // ── Pressing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  const ends = (form) => /\/(decline|not-me|stop)(\?|$)/.test(form.action)

  addEventListener('submit', (event) => {
    const form = event.target
    // A page that changed under the finger was not answered. Refusing and stopping always count.
    if (!ends(form) && performance.now() < restUntil) event.preventDefault()
    else if (!navigator.onLine) {
      event.preventDefault()
      held = ends(form) ? form : undefined
      tell(strip, held ? main.dataset.held : main.dataset.offline)
    }
  })
  addEventListener('online', () => {
    if (held) held.submit()
    nextLookAt = 0
  })
  addEventListener('offline', () => missed(main.dataset.offline))

  // ── Turning ───────────────────────────────────────────────────────────────────────────────────────────────────────

  const seen = () => {
    if (!document.hidden && main.dataset.live) fetch(`${pathname}/seen`, { method: 'POST' }).catch(() => {})
  }
  function turn() {
    count()
    const due = main.dataset.live && !document.hidden && !looking && performance.now() >= nextLookAt
    if (due) void look()
  }
  addEventListener('visibilitychange', () => {
    if (document.hidden) return
    seen()
    nextLookAt = 0
    turn()
  })
  seen()
  setInterval(turn, 250)
})()
