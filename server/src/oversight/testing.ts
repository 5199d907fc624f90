/** For tests only: supervisors who can show that it is them, and what the room of oversight stands on. */
import type { CallName, OutputOf } from '@amparo/contract/api'
import type { ApprovalInput } from '@amparo/contract/oversight'
import type { Refusal } from '@amparo/contract/refusals'
import type { Outside as Assistance } from '../assistance/outside.ts'
import { agentAtDesk } from '../assistance/testing.ts'
import type { Asked, Caller } from '../door.ts'
import { openSession } from '../identity/identity.store.ts'
import { identityOutside } from '../identity/testing.ts'
import type { Outcome } from '../outcome.ts'
import type { AssistanceId } from '../words.ts'
import { decide, type Outside } from './approvals.flow.ts'
import { approvalsOf } from './approvals.store.ts'
import { oversightRoutes } from './oversight.routes.ts'
import type { Telling } from './tell.ts'

export const overseeing = (outside: Assistance): Outside => ({
  db: outside.db,
  policy: outside.policy,
  identity: identityOutside(outside),
  wake: () => undefined,
})
export const telling = (outside: Assistance): Telling => ({ ...outside, consoleOrigin: 'https://desk.acme.test' })

export const supervisorAtDesk = (outside: Assistance, more: readonly string[] = []): Promise<Caller> =>
  agentAtDesk(outside, ['supervisor', ...more])

/** Says yes or no as this caller, with the proof of a sign-in that just happened. */
export async function says(
  outside: Assistance,
  caller: Caller,
  id: AssistanceId,
  decision: 'yes' | 'no',
  approval?: string,
  proof?: ApprovalInput['proof'],
) {
  const waiting = approval ?? (await approvalsOf(outside.db, id)).at(-1)?.id ?? 'ap_none'
  const now = await openSession(outside.db, caller.agentId, 'bearer')
  const fresh = proof ?? { method: 'sign_in' as const, fresh: now.fresh }
  return decide(overseeing(outside), now.caller, id, waiting, { decision, proof: fresh })
}

type Answers = { [Name in CallName]?: (asked: Asked<Name>) => Promise<Outcome<OutputOf<Name>, Refusal>> }

/** The door of oversight for this caller, without the HTTP around it. */
export function answering(outside: Assistance, caller: Caller) {
  const answers: Answers = {}
  const reasonName = (code: string) => ({ en: code, es: code })
  oversightRoutes(
    (name, answer) => {
      Object.assign(answers, { [name]: answer })
    },
    { ...overseeing(outside), reasonName },
  )
  return async <Name extends CallName>(name: Name, params = {}): Promise<Outcome<OutputOf<Name>, Refusal>> => {
    const answer = answers[name]
    if (!answer) throw new Error(`nobody answers ${name}`)
    const nothing = { body: {}, query: undefined, from: { words: '', device: undefined } }
    return answer({ caller, params, ...nothing } as Asked<Name>)
  }
}
