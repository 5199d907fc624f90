import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../database/testing.ts'
import { close } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { presets } from '../policy/policy.ts'
import { newId, newToken, secretsFrom, tokenDigest } from '../secrets.ts'
import { type AssistanceId, known } from '../words.ts'
import { liveByGrant } from './liveness.ts'
import { closeSurface, type Outside, redeem, takeTicket } from './surfaces.flow.ts'
import { closeAlone, surfacesOf } from './surfaces.store.ts'
import { aCore, anAgent, anAssistance, aSurface, aVendor, eventsOf, type TestCore, ticketFor } from './testing.ts'

const secrets = secretsFrom(randomBytes(32))
const client = {
  id: 'c',
  secret: 's',
  redirectUris: ['http://127.0.0.1:1/cb'],
  initiateLoginUri: 'http://127.0.0.1:1/login',
  statusCheck: true,
}
const surfaces = [aSurface('store', { client }), aSurface('web', { client }), aSurface('app')]

let fresh: FreshDatabase
let core: TestCore
let outside: Outside
let agent: Caller
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
    surfaces,
    policy: presets.standard,
    issuerOrigin: 'http://127.0.0.1:9',
    vendor: aVendor,
  }
  agent = await anAgent(fresh.db)
})

const assist = (more = {}) => anAssistance(fresh.db, secrets, agent, more)
const launched = (id: AssistanceId, surface = 'web', by = agent) => ticketFor(outside, by, id, surface)
const opening = async (id: AssistanceId, surface = 'web') => {
  const minted = await launched(id, surface)
  if (!minted.ok) throw new Error(minted.refusal)
  const taken = await takeTicket(outside, minted.value.ticket)
  if (!taken.ok) throw new Error(taken.refusal)
  return taken.value
}
const coming = (taken: { hint: string; browser: string; surface: string }, more = {}) =>
  redeem(outside, {
    hintDigest: tokenDigest(taken.hint),
    browser: () => taken.browser,
    surface: taken.surface,
    ...more,
  })
const why = async (id: AssistanceId) =>
  (await eventsOf(fresh.db, id)).filter((event) => event.type === 'launch.refused').map((event) => event.data)

const sessionsOf = (id: AssistanceId) => fresh.db.query('select from surface_session where assistance_id = $1', [id])

describe('the button', () => {
  test('mints a ticket of 60 seconds, of which only a digest is kept', async () => {
    const id = await assist()
    const minted = await launched(id)
    if (!minted.ok) throw new Error(minted.refusal)
    expect(minted.value.url).toBe('http://127.0.0.1:9/launch')
    expect(Buffer.from(minted.value.ticket, 'base64url')).toHaveLength(32)
    const [row] = await fresh.db.query<{ ticket_digest: Buffer; left: number }>(
      `select ticket_digest, extract(epoch from expires_at - app_now())::int as left from launch where id = $1`,
      [minted.value.launchId],
    )
    expect(row?.ticket_digest).toEqual(tokenDigest(minted.value.ticket))
    expect(row?.left).toBeGreaterThan(55)
    expect(row?.left).toBeLessThanOrEqual(60)
    expect((await eventsOf(fresh.db, id)).map((event) => event.type)).toEqual(['launch.minted'])
  })

  test('is nobody else’s: another agent is told that there is no such assistance', async () => {
    const id = await assist()
    const other = await anAgent(fresh.db, 'Other')
    expect(await launched(id, 'web', other)).toMatchObject({ refusal: 'assistance.unknown' })
    expect(await launched(known.assistance(newId('as')))).toMatchObject({ refusal: 'assistance.unknown' })
  })

  test('does nothing before the consent and after the end', async () => {
    expect(await launched(await assist({ state: 'consent' }))).toMatchObject({ refusal: 'assistance.out_of_order' })
    agent = await anAgent(fresh.db)
    const id = await assist()
    await close(fresh.db, id, { because: 'cancelled', actor: { kind: 'agent', id: agent.agentId } })
    expect(await launched(id)).toMatchObject({ refusal: 'assistance.closed' })
  })

  test('a silent Core opens nothing', async () => {
    core.now = { silent: true }
    expect(await launched(await assist())).toMatchObject({ refusal: 'core.unavailable' })
  })

  test.each([
    ['a user who was deactivated', { person: { active: false } }, 'user_deactivated'],
    ['a user who became staff', { person: { staff: true } }, undefined],
    ['a user who is gone', { gone: true }, 'user_deactivated'],
    ['a user who left the ecosystem', { membership: { ecosystemId: 'eco_other' } }, undefined],
    ['a suspended ecosystem', { membership: { status: 'suspended' as const } }, 'ecosystem_suspended'],
    ['an ecosystem without support', { membership: { support: 'off' as const } }, 'access_withdrawn'],
  ])('%s is not opened, though they agreed, and what ends with it ends at once', async (_name, now, because) => {
    const id = await assist()
    core.now = now
    const refusal = because === 'access_withdrawn' ? 'ecosystem.support_off' : 'surface.not_offered'
    expect(await launched(id)).toMatchObject({ refusal })
    const story = await eventsOf(fresh.db, id)
    expect(story.find(({ type }) => type === 'step.refused')).toMatchObject({ data: { step: 'launches', refusal } })
    expect(story.filter(({ type }) => type === 'assistance.closed').map(({ data }) => data)).toMatchObject(
      because ? [{ because }] : [],
    )
    // The Store of a suspended ecosystem is what is offered there, but not in a help that it ends.
    expect(await launched(id, 'store')).toMatchObject({
      refusal: because ? 'assistance.closed' : 'surface.not_offered',
    })
  })

  test('an owner who became a member has no store any more, and still the web', async () => {
    const id = await assist()
    core.now = { membership: { role: 'member' } }
    expect(await launched(id, 'store')).toMatchObject({ refusal: 'surface.not_offered' })
    expect(await launched(id, 'web')).toMatchObject({ ok: true })
  })

  test('what the user did not agree to is not offered, and unknown surfaces are not either', async () => {
    const id = await assist({ surfaces: ['web'] })
    for (const surface of ['store', 'app', 'nonsense'])
      expect(await launched(id, surface)).toMatchObject({ refusal: 'surface.not_offered' })
  })

  test('under the strict preset a code by message opens neither an owner’s Store nor a power; an app’s code opens both', async () => {
    outside = { ...outside, policy: { ...presets.strict, secondPerson: presets.standard.secondPerson } }
    const id = await assist({ surfaces: ['store', 'web'] })
    const byMethod = async (method: string, surface: string) => {
      await fresh.db.query('update assistance set agent_method = $2 where id = $1', [id, method])
      return launched(id, surface)
    }
    expect(await byMethod('code', 'store')).toMatchObject({ refusal: 'proof.too_weak' })
    expect(await byMethod('code', 'web')).toMatchObject({ ok: true })
    expect(await byMethod('totp', 'store')).toMatchObject({ ok: true })
    expect(await byMethod('passkey', 'store')).toMatchObject({ ok: true })
  })

  test('a surface without a client is not ready', async () => {
    expect(await launched(await assist({ surfaces: ['app', 'web'] }), 'app')).toMatchObject({
      refusal: 'surface.not_ready',
    })
  })

  test.each([
    ['a consent made by hand', `update consent set mac = decode(repeat('00', 32), 'hex') where assistance_id = $1`],
    [
      'terms exchanged under their digest',
      `update consent set terms = replace(terms, '"look"', '"act"') where assistance_id = $1`,
    ],
    ['surfaces widened after a real consent', `update assistance set surfaces = '{store,web,app}' where id = $1`],
    ['powers widened after a real consent', `update assistance set powers = 'act' where id = $1`],
    [
      'a row and its terms widened alike, under the old digest',
      `with w as (update assistance set powers = 'act' where id = $1)
       update consent set terms = replace(terms, '"look"', '"act"') where assistance_id = $1`,
    ],
    ['another user put into the row', `update assistance set user_id = 'user_x' where id = $1`],
    ['no consent at all', 'delete from consent where assistance_id = $1'],
  ])('%s opens nothing, and is recorded as what it is', async (_name, sql) => {
    const id = await assist()
    await fresh.db.query(sql, [id])
    expect(await launched(id)).toMatchObject({ refusal: 'surface.not_offered' })
    expect(await why(id)).toEqual([{ surface: 'web', why: 'consent_not_genuine' }])
  })
})

describe('the ticket', () => {
  test('is taken once, by one of twenty at the same time', async () => {
    const id = await assist()
    const minted = await launched(id)
    if (!minted.ok) throw new Error(minted.refusal)
    const { ticket } = minted.value
    const taken = await Promise.all(Array.from({ length: 20 }, () => takeTicket(outside, ticket)))
    expect(taken.filter((one) => one.ok)).toHaveLength(1)
    expect(taken.filter((one) => !one.ok && one.refusal === 'launch.spent')).toHaveLength(19)
    const events = await eventsOf(fresh.db, id)
    expect(events.filter((event) => event.type === 'launch.taken')).toHaveLength(1)
    expect(events.map((event) => event.n)).toEqual(events.map((_event, index) => index + 1))
  })

  test('made up is unknown; too old is expired; after the end is over', async () => {
    expect(await takeTicket(outside, newToken())).toMatchObject({ refusal: 'launch.unknown' })
    const id = await assist()
    const [old, late] = [await launched(id), await launched(id)]
    if (!old.ok || !late.ok) throw new Error('not minted')
    await fresh.advance(60_000)
    expect(await takeTicket(outside, old.value.ticket)).toMatchObject({ refusal: 'launch.expired' })
    await close(fresh.db, id, { because: 'finished', actor: { kind: 'agent', id: agent.agentId } })
    expect(await takeTicket(outside, late.value.ticket)).toMatchObject({ refusal: 'assistance.closed' })
    expect(await why(id)).toMatchObject([{ why: 'launch.expired' }, { why: 'assistance.closed' }])
  })
})

describe('the surface coming back', () => {
  test('opens one session in twenty at the same time', async () => {
    const id = await assist()
    const taken = await opening(id)
    const opened = await Promise.all(Array.from({ length: 20 }, () => coming(taken)))
    expect(opened.filter((one) => one.ok)).toHaveLength(1)
    expect(opened.filter((one) => !one.ok && one.refusal === 'launch.spent')).toHaveLength(19)
    expect(await sessionsOf(id)).toHaveLength(1)
    const events = await eventsOf(fresh.db, id)
    expect(events.filter((event) => event.type === 'surface.opened')).toHaveLength(1)
    expect(events.map((event) => event.n)).toEqual(events.map((_event, index) => index + 1))
  })

  test('from another browser, for another surface, with another hint or too late opens nothing, and is recorded', async () => {
    const id = await assist()
    const taken = await opening(id)
    expect(await coming(taken, { browser: () => newToken() })).toMatchObject({ refusal: 'launch.elsewhere' })
    expect(await coming(taken, { browser: () => undefined })).toMatchObject({ refusal: 'launch.elsewhere' })
    expect(await coming(taken, { surface: 'store' })).toMatchObject({ refusal: 'launch.unknown' })
    expect(await coming({ ...taken, hint: newToken() })).toMatchObject({ refusal: 'launch.unknown' })
    await fresh.advance(60_000)
    expect(await coming(taken)).toMatchObject({ refusal: 'launch.expired' })
    expect(await why(id)).toMatchObject([
      { why: 'elsewhere' },
      { why: 'elsewhere' },
      { why: 'other_surface' },
      { why: 'launch.expired' },
    ])
    expect(await sessionsOf(id)).toHaveLength(0)
  })

  test('after a lapse that nobody recorded: the record has the lapse first, then the refusal', async () => {
    const id = await assist()
    const taken = await opening(id)
    await fresh.advance(15 * 60_000)
    expect(await coming(taken)).toMatchObject({ refusal: 'assistance.closed' })
    const types = (await eventsOf(fresh.db, id)).map((event) => event.type)
    expect(types.slice(-2)).toEqual(['assistance.closed', 'launch.refused'])
  })

  test('beside a close leaves nothing alive, whoever is first', async () => {
    for (let round = 0; round < 15; round += 1) {
      agent = await anAgent(fresh.db)
      const id = await assist()
      const taken = await Promise.all([opening(id), opening(id, 'store')])
      const ending = close(fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
      const opened = await Promise.all([...taken.map((one) => coming(one)), ending])
      expect(opened.at(-1)).toBeDefined()
      for (const one of opened) {
        if (one && 'ok' in one && one.ok)
          expect(await liveByGrant(fresh.db, tokenDigest(one.value.live.sessionId))).toBeUndefined()
      }
    }
  })

  test('beside the closing of that surface leaves nothing alive, whoever is first', async () => {
    const id = await assist()
    for (let round = 0; round < 15; round += 1) {
      const taken = await opening(id)
      const event = { type: 'surface.closed', actor: { kind: 'agent', id: agent.agentId } } as const
      const [opened] = await Promise.all([coming(taken), closeAlone(fresh.db, id, 'web', event)])
      if (opened.ok) expect(await liveByGrant(fresh.db, tokenDigest(opened.value.live.sessionId))).toBeUndefined()
      else expect(opened.refusal).toBe('launch.spent')
    }
  })
})

describe('closing one surface', () => {
  test('ends it and leaves the other', async () => {
    const id = await assist()
    const web = await coming(await opening(id))
    const store = await coming(await opening(id, 'store'))
    if (!web.ok || !store.ok) throw new Error('not opened')
    expect(await closeSurface(outside, agent, id, 'web')).toMatchObject({ ok: true })
    expect(await liveByGrant(fresh.db, tokenDigest(web.value.live.sessionId))).toBeUndefined()
    expect(await liveByGrant(fresh.db, tokenDigest(store.value.live.sessionId))).toMatchObject({ surface: 'store' })
    const standings = await surfacesOf(fresh.db, id)
    expect(standings.find((one) => one.surface === 'web')?.closedAt).toBeDefined()
    expect(standings.find((one) => one.surface === 'store')?.closedAt).toBeUndefined()
    expect(await closeSurface(outside, agent, id, 'web')).toMatchObject({ refusal: 'surface.not_open' })
  })

  test('voids a launch on its way', async () => {
    const id = await assist()
    const taken = await opening(id)
    const minted = await launched(id)
    expect(await closeSurface(outside, agent, id, 'web')).toMatchObject({ ok: true })
    expect(await coming(taken)).toMatchObject({ refusal: 'launch.spent' })
    if (minted.ok) expect(await takeTicket(outside, minted.value.ticket)).toMatchObject({ refusal: 'launch.spent' })
    expect(await closeSurface(outside, agent, id, 'web')).toMatchObject({ refusal: 'surface.not_open' })
  })

  test('is for its own agent, while it lives', async () => {
    const id = await assist()
    expect(await closeSurface(outside, await anAgent(fresh.db), id, 'web')).toMatchObject({
      refusal: 'assistance.unknown',
    })
    await fresh.advance(15 * 60_000)
    expect(await closeSurface(outside, agent, id, 'web')).toMatchObject({ refusal: 'assistance.closed' })
  })
})
