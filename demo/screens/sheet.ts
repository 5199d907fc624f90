/** All pictures on one page, a row for each screen. */
import { html } from 'hono/html'
import type { Taken } from './camera.ts'

const style = `
:root { color-scheme: light dark }
body { margin: 0; padding: 24px; font: 16px/24px system-ui, sans-serif }
h2 { margin: 40px 0 8px } h3 { margin: 24px 0 8px; font-size: 16px }
.row { display: flex; gap: 12px; overflow-x: auto; align-items: start; padding-bottom: 8px }
figure { margin: 0; flex: none } figcaption { font-size: 14px }
img { height: 320px; width: auto; max-width: 480px; object-fit: cover; object-position: top; border: 1px solid GrayText }
.bad { color: #a61b1b; font-weight: 600 }`

export function contactSheet(taken: readonly Taken[]): string {
  const faces = [...new Set(taken.map(({ face }) => face))]
  const faults = taken.filter(({ violations }) => violations.length > 0).length
  return String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Every screen of Amparo</title><style>${style}</style></head><body>
<h1>Every screen</h1>
<p>${taken.length} pictures; axe found something on ${faults}.</p>
${faces.map((face) => html`<h2>${face}</h2>${rows(taken.filter((one) => one.face === face))}`)}
</body></html>`)
}

const rows = (taken: readonly Taken[]) =>
  [...new Set(taken.map(({ name }) => name))].map(
    (name) => html`<h3>${name}</h3><div class="row">${taken.filter((one) => one.name === name).map(figure)}</div>`,
  )

const figure = ({ file = '', look, violations }: Taken) => html`<figure>
<a href="${file}"><img loading="lazy" src="${file}" alt=""></a>
<figcaption>${look.language} · ${look.width} · ${look.theme}
${violations.map((one) => html`<br><span class="bad">${one}</span>`)}</figcaption></figure>`
