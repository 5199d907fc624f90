/** An assistance on the wire: what goes in with each call, and the whole truth that comes out. */
import { z } from 'zod'
import { deliveryErrors } from './delivery.ts'
import { passkeyAnswer, sixDigits, twoDigits } from './factors.ts'
import { approvalSeen } from './oversight.ts'
import { agentSeen, ecosystemSeen, userSeen } from './people.ts'
import { openings } from './phone.ts'
import { alwaysRefusedActs, isAlwaysRefused } from './powers.ts'
import {
  agentMethods,
  becauses,
  bilingual,
  channels,
  closureReasons,
  consentWays,
  instant,
  kinds,
  line,
  messageStatuses,
  outcomes,
  powers,
  reasonCode,
  states,
  typedLines,
} from './words.ts'

/** An e-mail address as somebody typed it; judged only as far as a mail server would. */
export const emailTyped = line(254).regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/u)

/** What identifies a surface: a row of the configuration. */
export const surfaceId = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/)
const idIn = z.string().min(1).max(128)

const reasonGiven = z
  .strictObject({ code: reasonCode, line: line(140).optional() })
  .refine((reason) => reason.code !== 'other' || reason.line !== undefined, {
    path: ['line'],
    message: 'Say in one line what it is about.',
  })

export const openInput = z.strictObject({
  kind: z.enum(kinds),
  userEmail: emailTyped,
  reason: reasonGiven,
  caller: line(80).optional(),
  ticket: line(64).optional(),
})
export type OpenInput = z.infer<typeof openInput>

/** The agent's fresh proof: the code of a message, the code of their authenticator app, or their passkey's answer. */
export const agentProofInput = z.discriminatedUnion('method', [
  z.strictObject({ method: z.enum(['code', 'totp']), code: sixDigits }),
  z.strictObject({ method: z.literal('passkey'), response: passkeyAnswer }),
])
export type AgentProofInput = z.infer<typeof agentProofInput>
export const userInput = z.strictObject({ email: emailTyped })
export const ecosystemInput = z.strictObject({ ecosystemId: idIn })
export const consentCodeInput = z.strictObject({
  channels: z.array(z.enum(channels)).min(1).max(2).optional(),
  surfaces: z.array(surfaceId).min(1).max(16).optional(),
  powers: z.enum(powers).optional(),
  lengthMinutes: z.int().min(5).max(60).multipleOf(5).optional(),
})
export type ConsentCodeInput = z.infer<typeof consentCodeInput>
export const consentInput = z.union([z.strictObject({ code: sixDigits }), z.strictObject({ match: twoDigits })])
export type ConsentInput = z.infer<typeof consentInput>
/** One sensitive power; `own_sign_in` is a word too, and always refused. */
export const askPowerInput = z.strictObject({
  power: z.string().refine(isAlwaysRefused, `one of ${alwaysRefusedActs.join(', ')}`),
})
export const powerInput = consentInput
export type PowerInput = z.output<typeof powerInput>

export const presenceInput = z.strictObject({ code: sixDigits })
export const launchInput = z.strictObject({ surface: surfaceId })
export const closureInput = z
  .strictObject({
    because: z.enum(['finished', 'cancelled', 'closed_by_supervisor']),
    outcome: z.enum(outcomes).optional(),
  })
  .refine((given) => given.because === 'finished' || given.outcome === undefined, {
    path: ['outcome'],
    message: 'Only what was finished has an outcome.',
  })
export type ClosureInput = z.infer<typeof closureInput>
export const closureReasonInput = z
  .strictObject({ reason: z.enum(closureReasons), note: line(300).optional() })
  .refine((given) => given.reason !== 'other' || (given.note?.length ?? 0) >= 3, {
    path: ['note'],
    message: 'Say in a few words what happened.',
  })
export type ClosureReasonInput = z.infer<typeof closureReasonInput>
/** For colleagues and the record. No patients' names: the console says so beside the field. */
export const noteInput = z.strictObject({ text: typedLines(1, 500) })
export type NoteInput = z.infer<typeof noteInput>
/** What everybody reads on the first stage ("Web down since 02:10"). Nothing, or nothing but spaces, clears it. */
export const noticeInput = z.strictObject({
  text: z
    .string()
    .trim()
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)
    .optional(),
})
export type NoticeInput = z.infer<typeof noticeInput>

export const messageSeen = z.strictObject({
  purpose: z.string(),
  channel: z.enum(channels),
  maskedTo: z.string(),
  status: z.enum(messageStatuses),
  at: instant,
  /** Why it has not gone out so far; `deliverySentence` says it in words. */
  error: z.enum(deliveryErrors).optional(),
  /** The other side's own numbers for it: `550, 5.1.1`. */
  said: z.string().optional(),
  /** When we try again by ourselves, with the same code. */
  retryAt: instant.optional(),
  /** We are trying right now, and have no answer yet. */
  trying: z.literal(true).optional(),
})
export type MessageSeen = z.infer<typeof messageSeen>

/** A button and what became of it. `ready` is false for a product that takes no assisted sessions yet. */
export const surfaceSeen = z.strictObject({
  surface: z.string(),
  name: bilingual,
  ready: z.boolean(),
  opens: z.enum(openings),
  open: z.boolean(),
  /** On a phone: what it calls itself. */
  device: z.string().optional(),
  openedAt: instant.optional(),
  closedAt: instant.optional(),
  acknowledgedAt: instant.optional(),
  /** Where it never acknowledged: since when what it held is dead by itself, so that nothing is left to confirm. */
  deadAt: instant.optional(),
  error: z.string().optional(),
  /** What the product reported of what was done in it as the user. */
  lastActAt: instant.optional(),
  actsCount: z.int(),
  /** What may be done in it under this consent: never more than the product is able to hold back. */
  powers: z.enum(powers),
})
export type SurfaceSeen = z.infer<typeof surfaceSeen>

/** Something that was done as the user, as the product told it. `count`: the how manieth of its surface session. */
export const actSeen = z.strictObject({ at: instant, surface: z.string(), what: bilingual, count: z.int() })
export type ActSeen = z.infer<typeof actSeen>

export const noteSeen = z.strictObject({ id: z.string(), at: instant, by: agentSeen, text: z.string() })
export type NoteSeen = z.infer<typeof noteSeen>

/** The supervisor's notice. */
export const noticeSeen = z.strictObject({ text: z.string(), at: instant, by: agentSeen })
export type NoticeSeen = z.infer<typeof noticeSeen>

/** What a colleague would hand over: without the user, whom nobody sees before their own proof. */
export const offered = z.strictObject({
  id: z.string(),
  kind: z.enum(kinds),
  agent: agentSeen,
  reason: z.strictObject({ name: bilingual, line: z.string().optional() }),
  note: z.string().optional(),
  offeredAt: instant,
  endsAt: instant,
})
export type Offered = z.infer<typeof offered>
export const offerInput = z.strictObject({ offered: z.boolean(), note: line(300).optional() })

/** The whole truth about one assistance, for its agent or a supervisor. `next`: last path segments allowed now. */
export const assistance = z.strictObject({
  id: z.string(),
  kind: z.enum(kinds),
  state: z.enum(states),
  because: z.enum(becauses).optional(),
  outcome: z.enum(outcomes).optional(),
  closureReason: z.enum(closureReasons).optional(),
  agent: agentSeen,
  /** `name`: the vendor's words for the code, as they were when it was opened. */
  reason: z.strictObject({ code: reasonCode, name: bilingual, line: z.string().optional() }),
  caller: z.string().optional(),
  ticket: z.string().optional(),
  /** Where the ticket is, if the vendor said how tickets are found. */
  ticketUrl: z.string().optional(),
  openedAt: instant,
  closedAt: instant.optional(),
  /** The last act of the user: the fifteen minutes count from here. */
  userSeenAt: instant,
  /** The database's clock when this was read: count down from here, not from the browser's own clock. */
  now: instant,
  next: z.array(z.string()),
  deadlines: z.strictObject({
    idleAt: instant,
    warnAt: instant,
    maxAt: instant.optional(),
    codeExpiresAt: instant.optional(),
    resendAt: instant.optional(),
    /** By the vendor's policy: what is done in a product sets the fifteen minutes back too. */
    actsCount: z.literal(true).optional(),
  }),
  /** How the agent can prove who they are, in the order to offer it; while that is what comes next. */
  agentMethods: z.array(z.enum(agentMethods)).optional(),
  /** How they did. */
  agentMethod: z.enum(agentMethods).optional(),
  lookupsLeft: z.int(),
  user: userSeen.nullable().optional(),
  ecosystems: z.array(ecosystemSeen).optional(),
  ecosystemId: z.string().optional(),
  sayFirst: z.string().optional(),
  /** The page's side of consent: whether a person's browser showed it, and whether two digits wait to be typed. */
  page: z.strictObject({ openedAt: instant.optional(), saidYesAt: instant.optional(), triesLeft: z.int() }).optional(),
  consentedAt: instant.optional(),
  consentedBy: z.enum(consentWays).optional(),
  /** What was asked of a second person in it, in its order. */
  approvals: z.array(approvalSeen),
  messages: z.array(messageSeen),
  surfaces: z.array(surfaceSeen),
  /** What was done as the user, newest first, at most fifty. */
  acts: z.array(actSeen),
  notes: z.array(noteSeen),
  /** Whose help this goes on with, once its agent has proved themself. */
  handedFrom: z.strictObject({ id: z.string(), agent: z.string() }).optional(),
  /** Since when its agent would hand it over. */
  offeredAt: instant.optional(),
  /** Once it is closed: a text for the ticket, without codes, addresses or numbers of anybody. */
  summary: bilingual.optional(),
  /** Which products the user was asked for; missing before the message. */
  surfacesAsked: z.array(z.string()).optional(),
  powers: z.enum(powers),
  /** Sensitive powers: which may be asked for now, which waits for an answer, which hold, and which were refused. */
  sensitive: z
    .strictObject({
      offered: z.array(z.strictObject({ power: z.string(), surfaces: z.array(z.string()) })),
      waiting: z
        .strictObject({
          power: z.string(),
          surfaces: z.array(z.string()),
          askedAt: instant,
          expiresAt: instant.optional(),
          resendAt: instant.optional(),
          saidYesAt: instant.optional(),
          triesLeft: z.int(),
        })
        .optional(),
      held: z.array(
        z.strictObject({
          power: z.string(),
          surfaces: z.array(z.string()),
          at: instant,
          by: z.enum(['page', 'read_aloud']),
        }),
      ),
      refused: z.array(z.strictObject({ power: z.string(), at: instant, afterwards: z.boolean() })),
    })
    .optional(),
  /** The release that was asked for last, while its code is good or after the user refused it: what their page answered. */
  release: z
    .strictObject({
      askedAt: instant,
      expiresAt: instant,
      saidYesAt: instant.optional(),
      triesLeft: z.int(),
      refused: z.boolean(),
    })
    .optional(),
  lengthMinutes: z.int(),
})
export type Assistance = z.infer<typeof assistance>

/** One line of a list of assistances. */
export const assistanceLine = assistance
  .pick({
    id: true,
    kind: true,
    state: true,
    because: true,
    outcome: true,
    closureReason: true,
    agent: true,
    reason: true,
    caller: true,
    ticket: true,
    ticketUrl: true,
    openedAt: true,
    closedAt: true,
  })
  .extend({
    userName: z.string().optional(),
    /** As the agent typed it, for *Start again*; for that agent alone. */
    userEmail: z.string().optional(),
    ecosystemName: z.string().optional(),
    /** While it lives: when it ends by itself, by the user's silence and by the agreed length. */
    idleAt: instant.optional(),
    maxAt: instant.optional(),
    surfacesOpen: z.array(z.string()),
  })
export type AssistanceLine = z.infer<typeof assistanceLine>

/** What the agent sees of the person after their proof, and after each corrected e-mail. */
export const lookedUp = z.strictObject({
  state: z.enum(states),
  user: userSeen.nullable(),
  ecosystems: z.array(ecosystemSeen),
  ecosystemId: z.string().optional(),
  lookupsLeft: z.int(),
})
export type LookedUp = z.infer<typeof lookedUp>

export const codeSent = z.strictObject({
  channel: z.enum(channels),
  maskedTo: z.string(),
  expiresAt: instant,
  resendAt: instant,
})
export type CodeSent = z.infer<typeof codeSent>

export const consentAsked = z.strictObject({
  channels: z.array(
    z.strictObject({ channel: z.enum(channels), maskedTo: z.string(), status: z.enum(messageStatuses) }),
  ),
  sayFirst: z.string(),
  expiresAt: instant,
  resendAt: instant,
})
export type ConsentAsked = z.infer<typeof consentAsked>

/** Of a surface in a tab: POST `ticket` as a form to `url`; see the launch call. */
export const launched = z.strictObject({
  launchId: z.string(),
  url: z.string(),
  ticket: z.string(),
  expiresAt: instant,
})
export type Launched = z.infer<typeof launched>
