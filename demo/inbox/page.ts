/** The inbox's page and its JSON: made on the server, readable without JavaScript, which only keeps it up to date. */
import { readFileSync } from 'node:fs'
import { lookCss } from '@amparo/contract/look'
import type { Language } from '@amparo/contract/words'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { agents } from '../people.ts'
import { type Kept, sameRecipient, segments, sentTo } from './entry.ts'
import { type Fate, type Fates, fateNames, fateOf } from './fates.ts'
import { languageOf, type Say, saying } from './words.ts'

type Html = ReturnType<typeof html>

const asset = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

const pagePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
/** A mail is somebody else's document: no origin, no script, nothing fetched, pictures only of its own; its links open in a tab of their own. */
const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

export function inboxApp(all: () => readonly Kept[], fates: Fates): Hono {
  const app = new Hono()
  const style = `${lookCss()}\n${asset('style.css')}`
  const live = asset('live.js')
  const chosen = (c: Context) => sentTo(all(), c.req.query('to'))

  app.get('/dev/inbox.json', (c) => {
    c.header('Cache-Control', 'no-store')
    return c.json(chosen(c).map(({ entry }) => entry))
  })
  app.get('/inbox', (c) => {
    const kept = chosen(c)
    const id = c.req.query('id')
    const shown = id === undefined ? kept[0] : kept.find(({ entry }) => entry.id === id)
    const language = languageOf(c.req.header('accept-language'))
    const view = {
      kept,
      shown,
      one: id !== undefined,
      to: c.req.query('to') ?? '',
      show: c.req.query('show') ?? '',
      fates,
    }
    return c.html(page({ ...view, language, say: saying(language) }), 200, guarded(pagePolicy))
  })
  app.post('/inbox/fate', async (c) => {
    const given = await c.req.parseBody()
    const fate = fateOf(given.fate)
    if (fate && typeof given.for === 'string' && given.for.length <= 254) fates.set(given.for, fate)
    const back = typeof given.back === 'string' && /^\/inbox(\?|$)/.test(given.back) ? given.back : '/inbox'
    return c.redirect(back, 303)
  })
  app.get('/inbox/mail', (c) => {
    const found = all().find(({ entry }) => entry.id === c.req.query('id'))
    if (!found) return c.notFound()
    const body = found.shown.replace('<head>', '<head><base target="_blank">')
    return c.html(body, 200, guarded(mailPolicy))
  })
  app.get('/inbox/newest', (c) => c.text(all()[0]?.entry.id ?? '', 200, guarded(pagePolicy)))
  app.get('/inbox/style.css', (c) =>
    c.body(style, 200, { ...guarded(pagePolicy), 'Content-Type': 'text/css; charset=utf-8' }),
  )
  app.get('/inbox/live.js', (c) =>
    c.body(live, 200, { ...guarded(pagePolicy), 'Content-Type': 'text/javascript; charset=utf-8' }),
  )
  return app
}

const guarded = (policy: string): Record<string, string> => ({
  'Content-Security-Policy': policy,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
})

interface View {
  readonly kept: readonly Kept[]
  readonly shown: Kept | undefined
  /** One was asked for by name: a narrow screen shows it instead of the list. */
  readonly one: boolean
  readonly to: string
  readonly show: string
  readonly fates: Fates
  readonly language: Language
  readonly say: Say
}

const page = (view: View) => {
  const { shown, to, say } = view
  return html`<!doctype html>
<html lang="${view.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${shown ? `${firstLine(shown)} · ` : ''}${say('title')}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/inbox/style.css">
<script src="/inbox/live.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body${view.one ? html` class="one"` : ''}>
<header>
<div><h1>${say('title')}</h1><p>${say('lead')}</p></div>
<form class="filter" action="/inbox" role="search">
<label for="to">${say('to')}</label>
<input id="to" name="to" value="${to}" autocomplete="off" placeholder="${say('all')}">
<button class="quiet">${say('show')}</button>
${to === '' ? '' : html`<a href="/inbox">${say('showAll')}</a>`}
</form>
</header>
<div class="panes">
<nav id="list" aria-label="${say('messages')}">${list(view)}</nav>
<main id="shown"><p class="back"><a href="${back(to)}">← ${say('showList')}</a></p>${shown ? message(shown, view) : html`<p class="empty">${nothing(view)}</p>`}</main>
</div>
</body>
</html>`
}

const back = (to: string): string => (to === '' ? '/inbox' : `/inbox?${new URLSearchParams({ to }).toString()}`)

const nothing = ({ kept, to, say }: View): string => {
  if (kept.length > 0) return say('gone')
  return to === '' ? say('empty') : `${say('nothingFor')} ${to}.`
}

const list = (view: View) => html`${switchedOn(view)}<ul>
${view.kept.map(
  (one) => html`<li><a href="${address(one, view.to)}"${one === view.shown ? html` aria-current="true"` : ''}>
<span class="top">${badges(one, view.say)} <time datetime="${one.entry.at}">${one.entry.at.slice(11, 19)}</time></span>
<span class="to">${one.entry.to}</span>
<span class="line">${firstLine(one)}</span>
</a></li>`,
)}
</ul>
<p class="hint"><kbd>j</kbd> <kbd>k</kbd> <kbd>c</kbd> ${view.say('keys')}</p>`

const badges = ({ entry }: Kept, say: Say): Html =>
  html`<span><span class="badge ${entry.channel}">${say(entry.channel)}</span>${
    isAgents(entry.to) ? html` <span class="badge agent">${say('agent')}</span>` : ''
  }</span>`

/** The agents' own messages stand apart from the users', in the list as on the screens. */
const isAgents = (to: string): boolean =>
  agents.some(({ email, phone }) => sameRecipient(to, email) || sameRecipient(to, phone))

const firstLine = ({ entry }: Kept): string => (entry.channel === 'sms' ? entry.text : entry.subject).slice(0, 90)

function address({ entry }: Kept, to: string, show = ''): string {
  const query = new URLSearchParams({ ...(to === '' ? {} : { to }), id: entry.id, ...(show === '' ? {} : { show }) })
  return `/inbox?${query.toString()}`
}

// ── One message ─────────────────────────────────────────────────────────────────────────────────────────────────────

function message(one: Kept, view: View): Html {
  const { entry } = one
  const { say } = view
  const whose = isAgents(entry.to) ? 'agent' : 'user'
  return html`<h2>${entry.channel === 'sms' ? `${say('smsTo')} ${entry.to}` : entry.subject}</h2>
${entry.codes.map(
  (code) =>
    html`<p class="code ${whose}"><span class="digits">${code.slice(0, 3)} ${code.slice(3)}</span> <button type="button" data-copy="${code}" data-copied="${say('copied')}" hidden>${say('copy')}</button></p>`,
)}
${entry.links.length === 0 ? '' : html`<div class="links">${entry.links.map((link, at) => opener(link, at === 0, say))}<p>${say('asUser')}</p></div>`}
${entry.channel === 'sms' ? bubble(one, view) : mail(one, view)}
${switcher(one, view)}`
}

/** What the message is about comes first in it; what else it leads to stands back. */
const opener = (link: string, isFirst: boolean, say: Say) =>
  html`<span class="link"><a class="button${isFirst ? '' : ' quiet'}" href="${link}" target="_blank" rel="noopener noreferrer">${say('open')}</a> <span class="address">${link.replace(/^https?:\/\//, '')}</span></span> `

function bubble({ entry }: Kept, { say }: View): Html {
  const { places, of, count } = segments(entry.text)
  return html`<div class="handset">
<p class="sender"><strong>Acme</strong> <time datetime="${entry.at}">${entry.at.slice(11, 16)} UTC</time></p>
<div class="bubble">${entry.text}</div>
</div>
<p class="facts${count > 1 ? ' many' : ''}">${count} ${say(count === 1 ? 'segment' : 'segments')}, ${places} ${say('places')} ${of} ${say('placesOf')}</p>`
}

const views = [
  ['', 'html'],
  ['text', 'text'],
  ['source', 'source'],
] as const

function mail(one: Kept, view: View): Html {
  const { entry } = one
  const { say, show, to } = view
  const tabs = views.map(
    ([name, word]) =>
      html`<a href="${address(one, to, name)}"${name === show ? html` aria-current="page"` : ''}>${say(word)}</a> `,
  )
  return html`<article class="mail">
<dl><div><dt>${say('from')}</dt><dd>${entry.from}</dd></div><div><dt>${say('to')}</dt><dd>${entry.to}</dd></div>
<div><dt>${say('at')}</dt><dd><time datetime="${entry.at}">${entry.at.slice(0, 19).replace('T', ' ')} UTC</time></dd></div></dl>
<nav class="tabs" aria-label="${say('views')}">${tabs}</nav>${body(one, show, say)}</article>`
}

function body({ entry, source }: Kept, show: string, say: Say): Html {
  if (show === 'source') return html`<pre tabindex="0">${source}</pre>`
  if (show === 'text' || entry.html === '') return html`<pre tabindex="0">${entry.text}</pre>`
  const framed = `/inbox/mail?${new URLSearchParams({ id: entry.id }).toString()}`
  return html`<iframe title="${say('frame')}" sandbox="allow-popups allow-popups-to-escape-sandbox" src="${framed}"></iframe>`
}

// ── What happens to the next ones ───────────────────────────────────────────────────────────────────────────────────

function switcher({ entry }: Kept, { say, to, fates }: View): Html {
  const now = fates.of(entry.to)
  const back = `/inbox?${new URLSearchParams({ ...(to === '' ? {} : { to }), id: entry.id }).toString()}`
  return html`<form class="fate" method="post" action="/inbox/fate">
<input type="hidden" name="for" value="${entry.to}"><input type="hidden" name="back" value="${back}">
<fieldset><legend>${say('next')} <strong>${entry.to}</strong></legend>
${fateNames.map((fate) => html`<label><input type="radio" name="fate" value="${fate}"${fate === now ? html` checked` : ''}> ${say(fate)}</label> `)}
</fieldset>
<button class="quiet">${say('apply')}</button>
</form>`
}

/** A fault that was switched on and forgotten costs an hour: all of them stand above the list. */
function switchedOn({ fates, say, to }: View): Html | string {
  const all = fates.all()
  if (all.length === 0) return ''
  return html`<section class="faults" aria-label="${say('faults')}">${all.map(
    (one) => html`<form method="post" action="/inbox/fate">
<input type="hidden" name="for" value="${one.to}"><input type="hidden" name="fate" value="delivered"><input type="hidden" name="back" value="${back(to)}">
<p><strong>${one.to}</strong>: ${say(told[one.fate])}</p><button class="quiet">${say('takeBack')}</button></form>`,
  )}</section>`
}

const told: Readonly<Record<Fate, 'delivered' | 'nowRefused' | 'nowExpired'>> = {
  delivered: 'delivered',
  refused: 'nowRefused',
  expired: 'nowExpired',
}
