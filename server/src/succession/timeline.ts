/**
 * The list of a succession: where it stands, what happened, what is to come, and whether it can be released. The same
 * sentences feed the agent's screen and the user's page. Whatever a reader may not see (the reasons of a suspicion,
 * support's own notes, other people's claims) is left out here and in what explains an entry, and nowhere else.
 */
import type { EntrySeen, StandingSeen, TimelineSeen, Tone } from '@amparo/contract/succession'
import type { Bilingual, Language } from '@amparo/contract/words'
import { rowOf } from '../words.ts'
import { ecoSuccession, type Step, stepOf } from './definition.ts'
import { type Reader, type Say, speaking } from './reader.ts'
import { isHidden, neutral, reasonOf } from './reasons.ts'
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

export function happened(one: Case, { viewer }: Reader): readonly Happened[] {
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
export const isInternal = ({ act }: Act) => act === 'add_note' || act === 'escalate'
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

export function entrySeen(one: Case, entry: Entry, reader: Reader): EntrySeen {
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

export function sentenceOf(one: Case, entry: Entry, reader: Reader): string {
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
export const agentOf = (act: Act, say: Say): string => `${act.agentName} (${say(w.actors.agent.all)})`

export function actSeen(one: Case, act: Act, reader: Reader): EntrySeen {
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

export function stepSeen(one: Case, step: Step, isNow: boolean, reader: Reader): EntrySeen {
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

export const isBlockedAt = (one: Case, step: Step): boolean => {
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
export function reasonText(code: string, say: Say, { viewer }: Reader): string | undefined {
  const reason = reasonOf(code)
  if (reason) return say(reason.title)
  return viewer === 'agent' ? code : undefined
}

export const dueOf = ({ dueAt }: Case, { now, language, timeZone }: Reader) =>
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
