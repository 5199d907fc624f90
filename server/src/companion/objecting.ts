/** What the user said of help that has ended, and the form in which they say that something was not right. */
import { html } from 'hono/html'
import { hidden } from './asking.ts'
import type { Said } from './companion.ts'
import { longestObjection } from './history.ts'
import { type Html, nothing, type Sheet, speaker, under, zoneOf } from './sheet.ts'
import { date } from './telling.ts'

/** What the user said of it, and that somebody looked at it. */
export function said(all: readonly Said[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const on = (at: Date) => date(at, sheet.language, zoneOf(sheet))
  return html`${all.map(
    ({ about, at, reviewedAt }) =>
      html`<p class="note">${t(`object.${about}`, { d: on(at) })} ${reviewedAt ? t('object.looked', { d: on(reviewedAt) }) : t('object.waits')}</p>`,
  )}`
}

/** *This was not right*: a supervisor who had no part in it reads what is written here. */
export function objection(sheet: Sheet, about?: string): Html {
  const { t } = speaker(sheet, '')
  const id = about ? `object-${about}` : 'object'
  return html`<details class="objection"><summary>${t('object.h2')}</summary>
    <form method="post" action="${under(sheet, 'objection')}" class="one-field">
      ${about ? hidden('about', about) : nothing}
      <label for="${id}">${t('object.label')}</label>
      <textarea id="${id}" name="text" rows="4" maxlength="${longestObjection}"></textarea>
      <p class="quiet">${t('object.hint')}</p>
      <button class="button"><span>${t('object.send')}</span></button>
    </form></details>`
}
