/** What supervisors see and do beside the agents, on the wire: alerts, a second person's yes, reviews. */
import { z } from 'zod'
import { freshProof } from './factors.ts'
import { agentSeen } from './people.ts'
import { sensitivePowers } from './powers.ts'
import { type Bilingual, becauses, bilingual, instant, kinds, line, powers } from './words.ts'

/** What supervisors are alerted to. Each is given once in a window about the same person. */
export const alertKinds = [
  'look_ups_without_consent',
  'refused_consents',
  'same_user',
  'outside_hours',
  'canary',
  'reported',
  'objection',
  'quota',
  'break_glass',
  'activity',
  'new_browser',
  'other_place',
] as const
export type AlertKind = (typeof alertKinds)[number]

const alertSentences: Readonly<Record<AlertKind, (a: string, n: number) => Bilingual>> = {
  look_ups_without_consent: (a, n) => ({
    en: `${a} looked up ${n} people of whom none has agreed.`,
    es: `${a} buscó a ${n} personas y ninguna ha aceptado.`,
  }),
  refused_consents: (a, n) => ({ en: `${n} users have refused ${a}.`, es: `${n} usuarios han rechazado a ${a}.` }),
  same_user: (_a, n) => ({
    en: `The same user has been looked up ${n} times.`,
    es: `El mismo usuario ha sido buscado ${n} veces.`,
  }),
  outside_hours: (a) => ({
    en: `${a} is helping outside of working hours.`,
    es: `${a} está ayudando fuera de las horas de trabajo.`,
  }),
  canary: (a) => ({
    en: `${a} looked up somebody whom nobody has a reason to look up.`,
    es: `${a} buscó a alguien a quien nadie tiene motivo para buscar.`,
  }),
  reported: (a) => ({
    en: `A user says that they never asked ${a} for help. The two are kept apart for now. It has to be reviewed.`,
    es: `Un usuario dice que nunca pidió ayuda a ${a}. De momento no pueden volver a tratarse. Hay que revisarlo.`,
  }),
  objection: (a) => ({
    en: `A user says that something in the help of ${a} was not right. It has to be reviewed.`,
    es: `Un usuario dice que algo en la ayuda de ${a} no fue correcto. Hay que revisarlo.`,
  }),
  quota: (a) => ({
    en: `${a} has used up what a day allows and was stopped.`,
    es: `${a} agotó lo que permite un día y fue detenido.`,
  }),
  break_glass: (a) => ({
    en: `${a} is looking at an account without a consent. It has to be reviewed.`,
    es: `${a} está mirando una cuenta sin consentimiento. Hay que revisarlo.`,
  }),
  activity: (a, n) => ({
    en: `A product tells of ${n} acts in the help of ${a} that do not fit what we saw: done after its end, or without asking. Its record says which.`,
    es: `Un producto cuenta ${n} actos en la ayuda de ${a} que no cuadran con lo que vimos: hechos después del final, o sin preguntar. Su registro dice cuáles.`,
  }),
  new_browser: (a) => ({
    en: `${a} signed in from a new browser. Ask them whether it was them; if not, an administrator signs them out.`,
    es: `${a} inició sesión desde un navegador nuevo. Pregúntale si lo hizo; si no, que un administrador cierre sus sesiones.`,
  }),
  other_place: (a) => ({
    en: `The sign-in of ${a} is being used from another place, where nothing is shown without a proof. Ask them whether it is them; if not, an administrator signs them out.`,
    es: `La sesión de ${a} se está usando desde otro sitio, donde no se muestra nada sin una prueba. Pregúntale si es él o ella; si no, que un administrador cierre sus sesiones.`,
  }),
}

/**
 * What an alert says in a line; `a` is the agent. Console and mail say the same. One of a kind that came with a newer
 * version, which is just being installed beside this one, says whom it concerns.
 */
export const alertSays = (kind: string, a: string, n: number): Bilingual =>
  Object.hasOwn(alertSentences, kind)
    ? alertSentences[kind as AlertKind](a, n)
    : { en: `There is something to look at that concerns ${a}.`, es: `Hay algo que mirar sobre ${a}.` }

export const alertSeen = z.strictObject({
  id: z.string(),
  /** One of `alertKinds`, or of a newer version's: an old console shows that too. */
  kind: z.enum(alertKinds).or(z.string().max(40)),
  at: instant,
  agent: agentSeen.optional(),
  userName: z.string().optional(),
  /** Where it happened, if it happened in one. */
  assistanceId: z.string().optional(),
  /** How many there were in the window when it was given. */
  count: z.int().optional(),
  seen: z.strictObject({ at: instant, by: agentSeen }).optional(),
})
export type AlertSeen = z.infer<typeof alertSeen>

/** What a second person is asked for. `owner`: the yes of the ecosystem's owner, who answers on a page of their own. */
export const approvalPurposes = ['consent', 'power', 'release', 'break_glass', 'owner'] as const
export type ApprovalPurpose = (typeof approvalPurposes)[number]

/** Why. `no_consent`: nobody could be asked; `owner_asks`: the ecosystem's owner wants to be asked first. */
export const approvalWhys = [
  'owners_surface',
  'powers',
  'release',
  'same_user',
  'changed_contacts',
  'no_consent',
  'owner_asks',
] as const
export type ApprovalWhy = (typeof approvalWhys)[number]

/** How a second person may show that it is they who decide: of these, what the vendor's policy leaves. */
export const secondProofs = ['passkey', 'totp', 'sign_in'] as const
export type SecondProof = (typeof secondProofs)[number]

export const decisions = ['yes', 'no'] as const
export type Decision = (typeof decisions)[number]

/** A yes needs a fresh proof of whoever says it; a no needs none. */
export const approvalInput = z.strictObject({
  decision: z.enum(decisions),
  note: line(300).optional(),
  proof: freshProof.optional(),
})
export type ApprovalInput = z.infer<typeof approvalInput>

export const approvalSeen = z.strictObject({
  id: z.string(),
  purpose: z.enum(approvalPurposes),
  whys: z.array(z.enum(approvalWhys)),
  askedAt: instant,
  /** How many different people have to say yes. */
  needed: z.int(),
  state: z.enum(['waiting', 'yes', 'no']),
  voices: z.array(
    z.strictObject({ by: agentSeen.optional(), decision: z.enum(decisions), note: z.string().optional(), at: instant }),
  ),
  /** True where the reader is one of those who may still answer. */
  mine: z.boolean(),
})
export type ApprovalSeen = z.infer<typeof approvalSeen>

/** One that waits, with what has to be known to answer it. */
export const approvalWaiting = approvalSeen.extend({
  assistanceId: z.string(),
  kind: z.enum(kinds),
  agent: agentSeen,
  reason: z.strictObject({ name: bilingual, line: z.string().optional() }),
  note: z.string().optional(),
  userName: z.string().optional(),
  ecosystemName: z.string().optional(),
  surfaces: z.array(z.string()),
  powers: z.enum(powers),
  /** The one sensitive power that is asked for. */
  power: z.enum(sensitivePowers).optional(),
})
export type ApprovalWaiting = z.infer<typeof approvalWaiting>

/** Why nobody could be asked: read by two supervisors, by the user and by the owner. */
export const glassInput = z.strictObject({ note: line(300), surfaces: z.array(z.string()).min(1).max(16).optional() })
export type GlassInput = z.infer<typeof glassInput>

export const findings = ['justified', 'not_justified'] as const
export type Finding = (typeof findings)[number]

/** What is reviewed: help without a consent, help that a user says they never asked for, help that they say was not right. */
export const reviewAbouts = ['break_glass', 'reported', 'objection'] as const
export type ReviewAbout = (typeof reviewAbouts)[number]
export const reviewInput = z.strictObject({
  about: z.enum(reviewAbouts).default('break_glass'),
  finding: z.enum(findings),
  note: line(300),
})
export type ReviewInput = z.infer<typeof reviewInput>

/** What has to be looked at, for somebody who had no part in it. */
export const reviewSeen = z.strictObject({
  assistanceId: z.string(),
  about: z.enum(reviewAbouts),
  openedAt: instant,
  agent: agentSeen,
  approvers: z.array(agentSeen),
  userName: z.string().optional(),
  ecosystemName: z.string().optional(),
  why: z.string().optional(),
  /** What the user wrote. */
  said: z.string().optional(),
  /** The products that were opened meanwhile, and what was done in them, newest first. */
  opened: z.array(z.string()),
  done: z.array(z.strictObject({ at: instant, surface: z.string(), count: z.int(), what: bilingual.optional() })),
  because: z.enum(becauses).optional(),
  endedAt: instant.optional(),
  closed: z
    .strictObject({ at: instant, by: agentSeen, finding: z.enum(findings), note: z.string().optional() })
    .optional(),
  mine: z.boolean(),
  /** How many people could review it: where nobody is left, somebody has to be given the role. */
  reviewers: z.int(),
})
export type ReviewSeen = z.infer<typeof reviewSeen>

/** What waits for whoever asks, as numbers. They are nobody's, so they may be asked for again and again. */
export const oversightSeen = z.strictObject({
  /** Questions that wait for their yes. */
  approvals: z.int(),
  /** Reviews that they may close. */
  reviews: z.int(),
  /** Alerts that nobody has seen. */
  alerts: z.int(),
  /** Another one says that one of the lists is another one. */
  mark: z.string(),
})
export type OversightSeen = z.infer<typeof oversightSeen>
