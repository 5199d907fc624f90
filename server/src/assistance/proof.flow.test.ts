/** The agent's fresh proof, by each of their factors: what passes, once, and what never does. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { softPasskey } from '../identity/authenticator.testing.ts'
import { showsAgain } from '../identity/fresh.ts'
import { identityOutside, shownBy, withApp, withPasskey } from '../identity/testing.ts'
import { says, supervisorAtDesk } from '../oversight/testing.ts'
import { presets } from '../policy/policy.ts'
import { sealingFrom, secretsFrom } from '../secrets.ts'
import type { AssistanceId } from '../words.ts'
import { sendAgentCode } from './assistance.flow.ts'
import { askConsent } from './consent.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import { challengeAgent, prove } from './proof.flow.ts'
import { agentAtDesk, digitsSent, opened, refusalOf, right, story, testOutside } from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
let ana: Caller
const user = 'leo@clinica-sol.test'
const done = { because: 'cancelled' } as const
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  outside = testOutside(fresh)
  ana = await agentAtDesk(outside)
})

const wrongApp = (secret: string) =>
  ['111111', '222222', '333333', '444444'].find(
    (code) => ![-2, -1, 0, 1, 2].some((n) => shownBy(secret, n) === code),
  ) ?? '555555'
const proofs = async (id: AssistanceId) =>
  (
    await fresh.db.query<{ data: unknown }>(
      `select body::jsonb -> 'data' as data from event where assistance_id = $1 and type = 'agent.proved'`,
      [id],
    )
  ).map((row) => row.data)

describe('a passkey', () => {
  test('proves its agent, is offered first, and stands in the record as what it is', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    expect((await viewOf(outside, id))?.agentMethods).toEqual(['passkey', 'code'])
    const options = right(await challengeAgent(outside, ana, id))
    expect(options).toMatchObject({ rpId: 'desk.acme.test', userVerification: 'required' })
    const seen = right(await prove(outside, ana, id, { method: 'passkey', response: passkey.answer(options) }))
    expect(seen).toMatchObject({ state: 'user_lookup', user: { name: expect.any(String) } })
    expect((await viewOf(outside, id))?.agentMethod).toBe('passkey')
    expect(await proofs(id)).toEqual([{ method: 'passkey', passkey: expect.stringMatching(/^pk_/) }])
  })

  test('answers a challenge once, also twenty times at the same moment', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    const response = passkey.answer(right(await challengeAgent(outside, ana, id)))
    const all = await Promise.all(
      Array.from({ length: 20 }, () => prove(outside, ana, id, { method: 'passkey', response })),
    )
    expect(all.filter((one) => one.ok)).toHaveLength(1)
    expect(await proofs(id)).toHaveLength(1)
    await closeByDesk(outside, ana, id, done)
    const next = await opened(outside, ana, user)
    await challengeAgent(outside, ana, next)
    expect(refusalOf(await prove(outside, ana, next, { method: 'passkey', response }))).toBe('passkey.expired')
  })

  test('of another agent proves nobody, with their own challenge or with this one', async () => {
    const ben = await agentAtDesk(outside)
    await withPasskey(identityOutside(outside), ana)
    const bens = await withPasskey(identityOutside(outside), ben)
    const id = await opened(outside, ana, user)
    const options = right(await challengeAgent(outside, ana, id))
    const proof = { method: 'passkey', response: bens.answer(options) } as const
    expect(refusalOf(await prove(outside, ana, id, proof))).toBe('passkey.unknown')
    expect(refusalOf(await prove(outside, ben, id, proof))).toBe('assistance.unknown')
    expect(await proofs(id)).toEqual([])
  })

  test('a challenge of one assistance is nothing in another, nor after a newer one of the same', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const first = await opened(outside, ana, user)
    const old = passkey.answer(right(await challengeAgent(outside, ana, first)))
    await closeByDesk(outside, ana, first, done)
    const id = await opened(outside, ana, user)
    const replaced = passkey.answer(right(await challengeAgent(outside, ana, id)))
    const newest = passkey.answer(right(await challengeAgent(outside, ana, id)))
    for (const response of [old, replaced])
      expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response }))).toBe('passkey.expired')
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: newest }))).toBe('right')
  })

  test('a challenge holds for two minutes', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    const late = passkey.answer(right(await challengeAgent(outside, ana, id)))
    await fresh.advance(120_001)
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: late }))).toBe('passkey.expired')
    const again = passkey.answer(right(await challengeAgent(outside, ana, id)))
    await fresh.advance(119_000)
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: again }))).toBe('right')
  })

  test('relayed from another origin, framed, without a verified person or with a stranger’s key, it proves nobody', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    for (const how of [{ origin: 'https://desk.acme.test.evil.test' }, { crossOrigin: true }, { verified: false }]) {
      const response = passkey.answer(right(await challengeAgent(outside, ana, id)), how)
      expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response }))).toBe('passkey.wrong')
    }
    const options = right(await challengeAgent(outside, ana, id))
    const other = softPasskey(outside.rp).answer(options)
    const forged = {
      ...other,
      id: passkey.id,
      rawId: passkey.id,
      response: { ...other.response, userHandle: undefined },
    }
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: forged }))).toBe('passkey.wrong')
    const why = await fresh.db.query<{ why: string }>(
      `select body::jsonb #>> '{data,why}' as why from event where assistance_id = $1 and type = 'step.refused' order by n`,
      [id],
    )
    expect(why.map((row) => row.why)).toEqual(['other_origin', 'unreadable', 'not_right', 'not_right'])
  })

  test('whose counter does not grow is a copy, and is refused', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana, true)
    const id = await opened(outside, ana, user)
    const copied = passkey.answer(right(await challengeAgent(outside, ana, id)), { counter: 1 })
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: copied }))).toBe('passkey.wrong')
    const own = passkey.answer(right(await challengeAgent(outside, ana, id)))
    expect(refusalOf(await prove(outside, ana, id, { method: 'passkey', response: own }))).toBe('right')
  })

  test('that was right makes the code that was sent meanwhile worthless', async () => {
    const passkey = await withPasskey(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    right(await sendAgentCode(outside, ana, id))
    const response = passkey.answer(right(await challengeAgent(outside, ana, id)))
    right(await prove(outside, ana, id, { method: 'passkey', response }))
    const rows = await fresh.db.query('select from code where assistance_id = $1 and void_at is null', [id])
    expect(rows).toHaveLength(0)
  })
})

describe('the code of an authenticator app', () => {
  test('proves its agent, in the step before and after too, and never by another’s secret', async () => {
    const secret = await withApp(identityOutside(outside), ana)
    const other = await withApp(identityOutside(outside), await agentAtDesk(outside))
    const id = await opened(outside, ana, user)
    expect((await viewOf(outside, id))?.agentMethods).toEqual(['totp', 'code'])
    const wrong = await prove(outside, ana, id, { method: 'totp', code: shownBy(other) })
    expect(wrong).toMatchObject({ ok: false, refusal: 'code.wrong', more: { attemptsLeft: 4 } })
    right(await prove(outside, ana, id, { method: 'totp', code: shownBy(secret, 1) }))
    expect(await proofs(id)).toEqual([{ method: 'totp' }])
    expect(await story(outside, id)).toContain('code.wrong')
  })

  test('is good once, also twenty times at the same moment, and in the next assistance too', async () => {
    const secret = await withApp(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    const code = shownBy(secret)
    const all = await Promise.all(Array.from({ length: 20 }, () => prove(outside, ana, id, { method: 'totp', code })))
    expect(all.filter((one) => one.ok)).toHaveLength(1)
    expect(await proofs(id)).toHaveLength(1)
    await closeByDesk(outside, ana, id, done)
    const next = await opened(outside, ana, user)
    expect(refusalOf(await prove(outside, ana, next, { method: 'totp', code }))).toBe('totp.used')
    right(await prove(outside, ana, next, { method: 'totp', code: shownBy(secret, 1) }))
  })

  test('guessed: five looks in an assistance, in any burst, out of the fifteen that all of the agent’s codes share', async () => {
    const secret = await withApp(identityOutside(outside), ana)
    const id = await opened(outside, ana, user)
    const code = wrongApp(secret)
    const burst = await Promise.all(Array.from({ length: 30 }, () => prove(outside, ana, id, { method: 'totp', code })))
    const words = burst.map(refusalOf)
    expect(words.filter((word) => word === 'code.wrong')).toHaveLength(5)
    expect(words.filter((word) => word === 'totp.spent')).toHaveLength(25)
    expect(refusalOf(await prove(outside, ana, id, { method: 'totp', code: shownBy(secret) }))).toBe('totp.spent')

    right(await sendAgentCode(outside, ana, id))
    const [tries] = await fresh.db.query<{ guesses_left: number }>(
      `select guesses_left from tries where assistance_id = $1 and purpose = 'agent'`,
      [id],
    )
    expect(tries?.guesses_left).toBe(10)
    right(await prove(outside, ana, id, { method: 'code', code: await digitsSent(outside, id, 'agent') }))
  })

  test('a hundred wrong ones one after another switch it off over all assistances; a right one forgives', async () => {
    const secret = await withApp(identityOutside(outside), ana)
    await fresh.db.query('update totp set failures = 98 where agent_id = $1', [ana.agentId])
    const id = await opened(outside, ana, user)
    const wrong = { method: 'totp', code: wrongApp(secret) } as const
    expect(refusalOf(await prove(outside, ana, id, wrong))).toBe('code.wrong')
    expect(refusalOf(await prove(outside, ana, id, wrong))).toBe('code.wrong')
    const rightOne = { method: 'totp', code: shownBy(secret) } as const
    expect(refusalOf(await prove(outside, ana, id, rightOne))).toBe('totp.disabled')
    expect((await viewOf(outside, id))?.agentMethods).toEqual(['code'])
  })

  test('that was sealed with a key that this server does not know yet is told in words, costs nothing, and every other way stays open', async () => {
    const root = randomBytes(32)
    const old = { ...outside, secrets: secretsFrom(root) }
    const { now } = sealingFrom(randomBytes(32))
    const knows = { ...outside, secrets: secretsFrom(root, { now, former: [sealingFrom(root).now] }) }
    const secret = await withApp(identityOutside(knows), ana)
    const id = await opened(old, ana, user)
    const mine = { method: 'totp', code: shownBy(secret) } as const
    for (let time = 0; time < 20; time += 1) expect(refusalOf(await prove(old, ana, id, mine))).toBe('totp.elsewhere')
    expect(refusalOf(await showsAgain(identityOutside(old), ana, mine))).toBe('totp.elsewhere')
    const [{ failures } = {}] = await fresh.db.query('select failures from totp where agent_id = $1', [ana.agentId])
    expect([failures, await fresh.db.query('select from tries where assistance_id = $1', [id])]).toEqual([0, []])
    expect((await story(outside, id)).filter((type) => type.startsWith('code.'))).toEqual([])
    right(await sendAgentCode(old, ana, id))
    right(await prove(old, ana, id, { method: 'code', code: await digitsSent(old, id, 'agent') }))
    await closeByDesk(old, ana, id, done)
    right(await prove(knows, ana, await opened(knows, ana, user), mine))
  })

  test('stands in no dump: the secret is sealed', async () => {
    const secret = await withApp(identityOutside(outside), ana)
    const rows = await fresh.db.query<{ text: string }>(
      `select t::text as text from totp t union all select e::text from enrolment e union all select e.body from event e`,
    )
    const raw = Buffer.from(secret).toString('hex')
    for (const { text } of rows) expect(text.includes(secret) || text.includes(raw)).toBe(false)
  })
})

describe('the strict preset', () => {
  const terms = { surfaces: ['web'] }

  test('asks for more than a code by message before an owner’s Store or any power is asked of the user', async () => {
    const strict = testOutside(fresh, { policy: presets.strict })
    const id = await opened(strict, ana, 'marta@clinica-sol.test')
    right(await sendAgentCode(strict, ana, id))
    const seen = right(await prove(strict, ana, id, { method: 'code', code: await digitsSent(strict, id, 'agent') }))
    const owned = seen.ecosystems.find((one) => one.role === 'owner')?.id ?? ''
    await fresh.db.query('update assistance set ecosystem_id = $2 where id = $1', [id, owned])
    expect(refusalOf(await askConsent(strict, ana, id, {}))).toBe('proof.too_weak')
    expect(refusalOf(await askConsent(strict, ana, id, { ...terms, powers: 'act' }))).toBe('proof.too_weak')
    expect(refusalOf(await askConsent(strict, ana, id, terms))).toBe('right')
  })

  test('lets an authenticator app ask for both, with a second person’s yes to the Store', async () => {
    const strict = testOutside(fresh, { policy: presets.strict })
    const secret = await withApp(identityOutside(strict), ana)
    const id = await opened(strict, ana, 'marta@clinica-sol.test')
    const seen = right(await prove(strict, ana, id, { method: 'totp', code: shownBy(secret) }))
    const owned = seen.ecosystems.find((one) => one.role === 'owner')?.id ?? ''
    await fresh.db.query('update assistance set ecosystem_id = $2 where id = $1', [id, owned])
    expect(refusalOf(await askConsent(strict, ana, id, { powers: 'act' }))).toBe('approval.needed')
    const supervisor = await supervisorAtDesk(strict)
    const code = shownBy(await withApp(identityOutside(strict), supervisor), 1)
    right(await says(strict, supervisor, id, 'yes', undefined, { method: 'totp', code }))
    expect(refusalOf(await askConsent(strict, ana, id, { powers: 'act' }))).toBe('right')
  })
})
