/** One sensitive power in the middle of help: its own code, its own yes, and never longer than what it was granted for. */
import { sensitivePowers } from '@amparo/contract/powers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { allowPower, look, refusePower } from '../companion/companion.flow.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { approvalsWaiting } from '../oversight/approvals.store.ts'
import { says, supervisorAtDesk } from '../oversight/testing.ts'
import { presets } from '../policy/policy.ts'
import { tokenDigest } from '../secrets.ts'
import { check, sensitiveOf } from '../surfaces/liveness.ts'
import { closeAlone } from '../surfaces/surfaces.store.ts'
import { openWeb } from '../surfaces/testing.ts'
import { type AssistanceId, system } from '../words.ts'
import { open } from './assistance.flow.ts'
import { closeByDesk } from './ending.flow.ts'
import type { Outside } from './outside.ts'
import { askPower, grantPower } from './power.flow.ts'
import {
  activeFor,
  agentAtDesk,
  digitsSent,
  pageOf,
  right,
  story,
  testOutside,
  testSurfaces,
  wrongFor,
} from './testing.ts'
import { viewOf } from './view.ts'

let fresh: FreshDatabase
let outside: Outside
const surfaces = testSurfaces.map((surface) =>
  surface.id === 'web' ? { ...surface, powers: ['look', 'act', 'payment_method', 'export'] as const } : surface,
)
beforeAll(async () => {
  fresh = await freshDatabase()
  outside = testOutside(fresh, { surfaces })
})
afterEach(() => fresh.db.query(`update agent_session set ended_at = clock_timestamp() where ended_at is null`))
afterAll(() => fresh.close())

/** What the issuer would tell the product of this token now. */
async function told(token: string) {
  const live = await check(fresh.db, tokenDigest(token), 'test-web')
  return (
    live &&
    sensitiveOf(
      outside.secrets,
      surfaces.find(({ id }) => id === 'web'),
      live,
    )
  )
}
const word = (outcome: { ok: boolean; refusal?: string }) => (outcome.ok ? 'yes' : outcome.refusal)
const helping = async (): Promise<readonly [Caller, AssistanceId, string]> => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  return [ana, id, await openWeb(fresh.db, id)]
}
const granted = async (ana: Caller, id: AssistanceId, power: 'payment_method' | 'export' = 'payment_method') => {
  right(await askPower(outside, ana, id, power))
  right(await grantPower(outside, ana, id, power, { code: await digitsSent(outside, id, 'power') }))
}
const sensitive = async (id: AssistanceId) => (await viewOf(outside, id))?.sensitive

test('a power is refused until it was asked for by itself, and its code opens it alone, in the session that is open', async () => {
  const [ana, id, token] = await helping()
  expect(await told(token)).toEqual([])
  right(await askPower(outside, ana, id, 'payment_method'))
  const code = await digitsSent(outside, id, 'power')
  expect(word(await grantPower(outside, ana, id, 'export', { code }))).toBe('code.not_sent')
  expect(word(await grantPower(outside, ana, id, 'payment_method', { code: wrongFor(code) }))).toBe('code.wrong')
  right(await grantPower(outside, ana, id, 'payment_method', { code }))
  expect(await told(token)).toEqual(['payment_method'])
  expect(word(await grantPower(outside, ana, id, 'payment_method', { code }))).toBe('code.not_sent')
  expect(await sensitive(id)).toMatchObject({
    offered: [{ power: 'export' }],
    held: [{ power: 'payment_method', surfaces: ['web'], by: 'read_aloud' }],
  })
  expect(word(await askPower(outside, ana, id, 'payment_method'))).toBe('power.standing')
  expect(await story(outside, id)).toEqual(expect.arrayContaining(['power.asked', 'power.granted', 'step.refused']))
})

test('a power that no open product holds back by itself is not claimed: it is neither offered nor sent', async () => {
  const ana = await agentAtDesk(outside)
  const id = await activeFor(outside, ana, 'leo@clinica-sol.test')
  expect(await sensitive(id)).toMatchObject({ offered: [], held: [] })
  expect(word(await askPower(outside, ana, id, 'payment_method'))).toBe('power.not_offered')
  await openWeb(fresh.db, id)
  for (const power of sensitivePowers.filter((one) => one !== 'payment_method' && one !== 'export'))
    expect(word(await askPower(outside, ana, id, power))).toBe('power.not_offered')
  expect(await story(outside, id)).not.toContain('power.asked')
})

test('a refusal leaves the rest as it was, and its code opens nothing any more', async () => {
  const [ana, id, token] = await helping()
  await granted(ana, id, 'export')
  right(await askPower(outside, ana, id, 'payment_method'))
  const code = await digitsSent(outside, id, 'power')
  const { world, linked } = await pageOf(outside, id)
  right(await refusePower(world, linked, 'power-no', undefined))
  expect(word(await grantPower(outside, ana, id, 'payment_method', { code }))).toBe('code.not_sent')
  expect(await told(token)).toEqual(['export'])
  expect(await viewOf(outside, id)).toMatchObject({
    state: 'active',
    sensitive: { refused: [{ power: 'payment_method' }] },
  })
})

test('a power outlives neither its refusal, its session, its product nor its assistance', async () => {
  const [ana, id, token] = await helping()
  await granted(ana, id)
  const { world, linked } = await pageOf(outside, id)
  right(await refusePower(world, linked, 'power-back', undefined))
  expect(await told(token)).toEqual([])

  await fresh.advance(61_000)
  await granted(ana, id)
  const later = await openWeb(fresh.db, id)
  expect([await told(token), await told(later)]).toEqual([['payment_method'], []])
  const event = { type: 'surface.closed', actor: system('test'), data: { surface: 'web' } } as const
  await closeAlone(fresh.db, id, 'web', event)
  const again = await openWeb(fresh.db, id)
  expect([await told(token), await told(again)]).toEqual([undefined, []])
  expect(await sensitive(id)).toMatchObject({ held: [] })
  right(await closeByDesk(outside, ana, id, { because: 'cancelled' }))
  expect(await told(again)).toBeUndefined()
})

test('a row made by hand grants nothing, and neither does a widened one', async () => {
  const [ana, id, token] = await helping()
  await granted(ana, id)
  await fresh.db.query(`update power set power = 'export' where assistance_id = $1`, [id])
  expect(await told(token)).toEqual([])
  await fresh.db.query(`update power set power = 'payment_method' where assistance_id = $1`, [id])
  expect(await told(token)).toEqual(['payment_method'])
  await fresh.db.query(`update power set mac = '\\x00' where assistance_id = $1`, [id])
  expect(await told(token)).toEqual([])
})

test('the page says yes with two digits, shown in that browser alone, and nothing is granted until the agent has typed them', async () => {
  const [ana, id, token] = await helping()
  right(await askPower(outside, ana, id, 'payment_method'))
  const { world, linked } = await pageOf(outside, id)
  expect(await look(world, linked)).toMatchObject({ page: 'on', asked: { triesLeft: 3, digits: undefined }, held: [] })
  const { digits, browserToken } = right(await allowPower(world, linked, undefined))
  expect(await look(world, linked, browserToken)).toMatchObject({ asked: { digits } })
  expect(await look(world, linked, 'another browser')).toMatchObject({ asked: { digits: undefined } })
  expect(await told(token)).toEqual([])
  right(await grantPower(outside, ana, id, 'payment_method', { match: digits }))
  expect(await told(token)).toEqual(['payment_method'])
  expect(await look(world, linked, browserToken)).toMatchObject({ held: [{ surfaces: [{}] }] })
  expect(await sensitive(id)).toMatchObject({ held: [{ by: 'page' }] })
})

test('under the strict policy a power takes a strong proof of the agent, and the page', async () => {
  const [ana, id, token] = await helping()
  const strict = { ...outside, policy: presets.strict }
  expect(word(await askPower(strict, ana, id, 'payment_method'))).toBe('proof.too_weak')
  await fresh.db.query(`update assistance set agent_method = 'totp' where id = $1`, [id])
  right(await askPower(strict, ana, id, 'payment_method'))
  const { world, linked } = await pageOf(outside, id)
  const { digits } = right(await allowPower(world, linked, undefined))
  right(await grantPower(strict, ana, id, 'payment_method', { match: digits }))
  expect(await told(token)).toEqual(['payment_method'])
})

test('where only the page’s yes counts, a code read aloud opens nothing and is not used up by the refusal', async () => {
  const [ana, id, token] = await helping()
  right(await askPower(outside, ana, id, 'payment_method'))
  const code = await digitsSent(outside, id, 'power')
  await fresh.db.query(`update assistance set agent_method = 'totp' where id = $1`, [id])
  const strict = { ...outside, policy: presets.strict }
  expect(word(await grantPower(strict, ana, id, 'payment_method', { code }))).toBe('power.page_only')
  expect(await told(token)).toEqual([])
  expect(await story(outside, id)).toContain('step.refused')
  right(await grantPower(outside, ana, id, 'payment_method', { code }))
  expect(await told(token)).toEqual(['payment_method'])
})

test('where policy asks for a second person for a power, nothing is sent before their yes', async () => {
  const [ana, id, token] = await helping()
  const two = {
    ...outside,
    policy: { ...presets.standard, secondPerson: { ...presets.standard.secondPerson, powers: true } },
  }
  for (let time = 0; time < 2; time += 1)
    expect(word(await askPower(two, ana, id, 'payment_method'))).toBe('approval.needed')
  await expect(digitsSent(outside, id, 'power')).rejects.toThrow('no power message')
  // Whoever is asked reads which power it is, and where.
  const question = (await approvalsWaiting(fresh.db)).find((one) => one.assistance_id === id)
  expect(question).toMatchObject({ purpose: 'power', power: 'payment_method', surfaces: ['web'] })
  expect(await says(two, ana, id, 'yes')).toMatchObject({ ok: false })
  right(await says(two, await supervisorAtDesk(two), id, 'yes'))
  right(await askPower(two, ana, id, 'payment_method'))
  // Another power is another question.
  expect(word(await askPower(two, ana, id, 'export'))).toBe('approval.needed')
  right(await grantPower(two, ana, id, 'payment_method', { code: await digitsSent(outside, id, 'power') }))
  expect(await told(token)).toEqual(['payment_method'])
})

test('five wrong tries burn its code, and the fifteenth in all ends the help and locks the agent out of this user', async () => {
  const [ana, id, token] = await helping()
  const guess = async (code: string) => word(await grantPower(outside, ana, id, 'payment_method', { code }))
  for (let sent = 1; sent <= 3; sent += 1) {
    right(await askPower(outside, ana, id, 'payment_method'))
    const code = await digitsSent(outside, id, 'power')
    for (let tries = 5; tries > 0; tries -= 1) expect(await guess(wrongFor(code))).toBe('code.wrong')
    expect(await guess(code)).toBe(sent < 3 ? 'code.spent' : 'assistance.closed')
    expect(await told(token)).toEqual(sent < 3 ? [] : undefined)
    await fresh.advance(61_000)
  }
  expect(await viewOf(outside, id)).toMatchObject({ state: 'closed', because: 'too_many_attempts' })
  const again = { kind: 'technical', userEmail: 'leo@clinica-sol.test', reason: { code: 'fault' } } as const
  expect(word(await open(outside, ana, again))).toBe('pair.locked')
})

test('twenty bad guesses at the same moment are five, and twenty right ones grant once', async () => {
  const [ana, id, token] = await helping()
  right(await askPower(outside, ana, id, 'payment_method'))
  const burnt = await digitsSent(outside, id, 'power')
  const at = (code: string) =>
    Promise.all(Array.from({ length: 20 }, () => grantPower(outside, ana, id, 'payment_method', { code })))
  expect((await at(wrongFor(burnt))).map(word).filter((one) => one === 'code.wrong')).toHaveLength(5)
  expect((await at(burnt)).filter(({ ok }) => ok)).toEqual([])
  await fresh.advance(61_000)
  right(await askPower(outside, ana, id, 'payment_method'))
  expect((await at(await digitsSent(outside, id, 'power'))).filter(({ ok }) => ok)).toHaveLength(1)
  expect((await story(outside, id)).filter((type) => type === 'power.granted')).toHaveLength(1)
  expect(await told(token)).toEqual(['payment_method'])
})
