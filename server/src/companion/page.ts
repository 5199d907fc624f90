/**
 * The user's page as HTML: whole without scripts, nothing from anywhere else. It only shows what the view says; every
 * name from outside is escaped by the template.
 */
import { html } from 'hono/html'
import { ask, hidden, tell, wait } from './asking.ts'
import type { Act, HelpPage, View } from './companion.ts'
import { ended, on } from './helping.ts'
import { button, call, frame, here, nothing, type Page, type Parts, type Sheet, speaker } from './sheet.ts'
import type { Word } from './words.ts'

/** The page of a link that works. */
export const page = (view: View, sheet: Sheet): Page => frame(sheet, partsOf(view, sheet))

function partsOf(view: View, sheet: Sheet): Parts {
  switch (view.page) {
    case 'ask':
      return ask(view, sheet)
    case 'wait':
      return wait(view, sheet)
    case 'tell':
      return tell(view, sheet)
    case 'on':
      return on(view, sheet)
    case 'ended':
      return ended(view, sheet)
  }
}

const plainPages = {
  dead: { h1: 'dead.h1', text: 'dead.text', error: false },
  cross: { h1: 'cross.h1', text: 'cross.text', error: true },
  busy: { h1: 'busy.h1', text: 'busy.text', error: true },
  broken: { h1: 'broken.h1', text: 'broken.text', error: true },
  wrong: { h1: 'wrong.h1', text: 'wrong.text', error: true },
} as const satisfies Record<string, { h1: Word; text: Word; error: boolean }>
export type Plain = keyof typeof plainPages

/** A page that tells no more than its own sentence: the same to everybody. */
export function plain(which: Plain, sheet: Sheet, reference?: string): Page {
  const { t } = speaker(sheet, '')
  const { h1, text, error } = plainPages[which]
  const main = html`
    <h1>${t(h1)}</h1>
    <p>${t(text)}</p>
    ${reference ? html`<p class="quiet">${t('broken.ref', { r: reference })}</p>` : nothing}
    <p>${call('ended.again', sheet)}</p>`
  return frame(sheet, { title: error ? t('page.error', { h: t(h1) }) : t(h1), main, state: 'plain' })
}

/** A page of the manual, as support sends it: public, the same to everybody. */
export function helpOn({ title, blocks }: HelpPage, sheet: Sheet): Page {
  const main = html`
    <h1>${title}</h1>
    ${blocks.map((block) =>
      typeof block === 'string' ? html`<p>${block}</p>` : html`<ul>${block.map((line) => html`<li>${line}</li>`)}</ul>`,
    )}
    <p>${call('ended.again', sheet)}</p>`
  return frame(sheet, { title, main, state: 'plain' })
}

const presses = {
  yes: 'ask.yes',
  'power-yes': 'power.yes',
  'release-yes': 'release.yes',
  'still-here': 'on.stay',
  'history-code': 'history.send',
} as const

/** Asks for one more tap, because the last one did not look like a person's. */
export function oneMoreTap(
  act: Extract<Act, 'yes' | 'still-here' | 'power-yes' | 'release-yes'> | 'history-code',
  sheet: Sheet,
  terms: string | undefined,
): Page {
  const { t } = speaker(sheet, '')
  const main = html`
    <h1>${t('person.h1')}</h1>
    <p>${t('person.text')}</p>
    ${button(act, presses[act], sheet, 'yes', html`${hidden('sure', '1')}${terms === undefined ? nothing : hidden('terms', terms)}`)}
    <p><a href="${here(sheet)}">${t('person.back')}</a></p>`
  return frame(sheet, { title: t('person.h1'), main, state: 'plain' })
}
