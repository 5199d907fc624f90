/** Ecosystem Admin, stage one: the same form as Technical Assistance, for the owner or the named successor. */
import { Caller } from '../assistance/CallerPage.tsx'
import { NotAllowed } from '../session/NotAllowed.tsx'
import { has, useMe } from '../session/session.ts'

export function SuccessionPage() {
  return has(useMe(), 'agent:succession') ? <Caller kind="succession" /> : <NotAllowed to="succession" />
}
