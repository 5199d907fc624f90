/** Codes as the steps use them: what a try costs, how often one may be made, and that a code is good for one act. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { type Carrier, deliverDue, type Fate } from '../messages/outbox.ts'
import { proveAgent, sendAgentCode } from './assistance.flow.ts'
import { askConsent, askPresence, chooseEcosystem, provePresence, proveUser } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import {
  activeFor,
  agentAtDesk,
  askedUser,
  digitsSent,
  opened,
  provedAgent,
  right,
  saidYes,
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
const refusedAs = (refusal: string, more = {}) =>
  expect.objectContaining({ ok: false, refusal, more: expect.objectContaining(more) })
const marta = 'marta@clinica-sol.test'

test('a presence code is good for one act, also when it is typed twenty times at once', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, marta)
  right(await askPresence(outside, ana, id))
  const code = await digitsSent(outside, id, 'presence')
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => provePresence(outside, ana, id, code)))
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
  expect((await story(outside, id)).filter((type) => type === 'presence.given')).toHaveLength(1)
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test('only wrong tries count: the right ones of an assistance take nothing from the fifteen', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, marta)
  const ask = async () => {
    right(await askPresence(outside, ana, id))
    return digitsSent(outside, id, 'presence')
  }
  for (const wrong of [4, 4, 4]) {
    const code = await ask()
    for (let i = 0; i < wrong; i += 1)
      expect(await provePresence(outside, ana, id, wrongFor(code))).toEqual(refusedAs('code.wrong'))
    right(await provePresence(outside, ana, id, code))
    await minutes(1)
  }
  const last = await ask()
  for (const attemptsLeft of [2, 1])
    expect(await provePresence(outside, ana, id, wrongFor(last))).toEqual(refusedAs('code.wrong', { attemptsLeft }))
  expect(await viewOf(outside, id)).toMatchObject({ state: 'active' })
  expect(await provePresence(outside, ana, id, wrongFor(last))).toEqual(refusedAs('code.wrong', { attemptsLeft: 0 }))
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'too_many_attempts' })
})

test('a right code that a silent Core keeps from its step is not worn out by repeating it', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, marta)
  right(await sendAgentCode(outside, ana, id))
  const code = await digitsSent(outside, id, 'agent')
  const { CoreSilent } = await import('../core/core.ts')
  const silent = {
    ...outside,
    core: { ...outside.core, lookUp: () => Promise.reject(new CoreSilent('no answer')) },
  }
  for (let i = 0; i < 7; i += 1) expect(await proveAgent(silent, ana, id, code)).toEqual(refusedAs('core.unavailable'))
  right(await proveAgent(outside, ana, id, code))
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
})

test('the last wrong try and the ending it causes are one act: neither is there without the other', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, 'leo@clinica-sol.test')
  const digits: string[] = []
  for (let code = 0; code < 3; code += 1) {
    right(await sendAgentCode(outside, ana, id))
    digits.push(await digitsSent(outside, id, 'agent'))
    for (let i = 0; i < (code < 2 ? 5 : 4); i += 1)
      expect(await proveAgent(outside, ana, id, wrongFor(digits[code] ?? ''))).toEqual(refusedAs('code.wrong'))
  }
  const dies = breaksAt(outside.db, ['desk.close', 'desk.note_wrong'])
  await expect(proveAgent({ ...outside, db: dies }, ana, id, wrongFor(digits[2] ?? ''))).rejects.toThrow('broken')
  expect((await story(outside, id)).filter((type) => type === 'code.wrong')).toHaveLength(14)
  expect(await viewOf(outside, id)).toMatchObject({ state: 'agent_verification' })
  expect(await proveAgent(outside, ana, id, digits[2] ?? '')).toEqual(refusedAs('code.spent'))
  expect(await sendAgentCode(outside, ana, id)).toEqual(refusedAs('code.no_more'))
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
})

test('the record tells the last wrong try before the ending that it caused', async () => {
  const ana = await agentAtDesk(outside)
  const id = await opened(outside, ana, 'nuria@clinica-sol.test')
  for (let code = 0; code < 3; code += 1) {
    right(await sendAgentCode(outside, ana, id))
    const wrong = wrongFor(await digitsSent(outside, id, 'agent'))
    for (let i = 0; i < 5; i += 1) await proveAgent(outside, ana, id, wrong)
  }
  const events = await story(outside, id)
  expect(events.slice(-3)).toEqual(['code.tried', 'code.wrong', 'assistance.closed'])
  expect(events.filter((type) => type === 'code.wrong')).toHaveLength(15)
})

/** Somebody says yes twice. Once in ninety the digits are the same by chance, and then another help is begun. */
async function twoYes(ana: Caller) {
  for (;;) {
    const id = await askedUser(outside, ana, marta)
    const [first, second] = [await saidYes(outside, id), await saidYes(outside, id)]
    if (first !== second) return { id, first, second }
    right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  }
}

test('digits of an earlier yes are recognised and cost nothing; three wrong ones leave only the code read aloud', async () => {
  const ana = await agentAtDesk(outside)
  const { id, first, second } = await twoYes(ana)
  expect(await proveUser(outside, ana, id, { match: first })).toEqual(refusedAs('code.earlier'))
  const other = ['11', '22', '33'].find((digits) => ![first, second].includes(digits)) ?? ''
  expect(await proveUser(outside, ana, id, { match: other })).toEqual(refusedAs('match.wrong', { attemptsLeft: 1 }))
  expect(await proveUser(outside, ana, id, { match: second })).toEqual(refusedAs('match.not_asked'))
  right(await proveUser(outside, ana, id, { code: await digitsSent(outside, id, 'consent') }))
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test('after five sends there is no sixth, whatever was burnt', async () => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, marta)
  for (let send = 1; send < 5; send += 1) {
    await minutes(1)
    right(await askConsent(outside, ana, id, {}))
  }
  await minutes(1)
  expect(await askConsent(outside, ana, id, {})).toEqual(refusedAs('code.no_more'))
  right(await proveUser(outside, ana, id, { code: await digitsSent(outside, id, 'consent') }))
  right(await closeByDesk(outside, ana, id, { because: 'finished' }))
})

test.each([
  ['failed on one channel', `state = 'failed', sealed = null, error = 'refused'`],
  ['met a carrier that does not answer', `error = 'no answer', tries = 1`],
])('a message that %s is shown as failed and can be sent again at once', async (_what, fate) => {
  const ana = await agentAtDesk(outside)
  const id = await askedUser(outside, ana, marta)
  expect(await askConsent(outside, ana, id, {})).toEqual(refusedAs('code.too_soon'))
  await fresh.db.query(
    `update outbox set ${fate} where assistance_id = $1 and purpose = 'consent' and channel = 'email'`,
    [id],
  )
  const mail = (await viewOf(outside, id))?.messages.find((one) => one.purpose === 'consent' && one.channel === 'email')
  expect(mail).toMatchObject({ status: 'failed', error: expect.any(String) })
  right(await askConsent(outside, ana, id, {}))
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
})

test('a user gets so many messages a day over all agents; one on two channels is one, and what never left is none', async () => {
  const few = { ...outside, messagesPerUserADay: 3 }
  const send = async (fate: Fate) => {
    const agent = await agentAtDesk(few)
    const id = await askedUser(few, agent, 'pilar@lumbre.test', 'cli_lumbre')
    const carrier: Carrier = { deliver: async () => fate }
    await deliverDue({ db: fresh.db, secrets: few.secrets, carriers: { email: carrier, sms: carrier } })
    right(await closeByDesk(few, agent, id, { because: 'cancelled' }))
  }
  const sent: Fate = { fate: 'sent', ref: '1' }
  const begun = await fresh.advance(0)
  await send(sent)
  await minutes(1)
  for (let i = 0; i < 4; i += 1) await send({ fate: 'never', error: 'refused' })
  await send(sent)
  await send(sent)
  await expect(send(sent)).rejects.toThrow('rate.limited')
  await fresh.advance(begun.getTime() + 24 * 3_600_000 - (await fresh.advance(0)).getTime() + 1000)
  await send(sent)
  await expect(send(sent)).rejects.toThrow('rate.limited')
})

test('twenty agents who write to one user at the same moment send exactly what a day allows; the others hear when', async () => {
  const ten = { ...outside, messagesPerUserADay: 10 }
  const asking = []
  for (let i = 0; i < 20; i += 1) {
    const agent = await agentAtDesk(ten)
    const id = await provedAgent(ten, agent, 'marta@clinica-sol.test')
    right(await chooseEcosystem(ten, agent, id, 'cli_sol'))
    asking.push({ agent, id })
  }
  const answers = await Promise.all(asking.map(({ agent, id }) => askConsent(ten, agent, id, {})))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(10)
  const now = await fresh.advance(0)
  for (const answer of answers) {
    if (answer.ok) continue
    expect(answer).toMatchObject({ refusal: 'rate.limited', more: { why: 'messages_a_day' } })
    const wait = Date.parse(String(answer.more?.retryAt)) - now.getTime()
    expect(Math.abs(wait - 24 * 3_600_000)).toBeLessThan(60_000)
  }
  const [{ codes } = {}] = await fresh.db.query<{ codes: number }>(
    `select count(distinct code_id)::int as codes from outbox where purpose = 'consent' and assistance_id = any($1::text[])`,
    [asking.map(({ id }) => id)],
  )
  expect(codes).toBe(10)
})

/** A database on which the process dies at one of these statements. */
function breaksAt(db: Database, names: readonly string[]): Database {
  return {
    ...db,
    query: (what, values) =>
      typeof what !== 'string' && names.includes(what.name)
        ? Promise.reject(new Error('broken'))
        : db.query(what, values),
  }
}
