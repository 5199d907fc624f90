/** For supervisors: who is being helped now. */
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'

export function LivePage() {
  return has(useMe(), 'supervisor') ? null : <NotAllowed to="live" />
}
