/** The page while help is under way, in its last two minutes, and after it. */
import { html } from 'hono/html'
import { report } from './asking.ts'
import {
  type ActShown,
  type Answering,
  allClosed,
  type Ended,
  type On,
  type PowerAsked,
  type ReleaseAsked,
  type SurfaceShown,
} from './companion.ts'
import { objection, said } from './objecting.ts'
import { button, call, type Html, nothing, type Parts, type Sheet, speaker, time, under, zoneOf } from './sheet.ts'
import { steps } from './steps.ts'
import { date, duration, elapsed, list } from './telling.ts'
import { enders, endings, type Word } from './words.ts'

export function on(view: On, sheet: Sheet): Parts {
  const { t } = speaker(sheet, view.agent)
  const { now, warning } = view
  const endsAt = warning === 'max' ? view.maxAt : view.idleAt
  const leftMs = endsAt.getTime() - now.getTime()
  const left = duration(leftMs, sheet.language)
  const main = html`
    ${warning ? warned(view, sheet, left) : nothing}
    <h1 class="band">${t('on.h1')}</h1>
    ${view.asked ? onePower(view.asked, view.agent, sheet) : nothing}
    ${view.release ? oneRelease(view.release, view.agent, sheet) : nothing}
    ${warning ? nothing : timeLeft(view, sheet)}
    ${view.stay === 'without' ? html`<p>${t('on.without')}</p>` : nothing}
    <p class="quiet">${t('on.since', { t: time(view.since, sheet), d: elapsed(now.getTime() - view.since.getTime(), sheet.language) })}</p>
    ${view.held.length > 0 ? powersHeld(view, sheet) : nothing}
    ${view.steps === undefined ? products(view, sheet) : typeof view.steps === 'string' ? html`<p>${t(`steps.${view.steps}`)}</p>` : steps(view.steps, sheet)}
    ${warning ? nothing : moreTime(view, sheet)}
    ${view.receipt ? receipt(sheet) : nothing}
    ${report(view.agent, sheet)}
    <section class="answer one" aria-label="${t('ask.choose')}">
      ${button('stop', 'on.stop', sheet, 'stop')}
      <p class="quiet">${t('on.stop_hint')}</p>
    </section>`
  const title = warning ? t('warn.left', { d: left, q: remain(leftMs) }) : t('on.h1')
  const refresh = warning ? untilNextWord(leftMs) : 3
  return { title, main, state: warning ? 'warning' : 'on', live: 2, refresh, now, endsAt: warning && endsAt }
}

function onePower(asked: PowerAsked, agent: string, sheet: Sheet): Html {
  const { t, say } = speaker(sheet, agent)
  const where = list(
    asked.surfaces.map((name) => name[sheet.language]),
    sheet.language,
  )
  const what = html`<p class="big"><strong>${say(asked.power)}</strong></p>
    <p>${t('power.where', { w: where })} ${t('power.rest')}</p>`
  return question('power', what, asked, agent, sheet)
}

function oneRelease(asked: ReleaseAsked, agent: string, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  const what = html`<p class="big"><strong>${asked.ecosystem}</strong></p>
    <p>${t('release.what')} ${t('power.rest')}</p>`
  return question('release', what, asked, agent, sheet)
}

/**
 * One thing more, above all the rest: refusing is first and needs nothing; a yes looks alike, shows two digits and does nothing
 * until they were typed.
 */
function question(of: 'power' | 'release', what: Html, asked: Answering, agent: string, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  const terms = html`<input type="hidden" name="terms" value="${asked.terms}">`
  return html`<section class="power" aria-labelledby="${of}">
    <h2 id="${of}">${t(`${of}.h2`)}</h2>
    ${what}
    ${asked.digits === undefined ? html`<p class="say">${t('ask.number')} <strong class="digits">${asked.sayFirst}</strong></p>` : toRead(asked.digits, asked, agent, sheet)}
    ${button(`${of}-no`, `${of}.no`, sheet, 'no', terms)}
    ${asked.digits === undefined ? answerTo(of, asked, agent, sheet, terms) : nothing}
  </section>`
}

/** The two digits to read are the only ones that are large then. */
function toRead(digits: string, { sayFirst }: Answering, agent: string, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  return html`<p class="say">${t('power.read')} <strong class="digits">${digits}</strong></p>
    <p>${t('tell.first', { n: sayFirst })} ${t('tell.else')}</p>`
}

function answerTo(of: 'power' | 'release', asked: Answering, agent: string, sheet: Sheet, terms: Html): Html {
  const { t } = speaker(sheet, agent)
  if (!asked.may) return html`<p>${t('on.elsewhere')}</p>`
  if (asked.triesLeft <= 0) return html`<p>${t('power.aloud', { n: asked.sayFirst })}</p>`
  return html`${button(`${of}-yes`, `${of}.yes`, sheet, 'yes', terms)}<p class="after">${t('power.then')}</p>`
}

function powersHeld(view: On, sheet: Sheet): Html {
  const { t, say } = speaker(sheet, view.agent)
  return html`<h2>${t('power.held')}</h2><ul>${view.held.map(
    (one) =>
      html`<li><strong>${say(one.power)}</strong> <span class="quiet">${list(
        one.surfaces.map((name) => name[sheet.language]),
        sheet.language,
      )}</span>
      ${button('power-back', 'power.back', sheet, 'small', html`<input type="hidden" name="terms" value="${one.terms}">`)}</li>`,
  )}</ul>`
}

function products(view: On, sheet: Sheet): Html {
  const { t } = speaker(sheet, view.agent)
  return html`
    <h2>${t('on.acts')}</h2>
    ${view.acts.length > 0 ? actsDone(view.acts, sheet) : html`<p>${t('on.no_acts')}</p>`}
    <h2>${t('on.open')}</h2>
    ${view.surfaces.some(({ openedAt }) => openedAt) ? openNow(view.surfaces, sheet) : html`<p>${t('on.none')}</p>`}`
}

function warned(view: On, sheet: Sheet, left: string): Html {
  const { t } = speaker(sheet, view.agent)
  // Focused as the page opens: whoever listens to it hears the warning first, and the button is one step away.
  return html`
    <section class="alarm" tabindex="-1" autofocus aria-labelledby="alarm">
      <p id="alarm" class="big"><strong>${t(view.warning === 'max' ? 'warn.max' : sheet.actsCount ? 'warn.idle_both' : 'warn.idle', { d: left })}</strong></p>
      ${view.warning === 'idle' ? stay(view, sheet, 'stay') : nothing}
    </section>`
}

/** Until when: right under who and what is asked, before anything that has to be scrolled to. */
function timeLeft({ agent, idleAt, maxAt, now }: On, sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  const until = (at: Date) => duration(at.getTime() - now.getTime(), sheet.language)
  const max = t('on.max', { d: until(maxAt) })
  if (idleAt >= maxAt) return html`<p><strong>${max}</strong></p>`
  return html`<p><strong>${t(sheet.actsCount ? 'on.idle_both' : 'on.idle', { d: until(idleAt) })}</strong> ${max}</p>`
}

/** How to make it longer, where that is the user's to do. */
function moreTime(view: On, sheet: Sheet): Html {
  const { t } = speaker(sheet, view.agent)
  if (view.stay === 'without' || view.idleAt >= view.maxAt) return html``
  return html`
    <h2>${t('on.more')}</h2>
    ${stay(view, sheet, 'stay small')}`
}

function stay(view: On, sheet: Sheet, look: string): Html {
  const { t } = speaker(sheet, view.agent)
  if (view.stay === 'here')
    return html`${button('still-here', 'on.stay', sheet, look)}<p class="after">${t('on.stay_hint')}</p>`
  return html`<p>${t(stays[view.stay])}</p>`
}

const stays = { elsewhere: 'on.elsewhere', read_aloud: 'on.read_aloud', without: 'on.without' } as const

export function ended(view: Ended, sheet: Sheet): Parts {
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
    <p id="truth" class="truth ${!entered || closed ? 'done' : stuck ? 'failed' : ''}">${t(truth)}</p>
    <p>${say(endings[because])} ${because === 'declined_by_user' || because === 'reported_by_user' ? t('ended.press') : nothing}</p>
    <dl>
      <div><dt>${t('ended.when')}</dt><dd>${date(view.closedAt, sheet.language, zoneOf(sheet))}</dd></div>
      <div><dt>${t('ended.by')}</dt><dd>${by}</dd></div>
    </dl>
    ${entered ? done(view, opened, sheet) : nothing}
    ${said(view.said, sheet)}
    ${view.receipt ? receipt(sheet) : nothing}
    ${view.objects ? objection(sheet) : nothing}
    ${view.history ? pastHelp(view, sheet) : nothing}
    <p>${call('ended.again', sheet)}</p>`
  const waits = entered && !closed ? { live: 2, refresh: 3 } : {}
  return { title: heading, main, state: 'ended', ...waits, closedByClock: enders[because] === 'clock' }
}

function headingOf({ because, entered }: Ended): Word {
  if (because === 'declined_by_user') return 'ended.h1_refused'
  if (because === 'reported_by_user') return 'ended.h1_reported'
  if (because === 'stopped_by_user') return 'ended.h1_stopped'
  return entered ? 'ended.h1' : 'ended.h1_request'
}

function done({ agent, acts }: Ended, opened: readonly SurfaceShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, agent)
  return html`
    <h2>${t('ended.acts')}</h2>
    ${acts.length > 0 ? actsDone(acts, sheet) : html`<p>${t('ended.no_acts')}</p>`}
    <h2>${t('ended.opened')}</h2>
    ${opened.length > 0 ? openedThen(opened, sheet) : html`<p>${t('ended.nothing')}</p>`}`
}

/** Where everything that concerns them stands, and how to say that something was not right where this browser may not. */
function pastHelp({ objects, said: all, entered }: Ended, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const how = entered && !objects && !all.some(({ about }) => about === 'objection')
  return html`<p><a href="${under(sheet, 'history')}">${t('history.offer')}</a><br><span class="quiet">${t('history.offer_hint')} ${how ? t('object.how') : nothing}</span></p>`
}

/** A file to keep, and where it can be looked at. */
function receipt(sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`<p><a href="${sheet.path ?? ''}/receipt" download="receipt.jwt">${t('receipt.keep')}</a><br><span class="quiet">${t('receipt.keep_hint')} <a href="/receipt">${t('receipt.h1')}</a></span></p>`
}

// ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const atFirst = 6

/** What was done, newest first; what is further back is one tap away. */
export function actsDone(acts: readonly ActShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const listed = (some: readonly ActShown[]) => html`<ol class="acts">${some.map((act) => actLine(act, sheet))}</ol>`
  if (acts.length <= atFirst) return listed(acts)
  return html`${listed(acts.slice(0, atFirst))}<details><summary>${t('on.earlier', { c: String(acts.length) })}</summary>${listed(acts.slice(atFirst))}</details>`
}

function actLine({ at, surface, what, count }: ActShown, sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const words = what[sheet.language]
  return html`<li><time datetime="${at.toISOString()}">${time(at, sheet)}</time><span>${count > 1 ? t('on.times', { w: words, c: String(count) }) : words} <span class="quiet">${surface[sheet.language]}</span></span></li>`
}

function openNow(surfaces: readonly SurfaceShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  return html`<ul>${surfaces.map(({ name, device, openedAt, closedAt }) =>
    openedAt
      ? html`<li><strong>${name[sheet.language]}</strong>${onPhone(device, sheet)}: ${closedAt ? t('on.closed', { t: time(closedAt, sheet) }) : t('on.opened', { t: time(openedAt, sheet) })}</li>`
      : nothing,
  )}</ul>`
}

/** The phone it is open on, as it calls itself: the user can see whether they know it. */
function onPhone(device: string | undefined, sheet: Sheet): Html {
  return device === undefined ? html`` : html`, ${speaker(sheet, '').t('on.phone', { p: device })}`
}

function openedThen(surfaces: readonly SurfaceShown[], sheet: Sheet): Html {
  const { t } = speaker(sheet, '')
  const after = ({ acknowledgedAt, error }: SurfaceShown) =>
    acknowledgedAt ? t('ended.acked', { t: time(acknowledgedAt, sheet) }) : t(error ? 'ended.failed' : 'ended.waiting')
  return html`<ul>${surfaces.map(
    (surface) =>
      html`<li class="${surface.error && !surface.acknowledgedAt ? 'failed' : ''}"><strong>${surface.name[sheet.language]}</strong>${onPhone(surface.device, sheet)}: ${
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
