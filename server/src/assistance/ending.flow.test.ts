/** Endings: each has one cause and one time, is recorded when it is due, and tells whoever asks the same thing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { end } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { settleDue } from '../desk/endings.ts'
import { correctUser, open, sendAgentCode } from './assistance.flow.ts'
import { read } from './assistance.store.ts'
import { askConsent, proveUser } from './consent.flow.ts'
import { closeByDesk, explain } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  pageOf,
  provedAgent,
  right,
  story,
  testOutside,
} from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const minutes = (count: number) => fresh.advance(count * 60_000)
const refusedAs = (refusal: string) => expect.objectContaining({ ok: false, refusal })
const marta = 'marta@clinica-sol.test'
const recorded = async (id: string) =>
  (
    await fresh.db.query<{ because: string; closed_at: Date; opened_at: Date }>(
      'select because, closed_at, opened_at from assistance where id = $1',
      [id],
    )
  )[0]

test('what had lapsed before a newer consent ended by the lapse, at its time, and not as superseded', async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const first = await activeFor(outside, ana, 'ximena@nandu.test', 'cli_nandu')
  await minutes(10)
  const second = await askedUser(outside, ben, 'ximena@nandu.test', 'cli_nandu')
  const { idleAt } = (await read(fresh.db, first)) ?? {}
  await minutes(6)
  right(await proveUser(outside, ben, second, { code: await digitsSent(outside, second, 'consent') }))
  expect(await recorded(first)).toMatchObject({ because: 'expired_idle', closed_at: idleAt })
  right(await closeByDesk(outside, ben, second, { because: 'finished' }))
})

test('an assistance agreed to for five minutes is recorded as ended after five, not when it would have gone quiet', async () => {
  const ana = await agentAtDesk(outside)
  const id = await provedAgent(outside, ana, marta)
  right(await askConsent(outside, ana, id, { lengthMinutes: 5 }))
  right(await proveUser(outside, ana, id, { code: await digitsSent(outside, id, 'consent') }))
  await minutes(5)
  await settleDue(fresh.db)
  expect(await recorded(id)).toMatchObject({ because: 'expired_max' })
})

test.each([
  ['signed out', `update agent_session set ended_at = app_now() where id = $1`, 'agent_signed_out'],
  [
    'deactivated',
    `update agent set deactivated_at = app_now() where id = (select agent_id from agent_session where id = $1)`,
    'agent_deactivated',
  ],
  [
    'demoted',
    `update agent set roles = '{auditor}' where id = (select agent_id from agent_session where id = $1)`,
    'agent_deactivated',
  ],
])(
  'an agent who is %s loses what they had under way, and the sweeper records it without being told',
  async (_what, sql, because) => {
    const ana = await agentAtDesk(outside)
    const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
    await fresh.db.query(sql, [ana.sessionId])
    expect((await read(fresh.db, id))?.assistance).toMatchObject({ state: 'closed', because })
    await settleDue(fresh.db)
    expect(await recorded(id)).toMatchObject({ because })
  },
)

test('an assistance opened in the moment of a sign-out is over, but never before it began', async () => {
  const ana = await agentAtDesk(outside)
  await fresh.db.query(`update agent_session set ended_at = app_now() - interval '1 minute' where id = $1`, [
    ana.sessionId,
  ])
  const { id } = right(await open(outside, ana, { kind: 'technical', userEmail: marta, reason: { code: 'fault' } }))
  const seen = await viewOf(outside, right({ ok: true, value: id }))
  expect(seen).toMatchObject({ state: 'closed', because: 'agent_signed_out' })
  expect(Date.parse(seen?.closedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(seen?.openedAt ?? ''))
})

test("another agent's assistance does not exist, neither living nor closed", async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const id = await opened(outside, ana, marta)
  expect(await sendAgentCode(outside, ben, id)).toEqual(refusedAs('assistance.unknown'))
  expect(await correctUser(outside, ben, id, ben.email)).toEqual(refusedAs('assistance.unknown'))
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  expect(await sendAgentCode(outside, ben, id)).toEqual(refusedAs('assistance.unknown'))
  expect(await explain(outside, ben, id, { reason: 'user_hung_up' })).toEqual(refusedAs('assistance.unknown'))
})

test('reporting a request locks out the agent who made it, from the e-mail it was corrected to and from no other', async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const asking = (userEmail: string) => ({ kind: 'technical', userEmail, reason: { code: 'fault' } }) as const
  const id = await provedAgent(outside, ana, 'mrta@clinica-sol.test')
  right(await correctUser(outside, ana, id, marta))
  right(await askConsent(outside, ana, id, {}))
  const { world, linked } = await pageOf(outside, id)
  right(await end(world, linked, 'not-me'))
  expect(await recorded(id)).toMatchObject({ because: 'reported_by_user' })
  expect(await open(outside, ana, asking('MARTA@clinica-sol.test'))).toEqual(refusedAs('pair.locked'))
  right(await open(outside, ben, asking(marta)))
  const other = await provedAgent(outside, ana, 'mrta@clinica-sol.test')
  expect(await correctUser(outside, ana, other, marta)).toEqual(refusedAs('pair.locked'))
  await minutes(14.9)
  expect(await open(outside, ana, asking(marta))).toEqual(refusedAs('pair.locked'))
  await minutes(0.2)
  right(await open(outside, ana, asking(marta)))
})

test('why it was ended is offered for a day, and no longer', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  await minutes(24 * 60 - 1)
  expect((await viewOf(outside, id))?.next).toEqual(['notes', 'closure-reason'])
  await minutes(1)
  expect((await viewOf(outside, id))?.next).toEqual([])
})

test('the fifth miss and its ending are one act', async () => {
  const ana = await agentAtDesk(outside)
  const id = await provedAgent(outside, ana, 'nobody@nowhere.test')
  for (const left of [3, 2, 1])
    expect(right(await correctUser(outside, ana, id, 'nobody@nowhere.test'))).toMatchObject({ lookupsLeft: left })
  const { db } = outside
  const statements: string[] = []
  const watched = {
    ...outside,
    db: {
      ...db,
      query: (...query: Parameters<typeof db.query>) => {
        const [what] = query
        if (typeof what !== 'string') statements.push(what.name)
        return db.query(...query)
      },
    },
  } as Outside
  right(await correctUser(watched, ana, id, 'nobody@nowhere.test'))
  expect(statements.filter((name) => name.startsWith('desk.'))).toEqual([expect.stringMatching(/^desk\.flush /)])
  expect(await recorded(id)).toMatchObject({ because: 'user_not_found' })
  expect((await story(outside, id)).slice(-2)).toEqual(['user.not_found', 'assistance.closed'])
})
