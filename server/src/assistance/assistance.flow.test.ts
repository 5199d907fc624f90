import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close, settleDue } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { secretsFrom } from '../secrets.ts'
import { correctUser, open, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { read } from './assistance.store.ts'
import { askConsent, askPresence, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk, explain } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  provedAgent,
  right,
  story,
  testOutside,
  wrongFor,
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
const marta = 'marta@clinica-sol.test'
const refusedAs = (refusal: string) => expect.objectContaining({ ok: false, refusal })

test('two proofs in their order open an assistance, and every step stands in the record without a gap', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  expect(await proveUser(outside, ana, id, { code: '123456' })).toEqual(refusedAs('assistance.out_of_order'))
  expect(await askConsent(outside, ana, id, {})).toEqual(refusedAs('assistance.out_of_order'))
  right(await sendAgentCode(outside, ana, id))
  const looked = right(await proveAgent(outside, ana, id, await digitsSent(outside, id, 'agent')))
  expect(looked).toMatchObject({ state: 'user_lookup', user: { name: 'Marta Ruiz', assistable: true }, lookupsLeft: 4 })
  right(await askConsent(outside, ana, id, {}))
  const code = await digitsSent(outside, id, 'consent')
  right(await proveUser(outside, ana, id, { code }))
  const seen = await viewOf(outside, id)
  expect(seen).toMatchObject({ state: 'active', consentedBy: 'read_aloud', powers: 'look' })
  expect(seen?.surfaces.map((surface) => surface.surface)).toEqual(['store', 'web', 'app'])
  expect(await proveUser(outside, ana, id, { code })).toEqual(refusedAs('assistance.out_of_order'))
  right(await closeByDesk(outside, ana, id, { because: 'finished', outcome: 'solved' }))
  expect(await story(outside, id)).toEqual([
    'assistance.opened',
    'step.refused',
    'step.refused',
    'agent.code_sent',
    'code.tried',
    'agent.proved',
    'user.looked_up',
    'consent.asked',
    'code.tried',
    'consent.given',
    'step.refused',
    'assistance.closed',
  ])
  const numbers = await fresh.db.query<{ n: number }>('select n from event where assistance_id = $1 order by n', [id])
  expect(numbers.map((row) => row.n)).toEqual(numbers.map((_, index) => index + 1))
})

test('before the agent is proved, a known and an unknown e-mail look the same', async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const [known, unknown] = [
    await opened(outside, ana, 'leo@clinica-sol.test'),
    await opened(outside, ben, 'nobody@nowhere.test'),
  ]
  const shape = async (id: typeof known) => Object.keys((await viewOf(outside, id)) ?? {}).sort()
  expect(await shape(known)).toEqual(await shape(unknown))
  expect((await viewOf(outside, known))?.user).toBeUndefined()
})

test('five look-ups that find nobody close the request', async () => {
  const ana = await agentAtDesk(outside)
  const id = await provedAgent(outside, ana, 'nobody1@nowhere.test')
  for (const left of [3, 2, 1]) {
    expect(right(await correctUser(outside, ana, id, `nobody${left}@nowhere.test`))).toMatchObject({
      user: null,
      lookupsLeft: left,
    })
  }
  expect(right(await correctUser(outside, ana, id, 'nobody@nowhere.test'))).toMatchObject({
    state: 'closed',
    lookupsLeft: 0,
  })
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'user_not_found' })
})

test.each([
  ['arthur@harbour-quay.test', 'inactive'],
  ['pia@acme.test', 'staff'],
  ['frontdesk@harbour-quay.test', 'ambiguous'],
  ['sam@nowhere.test', 'no_ecosystem'],
  ['jorge@lumbre.test', 'nothing_offered'],
])('%s is shown with the reason (%s), and consent is refused', async (email, why) => {
  const ana = await agentAtDesk(outside)
  const id = await provedAgent(outside, ana, email)
  expect((await viewOf(outside, id))?.user).toMatchObject({ assistable: false, why })
  expect(await askConsent(outside, ana, id, {})).toEqual({ ok: false, refusal: 'user.not_assistable', more: { why } })
})

test('an owner has three buttons in their own ecosystem and a member two in another', async () => {
  const ana = await agentAtDesk(outside)
  const own = await activeFor(outside, ana, 'grace@northside.test', 'cli_northside')
  expect((await viewOf(outside, own))?.surfaces.map((surface) => surface.surface)).toEqual(['store', 'web', 'app'])
  right(await closeByDesk(outside, ana, own, { because: 'finished' }))
  const guest = await provedAgent(outside, ana, 'grace@northside.test')
  right(await chooseEcosystem(outside, ana, guest, 'cli_sol'))
  expect(await askConsent(outside, ana, guest, { surfaces: ['store'] })).toEqual(refusedAs('surface.not_offered'))
  right(await askConsent(outside, ana, guest, {}))
  right(await proveUser(outside, ana, guest, { code: await digitsSent(outside, guest, 'consent') }))
  expect((await viewOf(outside, guest))?.surfaces.map((surface) => surface.surface)).toEqual(['web', 'app'])
})

test('changing what the user agreed to voids what was sent', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, 'grace@northside.test', 'cli_sol')
  const first = await digitsSent(outside, id, 'consent')
  right(await chooseEcosystem(outside, ana, id, 'cli_northside'))
  expect(await proveUser(outside, ana, id, { code: first })).toEqual(refusedAs('code.earlier'))
  right(await askConsent(outside, ana, id, {}))
  const second = await digitsSent(outside, id, 'consent')
  right(await askConsent(outside, ana, id, { powers: 'act' }))
  const third = await digitsSent(outside, id, 'consent')
  right(await askConsent(outside, ana, id, { powers: 'act', lengthMinutes: 15 }))
  const fourth = await digitsSent(outside, id, 'consent')
  right(await askConsent(outside, ana, id, { powers: 'act', lengthMinutes: 15, surfaces: ['web'] }))
  const fifth = await digitsSent(outside, id, 'consent')
  for (const old of [first, second, third, fourth]) {
    expect(await proveUser(outside, ana, id, { code: old })).toEqual(refusedAs('code.earlier'))
  }
  right(await proveUser(outside, ana, id, { code: fifth }))
})

test('an earlier code is recognised and costs nothing; five wrong ones burn a code', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await sendAgentCode(outside, ana, id))
  const first = await digitsSent(outside, id, 'agent')
  expect(await sendAgentCode(outside, ana, id)).toEqual(refusedAs('code.too_soon'))
  await minutes(1)
  right(await sendAgentCode(outside, ana, id))
  const second = await digitsSent(outside, id, 'agent')
  for (let i = 0; i < 7; i += 1) expect(await proveAgent(outside, ana, id, first)).toEqual(refusedAs('code.earlier'))
  for (const left of [4, 3, 2, 1, 0]) {
    expect(await proveAgent(outside, ana, id, wrongFor(second))).toEqual({
      ok: false,
      refusal: 'code.wrong',
      more: { attemptsLeft: left },
    })
  }
  expect(await proveAgent(outside, ana, id, second)).toEqual(refusedAs('code.spent'))
  right(await sendAgentCode(outside, ana, id))
  right(await proveAgent(outside, ana, id, await digitsSent(outside, id, 'agent')))
})

test('the agent’s own code in the place of the user’s is called that, and costs no try', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, 'grace@northside.test', 'cli_sol')
  const [own, theirs] = [await digitsSent(outside, id, 'agent'), await digitsSent(outside, id, 'consent')]
  for (let i = 0; i < 7; i += 1) expect(await proveUser(outside, ana, id, { code: own })).toEqual(refusedAs('code.own'))
  right(await proveUser(outside, ana, id, { code: theirs }))
})

/** Fifteen wrong codes of this agent, who wanted to help Leo. */
async function lockedOut(outside: Outside, agent: Caller): Promise<void> {
  const id = await opened(outside, agent, 'leo@clinica-sol.test')
  for (let code = 0; code < 3; code += 1) {
    right(await sendAgentCode(outside, agent, id))
    const digits = await digitsSent(outside, id, 'agent')
    for (let i = 0; i < 5; i += 1)
      expect(await proveAgent(outside, agent, id, wrongFor(digits))).toEqual(refusedAs('code.wrong'))
  }
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'too_many_attempts' })
}
async function isLockedFor(outside: Outside, agent: Caller, minutesLocked: number): Promise<void> {
  const again = { kind: 'technical', userEmail: 'LEO@clinica-sol.test', reason: { code: 'fault' } } as const
  await minutes(minutesLocked - 1)
  expect(await open(outside, agent, again)).toEqual(refusedAs('pair.locked'))
  await minutes(1.1)
  const reopened = right(await open(outside, agent, again))
  right(await closeByDesk(outside, agent, reopened.id, { because: 'cancelled' }))
}

test('fifteen wrong tries close the request and lock agent and user, longer each time', async () => {
  const ana = await agentAtDesk(outside)
  for (const minutesLocked of [15, 60]) {
    await lockedOut(outside, ana)
    await isLockedFor(outside, ana, minutesLocked)
  }
})

test('an address in another spelling that the Core takes for the same is locked with it, and one’s own is one’s own', async () => {
  const ana = await agentAtDesk(outside)
  await lockedOut(outside, ana)
  const spelling = 'LEO@clİnİca-sol.test'
  expect((await outside.core.lookUp(spelling)).found).toBe('one')
  const again = { kind: 'technical', userEmail: spelling, reason: { code: 'fault' } } as const
  expect(await open(outside, ana, again)).toEqual(refusedAs('pair.locked'))
  const ines = { ...ana, email: 'ines@clinica-sol.test' }
  for (const userEmail of ['İNES@clinica-sol.test', 'ines@clİnica-sol.test'])
    expect(await open(outside, ines, { ...again, userEmail })).toEqual(refusedAs('agent.self'))
})

test('another root forgets no lock: the next one is longer all the same', async () => {
  const ana = await agentAtDesk(outside)
  const root = randomBytes(32)
  const former = [{ key: root, until: new Date(Date.now() + 3_600_000) }]
  const roots = [secretsFrom(root), secretsFrom(randomBytes(32), undefined, former)]
  for (const [at, secrets] of roots.entries()) {
    await lockedOut({ ...outside, secrets }, ana)
    await isLockedFor({ ...outside, secrets }, ana, [15, 60][at] ?? 0)
  }
})

test('a code is valid for ten minutes from the asking', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await sendAgentCode(outside, ana, id))
  await minutes(10)
  expect(await proveAgent(outside, ana, id, await digitsSent(outside, id, 'agent'))).toEqual(refusedAs('code.expired'))
})

test('fifteen minutes without the user lose the request, whatever the agent does', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'nuria@clinica-sol.test')
  await minutes(14)
  right(await askPresence(outside, ana, id))
  await fresh.advance(58_000)
  expect((await read(fresh.db, id))?.assistance.state).toBe('active')
  await fresh.advance(2_000)
  const code = await digitsSent(outside, id, 'presence')
  expect(await provePresence(outside, ana, id, code)).toEqual(refusedAs('assistance.closed'))
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'expired_idle' })
  expect((await story(outside, id)).filter((type) => type === 'assistance.closed')).toHaveLength(1)
})

test('a presence code read out begins the fifteen minutes again; the longest assistance is 60 minutes all the same', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'ramon@clinica-sol.test')
  for (let round = 0; round < 4; round += 1) {
    await minutes(14)
    right(await askPresence(outside, ana, id))
    right(await provePresence(outside, ana, id, await digitsSent(outside, id, 'presence')))
  }
  await minutes(4)
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'expired_max' })
  await settleDue(fresh.db)
  expect((await read(fresh.db, id))?.unrecorded).toBe(false)
})

test('a newer consent for the same user and ecosystem wins', async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  const first = await activeFor(outside, ana, 'ximena@nandu.test', 'cli_nandu')
  const second = await activeFor(outside, ben, 'ximena@nandu.test', 'cli_nandu')
  expect(await viewOf(outside, first)).toMatchObject({ state: 'closed', because: 'superseded' })
  expect(await viewOf(outside, second)).toMatchObject({ state: 'active' })
})

test("nobody assists themself, and another agent's assistance does not exist", async () => {
  const [ana, ben] = [await agentAtDesk(outside), await agentAtDesk(outside)]
  expect(
    await open(outside, ana, { kind: 'technical', userEmail: ana.email.toUpperCase(), reason: { code: 'fault' } }),
  ).toEqual(refusedAs('agent.self'))
  const id = await opened(outside, ana, marta)
  expect(await sendAgentCode(outside, ben, id)).toEqual(refusedAs('assistance.unknown'))
  expect(await closeByDesk(outside, ben, id, { because: 'cancelled' })).toEqual(refusedAs('assistance.unknown'))
})

test('an ending never waits for its reason, which can be given once within a day', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  expect(await closeByDesk(outside, ana, id, { because: 'cancelled' })).toEqual(refusedAs('assistance.closed'))
  right(await explain(outside, ana, id, { reason: 'other', note: 'The line went dead' }))
  expect(await explain(outside, ana, id, { reason: 'other', note: 'again' })).toEqual(
    refusedAs('assistance.out_of_order'),
  )
  const late = await opened(outside, ana, marta)
  right(await closeByDesk(outside, ana, late, { because: 'cancelled' }))
  await minutes(24 * 60)
  expect(await explain(outside, ana, late, { reason: 'user_hung_up' })).toEqual(refusedAs('assistance.out_of_order'))
})

test('a supervisor closes what an agent has open, and never as the agent', async () => {
  const [ana, sara] = [await agentAtDesk(outside), await agentAtDesk(outside, ['supervisor'])]
  const id = await opened(outside, ana, marta)
  expect(await closeByDesk(outside, sara, id, { because: 'cancelled' })).toEqual(refusedAs('agent.not_allowed'))
  expect(await closeByDesk(outside, ana, id, { because: 'closed_by_supervisor' })).toEqual(
    refusedAs('agent.not_allowed'),
  )
  right(await closeByDesk(outside, sara, id, { because: 'closed_by_supervisor' }))
  expect(await viewOf(outside, id)).toMatchObject({ because: 'closed_by_supervisor' })
})

test('signing out ends what this session had under way, by join', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'ximena@nandu.test', 'cli_nandu')
  await fresh.db.query('update agent_session set ended_at = app_now() where id = $1', [ana.sessionId])
  expect((await read(fresh.db, id))?.assistance).toMatchObject({ state: 'closed', because: 'agent_signed_out' })
  expect(await close(fresh.db, id, { because: 'finished', actor: { kind: 'agent', id: ana.agentId } })).toMatchObject({
    because: 'agent_signed_out',
  })
})

test('the record is only ever added to', async () => {
  await expect(fresh.db.query(`update event set body = '{}'`)).rejects.toThrow('only ever added')
  await expect(fresh.db.query('delete from event')).rejects.toThrow('only ever added')
  await expect(fresh.db.query('truncate event cascade')).rejects.toThrow('only ever added')
})
