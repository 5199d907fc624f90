/** Who is at the desk, as they see it themselves. */
import type { Me } from '@amparo/contract/people'
import type { Database } from '../database/database.ts'
import type { Caller } from '../door.ts'
import { factorsShown } from './factors.store.ts'

/** The agent behind a session; a script's has no browser that could be offered a passkey. */
export async function meOf(db: Database, caller: Caller): Promise<Me> {
  const { factors, hasPassword, mayOffer, failedBefore } = await factorsShown(db, caller)
  return {
    id: caller.agentId,
    name: caller.name,
    email: caller.email,
    roles: [...caller.roles],
    locale: caller.locale,
    sessionExpiresAt: caller.expiresAt.toISOString(),
    factors,
    offerPasskey: caller.kind === 'cookie' && factors.passkeys.length === 0 && mayOffer,
    hasPassword,
    ...(failedBefore ? { failedSignIns: failedBefore } : {}),
  }
}
