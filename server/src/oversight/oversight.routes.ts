/** The door of supervisors: what waits for a second person, and what was unusual. */
import type { Bilingual } from '@amparo/contract/words'
import { noteLoose } from '../desk/note.ts'
import { actorOf, type Caller, type Door } from '../door.ts'
import { accept, refuse } from '../outcome.ts'
import { tokenDigest } from '../secrets.ts'
import { assistanceId } from '../words.ts'
import { alertBy, alerts, see } from './alerts.store.ts'
import { decide, type Outside } from './approvals.flow.ts'
import {
  type ApprovalRow,
  approvalBy,
  approvalSeenBy,
  approvalsWaiting,
  mayAnswer,
  type Reader,
  waitingSeenBy,
} from './approvals.store.ts'
import { closeReview, reviewFor, reviewsFor } from './review.store.ts'

export function oversightRoutes(door: Door, outside: Outside & { reasonName(code: string): Bilingual }): void {
  const { db } = outside
  /** What only supervisors read; that they did is an event. */
  const reading = async <T>(caller: Caller, what: string, read: () => Promise<T>) => {
    if (!caller.roles.includes('supervisor')) return refuse('agent.not_allowed')
    await noteLoose(db, { type: 'record.read', actor: actorOf(caller), data: { what } })
    return accept(await read())
  }

  door('approvals', ({ caller }) =>
    reading(caller, 'approvals', async () => {
      const name = (row: ApprovalRow) => row.reason_name ?? outside.reasonName(row.reason_code)
      const items = (await approvalsWaiting(db)).map((row) => waitingSeenBy(row, readerOf(caller), name))
      return { items, proofs: [...outside.policy.secondPerson.proofs] }
    }),
  )
  // Numbers alone, so it is no reading that the record tells of: it is asked every few seconds.
  door('oversight', async ({ caller }) => {
    if (!caller.roles.includes('supervisor')) return refuse('agent.not_allowed')
    const lists = [
      await approvalsWaiting(db),
      await reviewsFor(db, caller.agentId),
      await alerts(db, caller.agentId),
    ] as const
    const [waiting, reviews, unusual] = lists
    return accept({
      approvals: waiting.filter((row) => mayAnswer(row, readerOf(caller))).length,
      reviews: reviews.filter(({ mine }) => mine).length,
      alerts: unusual.filter(({ seen }) => seen === undefined).length,
      mark: tokenDigest(JSON.stringify(lists)).toString('base64url').slice(0, 22),
    })
  })
  door('decide', async ({ caller, params, body }) => {
    const id = params.approvalId ?? ''
    const outcome = await decide(outside, caller, params.id ?? '', id, body)
    if (!outcome.ok) return outcome
    const row = await approvalBy(db, id)
    return row ? accept(approvalSeenBy(row, readerOf(caller))) : refuse('approval.unknown')
  })
  door('reviews', ({ caller }) =>
    reading(caller, 'reviews', async () => ({ items: [...(await reviewsFor(db, caller.agentId))] })),
  )
  door('closeReview', async ({ caller, params, body }) => {
    if (!caller.roles.includes('supervisor')) return refuse('assistance.unknown')
    const id = assistanceId(params.id ?? '')
    const review = id && (await reviewFor(db, id, caller.agentId, body.about))
    if (!id || !review) return refuse('review.unknown')
    if (review.closed) return refuse('review.answered')
    const data = { about: body.about, finding: body.finding }
    const event = { type: 'review.closed', actor: actorOf(caller), data, words: { note: body.note } } as const
    const done = await closeReview(db, id, caller.agentId, body.finding, event, body.about)
    outside.wake()
    if (!done) return refuse(review.endedAt ? 'approval.own' : 'assistance.out_of_order')
    const now = await reviewFor(db, id, caller.agentId, body.about)
    return now ? accept(now) : refuse('review.unknown')
  })
  door('alerts', ({ caller }) =>
    reading(caller, 'alerts', async () => ({ items: [...(await alerts(db, caller.agentId))] })),
  )
  door('seeAlert', async ({ caller, params }) => {
    if (!caller.roles.includes('supervisor')) return refuse('agent.not_allowed')
    const id = params.alertId ?? ''
    await see(db, id, caller.agentId, { type: 'alert.seen', actor: actorOf(caller), data: { alert: id } })
    outside.wake()
    const alert = await alertBy(db, id, caller.agentId)
    return alert ? accept(alert) : refuse('alert.unknown')
  })
}

const readerOf = ({ agentId, email, roles }: Caller): Reader => ({
  agentId,
  email,
  supervises: roles.includes('supervisor'),
})
