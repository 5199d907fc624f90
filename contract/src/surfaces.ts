/** A product as it is configured, for everybody at the desk: what can be opened, by whom, and how it can be closed. */
import { z } from 'zod'
import { openings } from './phone.ts'
import { sensitivePowers } from './powers.ts'
import { bilingual, instant, powers } from './words.ts'

export const surfaceSetUp = z.strictObject({
  surface: z.string(),
  name: bilingual,
  /** False for a product that takes no assisted sessions yet. */
  ready: z.boolean(),
  opens: z.enum(openings),
  offeredTo: z.array(z.enum(['owner', 'member'])),
  whenSuspended: z.boolean(),
  powers: z.array(z.enum(powers)),
  /** Sensitive powers that it holds back one by one: only these can be asked for. */
  sensitive: z.array(z.enum(sensitivePowers)),
  /** How it learns of an ending: it asks at each request, we notify it, both, or neither. */
  told: z.strictObject({ asks: z.boolean(), notified: z.boolean() }),
  openNow: z.int(),
  lastAcknowledged: z.strictObject({ at: instant, afterMs: z.int() }).optional(),
  /** Endings that it has been told of and has not acknowledged. */
  waiting: z.int(),
})
export type SurfaceSetUp = z.infer<typeof surfaceSetUp>
