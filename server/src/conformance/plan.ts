/** What only the vendor can tell of their product, from the file of `--with`. */
import { alwaysRefusedActs, isAlwaysRefused } from '@amparo/contract/powers'
import { z } from 'zod'
import type { Plan } from './point.ts'

const address = z
  .string()
  .regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S*$/, 'an address such as "POST /note"')
  .transform((text) => ({ method: text.slice(0, text.indexOf(' ')), path: text.slice(text.indexOf(' ') + 1) }))
const path = z.string().regex(/^\/\S*$/, 'a path such as "/profile"')
const none = z.literal(false)

const planFile = z.strictObject({
  user: z.string().min(1),
  ecosystem: z.string().min(1),
  page: path.default('/'),
  sees: z.string().min(2),
  refused: z
    .record(z.string(), z.union([address, none]))
    .refine(
      (rows) => Object.keys(rows).every((act) => act === 'others' || isAlwaysRefused(act)),
      `of these: ${alwaysRefusedActs.join(', ')}, others`,
    )
    .refine(({ others }) => others === undefined || others === false, '"others" can only be false: there are none')
    .default({}),
  change: z.union([address, none]).optional(),
  press: z.union([z.string().min(1), none]).optional(),
  end: z.string().min(1).optional(),
  stream: z
    .union([z.string().regex(/^(ws:)?\/\S*$/, 'a path such as "/live", or "ws:/live" for a WebSocket'), none])
    .optional(),
  ordinary: z
    .union([
      z.strictObject({
        signIn: address,
        fields: z.record(z.string(), z.string()),
        page: path,
        sees: z.string().min(2),
      }),
      none,
    ])
    .optional(),
  elsewhere: z
    .union([
      z.strictObject({ user: z.string().min(1), ecosystem: z.string().min(1), page: path, sees: z.string().min(2) }),
      none,
    ])
    .optional(),
  booked: z
    .union([z.strictObject({ command: z.array(z.string()).min(1) }), z.strictObject({ url: z.string().min(1) }), none])
    .optional(),
})

/** Throws with the faults in words. */
export function planFrom(json: unknown): Plan {
  const parsed = planFile.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const { refused, change, press, end, stream, ordinary, elsewhere, booked, ...rest } = parsed.data
  const acts = Object.entries(refused).filter(([act]) => isAlwaysRefused(act))
  return {
    ...rest,
    refused: Object.fromEntries(acts),
    othersRefused: refused.others === false ? false : undefined,
    change,
    press,
    end,
    stream,
    ordinary,
    elsewhere,
    booked,
  }
}
