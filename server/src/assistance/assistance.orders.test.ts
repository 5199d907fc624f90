/** Every order of the steps, generated: nothing but the two proofs in their order makes an assistance active. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import type { AssistanceId } from '../words.ts'
import { correctUser, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { askConsent, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import { agentAtDesk, askedUser, digitsSent, opened, story, testOutside } from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
let other: { id: AssistanceId; code: string }
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh)
  const id = await askedUser(outside, await agentAtDesk(outside), 'ximena@nandu.test', 'cli_nandu')
  other = { id, code: await digitsSent(outside, id, 'consent') }
})
afterAll(() => fresh.close())

/** The newest code of a purpose, or digits that were never sent. */
const sent = (id: AssistanceId, purpose: string) => digitsSent(outside, id, purpose).catch(() => '000000')

type Command = (caller: Caller, id: AssistanceId, stranger: Caller) => Promise<unknown>
const commands: Readonly<Record<string, Command>> = {
  'the agent asks for their code': (caller, id) => sendAgentCode(outside, caller, id),
  'the agent types their code': async (caller, id) => proveAgent(outside, caller, id, await sent(id, 'agent')),
  "the agent types the user's code as their own": async (caller, id) =>
    proveAgent(outside, caller, id, await sent(id, 'consent')),
  'the e-mail is corrected': (caller, id) => correctUser(outside, caller, id, 'leo@clinica-sol.test'),
  'an ecosystem is chosen': (caller, id) => chooseEcosystem(outside, caller, id, 'cli_sol'),
  'the user is asked': (caller, id) => askConsent(outside, caller, id, {}),
  'the user is asked for more': (caller, id) => askConsent(outside, caller, id, { powers: 'act' }),
  "the user's code is typed": async (caller, id) => proveUser(outside, caller, id, { code: await sent(id, 'consent') }),
  "the agent's code is typed as the user's": async (caller, id) =>
    proveUser(outside, caller, id, { code: await sent(id, 'agent') }),
  "another assistance's code is typed": (caller, id) => proveUser(outside, caller, id, { code: other.code }),
  'two digits are guessed': (caller, id) => proveUser(outside, caller, id, { match: '47' }),
  'the consent code is typed as presence': async (caller, id) =>
    provePresence(outside, caller, id, await sent(id, 'consent')),
  "another agent types the user's code": async (_caller, id, stranger) =>
    proveUser(outside, stranger, id, { code: await sent(id, 'consent') }),
  'a minute passes': () => fresh.advance(60_000),
  'it is finished': (caller, id) => closeByDesk(outside, caller, id, { because: 'finished' }),
}

test('in every order of the steps, active means: the agent proved first, then this user agreed to these very terms', {
  timeout: 120_000,
}, async () => {
  const names = Object.keys(commands)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 14 }), async (order) => {
      const [caller, stranger] = [await agentAtDesk(outside), await agentAtDesk(outside)]
      const id = await opened(outside, caller, 'grace@northside.test')
      try {
        for (const name of order) {
          await commands[name]?.(caller, id, stranger)
          await holds(id)
        }
      } finally {
        await close(fresh.db, id, { because: 'cancelled', actor: { kind: 'agent', id: caller.agentId } })
      }
    }),
    { numRuns: 60 },
  )
})

test('the shortest way in is the only one: leaving out any of its steps, or swapping two, opens nothing', async () => {
  const way = [
    'the agent asks for their code',
    'the agent types their code',
    'an ecosystem is chosen',
    'the user is asked',
    "the user's code is typed",
  ]
  const others = way.flatMap((_, left) => [
    way.filter((__, index) => index !== left),
    ...way.flatMap((__, right) =>
      right > left ? [way.with(left, way[right] ?? '').with(right, way[left] ?? '')] : [],
    ),
  ])
  for (const order of [way, ...others]) {
    const [caller, stranger] = [await agentAtDesk(outside), await agentAtDesk(outside)]
    const id = await opened(outside, caller, 'grace@northside.test')
    for (const name of order) await commands[name]?.(caller, id, stranger)
    expect((await viewOf(outside, id))?.state === 'active', order.join(', ')).toBe(order === way)
    await close(fresh.db, id, { because: 'cancelled', actor: { kind: 'agent', id: caller.agentId } })
  }
})

/** What must be true after each step, whatever came before. */
async function holds(id: AssistanceId): Promise<void> {
  const events = await story(outside, id)
  const [row] = await fresh.db.query<{ state: string; n: number; consents: number }>(
    'select state, n, (select count(*)::int from consent c where c.assistance_id = a.id) as consents from assistance a where id = $1',
    [id],
  )
  expect(row?.n).toBe(events.length)
  if (row?.state === 'active' || events.includes('consent.given')) {
    expect(row?.consents).toBe(1)
    const proofs = ['agent.code_sent', 'agent.proved', 'consent.asked', 'consent.given'].map((type) =>
      events.indexOf(type),
    )
    expect(proofs).toEqual([...proofs].sort((a, b) => a - b))
    expect(Math.min(...proofs)).toBeGreaterThanOrEqual(0)
  } else {
    expect(row?.consents).toBe(0)
  }
  const seen = await viewOf(outside, id)
  if (!events.includes('agent.proved')) expect(seen?.user).toBeUndefined()
}
