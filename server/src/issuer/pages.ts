/** The issuer's few pages: plain HTML without script, in both languages, nothing loaded from anywhere. */
import { type Refusal, sentenceOf } from '@amparo/contract/refusals'

/** On every answer of ours: nothing is loaded, framed, kept or passed on. */
export const strictHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const page = (title: string, en: string, es: string, more = ''): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
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
  page(
    'Amparo',
    'Opening…',
    'Abriendo…',
    `<p><a href="${escaped(to)}">Continue</a> · <a lang="es" href="${escaped(to)}">Continuar</a></p>`,
  )

/** A launch that opens nothing: why, and what to do next. */
export const refusalPage = (refusal: Refusal): string => {
  const { en, es } = sentenceOf(refusal)
  return page('Amparo', en, es, `<p><code>${refusal}</code></p>`)
}

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
