/** The page before help begins: the request with its two answers, the digits to read out, the message that is no longer good. */
import { html } from 'hono/html'
import { successionAsked } from '../messages/succession.ts'
import type { Ask, Change, Request, Tell, Wait } from './companion.ts'
import { button, type Html, here, nothing, type Parts, type Sheet, speaker } from './sheet.ts'
import { list } from './telling.ts'

export function ask({ request, triesLeft, notice, terms, changed }: Ask, sheet: Sheet): Parts {
  const { t } = speaker(sheet, request.agent)
  const mayYes = triesLeft > 0
  const main = html`
    ${changed ? hasChanged(request, changed, sheet) : nothing}
    <h1>${t(headingOf(request))}</h1>
    <p class="warn"><strong>${t('ask.called')}</strong> ${t('ask.hang_up')}</p>
    ${notice && mayYes ? html`<p class="note">${t(notice === 'missed' ? 'ask.missed' : 'ask.gone')}</p>` : nothing}
    ${mayYes ? nothing : html`<p class="note">${t('ask.aloud', { n: request.sayFirst })}</p>`}
    ${numberToSay(request, sheet)}
    ${details(request, sheet, changed)}
    <p>${t('ask.nothing')} ${mayYes ? t('ask.then') : nothing}</p>
    <p class="quiet">${t('ask.speaker')}</p>
    ${report(request.agent, sheet)}
    <section class="answer" aria-label="${t('ask.choose')}">
      ${button('decline', 'ask.no', sheet, 'no')}
      ${mayYes ? button('yes', 'ask.yes', sheet, 'yes', hidden('terms', terms)) : nothing}
    </section>`
  const title = changed ? t('changed.h2') : t(headingOf(request))
  return { title, main, state: 'ask', live: 3, terms }
}

export function wait({ request, why }: Wait, sheet: Sheet): Parts {
  const { t } = speaker(sheet, request.agent)
  const changed = why === 'changed'
  const heading = t(changed ? 'wait.h2_changed' : 'wait.h2_old')
  const main = html`
    <h1>${t(headingOf(request))}</h1>
    <p class="warn"><strong>${t('ask.called')}</strong> ${t('ask.hang_up')}</p>
    <section class="note">
      <h2>${heading}</h2>
      <p>${t(changed ? 'wait.changed' : 'wait.old')}</p>
      <p><a class="button" href="${here(sheet)}">${t('wait.again')}</a></p>
    </section>
    ${numberToSay(request, sheet)}
    <p>${t('ask.nothing')}</p>
    ${report(request.agent, sheet)}
    <section class="answer" aria-label="${t('ask.choose')}">${button('decline', 'ask.no', sheet, 'no')}</section>`
  return { title: heading, main, state: 'wait', live: 3 }
}

export function tell({ request, digits, terms }: Tell, sheet: Sheet): Parts {
  const { t } = speaker(sheet, request.agent)
  const main = html`
    <h1 class="say">${t('tell.h1')} <strong class="digits">${digits}</strong></h1>
    <p class="big">${t('tell.first', { n: request.sayFirst })} ${t('tell.else')}</p>
    <p>${t('tell.next')}</p>
    ${details(request, sheet)}
    <h2>${t('tell.changed_mind')}</h2>
    <p>${t('ask.nothing')}</p>
    ${report(request.agent, sheet)}
    <section class="answer" aria-label="${t('ask.choose')}">${button('decline', 'ask.no', sheet, 'no')}</section>`
  return { title: `${t('tell.h1')} ${digits}`, main, state: 'tell', live: 2, refresh: 3, terms }
}

/** What is asked for, in a sentence: an account, or the steps of a succession. */
const headingOf = ({ kind }: Request) => (kind === 'succession' ? 'ask.h1_steps' : 'ask.h1')

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

/** Whoever was reading another request hears of it first, with what is new, before they can answer. */
function hasChanged(request: Request, changed: readonly Change[], sheet: Sheet): Html {
  const { t } = speaker(sheet, request.agent)
  const facts = factsOf(request, sheet).filter(({ change }) => change && changed.includes(change))
  return html`
    <section class="note alert" tabindex="-1" autofocus aria-labelledby="changed">
      <h2 id="changed">${t('changed.h2')}</h2>
      ${
        facts.length > 0
          ? html`<p>${t('changed.text')}</p><ul>${facts.map(({ name, text }) => html`<li><strong>${name}:</strong> ${text}</li>`)}</ul>`
          : nothing
      }
      <p>${t('changed.again')}</p>
    </section>`
}

function numberToSay(request: Request, sheet: Sheet): Html {
  const { t } = speaker(sheet, request.agent)
  return html`<p class="say">${t('ask.number')} <strong class="digits">${request.sayFirst}</strong> ${t('ask.number_else')}</p>`
}

interface Fact {
  readonly name: string
  readonly text: string | Html
  readonly change?: Change
}

function factsOf(request: Request, sheet: Sheet): readonly Fact[] {
  const { t, say } = speaker(sheet, request.agent)
  const minutes = new Intl.NumberFormat(sheet.language, { style: 'unit', unit: 'minute', unitDisplay: 'long' })
  return [
    { name: t('ask.who'), text: t('ask.who_of') },
    {
      name: t('ask.why'),
      text: html`${say(request.reason)}${request.line ? html`<br>${t('ask.line', { l: request.line })}` : nothing}`,
    },
    ...(request.ecosystem ? [{ name: t('ask.where'), text: request.ecosystem, change: 'where' } as const] : []),
    ...(request.kind === 'succession' ? successionFacts(sheet) : productFacts(request, sheet)),
    {
      name: t('ask.long'),
      text: `${t('ask.at_most', { m: minutes.format(request.lengthMinutes) })} ${t(sheet.actsCount ? 'ask.closes_both' : 'ask.closes')}`,
      change: 'long',
    },
  ]
}

function productFacts(request: Request, sheet: Sheet): readonly Fact[] {
  const { t } = speaker(sheet, request.agent)
  const names = request.surfaces.map((surface) => surface[sheet.language])
  const look = request.powers === 'look'
  return [
    { name: t('ask.sees'), text: t('ask.as_you', { s: list(names, sheet.language) }), change: 'sees' },
    { name: t('ask.can'), text: t(look ? 'ask.can_look' : 'ask.can_act'), change: 'powers' },
    { name: t('ask.cannot'), text: t(look ? 'ask.cannot_look' : 'ask.cannot_act') },
  ]
}

function successionFacts(sheet: Sheet): readonly Fact[] {
  const { t, say } = speaker(sheet, '')
  const { sees, can, cannot } = successionAsked
  return [
    { name: t('ask.sees'), text: say(sees) },
    { name: t('ask.can'), text: say(can) },
    { name: t('ask.cannot'), text: say(cannot) },
  ]
}

function details(request: Request, sheet: Sheet, changed: readonly Change[] = []): Html {
  const { t } = speaker(sheet, request.agent)
  const isNew = ({ change }: Fact) => change !== undefined && changed.includes(change)
  return html`
    <h2>${t('ask.details')}</h2>
    <dl>${factsOf(request, sheet).map(
      (fact) => html`
      <div><dt>${fact.name}</dt><dd>${isNew(fact) ? html`<strong class="new">${t('changed.new')}</strong> ` : nothing}${fact.text}</dd></div>`,
    )}
    </dl>`
}

/** *I did not ask for this*: it ends, and it is told to the vendor. */
export function report(agent: string, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  return html`
    <section class="report">
      <h2>${t('report.h2')}</h2>
      <p>${t('report.hint')}</p>
      ${button('not-me', 'report.button', sheet, 'small')}
    </section>`
}
