/** For tests only: cases made by hand, and readers of them. */
import type { Reader } from './reader.ts'
import type { Case, Entry } from './succession.ts'

const day = 86_400_000
export const testNow = new Date('2026-11-22T10:42:00Z')
const ago = (days: number) => new Date(testNow.getTime() - days * day)

export const entry = (seq: number, daysAgo: number, more: Partial<Entry> & Pick<Entry, 'type'>): Entry => ({
  seq,
  at: ago(daysAgo),
  actorKind: 'system',
  sourceText: `row ${seq}`,
  sourceRef: `log-${seq}`,
  checks: [],
  messages: [],
  evidence: [],
  ...more,
})

/** Rejected by the validation: 47 days of inactivity against 30, and an overdue membership; three rules passed. */
export function rejectedCase(more: Partial<Case> = {}): Case {
  return {
    ref: 'SUC-1',
    ecosystemId: 'cli_1',
    ecosystemName: 'Clínica Uno',
    ownerId: 'per_owner',
    successorId: 'per_succ',
    successorEmail: 'succ@clinica-uno.test',
    state: 'claim',
    stateText: 'claim',
    blocked: true,
    attempt: 1,
    openedAt: ago(60),
    owner: { id: 'per_owner', name: 'Olivia Titular', active: true },
    successor: { id: 'per_succ', name: 'Samuel Sucesor', active: true, lastActivityAt: ago(50), secondFactor: true },
    payment: 'overdue',
    entries: [
      entry(1, 60, { type: 'step.done', stepKey: 'successor_named', actorKind: 'owner', attempt: 1 }),
      entry(2, 59, { type: 'step.done', stepKey: 'eligibility_check', attempt: 1 }),
      entry(3, 59, {
        type: 'step.done',
        stepKey: 'invitation_sent',
        attempt: 1,
        messages: [{ channel: 'email', to: 's•••@c•••.test', state: 'delivered', at: ago(59) }],
      }),
      entry(4, 57, { type: 'step.done', stepKey: 'invitation_answered', actorKind: 'successor', attempt: 1 }),
      entry(5, 57, { type: 'step.done', stepKey: 'successor_activated', actorKind: 'successor', attempt: 1 }),
      entry(6, 9, { type: 'step.done', stepKey: 'claim_opened', actorKind: 'successor', attempt: 1 }),
      entry(7, 8, {
        type: 'step.done',
        stepKey: 'evidence_submitted',
        actorKind: 'successor',
        attempt: 1,
        evidence: [{ kind: 'death_certificate', state: 'accepted', at: ago(8) }],
      }),
      entry(8, 7, { type: 'step.done', stepKey: 'identity_verified', attempt: 1 }),
      entry(9, 3, {
        type: 'step.rejected',
        stepKey: 'validation_review',
        actorKind: 'reviewer',
        attempt: 1,
        reason: 'review.rejected',
        checks: [
          { key: 'account_active', result: 'pass', observed: 'active', required: 'active' },
          {
            key: 'activity',
            result: 'fail',
            observed: '47 days',
            required: '30 days',
            reason: 'eligibility.inactive_over_30d',
          },
          { key: 'second_factor', result: 'pass', observed: 'on', required: 'on' },
          {
            key: 'membership_paid',
            result: 'fail',
            observed: 'overdue',
            required: 'current',
            reason: 'eligibility.payment_overdue',
          },
          { key: 'email_verified', result: 'pass', observed: 'verified', required: 'verified' },
        ],
      }),
    ],
    acts: [],
    rivals: 0,
    ...more,
  }
}

export const reader = (more: Partial<Reader> = {}): Reader => ({
  viewer: 'agent',
  language: 'en',
  now: testNow,
  timeZone: 'Europe/Madrid',
  vendor: 'Acme',
  helpTitle: (topic) => topic,
  offers: { release: true, resend: true },
  ...more,
})
