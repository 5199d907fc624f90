/**
 * Handing an act to the vendor: through their function, or else by a signed webhook (Standard Webhooks). It happens after
 * the step was written, outside of any transaction of ours; whatever is not answered is asked again with the same id.
 */
import { createHmac } from 'node:crypto'
import { type Answer, doneWith, type Order, type Successions, type VendorFunction } from '../core/successions.ts'
import type { Database } from '../database/database.ts'
import { system } from '../words.ts'
import { answer, type Pending, postpone, take } from './succession.store.ts'

/** Where releases are posted, and the secret that signs them (`whsec_` and base64). */
export interface Webhook {
  readonly url: string
  readonly secret: string
}

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

/** Hands over whatever is due; the number of acts that were tried. */
export async function handOverDue(world: Handover): Promise<number> {
  let count = 0
  for (let pending = await take(world.db); pending && count < 50; pending = await take(world.db)) {
    count += 1
    await settle(world, pending)
  }
  return count
}

async function settle(world: Handover, pending: Pending): Promise<void> {
  const told = await tell(world, pending)
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
      ...(told.answer === 'done' && told.stepKey !== undefined ? { step: told.stepKey } : {}),
      ...(told.answer === 'done' && told.attempt !== undefined ? { attempt: told.attempt } : {}),
    },
    ...(words === undefined ? {} : { words: { answer: words } }),
  })
}

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
  if (webhook && pending.act === 'release') return post(webhook, order)
  return Promise.resolve({ answer: 'silent', why: 'nobody takes it' })
}

const patienceMs = 5_000

/** 2xx is done, 4xx is a no in the vendor's words (`detail`), anything else is silence. */
async function post({ url, secret }: Webhook, order: Order): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const body = JSON.stringify({
    type: 'succession.release_requested',
    timestamp: new Date().toISOString(),
    data: {
      case_ref: order.caseRef,
      request_id: order.requestId,
      agent: order.agent,
      reason: order.reason,
      note: order.note,
    },
  })
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${order.requestId}.${timestamp}.${body}`).digest('base64')
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        'content-type': 'application/json',
        'webhook-id': order.requestId,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    })
    const said: unknown = await response.json().catch(() => undefined)
    if (response.ok) return doneWith(said)
    if (response.status < 400 || response.status >= 500 || response.status === 429)
      return { answer: 'silent', why: `answered ${response.status}` }
    const detail = typeof said === 'object' && said !== null && 'detail' in said ? String(said.detail) : ''
    return { answer: 'refused', why: detail.slice(0, 300) || `answered ${response.status}` }
  } catch (error) {
    return { answer: 'silent', why: error instanceof Error ? error.message : String(error) }
  }
}
