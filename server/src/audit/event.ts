/**
 * The shape of an event. Its body holds ids, digests and salted commitments only; `words` (names, free text) stand
 * beside the record and can be erased without breaking it.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Actor } from '../words.ts'

export const eventTypes = [
  'assistance.opened',
  'assistance.closed',
  'closure.explained',
  'agent.signed_in',
  'agent.sign_in_failed',
  'agent.signed_out',
  'agent.locked_out',
  'agent.new_browser',
  'agent.other_place',
  'agent.place_shown',
  'agent.factor_added',
  'agent.factor_renamed',
  'agent.factor_removed',
  'agent.factor_refused',
  'agent.mailbox_shown',
  'agent.vouched_for',
  'agent.password_changed',
  'agent.invited',
  'agent.joined',
  'agent.roles_changed',
  'agent.disabled',
  'agent.enabled',
  'agent.token_made',
  'agent.challenged',
  'agent.code_sent',
  'agent.proved',
  'code.tried',
  'code.wrong',
  'code.earlier',
  'user.looked_up',
  'user.not_found',
  'page.opened',
  'user.said_yes',
  'user.still_here',
  'user.warned',
  'ecosystem.chosen',
  'consent.asked',
  'consent.given',
  'presence.asked',
  'presence.given',
  'power.asked',
  'power.granted',
  'power.refused',
  'power.taken_back',
  'launch.minted',
  'launch.taken',
  'launch.refused',
  'launch.claimed',
  'launch.matched',
  'launch.mismatched',
  'launch.declined',
  'launch.closed',
  'launch.link_sent',
  'proof.refused',
  'act.done',
  'activity.refused',
  'activity.mismatch',
  'note.added',
  'notice.set',
  'alert.raised',
  'alert.seen',
  'approval.asked',
  'approval.decided',
  'glass.broken',
  'review.opened',
  'review.closed',
  'history.asked',
  'history.opened',
  'history.exported',
  'objection.made',
  'handover.offered',
  'handover.withdrawn',
  'handover.taken',
  'reference.checked',
  'surface.opened',
  'surface.bridged',
  'surface.closed',
  'surface.acknowledged',
  'surface.unreachable',
  'message.sent',
  'message.failed',
  'message.delayed',
  'succession.read',
  'succession.acted',
  'release.asked',
  'release.declined',
  'release.requested',
  'release.done',
  'release.refused',
  'step.refused',
  'record.read',
  'cutoff.made',
  'cutoff.lifted',
  'record.exported',
  'record.verified',
  'clock.advanced',
] as const
export type EventType = (typeof eventTypes)[number]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What a step says happened. `words` are kept apart and can be erased. */
export interface Happening {
  readonly type: EventType
  readonly actor: Actor
  readonly subject?: string | undefined
  readonly data?: Readonly<Record<string, Json>>
  readonly words?: Readonly<Record<string, string | undefined>>
  /** What it is about, where it may be told of once and no more (`noteOnce`). */
  readonly once?: string
}

/** An event ready for the one statement that writes it: `assistance`, `n` and `at` are added there. */
export interface Draft {
  readonly id: string
  readonly body: Readonly<Record<string, Json>>
  readonly words: readonly { readonly field: string; readonly text: string; readonly salt: string }[]
}

/** The same words, the same id: whoever tells of it, it stands in the record once. */
const idOf = (once: string): string => createHash('sha256').update(`once/${once}`).digest('hex').slice(0, 32)

/** Turns what happened into a draft: each word becomes SHA-256(salt ‖ text) in the body. */
export function draft(happening: Happening): Draft {
  const id = `ev_${happening.once === undefined ? randomUUID().replaceAll('-', '') : idOf(happening.once)}`
  const words = Object.entries(happening.words ?? {}).flatMap(([field, text]) =>
    text === undefined ? [] : [{ field, text, salt: randomBytes(16) }],
  )
  const commitments = Object.fromEntries(
    words.map(({ field, text, salt }) => [field, createHash('sha256').update(salt).update(text).digest('base64url')]),
  )
  return {
    id,
    body: {
      v: 1,
      id,
      type: happening.type,
      actor: { ...happening.actor },
      ...(happening.subject === undefined ? {} : { subject: happening.subject }),
      ...(happening.data === undefined ? {} : { data: happening.data }),
      ...(words.length === 0 ? {} : { commitments }),
    },
    words: words.map(({ field, text, salt }) => ({ field, text, salt: salt.toString('hex') })),
  }
}
