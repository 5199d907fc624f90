/** The record as auditors read it: one line an event, ids only; words that can be erased stand beside it. */
import { z } from 'zod'

export const auditEvent = z.strictObject({
  id: z.string(),
  assistanceId: z.string().nullable(),
  n: z.int().nullable(),
  at: z.string(),
  type: z.string(),
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string().optional() }),
  subject: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  /** The stored text, byte for byte: what the log will hash. */
  body: z.string(),
})
export type AuditEvent = z.infer<typeof auditEvent>
