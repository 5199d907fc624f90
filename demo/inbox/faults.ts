/** What goes wrong with the messages of one recipient, as it was planned: the mail server really answers it. */
import { sameRecipient } from './entry.ts'

export interface Fault {
  /** What the server answers: 4xx for now, 5xx for good. */
  readonly code: number
  readonly message?: string
  /** How often; until taken back where nothing is said. */
  readonly times?: number
  /** The message is kept and shown all the same: only the sender does not learn of it. */
  readonly afterKeeping?: boolean
  /** How long the server thinks before it answers. */
  readonly afterMs?: number
}

/** What is planned for whom, and whether a message of theirs meets it now. */
export function faultPlan() {
  const planned: { to: string; fault: Fault; left: number }[] = []
  return {
    plan(to: string, fault: Fault): () => void {
      const one = { to, fault, left: fault.times ?? Number.POSITIVE_INFINITY }
      planned.push(one)
      return () => {
        one.left = 0
      }
    },
    /** Lets a message through, or answers it as was planned for its recipient. */
    async meet(address: string, isKept: boolean): Promise<void> {
      const met = planned.find(
        ({ to, fault, left }) => left > 0 && (fault.afterKeeping ?? false) === isKept && sameRecipient(address, to),
      )
      if (!met) return
      met.left -= 1
      await new Promise((resolve) => setTimeout(resolve, met.fault.afterMs ?? 0))
      if (met.fault.code >= 400) throw answer(met.fault)
    },
  }
}

/** How the mail server refuses: what is thrown becomes its answer. */
export const answer = ({ code, message = 'As planned by a test' }: Pick<Fault, 'code' | 'message'>): Error =>
  Object.assign(new Error(message), { responseCode: code })
