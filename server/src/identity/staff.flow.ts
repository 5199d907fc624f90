/** Signing in at the company's own provider, and noticing what changed there while somebody sits at the desk. */
import type { Role } from '@amparo/contract/words'
import { settleAgent } from '../desk/endings.ts'
import { noteLoose } from '../desk/note.ts'
import { actorFrom, type From } from '../door.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { known, system, within } from '../words.ts'
import { endSession, openSession } from './identity.store.ts'
import type { Outside } from './outside.ts'
import { type Signed, signed } from './sign-in.flow.ts'
import {
  askSoon,
  type Due,
  isStillGrant,
  keepGrant,
  keepRoles,
  keepStaff,
  renewGrant,
  sitsElsewhere,
  takeDue,
  takeLeft,
} from './staff.store.ts'
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
/** Undefined where no key of ours opens it. */
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
      actor: within(system(about), from.request),
      data: { why: roles.length === 0 ? 'no_group' : agent ? 'disabled' : 'address_taken' },
      words: { email: came.seen.email, from: from.words },
    })
    return refuse('agent.not_allowed')
  }
  const actor = actorFrom(agent.id, from)
  await keepRoles(db, agent.id, roles, { type: 'agent.roles_changed', actor, data: { roles, by: 'issuer' } })
  const signedIn = (session: string) => ({ type: 'agent.signed_in', actor, data: { session, by: 'issuer' } }) as const
  const opened = await openSession(db, agent.id, 'cookie', signedIn, from.place)
  const { sessionId } = opened.caller
  await keepGrant(db, sessionId, sealGrant(outside, sessionId, came.grant))
  return accept(await signed(outside, opened, from))
}

/** So many are asked about at the same time: whoever hangs holds up nobody else, and no provider is flooded. */
const askedAtOnce = 25
/** What is more waits for the next turn, which comes at once: where all of them hang, one turn is still over some day. */
const askedInOneTurn = 200

/**
 * Asks the provider about everybody who sits at the desk, each at least once a minute, also where a whole floor left it in
 * the same one. Gone there is gone here; other groups are other roles, at once. While the provider is silent nothing
 * changes: sessions go on to their own end. What was given for sessions that have ended is given back, whatever broke.
 */
export async function askAgain(desk: StaffDesk): Promise<number> {
  const { db, secrets } = desk.outside
  try {
    return await ofAll(
      (most) => takeDue(db, secrets, most),
      (one) => askAbout(desk, one),
    )
  } finally {
    await ofAll(
      (most) => takeLeft(db, secrets, most),
      (one) => giveBack(desk, one),
    )
  }
}

/**
 * Takes and works, side by side; whoever is done takes the next, so that nothing is held before its turn has come. What
 * breaks for one is thrown when the others are done.
 */
async function ofAll<One>(
  take: (most: number) => Promise<readonly One[]>,
  work: (one: One) => Promise<void>,
): Promise<number> {
  let taken = 0
  const broken: unknown[] = []
  const more = async (): Promise<One | undefined> => (taken < askedInOneTurn ? (await take(1))[0] : undefined)
  const worker = async (first: One) => {
    for (let one: One | undefined = first; one !== undefined; one = await more()) {
      taken += 1
      await work(one).catch((error: unknown) => broken.push(error))
    }
  }
  const first = await take(askedAtOnce)
  await Promise.all(first.map((one) => worker(one).catch((error: unknown) => broken.push(error))))
  if (broken.length > 0) throw broken[0]
  return taken
}

/** A session ends by its own grant; who has another is asked about by that one, and by the last of them loses their roles. */
async function askAbout({ outside, staff, groups }: StaffDesk, due: Due): Promise<void> {
  const { db } = outside
  const { session_id, agent_id } = due
  const grant = unsealGrant(outside, session_id, due.sealed)
  const now = grant ? await staff.again(grant) : 'unreadable'
  if (now === 'silent') return void (await askSoon(db, session_id))
  if (now === 'gone' && !(await isStillGrant(db, due))) return
  const roles = typeof now === 'string' ? [] : rolesOf(groups, now.seen)
  const actor = system('issuer')
  if (typeof now === 'string' || roles.length === 0) {
    const data = { agent: agent_id, session: session_id, why: now === 'unreadable' ? now : 'gone' }
    await endSession(db, session_id, { type: 'agent.signed_out', actor, data })
  } else {
    await renewGrant(db, session_id, sealGrant(outside, session_id, now.grant))
  }
  if (typeof now !== 'string' || !(await sitsElsewhere(db, agent_id)))
    await keepRoles(db, agent_id, roles, { type: 'agent.roles_changed', actor, data: { agent: agent_id, roles } })
  await settleAgent(db, known.agent(agent_id))
  outside.wake()
}

async function giveBack({ outside, staff }: StaffDesk, { session_id, sealed }: Omit<Due, 'agent_id'>): Promise<void> {
  const grant = unsealGrant(outside, session_id, sealed)
  if (grant) await staff.leave(grant)
}
