/** The customer's own control: an ecosystem's owner who wants to be asked before, or told of, each help in it. */
import { linkDigest, linkToken } from '../codes/link.ts'
import { CoreSilent } from '../core/core.ts'
import type { Desk } from '../desk/desk.ts'
import type { Caller } from '../door.ts'
import { sealed } from '../messages/outbox.ts'
import { ownerToldMessage } from '../messages/owner.ts'
import { refuse } from '../outcome.ts'
import { secondPerson } from '../oversight/approvals.flow.ts'
import type { Shown } from '../oversight/approvals.store.ts'
import type { Membership, Person } from '../policy/policy.ts'
import { newId } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import type { Active } from './assistance.ts'
import { type Outside, reasonName } from './outside.ts'
import { contacts } from './people.ts'

/** Whether the owner of this ecosystem is to be asked first: not where it is they who are helped. */
export const asksOwner = (membership: Membership | undefined): boolean =>
  membership?.support === 'approve' && membership.role !== 'owner'

/** Why this has to wait for the owner; undefined where they said yes to exactly this, or want no question. */
export async function ownersYes(
  { db, secrets }: Pick<Outside, 'db' | 'secrets'>,
  caller: Caller,
  assistanceId: AssistanceId,
  membership: Membership | undefined,
  about: Uint8Array,
  shown: Shown,
) {
  if (!asksOwner(membership)) return undefined
  const ownerId = membership?.ownerId
  if (ownerId === undefined) return refuse('ecosystem.support_off')
  const id = newId('ap')
  return secondPerson({ db }, caller, {
    id,
    assistanceId,
    purpose: 'owner',
    about,
    whys: ['owner_asks'],
    ownerId,
    linkDigest: linkDigest(secrets, linkToken(secrets, id)),
    shown,
  })
}

/** The owner of an ecosystem, where it is somebody else than the user; `silent` where the Core does not answer. */
export async function ownerOf(
  outside: Pick<Outside, 'core'>,
  membership: Pick<Membership, 'ownerId'> | undefined,
  userId: string,
): Promise<Person | 'silent' | undefined> {
  const id = membership?.ownerId
  if (id === undefined || id === userId) return undefined
  try {
    const found = await outside.core.person(id)
    return found.found === 'one' && found.person.active ? found.person : undefined
  } catch (error) {
    if (error instanceof CoreSilent) return 'silent'
    throw error
  }
}

/** Tells an owner who wants to know that help begins, in the statement in which it does. */
export function tellOwner(outside: Outside, caller: Caller, desk: Desk, active: Active, owner: Person): void {
  const content = ownerToldMessage(outside.vendor, {
    locale: owner.locale,
    agentName: caller.name,
    userName: active.found.user.name,
    ecosystemName: active.found.ecosystems.find(({ id }) => id === active.ecosystemId)?.name ?? '',
    reason: reasonName(outside, active.reason),
  })
  for (const to of contacts(owner))
    desk.send(sealed(outside.secrets, { purpose: 'owner_told', userId: owner.id, ...to, content }))
}
