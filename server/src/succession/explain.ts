/**
 * `explain`: one pure function from a case, an entry and a reader to everything that *See details* shows, and to what is
 * copied for the user. Whatever a reader may not see is left out here as it is in the list (`timeline.ts`).
 */
import type { CheckSeen, DetailsSeen, Tone } from '@amparo/contract/succession'
import type { Bilingual, Language } from '@amparo/contract/words'
import { fill, rowOf } from '../words.ts'
import { ecoSuccession, type Step, stepOf } from './definition.ts'
import { type Reader, type Say, speaking } from './reader.ts'
import { isHidden, neutral, type Reason, reasonOf } from './reasons.ts'
import { computedNow, type Judged, judged } from './rules.ts'
import { type Act, ahead, type Case, type Entry, isClosed, openRejection } from './succession.ts'
import {
  actSeen,
  agentOf,
  dueOf,
  entrySeen,
  happened,
  idOfEntry,
  isBlockedAt,
  isInternal,
  reasonText,
  releaseSeen,
  sentenceOf,
  stepSeen,
} from './timeline.ts'
import { when } from './when.ts'
import * as w from './words.ts'

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

/** Rules that failed and, as far as the Core can say, still do: released now, it may be rejected again for them. */
export function stillFails(one: Case, reader: Reader): readonly string[] {
  const rejected = openRejection(one)
  if (!rejected) return []
  return rulesOf(one, rejected, reader)
    .rules.filter((rule) => rule.result === 'fail' && rule.passesNow !== true)
    .map((rule) => `${rule.rule}: ${rule.now ?? rule.found ?? w.phrases.fail[reader.language]}`)
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
