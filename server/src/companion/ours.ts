/** "Is this ours?": a page for everybody, without an account. It says yes or no, and what to do then; nothing else. */
import type { Ours } from '@amparo/contract/words'
import { html } from 'hono/html'
import { call, frame, nothing, type Page, type Sheet, speaker } from './sheet.ts'
import type { Word } from './words.ts'

const answers = {
  message: { h: 'ours.message', text: 'ours.message_then', tone: 'yes' },
  number: { h: 'ours.number', text: 'ours.number_then', tone: 'warn' },
  sender: { h: 'ours.sender', text: 'ours.sender_then', tone: 'warn' },
  unknown: { h: 'ours.unknown', text: 'ours.unknown_then', tone: 'warn' },
} as const satisfies Record<Ours, { h: Word; text: Word; tone: string }>

/** The page: the question, and the answer to what was typed before, in either language. What was typed is not shown again. */
export function oursPage(sheet: Sheet, asked?: { readonly typed: string; readonly ours: Ours }): Page {
  const { t } = speaker(sheet, '')
  const answer = asked && answers[asked.ours]
  const main = html`
    <h1>${t('ours.h1')}</h1>
    ${answer ? html`<section class="note ${answer.tone === 'warn' ? 'alert' : 'sure'}" tabindex="-1" autofocus><h2>${t(answer.h)}</h2><p>${t(answer.text)}</p></section>` : nothing}
    <p>${t('ours.how')}</p>
    <form method="post" action="/ours${sheet.chosen?.lang ? `?lang=${sheet.chosen.lang}` : ''}" class="one-field">
      <label for="text">${t('ours.label')}</label>
      <input id="text" name="text" required maxlength="300" autocomplete="off" autocapitalize="characters" spellcheck="false">
      <p class="quiet">${t('ours.hint')}</p>
      <button class="yes"><span>${t('ours.check')}</span></button>
    </form>
    <p><strong>${t('ours.never')}</strong></p>
    <p>${call('ended.again', sheet)}</p>`
  return frame(sheet, { title: t(answer ? answer.h : 'ours.h1'), main, state: 'plain', typed: asked?.typed })
}
