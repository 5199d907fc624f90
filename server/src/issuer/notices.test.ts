import { becauses } from '@amparo/contract/words'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { losingAnswers } from '../database/testing.ts'
import { close, settleOne } from '../desk/endings.ts'
import type { Caller } from '../door.ts'
import { tokenDigest } from '../secrets.ts'
import { check } from '../surfaces/liveness.ts'
import { surfacesSetUp } from '../surfaces/setup.store.ts'
import { closeSurface } from '../surfaces/surfaces.flow.ts'
import { surfacesOf } from '../surfaces/surfaces.store.ts'
import { anAgent, anAssistance, eventsOf } from '../surfaces/testing.ts'
import { type AssistanceId, known, system } from '../words.ts'
import { aBrowser, aWorld, type SignedIn, type World } from './testing.ts'

let world: World
let agent: Caller
beforeAll(async () => {
  world = await aWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  agent = await anAgent(world.fresh.db)
  world.products.answers.length = 0
  world.products.logouts.length = 0
  world.products.hangs.clear()
})

const assist = () => anAssistance(world.fresh.db, world.secrets, agent, { surfaces: ['store', 'web', 'kiosk'] })
async function signIn(id: AssistanceId, surface = 'web'): Promise<SignedIn> {
  const page = await aBrowser().post(`${world.origin}/launch`, { ticket: await world.ticket(id, surface, agent) })
  return JSON.parse(page.body)
}
const stop = (id: AssistanceId) =>
  close(world.fresh.db, id, { because: 'stopped_by_user', actor: { kind: 'user', id: 'u' } })
const minute = 60_000
/** Tells whoever is due; how many acknowledged. */
const notify = async (issuer = world.issuer) => (await issuer.notify()).acknowledged
const types = async (id: AssistanceId) => (await eventsOf(world.fresh.db, id)).map((event) => event.type)
const standing = async (id: AssistanceId, surface = 'web') =>
  (await surfacesOf(world.fresh.db, id)).find((one) => one.surface === surface)

test('every surface gets a valid logout token for its own session, and acknowledges', async () => {
  const id = await assist()
  const [web, store] = [await signIn(id), await signIn(id, 'store')]
  expect(await notify()).toBe(0)
  await stop(id)
  expect(await notify()).toBe(2)
  expect(world.products.logouts).toHaveLength(2)
  for (const { claims } of [web, store]) {
    expect(world.products.logouts).toContainEqual(
      expect.objectContaining({
        sub: claims.sub,
        sid: claims.sid,
        aud: claims.aud,
        iss: world.origin,
        jti: expect.any(String),
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      }),
    )
  }
  expect(world.products.logouts.every((token) => token.nonce === undefined)).toBe(true)
  expect((await standing(id))?.ackedAt).toBeDefined()
  expect((await types(id)).filter((type) => type === 'surface.acknowledged')).toHaveLength(2)
  expect(await notify()).toBe(0)
  expect(world.products.logouts).toHaveLength(2)
})

test.each(becauses)('after %s every product is told, and each acknowledgement has its time', async (because) => {
  const id = await assist()
  await signIn(id)
  await signIn(id, 'store')
  await close(world.fresh.db, id, { because, actor: system('test') })
  expect(await notify()).toBe(2)
  for (const surface of ['web', 'store']) {
    const one = await standing(id, surface)
    expect(one?.ackedAt?.getTime()).toBeGreaterThanOrEqual(one?.closedAt?.getTime() ?? Number.POSITIVE_INFINITY)
  }
  const [ended, ...told] = (await eventsOf(world.fresh.db, id)).slice(-3)
  expect([ended?.type, ...told.map(({ type }) => type)]).toEqual([
    'assistance.closed',
    'surface.acknowledged',
    'surface.acknowledged',
  ])
})

test('an ending that a product is still to be told of waits in the list of products, before the first try as after it', async () => {
  const waiting = async () =>
    (await surfacesSetUp(world.fresh.db, world.surfaces)).find(({ surface }) => surface === 'web')?.waiting
  const id = await assist()
  await signIn(id)
  expect(await waiting()).toBe(0)
  await stop(id)
  expect(await waiting()).toBe(1)
  world.products.answers.push(500)
  await notify()
  expect(await waiting()).toBe(1)
  await world.fresh.advance(1_000)
  expect([await notify(), await waiting()]).toEqual([1, 0])
})

test('a surface that answers 500 is red, and told again until it acknowledges', async () => {
  const id = await assist()
  await signIn(id)
  await stop(id)
  world.products.answers.push(500, 503)
  expect(await notify()).toBe(0)
  expect(await standing(id)).toMatchObject({ ackedAt: undefined, error: 'answered 500' })
  expect(await notify()).toBe(0) // Not before the pause is over.
  await world.fresh.advance(1_000)
  expect(await notify()).toBe(0)
  expect((await standing(id))?.error).toBe('answered 503')
  await world.fresh.advance(2_000)
  expect(await notify()).toBe(1)
  expect(await standing(id)).toMatchObject({ ackedAt: expect.any(Date), error: undefined })
  expect(await types(id)).toEqual(expect.arrayContaining(['surface.unreachable', 'surface.acknowledged']))
  expect((await types(id)).filter((type) => type === 'surface.unreachable')).toHaveLength(1)
})

test.each([301, 302, 303, 307, 308])(
  'a surface that points elsewhere (%i) has acknowledged nothing, and nobody goes there',
  async (status) => {
    const id = await assist()
    await signIn(id)
    await stop(id)
    world.products.answers.push(status)
    expect(await notify()).toBe(0)
    expect(await standing(id)).toMatchObject({ ackedAt: undefined, error: `answered ${status}` })
    expect(world.products.followed).toEqual([])
    await world.fresh.advance(1_000)
    expect(await notify()).toBe(1)
  },
)

test('that a surface did not answer is said once, also where the answer to its writing was lost', async () => {
  const id = await assist()
  await signIn(id)
  await stop(id)
  world.products.answers.push(500)
  const losing = losingAnswers(world.fresh.db, 'notices.settled')
  expect(await notify(world.another(world.surfaces, losing))).toBe(0)
  expect((await types(id)).filter((type) => type === 'surface.unreachable')).toHaveLength(1)
  await world.fresh.advance(1_000)
  expect(await notify(world.another(world.surfaces, losing))).toBe(1)
  expect((await types(id)).filter((type) => type === 'surface.acknowledged')).toHaveLength(1)
})

test('a surface that hangs keeps no other from acknowledging, is refused all the same, and is red until what it held is dead', async () => {
  const id = await assist()
  const [web] = [await signIn(id), await signIn(id, 'store')]
  world.products.hangs.add('web')
  await stop(id)
  expect(await check(world.fresh.db, tokenDigest(web.accessToken), 'client-web')).toBeUndefined()
  expect(await notify()).toBe(1)
  expect(await standing(id, 'store')).toMatchObject({ ackedAt: expect.any(Date), deadAt: undefined })
  expect(await standing(id)).toMatchObject({ ackedAt: undefined, deadAt: undefined, error: 'no answer' })
  expect(await types(id)).toContain('surface.unreachable')

  await world.fresh.advance(59 * minute)
  expect(await standing(id)).toMatchObject({ ackedAt: undefined, deadAt: undefined, error: 'no answer' })
  await world.fresh.advance(minute)
  expect(await standing(id)).toMatchObject({ ackedAt: undefined, deadAt: expect.any(Date) })
  expect(await check(world.fresh.db, tokenDigest(web.accessToken), 'client-web')).toBeUndefined()

  // It is told until it answers, however late.
  world.products.hangs.clear()
  expect(await notify()).toBe(1)
  expect(await standing(id)).toMatchObject({ ackedAt: expect.any(Date), deadAt: undefined, error: undefined })
})

test('of many that are told at once each has an event of its own, and one whose assistance somebody holds keeps no other waiting', async () => {
  const ids: AssistanceId[] = []
  for (let n = 0; n < 3; n += 1) {
    agent = await anAgent(world.fresh.db)
    const id = await assist()
    await signIn(id)
    await signIn(id, 'store')
    await stop(id)
    ids.push(id)
  }
  const [held, ...others] = ids
  const acknowledged = async (id: AssistanceId | undefined) =>
    (await types(id ?? known.assistance(''))).filter((type) => type === 'surface.acknowledged').length
  let telling: Promise<number> | undefined
  await world.fresh.db.transaction(async (tx) => {
    await tx.query('select from assistance where id = $1 for update', [held])
    telling = notify()
    for (const id of others) await expect.poll(() => acknowledged(id)).toBe(2)
    expect(await acknowledged(held)).toBe(0)
  })
  // Where it was held for longer than anybody waits, it is told again.
  await telling?.catch(() => {})
  await world.fresh.advance(11_000)
  await notify()
  expect(await acknowledged(held)).toBe(2)
  for (const id of ids) {
    const numbers = (await eventsOf(world.fresh.db, id)).map(({ n }) => n)
    expect(numbers).toEqual(numbers.map((_, at) => at + 1))
  }
})

test('ten who tell at the same time tell once', async () => {
  const id = await assist()
  await signIn(id)
  await stop(id)
  const told = await Promise.all(Array.from({ length: 10 }, () => notify()))
  expect(told.reduce((sum, one) => sum + one, 0)).toBe(1)
  expect(world.products.logouts).toHaveLength(1)
})

test('a lapse is told once it is recorded, and one closed surface alone', async () => {
  const lapsed = await assist()
  await signIn(lapsed)
  await world.fresh.advance(15 * 60_000)
  await settleOne(world.fresh.db, lapsed)
  expect(await notify()).toBe(1)

  agent = await anAgent(world.fresh.db)
  const id = await assist()
  const [web] = [await signIn(id), await signIn(id, 'store')]
  await closeSurface({ db: world.fresh.db }, agent, id, 'web')
  expect(await notify()).toBe(1)
  expect(world.products.logouts.at(-1)).toMatchObject({ sid: web.claims.sid })
  expect(await standing(id, 'store')).toMatchObject({ closedAt: undefined })
})

test('a surface that takes no logout cannot be confirmed, and is said to be so', async () => {
  const id = await assist()
  await signIn(id, 'kiosk')
  await stop(id)
  expect(await notify()).toBe(0)
  expect(await standing(id, 'kiosk')).toMatchObject({ ackedAt: undefined, error: 'cannot be confirmed' })
  expect((await types(id)).at(-1)).toBe('surface.unreachable')
  expect(await notify()).toBe(0)
})

test('a launch whose code was never used has nobody to tell', async () => {
  const id = await assist()
  const ticket = await world.ticket(id, 'web', agent)
  await aBrowser().post(`${world.origin}/launch`, { ticket }, { stopAt: '/cb/' })
  await stop(id)
  expect(await notify()).toBe(0)
  expect(await standing(id)).toMatchObject({ tokenAt: undefined, ackedAt: expect.any(Date) })
})

test('after a day it is given up, and stays unconfirmed', async () => {
  const id = await assist()
  await signIn(id)
  await stop(id)
  world.products.answers.push(500, 500)
  await notify()
  await world.fresh.advance(24 * 3_600_000)
  await notify()
  await world.fresh.advance(3_600_000)
  expect(await notify()).toBe(0)
  expect(world.products.logouts).toHaveLength(0)
  expect(await standing(id)).toMatchObject({ ackedAt: undefined, error: 'answered 500' })
})
