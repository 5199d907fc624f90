/** A succession on the wire: the timeline, *See details*, and the acts of support. Texts come in one language, as asked. */
import { z } from 'zod'
import { sixDigits, twoDigits } from './factors.ts'
import { bilingual, channels, instant, languages, messageStatuses, typedLines } from './words.ts'

/** How an entry looks, always beside a word that says the same. */
export const tones = ['done', 'problem', 'waiting', 'paused', 'support', 'info'] as const
export type Tone = (typeof tones)[number]

export const supportActs = ['resend_message', 'send_help_link', 'add_note', 'escalate'] as const
export type SupportAct = (typeof supportActs)[number]

/** What support never does in a succession, by whatever name it is asked for: refused, and recorded. */
export const neverActs = [
  'approve',
  'reject',
  'upload_evidence',
  'read_document',
  'shorten_window',
  'apply_transfer',
] as const

export const releaseReasons = ['support.user_asked', 'support.technical_fault', 'support.other'] as const
export type ReleaseReason = (typeof releaseReasons)[number]

/** An instant three ways: for machines, written out with its zone, and as people say it (`in 3 h 12 min`). */
export const whenSeen = z.strictObject({ at: instant, text: z.string(), relative: z.string() })
export type WhenSeen = z.infer<typeof whenSeen>

export const entrySeen = z.strictObject({
  id: z.string(),
  tone: z.enum(tones),
  /** The tone in a word: `Rejected`. */
  word: z.string(),
  sentence: z.string(),
  who: z.string(),
  when: whenSeen.optional(),
  due: whenSeen.optional(),
  /** True for what *problems only* keeps. */
  problem: z.boolean(),
})
export type EntrySeen = z.infer<typeof entrySeen>

export const standingSeen = z.strictObject({
  tone: z.enum(tones),
  sentence: z.string(),
  /** Who must act now, in words; missing where nobody has to. */
  next: z.string().optional(),
  due: whenSeen.optional(),
})
export type StandingSeen = z.infer<typeof standingSeen>

/** Whether an act can be done now, and if not, why not: a sentence. */
export const actSeen = z.strictObject({ possible: z.boolean(), why: z.string().optional() })
/** The same of a release, with the entry whose details lead to it. */
export const releaseSeen = actSeen.extend({ entryId: z.string().optional() })

export const timelineSeen = z.strictObject({
  language: z.enum(languages),
  timeZone: z.string(),
  user: z.strictObject({ name: z.string(), email: z.string(), role: z.enum(['owner', 'successor']) }),
  ecosystem: z.strictObject({ id: z.string(), name: z.string() }),
  /** Missing where no successor has been named: then `standing` says so, and `empty` what to do. */
  caseRef: z.string().optional(),
  empty: z.string().optional(),
  standing: standingSeen,
  attempts: z.array(z.strictObject({ attempt: z.int(), title: z.string(), entries: z.array(entrySeen) })),
  ahead: z.array(entrySeen),
  /** Other successions of this ecosystem that this person may know of, newest first. */
  others: z.array(z.strictObject({ caseRef: z.string(), sentence: z.string() })),
  /** What the vendor's views do not let us show, a sentence each. */
  off: z.array(z.string()),
  release: releaseSeen,
})
export type TimelineSeen = z.infer<typeof timelineSeen>

export const checkSeen = z.strictObject({
  rule: z.string(),
  result: z.enum(['pass', 'fail', 'not_evaluated']),
  mark: z.enum(['✓', '✗', '–']),
  word: z.string(),
  /** What was found when it was checked; missing where nobody recorded it. */
  found: z.string().optional(),
  /** The same, as the Core has it now; missing where it cannot say. */
  now: z.string().optional(),
  passesNow: z.boolean().optional(),
  needed: z.string(),
})
export type CheckSeen = z.infer<typeof checkSeen>

export const detailsSeen = z.strictObject({
  id: z.string(),
  language: z.enum(languages),
  title: z.string(),
  tone: z.enum(tones),
  word: z.string(),
  who: z.string(),
  when: whenSeen.optional(),
  due: whenSeen.optional(),
  /** `Attempt 2 of 3`. */
  attempt: z.string().optional(),
  reason: z.strictObject({ code: z.string().optional(), text: z.string() }).optional(),
  note: z.string().optional(),
  meaning: z.string(),
  /** What the user can do, the fitting one first; addressed to the user. */
  remedies: z.array(z.string()),
  checks: z.array(checkSeen),
  /** Where nobody recorded what was checked, the values stand as of now, and this says so. */
  checksNote: z.string().optional(),
  messages: z.array(
    z.strictObject({
      channel: z.string(),
      to: z.string(),
      fate: z.string(),
      tone: z.enum(tones),
      when: whenSeen.optional(),
    }),
  ),
  evidence: z.array(
    z.strictObject({ kind: z.string(), fate: z.string(), tone: z.enum(tones), when: whenSeen.optional() }),
  ),
  /** What support did about it. */
  support: z.array(
    z.strictObject({ sentence: z.string(), who: z.string(), when: whenSeen, note: z.string().optional() }),
  ),
  next: z.string(),
  help: z.strictObject({ title: z.string(), path: z.string() }).optional(),
  /** The vendor's own wording and row: for agents only. */
  source: z.strictObject({ text: z.string(), ref: z.string() }).optional(),
  /** What can be quoted in a ticket or on the telephone. */
  reference: z.string(),
  release: releaseSeen.extend({ stillFails: z.array(z.string()) }).optional(),
  acts: z.array(z.enum(supportActs)),
  /** The same in the user's own words and language, ready to be copied. */
  forUser: z.string().optional(),
})
export type DetailsSeen = z.infer<typeof detailsSeen>

const note = typedLines(10, 500)
const caseRef = z.string().min(1).max(128)
const entryId = z.string().regex(/^[a-z0-9_-]{1,64}$/)

export const successionQuery = z.strictObject({
  lang: z.enum(languages).optional(),
  timeZone: z.string().max(64).optional(),
  case: caseRef.optional(),
})
/** Without a case it is the one that the timeline shows first. */
export const askReleaseInput = z.strictObject({ case: caseRef.optional() })
export type AskReleaseInput = z.infer<typeof askReleaseInput>
const why = { reason: z.enum(releaseReasons), note, case: caseRef.optional() }
/** What the user read out: the six digits of the message, or the two digits of their page. */
export const releaseInput = z.union([
  z.strictObject({ code: sixDigits, ...why }),
  z.strictObject({ match: twoDigits, ...why }),
])
export type ReleaseInput = z.infer<typeof releaseInput>
export const actInput = z.strictObject({
  act: z.enum([...supportActs, ...neverActs]),
  stepId: entryId.optional(),
  note,
  case: caseRef.optional(),
})
export type ActInput = z.infer<typeof actInput>

export const releaseAsked = z.strictObject({
  caseRef: z.string(),
  channels: z.array(
    z.strictObject({ channel: z.enum(channels), maskedTo: z.string(), status: z.enum(messageStatuses) }),
  ),
  sayFirst: z.string(),
  /** Rules that still fail: released now, it may be rejected again for them. */
  stillFails: z.array(z.string()),
  expiresAt: instant,
  resendAt: instant,
})

/** What became of an act: the vendor's answer, or that it is still being asked for. */
export const actDone = z.strictObject({
  requestId: z.string(),
  caseRef: z.string(),
  result: z.enum(['done', 'refused', 'pending']),
  sentence: bilingual,
  entryId: z.string(),
})
export type ActDone = z.infer<typeof actDone>
