import { randomBytes } from 'node:crypto'
import type { PhoneLaunch } from '@amparo/contract/phone'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { handleDigest, handleIn } from '../codes/handle.ts'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import { newToken, secretsFrom, tokenDigest } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import {
  closePhone,
  declineOnPhone,
  matchPhone,
  onPhone,
  type Phone,
  phoneLaunch,
  redeemPhone,
  sendPhoneLink,
  stateOnPhone,
} from './phone.flow.ts'
import { closeSurface, launch, type Outside } from './surfaces.flow.ts'
import { surfacesOf } from './surfaces.store.ts'
import { aCore, anAgent, anAssistance, aSurface, aVendor, eventsOf, type TestCore } from './testing.ts'

const secrets = secretsFrom(randomBytes(32))
const app = aSurface('app', {
  client: {
    id: 'a',
    clientAuth: 'none',
    redirectUris: ['https://app.test/cb'],
    initiateLoginUri: 'https://app.test/q',
    statusCheck: true,
  },
})

let fresh: FreshDatabase
let core: TestCore
let outside: Outside
let agent: Caller
let id: AssistanceId
beforeAll(async () => {
  fresh = await freshDatabase()
})
afterAll(() => fresh.close())
beforeEach(async () => {
  core = aCore()
  outside = {
    db: fresh.db,
    secrets,
    core,
    surfaces: [aSurface('web'), app],
    policy: presets.standard,
    issuerOrigin: 'http://127.0.0.1:9',
    vendor: aVendor,
  }
  agent = { ...(await anAgent(fresh.db)), phone: '+34612345678' }
  id = await anAssistance(fresh.db, secrets, agent, { surfaces: ['web', 'app'] })
})

async function shown(by = agent): Promise<PhoneLaunch> {
  const minted = await launch(outside, by, id, 'app')
  if (!minted.ok || !('state' in minted.value)) throw new Error(minted.ok ? 'a ticket' : minted.refusal)
  return minted.value
}
const handleOf = (text = '') => handleIn(text.slice(text.lastIndexOf('/') + 1))?.handle ?? ''
/** A phone that comes with what the screen shows. */
const phoneWith = (screen: PhoneLaunch, key = newToken()): Phone => ({
  handleDigest: handleDigest(secrets, handleOf(screen.qr?.text)),
  phoneDigest: tokenDigest(newToken()),
  keyThumbprint: key,
  deviceName: 'Pixel 8',
  surface: 'app',
})
async function digitsOn(phone: Phone): Promise<string> {
  const view = await onPhone(outside, phone)
  if (!view.ok || view.value.state !== 'claimed') throw new Error('not claimed')
  return view.value.digits
}
const seen = async ({ launchId }: PhoneLaunch) => {
  const answer = await phoneLaunch(outside, agent, id, launchId)
  if (!answer.ok) throw new Error(answer.refusal)
  return answer.value
}
const match = ({ launchId }: PhoneLaunch, digits: string) => matchPhone(outside, agent, id, launchId, digits)
const typesOf = async () => (await eventsOf(fresh.db, id)).map(({ type }) => type)

describe('a code is shown', () => {
  test.each([
    ['a suspended ecosystem', { membership: { status: 'suspended' } }, 'surface.not_offered', 'ended'],
    ['a membership lost since', { membership: { ecosystemId: 'eco_other' } }, 'surface.not_offered', 'goes on'],
    ['a user who was deactivated', { person: { active: false } }, 'surface.not_offered', 'ended'],
    ['a user who is gone', { gone: true }, 'surface.not_offered', 'ended'],
    ['a Core that does not answer', { silent: true }, 'core.unavailable', 'goes on'],
  ] as const)('never for %s, and the record says so', async (_what, now, refusal, help) => {
    core.now = now
    expect(await launch(outside, agent, id, 'app')).toMatchObject({ ok: false, refusal })
    expect(await fresh.db.query('select from launch where assistance_id = $1', [id])).toEqual([])
    expect(await typesOf()).toEqual(help === 'ended' ? ['step.refused', 'assistance.closed'] : ['step.refused'])
  })

  test('never where the user did not agree to the app, nor once the assistance has ended', async () => {
    const web = await anAssistance(fresh.db, secrets, await anAgent(fresh.db), { surfaces: ['web'] })
    const [{ agent_id: owner } = { agent_id: '' }] = await fresh.db.query<{ agent_id: string }>(
      'select agent_id from assistance where id = $1',
      [web],
    )
    const by = { ...agent, agentId: known.agent(owner) }
    expect(await launch(outside, by, web, 'app')).toMatchObject({ refusal: 'surface.not_offered' })
    await close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
    expect(await launch(outside, agent, id, 'app')).toMatchObject({ refusal: 'assistance.closed' })
  })

  test('with a link of the app and sixteen letters, holding nobody’s name, and a new one every thirty seconds', async () => {
    const screen = await shown()
    const texts = new Set<string>()
    for (let at = 0; at < 10; at += 1) {
      const now = at === 0 ? screen : await seen(screen)
      expect(now.state).toBe('waiting')
      expect(now.qr?.text).toMatch(/^https:\/\/app\.test\/q\/[A-HJKMNP-TV-Z0-9]{16}$/)
      texts.add(now.qr?.text ?? '')
      expect(Date.parse(now.rotatesAt ?? '') - Date.parse(now.now)).toBeLessThanOrEqual(30_000)
      await fresh.advance(30_000)
    }
    expect(texts.size).toBe(10)
    expect(await seen(screen)).toMatchObject({ state: 'closed', why: 'expired' })
    expect(await seen(screen)).not.toHaveProperty('qr')
  })

  test('that counts for a minute: scanned at second 29 or 50 it is taken, and a photograph of it at second 60 is not', async () => {
    for (const [seconds, taken] of [
      [29, true],
      [50, true],
      [60, false],
    ] as const) {
      const phone = phoneWith(await shown())
      await fresh.advance(seconds * 1000)
      const answer = await onPhone(outside, phone)
      expect([seconds, answer.ok]).toEqual([seconds, taken])
      if (!answer.ok) expect(answer.refusal).toBe('launch.too_old')
    }
  })

  test('to its own agent alone: for others there is no such assistance, and for them no such launch', async () => {
    const screen = await shown()
    const other = await anAgent(fresh.db)
    const theirs = await anAssistance(fresh.db, secrets, other, { surfaces: ['app'] })
    for (const step of [phoneLaunch, closePhone, sendPhoneLink] as const) {
      expect(await step(outside, other, id, screen.launchId)).toMatchObject({ refusal: 'assistance.unknown' })
      expect(await step(outside, other, theirs, screen.launchId)).toMatchObject({ refusal: 'launch.unknown' })
    }
    expect(await matchPhone(outside, other, id, screen.launchId, '47')).toMatchObject({ refusal: 'assistance.unknown' })
    expect(await matchPhone(outside, other, theirs, screen.launchId, '47')).toMatchObject({ refusal: 'launch.unknown' })
    expect(await match(screen, '47')).toMatchObject({ refusal: 'launch.not_scanned' })
    expect(await seen(screen)).toMatchObject({ state: 'waiting' })
  })
})

describe('what may happen once happens once', () => {
  test('twenty phones at once: one has the code', async () => {
    for (let round = 0; round < 5; round += 1) {
      const screen = await shown()
      const views = await Promise.all(Array.from({ length: 20 }, () => onPhone(outside, phoneWith(screen))))
      expect(views.filter(({ ok }) => ok)).toHaveLength(1)
      expect(new Set(views.map((view) => (view.ok ? 'won' : view.refusal)))).toEqual(new Set(['won', 'launch.taken']))
      await closePhone(outside, agent, id, screen.launchId)
    }
  })

  test('twenty typings at once, one of them right: one try is had, whichever it is', async () => {
    const screen = await shown()
    const digits = await digitsOn(phoneWith(screen))
    const tries = Array.from({ length: 20 }, (_, at) => (at === 7 ? digits : String(10 + ((Number(digits) + at) % 90))))
    await Promise.all(tries.map((one) => match(screen, one)))
    const types = await typesOf()
    expect(types.filter((type) => type === 'launch.matched' || type === 'launch.mismatched')).toHaveLength(1)
  })

  test('twenty ways on at once: one session', async () => {
    const screen = await shown()
    const phone = phoneWith(screen)
    await match(screen, await digitsOn(phone))
    const ways = await Promise.all(Array.from({ length: 20 }, () => redeemPhone(outside, phone)))
    expect(ways.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await fresh.db.query('select from surface_session where assistance_id = $1', [id])).toHaveLength(1)
  })

  test.each([
    ['a stop', () => close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })],
    ['the closing of the app', () => closeSurface(outside, agent, id, 'app')],
    ['*Not me*', undefined],
  ])('beside %s a phone that goes on leaves nothing alive, whoever is first', async (_what, ends) => {
    for (let round = 0; round < 10; round += 1) {
      id = await anAssistance(fresh.db, secrets, await newAgent(), { surfaces: ['app'] })
      const screen = await shown()
      const phone = phoneWith(screen)
      await match(screen, await digitsOn(phone))
      const [, declined] = await Promise.all([
        redeemPhone(outside, phone),
        ends ? ends() : declineOnPhone(outside, phone),
      ])
      const [row] = await fresh.db.query<{ alive: number }>(
        `select count(*)::int as alive from surface_session s join assistance a on a.id = s.assistance_id
          where a.id = $1 and s.closed_alone_at is null and a.state = 'active'`,
        [id],
      )
      // Who said *Not me* was either in time, or the phone is signed in and says *End now*.
      expect(row?.alive).toBe(ends === undefined && declined === false ? 1 : 0)
    }
  })

  const newAgent = async (): Promise<Caller> => {
    agent = { ...(await anAgent(fresh.db)), phone: '+34612345678' }
    return agent
  }
})

describe('the link', () => {
  const waiting = () =>
    fresh.db.query<{ channel: string; masked_to: string; purpose: string }>(
      'select channel, masked_to, purpose from outbox where assistance_id = $1 order by channel',
      [id],
    )

  test('goes to the agent’s own number and mail, counts two minutes, and at most once a minute', async () => {
    const screen = await shown()
    expect(await sendPhoneLink(outside, agent, id, screen.launchId)).toMatchObject({
      ok: true,
      value: { messages: [{ channel: 'email' }, { channel: 'sms', status: 'queued' }] },
    })
    expect((await waiting()).map(({ channel, purpose }) => [channel, purpose])).toEqual([
      ['email', 'phone_link'],
      ['sms', 'phone_link'],
    ])
    expect(await sendPhoneLink(outside, agent, id, screen.launchId)).toMatchObject({ refusal: 'launch.sent' })
    await fresh.advance(61_000)
    expect(await sendPhoneLink(outside, agent, id, screen.launchId)).toMatchObject({ ok: true })
    expect(await typesOf()).toContain('launch.link_sent')
  })

  test('is not sent to who has no mobile on file, nor of a code that is closed', async () => {
    const screen = await shown()
    for (const phone of [undefined, '+34910555014'])
      expect(await sendPhoneLink(outside, { ...agent, phone }, id, screen.launchId)).toMatchObject({
        refusal: 'launch.no_number',
      })
    await closePhone(outside, agent, id, screen.launchId)
    expect(await sendPhoneLink(outside, agent, id, screen.launchId)).toMatchObject({ refusal: 'launch.closed' })
    expect(await waiting()).toEqual([])
  })
})

// ── Every order of what can happen ──────────────────────────────────────────────────────────────────────────────────

const steps = ['show', 'scan', 'other', 'right', 'wrong', 'decline', 'go', 'close', 'minute', 'stop'] as const
type Step = (typeof steps)[number]

test('in whatever order things happen, a phone is signed in only after its own digits were typed, in time, by its agent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 4, maxLength: 14 }), async (order) => {
      agent = { ...(await anAgent(fresh.db)), phone: '+34612345678' }
      id = await anAssistance(fresh.db, secrets, agent, { surfaces: ['app'] })
      const opened = await played(order)
      const sessions = await fresh.db.query('select from surface_session where assistance_id = $1', [id])
      expect(sessions).toHaveLength(opened)
      for (const one of await surfacesOf(fresh.db, id)) expect(one.device).toBeUndefined() // No token was taken.
    }),
    { numRuns: 40 },
  )
}, 120_000)

/** Plays an order against a model of a few lines; how many sessions must have been opened. */
async function played(order: readonly Step[]): Promise<number> {
  let screen: PhoneLaunch | undefined
  let phone: Phone | undefined
  let may: 'nothing' | 'waiting' | 'claimed' | 'matched' = 'nothing'
  let theirs = ''
  let mismatches = 0
  let opened = 0
  let ended = false
  for (const step of order) {
    if (step === 'show') {
      const minted = await launch(outside, agent, id, 'app')
      expect(minted.ok).toBe(!ended && mismatches < 3)
      if (minted.ok && 'state' in minted.value) {
        screen = minted.value
        phone = phoneWith(screen)
        may = 'waiting'
      }
    } else if (step === 'stop') {
      await close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
      ended = true
      may = 'nothing'
    } else if (step === 'minute') {
      await fresh.advance(121_000)
      // The picture in hand is too old, the digits were not typed, the phone did not go on.
      may = 'nothing'
      const { state } = (
        await fresh.db.query<{ state: string }>(
          `select case when exists (select from lapse(a, app_now())) then 'closed' else a.state end as state from assistance a where id = $1`,
          [id],
        )
      )[0] ?? { state: 'closed' }
      ended ||= state === 'closed'
    } else if (screen && phone) {
      if (step === 'scan') {
        const { ok } = await onPhone(outside, phone)
        expect(ok).toBe(may !== 'nothing')
        if (may === 'waiting') may = 'claimed'
      } else if (step === 'other') {
        const view = await onPhone(outside, phoneWith(screen))
        expect(view.ok).toBe(may === 'waiting')
        if (view.ok && view.value.state === 'claimed') theirs = view.value.digits
        if (may === 'waiting') may = 'nothing' // It is somebody else's now.
      } else if (step === 'right' || step === 'wrong') {
        const digits = may === 'claimed' ? await digitsOn(phone) : theirs
        const typed = await match(
          screen,
          step === 'right' && may === 'claimed' ? digits : digits === '47' ? '74' : '47',
        )
        expect(typed.ok).toBe(step === 'right' && may === 'claimed')
        if (!typed.ok && typed.refusal === 'match.wrong') mismatches += 1
        if (may === 'claimed') may = step === 'right' ? 'matched' : 'nothing'
        else if (may === 'nothing') continue
      } else if (step === 'decline') {
        const done = await declineOnPhone(outside, phone)
        expect(done || may === 'nothing' || may === 'waiting').toBe(true)
        if (may !== 'waiting') may = 'nothing'
      } else if (step === 'go') {
        const { ok } = await redeemPhone(outside, phone)
        expect(ok).toBe(may === 'matched')
        if (ok) opened += 1
        if (may === 'matched') may = 'nothing'
        expect(await stateOnPhone(outside, phone)).toBe(may === 'claimed' ? 'claimed' : 'closed')
      } else {
        await closePhone(outside, agent, id, screen.launchId)
        may = 'nothing'
      }
    }
  }
  return opened
}
