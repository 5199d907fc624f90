/** The inbox's page and its JSON: made on the server, readable without JavaScript, which only keeps it up to date. */
import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Kept, segments, sentTo } from './entry.ts'

type Html = ReturnType<typeof html>

const asset = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

const pagePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
/** A mail is somebody else's document: no origin, no script, nothing fetched; its links open in a tab of their own. */
const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

export function inboxApp(all: () => readonly Kept[]): Hono {
  const app = new Hono()
  const style = asset('style.css')
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
    return c.html(
      page({ kept, shown, to: c.req.query('to') ?? '', show: c.req.query('show') ?? '' }),
      200,
      guarded(pagePolicy),
    )
  })
  app.get('/inbox/mail', (c) => {
    const found = all().find(({ entry }) => entry.id === c.req.query('id'))
    if (!found) return c.notFound()
    const body = found.entry.html.replace('<head>', '<head><base target="_blank">')
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
  readonly to: string
  readonly show: string
}

const page = ({ kept, shown, to, show }: View) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${shown ? `${firstLine(shown)} · ` : ''}Inbox</title>
<link rel="stylesheet" href="/inbox/style.css">
<script src="/inbox/live.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body>
<header>
<h1>Inbox</h1>
<p>What this demo “sent”. Nothing leaves this machine.</p>
<form action="/inbox" role="search">
<label for="to">To</label>
<input id="to" name="to" value="${to}" autocomplete="off" placeholder="all">
<button>Show</button>
</form>
</header>
<div class="panes">
<nav id="list" aria-label="Messages">${list(kept, shown, to)}</nav>
<main id="shown">${shown ? message(shown, show, to) : html`<p class="empty">${nothing(kept, to)}</p>`}</main>
</div>
</body>
</html>`

const nothing = (kept: readonly Kept[], to: string): string => {
  if (kept.length > 0) return 'This message is no longer here. Choose another.'
  return to === '' ? 'Nothing yet. A message appears here as soon as it is sent.' : `Nothing for ${to}.`
}

const list = (kept: readonly Kept[], shown: Kept | undefined, to: string) => html`<ul>
${kept.map(
  (one) => html`<li><a href="${address(one, to)}"${one === shown ? html` aria-current="true"` : ''}>
<span class="top"><span class="badge ${one.entry.channel}">${badge(one)}</span> <time datetime="${one.entry.at}">${one.entry.at.slice(11, 19)}</time></span>
<span class="to">${one.entry.to}</span>
<span class="line">${firstLine(one)}</span>
</a></li>`,
)}
</ul>`

const badge = ({ entry }: Kept): string => (entry.channel === 'sms' ? 'SMS' : 'E-mail')

const firstLine = ({ entry }: Kept): string => (entry.channel === 'sms' ? entry.text : entry.subject).slice(0, 90)

function address({ entry }: Kept, to: string, show = ''): string {
  const query = new URLSearchParams({ ...(to === '' ? {} : { to }), id: entry.id, ...(show === '' ? {} : { show }) })
  return `/inbox?${query.toString()}`
}

function message(one: Kept, show: string, to: string): Html {
  const { entry } = one
  return html`<h2>${entry.channel === 'sms' ? `SMS to ${entry.to}` : entry.subject}</h2>
<p class="facts">To <strong>${entry.to}</strong> · from ${entry.from} · <time datetime="${entry.at}">${entry.at.slice(0, 19).replace('T', ' ')} UTC</time></p>
${entry.codes.map(
  (code) =>
    html`<p class="code"><span class="digits">${code.slice(0, 3)} ${code.slice(3)}</span> <button type="button" data-copy="${code}" hidden>Copy</button></p>`,
)}
${entry.links.length === 0 ? '' : html`<p class="links">${entry.links.map(opener)}</p>`}
${entry.channel === 'sms' ? bubble(entry.text) : mail(one, show, to)}`
}

const opener = (link: string) =>
  html`<a class="button" href="${link}" target="_blank" rel="noopener noreferrer">Open ${link.replace(/^https?:\/\//, '')}</a> `

function bubble(text: string): Html {
  const { places, of, count } = segments(text)
  return html`<div class="bubble">${text}</div>
<p class="facts">${count} ${count === 1 ? 'segment' : 'segments'}, ${places} of ${of} places</p>`
}

const views = [
  ['', 'HTML'],
  ['text', 'Text'],
  ['source', 'Source'],
] as const

function mail(one: Kept, show: string, to: string): Html {
  const tabs = views.map(
    ([view, name]) =>
      html`<a href="${address(one, to, view)}"${view === show ? html` aria-current="page"` : ''}>${name}</a> `,
  )
  return html`<p class="tabs">${tabs}</p>${body(one, show)}`
}

function body({ entry, source }: Kept, show: string): Html {
  if (show === 'source') return html`<pre>${source}</pre>`
  if (show === 'text' || entry.html === '') return html`<pre>${entry.text}</pre>`
  const framed = `/inbox/mail?${new URLSearchParams({ id: entry.id }).toString()}`
  return html`<iframe title="The mail as it looks" sandbox="allow-popups allow-popups-to-escape-sandbox" src="${framed}"></iframe>`
}
