/** What the function `deliver` does with a letter: takes it, hands it over once, keeps what came of it, and says so. */
import type { DeliverEvent } from '../../server/src/messages/lambda.ts'
import type { Carrier, Fate, Letter } from '../../server/src/messages/outbox.ts'
import { within } from '../../server/src/messages/within.ts'
import type { Deliveries } from './deliveries.ts'

/** What Lambda tells of a call. */
export interface Context {
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}

export interface Delivering {
  readonly carriers: Readonly<Record<Letter['channel'], Carrier>>
  readonly deliveries: Deliveries
  /** One line of the function's log; never an address, a word or a code. */
  log(line: Readonly<Record<string, unknown>>): void
}

/** Time that is left for keeping what came of it and for the answer. */
const reserveMs = 1500

export const delivering =
  ({ carriers, deliveries, log }: Delivering) =>
  async (event: unknown, context: Context): Promise<Fate> => {
    const letter = letterIn(event)
    if (!letter) {
      log({ did: 'refused', why: 'not a letter' })
      return { fate: 'never', error: 'unreadable' }
    }
    const { id, channel } = letter
    const leftMs = context.getRemainingTimeInMillis()
    const taken = await deliveries.take(id, context.awsRequestId, Date.now() + leftMs)
    if (taken !== 'taken') {
      log({ did: 'answered again', id, channel, ...taken })
      return taken
    }
    const patienceMs = Math.max(1, context.getRemainingTimeInMillis() - reserveMs)
    const fate = await within(patienceMs, undefined, (signal) => carriers[channel].deliver(letter, signal))
    log({
      did: 'delivered',
      id,
      channel,
      fate: fate.fate,
      ...(fate.fate === 'sent' ? { ref: fate.ref } : { error: fate.error }),
    })
    await keep(deliveries, { id, by: context.awsRequestId }, fate, log)
    return fate
  }

/** What cannot be kept is still answered: only who asks again is told that it is unclear. */
async function keep(
  deliveries: Deliveries,
  { id, by }: { readonly id: string; readonly by: string },
  fate: Fate,
  log: Delivering['log'],
): Promise<void> {
  const unclear = fate.fate === 'never' && fate.error === 'unclear'
  if (unclear) return
  try {
    await (fate.fate === 'sent' ? deliveries.sent(id, fate.ref) : deliveries.giveBack(id, by))
  } catch (error) {
    log({ did: 'not kept', id, why: error instanceof Error ? error.name : 'unknown' })
  }
}

function letterIn(event: unknown): Letter | undefined {
  if (typeof event !== 'object' || event === null) return undefined
  const { version, letter } = event as Partial<DeliverEvent>
  if (version !== 1 || typeof letter !== 'object' || letter === null) return undefined
  const { id, to, channel, content } = letter
  const texts = [id, to, content?.subject, content?.text, content?.html, content?.sms]
  if (!texts.every((text) => typeof text === 'string')) return undefined
  return channel === 'email' || channel === 'sms' ? letter : undefined
}
