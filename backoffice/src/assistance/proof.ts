/** The passkey's part in the agent's proof: one prompt, whether on *Start* or on the page of the second stage. */
import type { LookedUp } from '@amparo/contract/assistance'
import type { Outcome } from '@amparo/contract/client'
import { answerWith, hasPasskeys } from '../session/passkey.ts'
import { type Failure, wire } from '../wire.ts'

/** Why a passkey proved nobody: the prompt was closed, this browser has none, or we were refused. */
export type NotProved = 'cancelled' | 'impossible' | Failure

const earlier = new Map<string, NotProved>()

/** What came of the prompt that *Start* led with, for the page that comes after it. */
export const cameOf = (id: string): NotProved | undefined => earlier.get(id)

/** Challenge, prompt, proof. Undefined: proved. */
export async function proveByPasskey(id: string): Promise<NotProved | undefined> {
  const why = await prompted(id)
  if (why === undefined) earlier.delete(id)
  else earlier.set(id, why)
  return why
}

async function prompted(id: string): Promise<NotProved | undefined> {
  if (!hasPasskeys()) return 'impossible'
  const params = { id }
  try {
    const asked = await wire.call('challengeAgent', { params })
    if (!asked.ok) return { problem: asked.problem }
    const response = await answerWith(asked.value)
    if (response === 'cancelled' || response === 'outdated') return response
    const proved: Outcome<LookedUp> = await wire.call('proveAgent', { params, body: { method: 'passkey', response } })
    return proved.ok ? undefined : { problem: proved.problem }
  } catch {
    return 'unreachable'
  }
}
