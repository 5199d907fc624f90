/**
 * Ecosystem Admin, read from top to bottom: look at the succession, see details, ask the user for the third code, release,
 * and the other things that support may do. Everything is judged on what the vendor's views say at that moment.
 */
import type {
  ActDone,
  ActInput,
  AskReleaseInput,
  DetailsSeen,
  ReleaseInput,
  TimelineSeen,
} from '@amparo/contract/succession'
import type { Language } from '@amparo/contract/words'
import { read, refused } from '../assistance/assistance.store.ts'
import { type Active, type Assistance, termsOf } from '../assistance/assistance.ts'
import { type Outside as AssistanceOutside, companionLink, digest256, numberOf } from '../assistance/outside.ts'
import { contacts, personNow, trusted } from '../assistance/people.ts'
import { mayNotDisturb, mayNotSend, newCode, steps, stepsByCode, until } from '../assistance/step.ts'
import { sentIn } from '../codes/code.store.ts'
import { resendSeconds } from '../codes/code.ts'
import { isGenuine } from '../codes/consent.ts'
import { begunUnder, drawCode } from '../codes/link.ts'
import { CoreSilent } from '../core/core.ts'
import { SuccessionsUnread } from '../core/views.ts'
import type { Desk } from '../desk/desk.ts'
import { note, noteOnce } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { sealed } from '../messages/outbox.ts'
import { escalatedMessage, helpMessage, releasedMessage, releaseMessage } from '../messages/succession.ts'
import type { Webhook } from '../messages/webhook.ts'
import { accept, refuse } from '../outcome.ts'
import { secondPerson } from '../oversight/approvals.flow.ts'
import { contactsChangedAt, isTooWeakToRelease, type Person, whyTwo } from '../policy/policy.ts'
import { newId, same } from '../secrets.ts'
import { type AssistanceId, inLanguage, known } from '../words.ts'
import type { Definition } from './definition.ts'
import { asText, explain, stillFails } from './explain.ts'
import { handOver, takes } from './handover.ts'
import type { Reader } from './reader.ts'
import { actsIn, consentOf, resultOf, supervisors } from './succession.store.ts'
import { type Case, type CaseHead, isClosed, mayNotRelease, openRejection, releases } from './succession.ts'
import { nobodyNamed, timeline } from './timeline.ts'
import { zoneNamed } from './when.ts'
import { results, standings } from './words.ts'

/** What Ecosystem Admin needs of the world. `main.ts` builds the real one. */
export interface Outside extends AssistanceOutside {
  readonly consoleOrigin: string
  readonly webhook: Webhook | undefined
  /** The steps, with the packs that the vendor asked for; the fourteen where nothing is said. */
  readonly definition?: Definition
  /** The title of a page of the manual. */
  helpTitle(topic: string, language: Language): string
}

interface Asked {
  readonly lang?: Language | undefined
  readonly timeZone?: string | undefined
  readonly case?: string | undefined
}

// ── 1. Look ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where it stands, what happened, what is to come. */
export async function look(outside: Outside, caller: Caller, id: AssistanceId, asked: Asked) {
  const here = await entered(outside, caller, id, 'succession')
  if (!here.ok) return here
  const { assistance, now } = here.value
  const found = await caseOf(outside, assistance, asked.case)
  if (!found.ok) return found
  const { one, role, others, off } = found.value
  const language = asked.lang ?? caller.locale
  const to = forAgent(outside, assistance, language, now, asked.timeZone)
  await readOnce(outside, caller, assistance, one?.ref ?? 'none', 'timeline')
  const ecosystem = assistance.found.ecosystems.find((each) => each.id === assistance.ecosystemId)
  return accept<TimelineSeen>({
    language,
    timeZone: to.timeZone,
    user: { name: assistance.found.user.name, email: assistance.found.user.email, role },
    ecosystem: { id: assistance.ecosystemId, name: ecosystem?.name ?? assistance.ecosystemId },
    ...(one
      ? { caseRef: one.ref, ...timeline(one, to) }
      : { ...nobodyNamed(language), attempts: [], ahead: [], release: { possible: false } }),
    others: others.map((head) => ({
      caseRef: head.ref,
      sentence: head.state ? inLanguage(standings[head.state].all, language, { s: '–' }) : head.stateText,
    })),
    off: [...off],
  })
}

/** *See details* of one entry, or of one step to come, with the same in the user's own words. */
export async function details(outside: Outside, caller: Caller, id: AssistanceId, entry: string, asked: Asked) {
  const here = await entered(outside, caller, id, 'succession/steps')
  if (!here.ok) return here
  const { assistance, now } = here.value
  const found = await caseOf(outside, assistance, asked.case)
  if (!found.ok) return found
  const { one, role } = found.value
  if (!one) return refuse('succession.none')
  const seen = explain(one, entry, forAgent(outside, assistance, asked.lang ?? caller.locale, now, asked.timeZone))
  if (!seen) return refuse('succession.unknown_step')
  await readOnce(outside, caller, assistance, one.ref, entry)
  const theirs = explain(one, entry, readerOf(outside, role, assistance.found.user.locale, now, asked.timeZone))
  return accept<DetailsSeen>({
    ...seen,
    ...(seen.help ? { help: { ...seen.help, path: `${outside.companionOrigin}${seen.help.path}` } } : {}),
    ...(theirs ? { forUser: asText(theirs) } : {}),
  })
}

// ── 2. Release ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Sends the third code: good for this case as it is blocked now, and for nothing else. */
export async function askRelease(outside: Outside, caller: Caller, id: AssistanceId, asked: AskReleaseInput = {}) {
  const here = await entered(outside, caller, id, 'succession/release-code')
  if (!here.ok) return here
  return steps(outside, caller, id, 'succession/release-code', async (assistance, desk) => {
    const ready = await releasable(outside, caller, assistance, desk.now, asked.case)
    if (!ready.ok) return ready
    const { active, one, terms, person } = ready.value
    const safe = trusted(outside.policy, person, contacts(person), desk.now)
    if (!safe.ok) return safe
    const no =
      mayNotSend((await sentIn(outside.db, id))('release'), desk.now, terms) ??
      (await mayNotDisturb(outside, desk, active.userId))
    if (no) return no

    const digits = drawCode()
    desk.void('release_match')
    const codeId = newCode(outside, desk, id, 'release', active.userId, terms, digits)
    const fails = stillFails(one, readerOf(outside, 'agent', person.locale, desk.now, undefined))
    const content = releaseMessage(outside.vendor, {
      locale: person.locale,
      agentName: caller.name,
      ecosystemName: one.ecosystemName,
      digits,
      sayFirst: numberOf(outside, active),
      link: companionLink(outside, active),
      stillFails: fails,
    })
    const targets = safe.value
    for (const to of targets) {
      desk.send(sealed(outside.secrets, { purpose: 'release', codeId, userId: active.userId, ...to, content }))
    }
    desk.happened({
      type: 'release.asked',
      actor: actorOf(caller),
      subject: active.userId,
      data: { case: one.ref, code: codeId, terms: terms.toString('hex') },
    })
    return accept({
      caseRef: one.ref,
      channels: targets.map(({ channel, maskedTo }) => ({ channel, maskedTo, status: 'queued' as const })),
      sayFirst: numberOf(outside, active),
      stillFails: [...stillFails(one, readerOf(outside, 'agent', caller.locale, desk.now, undefined))],
      ...until(desk.now),
    })
  })
}

/** The user's third code, or the two digits of their page: the release is written with everything that proves it, and then handed to the vendor. */
export async function release(outside: Outside, caller: Caller, id: AssistanceId, given: ReleaseInput) {
  const here = await entered(outside, caller, id, 'succession/release')
  if (!here.ok) return here
  const [purpose, digits] =
    'match' in given ? (['release_match', given.match] as const) : (['release', given.code] as const)
  const by = { step: 'succession/release', state: 'active', purpose } as const
  const requestId = newId('rl')
  const outcome = await stepsByCode(outside, caller, id, by, digits, async (assistance, desk, right) => {
    const ready = await releasable(outside, caller, assistance, desk.now, given.case)
    if (!ready.ok) return ready
    const { active, one, terms } = ready.value
    if (!terms.equals(right.termsDigest)) return refuse('code.not_sent')
    desk.void('release', 'release_match')
    const stepKey = openRejection(one)?.stepKey
    desk.act({
      id: requestId,
      caseRef: one.ref,
      act: 'release',
      stepKey,
      entry: `e${openRejection(one)?.seq ?? 0}`,
      reason: given.reason,
      note: given.note,
      agentId: caller.agentId,
      codeId: right.codeId,
      pending: true,
    })
    desk.keep({ ...active, userSeenAt: desk.now })
    desk.happened({
      type: 'release.requested',
      actor: actorOf(caller),
      subject: active.userId,
      data: { case: one.ref, request: requestId, code: right.codeId, reason: given.reason, step: stepKey ?? '' },
      words: { note: given.note },
    })
    const parties = await partiesOf(outside, [one.ownerId, one.successorId ?? active.userId, active.userId])
    if (!parties) return refuse('core.unavailable')
    tellOfRelease(outside, caller, active, one, desk, requestId, parties)
    return accept({ caseRef: one.ref })
  })
  if (!outcome.ok) return outcome
  return settled(outside, requestId, outcome.value.caseRef)
}

/** Owner and successor are told, whoever said yes; each in their language, and how to object. */
function tellOfRelease(
  outside: Outside,
  caller: Caller,
  active: Active,
  one: Case,
  desk: Desk,
  requestId: string,
  parties: readonly Person[],
) {
  for (const person of parties) {
    const content = releasedMessage(outside.vendor, {
      locale: person.locale,
      agentName: caller.name,
      ecosystemName: one.ecosystemName,
      ...(person.id === active.userId ? {} : { helped: active.found.user.name }),
      reference: `${one.ref} · ${requestId.slice(-6)}`,
    })
    for (const to of contacts(person)) {
      desk.send(sealed(outside.secrets, { purpose: 'released', userId: known.user(person.id), ...to, content }))
    }
  }
}

// ── 3. The other acts ───────────────────────────────────────────────────────────────────────────────────────────────

/** Sends a message again, sends help, leaves a note, tells a supervisor. What support never does is refused by name. */
export async function act(outside: Outside, caller: Caller, id: AssistanceId, given: ActInput) {
  const here = await entered(outside, caller, id, 'succession/acts')
  if (!here.ok) return here
  const { language } = here.value
  const requestId = newId('sa')
  const outcome = await steps(outside, caller, id, 'succession/acts', async (assistance, desk) => {
    const wanted = given.act
    if (!isOffered(wanted)) return refuse('succession.never')
    if (assistance.state !== 'active') return refuse('assistance.out_of_order')
    const found = await caseOf(outside, assistance, given.case)
    if (!found.ok) return found
    const { one } = found.value
    if (!one) return refuse('succession.none')
    const to = readerOf(outside, 'agent', language, desk.now, undefined)
    const seen = given.stepId === undefined ? undefined : explain(one, given.stepId, to)
    if (given.stepId !== undefined && !seen) return refuse('succession.unknown_step')
    const offered = seen?.acts ?? ['add_note', 'escalate']
    if (!offered.some((each) => each === wanted)) return refuse('succession.act_not_offered')
    // What writes to somebody is for where support may be at all; a note and a supervisor's help stay with us.
    const writes = wanted === 'resend_message' || wanted === 'send_help_link'
    const there = writes
      ? await personNow(outside, 'succession', assistance.userId, assistance.ecosystemId, assistance.found)
      : undefined
    if (there && !there.ok) return there
    const no = await mayNotRepeat(outside, one, desk, wanted)
    if (no) return no

    const entry = one.entries.find(({ seq }) => `e${seq}` === given.stepId)
    const stepKey =
      entry?.stepKey ?? one.acts.find((each) => each.id === given.stepId)?.stepKey ?? (entry ? undefined : given.stepId)
    desk.act({
      id: requestId,
      caseRef: one.ref,
      act: wanted,
      stepKey,
      entry: given.stepId,
      reason: wanted === 'send_help_link' || wanted === 'resend_message' ? 'support.user_asked' : undefined,
      note: given.note,
      agentId: caller.agentId,
      pending: wanted === 'resend_message',
    })
    desk.happened({
      type: 'succession.acted',
      actor: actorOf(caller),
      subject: assistance.userId,
      data: {
        case: one.ref,
        request: requestId,
        act: wanted,
        ...(given.stepId === undefined ? {} : { entry: given.stepId }),
      },
      words: { note: given.note },
    })
    if (wanted === 'send_help_link' && there) {
      const sent = await sendHelp(outside, caller, desk, there.value.person, seen?.help?.path)
      if (!sent.ok) return sent
    }
    if (wanted === 'escalate') await tellSupervisors(outside, caller, assistance, one, desk, given.note)
    return accept({ caseRef: one.ref })
  })
  if (!outcome.ok) return outcome
  return settled(outside, requestId, outcome.value.caseRef)
}

/** What writes to people is not sent again within the minute, and counts among the messages of their day. */
async function mayNotRepeat(outside: Outside, one: Case, desk: Desk, wanted: ActInput['act']) {
  if (wanted !== 'resend_message' && wanted !== 'escalate') return undefined
  const last = [...one.acts].reverse().find(({ act: done }) => done === wanted)
  const again = last && new Date(last.at.getTime() + resendSeconds * 1000)
  if (again && desk.now < again) return refuse('rate.limited', { why: 'sent_just_now', retryAt: again.toISOString() })
  if (wanted === 'escalate' || one.successorId === undefined) return undefined
  return mayNotDisturb(outside, desk, known.user(one.successorId))
}

const isOffered = (wanted: ActInput['act']): wanted is 'resend_message' | 'send_help_link' | 'add_note' | 'escalate' =>
  wanted === 'resend_message' || wanted === 'send_help_link' || wanted === 'add_note' || wanted === 'escalate'

async function sendHelp(outside: Outside, caller: Caller, desk: Desk, person: Person, path: string | undefined) {
  const topic = path?.split('/').at(-1)
  if (topic === undefined) return refuse('succession.act_not_offered')
  const userId = known.user(person.id)
  const no = await mayNotDisturb(outside, desk, userId)
  if (no) return no
  const content = helpMessage(outside.vendor, {
    locale: person.locale,
    agentName: caller.name,
    title: outside.helpTitle(topic, person.locale),
    url: `${outside.companionOrigin}/help/${person.locale}/${topic}`,
  })
  for (const to of contacts(person)) {
    desk.send(sealed(outside.secrets, { purpose: 'help_link', userId, ...to, content }))
  }
  return accept({})
}

async function tellSupervisors(outside: Outside, caller: Caller, active: Active, one: Case, desk: Desk, text: string) {
  for (const person of await supervisors(outside.db)) {
    const content = escalatedMessage(outside.vendor, {
      locale: person.locale,
      agentName: caller.name,
      ecosystemName: one.ecosystemName,
      caseRef: one.ref,
      note: text,
      link: `${outside.consoleOrigin}/assist/${active.id}`,
    })
    const maskedTo = person.name
    desk.send(sealed(outside.secrets, { purpose: 'escalated', channel: 'email', to: person.email, maskedTo, content }))
  }
}

// ── Helpers, in the order in which they are called ──────────────────────────────────────────────────────────────────

/**
 * Whether this agent may be in here at all: their own assistance, of this kind, with their role, active, and agreed to by
 * the user with a genuine seal. Whatever else it is, is refused and recorded.
 */
async function entered(outside: Outside, caller: Caller, id: AssistanceId, step: string) {
  const found = await read(outside.db, id)
  if (found?.assistance.agentId !== caller.agentId) return refuse('assistance.unknown')
  const { assistance, now } = found
  const why = await whyNot(outside, caller, assistance)
  if (why) {
    await note(outside.db, id, refused(actorOf(caller), step, why))
    return assistance.state === 'closed' && why === 'assistance.closed'
      ? refuse(why, { because: assistance.because })
      : refuse(why)
  }
  if (assistance.state !== 'active') return refuse('assistance.out_of_order')
  return accept({ assistance, now, language: caller.locale })
}

async function whyNot(outside: Outside, caller: Caller, assistance: Assistance) {
  if (assistance.kind !== 'succession') return 'succession.not_here'
  if (!caller.roles.includes('agent:succession')) return 'agent.not_allowed'
  if (assistance.state === 'closed') return 'assistance.closed'
  if (assistance.state !== 'active') return 'assistance.out_of_order'
  return (await isAgreed(outside, assistance)) ? undefined : 'assistance.out_of_order'
}

/** The sealed terms are those of this very row: a consent made by hand in SQL shows nothing. */
async function isAgreed({ db, secrets }: Outside, assistance: Active): Promise<boolean> {
  const consent = await consentOf(db, assistance.id)
  if (!consent || consent.terms !== termsOf(assistance)) return false
  const facts = {
    assistanceId: assistance.id,
    termsDigest: consent.terms_digest,
    provedBy: consent.proved_by,
    codeId: consent.code_id,
  }
  return (
    same(digest256(consent.terms), consent.terms_digest) &&
    isGenuine(begunUnder(secrets, assistance), facts, consent.mac)
  )
}

export interface Found {
  readonly one: Case | undefined
  readonly role: 'owner' | 'successor'
  readonly others: readonly CaseHead[]
  readonly off: readonly string[]
}

type Reading = Pick<AssistanceOutside, 'db' | 'successions'>

/** The succession of this ecosystem that the helped person takes part in: the one asked for, else the open, else the last. */
export async function caseOf(
  outside: Reading,
  { userId, ecosystemId }: Pick<Active, 'userId' | 'ecosystemId'>,
  wanted: string | undefined,
) {
  try {
    const heads = await outside.successions.casesOf(ecosystemId)
    const theirs = heads.filter((head) => head.ownerId === userId || head.successorId === userId)
    const head = wanted === undefined ? theirs[0] : theirs.find((each) => each.ref === wanted)
    const role = head !== undefined && head.ownerId !== userId ? ('successor' as const) : ('owner' as const)
    if (!head) {
      if (wanted !== undefined) return refuse('succession.none')
      return accept<Found>({ one: undefined, role, others: [], off: outside.successions.partsOff() })
    }
    const [{ entries, off }, people, acts] = await Promise.all([
      outside.successions.entriesOf(head.ref),
      outside.successions.peopleOf(head),
      actsIn(outside.db, head.ref),
    ])
    const rivals = heads.filter((each) => !theirs.includes(each) && !isClosed(each)).length
    const others = theirs.filter((each) => each !== head)
    return accept<Found>({ one: { ...head, ...people, entries, acts, rivals }, role, others, off })
  } catch (error) {
    if (error instanceof SuccessionsUnread) return refuse('succession.off', { why: error.message })
    throw error
  }
}

export const readerOf = (
  outside: Pick<Outside, 'vendor' | 'successions' | 'webhook' | 'helpTitle' | 'definition'>,
  viewer: Reader['viewer'],
  language: Language,
  now: Date,
  timeZone: string | undefined,
): Reader => ({
  viewer,
  language,
  now,
  timeZone: zoneNamed(timeZone ?? outside.vendor.timeZone),
  vendor: outside.vendor.name,
  helpTitle: outside.helpTitle,
  ...(outside.definition ? { definition: outside.definition } : {}),
  offers: { release: takes(outside, 'release_succession'), resend: takes(outside, 'resend_message') },
})

/** The agent of this assistance: where the vendor asks for more than a code by message, they are told before they ask. */
const forAgent = (
  outside: Outside,
  { agentMethod }: Active,
  language: Language,
  now: Date,
  timeZone: string | undefined,
): Reader => ({
  ...readerOf(outside, 'agent', language, now, timeZone),
  tooWeak: isTooWeakToRelease(outside.policy, agentMethod),
})

const told = new Set<string>()
const mostTold = 10_000

/** People as the Core has them now, each once; undefined where it does not answer. */
async function partiesOf(outside: Outside, ids: readonly string[]): Promise<readonly Person[] | undefined> {
  try {
    const answers = await Promise.all([...new Set(ids)].map((id) => outside.core.person(id)))
    return answers.flatMap((answer) => (answer.found === 'one' ? [answer.person] : []))
  } catch (error) {
    if (error instanceof CoreSilent) return undefined
    throw error
  }
}

/** A look is recorded once for each entry of each assistance, however often the screen asks again, and whichever process. */
async function readOnce(outside: Outside, caller: Caller, assistance: Active, caseRef: string, entry: string) {
  const key = `${assistance.id}/${caseRef}/${entry}`
  if (told.has(key)) return
  await noteOnce(outside.db, assistance.id, `succession.read/${key}`, {
    type: 'succession.read',
    actor: actorOf(caller),
    subject: assistance.userId,
    data: { case: caseRef, entry },
  })
  if (told.size >= mostTold) told.clear()
  told.add(key)
}

/**
 * A case that can be released now, and what its code is bound to: this assistance, this case, this rejection. From the
 * vendor's number of releases on, a second person has to agree to it as well.
 */
async function releasable(
  outside: Outside,
  caller: Caller,
  assistance: Assistance,
  now: Date,
  wanted: string | undefined,
) {
  if (assistance.state !== 'active') return refuse('assistance.out_of_order')
  if (assistance.kind !== 'succession') return refuse('succession.not_here')
  const found = await caseOf(outside, assistance, wanted)
  if (!found.ok) return found
  const { one } = found.value
  if (!one) return refuse('succession.none')
  if (isTooWeakToRelease(outside.policy, assistance.agentMethod)) return refuse('proof.too_weak')
  if (!takes(outside, 'release_succession')) return refuse('release.not_offered')
  const no = mayNotRelease(one)
  if (no) return refuse(no)
  // Whoever owns the ecosystem may have said no since, and the user may have lost their place.
  const there = await personNow(outside, 'succession', assistance.userId, assistance.ecosystemId, assistance.found)
  if (!there.ok) return there
  const terms = digest256(JSON.stringify(['amparo/release/1', assistance.id, one.ref, openRejection(one)?.seq ?? 0]))
  const { person } = there.value
  const whys = whyTwo(outside.policy, {
    release: releases(one) + 1,
    contactsChangedAt: contactsChangedAt(person),
    now,
  })
  const second = await secondPerson(outside, caller, {
    assistanceId: assistance.id,
    purpose: 'release',
    about: terms,
    whys,
  })
  return second ?? accept({ active: assistance, one, terms, person })
}

/** Hands over what is for the vendor, and says what came of it. */
async function settled(outside: Outside, requestId: string, caseRef: string) {
  await handOver(outside, requestId)
  outside.wake()
  const now = await resultOf(outside.db, requestId)
  const result = now?.result ?? 'pending'
  const said = (language: Language) =>
    inLanguage(results[result], language, { v: outside.vendor.name, w: now?.answer ?? '' })
  return accept<ActDone>({
    requestId,
    caseRef,
    result,
    sentence: { en: said('en'), es: said('es') },
    entryId: requestId,
  })
}
