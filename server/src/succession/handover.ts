/**
 * Handing an act to the vendor: through their function, or else by a signed webhook (Standard Webhooks). It happens after
 * the step was written, outside of any transaction of ours; whatever is not answered is asked again with the same id.
 */
import { type Answer, doneWith, type Order, type Successions, type VendorFunction } from '../core/successions.ts'
import type { Database } from '../database/database.ts'
import { ownLine } from '../messages/letter.ts'
import { post, type Webhook } from '../messages/webhook.ts'
import { system } from '../words.ts'
import { definitionWith, packs, stepOf } from './definition.ts'
import { answer, type Pending, postpone, take } from './succession.store.ts'

export interface Handover {
  readonly db: Database
  readonly successions: Successions
  readonly webhook: Webhook | undefined
}

const functionOf = { release: 'release_succession', resend_message: 'resend_message' } as const

/** Whether the vendor takes such acts, by whichever way. */
export const takes = (
  { successions, webhook }: Pick<Handover, 'successions' | 'webhook'>,
  name: VendorFunction,
): boolean => successions.provides(name) || (webhook !== undefined && name === 'release_succession')

/** Hands over this act now, if nobody else is at it. */
export async function handOver(world: Handover, id: string): Promise<void> {
  const pending = await take(world.db, id)
  if (pending) await settle(world, pending)
}

const mostAtOnce = 50

/** Hands over whatever is due; the number of acts that were tried. */
export async function handOverDue(world: Handover): Promise<number> {
  for (let count = 0; count < mostAtOnce; count += 1) {
    const pending = await take(world.db)
    if (!pending) return count
    await settle(world, pending)
  }
  return mostAtOnce
}

async function settle(world: Handover, pending: Pending): Promise<void> {
  const told = plain(await tell(world, pending))
  if (told.answer === 'silent') {
    await postpone(world.db, pending.id, told.why)
    return
  }
  const words = told.answer === 'refused' ? told.why : undefined
  const about = pending.act === 'release' ? told.answer : 'acted'
  await answer(world.db, pending.id, told.answer, words, {
    type: about === 'acted' ? 'succession.acted' : about === 'done' ? 'release.done' : 'release.refused',
    actor: system('vendor'),
    data: {
      case: pending.case_ref,
      request: pending.id,
      act: pending.act,
      ...(about === 'acted' ? { answer: told.answer } : {}),
      ...(told.answer === 'done' && told.stepKey !== undefined ? { step: told.stepKey } : {}),
      ...(told.answer === 'done' && told.attempt !== undefined ? { attempt: told.attempt } : {}),
    },
    ...(words === undefined ? {} : { words: { answer: words } }),
  })
}

/** The vendor's answer as it may be kept and shown: their words on one line, and a step only where it is one of ours. */
function plain(told: Answer): Answer {
  if (told.answer !== 'done') return { ...told, why: ownLine(told.why, longestWords) || 'no reason was given' }
  const { stepKey, attempt } = told
  const known = stepKey !== undefined && stepOf(definitionWith(packs), stepKey) !== undefined
  return {
    answer: 'done',
    ...(known ? { stepKey } : {}),
    ...(Number.isSafeInteger(attempt) && attempt !== undefined && attempt > 0 ? { attempt } : {}),
  }
}
const longestWords = 300

function tell({ successions, webhook }: Handover, pending: Pending): Promise<Answer> {
  const order: Order = {
    caseRef: pending.case_ref,
    requestId: pending.id,
    agent: pending.agent,
    reason: (pending.act === 'release' ? pending.reason : pending.step_key) ?? '',
    note: pending.note ?? '',
  }
  const name = functionOf[pending.act]
  if (successions.provides(name)) return successions.call(name, order)
  if (webhook && pending.act === 'release') return posted(webhook, order)
  return Promise.resolve({ answer: 'silent', why: 'nobody takes it' })
}

/** The vendor's deliberate no, among the answers of a webhook. */
const no: readonly number[] = [400, 409, 422]

/** 2xx is done; a deliberate no comes with the vendor's words (`detail`); anything else is no answer. */
async function posted(webhook: Webhook, order: Order): Promise<Answer> {
  const told = await post(webhook, {
    id: order.requestId,
    type: 'succession.release_requested',
    data: {
      case_ref: order.caseRef,
      request_id: order.requestId,
      agent: order.agent,
      reason: order.reason,
      note: order.note,
    },
  })
  if ('silent' in told) return { answer: 'silent', why: told.silent }
  const { status, said } = told
  if (status >= 200 && status < 300) return doneWith(said)
  if (!no.includes(status)) return { answer: 'silent', why: `answered ${status}` }
  const detail = typeof said === 'object' && said !== null && 'detail' in said ? said.detail : undefined
  return { answer: 'refused', why: typeof detail === 'string' ? detail : `answered ${status}` }
}
