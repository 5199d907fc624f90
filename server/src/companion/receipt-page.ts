/** The page where anybody looks at a receipt: it is checked in their own browser, and nothing of it is sent. */
import { html } from 'hono/html'
import { call, frame, type Html, type Page, type Sheet, speaker } from './sheet.ts'
import type { Word } from './words.ts'

/** What the page's script says, by the name under which it looks for it. */
const said = {
  good: 'receipt.good',
  bad: 'receipt.bad',
  old: 'receipt.old',
  who: 'ask.who',
  whom: 'receipt.whom',
  why: 'ask.why',
  what: 'receipt.what',
  steps: 'steps.h2',
  may: 'receipt.may',
  act: 'receipt.act',
  see: 'receipt.look',
  from: 'receipt.from',
  how: 'receipt.how',
  page: 'receipt.page',
  aloud: 'receipt.aloud',
  until: 'receipt.until',
  place: 'receipt.place',
} as const satisfies Record<string, Word>

export function receiptPage(sheet: Sheet, script: string): Page {
  const { t } = speaker(sheet, '')
  const data: Html[] = Object.entries(said).map(([name, word]) => html` data-${name}="${t(word)}"`)
  const main = html`
    <h1>${t('receipt.h1')}</h1>
    <p>${t('receipt.lead')}</p>
    <noscript><p class="truth failed">${t('receipt.script')}</p></noscript>
    <form id="receipt"${data}>
      <label for="file">${t('receipt.file')}</label>
      <input id="file" type="file" accept=".jwt,.txt">
      <label for="text">${t('receipt.paste')}</label>
      <textarea id="text" rows="5" spellcheck="false" autocomplete="off" required></textarea>
      <button class="yes"><span>${t('receipt.check')}</span></button>
    </form>
    <section id="answer" role="status"></section>
    <p>${call('ended.again', sheet)}</p>
    <script type="module" src="${script}"></script>`
  return frame(sheet, { title: t('receipt.h1'), main, state: 'plain' })
}
