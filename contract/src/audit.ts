/** The record as auditors read it: one line an event, ids only; names and words that can be erased stand beside it. */
import { z } from 'zod'
import { becauses, bilingual } from './words.ts'

/** What came of it: `asked` waits for an answer of its own, `ended` has its `because`, and an `alert` is to be looked at. */
export const eventResults = ['done', 'asked', 'refused', 'failed', 'ended', 'alert'] as const
export type EventResult = (typeof eventResults)[number]

export const auditEvent = z.strictObject({
  id: z.string(),
  /** Its place in the record, counted from 0; null for the moment until it has one. */
  seq: z.int().nullable(),
  /** SHA-256 of its text as a leaf of the log (RFC 9162); null for the moment until it has its place. */
  hash: z.string().nullable(),
  assistanceId: z.string().nullable(),
  n: z.int().nullable(),
  at: z.string(),
  type: z.string(),
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string().optional() }),
  /** The request in which they did it, as `x-request-id` and each problem name it; absent where it was none to the console. */
  request: z.string().optional(),
  subject: z.string().nullable(),
  /** Whom it is about, by name, as far as that is still known. */
  subjectName: z.string().optional(),
  /** Where it was: what the event says itself, or else the ecosystem of its assistance. By name, as far as that is still known. */
  ecosystem: z.strictObject({ id: z.string(), name: z.string().optional() }).optional(),
  /** Null where what came of it is told by an event of its own. */
  result: z.enum(eventResults).nullable(),
  data: z.record(z.string(), z.unknown()),
  /** The stored text, byte for byte: what the log hashes. */
  body: z.string(),
})
export type AuditEvent = z.infer<typeof auditEvent>

const base64 = z.string()

/** How far the record has come, signed: a note that `amparo-verify` and any reader of signed notes can open. */
export const checkpointSeen = z.strictObject({
  size: z.int(),
  root: base64,
  note: z.string(),
  /** The public key as `name+id+key`. */
  key: z.string(),
  /** That this record begins with the one of `since` (RFC 9162 2.1.4), where that was asked. */
  consistency: z.array(base64).optional(),
})

/** Proof that the event in this place is in the record of that checkpoint (RFC 9162 2.1.3). */
export const inclusionSeen = z.strictObject({
  seq: z.int(),
  leaf: base64,
  path: z.array(base64),
  checkpoint: checkpointSeen.omit({ consistency: true }),
})

/** What going through the whole record found, in the order of the record; the first hundred faults at the most. */
export const verification = z.strictObject({
  entries: z.int(),
  checkpoints: z.int(),
  witnesses: z.int(),
  /** So many entries from the first are as they were signed. */
  sound: z.int(),
  count: z.int(),
  faults: z.array(
    z.strictObject({ fault: z.string(), seq: z.int().optional(), id: z.string().optional(), says: bilingual }),
  ),
  seconds: z.number(),
  /** The newest checkpoint as it began: so many entries were signed then. Null before the first. */
  signed: z.strictObject({ size: z.int(), at: z.string() }).nullable(),
})
export type Verification = z.infer<typeof verification>

/** The forms that the record can be taken away in. */
export const exportFormats = ['jsonl', 'csv', 'pdf'] as const
/** So many events one PDF holds at the most. */
export const mostInPdf = 1000
/** A search is counted up to here, and no further. */
export const mostCounted = 10_000
export const exportPath = '/api/v1/audit/export'

/** As many days as figures are of at the most, and of how many where the search names no first one. */
export const figureDays = { most: 92, usual: 30 } as const

/** What seconds from a request to its consent are counted up to; whatever took longer is counted behind the last. */
export const consentWithin = [30, 60, 120, 300, 600] as const

/** What happened in a span of days, in numbers. Days are those of the zone that was asked for. */
export const figures = z.strictObject({
  timeZone: z.string(),
  /** From this instant on, until before that one: the first and the last day may be counted in part. */
  after: z.string(),
  before: z.string(),
  /** The search reaches further back than figures do. */
  cut: z.boolean(),
  days: z.array(
    z.strictObject({
      day: z.iso.date(),
      after: z.string(),
      before: z.string(),
      ended: z.partialRecord(z.enum(becauses), z.int()),
    }),
  ),
  consents: z.strictObject({
    count: z.int(),
    /** Half were given within so many seconds, and nine of ten within so many. */
    half: z.number().nullable(),
    nineOfTen: z.number().nullable(),
    /** One number for each limit of `consentWithin`, and one for what took longer. */
    within: z.array(z.int()),
  }),
  /** What was refused, the most frequent first: the type of the event, and its word where it has one. */
  refusals: z.array(z.strictObject({ type: z.string(), cause: z.string().nullable(), count: z.int() })),
})
export type Figures = z.infer<typeof figures>

/** What of the record can be suggested for a qualifier; days are the reader's own affair. */
export const suggested = ['agent', 'user', 'type', 'assistance', 'because'] as const
export type Suggested = (typeof suggested)[number]

/** So many are suggested at the most. */
export const mostSuggested = 8

/** Something that a qualifier can be given, as it is to be typed, and what a person calls it. */
export const suggestion = z.strictObject({ value: z.string(), name: z.string().optional() })
export type Suggestion = z.infer<typeof suggestion>
