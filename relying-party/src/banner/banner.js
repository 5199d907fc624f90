/**
 * Keeps the banner that came with the page in view, and true: on top of whatever the page opens, put back when removed,
 * asking each second whether help goes on. When it has ended, the page's content goes and a cover takes its place.
 * Every word it shows came from the server; nothing here depends on another file.
 */

/** @typedef {{ secondsLeft: number, assistanceId: string, refusals?: number, refused?: string }} Alive */

const askEveryMs = 1000
/** So long a page stays in view while nobody confirms that help goes on. */
const unconfirmedMs = 3000
/** What an answer may say too much of the time left: as long as it is waited for, and a second of rounding. */
const slowestSeconds = unconfirmedMs / 1000 + 1
/** By these a page's script could take the banner from people or from their screen reader. */
const muzzles = ['inert', 'hidden', 'aria-hidden', 'popover']

class AmparoBanner extends HTMLElement {
  /** @type {ShadowRoot} */ #root = this.shadowRoot ?? this.#rootFromTemplate()
  /** @type {Element | null} */ #before = null
  /** @type {HTMLDialogElement[]} */ #modals = []
  #started = false
  #ended = false
  #secondsLeft = Number(this.dataset.secondsLeft)
  #shownLeft = Number(this.dataset.secondsLeft)
  #refusals = Number(this.dataset.refusals)
  #confirmedAt = performance.now()
  /** @type {((address: string, init?: RequestInit) => Promise<Response>) | undefined} */ #through

  /**
   * For an app that holds its token itself: asks and ends by the app's own requests, which show its key. To be set before
   * the banner is put into the page.
   * @param {(address: string, init?: RequestInit) => Promise<Response>} request
   */
  set through(request) {
    this.#through = request
    this.#root.querySelector('form.end')?.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#endThrough(request)
    })
  }

  /**
   * Covered at once, whatever comes of it; what was not confirmed is said.
   * @param {(address: string, init?: RequestInit) => Promise<Response>} request
   */
  async #endThrough(request) {
    const { action } = /** @type {HTMLFormElement} */ (this.#root.querySelector('form.end'))
    const told = request(action, { method: 'POST' }).then(
      ({ ok }) => ok,
      () => false,
    )
    this.#end()
    this.#part('unconfirmed').hidden = await told
  }

  connectedCallback() {
    this.popover = 'manual'
    this.showPopover()
    if (this.#started) return
    this.#started = true
    this.#before = this.previousElementSibling
    this.#adoptStyle()
    this.#announce('said', this.#part('said').textContent ?? '')
    this.#keepInView()
    this.#keepTrue()
  }

  /**
   * For products that change their page without loading it: why what was tried was refused.
   * @param {string} sentence
   */
  say(sentence) {
    this.#announce('said', sentence)
  }

  /** The sheet came as a file, so that it is there without us; kept as a value it needs no file when we are moved. */
  #adoptStyle() {
    const link = this.#root.querySelector('link')
    const adopt = () => {
      if (!link?.sheet) return
      const sheet = new CSSStyleSheet()
      sheet.replaceSync([...link.sheet.cssRules].map(({ cssText }) => cssText).join('\n'))
      this.#root.adoptedStyleSheets = [sheet]
      link.remove()
      this.#makeRoom()
    }
    if (link?.sheet) adopt()
    else link?.addEventListener('load', adopt, { once: true })
  }

  /** For markup that a script of the page put in, where the parser made no shadow root. */
  #rootFromTemplate() {
    const root = this.attachShadow({ mode: 'open' })
    const template = this.querySelector('template')
    if (template) root.append(template.content)
    template?.remove()
    return root
  }

  /**
   * @param {string} id
   * @returns {HTMLElement}
   */
  #part(id) {
    const found = this.#root.getElementById(id)
    if (!found) throw new Error(`amparo-banner without ${id}`)
    return found
  }

  /**
   * A live region speaks when it changes, not when it arrives.
   * @param {'said' | 'spoken'} region
   * @param {string} sentence
   */
  #announce(region, sentence) {
    this.#part(region).textContent = ''
    if (sentence) setTimeout(() => (this.#part(region).textContent = sentence), 150)
  }

  #keepInView() {
    new MutationObserver(() => this.#settle()).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['open', ...muzzles],
    })
    // What opens later lies above: the page's own popovers, a full-screen video. And who closes us opens us again.
    document.addEventListener('toggle', (event) => (event.target !== this || !this.#isUp()) && this.#raise(), true)
    document.addEventListener('fullscreenchange', () => this.#raise())
    new ResizeObserver(() => this.#makeRoom()).observe(this)
    this.#settle()
  }

  #isUp() {
    return this.matches(':popover-open')
  }

  #raise() {
    if (!this.isConnected) return
    if (this.#isUp()) this.hidePopover()
    this.showPopover()
  }

  #unmuzzle() {
    for (const name of ['inert', 'hidden', 'aria-hidden']) if (this.hasAttribute(name)) this.removeAttribute(name)
    if (this.popover === 'manual') return
    this.popover = 'manual'
    this.#raise()
  }

  /** In the dialog that was opened last, because everything outside of it is inert; else where the server put it. */
  #settle() {
    this.#unmuzzle()
    if (this.#ended) this.#removeContent()
    const open = [...document.querySelectorAll('dialog')].filter((dialog) => dialog.matches(':modal'))
    this.#modals = [
      ...this.#modals.filter((dialog) => open.includes(dialog)),
      ...open.filter((dialog) => !this.#modals.includes(dialog)),
    ]
    const page = document.body && !document.body.inert ? document.body : document.documentElement
    const home = this.#modals.at(-1) ?? page
    if (this.parentNode === home) return
    if (home === document.body && this.#before?.parentNode === home) this.#before.after(this)
    else home.prepend(this)
  }

  #makeRoom() {
    const height = this.#part('bar').offsetHeight
    const { style } = document.documentElement
    style.setProperty('--amparo-banner-height', `${height}px`)
    style.setProperty('padding-top', `${height}px`)
    // Whatever gets the focus is scrolled clear of the banner.
    style.setProperty('scroll-padding-top', `calc(${height}px + 8px)`)
  }

  #keepTrue() {
    const go = async () => {
      await this.#ask()
      if (!this.#ended) setTimeout(go, askEveryMs)
    }
    void go()
    setInterval(() => this.#tick(), 250)
    document.addEventListener('visibilitychange', () => this.#tick())
    // A page that was gone comes back as it was: not before somebody confirmed it.
    addEventListener('pageshow', (event) => {
      if (!event.persisted) return
      this.#confirmedAt = Number.NEGATIVE_INFINITY
      this.#tick()
      void this.#ask()
    })
  }

  #tick() {
    if (this.#ended) return
    const since = performance.now() - this.#confirmedAt
    this.#part('paused').hidden = since < unconfirmedMs
    const left = Math.max(0, Math.ceil(this.#secondsLeft - (Number.isFinite(since) ? since / 1000 : 0)))
    this.#part('left').textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    this.#speakMilestone(left)
  }

  /**
   * Four moments are spoken and nothing else of the time: with a voice on the phone every word more is one too many.
   * @param {number} left
   */
  #speakMilestone(left) {
    /** @type {Record<string, string>} */
    const spoken = JSON.parse(this.dataset.milestones ?? '{}')
    const passed = Object.keys(spoken)
      .map(Number)
      .filter((at) => at > 0 && left <= at && at < this.#shownLeft)
    // An answer that was slow on its way makes it a little more again, by what it may take at the most: more was given.
    const wasGiven = left > this.#shownLeft + slowestSeconds
    this.#shownLeft = wasGiven ? left : Math.min(left, this.#shownLeft)
    if (passed.length > 0) this.#announce('spoken', spoken[Math.min(...passed)] ?? '')
  }

  async #ask() {
    const { status } = this.dataset
    if (!status || this.#ended) return
    try {
      const ask = this.#through ?? fetch
      const answer = await ask(status, {
        cache: 'no-store',
        redirect: 'error',
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(unconfirmedMs),
      })
      if (answer.status === 401) this.#end()
      if (!answer.ok) return
      /** @type {Alive} */
      const { secondsLeft, assistanceId, refusals = 0, refused = '' } = await answer.json()
      // The same browser helps somebody else by now: this page is still of the person it was made for.
      if (assistanceId !== this.dataset.assistance) return this.#end()
      this.#secondsLeft = secondsLeft
      this.#confirmedAt = performance.now()
      this.#tick()
      // What a script of this page tried, or another tab.
      if (refusals > this.#refusals) this.#announce('said', refused)
      this.#refusals = refusals
    } catch {
      // Not confirmed; #tick covers the page when that lasts.
    }
  }

  #end() {
    if (this.#ended) return
    this.#ended = true
    // A product that keeps what it has read in its own variables drops it on this.
    document.dispatchEvent(new CustomEvent('amparo:ended'))
    document.title = this.dataset.endedTitle ?? ''
    this.#part('paused').hidden = true
    this.#part('bar').hidden = true
    this.#announce('spoken', JSON.parse(this.dataset.milestones ?? '{}')[0] ?? '')
    const cover = this.#part('cover')
    cover.hidden = false
    this.#settle()
    this.#makeRoom()
    cover.querySelector('h1')?.focus()
    // Its headers empty the cache and the storage; nothing waits for that.
    if (this.dataset.cover) void fetch(this.dataset.cover, { cache: 'no-store' }).catch(() => {})
  }

  #removeContent() {
    if (this.parentNode !== document.body) document.body.prepend(this)
    const others = [...document.body.childNodes, ...document.documentElement.children].filter(
      (node) => node !== this && node !== document.head && node !== document.body,
    )
    for (const node of others) node.remove()
  }
}

customElements.define('amparo-banner', AmparoBanner)
