/** Signing in and out, and who is at the desk. */
import type { Me } from '@amparo/contract/people'
import type { Caller, Door } from '../door.ts'
import { accept } from '../outcome.ts'

export const meOf = (caller: Caller): Me => ({
  id: caller.agentId,
  name: caller.name,
  email: caller.email,
  roles: [...caller.roles],
  locale: caller.locale,
  sessionExpiresAt: caller.expiresAt.toISOString(),
})

export function identityRoutes(door: Door): void {
  door('whoAmI', async ({ caller }) => accept(meOf(caller)))
}
