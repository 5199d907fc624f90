/** The record as auditors read it: one line an event, ids only; names and words that can be erased stand beside it. */
import { z } from 'zod'
import { bilingual } from './words.ts'

export const auditEvent = z.strictObject({
  id: z.string(),
  /** Its place in the record, counted from 0; null for the moment until it has one. */
  seq: z.int().nullable(),
  assistanceId: z.string().nullable(),
  n: z.int().nullable(),
  at: z.string(),
  type: z.string(),
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string().optional() }),
  subject: z.string().nullable(),
  /** Whom it is about, by name, as far as that is still known. */
  subjectName: z.string().optional(),
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
})
export type Verification = z.infer<typeof verification>

/** The forms that the record can be taken away in. */
export const exportFormats = ['jsonl', 'csv'] as const
export const exportPath = '/api/v1/audit/export'
