/** The steps of a succession on the user's page: the same that support sees, in the user's own words. */
import type { Language } from '@amparo/contract/words'
import { html } from 'hono/html'
import type { StepRule, Steps } from './companion.ts'
import { type Html, nothing, type Sheet, speaker } from './sheet.ts'

export function steps(told: Readonly<Record<Language, Steps>>, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const { standing, entries, ahead, stuck } = told[sheet.language]
  return html`
    <h2>${t('steps.h2')}</h2>
    <p><strong>${standing.sentence}</strong> ${standing.next ?? nothing}</p>
    ${standing.due ? html`<p>${t('steps.until', { d: standing.due.text, r: standing.due.relative })}</p>` : nothing}
    ${stuck && stuck.checks.length > 0 ? rules(stuck.checks, sheet) : nothing}
    ${stuck && stuck.remedies.length > 0 ? html`<h2>${t('steps.can')}</h2><ul>${stuck.remedies.map((one) => html`<li>${one}</li>`)}</ul>` : nothing}
    <h2>${t('steps.was')}</h2>
    <ol>${entries.map(
      ({ word, sentence, when }) =>
        html`<li><strong>${word}:</strong> ${sentence}${when ? html` <span class="quiet">${when.text} (${when.relative})</span>` : nothing}</li>`,
    )}</ol>
    ${ahead.length > 0 ? html`<h2>${t('steps.ahead')}</h2><ol>${ahead.map(({ sentence }) => html`<li>${sentence}</li>`)}</ol>` : nothing}`
}

function rules(checks: readonly StepRule[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`
    <h2>${t('steps.rules')}</h2>
    <ul>${checks.map(
      ({ mark, rule, found, now, needed }) =>
        html`<li><strong>${mark} ${rule}.</strong> ${found ? t('steps.then', { w: found }) : nothing} ${now ? t('steps.now', { w: now }) : nothing} ${t('steps.needed', { w: needed })}</li>`,
    )}</ul>`
}
