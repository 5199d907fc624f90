/** A code that goes to an agent's own mailbox, outside of an assistance: bound to them, their session, and what it is for. */
import { maskEmail } from '../assistance/assistance.ts'
import { drawCode } from '../codes/link.ts'
import type { Database } from '../database/database.ts'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller } from '../door.ts'
import { agentCodeMessage } from '../messages/agent.ts'
import { enqueueToAgent } from '../messages/outbox.ts'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type Secrets, same, underEveryRoot } from '../secrets.ts'
import { keepCode, type MailboxCodeFor } from './mailbox.store.ts'
import type { Outside } from './outside.ts'

/** What it is digested with: it counts in this session only, and for this alone. */
const codeText = (purpose: MailboxCodeFor, { sessionId, agentId }: Caller, digits: string): string =>
  JSON.stringify([purpose, sessionId, agentId, digits])

export const isCodeFor = (
  secrets: Secrets,
  purpose: MailboxCodeFor,
  caller: Caller,
  digits: string,
  digest: Buffer,
) => {
  const text = codeText(purpose, caller, digits)
  return underEveryRoot(secrets).some((one) => same(one.digest('code', text), digest))
}

export interface Sent {
  readonly maskedTo: string
  readonly resendAt: string
}

/** Thrown where a code may not be sent after all: nothing of its sending remains, and the one before it still counts. */
export class NoMoreCodes extends Error {
  readonly until: Date
  constructor(until: Date) {
    super('no more codes')
    this.until = until
  }
}

/** Sends one; it stands in the record before it leaves. `pay`: where sendings are counted over sessions too, throws `NoMoreCodes`. */
export async function sendCode(
  outside: Outside,
  caller: Caller,
  purpose: MailboxCodeFor,
  pay: (tx: Database) => Promise<void> = async () => undefined,
): Promise<Outcome<Sent, 'code.too_soon' | 'code.no_more_here'>> {
  const { db, secrets, vendor } = outside
  const digits = drawCode()
  const sent = await db.transaction(async (tx) => {
    const kept = await keepCode(tx, caller, purpose, secrets.digest('code', codeText(purpose, caller, digits)))
    if (!kept.sent) return kept
    await pay(tx)
    const data = { channel: 'email', session: caller.sessionId, for: purpose }
    await noteLoose(tx, { type: 'agent.code_sent', actor: actorOf(caller), data })
    const content = agentCodeMessage(vendor, { locale: caller.locale, digits, for: purpose })
    await enqueueToAgent(tx, secrets, { agentId: caller.agentId, to: caller.email, content })
    return kept
  })
  if (!sent.resendAt) return refuse('code.no_more_here')
  const resendAt = sent.resendAt.toISOString()
  if (!sent.sent) return refuse('code.too_soon', { resendAt })
  outside.wake()
  return accept({ maskedTo: maskEmail(caller.email), resendAt })
}
