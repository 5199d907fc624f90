/**
 * What the user sees and does, from the message to a day after the end. Read it from top to bottom: look, say yes,
 * refuse or stop, still here. Looking writes nothing, however often and by whomever.
 */
import { alwaysRefused } from '@amparo/contract/powers'
import type { Bilingual, Language, Ours, ReasonCode } from '@amparo/contract/words'
import { hold, type Read, read, readByLink } from '../assistance/assistance.store.ts'
import { type Active, type Closed, type Consenting, termsOf } from '../assistance/assistance.ts'
import { numberOf, pairDigests } from '../assistance/outside.ts'
import { type PowerRow, powersHeld, powersOf, powerWaiting } from '../assistance/power.store.ts'
import { sentIn } from '../codes/code.store.ts'
import { boundText, type Match } from '../codes/code.ts'
import { begunUnder, linkDigests, matchDigits } from '../codes/link.ts'
import type { Core } from '../core/core.ts'
import type { Database } from '../database/database.ts'
import type { Desk } from '../desk/desk.ts'
import { close, settleOne } from '../desk/endings.ts'
import type { Proxies } from '../http/caller.ts'
import { accept, refuse } from '../outcome.ts'
import type { Policy } from '../policy/policy.ts'
import { newId, newToken, type Secrets, same, tokenDigest } from '../secrets.ts'
import type { Actor, AssistanceId, UserId } from '../words.ts'
import { type ActReported, actsDone, askedBefore, keepOpening, type Proofs, proofsOf } from './companion.store.ts'
import {
  type ActShown,
  type Answering,
  type Ask,
  becauseOf,
  type Change,
  changesOf,
  type Ended,
  type EndingAct,
  type HelpPage,
  type On,
  type PowerShown,
  type Request,
  reached,
  type SurfaceShown,
  type SurfaceState,
  type Tell,
  type View,
  type Wait,
  warningOf,
} from './companion.ts'
import { isVisiting, saidOf } from './history.store.ts'
import { mayObject } from './history.ts'
import type { ReceiptKeys } from './receipt.ts'

/** What the user's side needs of the world. `main.ts` builds the real one. */
export interface Outside {
  readonly db: Database
  readonly secrets: Secrets
  readonly vendor: {
    readonly name: string
    readonly phone: string
    /** In which the page tells hours; UTC where nothing is said. */
    readonly timeZone?: string | undefined
  }
  /** What a reference, link, number or sender is of ours. */
  readonly whatIsOurs?: ((text: string) => Promise<Ours>) | undefined
  /** Where this page is served, without a path: `https://help.acme.com`. */
  readonly companionOrigin: string
  /** Which proxies are believed about who asks; none unless named. */
  readonly proxies?: Proxies | undefined
  agentName(agentId: string): Promise<string>
  reasonName(code: ReasonCode): Bilingual
  surfaceName(id: string): Bilingual
  surfacesOf(assistanceId: string): Promise<readonly SurfaceState[]>
  /** The steps of the succession, in the user's words; undefined where they cannot be read. */
  stepsOf?(assistance: Active, now: Date): Promise<On['steps']>
  /** The record's key, with which receipts are signed. */
  readonly receipts?: ReceiptKeys
  /** Who the user is on file as now; without it there is no history to open. */
  readonly core?: Pick<Core, 'person'>
  readonly policy?: Pick<Policy, 'changedContacts' | 'activity'>
  /** Messages that one user may get in a day over all agents; undefined: no limit. */
  readonly messagesPerUserADay?: number | undefined
  /** A page of the manual. */
  helpPage?(language: Language, topic: string): HelpPage | undefined
  /** Lets the background loops run at once. */
  wake(): void
  /** Something broke while a page was made; the person sees only the reference. */
  broke?(error: unknown, requestId: string): void
}

/** A link that works, and what it leads to at this moment. */
export interface Linked {
  readonly assistance: Consenting | Active | Closed
  readonly read: Read
}

// ── 1. Look ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The assistance behind a link; undefined for one that never was, was not sent yet, or ended a day ago. */
export async function follow(outside: Outside, token: string): Promise<Linked | undefined> {
  const digests = linkDigests(outside.secrets, token)
  const found = digests.length > 0 ? await readByLink(outside.db, digests) : undefined
  if (!found || !reached(found.assistance, found.now)) return undefined
  return { assistance: found.assistance, read: found }
}

/**
 * What the page shows now, to this browser. Nothing is written. `was` names the terms that the person was reading, where
 * the page may have been replaced under their eyes.
 */
export async function look(outside: Outside, linked: Linked, browser?: string, was?: string): Promise<View> {
  const { assistance } = linked
  switch (assistance.state) {
    case 'consent':
      return asking(outside, assistance, browser, was)
    case 'active':
      return helping(outside, assistance, linked.read, browser)
    case 'closed':
      return over(outside, assistance, browser)
  }
}

async function asking(
  outside: Outside,
  assistance: Consenting,
  browser: string | undefined,
  was: string | undefined,
): Promise<Ask | Tell | Wait> {
  const [message, { match }, request] = await Promise.all([
    messageOf(outside, assistance),
    proofsOf(outside.db, assistance.id),
    requestOf(outside, assistance),
  ])
  if (message.stands !== 'current') return { page: 'wait', request, why: message.stands }
  const ours = match !== undefined && isThis(browser, match.browserDigest)
  if (ours && match.living && same(match.termsDigest, message.termsDigest)) {
    return {
      page: 'tell',
      request,
      terms: named(message.termsDigest),
      digits: matchDigits(begunUnder(outside.secrets, assistance), match.id),
    }
  }
  return {
    page: 'ask',
    request,
    terms: named(message.termsDigest),
    triesLeft: message.triesLeft,
    notice: ours ? (match.missed ? 'missed' : 'gone') : undefined,
    changed: await changedSince(outside, assistance, named(message.termsDigest), was),
  }
}

async function changedSince(
  { db }: Outside,
  { id, ecosystemId, surfaces = [], powers, lengthMinutes }: Consenting,
  terms: string,
  was: string | undefined,
): Promise<readonly Change[] | undefined> {
  if (was === undefined || was === terms) return undefined
  const before = await askedBefore(db, id, Buffer.from(was, 'base64url').toString('hex'))
  return before && changesOf(before, { ecosystemId, surfaces, powers, lengthMinutes })
}

async function helping(
  outside: Outside,
  assistance: Active,
  { now, idleAt }: Read,
  browser: string | undefined,
): Promise<On> {
  const [proofs, surfaces, acts, agent] = await Promise.all([
    proofsOf(outside.db, assistance.id),
    surfacesShown(outside, assistance.id),
    actsShown(outside, assistance.id),
    outside.agentName(assistance.agentId),
  ])
  const stay = whoMayStay(proofs, browser)
  return {
    page: 'on',
    agent,
    ...(await powersShown(outside, assistance, stay, browser)),
    release: await releaseShown(outside, assistance, stay, browser),
    ...(assistance.kind === 'succession' ? { steps: await stepsFor(outside, assistance, now, stay) } : {}),
    since: assistance.consentedAt,
    now,
    surfaces,
    acts,
    idleAt,
    maxAt: assistance.maxUntil,
    warning: warningOf(now, idleAt, assistance.maxUntil),
    stay,
    receipt: stay === 'here' && outside.receipts !== undefined,
  }
}

/** A rejection is nobody's business but theirs: a link alone shows no step. */
async function stepsFor(outside: Outside, assistance: Active, now: Date, stay: On['stay']): Promise<On['steps']> {
  if (stay === 'without') return undefined
  return stay === 'here' ? outside.stepsOf?.(assistance, now) : stay
}

async function over(outside: Outside, assistance: Closed, browser: string | undefined): Promise<Ended> {
  const [proofs, surfaces, acts, agent] = await Promise.all([
    proofsOf(outside.db, assistance.id),
    surfacesShown(outside, assistance.id),
    actsShown(outside, assistance.id),
    outside.agentName(assistance.agentId),
  ])
  const { id, because, closedAt, closedIn, userId } = assistance
  const [speaks, said] = await Promise.all([maySpeak(outside, id, browser), saidOf(outside.db, id)])
  const came = closedIn === 'active' ? 'helped' : 'asked'
  return {
    page: 'ended',
    agent,
    because,
    closedAt,
    entered: closedIn === 'active',
    surfaces,
    acts,
    receipt:
      speaks &&
      proofs.consent !== undefined &&
      proofs.consent.provedBy !== 'break_glass' &&
      outside.receipts !== undefined,
    said,
    objects: speaks && mayObject({ ended: { at: closedAt, because }, came, said }),
    history: userId !== undefined && outside.core !== undefined,
  }
}

/** Whether this browser may say and keep more than a link may: consent was given in it, or the history is open in it. */
export async function maySpeak({ db }: Outside, id: AssistanceId, browser: string | undefined): Promise<boolean> {
  if (browser === undefined) return false
  const { consent } = await proofsOf(db, id)
  return (
    (consent?.browserDigest !== undefined && isThis(browser, consent.browserDigest)) ||
    isVisiting(db, id, tokenDigest(browser))
  )
}

/** A person's browser shows the page, as its own script tells: the agent sees that it was opened. No act of the user. */
export async function seen(outside: Outside, { assistance }: Linked): Promise<void> {
  if (assistance.state === 'closed' || !assistance.userId) return
  if (await keepOpening(outside.db, assistance.id, assistance.userId)) outside.wake()
}

// ── 2. Yes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * *Yes, I asked for help*: draws the two digits that the user reads to the agent, so that the voice and the page are
 * the same person. They belong to this browser, and so does the consent that follows. `shown` names the terms on the
 * page that was answered: when the agent has asked for something else since, nobody has said yes to that.
 */
export async function sayYes(
  outside: Outside,
  { assistance: { id, userId } }: Linked,
  browser: string | undefined,
  shown?: string,
) {
  const { db } = outside
  const browserToken = browser ?? newToken()
  const outcome = await hold(db, id, asUser(userId), 'yes', async (assistance, desk) => {
    if (assistance.state !== 'consent') return refuse('link.out_of_order')
    const message = await messageOf(outside, assistance)
    if (message.stands !== 'current') return refuse('link.out_of_order', { why: `message_${message.stands}` })
    if (shown !== undefined && shown !== named(message.termsDigest)) {
      return refuse('link.out_of_order', { why: 'message_changed' })
    }
    if (message.triesLeft <= 0) return refuse('link.out_of_order', { why: 'no_tries_left', triesLeft: 0 })
    const about = { purpose: 'match', termsDigest: message.termsDigest } as const
    const digits = drawTwo(outside, desk, assistance, about, browserToken)
    return accept({ digits, triesLeft: message.triesLeft - 1, browserToken })
  })
  outside.wake()
  return outcome
}

/** What a yes is bound to: the terms that its page showed, and what else the record says of it. */
interface SaidYes {
  readonly purpose: Match
  readonly termsDigest: Uint8Array
  readonly what?: Readonly<Record<string, string>>
}

/** The two digits of a yes, for this browser alone. It is an act of the user, and grants nothing until they were typed. */
function drawTwo(
  outside: Outside,
  desk: Desk,
  assistance: Consenting | Active,
  { purpose, termsDigest, what }: SaidYes,
  browserToken: string,
): string {
  const secrets = begunUnder(outside.secrets, assistance)
  const codeId = newId('cd')
  const digits = matchDigits(secrets, codeId)
  const bound = { codeId, assistanceId: assistance.id, purpose, person: assistance.userId, termsDigest }
  desk.code({
    id: codeId,
    purpose,
    guessLimit: 1,
    termsDigest,
    digest: secrets.digest('code', boundText(bound, digits)),
    browserDigest: tokenDigest(browserToken),
  })
  desk.keep({ ...assistance, userSeenAt: desk.now })
  desk.happened({
    type: 'user.said_yes',
    actor: asUser(assistance.userId),
    subject: assistance.userId,
    data: { code: codeId, ...what, terms: Buffer.from(termsDigest).toString('hex') },
  })
  return digits
}

// ── 3. No, not me, stop ─────────────────────────────────────────────────────────────────────────────────────────────

/** Refuses, reports or stops. It needs nothing but the link, waits for nobody, and cannot be undone. */
export async function end(outside: Outside, { assistance, read: found }: Linked, act: EndingAct) {
  const { db, secrets } = outside
  if (assistance.state === 'closed') {
    if (found.unrecorded) await settleOne(db, assistance.id)
    outside.wake()
    return refuse('assistance.closed', { because: assistance.because })
  }
  const ended = await close(db, assistance.id, {
    because: becauseOf(act, assistance.state),
    actor: asUser(assistance.userId),
    ...(act === 'not-me' ? { lockPair: pairDigests(secrets, assistance.emailAsked) } : {}),
  })
  outside.wake()
  return ended ? accept({ state: 'closed', because: ended.because } as const) : refuse('assistance.closed')
}

// ── 4. Still here ───────────────────────────────────────────────────────────────────────────────────────────────────

/** *I'm still here*: the fifteen minutes begin again, if this is the browser in which consent was given. */
export async function stillHere(outside: Outside, { assistance: { id, userId } }: Linked, browser: string | undefined) {
  const outcome = await hold(outside.db, id, asUser(userId), 'still-here', async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('link.out_of_order')
    if (whoMayStay(await proofsOf(outside.db, id), browser) !== 'here') return refuse('link.elsewhere')
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({ type: 'user.still_here', actor: asUser(userId), subject: assistance.userId })
    return accept({})
  })
  outside.wake()
  if (!outcome.ok) return outcome
  const now = await read(outside.db, id)
  return accept({ state: 'active', ...(now ? { idleAt: now.idleAt.toISOString() } : {}) } as const)
}

// ── 5. One power more ───────────────────────────────────────────────────────────────────────────────────────────────

/** *Yes* to one power: two digits for the agent, in this browser. It grants nothing until they were typed. */
export const allowPower = (outside: Outside, linked: Linked, browser: string | undefined, shown?: string) =>
  allow(outside, linked, browser, shown, {
    step: 'power-yes',
    purpose: 'power_match',
    waiting: async ({ id }) => {
      const waiting = await powerNow(outside, id)
      return waiting && { ...waiting, what: { power: waiting.row.power } }
    },
  })

/** What may be said yes to in the middle of help, while its message still opens. */
interface Question {
  readonly step: 'power-yes' | 'release-yes'
  readonly purpose: Match
  waiting(assistance: Active): Promise<
    | {
        readonly termsDigest: Uint8Array
        readonly triesLeft: number
        /** What the record says of it. */
        readonly what: Readonly<Record<string, string>>
      }
    | undefined
  >
}

/** *Yes* to what waits: two digits for the agent, in this browser. `shown` names the terms on the page that was answered. */
async function allow(
  outside: Outside,
  { assistance: { id, userId } }: Linked,
  browser: string | undefined,
  shown: string | undefined,
  { step, purpose, waiting: waitingOf }: Question,
) {
  const { db } = outside
  const browserToken = browser ?? newToken()
  const outcome = await hold(db, id, asUser(userId), step, async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('link.out_of_order')
    if (whoMayStay(await proofsOf(db, id), browser) === 'elsewhere') return refuse('link.elsewhere')
    const waiting = await waitingOf(assistance)
    if (!waiting || (shown !== undefined && shown !== named(waiting.termsDigest)))
      return refuse('link.out_of_order', { why: 'message_changed' })
    if (waiting.triesLeft <= 0) return refuse('link.out_of_order', { why: 'no_tries_left', triesLeft: 0 })
    const digits = drawTwo(outside, desk, assistance, { ...waiting, purpose }, browserToken)
    return accept({ digits, triesLeft: waiting.triesLeft - 1, browserToken })
  })
  outside.wake()
  return outcome
}

/** *No* to one power, or taking it back: it needs nothing but the link, and the help goes on as it was. */
export async function refusePower(
  outside: Outside,
  { assistance: { id, userId } }: Linked,
  act: 'power-no' | 'power-back',
  shown: string | undefined,
) {
  const outcome = await hold(outside.db, id, asUser(userId), act, async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('link.out_of_order')
    const rows = await powersOf(outside.db, id)
    const those = act === 'power-no' ? [powerWaiting(rows)] : powersHeld(rows)
    const row = those.find((one) => one && (shown === undefined || named(one.termsDigest) === shown))
    if (!row) return refuse('link.out_of_order')
    if (act === 'power-no') desk.void('power', 'power_match')
    desk.power({ id: row.id, refused: true })
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({
      type: act === 'power-no' ? 'power.refused' : 'power.taken_back',
      actor: asUser(userId),
      subject: assistance.userId,
      data: { power: row.power },
    })
    return accept({ power: row.power })
  })
  outside.wake()
  return outcome
}

// ── 6. A release ────────────────────────────────────────────────────────────────────────────────────────────────────

/** *Yes* to the release of a rejected succession: it is asked of the vendor once the agent has typed the two digits. */
export const allowRelease = (outside: Outside, linked: Linked, browser: string | undefined, shown?: string) =>
  allow(outside, linked, browser, shown, {
    step: 'release-yes',
    purpose: 'release_match',
    waiting: async ({ id }) => {
      const waiting = await releaseNow(outside, id)
      return waiting && { ...waiting, what: { purpose: 'release' } }
    },
  })

/** *No* to a release: it needs nothing but the link, its code opens nothing any more, and the help goes on as it was. */
export async function refuseRelease(
  outside: Outside,
  { assistance: { id, userId } }: Linked,
  shown: string | undefined,
) {
  const outcome = await hold(outside.db, id, asUser(userId), 'release-no', async (assistance, desk) => {
    if (assistance.state !== 'active') return refuse('link.out_of_order')
    const waiting = await releaseNow(outside, id)
    if (!waiting || (shown !== undefined && shown !== named(waiting.termsDigest))) return refuse('link.out_of_order')
    desk.void('release', 'release_match')
    desk.keep({ ...assistance, userSeenAt: desk.now })
    desk.happened({ type: 'release.declined', actor: asUser(userId), subject: assistance.userId })
    return accept({})
  })
  outside.wake()
  return outcome
}

// ── Helpers, in the order in which they are called ──────────────────────────────────────────────────────────────────

interface Message {
  /** Whether there is something to say yes to: a code that still opens, for exactly what is asked now. */
  readonly stands: 'current' | 'changed' | 'old'
  readonly termsDigest: Uint8Array
  readonly triesLeft: number
}

const named = (termsDigest: Uint8Array): string => Buffer.from(termsDigest).toString('base64url')

async function messageOf({ db }: Outside, assistance: Consenting): Promise<Message> {
  const sent = await sentIn(db, assistance.id)
  const termsDigest = tokenDigest(termsOf(assistance))
  const { latest } = sent('consent')
  const triesLeft = sent('match').sendsLeft
  const asked = latest !== undefined && same(latest.termsDigest, termsDigest)
  return { stands: !asked ? 'changed' : latest.living ? 'current' : 'old', termsDigest, triesLeft }
}

async function requestOf(outside: Outside, assistance: Consenting): Promise<Request> {
  const { reason, found, ecosystemId, surfaces = [], powers, lengthMinutes } = assistance
  return {
    kind: assistance.kind,
    agent: await outside.agentName(assistance.agentId),
    sayFirst: numberOf(outside, assistance),
    reason: reason.name ?? outside.reasonName(reason.code),
    line: reason.line,
    ecosystem: found.ecosystems.find((ecosystem) => ecosystem.id === ecosystemId)?.name,
    surfaces: surfaces.map(outside.surfaceName),
    powers,
    lengthMinutes,
  }
}

/** The power that waits for an answer, while its message still opens. */
async function powerNow({ db }: Outside, id: AssistanceId) {
  const row = powerWaiting(await powersOf(db, id))
  const sent = await sentIn(db, id)
  const { latest } = sent('power')
  return row && latest?.id === row.codeId && latest.living
    ? { row, termsDigest: row.termsDigest, triesLeft: sent('power_match').sendsLeft }
    : undefined
}

async function powersShown(outside: Outside, active: Active, stay: On['stay'], browser: string | undefined) {
  const { id } = active
  const rows = await powersOf(outside.db, id)
  if (rows.length === 0) return { held: [] }
  const shown = ({ power, termsDigest }: PowerRow, surfaces: readonly string[]): PowerShown => ({
    power: alwaysRefused[power],
    surfaces: surfaces.map(outside.surfaceName),
    terms: named(termsDigest),
  })
  const waiting = await powerNow(outside, id)
  const held = powersHeld(rows).map((row) => shown(row, row.heldIn))
  if (!waiting) return { held }
  const answering = await answeringShown(outside, active, { ...waiting, purpose: 'power_match' }, stay, browser)
  return { held, asked: { ...shown(waiting.row, waiting.row.surfaces), ...answering } }
}

/** The release that waits for an answer, while its code still opens. */
async function releaseNow({ db }: Outside, id: AssistanceId) {
  const sent = await sentIn(db, id)
  const { latest } = sent('release')
  return latest?.living ? { termsDigest: latest.termsDigest, triesLeft: sent('release_match').sendsLeft } : undefined
}

async function releaseShown(outside: Outside, active: Active, stay: On['stay'], browser: string | undefined) {
  if (active.kind !== 'succession') return undefined
  const waiting = await releaseNow(outside, active.id)
  if (!waiting) return undefined
  const ecosystem = active.found.ecosystems.find(({ id }) => id === active.ecosystemId)?.name ?? active.ecosystemId
  return {
    ecosystem,
    ...(await answeringShown(outside, active, { ...waiting, purpose: 'release_match' }, stay, browser)),
  }
}

/** What a question that waits is answered with; its two digits in the browser alone that said yes to these very terms. */
async function answeringShown(
  outside: Outside,
  active: Active,
  waiting: { readonly purpose: Match; readonly termsDigest: Uint8Array; readonly triesLeft: number },
  stay: On['stay'],
  browser: string | undefined,
): Promise<Answering> {
  const { match } = await proofsOf(outside.db, active.id, waiting.purpose)
  const ours = match?.living && same(match.termsDigest, waiting.termsDigest) && isThis(browser, match.browserDigest)
  return {
    terms: named(waiting.termsDigest),
    sayFirst: numberOf(outside, active),
    digits: ours ? matchDigits(begunUnder(outside.secrets, active), match.id) : undefined,
    triesLeft: waiting.triesLeft,
    may: stay !== 'elsewhere',
  }
}

const isThis = (browser: string | undefined, digest: Uint8Array): boolean =>
  browser !== undefined && same(tokenDigest(browser), digest)

async function surfacesShown(outside: Outside, assistanceId: string): Promise<SurfaceShown[]> {
  const states = await outside.surfacesOf(assistanceId)
  return states.map(({ surface, ...state }) => ({ ...state, name: outside.surfaceName(surface) }))
}

async function actsShown(outside: Outside, assistanceId: string): Promise<ActShown[]> {
  const acts = await actsDone(outside.db, assistanceId)
  return acts.map((act) => shownAct(outside, act))
}

export const shownAct = (outside: Outside, act: ActReported): ActShown => ({
  ...act,
  surface: outside.surfaceName(act.surface),
})

function whoMayStay({ consent }: Proofs, browser: string | undefined): On['stay'] {
  if (consent?.provedBy === 'break_glass') return 'without'
  if (!consent?.browserDigest) return 'read_aloud'
  return isThis(browser, consent.browserDigest) ? 'here' : 'elsewhere'
}

const asUser = (id: UserId | undefined): Actor => ({ kind: 'user', id: id ?? 'unknown' })
