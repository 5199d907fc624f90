/** The issuer's few pages: nothing is loaded from anywhere, and all of them work without script. */
import { createHash } from 'node:crypto'
import { lookCss } from '@amparo/contract/look'
import { type Refusal, sentenceOf } from '@amparo/contract/refusals'
import type { Language } from '@amparo/contract/words'

const style = `${lookCss()}
*{box-sizing:border-box}
body{margin:0;padding:16px;background:var(--page);color:var(--ink);font:18px/28px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:32rem;margin:0 auto;padding:24px;background:var(--paper);border:1px solid var(--hairline);border-radius:10px}
h1{margin:0 0 16px;font-size:24px;line-height:32px;text-wrap:balance}
p{margin:0 0 16px}
a{color:var(--accent)}
code{color:var(--ink-soft);font-size:16px}
dl{margin:0 0 16px}
dt{color:var(--ink-soft);font-size:16px;line-height:24px}
dd{margin:0 0 8px;overflow-wrap:anywhere}
.digits{margin:0 0 16px;padding:16px;border-radius:10px;background:var(--agent-paper);text-align:center}
.digits p{margin:0}
.digits strong{display:block;margin:8px 0;color:var(--agent-ink);font-size:64px;line-height:72px;letter-spacing:8px;text-indent:8px;font-variant-numeric:tabular-nums}
button{width:100%;margin:0 0 16px;min-height:56px;padding:12px 24px;border:2px solid var(--refused);border-radius:10px;background:var(--paper);color:var(--refused);font:inherit;font-weight:600;cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** On every answer of ours: nothing is loaded, framed, kept or passed on. */
export const strictHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src ${sourceOf(style)}; frame-ancestors 'none'; form-action 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
} as const

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const page = (title: string, en: string, es: string, more = ''): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(en)}</p>
<p lang="es">${escaped(es)}</p>
${more}
</main>
</html>
`

/** Shown for a moment, while the browser goes on to `to`. */
export const openingPage = (to: string): string =>
  page('Amparo', 'Opening…', 'Abriendo…', ways(to, 'Continue', 'Continuar'))

/** A launch that opens nothing: why, what to do next, and for a phone the way back to its app. */
export const refusalPage = (refusal: Refusal, why?: string, app?: string): string => {
  const { en, es } = sentenceOf(refusal, why)
  const back = app === undefined ? '' : `${ways(app, 'Back to the app', 'Volver a la app')}\n`
  return page('Amparo', en, es, `${back}<p><code>${refusal}</code></p>`)
}

const ways = (to: string, en: string, es: string): string =>
  `<p><a href="${escaped(to)}">${en}</a> · <a lang="es" href="${escaped(to)}">${es}</a></p>`

/** What the library refused; `detail` is its own word for developers, and no secret. */
export const errorPage = (status: number, detail: string): string =>
  status >= 500
    ? page(
        'Amparo',
        'Something failed on our side. Try again in a minute.',
        'Algo falló de nuestro lado. Prueba en un minuto.',
      )
    : page(
        'Amparo',
        'This sign-in cannot go on. Press the button in the console again.',
        'Este acceso no puede continuar. Pulsa de nuevo el botón de la consola.',
        `<p><code>${escaped(detail)}</code></p>`,
      )

// ── The digits, on a phone ──────────────────────────────────────────────────────────────────────────────────────────

/** Asks whether the digits were typed, and looks again once they were. Without it the page reloads itself. */
const asking = `(() => {
  const { state } = document.querySelector('main').dataset
  const look = async () => {
    const answer = await fetch(state, { cache: 'no-store' }).then((it) => it.json(), () => ({ state: 'claimed' }))
    if (answer.state === 'claimed') setTimeout(look, 1000)
    else location.reload()
  }
  setTimeout(look, 1000)
})()`

/** For the page with the digits alone. A browser checks where a form leads in the end, so the app's own address is named. */
export const digitsHeaders = (redirectUris: readonly string[]) => ({
  'content-security-policy': [
    "default-src 'none'",
    `style-src ${sourceOf(style)}`,
    `script-src ${sourceOf(asking)}`,
    "connect-src 'self'",
    `form-action 'self' ${[...new Set(redirectUris.map((uri) => new URL(uri).origin))].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
})

interface Digits {
  readonly language: Language
  readonly agent: string
  readonly user: string
  readonly reason: string
  readonly app: string
  readonly device: string
  readonly digits: string
  readonly at: Date
  readonly decline: string
  readonly state: string
}

const digitsWords = {
  en: (d: Digits) => ({
    title: `${d.agent} is opening ${d.user}’s account on this phone`,
    why: 'Why',
    app: 'App',
    phone: 'This phone',
    since: 'Scanned at',
    type: 'Type these two numbers on the support screen:',
    only: 'Only go on if you are looking at the support screen now.',
    waiting: 'Once they are typed, this page goes on by itself.',
    decline: 'Not me',
  }),
  es: (d: Digits) => ({
    title: `${d.agent} está abriendo la cuenta de ${d.user} en este teléfono`,
    why: 'Por qué',
    app: 'Aplicación',
    phone: 'Este teléfono',
    since: 'Escaneado a las',
    type: 'Escribe estos dos números en la pantalla de soporte:',
    only: 'Sigue solo si ahora estás mirando la pantalla de soporte.',
    waiting: 'Cuando los escribas, esta página sigue sola.',
    decline: 'No soy yo',
  }),
} as const

/** Who is opening whose account here and why, the two digits, and a way out as large as all of it. */
export function digitsPage(d: Digits): string {
  const t = digitsWords[d.language](d)
  const at = d.at.toISOString()
  const fact = (name: string, text: string) => `<dt>${name}</dt><dd>${escaped(text)}</dd>`
  return `<!doctype html>
<html lang="${d.language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(t.title)}</title>
<style>${style}</style>
<noscript><meta http-equiv="refresh" content="2"></noscript>
<main data-state="${escaped(d.state)}">
<h1>${escaped(t.title)}</h1>
<section class="digits">
<p>${t.type}</p>
<strong>${d.digits}</strong>
<p>${t.only}</p>
</section>
<form method="post" action="${escaped(d.decline)}"><button>${t.decline}</button></form>
<p role="status">${t.waiting}</p>
<dl>${fact(t.why, d.reason)}${fact(t.app, d.app)}${fact(t.phone, d.device)}<dt>${t.since}</dt><dd><time datetime="${at}">${at.slice(11, 16)} UTC</time></dd></dl>
</main>
<script>${asking}</script>
</html>
`
}
