/** Signing in at the company's own provider, and noticing what changed there while somebody sits at the desk. */
import type { Role } from '@amparo/contract/words'
import { settleAgent } from '../desk/endings.ts'
import { noteLoose } from '../desk/note.ts'
import type { From } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { known, system } from '../words.ts'
import { endSession, openSession } from './identity.store.ts'
import type { Outside } from './outside.ts'
import { type Signed, signed } from './sign-in.flow.ts'
import { keepGrant, keepRoles, keepStaff, renewGrant, takeDue, takeLeft } from './staff.store.ts'
import type { Came, Staff, StaffGrant, Underway } from './staff.ts'

/** Which roles a group gives. */
export type GroupTable = Readonly<Record<string, readonly Role[]>>

export interface StaffDesk {
  readonly outside: Outside
  readonly staff: Staff
  readonly groups: GroupTable
}

const rolesOf = (groups: GroupTable, seen: Came['seen']): Role[] => [
  ...new Set(seen.groups.flatMap((group) => (Object.hasOwn(groups, group) ? (groups[group] ?? []) : []))),
]

const about = 'sign-in'
/** What the browser keeps while it is away: readable to nobody, good for ten minutes. */
export const sealUnderway = ({ secrets }: Outside, underway: Underway, now: number): string =>
  secrets.seal(JSON.stringify({ underway, until: now + 10 * 60_000 }), about).toString('base64url')
export function unsealUnderway({ secrets }: Outside, sealed: string, now: number): Underway | undefined {
  try {
    const kept: { underway: Underway; until: number } = JSON.parse(
      secrets.unseal(Buffer.from(sealed, 'base64url'), about),
    )
    return now < kept.until ? kept.underway : undefined
  } catch {
    return undefined
  }
}

export const grantAbout = (sessionId: string) => `staff/${sessionId}`
const sealGrant = ({ secrets }: Outside, sessionId: string, grant: StaffGrant) =>
  secrets.seal(JSON.stringify(grant), grantAbout(sessionId))
/** Undefined where it was sealed with another key: nobody can be asked about it any more. */
function unsealGrant({ secrets }: Outside, sessionId: string, sealed: Buffer): StaffGrant | undefined {
  try {
    return JSON.parse(secrets.unseal(sealed, grantAbout(sessionId)))
  } catch {
    return undefined
  }
}

/** Somebody came back from the provider. Who is in no group that the table names may do nothing here. */
export async function arrive(
  { outside, staff, groups }: StaffDesk,
  url: URL,
  underway: Underway,
  from: From,
): Promise<Outcome<Signed, 'agent.unknown' | 'agent.not_allowed'>> {
  const { db } = outside
  const came = await staff.finish(url, underway)
  if (!came) return refuse('agent.unknown')
  const roles = rolesOf(groups, came.seen)
  const agent = roles.length === 0 ? undefined : await keepStaff(db, came.seen, roles)
  if (!agent || agent.disabled) {
    await noteLoose(db, {
      type: 'agent.sign_in_failed',
      actor: system(about),
      data: { why: roles.length === 0 ? 'no_group' : agent ? 'disabled' : 'address_taken' },
      words: { email: came.seen.email, from: from.words },
    })
    return refuse('agent.not_allowed')
  }
  const actor = { kind: 'agent', id: agent.id } as const
  await keepRoles(db, agent.id, roles, { type: 'agent.roles_changed', actor, data: { roles, by: 'issuer' } })
  const opened = await openSession(db, agent.id, 'cookie', (session) => ({
    type: 'agent.signed_in',
    actor,
    data: { session, by: 'issuer' },
  }))
  const { sessionId } = opened.caller
  await keepGrant(db, sessionId, sealGrant(outside, sessionId, came.grant))
  return accept(await signed(outside, opened, from))
}

/**
 * Asks the provider about everybody who sits at the desk, each at least once a minute. Gone there is gone here; other
 * groups are other roles, at once. While the provider is silent nothing changes: sessions go on to their own end.
 */
export async function askAgain({ outside, staff, groups }: StaffDesk): Promise<number> {
  const { db } = outside
  for (const { session_id, sealed } of await takeLeft(db)) {
    const grant = unsealGrant(outside, session_id, sealed)
    if (grant) await staff.leave(grant)
  }
  const due = await takeDue(db)
  for (const { session_id: session, sealed, agent_id: agent } of due) {
    const grant = unsealGrant(outside, session, sealed)
    const now = grant ? await staff.again(grant) : 'gone'
    if (now === 'silent') continue
    const roles = now === 'gone' ? [] : rolesOf(groups, now.seen)
    const actor = system('issuer')
    if (now === 'gone' || roles.length === 0) {
      await endSession(db, session, { type: 'agent.signed_out', actor, data: { agent, session, why: 'gone' } })
    } else {
      await renewGrant(db, session, sealGrant(outside, session, now.grant))
    }
    await keepRoles(db, agent, roles, { type: 'agent.roles_changed', actor, data: { agent, roles } })
    await settleAgent(db, known.agent(agent))
    outside.wake()
  }
  return due.length
}
