/** What came of it, for whoever runs their eye down the record: one word for each type of event, and for some by what it says. */
import type { EventResult } from '@amparo/contract/audit'
import type { EventType } from './event.ts'

type Said = Readonly<Record<string, unknown>>
type Of = EventResult | ((said: Said) => EventResult) | null

/** None: what came of it stands in an event of its own, written with it. */
const results: Readonly<Record<EventType, Of>> = {
  'assistance.opened': 'done',
  'assistance.closed': 'ended',
  'closure.explained': 'done',
  'agent.signed_in': 'done',
  'agent.sign_in_failed': 'failed',
  'agent.signed_out': 'done',
  'agent.locked_out': 'alert',
  'agent.new_browser': 'alert',
  'agent.other_place': 'alert',
  'agent.place_shown': 'done',
  'agent.factor_added': 'done',
  'agent.factor_renamed': 'done',
  'agent.factor_removed': 'done',
  'agent.factor_refused': 'refused',
  'agent.mailbox_shown': 'done',
  'agent.vouched_for': 'done',
  'agent.password_changed': 'done',
  'agent.invited': 'done',
  'agent.joined': 'done',
  'agent.roles_changed': 'done',
  'agent.disabled': 'done',
  'agent.enabled': 'done',
  'agent.token_made': 'done',
  'agent.challenged': 'asked',
  'agent.code_sent': 'done',
  'agent.proved': 'done',
  'code.tried': null,
  'code.wrong': 'failed',
  'code.earlier': 'failed',
  'user.looked_up': 'done',
  'user.not_found': 'failed',
  'page.opened': 'done',
  'user.said_yes': 'done',
  'user.still_here': 'done',
  'user.warned': 'done',
  'ecosystem.chosen': 'done',
  'consent.asked': 'asked',
  'consent.given': 'done',
  'presence.asked': 'asked',
  'presence.given': 'done',
  'power.asked': 'asked',
  'power.granted': 'done',
  'power.refused': 'refused',
  'power.taken_back': 'done',
  'launch.minted': 'asked',
  'launch.taken': 'done',
  'launch.refused': 'refused',
  'launch.claimed': 'done',
  'launch.matched': 'done',
  'launch.mismatched': 'failed',
  'launch.declined': 'refused',
  'launch.closed': 'done',
  'launch.link_sent': 'done',
  'proof.refused': 'refused',
  'act.done': 'done',
  'activity.refused': 'refused',
  'activity.mismatch': 'alert',
  'note.added': 'done',
  'notice.set': 'done',
  'alert.raised': 'alert',
  'alert.seen': 'done',
  'approval.asked': 'asked',
  'approval.decided': ({ decision }) => (decision === 'no' ? 'refused' : 'done'),
  'glass.broken': 'alert',
  'review.opened': 'alert',
  'review.closed': ({ finding }) => (finding === 'not_justified' ? 'alert' : 'done'),
  'history.asked': 'asked',
  'history.opened': 'done',
  'history.exported': 'done',
  'objection.made': 'alert',
  'handover.offered': 'asked',
  'handover.withdrawn': 'done',
  'handover.taken': 'done',
  'reference.checked': 'done',
  'surface.opened': 'done',
  'surface.bridged': 'done',
  'surface.closed': 'done',
  'surface.acknowledged': 'done',
  'surface.unreachable': 'failed',
  'message.sent': 'done',
  'message.failed': 'failed',
  'message.delayed': 'alert',
  'succession.read': 'done',
  'succession.acted': actedAs,
  'release.asked': 'asked',
  'release.declined': 'refused',
  'release.requested': 'asked',
  'release.done': 'done',
  'release.refused': 'refused',
  'step.refused': 'refused',
  'record.read': 'done',
  'cutoff.made': 'done',
  'cutoff.lifted': 'done',
  'record.exported': ({ state }) => (state === 'begun' ? 'asked' : 'done'),
  'record.verified': ({ faults }) => (faults === 0 ? 'done' : 'alert'),
  'clock.advanced': 'done',
}

/** The vendor answers what was handed to them; everything else is done with the press. */
function actedAs({ act, answer }: Said): EventResult {
  if (answer === 'refused') return 'refused'
  return act === 'resend_message' && answer === undefined ? 'asked' : 'done'
}

const isKnown = (type: string): type is EventType => Object.hasOwn(results, type)

/** Null too for a type that a newer program wrote. */
export function resultOf(type: string, said: Said): EventResult | null {
  if (!isKnown(type)) return null
  const of = results[type]
  return typeof of === 'function' ? of(said) : of
}
