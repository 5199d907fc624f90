/**
 * `explain`: one pure function from a case, an entry and a reader to everything that *See details* shows. The same
 * sentences feed the agent's screen, the user's page and what is copied for the user; whatever a reader may not see
 * (the reasons of a suspicion, support's own notes, other people's claims) is left out here and nowhere else.
 */
import type { CheckSeen, DetailsSeen, EntrySeen, StandingSeen, TimelineSeen, Tone } from '@amparo/contract/succession'
import type { Bilingual, Language } from '@amparo/contract/words'
import { fill, inLanguage, rowOf } from '../words.ts'
import { type Definition, ecoSuccession, type Step, stepOf } from './definition.ts'
import { isHidden, neutral, type Reason, reasonOf } from './reasons.ts'
import { computedNow, type Judged, judged } from './rules.ts'
import {
  type Act,
  ahead,
  type Case,
  currentStep,
  type Entry,
  holdOf,
  isClosed,
  mayNotRelease,
  openRejection,
} from './succession.ts'
import { day, when } from './when.ts'
import * as w from './words.ts'

/** Who reads, in which language, and when. */
export interface Reader {
  readonly viewer: w.Viewer
  readonly language: Language
  readonly now: Date
  readonly timeZone: string
  readonly vendor: string
  /** The title of a help page. */
  helpTitle(topic: string, language: Language): string
  /** What the vendor offers us to do. */
  readonly offers: { readonly release: boolean; readonly resend: boolean }
  readonly definition?: Definition
  /** For the agent: their own proof is not enough for a release here. */
  readonly tooWeak?: boolean
}

type Say = (text: Bilingual, more?: Readonly<Record<string, string>>) => string

/** Says sentences to this reader, with the names of this case. */
const speaking = (
  one: Case,
  reader: Reader,
): { say: Say; to: (said: w.Said, more?: Record<string, string>) => string } => {
  const names = { o: one.owner.name, s: one.successor.name, v: reader.vendor, e: one.ecosystemName }
  const say: Say = (text, more = {}) => inLanguage(text, reader.language, { ...names, ...more })
  return { say, to: (said, more) => say(w.to(reader.viewer, said), more) }
}

// ── The timeline ────────────────────────────────────────────────────────────────────────────────────────────────────

type Told = Pick<TimelineSeen, 'standing' | 'attempts' | 'ahead' | 'release'>

/** The whole case as a list: what was, grouped by attempt, and what is to come. */
export function timeline(one: Case, reader: Reader): Told {
  return {
    standing: standing(one, reader),
    attempts: rounds(one, reader),
    ahead: ahead(one, reader.definition).map((step, at) => stepSeen(one, step, at === 0, reader)),
    release: releaseSeen(one, reader),
  }
}

/** Where no successor was named. */
export function nobodyNamed(language: Language): Pick<TimelineSeen, 'standing' | 'empty'> {
  return {
    standing: { tone: 'info', sentence: w.phrases.none[language], next: w.phrases.noneNext[language] },
    empty: w.phrases.noneHint[language],
  }
}

/** Everything that happened, oldest first: the vendor's entries and our own acts that are not among them. */
type Happened = { readonly kind: 'entry'; readonly entry: Entry } | { readonly kind: 'act'; readonly act: Act }

function happened(one: Case, { viewer }: Reader): readonly Happened[] {
  const entries = one.entries
    .filter((entry) => viewer === 'agent' || !isSilent(entry))
    .map((entry) => ({ kind: 'entry', entry }) as const)
  const acts = one.acts
    .filter((act) => viewer === 'agent' || !isInternal(act))
    .filter((act) => !one.entries.some((entry) => entry.sourceRef === act.id))
    .map((act) => ({ kind: 'act', act }) as const)
  return [...entries, ...acts].sort((a, b) => atOf(a) - atOf(b) || orderOf(a) - orderOf(b))
}
const atOf = (one: Happened) => (one.kind === 'entry' ? one.entry.at : one.act.at).getTime()
const orderOf = (one: Happened) => (one.kind === 'entry' ? one.entry.seq : Number.MAX_SAFE_INTEGER)
/** An entry of the vendor's in words of their own: only agents read those. */
const isSilent = (entry: Entry) => entry.type === 'note' && entry.note === undefined
/** Between agents: the user does not read it. */
const isInternal = ({ act }: Act) => act === 'add_note' || act === 'escalate'
const isRelease = (one: Happened) =>
  one.kind === 'entry'
    ? one.entry.type === 'support.released'
    : one.act.act === 'release' && one.act.result !== 'refused'

function rounds(one: Case, reader: Reader): Told['attempts'] {
  const { say } = speaking(one, reader)
  const groups: { attempt: number; since: Date; entries: EntrySeen[] }[] = []
  for (const each of happened(one, reader)) {
    const last = groups.at(-1)
    if (!last || isRelease(each)) groups.push({ attempt: groups.length + 1, since: new Date(atOf(each)), entries: [] })
    groups
      .at(-1)
      ?.entries.push(each.kind === 'entry' ? entrySeen(one, each.entry, reader) : actSeen(one, each.act, reader))
  }
  return groups.map(({ attempt, since, entries }) => ({
    attempt,
    title: say(w.phrases.attemptSince, { n: String(attempt), d: day(since, reader.language, reader.timeZone) }),
    entries,
  }))
}

export const idOfEntry = (entry: Entry): string => `e${entry.seq}`

function entrySeen(one: Case, entry: Entry, reader: Reader): EntrySeen {
  const look = lookOf(entry)
  return {
    id: idOfEntry(entry),
    tone: look.tone,
    word: look.word[reader.language],
    sentence: sentenceOf(one, entry, reader),
    who: whoOf(one, entry, reader),
    when: when(entry.at, reader.now, reader.language, reader.timeZone),
    problem: isProblem(look.tone, entry),
  }
}

const lookOf = (entry: Entry): { tone: Tone; word: Bilingual } =>
  isHidden(entry.reason) ? w.underReview : w.look[entry.type]

const isProblem = (tone: Tone, entry: Entry): boolean =>
  tone === 'problem' ||
  tone === 'paused' ||
  entry.messages.some((message) => rowOf(w.fates, message.state)?.tone === 'problem') ||
  entry.evidence.some((piece) => rowOf(w.fates, piece.state)?.tone === 'problem')

function sentenceOf(one: Case, entry: Entry, reader: Reader): string {
  const { say, to } = speaking(one, reader)
  if (isHidden(entry.reason)) return say(neutral.title)
  const step = stepOf(reader.definition ?? ecoSuccession, entry.stepKey)
  const title = step ? step.title[reader.language] : ''
  if (entry.type === 'note') {
    if (reader.viewer === 'agent' && entry.sourceText !== '') return entry.sourceText
    return say(w.noteOf)
  }
  if (entry.type === 'step.done' || entry.type === 'step.rejected') {
    const ours = step && w.steps[step.key]
    if (!ours) return say(w.look[entry.type].word)
    return to(entry.type === 'step.done' ? ours.done : ours.rejected)
  }
  return tidied(to(w.entries[entry.type], { t: title }))
}

/** A sentence whose step is not known ends before the colon. */
const tidied = (sentence: string): string => sentence.replace(/:\s*$/, '')

function whoOf(one: Case, entry: Entry, reader: Reader): string {
  const { say, to } = speaking(one, reader)
  const act = one.acts.find(({ id }) => id === entry.sourceRef)
  if (act) return agentOf(act, say)
  if (entry.actorKind === 'agent' && entry.actorId !== undefined) return `${entry.actorId} (${say(w.actors.agent.all)})`
  const kind = entry.actorKind ?? 'adopter'
  const name = { owner: one.owner.name, successor: one.successor.name }
  if ((kind === 'owner' || kind === 'successor') && reader.viewer !== kind && name[kind] !== '')
    return `${name[kind]} (${say(w.actors[kind].all).toLowerCase()})`
  return to(w.actors[kind])
}
const agentOf = (act: Act, say: Say): string => `${act.agentName} (${say(w.actors.agent.all)})`

function actSeen(one: Case, act: Act, reader: Reader): EntrySeen {
  const { say, to } = speaking(one, reader)
  return {
    id: act.id,
    tone: act.result === 'refused' ? 'problem' : 'support',
    word: say(w.acts[act.act].word),
    sentence: to(w.acts[act.act].said),
    who: agentOf(act, say),
    when: when(act.at, reader.now, reader.language, reader.timeZone),
    problem: act.result === 'refused',
  }
}

function stepSeen(one: Case, step: Step, isNow: boolean, reader: Reader): EntrySeen {
  const { to } = speaking(one, reader)
  const look = lookAhead(one, step, isNow)
  return {
    id: step.key,
    tone: look.tone,
    word: look.word[reader.language],
    sentence: step.title[reader.language],
    who: step.actors.map((actor) => to(w.actors[actor])).join(' / '),
    ...(isNow && one.dueAt && holdOf(one) === undefined
      ? { due: when(one.dueAt, reader.now, reader.language, reader.timeZone) }
      : {}),
    problem: false,
  }
}

const lookAhead = (one: Case, step: Step, isNow: boolean) =>
  !isNow || one.state === 'dormant'
    ? w.aheadLook.later
    : holdOf(one) !== undefined
      ? w.onHold
      : isBlockedAt(one, step)
        ? isHidden(openRejection(one)?.reason)
          ? w.underReview
          : w.aheadLook.blocked
        : w.aheadLook.now

const isBlockedAt = (one: Case, step: Step): boolean => {
  const rejected = openRejection(one)
  return one.blocked && rejected !== undefined && rejected.stepKey === step.key
}

/** Where it stands, in a sentence; who must act, and until when. */
export function standing(one: Case, reader: Reader): StandingSeen {
  const { say } = speaking(one, reader)
  const hold = holdOf(one)
  if (hold !== undefined) {
    const why = isHidden(hold) ? say(neutral.title) : reasonText(hold, say, reader)
    return {
      tone: 'paused',
      sentence: why === undefined ? say(w.phrases.heldPlain) : say(w.phrases.hold, { r: why }),
      next: say(w.phrases.holdNext),
    }
  }
  if (isClosed(one) || one.state === 'dormant') {
    return {
      tone: one.state === 'transferred' || one.state === 'dormant' ? 'done' : 'info',
      sentence: stateText(one, reader),
    }
  }
  const rejected = openRejection(one)
  if (one.blocked && rejected) {
    const { viewer } = reader
    const hidden = isHidden(rejected.reason)
    return {
      tone: hidden ? 'paused' : 'problem',
      sentence: hidden
        ? `${sentenceOf(one, rejected, reader)}.`
        : say(w.phrases.blocked, { r: sentenceOf(one, rejected, reader) }),
      next: hidden
        ? say(viewer === 'agent' ? w.phrases.hidden : (neutral.remedy ?? neutral.title))
        : say(viewer === 'agent' ? w.phrases.blockedNext : w.phrases.blockedNextUser),
      ...dueOf(one, reader),
    }
  }
  return waiting(one, reader)
}

function waiting(one: Case, reader: Reader): StandingSeen {
  const { say, to } = speaking(one, reader)
  const step = currentStep(one, reader.definition)
  const waits = step && w.steps[step.key]?.waits
  if (!step || !waits) {
    return {
      tone: 'info',
      sentence: stateText(one, reader),
      ...dueOf(one, reader),
    }
  }
  return {
    tone: 'waiting',
    sentence: say(w.phrases.waits, { w: to(waits) }),
    next: say(w.phrases.actsNext, { a: step.actors.map((actor) => to(w.actors[actor])).join(' / ') }),
    ...dueOf(one, reader),
  }
}

/** The state of the whole case. A word of the vendor's that is none of ours is for agents: it was not written for others. */
function stateText(one: Case, reader: Reader): string {
  const { say, to } = speaking(one, reader)
  if (one.state) return to(w.standings[one.state])
  return say(reader.viewer === 'agent' ? w.phrases.unknownState : w.phrases.theirTurn, { w: one.stateText })
}

/** What a reason means; a code of the vendor's that is none of ours is for agents alone. */
function reasonText(code: string, say: Say, { viewer }: Reader): string | undefined {
  const reason = reasonOf(code)
  if (reason) return say(reason.title)
  return viewer === 'agent' ? code : undefined
}

const dueOf = ({ dueAt }: Case, { now, language, timeZone }: Reader) =>
  dueAt ? { due: when(dueAt, now, language, timeZone) } : {}

/** Whether the case can be released now, and why not where it cannot. */
export function releaseSeen(one: Case, reader: Reader): Told['release'] {
  const { say } = speaking(one, reader)
  const no = reader.offers.release ? mayNotRelease(one) : 'release.not_offered'
  if (no) return { possible: false, why: say(w.noRelease[no]) }
  if (reader.tooWeak) return { possible: false, why: say(w.noRelease['proof.too_weak']) }
  const rejected = openRejection(one)
  return { possible: true, ...(rejected ? { entryId: idOfEntry(rejected) } : {}) }
}

/** Rules that failed and, as far as the Core can say, still do: released now, it may be rejected again for them. */
export function stillFails(one: Case, reader: Reader): readonly string[] {
  const rejected = openRejection(one)
  if (!rejected) return []
  return rulesOf(one, rejected, reader)
    .rules.filter((rule) => rule.result === 'fail' && rule.passesNow !== true)
    .map((rule) => `${rule.rule}: ${rule.now ?? rule.found ?? w.phrases.fail[reader.language]}`)
}

// ── See details ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything about one entry or one step to come; undefined where this reader has no such thing. */
export function explain(one: Case, id: string, reader: Reader): DetailsSeen | undefined {
  const found = happened(one, reader).find((each) =>
    each.kind === 'entry' ? idOfEntry(each.entry) === id : each.act.id === id,
  )
  if (found?.kind === 'entry') return entryExplained(one, found.entry, reader)
  if (found?.kind === 'act') return actExplained(one, found.act, reader)
  const coming = ahead(one, reader.definition)
  const step = coming.find(({ key }) => key === id)
  return step && stepExplained(one, step, coming, reader)
}

function entryExplained(one: Case, entry: Entry, reader: Reader): DetailsSeen {
  const { say } = speaking(one, reader)
  const { language, viewer } = reader
  const definition = reader.definition ?? ecoSuccession
  const step = stepOf(definition, entry.stepKey)
  const hidden = isHidden(entry.reason)
  const { rules, computed } = rulesOf(one, entry, reader)
  const isOpenRejection = openRejection(one)?.seq === entry.seq
  return {
    ...entrySeenWithout(one, entry, reader),
    language,
    title: sentenceOf(one, entry, reader),
    ...(isOpenRejection ? dueOf(one, reader) : {}),
    ...(entry.attempt === undefined ? {} : { attempt: attemptOf(entry.attempt, step, say) }),
    ...reasonSeen(entry.reason, say, reader),
    ...(entry.note === undefined || hidden ? {} : { note: entry.note }),
    meaning: meaningOf(one, entry, hidden, reader),
    remedies: remediesOf(entry, rules, hidden, say),
    checks: rules.map((rule) => checkSeen(rule, say)),
    ...(computed && rules.length > 0 ? { checksNote: say(w.phrases.asOfNow) } : {}),
    messages: (hidden ? [] : entry.messages).map((message) => ({
      channel: rowOf(w.channels, message.channel)?.[language] ?? message.channel,
      to: message.to,
      ...fateOf(message.state, language),
      ...(message.at ? { when: when(message.at, reader.now, language, reader.timeZone) } : {}),
    })),
    evidence: (hidden ? [] : entry.evidence).map((piece) => ({
      kind: rowOf(w.evidenceKinds, piece.kind)?.[language] ?? piece.kind.replaceAll('_', ' '),
      ...fateOf(piece.state, language),
      ...(piece.at ? { when: when(piece.at, reader.now, language, reader.timeZone) } : {}),
    })),
    support: supportOf(one, entry, reader),
    next: nextOf(one, step, reader),
    ...helpOf(step, reader),
    ...(viewer === 'agent' && !hidden && entry.sourceText !== ''
      ? { source: { text: entry.sourceText, ref: entry.sourceRef } }
      : {}),
    reference: `${one.ref}-${entry.seq}`,
    ...(isOpenRejection && viewer === 'agent'
      ? { release: { ...releaseSeen(one, reader), stillFails: [...stillFails(one, reader)] } }
      : {}),
    acts: actsOf(one, entry.messages.length > 0, step, reader),
  }
}

function entrySeenWithout(one: Case, entry: Entry, reader: Reader) {
  const { sentence: _title, problem: _problem, due: _due, ...seen } = entrySeen(one, entry, reader)
  return seen
}

const attemptOf = (n: number, step: Step | undefined, say: Say): string =>
  step && step.attempts > 1
    ? say(w.phrases.attempt, { n: String(n), m: String(Math.max(n, step.attempts)) })
    : say(w.phrases.attemptOnly, { n: String(n) })

function reasonSeen(code: string | undefined, say: Say, reader: Reader) {
  if (isHidden(code)) return { reason: { text: say(neutral.title) } }
  const text = code === undefined ? undefined : reasonText(code, say, reader)
  return code === undefined || text === undefined ? {} : { reason: { code, text } }
}

function meaningOf(one: Case, entry: Entry, hidden: boolean, reader: Reader): string {
  const { say } = speaking(one, reader)
  if (hidden) return say(w.phrases.hidden)
  switch (entry.type) {
    case 'step.done':
    case 'hold.lifted':
      return say(w.phrases.finished)
    case 'step.rejected': {
      const final = reasonOf(entry.reason ?? '')?.kind === 'final' && entry.reason !== 'evidence.malware'
      if (!final && !isClosed(one) && openRejection(one)?.seq !== entry.seq) return say(w.phrases.answered)
      return say(final ? w.phrases.final : w.phrases.retry)
    }
    case 'step.expired':
      return say(w.phrases.expired)
    case 'step.skipped':
      return say(w.phrases.skipped)
    case 'owner.alive':
    case 'hold.placed':
      return say(w.phrases.paused)
    case 'owner.objected':
      return say(w.phrases.objected)
    case 'support.released':
      return say(w.phrases.released)
    case 'case.closed':
    case 'step.cancelled':
      return say(w.phrases.closed)
    case 'note':
      return say(w.phrases.noted)
    case 'case.opened':
    case 'step.opened':
    case 'reminder.sent':
      return say(w.phrases.began)
  }
}

const order = { fail: 0, not_evaluated: 1, pass: 2 } as const

/** Rules of a result, failed ones first; computed as of now where nobody recorded them; none of a suspicion. */
function rulesOf(one: Case, entry: Entry, { language, now }: Reader): { rules: readonly Judged[]; computed: boolean } {
  if (isHidden(entry.reason)) return { rules: [], computed: false }
  const recorded = entry.checks
    .filter((check) => !isHidden(check.reason) && check.reason !== 'claim.other_live')
    .map((check) => judged(check, one, language, now))
  const looksAtRules = entry.stepKey === 'validation_review' || entry.stepKey === 'eligibility_check'
  const computed = recorded.length === 0 && entry.checks.length === 0 && entry.type === 'step.rejected' && looksAtRules
  const rules = computed ? computedNow(one, language, now) : recorded
  return { rules: [...rules].sort((a, b) => order[a.result] - order[b.result]), computed }
}

const marks = { pass: '✓', fail: '✗', not_evaluated: '–' } as const

const checkSeen = (rule: Judged, say: Say): CheckSeen => ({
  rule: rule.rule,
  result: rule.result,
  mark: marks[rule.result],
  word: say(w.phrases[rule.result]),
  ...(rule.found === undefined ? {} : { found: rule.found }),
  ...(rule.now === undefined ? {} : { now: rule.now }),
  ...(rule.passesNow === undefined ? {} : { passesNow: rule.passesNow }),
  needed: rule.needed,
})

/** What helps, the fitting one first: what still fails, then what failed and cannot be seen now, then the reason itself. */
function remediesOf(entry: Entry, rules: readonly Judged[], hidden: boolean, say: Say): string[] {
  if (hidden) return neutral.remedy ? [say(neutral.remedy)] : []
  const failed = rules.filter((rule) => rule.result === 'fail' && rule.passesNow !== true)
  const codes = [...failed.flatMap((rule) => rule.reason ?? []), ...(entry.reason === undefined ? [] : [entry.reason])]
  const known = codes.map((code) => reasonOf(code)).filter((reason): reason is Reason => reason?.remedy !== undefined)
  return [...new Set(known.flatMap((reason) => (reason.remedy ? [say(reason.remedy)] : [])))]
}

const fateOf = (state: string, language: Language): { fate: string; tone: Tone } => {
  const fate = rowOf(w.fates, state)
  return { fate: fate?.text[language] ?? state, tone: fate?.tone ?? 'info' }
}

/** What support did about this entry: its own act, and whatever came after it at the same step. */
function supportOf(one: Case, entry: Entry, reader: Reader): DetailsSeen['support'] {
  return one.acts
    .filter((act) => reader.viewer === 'agent' || !isInternal(act))
    .filter((act) => act.id === entry.sourceRef || (act.stepKey === entry.stepKey && act.at >= entry.at))
    .map((act) => actLine(one, act, reader))
}

function actLine(one: Case, act: Act, reader: Reader): DetailsSeen['support'][number] {
  const { say, to } = speaking(one, reader)
  return {
    sentence: `${to(w.acts[act.act].said)}${act.reason === undefined ? '' : ` (${say(reasonOf(act.reason)?.title ?? neutral.title)})`}`,
    who: agentOf(act, say),
    when: when(act.at, reader.now, reader.language, reader.timeZone),
    ...(act.note === undefined || reader.viewer !== 'agent' ? {} : { note: act.note }),
  }
}

function nextOf(one: Case, step: Step | undefined, reader: Reader): string {
  return comesAfter(
    one,
    ahead(one, reader.definition).find(({ key }) => key !== step?.key),
    reader,
  )
}

function comesAfter(one: Case, following: Step | undefined, reader: Reader): string {
  const { say, to } = speaking(one, reader)
  if (!following) return say(w.phrases.nothingNext)
  return say(w.phrases.nextStep, {
    t: following.title[reader.language],
    a: following.actors.map((actor) => to(w.actors[actor])).join(' / '),
  })
}

function helpOf(step: Step | undefined, reader: Reader): { help?: { title: string; path: string } } {
  if (!step) return {}
  const { language } = reader
  return { help: { title: reader.helpTitle(step.help, language), path: `/help/${language}/${step.help}` } }
}

/** Steps that somebody waits for a message in. */
const stepsWithMessages: readonly string[] = [
  'invitation_sent',
  'invitation_answered',
  'successor_activated',
  'duties_confirmed',
]

/** What an agent may do from here; a reader who is no agent may do nothing. */
function actsOf(one: Case, hasMessages: boolean, step: Step | undefined, reader: Reader): DetailsSeen['acts'] {
  if (reader.viewer !== 'agent') return []
  const sends = hasMessages || stepsWithMessages.includes(step?.key ?? '')
  return [
    ...(sends && reader.offers.resend && !isClosed(one) ? (['resend_message'] as const) : []),
    ...(step ? (['send_help_link'] as const) : []),
    'add_note',
    'escalate',
  ]
}

function actExplained(one: Case, act: Act, reader: Reader): DetailsSeen {
  const { say } = speaking(one, reader)
  const { sentence, problem: _problem, due: _due, ...seen } = actSeen(one, act, reader)
  const step = stepOf(reader.definition ?? ecoSuccession, act.stepKey)
  const answer = say(w.results[act.result], { w: act.answer ?? '' })
  const isOurs = act.act === 'add_note' || act.act === 'escalate' || act.act === 'send_help_link'
  return {
    ...seen,
    language: reader.language,
    title: sentence,
    ...reasonSeen(act.reason, say, reader),
    ...(act.note === undefined || reader.viewer !== 'agent' ? {} : { note: act.note }),
    meaning: isOurs
      ? say(w.phrases.finished)
      : act.act === 'release' && act.result === 'done'
        ? `${answer} ${say(w.phrases.released)}`
        : answer,
    remedies: [],
    checks: [],
    messages: [],
    evidence: [],
    support: [actLine(one, act, reader)],
    next: nextOf(one, step, reader),
    ...helpOf(step, reader),
    reference: `${one.ref} · ${act.assistanceId}`,
    acts: actsOf(one, false, step, reader),
  }
}

function stepExplained(one: Case, step: Step, coming: readonly Step[], reader: Reader): DetailsSeen {
  const { say } = speaking(one, reader)
  const isNow = coming[0]?.key === step.key && one.state !== 'dormant'
  const { sentence, problem: _problem, ...seen } = stepSeen(one, step, coming[0]?.key === step.key, reader)
  const blocked = isNow && isBlockedAt(one, step)
  const hidden = blocked && isHidden(openRejection(one)?.reason)
  return {
    ...seen,
    language: reader.language,
    title: sentence,
    ...(isNow ? { attempt: attemptOf(attemptNow(one, step), step, say) } : {}),
    meaning: say(hidden ? w.phrases.hidden : blocked ? w.phrases.retry : isNow ? w.phrases.nowOn : w.phrases.later),
    remedies: [],
    checks: [],
    messages: [],
    evidence: [],
    support: [],
    next: comesAfter(one, coming[coming.indexOf(step) + 1], reader),
    ...helpOf(step, reader),
    reference: `${one.ref} · ${step.key}`,
    acts: actsOf(one, false, step, reader),
  }
}

const attemptNow = (one: Case, step: Step): number =>
  Math.max(
    1,
    one.attempt,
    ...one.entries.filter((entry) => entry.stepKey === step.key).map((entry) => entry.attempt ?? 1),
  )

/** Details as plain text: what *Copy for the user* puts on the clipboard, and what a mail says. */
export function asText(details: DetailsSeen): string {
  const phrase = (word: Bilingual) => word[details.language]
  const lines = [
    details.title,
    ...(details.when ? [`${details.when.text} · ${details.who}`] : [details.who]),
    ...(details.note === undefined ? [] : [details.note]),
    ...details.checks.map(
      (check) =>
        `${check.mark} ${check.rule}: ${[
          ...(check.found === undefined ? [] : [`${phrase(w.phrases.found)} ${check.found}`]),
          ...(check.now === undefined ? [] : [`${phrase(w.phrases.now)} ${check.now}`]),
          `${phrase(w.phrases.needed)} ${check.needed}`,
        ].join(' · ')}`,
    ),
    ...(details.remedies.length === 0 ? [] : [`${phrase(w.phrases.canDo)}: ${details.remedies.join(' ')}`]),
    ...(details.due ? [`${fill(phrase(w.phrases.until), { d: details.due.text })} (${details.due.relative})`] : []),
    details.next,
  ]
  return lines.join('\n')
}
