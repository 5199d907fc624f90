/** Switching assisted access off, on the wire: everything, one product, or one ecosystem. */
import { z } from 'zod'
import { surfaceId } from './assistance.ts'
import { freshProof } from './factors.ts'
import { instant } from './words.ts'

export const cutoffScopes = ['everything', 'surface', 'ecosystem'] as const
export type CutoffScope = (typeof cutoffScopes)[number]

/** One line, read by colleagues and kept beside the record. */
const why = z
  .string()
  .trim()
  .min(3)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u)
const ecosystemId = z.string().min(1).max(128)

export const cutoffInput = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('everything'), why, fresh: freshProof }),
  z.strictObject({ scope: z.literal('surface'), target: surfaceId, why, fresh: freshProof }),
  z.strictObject({ scope: z.literal('ecosystem'), target: ecosystemId, why, fresh: freshProof }),
])
export type CutoffInput = z.output<typeof cutoffInput>
export const liftingInput = z.strictObject({ why, fresh: freshProof })

/** One that stands. `by` is an agent, or the operator of the machine. */
export const cutoffSeen = z.strictObject({
  id: z.string(),
  scope: z.enum(cutoffScopes),
  target: z.string().optional(),
  why: z.string().optional(),
  madeAt: instant,
  by: z.strictObject({ kind: z.string(), id: z.string(), name: z.string().optional() }),
})
export type CutoffSeen = z.infer<typeof cutoffSeen>
export const cutoffsSeen = z.strictObject({ cutoffs: z.array(cutoffSeen), now: instant })
