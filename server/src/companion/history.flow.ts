/**
 * A user's own history, and what they say of it. Read it from top to bottom: a code to the contact on file, the code typed
 * in this browser, everything that concerns them, taking it along, saying that something was not right.
 */
import { read } from '../assistance/assistance.store.ts'
import type { Closed } from '../assistance/assistance.ts'
import { pairDigests } from '../assistance/outside.ts'
import { contacts } from '../assistance/people.ts'
import { floodedUntil, sentIn } from '../codes/code.store.ts'
import { boundText } from '../codes/code.ts'
import { CoreSilent } from '../core/core.ts'
import { settleOne } from '../desk/endings.ts'
import { giveBack, guess, whyUnpaid } from '../desk/guess.ts'
import { openHistory, sendHistoryCode } from '../desk/history.ts'
import { note } from '../desk/note.ts'
import { historyMessage } from '../messages/history.ts'
import { sealed } from '../messages/outbox.ts'
import { accept, refuse } from '../outcome.ts'
import { object } from '../oversight/review.store.ts'
import { changedContactsOf, type Person } from '../policy/policy.ts'
import { drawDigits, newId, newToken, tokenDigest } from '../secrets.ts'
import { type Actor, type AssistanceId, assistanceId, known, type UserId } from '../words.ts'
import { type Linked, maySpeak, type Outside, shownAct } from './companion.flow.ts'
import { eventsAbout, helpOf, isVisiting, type Kept, type KeptEvent, oneHelpOf } from './history.store.ts'
import { type History, mayObject, type PastHelp, pageLength } from './history.ts'
import { receiptText } from './receipt.flow.ts'

/** The history belongs to a link whose help is over, and to the person whom it was about. */
interface Over {
  readonly id: AssistanceId
  readonly userId: UserId
  readonly assistance: Closed
}
async function over({ db }: Outside, { assistance, read: found }: Linked): Promise<Over | undefined> {
  if (assistance.state !== 'closed' || assistance.userId === undefined) return undefined
  if (found.unrecorded) await settleOne(db, assistance.id)
  return { id: assistance.id, userId: assistance.userId, assistance }
}

const purpose = 'history'
/** What the code stands for: nothing but looking. */
const terms = tokenDigest('amparo/history/1')
const asUser = (id: UserId): Actor => ({ kind: 'user', id })

// ── 1. A code to the contact on file ────────────────────────────────────────────────────────────────────────────────

/** Sends six digits to where the user is on file now; whoever holds only the link learns nothing by it. */
export async function askForHistory(outside: Outside, linked: Linked) {
  const { db, secrets, core, messagesPerUserADay: aDay } = outside
  const about = await over(outside, linked)
  if (!about || !core) return refuse('link.out_of_order')
  const { id, userId } = about
  const { sendsLeft, latest } = (await sentIn(db, id))(purpose)
  if (sendsLeft <= 0) return refuse('code.no_more')
  const { now } = linked.read
  if (latest?.living && now < latest.resendAt)
    return refuse('code.too_soon', { resendAt: latest.resendAt.toISOString() })
  const flooded = aDay === undefined ? undefined : await floodedUntil(db, userId, aDay)
  if (flooded) return refuse('rate.limited', { why: 'messages_a_day', retryAt: flooded.toISOString() })
  const person = await personOf(core, userId)
  if (person === 'silent') return refuse('core.unavailable')
  const targets = person ? onFile(outside, person, now) : []
  if (!person || targets.length === 0) return refuse('history.nobody')

  const [codeId, digits] = [newId('cd'), drawDigits(6)]
  const bound = { codeId, assistanceId: id, purpose, person: userId, termsDigest: terms } as const
  const content = historyMessage(outside.vendor, { locale: person.locale, digits })
  const sent = await sendHistoryCode(db, {
    id,
    userId,
    codeId,
    replaces: latest?.unspent ? latest.id : undefined,
    termsDigest: terms,
    digest: secrets.digest('code', boundText(bound, digits)),
    messages: targets.map((to) => sealed(secrets, { purpose, codeId, userId, ...to, content })),
    aDay,
    event: { type: 'history.asked', actor: asUser(userId), subject: userId, data: { code: codeId } },
  })
  outside.wake()
  return sent ? accept({}) : refuse('code.too_soon')
}

/** Where they can be written to, without what changed lately: that may be somebody else's. */
function onFile({ policy }: Outside, person: Person, now: Date) {
  const changed = policy && policy.changedContacts.answer !== 'allow' ? changedContactsOf(policy, person, now) : []
  return contacts(person).filter(({ channel }) => !changed.includes(channel))
}

async function personOf(core: NonNullable<Outside['core']>, userId: UserId): Promise<Person | 'silent' | undefined> {
  try {
    const found = await core.person(userId)
    return found.found === 'one' && found.person.active ? found.person : undefined
  } catch (error) {
    if (error instanceof CoreSilent) return 'silent'
    throw error
  }
}

// ── 2. The code, typed in this browser ──────────────────────────────────────────────────────────────────────────────

/** Paid before it is looked at, as every code. A right one opens the history here, for a quarter of an hour. */
export async function typeHistoryCode(outside: Outside, linked: Linked, browser: string | undefined, digits: string) {
  const { db, secrets } = outside
  const about = await over(outside, linked)
  if (!about) return refuse('link.out_of_order')
  const { id, userId, assistance } = about
  const who = {
    id,
    agentId: assistance.agentId,
    state: 'closed',
    purpose,
    actor: asUser(userId),
    pairOf: (email: string) => pairDigests(secrets, email),
  } as const
  const tried = await guess(db, secrets, who, digits)
  outside.wake()
  if (!tried) return refuse(`code.${await whyUnpaid(db, secrets, who, userId, digits)}`)
  if (tried.answer === 'wrong') return refuse('code.wrong', { attemptsLeft: tried.attemptsLeft })
  if (tried.answer !== 'right') return refuse(`code.${tried.answer}`)
  const browserToken = browser ?? newToken()
  const opened = { type: 'history.opened', actor: asUser(userId), subject: userId } as const
  if (await openHistory(db, tried.codeId, tokenDigest(browserToken), opened)) return accept({ browserToken })
  await giveBack(db, { id, purpose }, tried.codeId)
  return refuse('code.spent')
}

// ── 3. Everything that concerns them ────────────────────────────────────────────────────────────────────────────────

/** How far this browser is: it may see, a code waits to be typed, or one has to be asked for. */
export type Door =
  | { readonly may: 'see'; readonly history: History }
  | { readonly may: 'type'; readonly sendsLeft: number }
  | { readonly may: 'ask'; readonly sendsLeft: number }

/** The history where this browser may see it. Looking writes nothing. */
export async function lookAtHistory(
  outside: Outside,
  linked: Linked,
  browser: string | undefined,
  from?: string,
): Promise<Door | undefined> {
  const { assistance } = linked
  if (assistance.state !== 'closed' || assistance.userId === undefined) return undefined
  if (await visiting(outside, assistance.id, browser))
    return { may: 'see', history: await historyOf(outside, assistance.userId, from) }
  const { sendsLeft, latest } = (await sentIn(outside.db, assistance.id))(purpose)
  return { may: latest?.living ? 'type' : 'ask', sendsLeft }
}

const visiting = async ({ db }: Outside, id: AssistanceId, browser: string | undefined): Promise<boolean> =>
  browser !== undefined && isVisiting(db, id, tokenDigest(browser))

async function historyOf(outside: Outside, userId: UserId, from: string | undefined): Promise<History> {
  const found = await helpOf(outside.db, userId, from === undefined ? undefined : placeOf(from))
  const [items, last] = [found.slice(0, pageLength), found[pageLength - 1]]
  return {
    items: items.map((one) => shown(outside, one)),
    older: found.length > pageLength && last ? `${last.opened_at.getTime()}.${last.id}` : undefined,
  }
}

/** Where a page begins; something else than we wrote there begins at the top. */
function placeOf(text: string) {
  const [, ms, id] = /^(\d{1,15})\.(as_[0-9a-z]{16,32})$/.exec(text) ?? []
  return ms === undefined || id === undefined ? undefined : { at: new Date(Number(ms)), id }
}

function shown(outside: Outside, one: Kept): PastHelp {
  const { mine } = one
  return {
    id: one.id,
    openedAt: one.opened_at,
    agent: one.agent_name,
    kind: one.kind,
    reason: one.reason_name ?? outside.reasonName(one.reason_code),
    line: (mine && one.reason_line) || undefined,
    came: !mine ? 'seen' : one.consented_at ? 'helped' : one.asked ? 'asked' : 'seen',
    ecosystem: (mine && one.ecosystem_name) || undefined,
    surfaces: mine ? (one.surfaces ?? []).map(outside.surfaceName) : [],
    powers: one.powers,
    consent: mine && one.consented_at && one.proved_by ? { at: one.consented_at, provedBy: one.proved_by } : undefined,
    ended: one.ended_at && one.because ? { at: one.ended_at, because: one.because } : undefined,
    acts: one.acts.map((act) => shownAct(outside, act)),
    said: mine ? one.said : [],
  }
}

// ── 4. Taking it along ──────────────────────────────────────────────────────────────────────────────────────────────

/** One line of the export: the head, one time that somebody helped with its receipt, or one event of the record. */
export type ExportLine =
  | { readonly format: 'amparo-history'; readonly version: 1; readonly company: string; readonly user: string }
  | { readonly help: PastHelp; readonly receipt?: string | undefined }
  | { readonly event: { readonly seq: number | null; readonly hash: string | null; readonly body: string } }

/** All that concerns them, exact to the byte where it is of the record. That they took it along is an event. */
export async function exportHistory(outside: Outside, linked: Linked, browser: string | undefined) {
  const about = await over(outside, linked)
  if (!about) return refuse('link.out_of_order')
  const { id, userId } = about
  if (!(await visiting(outside, id, browser))) return refuse('link.elsewhere')
  await note(outside.db, id, { type: 'history.exported', actor: asUser(userId), subject: userId })
  outside.wake()
  return accept({ lines: linesOf(outside, userId) })
}

async function* linesOf(outside: Outside, userId: UserId): AsyncGenerator<ExportLine> {
  yield { format: 'amparo-history', version: 1, company: outside.vendor.name, user: userId }
  let from: string | undefined
  do {
    const { items, older } = await historyOf(outside, userId, from)
    for (const help of items) yield { help, receipt: await receiptOfPast(outside, help) }
    from = older
  } while (from !== undefined)
  for await (const events of eventsAbout(outside.db, userId)) for (const event of events) yield eventLine(event)
}

async function receiptOfPast(outside: Outside, { id, consent }: PastHelp): Promise<string | undefined> {
  const found = consent && (await read(outside.db, known.assistance(id)))
  if (!found) return undefined
  const { assistance } = found
  return assistance.state === 'active' || assistance.state === 'closed'
    ? receiptText(outside, { assistance, read: found })
    : undefined
}

const eventLine = ({ seq, hash, body }: KeptEvent): ExportLine => ({
  event: { seq, hash: hash?.toString('base64') ?? null, body },
})

// ── 5. It was not right ─────────────────────────────────────────────────────────────────────────────────────────────

/** What an objection is about: this link's help, or another of the same person's where the history is open here. */
export async function makeObjection(
  outside: Outside,
  linked: Linked,
  browser: string | undefined,
  { text, about: named }: { readonly text?: string | undefined; readonly about?: string | undefined },
) {
  const { db } = outside
  const ended = await over(outside, linked)
  if (!ended) return refuse('link.out_of_order')
  const { id: here, userId } = ended
  const id = named === undefined ? here : assistanceId(named)
  const open = await visiting(outside, here, browser)
  if (!open && (id !== here || !(await maySpeak(outside, here, browser)))) return refuse('link.elsewhere')
  const found = id && (await oneHelpOf(db, userId, id))
  if (!id || !found?.mine) return refuse('link.out_of_order')
  const help = shown(outside, found)
  if (help.said.some(({ about }) => about === 'objection')) return refuse('objection.made')
  if (!mayObject(help)) return refuse('link.out_of_order')
  if (id !== here) await settleOne(db, id)
  const words = { text: text?.trim() || undefined }
  const event = { type: 'objection.made', actor: asUser(userId), subject: userId, words } as const
  const made = await object(db, id, event, found.agent_id)
  outside.wake()
  return made ? accept({}) : refuse('objection.made')
}
