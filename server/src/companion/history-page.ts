/** The page of a user's own history: asking for its code, the field for it, and everything that concerns them. */
import { html } from 'hono/html'
import { actsDone } from './helping.ts'
import type { Door } from './history.flow.ts'
import { type History, mayObject, type PastHelp } from './history.ts'
import { objection, said } from './objecting.ts'
import { button, frame, type Html, here, nothing, type Page, type Sheet, speaker, under, zoneOf } from './sheet.ts'
import { date, list } from './telling.ts'
import { endings, type Word, words } from './words.ts'

/** What became of the last press, told once at the top. */
export type SaidBack =
  | 'sent'
  | 'objected'
  | 'failed'
  | 'request_invalid'
  | 'code_wrong'
  | 'code_earlier'
  | 'code_own'
  | 'code_spent'
  | 'code_expired'
  | 'code_not_sent'
  | 'code_too_soon'
  | 'code_no_more'
  | 'rate_limited'
  | 'history_nobody'
  | 'core_unavailable'
  | 'objection_made'
  | 'link_elsewhere'
export const isSaid = (text: string | undefined): text is SaidBack =>
  text !== undefined && Object.hasOwn(words, `told.${text}`) && text.length > 0

const good: readonly SaidBack[] = ['sent', 'objected', 'objection_made']

export function historyPage(door: Door, back: SaidBack | undefined, sheet: Sheet): Page {
  const { t } = speaker(sheet, '')
  const title = t('history.h1')
  const main = html`
    <h1>${title}</h1>
    ${back ? html`<p class="truth ${good.includes(back) ? 'done' : 'failed'}" role="status" tabindex="-1" autofocus>${t(`told.${back}`)}</p>` : nothing}
    ${door.may === 'see' ? seen(door.history, sheet) : closed(door, sheet)}
    <p><a href="${here({ ...sheet, at: undefined })}">${t('history.back')}</a></p>`
  return frame(sheet, {
    title: back && !good.includes(back) ? t('page.error', { h: title }) : title,
    main,
    state: 'history',
  })
}

function closed(door: Exclude<Door, { may: 'see' }>, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  if (door.may === 'ask')
    return html`
    <p>${t('history.lead')}</p>
    <p>${t('history.code_goes')}</p>
    ${door.sendsLeft > 0 ? button('history-code', 'history.send', sheet, 'main') : html`<p class="note">${t('told.code_no_more')}</p>`}`
  return html`
    <p>${t('history.typed_here')}</p>
    <form method="post" action="${under(sheet, 'history')}" class="one-field">
      <label for="digits">${t('history.digits')}</label>
      <input id="digits" name="digits" class="six" required inputmode="numeric" autocomplete="one-time-code" aria-describedby="digits-hint">
      <p id="digits-hint" class="quiet">${t('history.digits_hint')}</p>
      <button class="main"><span>${t('history.open')}</span></button>
    </form>
    ${door.sendsLeft > 0 ? button('history-code', 'history.again', sheet, 'small') : nothing}`
}

function seen({ items, older }: History, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`
    <p>${t('history.all')}</p>
    ${items.map((one) => past(one, sheet))}
    ${older === undefined ? html`<p class="quiet">${t('history.end')}</p>` : html`<p><a class="button" href="${under(sheet, 'history', { from: older })}">${t('history.older')}</a></p>`}
    <section class="report">
      <h2>${t('history.copy')}</h2>
      <p>${t('history.copy_hint')}</p>
      <form method="post" action="${under(sheet, 'history-copy')}">
        <p class="pair"><button class="small" name="format" value="csv"><span>${t('history.csv')}</span></button>
        <button class="small" name="format" value="jsonl"><span>${t('history.jsonl')}</span></button></p>
      </form>
    </section>`
}

function past(one: PastHelp, sheet: Sheet): Html {
  const { t, say } = speaker(sheet, one.agent)
  const on = (at: Date) => date(at, sheet.language, zoneOf(sheet))
  const facts: readonly (readonly [Word, string | undefined])[] = [
    ['ask.who', t('ask.who_of')],
    ['ask.why', [say(one.reason), one.line].filter(Boolean).join(': ')],
    ['ask.where', one.ecosystem],
    ['ask.sees', one.came === 'seen' ? undefined : surfacesOf(one, sheet)],
    ['ask.can', one.came === 'seen' ? undefined : t(one.powers === 'act' ? 'ask.can_act' : 'ask.can_look')],
    ['receipt.from', one.consent && `${on(one.consent.at)}. ${t(agreed[one.consent.provedBy])}`],
    ['receipt.until', one.ended && `${on(one.ended.at)}. ${say(endings[one.ended.because])}`],
  ]
  return html`
    <section class="past" aria-label="${on(one.openedAt)}">
      <h2>${on(one.openedAt)}</h2>
      <p><strong>${t(`history.${one.came}`)}</strong></p>
      <dl>${facts.map(([name, text]) => (text ? html`<div><dt>${t(name)}</dt><dd>${text}</dd></div>` : nothing))}</dl>
      ${one.acts.length > 0 ? html`<h3>${t('ended.acts')}</h3>${actsDone(one.acts, sheet)}` : nothing}
      ${said(one.said, sheet)}
      ${mayObject(one) ? objection(sheet, one.id) : nothing}
    </section>`
}

const agreed = { page: 'receipt.page', read_aloud: 'receipt.aloud', break_glass: 'history.without' } as const

const surfacesOf = ({ kind, surfaces }: PastHelp, sheet: Sheet): string => {
  const { t, say } = speaker(sheet, '')
  return kind === 'succession'
    ? t('steps.h2')
    : list(
        surfaces.map((one) => say(one)),
        sheet.language,
      )
}
