/**
 * The user's page as HTML: one function a state, no script, nothing from anywhere else. It only shows what the view
 * says; every name from outside is escaped by the template.
 */
import { html } from 'hono/html'
import {
  type Act,
  type Ask,
  allClosed,
  type Ended,
  type On,
  type Request,
  type SurfaceShown,
  type Tell,
  type View,
  type Wait,
} from './companion.ts'
import {
  button,
  call,
  calm,
  frame,
  type Html,
  here,
  nothing,
  type Page,
  type Parts,
  type Sheet,
  speaker,
  time,
  zoneOf,
} from './sheet.ts'
import { date, duration, elapsed, enders, endings, list, type Word } from './words.ts'

/** The page of a link that works. */
export function page(view: View, sheet: Sheet): Page {
  const parts = partsOf(view, sheet)
  const refresh = sheet.chosen?.still ? undefined : parts.refresh
  return { html: frame(sheet, parts, parts.refresh === undefined ? nothing : calm(sheet)), refresh }
}

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

// ── The states ──────────────────────────────────────────────────────────────────────────────────────────────────────

function ask({ request, triesLeft, notice, terms }: Ask, sheet: Sheet): Parts {
  const { t } = speaker(sheet, request.agent)
  const mayYes = triesLeft > 0
  const main = html`
    <h1>${t('ask.h1')}</h1>
    <p class="warn"><strong>${t('ask.called')}</strong> ${t('ask.hang_up')}</p>
    ${notice && mayYes ? html`<p class="note" role="status">${t(notice === 'missed' ? 'ask.missed' : 'ask.gone')}</p>` : nothing}
    ${mayYes ? nothing : html`<p class="note">${t('ask.aloud', { n: request.sayFirst })}</p>`}
    ${numberToSay(request, sheet)}
    ${details(request, sheet)}
    <p>${t('ask.nothing')} ${mayYes ? t('ask.then') : nothing}</p>
    <p class="quiet">${t('ask.speaker')}</p>
    ${report(request.agent, sheet)}
    <section class="answer" aria-label="${t('ask.choose')}">
      ${button('decline', 'ask.no', sheet, 'no')}
      ${mayYes ? button('yes', 'ask.yes', sheet, 'yes', hidden('terms', terms)) : nothing}
    </section>`
  return { title: t('ask.h1'), main, state: 'ask' }
}

function wait({ request, why }: Wait, sheet: Sheet): Parts {
  const { t } = speaker(sheet, request.agent)
  const changed = why === 'changed'
  const heading = t(changed ? 'wait.h2_changed' : 'wait.h2_old')
  const main = html`
    <h1>${t('ask.h1')}</h1>
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
  return { title: heading, main, state: 'wait' }
}

function tell({ request, digits }: Tell, sheet: Sheet): Parts {
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
  return { title: `${t('tell.h1')} ${digits}`, main, state: 'tell', refresh: 3 }
}

function on(view: On, sheet: Sheet): Parts {
  const { t } = speaker(sheet, view.agent)
  const { now, warning } = view
  const leftMs = (warning === 'max' ? view.maxAt : view.idleAt).getTime() - now.getTime()
  const left = duration(leftMs, sheet.language)
  const main = html`
    ${warning ? warned(view, sheet, left) : nothing}
    <h1 class="band">${t('on.h1')}</h1>
    <p>${t('on.since', { t: time(view.since, sheet), d: elapsed(now.getTime() - view.since.getTime(), sheet.language) })}</p>
    <h2>${t('on.open')}</h2>
    ${view.surfaces.some(({ openedAt }) => openedAt) ? openNow(view.surfaces, sheet) : html`<p>${t('on.none')}</p>`}
    ${warning ? nothing : timeLeft(view, sheet)}
    ${report(view.agent, sheet)}
    <section class="answer one" aria-label="${t('ask.choose')}">
      ${button('stop', 'on.stop', sheet, 'stop')}
      <p class="quiet">${t('on.stop_hint')}</p>
    </section>`
  const title = warning ? t('warn.left', { d: left, q: remain(leftMs) }) : t('on.h1')
  return { title, main, state: warning ? 'warning' : 'on', refresh: warning ? untilNextWord(leftMs) : 3 }
}

function warned(view: On, sheet: Sheet, left: string): Html {
  const { t } = speaker(sheet, view.agent)
  // Focused as the page opens: whoever listens to it hears the warning first, and the button is one step away.
  return html`
    <section class="alarm" tabindex="-1" autofocus aria-labelledby="alarm">
      <p id="alarm" class="big"><strong>${t(view.warning === 'max' ? 'warn.max' : 'warn.idle', { d: left })}</strong></p>
      ${view.warning === 'idle' ? stay(view, sheet, 'stay') : nothing}
    </section>`
}

function timeLeft(view: On, sheet: Sheet): Html {
  const { t } = speaker(sheet, view.agent)
  const until = (at: Date) => duration(at.getTime() - view.now.getTime(), sheet.language)
  return html`
    <h2>${t('on.left')}</h2>
    <p>${view.idleAt < view.maxAt ? t('on.idle', { d: until(view.idleAt) }) : nothing} ${t('on.max', { d: until(view.maxAt) })}</p>
    ${view.idleAt < view.maxAt ? stay(view, sheet, 'stay small') : nothing}`
}

function stay(view: On, sheet: Sheet, look: string): Html {
  const { t } = speaker(sheet, view.agent)
  if (view.stay === 'here')
    return html`${button('still-here', 'on.stay', sheet, look)}<p class="after">${t('on.stay_hint')}</p>`
  return html`<p>${t(view.stay === 'elsewhere' ? 'on.elsewhere' : 'on.read_aloud')}</p>`
}

function ended(view: Ended, sheet: Sheet): Parts {
  const { t, say } = speaker(sheet, view.agent)
  const { because, entered } = view
  const opened = view.surfaces.filter(({ openedAt }) => openedAt)
  const closed = allClosed(opened)
  const stuck = opened.some(({ acknowledgedAt, error }) => !acknowledgedAt && error)
  const heading = t(headingOf(view))
  const truth: Word = !entered ? 'ended.never_in' : closed ? 'ended.out' : stuck ? 'ended.stuck' : 'ended.closing'
  const by = {
    agent: view.agent,
    user: t('ended.by_user'),
    clock: t('ended.by_clock'),
    vendor: sheet.vendor.name,
  }[enders[because]]
  const main = html`
    <h1>${heading}</h1>
    <p class="truth ${!entered || closed ? 'done' : stuck ? 'failed' : ''}" role="status">${t(truth)}</p>
    <p>${say(endings[because])} ${because === 'declined_by_user' || because === 'reported_by_user' ? t('ended.press') : nothing}</p>
    <dl>
      <div><dt>${t('ended.when')}</dt><dd>${date(view.closedAt, sheet.language, zoneOf(sheet))}</dd></div>
      <div><dt>${t('ended.by')}</dt><dd>${by}</dd></div>
    </dl>
    ${entered ? html`<h2>${t('ended.opened')}</h2>${opened.length > 0 ? openedThen(opened, sheet) : html`<p>${t('ended.nothing')}</p>`}` : nothing}
    <p>${call('ended.again', sheet)}</p>`
  return { title: heading, main, state: 'ended', refresh: entered && !closed ? 3 : undefined }
}

function headingOf({ because, entered }: Ended): Word {
  if (because === 'declined_by_user') return 'ended.h1_refused'
  if (because === 'reported_by_user') return 'ended.h1_reported'
  if (because === 'stopped_by_user') return 'ended.h1_stopped'
  return entered ? 'ended.h1' : 'ended.h1_request'
}

// ── Pages without a request behind them ─────────────────────────────────────────────────────────────────────────────

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
  return { html: frame(sheet, { title: error ? t('page.error', { h: t(h1) }) : t(h1), main, state: 'plain' }, nothing) }
}

/** Asks for one more tap, because the last one did not look like a person's. */
export function oneMoreTap(act: Extract<Act, 'yes' | 'still-here'>, sheet: Sheet, terms: string | undefined): Page {
  const { t } = speaker(sheet, '')
  const main = html`
    <h1>${t('person.h1')}</h1>
    <p>${t('person.text')}</p>
    ${button(act, act === 'yes' ? 'ask.yes' : 'on.stay', sheet, 'yes', html`${hidden('sure', '1')}${terms === undefined ? nothing : hidden('terms', terms)}`)}
    <p><a href="${here(sheet)}">${t('person.back')}</a></p>`
  return { html: frame(sheet, { title: t('person.h1'), main, state: 'plain' }, nothing) }
}

const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

// ── Parts, in the order in which they are used ──────────────────────────────────────────────────────────────────────

function numberToSay(request: Request, sheet: Sheet): Html {
  const { t } = speaker(sheet, request.agent)
  return html`<p class="say">${t('ask.number')} <strong class="digits">${request.sayFirst}</strong> ${t('ask.number_else')}</p>`
}

function details(request: Request, sheet: Sheet): Html {
  const { t, say } = speaker(sheet, request.agent)
  const surfaces = list(
    request.surfaces.map((surface) => surface[sheet.language]),
    sheet.language,
  )
  const minutes = new Intl.NumberFormat(sheet.language, { style: 'unit', unit: 'minute', unitDisplay: 'long' })
  return html`
    <h2>${t('ask.details')}</h2>
    <dl>
      <div><dt>${t('ask.who')}</dt><dd>${t('ask.who_of')}</dd></div>
      <div><dt>${t('ask.why')}</dt><dd>${say(request.reason)}${request.line ? html`<br>${t('ask.line', { l: request.line })}` : nothing}</dd></div>
      ${request.ecosystem ? html`<div><dt>${t('ask.where')}</dt><dd>${request.ecosystem}</dd></div>` : nothing}
      <div><dt>${t('ask.sees')}</dt><dd>${t('ask.as_you', { s: surfaces })}</dd></div>
      <div><dt>${t('ask.can')}</dt><dd>${t(request.powers === 'look' ? 'ask.can_look' : 'ask.can_act')}</dd></div>
      <div><dt>${t('ask.cannot')}</dt><dd>${t(request.powers === 'look' ? 'ask.cannot_look' : 'ask.cannot_act')}</dd></div>
      <div><dt>${t('ask.long')}</dt><dd>${t('ask.at_most', { m: minutes.format(request.lengthMinutes) })} ${t('ask.closes')}</dd></div>
    </dl>`
}

function report(agent: string, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  return html`
    <section class="report">
      <h2>${t('report.h2')}</h2>
      <p>${t('report.hint')}</p>
      ${button('not-me', 'report.button', sheet, 'small')}
    </section>`
}

function openNow(surfaces: readonly SurfaceShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`<ul>${surfaces.map(({ name, openedAt, closedAt }) =>
    openedAt
      ? html`<li><strong>${name[sheet.language]}</strong>: ${closedAt ? t('on.closed', { t: time(closedAt, sheet) }) : t('on.opened', { t: time(openedAt, sheet) })}</li>`
      : nothing,
  )}</ul>`
}

function openedThen(surfaces: readonly SurfaceShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const after = ({ acknowledgedAt, error }: SurfaceShown) =>
    acknowledgedAt ? t('ended.acked', { t: time(acknowledgedAt, sheet) }) : t(error ? 'ended.failed' : 'ended.waiting')
  return html`<ul>${surfaces.map(
    (surface) =>
      html`<li class="${surface.error && !surface.acknowledgedAt ? 'failed' : ''}"><strong>${surface.name[sheet.language]}</strong>: ${
        surface.openedAt ? `${t('ended.from', { t: time(surface.openedAt, sheet) })}, ` : nothing
      }${after(surface)}</li>`,
  )}</ul>`
}

/** Spanish says *queda un minuto* and *quedan dos*. */
const remain = (ms: number): string => (ms > 20_000 && ms <= 60_000 ? 'Queda' : 'Quedan')

/** In the last two minutes the page renews itself when its words change, and every quarter of a minute at most. */
function untilNextWord(leftMs: number): number {
  const next = [60_000, 20_000, 10_000, 0].find((edge) => leftMs > edge) ?? 0
  return Math.min(15, Math.max(1, Math.ceil((leftMs - next) / 1000)))
}
