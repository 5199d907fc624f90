/**
 * The steps of a succession, as data: who acts, how long they have, how often it may be tried, which reasons it may
 * give and which help page belongs to it. A faulty definition stops the start, naming the step.
 */
import type { Bilingual } from '@amparo/contract/words'
import { reasonOf } from './reasons.ts'

export const phases = ['designation', 'claim', 'transfer', 'aftercare'] as const
export type Phase = (typeof phases)[number]
export const actorKinds = ['owner', 'successor', 'system', 'reviewer', 'agent', 'custodian', 'adopter'] as const
export type ActorKind = (typeof actorKinds)[number]

export interface Deadline {
  /** ISO 8601; from the opening of the attempt. `by_trigger`: see `objectionWindows`. */
  readonly after: string
  readonly afterwards: 'expire' | 'escalate' | 'elapse_ok' | 'remind'
  readonly reminders?: readonly string[]
  /** The same in the shorter profile. */
  readonly classic?: string
}

export interface Step {
  readonly key: string
  readonly phase: Phase
  readonly actors: readonly ActorKind[]
  readonly title: Bilingual
  readonly deadline?: Deadline
  readonly attempts: number
  /** The page of the manual, in both languages. */
  readonly help: string
  readonly reasons: {
    readonly rejected: readonly string[]
    readonly expired: readonly string[]
    readonly other: readonly string[]
  }
}

export interface Definition {
  readonly key: string
  readonly version: number
  readonly steps: readonly Step[]
}

const eligibility = [
  'eligibility.mfa_off',
  'eligibility.inactive_over_30d',
  'eligibility.account_inactive',
  'eligibility.payment_overdue',
  'eligibility.email_unverified',
]
const evidence = [
  'evidence.missing',
  'evidence.illegible',
  'evidence.wrong_person',
  'evidence.expired',
  'evidence.unsigned',
  'evidence.not_attested',
  'evidence.malware',
  'evidence.forged',
]
const identity = ['identity.mismatch', 'identity.document_rejected', 'identity.impersonation']

const gives = (rejected: readonly string[], expired: readonly string[] = [], other: readonly string[] = []) => ({
  rejected,
  expired,
  other,
})

export const ecoSuccession: Definition = {
  key: 'eco_succession',
  version: 1,
  steps: [
    {
      key: 'successor_named',
      phase: 'designation',
      actors: ['owner'],
      title: { en: 'Owner names a successor', es: 'El titular designa a su sucesor' },
      attempts: 1,
      help: 'choosing-a-successor',
      reasons: gives(
        [
          'designation.not_member',
          'designation.self',
          'designation.already_live',
          'designation.forbidden',
          'owner.mfa_off',
        ],
        [],
        ['invitation.revoked'],
      ),
    },
    {
      key: 'eligibility_check',
      phase: 'designation',
      actors: ['system'],
      title: {
        en: 'Eligibility of the successor is checked',
        es: 'Se comprueba que el sucesor cumple los requisitos',
      },
      deadline: { after: 'PT1H', afterwards: 'escalate' },
      attempts: 5,
      help: 'eligibility-rules',
      reasons: gives(eligibility),
    },
    {
      key: 'invitation_sent',
      phase: 'designation',
      actors: ['system'],
      title: { en: 'Invitation is sent to the successor', es: 'Se envía la invitación al sucesor' },
      deadline: { after: 'PT24H', afterwards: 'escalate' },
      attempts: 5,
      help: 'messages-that-do-not-arrive',
      reasons: gives(['message.bounced', 'message.blocked'], ['message.not_opened']),
    },
    {
      key: 'invitation_answered',
      phase: 'designation',
      actors: ['successor'],
      title: { en: 'Successor accepts or declines', es: 'El sucesor acepta o rechaza' },
      deadline: { after: 'P7D', afterwards: 'expire', reminders: ['P2D', 'P5D'], classic: 'PT48H' },
      attempts: 3,
      help: 'accepting-a-designation',
      reasons: gives(['invitation.declined', 'eligibility.mfa_off'], ['invitation.no_answer'], ['invitation.revoked']),
    },
    {
      key: 'successor_activated',
      phase: 'designation',
      actors: ['successor'],
      title: { en: 'Successor activates the designation', es: 'El sucesor activa su designación' },
      deadline: { after: 'PT30M', afterwards: 'expire', classic: 'PT5M' },
      attempts: 10,
      help: 'activation-link-and-qr',
      reasons: gives(
        ['activation.other_account', 'activation.code_wrong'],
        ['activation.link_expired'],
        ['invitation.revoked'],
      ),
    },
    {
      key: 'claim_opened',
      phase: 'claim',
      actors: ['successor', 'owner'],
      title: { en: 'Change of owner is requested', es: 'Se solicita el cambio de titular' },
      attempts: 1,
      help: 'when-to-claim',
      reasons: gives(['claim.other_live', 'designation.none'], [], ['claim.withdrawn', 'owner.alive']),
    },
    {
      key: 'evidence_submitted',
      phase: 'claim',
      actors: ['successor'],
      title: { en: 'Supporting documents are submitted', es: 'Se presentan los documentos de respaldo' },
      deadline: { after: 'P14D', afterwards: 'expire', reminders: ['P3D', 'P10D'] },
      attempts: 3,
      help: 'documents-by-reason',
      reasons: gives(evidence, ['evidence.missing'], ['process.not_required']),
    },
    {
      key: 'identity_verified',
      phase: 'claim',
      actors: ['successor'],
      title: { en: 'Identity of the successor is verified', es: 'Se verifica la identidad del sucesor' },
      deadline: { after: 'P7D', afterwards: 'expire' },
      attempts: 3,
      help: 'identity-verification',
      reasons: gives(identity, ['identity.document_rejected'], ['identity.provider_down', 'process.not_required']),
    },
    {
      key: 'validation_review',
      phase: 'claim',
      actors: ['reviewer'],
      title: { en: 'Request is reviewed', es: 'Se revisa la solicitud' },
      deadline: { after: 'PT48H', afterwards: 'escalate', reminders: ['PT96H'] },
      attempts: 3,
      help: 'how-review-works',
      reasons: gives(
        [
          'review.rejected',
          'review.rejected_final',
          'review.more_information',
          ...eligibility,
          ...evidence,
          ...identity,
        ],
        ['review.timeout'],
        ['process.hold_dispute', 'review.unspecified'],
      ),
    },
    {
      key: 'objection_window',
      phase: 'claim',
      actors: ['owner'],
      title: { en: 'Owner may object', es: 'El titular puede oponerse' },
      deadline: { after: 'by_trigger', afterwards: 'elapse_ok' },
      attempts: 1,
      help: 'objecting-to-a-claim',
      reasons: gives(['owner.objected'], [], ['owner.alive']),
    },
    {
      key: 'duties_confirmed',
      phase: 'transfer',
      actors: ['successor'],
      title: { en: 'Successor confirms taking over', es: 'El sucesor confirma que asume la titularidad' },
      deadline: { after: 'PT72H', afterwards: 'expire' },
      attempts: 2,
      help: 'duties-of-the-owner',
      reasons: gives(['claim.withdrawn'], ['invitation.no_answer']),
    },
    {
      key: 'ownership_applied',
      phase: 'transfer',
      actors: ['system'],
      title: { en: 'Ownership changes hands', es: 'Cambia la titularidad' },
      deadline: { after: 'PT1H', afterwards: 'escalate' },
      attempts: 5,
      help: 'what-changes-at-transfer',
      reasons: gives(['transfer.precheck_failed', 'transfer.adopter_error'], ['transfer.adopter_error']),
    },
    {
      key: 'billing_restored',
      phase: 'aftercare',
      actors: ['successor'],
      title: { en: 'New payment method is registered', es: 'Se registra un nuevo medio de pago' },
      deadline: { after: 'P15D', afterwards: 'escalate' },
      attempts: 10,
      help: 'billing-after-transfer',
      reasons: gives(['billing.not_registered'], ['billing.not_registered'], ['process.not_required']),
    },
    {
      key: 'parties_informed',
      phase: 'aftercare',
      actors: ['system'],
      title: { en: 'Everyone concerned is informed', es: 'Se informa a todas las personas afectadas' },
      deadline: { after: 'PT24H', afterwards: 'escalate' },
      attempts: 5,
      help: 'who-is-informed',
      reasons: gives(['message.bounced', 'message.blocked'], ['message.not_opened']),
    },
  ],
}

/** Two more steps where the ecosystem keeps patients' records. */
export const medicalPractice: readonly Step[] = [
  {
    key: 'custodian_confirmed',
    phase: 'aftercare',
    actors: ['custodian'],
    title: { en: 'Records custodian is confirmed', es: 'Se confirma el custodio de los registros' },
    deadline: { after: 'P21D', afterwards: 'escalate' },
    attempts: 5,
    help: 'custodian-of-records',
    reasons: gives(['evidence.missing', 'evidence.unsigned'], [], ['process.not_required']),
  },
  {
    key: 'patients_notified',
    phase: 'aftercare',
    actors: ['successor'],
    title: { en: 'Patients are notified', es: 'Se avisa a los pacientes' },
    deadline: { after: 'P30D', afterwards: 'escalate', reminders: ['P22M', 'P2Y'] },
    attempts: 5,
    help: 'notifying-patients',
    reasons: gives(['evidence.missing'], [], ['process.not_required']),
  },
]

/** How long the owner may object, by what set the request off; `weak`: only an obituary or the like is there. */
export const objectionWindows: Readonly<Record<string, { readonly after: string; readonly weak?: string }>> = {
  voluntary: { after: 'PT24H' },
  death: { after: 'P7D', weak: 'P21D' },
  incapacity: { after: 'P14D' },
  resignation: { after: 'P7D' },
  termination: { after: 'P7D' },
  unreachable: { after: 'P30D' },
}

/** Steps that a vendor may ask for beyond the fourteen. */
export const packs = ['medical_practice'] as const
export type Pack = (typeof packs)[number]

/** The definition with the packs that a vendor asked for. */
export const definitionWith = (chosen: readonly Pack[]): Definition =>
  chosen.includes('medical_practice')
    ? { ...ecoSuccession, steps: [...ecoSuccession.steps, ...medicalPractice] }
    : ecoSuccession

export const stepOf = (definition: Definition, key: string | undefined): Step | undefined =>
  definition.steps.find((step) => step.key === key)

/** What is wrong with a definition, a sentence each, naming the step; empty when it may be used. */
export function definitionFaults(definition: Definition, hasPage: (language: 'en' | 'es', topic: string) => boolean) {
  const keys = definition.steps.map((step) => step.key)
  const twice = keys.filter((key, at) => keys.indexOf(key) !== at)
  return [
    ...twice.map((key) => `Step ${key} stands twice in the definition.`),
    ...definition.steps.flatMap((step) => stepFaults(step, hasPage)),
  ]
}

function stepFaults(step: Step, hasPage: (language: 'en' | 'es', topic: string) => boolean): readonly string[] {
  const codes = [...step.reasons.rejected, ...step.reasons.expired, ...step.reasons.other]
  const languages = ['en', 'es'] as const
  return [
    ...languages
      .filter((language) => !step.title[language]?.trim())
      .map((language) => `Step ${step.key} has no title in ${language}.`),
    ...languages
      .filter((language) => !hasPage(language, step.help))
      .map((language) => `Step ${step.key} needs the help page docs/help/${language}/${step.help}.md.`),
    ...codes.filter((code) => !reasonOf(code)).map((code) => `Step ${step.key} gives an unknown reason: ${code}.`),
    ...(step.actors.length === 0 ? [`Step ${step.key} has nobody who acts.`] : []),
    ...(step.attempts < 1 || step.attempts > 20 ? [`Step ${step.key} may be tried 1 to 20 times.`] : []),
    ...(step.deadline && !/^(by_trigger|P(?=\d|T\d)(\d+[YMWD])*(T(\d+[HMS])+)?)$/.test(step.deadline.after)
      ? [`Step ${step.key} has a deadline that is no ISO 8601 length: ${step.deadline.after}.`]
      : []),
  ]
}
