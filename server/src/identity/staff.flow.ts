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
import { askSoon, type Due, keepGrant, keepRoles, keepStaff, renewGrant, takeDue, takeLeft } from './staff.store.ts'
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

/** So many are asked about at the same time: whoever hangs holds up nobody else, and no provider is flooded. */
const askedAtOnce = 25

/**
 * Asks the provider about everybody who sits at the desk, each at least once a minute, also where a whole floor left it in
 * the same one. Gone there is gone here; other groups are other roles, at once. While the provider is silent nothing
 * changes: sessions go on to their own end.
 */
export async function askAgain(desk: StaffDesk): Promise<number> {
  const { outside, staff } = desk
  const due = await takeDue(outside.db)
  await ofAll(due, (one) => askAbout(desk, one))
  await ofAll(await takeLeft(outside.db), async ({ session_id, sealed }) => {
    const grant = unsealGrant(outside, session_id, sealed)
    if (grant) await staff.leave(grant)
  })
  return due.length
}

/** Works on all of them. What breaks for one is thrown when the others are done. */
async function ofAll<One>(all: readonly One[], work: (one: One) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const broken: unknown[] = []
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      await work(one).catch((error: unknown) => broken.push(error))
  }
  await Promise.all(Array.from({ length: askedAtOnce }, worker))
  if (broken.length > 0) throw broken[0]
}

async function askAbout({ outside, staff, groups }: StaffDesk, { session_id, sealed, agent_id }: Due): Promise<void> {
  const { db } = outside
  const grant = unsealGrant(outside, session_id, sealed)
  const now = grant ? await staff.again(grant) : 'gone'
  if (now === 'silent') return void (await askSoon(db, session_id))
  const roles = now === 'gone' ? [] : rolesOf(groups, now.seen)
  const actor = system('issuer')
  if (now === 'gone' || roles.length === 0) {
    const data = { agent: agent_id, session: session_id, why: 'gone' }
    await endSession(db, session_id, { type: 'agent.signed_out', actor, data })
  } else {
    await renewGrant(db, session_id, sealGrant(outside, session_id, now.grant))
  }
  await keepRoles(db, agent_id, roles, { type: 'agent.roles_changed', actor, data: { agent: agent_id, roles } })
  await settleAgent(db, known.agent(agent_id))
  outside.wake()
}
