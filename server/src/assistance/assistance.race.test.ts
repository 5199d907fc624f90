import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close, settleDue } from '../desk/endings.ts'
import { accept } from '../outcome.ts'
import { open, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { hold } from './assistance.store.ts'
import { askConsent, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  right,
  story,
  testOutside,
  wrongFor,
} from './testing.ts'

let fresh: FreshDatabase
let outside: Outside
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
})
afterAll(() => fresh.close())

const marta = 'marta@clinica-sol.test'
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const counted = (outcomes: readonly { ok: boolean; refusal?: string }[]) => {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes)
    counts[outcome.ok ? 'ok' : (outcome.refusal ?? '')] = (counts[outcome.ok ? 'ok' : (outcome.refusal ?? '')] ?? 0) + 1
  return counts
}
const live = async (agentId: string) =>
  (await fresh.db.query(`select id from assistance where agent_id = $1 and state <> 'closed'`, [agentId])).length

test('fifty wrong guesses at once buy exactly five looks', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await sendAgentCode(outside, ana, id))
  const wrong = wrongFor(await digitsSent(outside, id, 'agent'))
  const outcomes = await times(50, () => proveAgent(outside, ana, id, wrong))
  expect(counted(outcomes)).toEqual({ 'code.wrong': 5, 'code.spent': 45 })
  const left = outcomes.flatMap((outcome) =>
    !outcome.ok && outcome.refusal === 'code.wrong' ? [outcome.more?.attemptsLeft] : [],
  )
  expect(left.sort()).toEqual([0, 1, 2, 3, 4])
})

test('twenty right answers at once: one wins, and the consent stands once', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, 'leo@clinica-sol.test')
  const code = await digitsSent(outside, id, 'consent')
  const outcomes = await times(20, () => proveUser(outside, ana, id, { code }))
  expect(counted(outcomes).ok).toBe(1)
  expect((await story(outside, id)).filter((type) => type === 'consent.given')).toHaveLength(1)
  expect(await fresh.db.query('select 1 from consent where assistance_id = $1', [id])).toHaveLength(1)
})

test('fifty opens by one agent at once: one assistance, also over one that lapsed unrecorded', async () => {
  for (let round = 0; round < 5; round += 1) {
    const ana = await agentAtDesk(outside)
    if (round > 0) {
      const old = await opened(outside, ana, marta)
      await fresh.advance(15 * 60_000)
      expect((await story(outside, old)).at(-1)).toBe('assistance.opened')
    }
    const outcomes = await times(50, () =>
      open(outside, ana, { kind: 'technical', userEmail: marta, reason: { code: 'fault' } }),
    )
    expect(counted(outcomes)).toEqual({ ok: 1, 'agent.busy': 49 })
    expect(await live(ana.agentId)).toBe(1)
    const closes = await fresh.db.query(
      `select e.id from event e join assistance a on a.id = e.assistance_id where a.agent_id = $1 and e.type = 'assistance.closed'`,
      [ana.agentId],
    )
    expect(closes).toHaveLength(round > 0 ? 1 : 0)
  }
})

test('twenty sends at once: one code, one message a channel', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  expect(counted(await times(20, () => sendAgentCode(outside, ana, id)))).toEqual({ ok: 1, 'code.too_soon': 19 })
  right(await proveAgent(outside, ana, id, await digitsSent(outside, id, 'agent')))
  expect(counted(await times(20, () => askConsent(outside, ana, id, {})))).toEqual({ ok: 1, 'code.too_soon': 19 })
  expect(
    await fresh.db.query(`select 1 from outbox where assistance_id = $1 and purpose = 'consent'`, [id]),
  ).toHaveLength(2)
})

test('twenty closers at once: one ending, one event', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, marta)
  const byDesk = times(10, async () => (await closeByDesk(outside, ana, id, { because: 'finished' })).ok)
  const byUser = times(10, async () => {
    const ended = await close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'per_marta' } })
    return ended !== undefined
  })
  const won = (await Promise.all([byDesk, byUser])).flat().filter((one) => one)
  expect(won).toHaveLength(1)
  expect((await story(outside, id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
})

test('sweepers beside one another record each lapse once', async () => {
  const agents = await times(12, () => agentAtDesk(outside))
  const ids = await Promise.all(agents.map((agent) => opened(outside, agent, marta)))
  await fresh.advance(15 * 60_000)
  await times(6, () => settleDue(fresh.db))
  for (const id of ids)
    expect((await story(outside, id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
})

test('two consents for one user at once leave one active assistance, and the other ended as superseded', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
    const [first, second] = [
      await askedUser(outside, ana, 'ximena@nandu.test', 'cli_nandu'),
      await askedUser(outside, ben, 'ximena@nandu.test', 'cli_nandu'),
    ]
    const [one, two] = [await digitsSent(outside, first, 'consent'), await digitsSent(outside, second, 'consent')]
    const outcomes = await Promise.all([
      proveUser(outside, ana, first, { code: one }),
      proveUser(outside, ben, second, { code: two }),
    ])
    expect(counted(outcomes)).toEqual({ ok: 2 })
    const rows = await fresh.db.query<{ state: string; because: string | null }>(
      'select state, because from assistance where id = any($1) order by state',
      [[first, second]],
    )
    expect(rows).toEqual([
      { state: 'active', because: null },
      { state: 'closed', because: 'superseded' },
    ])
  }
})

test('consents, sign-outs, sweepers and stops beside one another neither deadlock nor leave two active, and every record is whole', async () => {
  for (let round = 0; round < 4; round += 1) {
    const agents = await times(4, () => agentAtDesk(outside))
    const asked = await Promise.all(
      agents.map(async (agent) => {
        const id = await askedUser(outside, agent, 'ximena@nandu.test', 'cli_nandu')
        return { agent, id, code: await digitsSent(outside, id, 'consent') }
      }),
    )
    const [first] = asked
    if (!first) throw new Error('nobody')
    right(await proveUser(outside, first.agent, first.id, { code: first.code }))
    await Promise.all([
      ...asked.slice(1).map(({ agent, id, code }) => proveUser(outside, agent, id, { code })),
      ...asked.map(({ agent }) =>
        fresh.db.query('update agent_session set ended_at = app_now() where id = $1 and $2', [
          agent.sessionId,
          round % 2 === 0,
        ]),
      ),
      ...asked.map(({ agent, id }) => closeByDesk(outside, agent, id, { because: 'cancelled' })),
      times(4, () => settleDue(fresh.db)),
    ])
    await settleDue(fresh.db)
    const rows = await fresh.db.query<{ state: string; n: number; events: number; closes: number; before: boolean }>(
      `select state, n, closed_at < opened_at as before,
              (select count(*)::int from event e where e.assistance_id = a.id) as events,
              (select count(*)::int from event e where e.assistance_id = a.id and type = 'assistance.closed') as closes
         from assistance a where id = any($1)`,
      [asked.map(({ id }) => id)],
    )
    for (const row of rows) expect(row).toMatchObject({ state: 'closed', n: row.events, closes: 1, before: false })
  }
})

test('a stop does not wait for a step that stands still between its reading and its flush', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  let thaw: () => void = () => undefined
  const frozen = new Promise<void>((resolve) => {
    thaw = resolve
  })
  let reached: () => void = () => undefined
  const standing = new Promise<void>((resolve) => {
    reached = resolve
  })
  const step = hold(fresh.db, id, { kind: 'agent', id: ana.agentId }, 'presence', async (assistance, desk) => {
    desk.keep({ ...assistance, userSeenAt: desk.now })
    reached()
    await frozen
    return accept({})
  })
  await standing
  const ended = await close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'per_leo' } })
  expect(ended).toMatchObject({ because: 'stopped_by_user' })
  thaw()
  expect(await step).toMatchObject({ ok: false, refusal: 'assistance.closed' })
})

test('an act of the user that is in flight at 14:59.9 wins over the sweeper that waits for it', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, marta)
  await fresh.db.query(
    `update assistance set user_seen_at = app_now() - interval '14 minutes 59.9 seconds', look_at = app_now() where id = $1`,
    [id],
  )
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let touched: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    touched = resolve
  })
  const act = fresh.db.transaction(async (tx) => {
    await tx.query(
      `update assistance a set user_seen_at = app_now() where id = $1 and state <> 'closed' and ends_at(a) > app_now()`,
      [id],
    )
    touched()
    await held
  })
  await ready
  await fresh.advance(1000)
  const opening = open(outside, ana, { kind: 'technical', userEmail: marta, reason: { code: 'fault' } })
  release()
  await act
  expect(await opening).toMatchObject({ ok: false, refusal: 'agent.busy' })
  expect(await live(ana.agentId)).toBe(1)
})
